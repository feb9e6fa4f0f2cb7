"""Cards of users on the command line: printed, used, and refused in one line."""

import json
import re

import pytest

from nucore.card_files import MAX_CARD_BYTES


def test_printed_cards(run, answer, tmp_path):
    (tmp_path / "mine.toml").write_text('extends = "e949"\nbin_width_GeV = 1e-3\n')
    text = run("experiments", "./mine.toml").out
    assert 'name = "mine"' in text
    assert "extends" not in text
    found = answer("experiments", "mine.toml")
    assert (found["name"], found["card"]) == ("mine", text)
    assert found["provenance"]["card"] == "mine"
    assert "# BNL E949" in run("experiments", "e949").out


def test_schema(run):
    assert len(json.loads(run("experiments", "--schema").out)["anyOf"]) == 3
    assert "selections" in json.loads(run("experiments", "atlas-2011", "--schema").out)["properties"]


#: Changes of a collider card, of a meson card, and texts of their own; key; what the line says.
BROKEN = [
    ("atlas-2011", "luminosity = 3", "luminosity", "unknown key; expected luminosity_invfb"),
    ("atlas-2011", "luminosity_invfb = -3", "luminosity_invfb", "got -3; expected greater than 0"),
    ("atlas-2011", 'luminosity_invfb = "3"', "luminosity_invfb", "got '3'; expected a number"),
    ("atlas-2011", "sqrt_s_TeV = inf", "sqrt_s_TeV", "expected a finite number"),
    ("atlas-2011", 'beams = "ee"', "beams", "expected 'pp' or 'ppbar'"),
    ("atlas-2011", "flavours = []", "flavours", "expected at least 1 item"),
    ("atlas-2011", "published = 3", "published", "expected a list"),
    ("atlas-2011", "selections = 3", "selections", "expected a table"),
    ("atlas-2011", "selections.x.window_GeV = [30, 40]", "selections.x.reference", "missing; expected a text"),
    ("atlas-2011", "selections.full.window = 3", "selections.full.window", "unknown key; expected window_GeV"),
    ("atlas-2011", "selections.full.window_GeV = [50, 30]", "selections.full.window_GeV", "expected 0 < low < high"),
    ("atlas-2011", "selections.full.bin_width_GeV = 1e-9", "selections.full.bin_width_GeV", "expected a whole number"),
    ("atlas-2011", "selections.full.recoil.sigma = 3", "selections.full.recoil.sigma", "unknown key; expected one of"),
    ("atlas-2011", "selections.full.response.mu.efficiency = [1.5]", "selections.full.response.mu.efficiency.0",
     "got 1.5; expected less than or equal to 1"),
    ("atlas-2011", 'selections.full.extends = "half"', "selections.full.extends", "no selection 'half'; expected"),
    ("atlas-2011", 'selections.full.extends = "full"', "selections.full", "circular: full -> full; expected"),
    ("atlas-2011", "nuisances = []", "nuisances", "expected one of kind normalisation"),
    ("atlas-2011", 'nuisances = [{kind = "x", size = 1, reference = "y"}]', "nuisances.0.kind", "expected 'normalis"),
    ("atlas-2011", 'name = "a/b"', "name", "got 'a/b'; expected letters"),
    ("atlas-2011", 'name = "e949"', "name", "shipped experiment; expected a name of your own"),
    ("e949", "n_parent.value = -1", "n_parent.value", "got -1; expected greater than 0"),
    ("e949", "n_parent.events = 1", "n_parent.events", "unknown key; expected one of value, reference"),
    ("e949", 'parent = "X+"', "parent", "got 'X+'; expected 'K+'"),
    ("na62-2021", 'lepton = "muon"', "lepton", "got 'muon'; expected 'e'"),
    ("na62-2021", "resolution.sigma_mass_MeV = 3", "resolution", "expected a list"),
    ("e949", "momentum = [0.1, 0.2]", "momentum", "unknown key; expected momentum_GeV"),
    ("e949", "momentum_GeV = [0.2, 0.1]", "momentum_GeV", "expected two increasing"),
    ("e949", "resolution.momentum_GeV = [0.1]", "resolution", "expected either relative"),
    ("e949", "background.degree = 2", "background.degree", "expected 1 for a power law"),
    ("e949", "peak_limit.m4_MeV = [1, 2]", "peak_limit.m4_MeV", "expected equal length"),
    ("na62-full", 'default = "x"', "default", "got 'x'; expected one of paper"),
    ("na62-full", 'scaling.paper.experiment = "./bad.toml"', "scaling", "expected the name of a shipped one"),
    ("atlas-2012", "", "extends", "unknown experiment 'atlas-2012': expected one of"),
    ("./bad.toml", "", "extends", "circular: .*; expected"),
    ("./absent.toml", "", "extends", "no such file: .*absent.toml; expected"),
]  # fmt: skip


@pytest.mark.parametrize(("base", "change", "key", "words"), BROKEN, ids=[f"{b}: {c}" for b, c, _, _ in BROKEN])
def test_broken_cards(run, tmp_path, base, change, key, words):
    (tmp_path / "bad.toml").write_text(f'extends = "{base}"\n{change}\n')
    outcome = run("project", "./bad.toml")
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.startswith(f"nuportal: bad.toml: {key}")
    assert outcome.err.count("\n") == 1
    assert "expected" in outcome.err
    if "*" in words:
        assert re.search(words, outcome.err)
    else:
        assert words in outcome.err


@pytest.mark.parametrize("content", [b"x = ", b"\xff", b"#" * (MAX_CARD_BYTES + 1), b"x = 1", None])
def test_what_is_no_card(run, tmp_path, content):
    if content is not None:
        (tmp_path / "bad.toml").write_bytes(content)
    outcome = run("project", "./bad.toml")
    assert (outcome.status, outcome.out) == (2, "")
    assert "bad.toml" in outcome.err
    assert outcome.err.count("\n") == 1

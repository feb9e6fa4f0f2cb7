"""Bad input: exit status 2, one clear line, nothing left behind."""

import re

import numpy as np
import pytest
import uproot

from nucore.errors import FitError

BAD = [
    (["model", "--set", "m4=-1"], "m4 = -1 .*must be positive"),
    (["model", "--set", "Ue4=0.9", "--set", "Umu4=0.9"], "sum of their squares is 1.62"),
    (["model", "--set", "mass=3"], "'mass=3': expected one of m_chi"),
    (["model", "--set", "m4"], "NAME=VALUE"),
    (["model", "absent.dat"], "absent.dat cannot be read"),
    (["model", "--unknown"], "No such option"),
    (["nonsense"], "No such command"),
    ([], "no command given"),
    (["decay", "K+", "tau"], "closed"),
    (["decay", "W+", "mu"], "unknown parent"),
    (["decay", "K+", "mu", "--set", "yR=1"], "yR = 1.*derived for yR = 0"),
    (["generate", "top"], "'top': expected one of w, kaon, pion, b, tau"),
    (["generate", "w", "--events", "0", "--out", "x.root"], "must be positive"),
    (["generate", "w", "--events", "1.5"], "not a whole number"),
    (["generate", "w", "--events", "many"], "is not a number"),
    (["generate", "w", "--luminosity", "-1", "--out", "x.root"], "luminosity -1"),
    (["generate", "w", "--luminosity", "1e-9", "--out", "x.root"], "no W boson"),
    (["generate", "w", "--luminosity", "1", "--events", "5"], "exclude each other"),
    (["generate", "w", "--decays", "5"], "--decays does not apply"),
    (["generate", "kaon", "--decays", "nan", "--out", "x.root"], "decays nan"),
    (["generate", "kaon", "--flavour", "e"], "flavour 'e' is not measured by e949"),
    (["generate", "w", "--experiment", "e949"], "does not measure process w"),
    (["generate", "w", "--experiment", "cern"], "unknown experiment 'cern': expected one of atlas-2011"),
    (["generate", "w", "--flavour", "tau"], "flavour 'tau' is not measured"),
    (["generate", "w", "--out", "no/such/folder/x.root"], "cannot be written"),
    (["generate", "w", "--out", "x.txt"], "suffix '.txt'"),
    (["generate", "w", "--out", "."], "suffix"),
    (["generate", "w", "--workers", "0"], "workers"),
    (["fit", "absent.root:h"], "does not exist"),
    (["fit", "damaged.root:h"], "not a readable ROOT file"),
    (["fit", "good.root:absent"], "'absent' is not in it"),
    (["fit", "good.root:nan"], "finite"),
    (["fit", "good.root:empty"], "has no events"),
    (["fit", "good.root:negative"], "negative"),
    (["fit", "good.root:wide"], "10 bins, wide from 130 to 150; selection paper of atlas-2011 needs 40 bins"),
    (["fit", "good.root:good"], "do not say their luminosity: expected --luminosity N in fb.-1, or --luminosity card"),
    (["fit", "good.root:good", "--luminosity", "lots"], "'lots' is not a number: expected one, or card"),
    (["fit", "good.root:good", "--experiment", "e949"], "needs 140 bins"),
    (["fit", "good.root:good", "--experiment", "cern"], "unknown experiment"),
    (["fit", "good.root:good", "--decays", "3"], "--decays does not apply"),
    (["fit", "good.root:good", "--luminosity", "-3"], "luminosity_invfb = -3"),
    (["fit", "good.root:good", "--limit", "bayes"], "'bayes': expected one of cls"),
    (["fit", "good.root:good", "--confidence-level", "90"], "between 0.5 and 1"),
    (["fit", "good.root:good", "--systematics", "none"], "expected one of paper"),
    (["fit", "good.root:good", "--set", "m4=3000", "--luminosity", "card"], "m4 = 3000"),
    (["project", "cern"], "unknown experiment"),
    (["project", "e949", "--grid", "a,b"], "LOW:HIGH:N"),
    (["project", "e949", "--m4", "heavy"], "m4 'heavy'"),
    (["project", "e949", "--ratio", "0.5"], "ratio 0.5"),
    (["project", "e949", "--set", "m4=3"], "expected yL"),
    (["project", "atlas-2011", "--m4", "400"], "does not apply to atlas-2011"),
    (["project", "atlas-2011", "--flavour", "tau"], "not measured"),
    (["experiments", "cern"], "unknown experiment"),
    (["quickstart", "good.root"], "cannot be made"),
]  # fmt: skip


@pytest.fixture
def inputs(tmp_path):
    """A ROOT file of good and bad histograms, and a file that is no ROOT file."""
    edges = np.linspace(30, 50, 41)
    with uproot.recreate(tmp_path / "good.root") as root:
        root["good"] = (np.full(40, 100.0), edges)
        root["nan"] = (np.full(40, np.nan), edges)
        root["empty"] = (np.zeros(40), edges)
        root["negative"] = (np.r_[-5.0, np.ones(39)], edges)
        root["wide"] = (np.ones(10), np.linspace(130, 150, 11))
    (tmp_path / "damaged.root").write_bytes(b"root" + bytes(range(200)))
    return {"good.root", "damaged.root"}


@pytest.mark.parametrize(("arguments", "words"), BAD, ids=[" ".join(a) or "nothing" for a, _ in BAD])
def test_bad_input(run, inputs, tmp_path, arguments, words):
    outcome = run(*arguments)
    assert outcome.status == 2
    assert outcome.out == ""
    lines = [line for line in outcome.err.splitlines() if not line.startswith("compiling")]
    assert len(lines) == 1
    assert lines[0].startswith("nuportal: ")
    assert re.search(words, lines[0]), lines[0]
    assert {p.name for p in tmp_path.iterdir()} == inputs


def test_data_that_no_parameters_reach_are_refused(run, tmp_path):
    # a few events where ten million are expected
    with uproot.recreate(tmp_path / "few.root") as root:
        root["h"] = (np.full(40, 1.0), np.linspace(30, 50, 41))
    outcome = run("fit", "few.root:h", "--luminosity", "4.1")
    assert outcome.status == 1
    assert outcome.out == ""
    assert "does not describe the data" in outcome.err
    assert outcome.err.count("\n") == 1


def test_a_failed_fit_is_an_error_and_not_a_result(run, inputs, monkeypatch):
    def failing(*_, **__):
        raise FitError("no minimum")

    monkeypatch.setattr("nucore.reports.fit_input.fit", failing)
    outcome = run("fit", "good.root:good", "--luminosity", "1e-6")
    assert outcome.status == 1
    assert outcome.out == ""
    assert outcome.err == "nuportal: fit failed: no minimum\n"


def test_an_interrupt_leaves_nothing(run, tmp_path, monkeypatch):
    import nucore.generation

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(nucore.generation, "add", interrupted)
    outcome = run("generate", "w", "--events", "5000", "--out", "w.root")
    assert outcome.status == 130
    assert outcome.err.strip() == "nuportal: interrupted"
    assert list(tmp_path.iterdir()) == []


def test_a_card_warning_is_one_line_on_stderr(run, tmp_path):
    from nucore.model.card import card_text
    from nucore.model.nu4_decays import width_phi
    from nucore.model.parameters import PortalParameters

    p = PortalParameters()
    text = card_text(p).replace(f"DECAY 51 {width_phi(p)!r}", "DECAY 51 1.0")
    (tmp_path / "card.dat").write_text(text)
    outcome = run("model", "card.dat")
    assert outcome.status == 0
    assert outcome.err.startswith("warning: card card.dat: DECAY 51")

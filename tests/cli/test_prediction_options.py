"""A prediction of the user's on the command line."""

import shlex
from pathlib import Path

import numpy as np
import pytest

from mesons.experiments.cards import load_experiment
from mesons.experiments.observables import main_spectrum
from mesons.inference.options import AnalysisOptions
from mesons.inference.templates import templates_of
from nucore.model.parameters import PortalParameters
from tests.docs.blocks import blocks, commands

CARD = load_experiment("belle-ii-tau-mu")
CHOICES = ("--experiment", "belle-ii-tau-mu", "--two-body", "--set", "m4=0.8")


@pytest.fixture
def files(tmp_path):
    """Data, a prediction 5% steeper than ours and its parts, in the folder of the run."""
    own = templates_of(CARD, AnalysisOptions(two_body=True))
    light = own.background(CARD.decays)
    change = own.counts_per_mixing(PortalParameters(m4=0.8), CARD.decays)
    tilt = np.linspace(-1.0, 1.0, light.size)
    predicted = light * (1.0 + 0.05 * tilt)
    background = 0.1 * predicted
    columns = {
        "data": np.rint(predicted * (1.0 + 1e-3 * change / light) + background),
        "signal": predicted,
        "background": background,
        "up": (predicted + background) * (1.0 + 0.01 * tilt),
        "signal_up": predicted * (1.0 + 0.01 * tilt),
        "band": np.full(light.size, 0.001),
    }
    edges = main_spectrum(CARD, light, light).edges
    table = np.stack([edges[:-1], edges[1:], *columns.values()], axis=1)
    header = ",".join(["low", "high", *columns])
    np.savetxt(tmp_path / "t.csv", table, delimiter=",", header=header, comments="", fmt="%.17g")
    return tmp_path


def test_the_example_of_the_documentation_finds_its_nu4(run, answer):
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "prediction.md").read_text(encoding="utf-8")
    (example,) = [block for block in blocks(page) if block.kind == "{run}"]
    *first, last = [shlex.split(line)[1:] for line in commands(example)]
    for command in first:
        assert run(*command).status == 0
    found = answer(*last)
    assert abs(found["best_fit"]["Umu4_sq"] - 0.01) < 3.0 * found["uncertainties"]["Umu4_sq"]
    assert found["prediction_uncertainties"] == ["band", "simulation"]


def test_the_text_begins_with_the_prediction(run, files):
    given = ("--prediction", "t.csv:signal", "--background", "t.csv:background", "--band", "t.csv:band")
    outcome = run("fit", "t.csv:data", *given, "--variation", "tilt=t.csv:signal_up", *CHOICES)
    assert outcome.status == 0, outcome.err
    first = [line.split() for line in outcome.out.splitlines()[4:10]]
    assert first[0] == ["prediction", "t.csv:signal"]
    assert first[3][:3] == ["normalisation", "free,", "of"]
    assert first[4] == ["nu4", "and", "nuisances", "ratios", "of", "ours"]
    assert first[5] == ["its", "uncertainties", "tilt,", "band"]


def test_numbers_of_the_answer(answer, files):
    given = ("--prediction", "t.csv:signal", "--background", "t.csv:background")
    found = answer("fit", "t.csv:data", *given, "--normalisation", "fixed", *CHOICES)
    name = found["parameter"]
    assert found["best_fit"][name] == pytest.approx(1e-3, abs=0.01 * found["uncertainties"][name])
    assert found["normalisation"] == "fixed"
    assert found["predicted_background"] == pytest.approx(0.1 * found["predicted_signal"])
    assert set(found["provenance"]["request"]["arguments"]) >= {"prediction", "background"}
    assert found["provenance"]["request"]["arguments"]["background"]["$file"] == "t.csv:background"


def test_export_and_toys_take_it(answer, files):
    given = ("--prediction", "t.csv:signal", "--background", "t.csv:background", "--band", "0.001")
    assert answer("export", "t.csv:data", *given, "--to", "pyhf", "--out", "w.json", *CHOICES)["format"] == "pyhf"
    found = answer("toys", "--n", "20", *given, *CHOICES)
    assert found["n"] == 20
    assert found["n_failed"] == 0
    assert found["prediction"] == "t.csv:signal"


def test_shards_are_merged_with_the_same_files(run, answer, files):
    command = ("toys", "--n", "20", "--prediction", "t.csv:signal", *CHOICES)
    for k in (1, 2):
        assert run(*command, "--out", f"part{k}.json", "--shard", f"{k}/2").status == 0
    whole = answer(*command, "--out", "whole.json")
    parts = [str(path) for path in sorted(files.glob("part*"))]
    found = answer("merge", *parts, "--out", "merged.json")
    assert found["pull_mean"] == whole["pull_mean"]
    (files / "t.csv").write_text((files / "t.csv").read_text() + "\n")
    changed = run("merge", *parts, "--out", "again.json")
    assert (changed.status, changed.err) == (2, "nuportal: input t.csv:signal is missing or has changed\n")


BAD = [
    (("--background", "t.csv:background"), "--background needs a prediction; expected --prediction FILE beside it"),
    (("--prediction", "t.csv:signal", "--signal-fraction", "0"), "invalid --signal-fraction 0: expected above 0"),
    (("--prediction", "t.csv:signal", "--band", "0.1", "--band-correlation", "0"), "invalid --band-correlation 0"),
    (("--prediction", "t.csv:no"), "no columns 'no'; expected FILE:COLUMN, one of data, signal"),
    (("--prediction", "no.csv"), "data no.csv does not exist or is not a file"),
    (("--prediction", "t.csv:signal", "--band", "0.5x"), "data 0.5x does not exist or is not a file"),
    (("--prediction", "t.csv:signal", "--variation", "up"), "expected NAME=UP or NAME=UP,DOWN"),
    (("--prediction", "t.csv:signal", "--covariance", "t.csv"), "data t.csv, line 1: 'low' is not a number"),
    (("--prediction", "t.csv:band", "--normalisation", "fixed"), "another unit or exposure; expected"),
    (("--prediction", "t.csv:signal", "--normalisation", "none"), "expected one of fixed, constrained, free"),
]


@pytest.mark.parametrize(("arguments", "words"), BAD, ids=[" ".join(arguments) for arguments, _ in BAD])
def test_what_is_wrong_is_one_line(run, files, arguments, words):
    outcome = run("fit", "t.csv:data", *arguments, *CHOICES)
    assert (outcome.status, outcome.out) == (2, "")
    assert len(outcome.err.splitlines()) == 1
    assert words in outcome.err

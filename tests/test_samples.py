"""Sample files: what the manifest says of them is true, and they can be fitted at once."""

import hashlib
import shlex
import tomllib
from pathlib import Path

import numpy as np
import pytest

import nuportal
from nucore.io.readers import read_spectrum
from nuportal.cli import main

FOLDER = Path(__file__).parents[1] / "samples"
FILES = tomllib.loads((FOLDER / "MANIFEST.toml").read_text())["file"]


@pytest.mark.parametrize("entry", FILES, ids=[f["name"] for f in FILES])
def test_the_hash_is_that_of_the_file(entry):
    assert hashlib.sha256((FOLDER / entry["name"]).read_bytes()).hexdigest() == entry["sha256"]


@pytest.mark.parametrize("entry", [f for f in FILES if "seed" in f], ids=[f["name"] for f in FILES if "seed" in f])
def test_the_command_makes_the_same_spectrum_again(entry, tmp_path, capsys):
    command = shlex.split(entry["command"])
    assert command[0] == "nuportal"
    again = tmp_path / entry["name"]
    with pytest.raises(SystemExit) as ended:
        main([*command[1:-1], str(again)])
    assert ended.value.code == 0
    ours, new = read_spectrum(FOLDER / entry["name"]), read_spectrum(again)
    assert new.exposure == ours.exposure
    # equal on the processor type they were made on; elsewhere rounding moves single events between bins
    assert np.abs(new.spectrum.values - ours.spectrum.values).max() <= 3


def test_the_w_sample_gives_back_its_mixing():
    report = nuportal.fit(FOLDER / "w-atlas-2011.root", nuportal.PortalParameters(m4=30.0))
    value, sigma = report.fit.best_fit["Umu4_sq"], report.fit.uncertainties["Umu4_sq"]
    assert abs(value - 0.01) < 3 * sigma
    assert sigma < 2e-3


def test_the_kaon_sample_gives_back_its_mixing():
    point = nuportal.PortalParameters(m_chi=0.02, m_phi=0.06, m4=400.0, yL=12.566370614359172)
    report = nuportal.fit(FOLDER / "kaon-e949.root", point)
    value, sigma = report.fit.best_fit["Umu4_sq"], report.fit.uncertainties["Umu4_sq"]
    assert abs(value - 4e-6) < 3 * sigma


def test_the_standard_model_sample_allows_no_mixing():
    report = nuportal.fit(FOLDER / "w-standard-model.csv", nuportal.PortalParameters(m4=30.0))
    # expected 1.5e-3; the 95% band ends at twice that
    assert 5e-4 < report.limit.observed < 4e-3

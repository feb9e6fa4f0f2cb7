"""What ``fit`` says of the charges, and of data that its best fit does not describe."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import nuportal
from nucore.io.writers import write_spectra
from nuportal import PortalParameters

#: The paper's selection with the charges apart.
CARD = 'extends = "atlas-2011"\n\n[selections.paper]\ncharges = ["+", "-"]\nseparate_charges = true\n'
POINT = PortalParameters(m4=30.0, Umu4=0.0)
OPTIONS = ("--experiment", "two.toml", "--flavour", "mu", "--set", "m4=30", "--luminosity", "0.1")


@pytest.fixture
def card(tmp_path):
    (tmp_path / "two.toml").write_text(CARD)


@pytest.fixture
def disagreeing(run, card):
    """Write data with a mixing of 0.06 in W+ and of -0.06 in W-."""
    light, mixed = (nuportal.expected_spectrum("two.toml", p, luminosity=0.1) for p in (POINT, POINT.replace(Umu4=0.3)))
    sign = np.repeat([-1.0, 1.0], light.values.size // 2).reshape(light.values.shape)
    values = light.values + 0.06 / 0.09 * sign * (mixed.values - light.values)
    write_spectra("w.json", [replace(light, values=values, variances=values)], {})


def test_generated_data_are_described(run, answer, card):
    """Both charges of pseudo-data without nu4, with the nuisances that shift the response to leptons."""
    made = ("--experiment", "two.toml", "--set", "m4=30", "--set", "Umu4=0", "--luminosity", "0.05", "--seed", "5")
    assert run("generate", "w", *made, "--histogram-only", "--out", "w.root").status == 0
    nuisances = [f"--nuisance={n}=1" for n in ("normalisation", "luminosity", "lepton_scale", "efficiency_slope")]
    found = answer("fit", "w.root", "--set", "m4=30", "--experiment", "two.toml", "--systematics", "full",
                   "--nuisance=all=0", *nuisances)  # fmt: skip
    assert found["warnings"] == []
    assert len(found["pulls"]) == 4
    charges = found["per_charge"]
    assert found["per_charge_reason"] is None
    for charge in "+-":
        assert abs(charges[charge]["value"]) < 3.5 * charges[charge]["uncertainty"]
    # about three of these would be warned of
    assert abs(charges["difference_pull"]) < 2.5
    assert -1.0 < charges["correlation"] < 1.0


def test_charges_that_disagree_are_told(run, answer, disagreeing):
    refused = run("fit", "w.json", *OPTIONS, "--report", "report")
    assert (refused.status, refused.out) == (1, "")
    assert "does not describe the data" in refused.err
    assert not Path("report").exists()
    found = answer("fit", "w.json", *OPTIONS, "--allow-bad-fit")
    assert found["per_charge"]["+"]["value"] == pytest.approx(0.06, abs=1e-4)
    assert found["per_charge"]["-"]["value"] == pytest.approx(-0.06, abs=1e-4)
    assert found["per_charge"]["difference_pull"] > 3.0
    told = found["warnings"]
    assert "W+ and W- disagree" in told[-1]
    shown = run("fit", "w.json", *OPTIONS, "--allow-bad-fit").out
    for line in ("|U_mu4|^2 of W+", "|U_mu4|^2 of W-", "W+ minus W-", *(f"warning: {warning}" for warning in told)):
        assert line in shown


def test_one_charge_has_no_per_charge(answer, run, card):
    write_spectra("w.json", [nuportal.expected_spectrum("atlas-2011", POINT, luminosity=0.1)], {})
    options = ("--experiment", "atlas-2011", *OPTIONS[2:], "--data-covariance", "poisson")
    found = answer("fit", "w.json", *options)
    assert (found["warnings"], found["per_charge"]) == ([], None)
    assert found["per_charge_reason"] == "no separate spectra of W+ and W-"
    shown = run("fit", "w.json", *options).out
    assert "of W+" not in shown
    assert "warning" not in shown


def test_a_meson_spectrum_that_is_not_described(run, answer):
    point = PortalParameters(m_chi=0.02, m_phi=0.06, m4=0.2, Umu4=0.0)
    options = ("--experiment", "e949", "--set", "m_chi=0.02", "--set", "m_phi=0.06", "--set", "m4=0.2")
    options = (*options, "--decays", "card", "--data-covariance", "poisson")
    good = nuportal.expected_spectrum("e949", point)
    write_spectra("good.json", [good], {})
    found = answer("fit", "good.json", *options)
    assert (found["warnings"], found["per_charge"]) == ([], None)
    zigzag = good.values + 3.0 * np.sqrt(good.values) * (-1.0) ** np.arange(good.n_bins)
    write_spectra("bad.json", [replace(good, values=zigzag)], {})
    (told,) = answer("fit", "bad.json", *options, "--allow-bad-fit")["warnings"]
    assert "does not describe the data" in told
    assert f"warning: {told}" in run("fit", "bad.json", *options, "--allow-bad-fit").out
    assert run("fit", "bad.json", *options).status == 1


def test_a_joint_fit_of_flavours_warns_too(answer, run):
    options = ("flavours", "atlas-2011", "--m4", "30", "--selection", "paper", "--systematics", "paper")
    assert answer(*options)["warnings"] == []
    good = nuportal.expected_spectrum("atlas-2011", POINT, luminosity=0.1)
    zigzag = good.values * (1.0 + 0.03 * (-1.0) ** np.arange(good.n_bins))
    write_spectra("w.json", [replace(good, values=zigzag)], {"exposure": {"luminosity_invfb": 0.1}})
    (told,) = answer(*options, "--data-mu", "w.json", "--allow-bad-fit")["warnings"]
    assert "does not describe the data" in told
    assert f"warning: {told}" in run(*options, "--data-mu", "w.json", "--allow-bad-fit").out
    assert run(*options, "--data-mu", "w.json").status == 1


def test_a_fit_at_the_edge_is_printed(run, tmp_path):
    """Where the best fit has no uncertainty, a dash stands for it."""
    samples = [
        {"name": "b", "data": [100.0, 10.0], "modifiers": []},
        {"name": "s", "data": [0.0, 20.0], "modifiers": [{"name": "u", "type": "normfactor", "data": None}]},
    ]
    workspace = {
        "channels": [{"name": "c", "samples": samples}],
        "observations": [{"name": "c", "data": [100.0, 0.0]}],
        "measurements": [
            {"name": "m", "config": {"poi": "u", "parameters": [{"name": "u", "bounds": [[-5.0, 10.0]]}]}}
        ],
        "version": "1.0.0",
    }
    (tmp_path / "w.json").write_text(json.dumps(workspace))
    shown = run("fit", "w.json")
    assert shown.status == 0, shown.err
    assert "-0.5 +- -" in shown.out

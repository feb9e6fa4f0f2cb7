"""The printed spectrum integrates to the rate, however narrow nu4 is."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mesons.decays.channels import decay_channel
from mesons.decays.lepton_spectrum import lepton_spectrum
from mesons.decays.spectra import decay
from mesons.decays.three_body import dratio_dx
from nucore.errors import InputError
from nucore.model.parameters import PortalParameters

LIGHT = {"m_chi": 0.025, "m_phi": 0.075, "Umu4": 1e-3}


@pytest.mark.parametrize(
    ("m4", "yL"),
    [
        (400.0, 1.0),
        (0.25, 12.0),
        (0.25, 1.0),
        (0.25, 1e-2),
        (0.25, 1e-4),
        (0.25, 1e-7),
        (0.1, 1.0),
        (0.1000001, 0.3),
        (0.0999999, 0.3),
        (0.388, 0.1),
        (0.3881, 1.0),
    ],
)
def test_trapezoids_give_the_rate(m4: float, yL: float) -> None:
    result = decay("K+", "mu", PortalParameters(m4=m4, yL=yL, **LIGHT))
    spectrum = result.spectrum
    assert np.all(np.diff(spectrum.x) > 0)
    # the accuracy the grid is made for
    assert np.trapezoid(spectrum.dratio_dx, spectrum.x) == pytest.approx(result.three_body_ratio, rel=1e-3)
    integral = np.trapezoid(spectrum.dratio_dp_per_GeV, spectrum.momentum_GeV)
    assert integral == pytest.approx(result.three_body_ratio, rel=1e-3)
    assert (spectrum.drawn_width_GeV is not None) == (yL == 1e-7)
    np.testing.assert_allclose(spectrum.x * 0.493677 / 2, np.hypot(spectrum.momentum_GeV, 0.1056583755), rtol=1e-12)


def test_values_are_those_of_the_formula() -> None:
    point = PortalParameters(m4=0.25, yL=3.0, **LIGHT)
    three_body = decay_channel("K+", "mu").dark_decay(point)
    spectrum = lepton_spectrum(three_body)
    inner = slice(5, -5)
    np.testing.assert_allclose(spectrum.dratio_dx[inner], dratio_dx(three_body, spectrum.x[inner]), rtol=1e-6)
    np.testing.assert_allclose(
        spectrum.dratio_dp_per_GeV[inner], three_body.dratio_dp(spectrum.momentum_GeV[inner]), rtol=1e-6
    )


def test_result_is_plain_json() -> None:
    result = decay("K+", "e", PortalParameters(Ue4=0.01, Umu4=0.0))
    content = json.loads(result.to_json())
    assert content["branching_ratio"] == pytest.approx(content["three_body_ratio"] * content["sm_branching_ratio"])
    assert {"x", "dratio_dx", "momentum_GeV", "dratio_dp_per_GeV"} <= content["spectrum"].keys()
    assert content["parameters"]["Ue4"] == 0.01


def test_closed_decay_has_an_empty_spectrum() -> None:
    result = decay("pi+", "mu", PortalParameters())
    assert result.three_body_ratio == 0.0
    assert result.two_body_momentum_GeV is None
    assert result.spectrum.x.size == 0


def test_zero_coupling_gives_a_zero_spectrum() -> None:
    result = decay("K+", "mu", PortalParameters(yL=0.0))
    assert result.three_body_ratio == 0.0
    assert not result.spectrum.dratio_dx.any()


def test_bad_parent() -> None:
    with pytest.raises(InputError, match="unknown parent"):
        decay("h", "mu", PortalParameters())


def test_the_total_rate_has_light_neutrinos_and_the_dark_decay() -> None:
    """The light neutrinos keep 1 - |U|^2, and a narrow nu4 adds its two-body rate."""
    point = PortalParameters(m_chi=0.025, m_phi=0.075, m4=0.25, yL=1e-3, Umu4=0.1)
    found = decay("K+", "mu", point)
    assert found.rate_over_standard_model == pytest.approx(1.0 - 0.01 + found.two_body_ratio, rel=1e-6)
    assert decay("K+", "mu", point.replace(Umu4=0.0)).rate_over_standard_model == 1.0

"""M -> l nu nu nubar: share of the spectrum in a window, and dark decays that a search takes for it."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from mesons.decays.dark_ratios import dark_ratios
from mesons.decays.three_neutrinos import standard_model_fraction, window_branching
from nucore.model.parameters import PortalParameters
from nucore.model.particles import mass
from nucore.model.points import ParameterPoints
from nucore.model.widths import two_body_ratio

M_K, M_MU = mass("K+"), mass("mu")
#: Published upper limits on BR(K+ -> mu+ nu nu nubar) and windows of the muon momentum in GeV.
E949 = (2.4e-6, 0.130, 0.175)  # arXiv:1606.09054
NA62 = (1.0e-6, 0.0, 0.1161)  # arXiv:2101.12304


def test_share_of_the_standard_model_spectrum() -> None:
    assert standard_model_fraction(M_K, M_MU, 0.130, 0.175) == pytest.approx(0.313, abs=1e-3)
    assert standard_model_fraction(M_K, M_MU, 0.0, 0.1161) == pytest.approx(0.438, abs=2e-3)
    assert standard_model_fraction(M_K, M_MU, -1.0, 9.0) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("m_chi_MeV", "heavy", "light"),
    [
        (10, (4.01e-10, 5.60e-10), (7.7e-6, 1.1e-4)),
        (30, (6.37e-10, 7.25e-10), (5.39e-10, 7.3e-9)),
        (50, (2.16e-9, 1.31e-9), (6.58e-10, 3.52e-10)),
        (60, (1.03e-8, 2.14e-9), (4.10e-9, 5.80e-10)),
    ],
)
def test_limits_on_dark_decays(m_chi_MeV: float, heavy: tuple[float, float], light: tuple[float, float]) -> None:
    """Y = (yL^2 s^2)^2/81 of E949 and NA62 from an independent program, m_phi = 3 m_chi, m4 = 400 GeV or 10 m_chi."""
    m_chi, u = 1e-3 * m_chi_MeV, 1e-6
    for m4, yL, expected in ((400.0, 1.0, heavy), (10 * m_chi, 4 * math.pi, light)):
        points = ParameterPoints.of([PortalParameters(m_chi=m_chi, m_phi=3 * m_chi, m4=m4, yL=yL, Umu4=math.sqrt(u))])
        for (limit, low, high), y in zip((E949, NA62), expected, strict=True):
            product = yL**2 * u * limit / window_branching("K+", "mu", points, low, high)[0]
            # two or three digits
            assert product**2 / 81.0 == pytest.approx(y, rel=0.025 if y > 1e-6 else 0.006)


def test_dark_decays_far_above_the_limit() -> None:
    points = ParameterPoints.of([PortalParameters(Umu4=0.015, m4=400.0, m_chi=0.017, m_phi=0.051, yL=12.0)])
    # the branching ratio that `nuportal decay K+ mu` reports
    assert 0.6356 * dark_ratios("K+", "mu", points)[0] == pytest.approx(4.9e-4, rel=0.01)
    for limit, low, high in (E949, NA62):
        assert window_branching("K+", "mu", points, low, high)[0] > 50 * limit


def test_line_of_a_stable_nu4() -> None:
    points = ParameterPoints.single("mu", [0.2, 0.25, 0.3, 0.5], 1e-6)
    predicted = window_branching("K+", "mu", points, *E949[1:])
    # the muon has 190, 164, 129 MeV, or the decay is closed
    line = 0.6356 * 1e-6 * two_body_ratio(M_K, M_MU, 0.25) / standard_model_fraction(M_K, M_MU, *E949[1:])
    np.testing.assert_allclose(predicted, [0.0, line, 0.0, 0.0], rtol=1e-3)  # four digits of the branching ratio


def test_visible_nu4_leaves_the_sample_only_where_it_is_produced() -> None:
    dark = PortalParameters(m_chi=0.01, m_phi=0.03, m4=0.25, yL=1e-3, Umu4=1e-3)
    points = ParameterPoints.of([dark, dark.replace(yL=0.0), dark.replace(m4=400.0, yL=1.0)])
    hidden = window_branching("K+", "mu", points, *E949[1:])
    seen = window_branching("K+", "mu", dataclasses.replace(points, visible=np.full(3, 0.75)), *E949[1:])
    np.testing.assert_allclose(seen / hidden, [0.25, 0.25, 1.0], rtol=1e-12)

"""Peak searches for a broad nu4."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

from mesons.decays.broad_peak import fractions_in_window
from nucore.model.points import ParameterPoints

SCALES = {"m_chi": 0.025, "m_phi": 0.075, "m4": 0.25}


def fractions(yL, half_width=3e-3, parent="K+", U_sq=1e-6, **masses):
    points = ParameterPoints.single("mu", U_sq=U_sq, yL=yL, **(SCALES | masses))
    return fractions_in_window(parent, "mu", points, half_width)


def test_share_of_the_narrow_signal_within_3_MeV():
    # K -> mu nu4 at 250 MeV, m_chi : m_phi : m4 = 1 : 3 : 10; three digits given
    found = fractions([4 * math.pi, 4 * math.pi * 0.3, 0.5])
    assert found == pytest.approx([0.012, 0.129, 0.946], abs=5e-4)


def test_a_narrow_nu4_is_seen_whole():
    # what is left outside the window is the tail of the Breit-Wigner, 2 Gamma/(pi * width of the window)
    whole, fraction = fractions([1e-3, 0.1])
    assert whole == pytest.approx(1.0, abs=1e-5)
    width = 0.1**2 * 0.25 / (32 * math.pi) * (1 + 0.01 - 0.09) * math.sqrt((1 - 0.16) * (1 - 0.04))
    assert 1 - fraction == pytest.approx(2 / math.pi * math.atan(width / 2 / 3e-3), rel=0.1)


@pytest.mark.parametrize(("yL", "U_sq", "half_width"), [(2.0, 1e-6, 3e-3), (6.0, 0.3, 3e-3), (6.0, 1e-3, 0.02)])
def test_against_the_integral_over_the_window(yL, U_sq, half_width):
    m_K, m_mu, m_chi, m_phi, m4 = 0.493677, 0.1056583755, *SCALES.values()

    def rate(q_sq):
        """K -> mu nu of mass Q, up to a factor."""
        root = math.sqrt((m_K**2 - q_sq - m_mu**2) ** 2 - 4 * q_sq * m_mu**2)
        return (m_K**2 * (m_mu**2 + q_sq) - (m_mu**2 - q_sq) ** 2) * root

    def density(q_sq):
        root = math.sqrt((q_sq - m_chi**2 - m_phi**2) ** 2 - 4 * (m_chi * m_phi) ** 2) / q_sq
        gamma = yL**2 / (32 * math.pi) * (1 + (m_chi**2 - m_phi**2) / q_sq) * root
        size = (q_sq - m4**2) ** 2 + (gamma * (q_sq - U_sq * m4**2)) ** 2
        return (1 - U_sq) * gamma / (math.pi * q_sq) * m4**4 / size

    low, high = (m4 - half_width) ** 2, (m4 + half_width) ** 2
    seen = quad(lambda q_sq: density(q_sq) * rate(q_sq), low, high, points=[m4**2], epsrel=1e-9)[0]
    assert fractions(yL, half_width, U_sq=U_sq) == pytest.approx(seen / rate(m4**2), rel=1e-3)


def test_closed_decays_have_no_fraction():
    assert fractions(1.0, m_chi=0.2, m_phi=0.6) == 0.0
    assert np.isnan(fractions(1.0, parent="pi+", m_chi=0.01, m_phi=0.03, m4=0.1))
    assert fractions(0.0) == 0.0
    assert np.isnan(fractions(1.0, U_sq=0.0))
    assert np.isnan(fractions(1.0, yR=0.1))

"""Peak searches for a broad nu4."""

import math

import numpy as np
import pytest

from mesons.decays.broad_peak import fraction_in_window


@pytest.mark.parametrize(("yL", "expected"), [(4 * math.pi, 0.012), (4 * math.pi * 0.3, 0.129), (0.5, 0.946)])
def test_share_of_the_narrow_signal_within_3_MeV(yL, expected):
    # K -> mu nu4 at 250 MeV, m_chi : m_phi : m4 = 1 : 3 : 10; three digits given
    assert fraction_in_window("K+", "mu", 0.025, 0.075, 0.25, yL, 3e-3) == pytest.approx(expected, abs=5e-4)


def test_a_narrow_nu4_is_seen_whole():
    # what is left outside the window is the tail of the Breit-Wigner, 2 Gamma/(pi * width of the window)
    assert fraction_in_window("K+", "mu", 0.025, 0.075, 0.25, 1e-3, 3e-3) == pytest.approx(1.0, abs=1e-5)
    fraction = fraction_in_window("K+", "mu", 0.025, 0.075, 0.25, 0.1, 3e-3)
    width = 0.1**2 * 0.25 / (32 * math.pi) * (1 + 0.01 - 0.09) * math.sqrt((1 - 0.16) * (1 - 0.04))
    assert 1 - fraction == pytest.approx(2 / math.pi * math.atan(width / 2 / 3e-3), rel=0.1)


def test_closed_decays_have_no_fraction():
    assert np.isnan(fraction_in_window("K+", "mu", 0.2, 0.6, 0.25, 1.0, 3e-3))
    assert np.isnan(fraction_in_window("pi+", "mu", 0.01, 0.03, 0.1, 1.0, 3e-3))

"""tau -> h nu4 and h chi phi: 30-digit integrals and limits."""

from __future__ import annotations

import math

import mpmath
import pytest

from mesons.decays.channels import decay_channel
from mesons.decays.spectra import decay
from mesons.decays.three_body import three_body_ratio
from nucore.errors import InputError
from nucore.model.parameters import PortalParameters

M_TAU, M_PI, M_K = 1.77693, 0.13957039, 0.493677


@pytest.mark.parametrize(
    ("m4", "yL", "hadron"),
    [
        (0.5, 1e-5, "pi"),
        (0.2 - 1e-9, 0.3, "pi"),
        (0.2 + 1e-9, 0.3, "K"),
        (M_TAU - M_PI - 1e-6, 1e-4, "pi"),
        (M_TAU - M_PI + 1e-6, 1.0, "pi"),
        (400.0, 1.0, "K"),
    ],
)
def test_against_30_digits(m4: float, yL: float, hadron: str) -> None:
    point = PortalParameters(m_chi=0.05, m_phi=0.15, m4=m4, yL=yL, Umu4=0.0, Utau4=0.01)
    d = decay_channel("tau-", hadron).dark_decay(point)
    with mpmath.workdps(30):
        m, mh, mc, mf, m4_, y, u = (
            mpmath.mpf(v) for v in (d.m_parent, d.m_lepton, d.m_chi, d.m_phi, d.m4, d.yL, d.U_sq)
        )
        low, high = (mc + mf) ** 2, (m - mh) ** 2
        x = (mh / m) ** 2

        def integrand(s):
            root = mpmath.sqrt(abs((s - mf**2 - mc**2) ** 2 - 4 * mf**2 * mc**2)) / s
            g = y**2 / (32 * mpmath.pi) * (1 + (mc**2 - mf**2) / s) * root
            rho = u * (1 - u) * g / (mpmath.pi * s) * m4_**4 / abs(s - m4_**2 + 1j * g * (s - u * m4_**2)) ** 2
            z = s / m**2
            recoil = ((1 - z) ** 2 - x * (1 + z)) * mpmath.sqrt(abs((1 - x - z) ** 2 - 4 * x * z)) / (1 - x) ** 2
            return rho * recoil

        points = {low, high, m4_**2} if low < m4_**2 < high else {low, high}
        for anchor, sign in ((low, 1), (high, -1), (m4_**2, 1), (m4_**2, -1)):
            for k in range(0, 31, 2):
                point_ = anchor + sign * (high - low) * mpmath.mpf(10) ** (-k)
                if low < point_ < high:
                    points.add(point_)
        exact = mpmath.quad(integrand, sorted(points), maxdegree=5)
    assert three_body_ratio(d) == pytest.approx(float(exact), rel=1e-9)  # the aim is 1e-6


def test_two_body_limit_and_the_record() -> None:
    point = PortalParameters(m_chi=0.05, m_phi=0.15, m4=0.7, yL=1e-3, Umu4=0.0, Utau4=0.1)
    result = decay("tau-", "pi", point)
    assert result.two_body_ratio == pytest.approx(0.01 * 0.598315, rel=2e-6)  # explicit spinors, six digits
    assert result.three_body_ratio == pytest.approx(result.two_body_ratio, rel=1e-6)
    p = result.two_body_momentum_GeV
    assert p is not None
    assert math.hypot(p, M_PI) + math.hypot(p, 0.7) == pytest.approx(M_TAU)
    assert result.spectrum.integral == pytest.approx(result.three_body_ratio, rel=1e-3)
    assert result.branching_ratio == pytest.approx(result.three_body_ratio * 0.1082)
    closed = decay("tau-", "K", point.replace(m4=1.5))
    assert closed.two_body_ratio == 0.0
    assert closed.two_body_momentum_GeV is None


def test_bad_input() -> None:
    with pytest.raises(InputError, match="rho"):
        decay_channel("tau-", "rho").dark_decay(PortalParameters())
    with pytest.raises(InputError, match="tau-"):
        decay_channel("mu-", "pi").dark_decay(PortalParameters())

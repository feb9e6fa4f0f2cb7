"""W, Z and h to nu4 or chi phi: narrow limit, integrals over the spectral density, and sums over flavours."""

import dataclasses
import math

import numpy as np
import pytest
from scipy.integrate import quad

from mesons.decays.boson_decays import boson_rates
from nucore.errors import InputError
from nucore.model import constants as c
from nucore.model.points import ParameterPoints

MASSES = {"W+": float(c.M_W), "Z": float(c.M_Z), "h": float(c.M_H)}
NAMES = {"W+": "mu", "Z": "nu", "h": "nu"}


def recoil(parent: str, q: float) -> float:
    """Two-body rate at q = Q^2/M^2: of a vector boson over that at q = 0, of h in m_h^3/(16 pi v^2) at m4 = Q."""
    return q * (1 - q) ** 2 if parent == "h" else (1 - q) ** 2 * (1 + q / 2)


def rate(parent, lepton=None, **values):
    return boson_rates(parent, lepton or NAMES[parent], ParameterPoints.single("mu", **values))


def propagators(q_sq: float, gamma: float, m4: float, u: float) -> tuple[float, float]:
    """|<nu nubar>|^2 and |<N_R nubar>|^2 weights of chi phi production, from the inverse of their matrix.

    Fields nu_L, N_L with kinetic terms 1 and 1 + i gamma, N_R; masses s m4 nu_L N_R + c m4 N_L N_R. In the rest frame
    of Q the chiral inverse propagator is [[Q K, -M], [-M^T, Q]].
    """
    s, cos, energy = math.sqrt(u), math.sqrt(1 - u), math.sqrt(q_sq)
    kinetic = np.diag([1.0, 1.0 + 1j * gamma]).astype(complex)
    mass = np.array([[s * m4], [cos * m4]])
    inverse = np.linalg.inv(np.block([[energy * kinetic, -mass], [-mass.T, energy * np.eye(1)]]))
    return abs(inverse[1, 0]) ** 2, abs(inverse[1, 2]) ** 2


def broad(parent: str, m_chi: float, m_phi: float, m4: float, yL: float, u: float) -> float:
    """Rate to chi phi: gamma/pi times the square of the propagator between the vertex and N_L, over dQ^2."""
    mass = MASSES[parent]

    def integrand(log_q_sq):
        q_sq = math.exp(log_q_sq)
        root = math.sqrt(max((q_sq - m_chi**2 - m_phi**2) ** 2 - 4 * (m_chi * m_phi) ** 2, 0.0)) / q_sq
        gamma = yL**2 / (32 * math.pi) * (1 + (m_chi**2 - m_phi**2) / q_sq) * root
        left, right = propagators(q_sq, gamma, m4, u)
        # phase space of chi phi goes as gamma Q^2
        if parent == "h":
            # Yukawa coupling s m4/v of nu_L N_R; the light neutrino beside it gives the factor 1 - s^2 left out
            return gamma / math.pi * q_sq * right * u * m4**2 / mass**2 * (1 - q_sq / mass**2) ** 2
        return gamma / math.pi * q_sq * left * recoil(parent, q_sq / mass**2)

    low, high = 2 * math.log(m_chi + m_phi), 2 * math.log(mass)
    points = [2 * math.log(m4)] if m_chi + m_phi < m4 < mass else None
    return quad(integrand, low, high, points=points, limit=500, epsrel=1e-8)[0]


@pytest.mark.parametrize("parent", MASSES)
@pytest.mark.parametrize("yL", [0.0, 1e-3, 0.02])
def test_narrow_nu4(parent, yL):
    m4 = np.array([1.0, 30.0, 60.0, 75.0])
    found = rate(parent, m4=m4, U_sq=0.01, yL=yL, m_chi=0.1, m_phi=0.3)
    assert found == pytest.approx([0.01 * recoil(parent, (m / MASSES[parent]) ** 2) for m in m4], rel=1e-3)


@pytest.mark.parametrize("parent", MASSES)
def test_nothing_without_a_nu4(parent):
    heavy = {"m4": 1.01 * MASSES[parent], "m_chi": 0.1, "m_phi": 0.3}
    assert rate(parent, U_sq=0.01, yL=0.0, **heavy) == 0.0
    assert rate(parent, U_sq=0.0, yL=3.0, **heavy) == 0.0
    assert np.isnan(rate(parent, U_sq=0.01, yL=1.0, yR=0.5, **heavy))


@pytest.mark.parametrize("parent", MASSES)
@pytest.mark.parametrize(
    ("m_chi", "m_phi", "m4", "yL", "u"),
    [
        (1.0, 3.0, 30.0, 4.0, 1e-4),
        (1.0, 3.0, 60.0, 12.0, 0.05),
        (5.0, 20.0, 78.0, 6.0, 0.01),
        (20.0, 30.0, 40.0, 6.0, 1e-3),
        (0.1, 0.3, 400.0, 12.0, 0.02),
        (10.0, 30.0, 150.0, 3.0, 0.3),
        (1e-3, 3e-3, 1e4, 8.0, 1e-3),
    ],
)
def test_broad_and_virtual_nu4(parent, m_chi, m_phi, m4, yL, u):
    found = rate(parent, m4=m4, U_sq=u, yL=yL, m_chi=m_chi, m_phi=m_phi)
    expected = broad(parent, m_chi, m_phi, m4, yL, u)
    stable = m4 < MASSES[parent] and m4 < m_chi + m_phi
    if stable:
        expected += u * recoil(parent, (m4 / MASSES[parent]) ** 2)
    assert found == pytest.approx(expected, rel=2e-3)


def test_z_and_h_sum_over_flavours_and_w_is_that_of_its_lepton():
    one = ParameterPoints.single("mu", 30.0, 0.03, yL=5.0, m_chi=1.0, m_phi=3.0)
    same = dataclasses.replace(one, Ue4=np.sqrt([0.005]), Umu4=np.sqrt([0.01]), Utau4=np.sqrt([0.015]))
    for parent in ("Z", "h"):
        assert boson_rates(parent, "nu", same) == pytest.approx(boson_rates(parent, "nu", one))
    shares = [boson_rates("W+", flavour, same).item() for flavour in ("e", "mu", "tau")]
    assert shares == pytest.approx(boson_rates("W+", "mu", one).item() * np.array([1, 2, 3]) / 6)


@pytest.mark.parametrize("parent", MASSES)
def test_a_visible_nu4_leaves_where_it_is_produced(parent):
    points = ParameterPoints.single("mu", [30.0, 400.0], 0.01, yL=5.0, m_chi=1.0, m_phi=3.0)
    half = dataclasses.replace(points, visible=np.full(2, 0.5), width=np.full(2, np.inf))
    seen, whole = (boson_rates(parent, NAMES[parent], p) for p in (half, points))
    assert seen / whole == pytest.approx([0.5, 1.0])


def test_unknown_parents_are_refused():
    with pytest.raises(InputError, match="expected one of W"):
        boson_rates("g", "nu", ParameterPoints.single("mu", 30.0, 0.01))

"""Rates of the oracle, by quadrature, from textbooks: nothing of the product's code is used.

All rates are relative to the Standard Model rate with a massless neutrino of the same flavour, for |U_l4|^2 = 1.
A nu4 that couples to chi phi with yL is no particle of one mass: with Q the four-momentum it carries, its chi phi
bubble resummed on N_L and C = sum |U_l4|^2, the light flavours see the spectral density

    sigma(Q2) = (1 - C)/pi gamma m4^4 / (Q2 [(Q2 - m4^2)^2 + gamma^2 (Q2 - C m4^2)^2]),
    gamma(Q2) = yL^2/(32 pi) (1 + (m_chi^2 - m_phi^2)/Q2) lambda^(1/2)(1, m_phi^2/Q2, m_chi^2/Q2),

the absorptive part of the 2x2 left-chiral propagator (mass term m4 nu4bar_L N_R, kinetic term 1 + i gamma of N_L);
Eq. 12 of arXiv:1709.07001 is its limit m4 -> infinity, a line at m4 its limit gamma -> 0. Masses in GeV.
"""

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Points = dict[str, Array]
Weight = Callable[[Array], Array]

NODES, WEIGHTS = np.polynomial.legendre.leggauss(120)
NODES, WEIGHTS = (NODES + 1.0) / 2.0, WEIGHTS / 2.0
_CHUNK = 4000

# Masses of PDG 2026 and the Fermi constant of MuLan (arXiv:1211.0960).
M_E, M_MU, M_TAU = 0.51099895e-3, 0.1056583755, 1.77693
M_PI, M_PI0, M_K = 0.13957039, 0.1349768, 0.493677
M_W, M_Z, M_H = 80.3625, 91.1879, 125.13
G_F = 1.1663788e-5
VEV = (2.0 * np.sqrt(2.0) * G_F) ** -0.5


def kallen(a: Array, b: Array, c: Array) -> Array:
    """Triangle function; zero where it is negative."""
    return np.maximum((a - b - c) ** 2 - 4.0 * b * c, 0.0)


def bubble(p: Points, q2: Array) -> Array:
    """gamma(Q2), zero below m_chi + m_phi; the points of `p` run along the first axis of `q2`."""
    chi2, phi2, y2 = (_column(v, q2) for v in (p["m_chi"] ** 2, p["m_phi"] ** 2, p["yL"] ** 2))
    threshold = _column((p["m_chi"] + p["m_phi"]) ** 2, q2)
    open_ = q2 > threshold
    safe = np.where(open_, q2, 4.0 * threshold)
    return np.where(
        open_, y2 / (32.0 * np.pi) * (1.0 + (chi2 - phi2) / safe) * np.sqrt(kallen(safe, chi2, phi2)) / safe, 0.0
    )


def _column(values: Array, like: Array) -> Array:
    return values[:, None] if like.ndim == 2 else values


def density(p: Points, q2: Array, off_shell: Array) -> Array:
    """sigma(Q2) in GeV^-2; `off_shell` is Q2 - m4^2, without cancellation."""
    m42, big = _column(p["m4"] ** 2, q2), _column(p["C"], q2)
    gamma = bubble(p, q2)
    size = off_shell**2 + gamma**2 * (off_shell + (1.0 - big) * m42) ** 2
    return (1.0 - big) / np.pi * gamma * m42**2 / (q2 * np.where(size > 0.0, size, 1.0))


def continuum(p: Points, weight: Weight, low: float, high: float) -> Array:
    """Integral of sigma(Q2) weight(Q2) over low < Q < high (GeV) above m_chi + m_phi, shape (n,)."""
    total = np.zeros(p["m4"].size)
    threshold = p["m_chi"] + p["m_phi"]
    active = np.flatnonzero((threshold < high) & (p["C"] > 0.0) & (p["yL"] > 0.0))
    for at in np.array_split(active, max(1, -(-active.size // _CHUNK))):
        some = {name: values[at] for name, values in p.items()}
        start = np.maximum(threshold[at], low) ** 2
        split = np.clip(some["m4"] ** 2 / 2.0, start, high**2)
        total[at] = _below_pole(some, weight, start, split) + _around_pole(some, weight, split, high**2)
    return total


def _below_pole(p: Points, weight: Weight, low: Array, high: Array) -> Array:
    """Q2 from `low` to `high`, uniform in the square root of ln(Q2/low): square-root threshold and 1/Q2 are smooth."""
    span = np.log(high / low)[:, None]
    q2 = low[:, None] * np.exp(span * NODES**2)
    values = density(p, q2, q2 - p["m4"][:, None] ** 2) * weight(q2) * q2
    return np.asarray((values * (2.0 * span * NODES * WEIGHTS)).sum(axis=1))


def _around_pole(p: Points, weight: Weight, low: Array, high: float) -> Array:
    """Q2 from `low` to `high` with Q2 - m4^2 = w sinh(t), w the width of the pole or its distance to threshold."""
    m42, threshold2 = p["m4"] ** 2, (p["m_chi"] + p["m_phi"]) ** 2
    width = np.where(m42 > threshold2, bubble(p, m42) * (1.0 - p["C"]) * m42, np.abs(threshold2 - m42))
    width = np.maximum(width, 1e-15 * m42)
    first, last = np.arcsinh((low - m42) / width), np.arcsinh((high - m42) / width)
    total = np.zeros(m42.size)
    for k in range(2):  # two panels
        start, span = first + (last - first) * k / 2.0, (last - first) / 2.0
        inner = NODES**2 if k == 0 else 1.0 - (1.0 - NODES) ** 2  # square roots at the outer ends
        slope = 2.0 * NODES if k == 0 else 2.0 * (1.0 - NODES)
        t = start[:, None] + span[:, None] * inner
        off_shell = width[:, None] * np.sinh(t)
        q2 = np.clip(m42[:, None] + off_shell, low[:, None], high)
        values = density(p, q2, off_shell) * weight(q2) * width[:, None] * np.cosh(t)
        total += (values * (span[:, None] * slope * WEIGHTS)).sum(axis=1)
    return total


def line(p: Points, weight: Weight, low: float, high: float) -> Array:
    """A nu4 of mass m4 without width, if low < m4 < high, shape (n,)."""
    inside = (p["m4"] > low) & (p["m4"] < high)
    return np.where(inside, weight(np.where(inside, p["m4"] ** 2, low**2)), 0.0)


def produced(p: Points, weight: Weight, low: float, high: float) -> Array:
    """Everything that nu4 gives: the continuum, and the line below the threshold of chi phi."""
    stable = p["m4"] < p["m_chi"] + p["m_phi"]
    return continuum(p, weight, low, high) + np.where(stable, line(p, weight, low, high), 0.0)


def two_body(meson: float, lepton: float) -> Weight:
    """M -> l N over M -> l nu, as a function of the squared mass of N (two-body, pseudoscalar, V-A)."""
    xl = lepton**2 / meson**2

    def rate(q2: Array) -> Array:
        x4 = q2 / meson**2
        spin = xl + x4 - (xl - x4) ** 2
        return spin * np.sqrt(kallen(np.ones_like(x4), xl, x4)) / (xl * (1.0 - xl) ** 2)

    return rate


def recoil_mass(meson: float, lepton: float, momentum: float) -> float:
    """Mass against a lepton of `momentum` in the decay at rest of a meson."""
    return float(np.sqrt(meson**2 + lepton**2 - 2.0 * meson * np.hypot(momentum, lepton)))


def three_neutrino_fraction(meson: float, lepton: float, low: float, high: float) -> float:
    """Share of M -> l nu nu nubar with low < Q < high, in the approximation of one virtual neutrino: rate x Q2 dQ2.

    The three massless neutrinos have phase space times matrix element proportional to Q2^2 / Q2 behind the line Q.
    """
    nodes = np.linspace(0.0, (meson - lepton) ** 2, 40001)
    shape = two_body(meson, lepton)(nodes) * nodes
    inside = (nodes > low**2) & (nodes < high**2)
    return float(np.trapezoid(np.where(inside, shape, 0.0)) / np.trapezoid(shape))


def muon_like(x: Array) -> Array:
    """I(x): a three-body V-A decay with one massive fermion, x = (m/M)^2."""
    x = np.clip(x, 1e-300, 1.0)
    return 1.0 - 8.0 * x + 8.0 * x**3 - x**4 - 12.0 * x**2 * np.log(x)


def three_body(x1: float, x2: float, x3: float) -> float:
    """I(x1, x2, x3) for mass ratios x: phase space with all three fermions massive."""
    low, high = (x2 + x3) ** 2, (1.0 - x1) ** 2
    if x1 + x2 + x3 >= 1.0:
        return 0.0
    s = low + (high - low) * NODES**2 * (3.0 - 2.0 * NODES)
    slope = (high - low) * 6.0 * NODES * (1.0 - NODES)
    root = np.sqrt(kallen(s, x2**2, x3**2) * kallen(np.ones_like(s), s, x1**2))
    inner = (s - x2**2 - x3**2) * (1.0 + x1**2 - s) * root / np.where(s > 0.0, s, 1.0)
    return float(12.0 * (inner * slope * WEIGHTS).sum())


def table(function: Callable[[float], float], end: float, n: int = 600) -> Weight:
    """Interpolate a function of mass, as a function of squared mass; zero from `end`."""
    masses = np.linspace(0.0, end, n)
    values = np.array([function(float(m)) for m in masses])
    return lambda q2: np.interp(np.sqrt(q2), masses, values, right=0.0)


@cache
def leptonic(parent: float, lepton: float, both: bool = False) -> Weight:
    """parent -> lepton nu nubar with one (or both) of the neutrinos as heavy as Q, relative to none."""
    scale = three_body(0.0, lepton / parent, 0.0)
    end = (parent - lepton) / (2.0 if both else 1.0)
    return table(lambda m: three_body(m / parent, lepton / parent, m / parent * both) / scale, end)


@cache
def semileptonic_kaon(lepton: float) -> Weight:
    """K -> pi l N over K -> pi l nu; linear form factors with slopes 0.028 (vector) and 0.015 (scalar), PDG."""

    def rate(mass: float) -> float:
        low, high = (lepton + mass) ** 2, (M_K - M_PI0) ** 2
        if low >= high:
            return 0.0
        q2 = low + (high - low) * NODES**2 * (3.0 - 2.0 * NODES)
        slope = (high - low) * 6.0 * NODES * (1.0 - NODES)
        a, b = lepton**2 / q2, mass**2 / q2
        pion = kallen(np.full_like(q2, M_K**2), q2, M_PI0**2)
        vector = (1.0 + 0.028 * q2 / M_PI**2) ** 2 * pion**1.5 * (2.0 - a - b - (a - b) ** 2) / 2.0
        scalar = (1.0 + 0.015 * q2 / M_PI**2) ** 2 * np.sqrt(pion) * (M_K**2 - M_PI0**2) ** 2
        total = vector + 1.5 * scalar * (a + b - (a - b) ** 2)
        return float((total * np.sqrt(kallen(np.ones_like(a), a, b)) * slope * WEIGHTS).sum())

    massless = rate(0.0)
    return table(lambda m: rate(m) / massless, M_K - M_PI0 - lepton)


def ways(p: Points, weight: Weight, high: float) -> tuple[Array, Array, Array]:
    """Of nu4 in a decay, relative to |U_l4|^2 and the SM rate: as a line, as a spectrum, unseen."""
    return line(p, weight, 0.0, high), produced(p, weight, 0.0, high), np.zeros_like(p["m4"])


def charged(u_1: Array, u_2: Array, one: Array, two: Array) -> Array:
    """Parent -> lepton with neutrinos of two flavours, relative to the SM."""
    return (1.0 - u_1) * (1.0 - u_2) + (u_1 * (1.0 - u_2) + u_2 * (1.0 - u_1)) * one + u_1 * u_2 * two


def decay_ways(p: Points, parent: float, lepton: float, flavours: tuple[str, str]) -> list[Array]:
    """Leptonic decay rate of the muon or tau relative to the SM, each way."""
    u = [p[f"u_{flavour}"] for flavour in flavours]
    high = parent - lepton
    pair = line(p, leptonic(parent, lepton, both=True), 0.0, high / 2.0)
    one = ways(p, leptonic(parent, lepton), high)
    return [charged(u[0], u[1], way, pair * (way > 0.0)) for way in one]


def muon_ways(p: Points) -> list[Array]:
    """Gamma(mu -> e nu nu) relative to the SM, each way; 1/sqrt of it is G_F over G_mu."""
    return decay_ways(p, M_MU, M_E, ("e", "mu"))


def boson_one(mass: float) -> Weight:
    """V -> f N over V -> f nu, f and nu massless."""
    return lambda q2: np.clip(1.0 - q2 / mass**2, 0.0, 1.0) ** 2 * (1.0 + q2 / mass**2 / 2.0)


def boson_pair(m4: Array, mass: float) -> Array:
    """V -> N Nbar over V -> nu nubar for a left-handed current."""
    r = m4**2 / mass**2
    return np.where(r < 0.25, (1.0 - r) * np.sqrt(np.clip(1.0 - 4.0 * r, 0.0, 1.0)), 0.0)


@cache
def _weak_table() -> tuple[Array, Array]:
    """ln m4 and weak width of nu4 / (C GeV), massless fermions, through W, Z of any mass and an on-shell h."""
    masses = np.geomspace(1e-4, 2e3, 500)
    width = np.zeros(masses.size)
    for boson, gamma, factor in ((M_W, 2.09, 1.0), (M_Z, 2.4955, 0.5)):
        last = np.arctan((masses**2 - boson**2) / (boson * gamma))
        first = np.arctan(-boson / gamma)
        fine = np.linspace(0.0, 1.0, 4001)[None, :]
        q2 = boson**2 + boson * gamma * np.tan(first + (last - first)[:, None] * fine)
        r = np.clip(q2 / masses[:, None] ** 2, 0.0, 1.0)
        width += factor * np.trapezoid((1.0 - r) ** 2 * (1.0 + 2.0 * r), fine[0], axis=1) * (last - first) / np.pi
    width *= G_F * masses**3 / (8.0 * np.pi * np.sqrt(2.0))
    width += G_F * masses**3 / (16.0 * np.pi * np.sqrt(2.0)) * np.clip(1.0 - M_H**2 / masses**2, 0.0, 1.0) ** 2
    return np.log(masses), width


def invisible_branching(p: Points) -> Array:
    """Branching ratio of nu4 -> chi phi against all weak decays, shape (n,); zero below threshold."""
    dark = p["m4"] * bubble(p, p["m4"] ** 2) * (1.0 - p["C"])
    x, width = _weak_table()
    weak = p["C"] * np.exp(np.interp(np.log(p["m4"]), x, np.log(width)))
    return np.asarray(dark / np.maximum(dark + weak, 1e-300))

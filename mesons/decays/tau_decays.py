"""tau -> h nu4 and h chi phi with one hadron, and tau -> 3 pi nu4 with the a1 line shape of Kuehn and Santamaria."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import quad

from mesons.backgrounds.dalitz import CellTable
from mesons.decays.quadrature import Offsets
from mesons.decays.standard_decays import value
from mesons.decays.three_body import ThreeBodyDecay
from nucore.errors import InputError
from nucore.model import constants as c
from nucore.model.kinematics import two_body_momentum
from nucore.model.parameters import PortalParameters, require_left_handed
from nucore.rng import Stream, uniforms

Array = NDArray[np.float64]
Real = Any  # float or array of floats

#: Cells in the mass of three pions from which events are drawn.
_MASS_CELLS = 4096
#: Masses in GeV of the hadrons of tau -> h nu.
HADRON_MASSES = {"pi": float(c.M_PI), "K": float(c.M_K)}


def hadron_mass(hadron: str) -> float:
    """Mass (GeV) of the hadron of tau -> h nu, ``pi`` or ``K``.

    Raises
    ------
    InputError
        For another name.
    """
    if hadron not in HADRON_MASSES:
        raise InputError(f"hadron {hadron!r} of a tau decay is not known; allowed: {', '.join(HADRON_MASSES)}")
    return HADRON_MASSES[hadron]


@dataclass(frozen=True)
class TauHadronDecay(ThreeBodyDecay):
    """tau -> h chi phi through nu4*: ``m_parent`` of the tau, ``m_lepton`` of the hadron."""

    @classmethod
    def from_parameters(cls, parent: str, lepton: str, parameters: PortalParameters) -> TauHadronDecay:
        """Decay of ``tau-`` to ``pi`` or ``K`` at a parameter point.

        Raises
        ------
        InputError
            If a name is not known or yR is not zero.
        """
        if parent != "tau-":
            raise InputError(f"parent {parent!r} is not allowed here; allowed: tau-")
        p = parameters
        require_left_handed(p, f"the decay {parent} -> {lepton} chi phi")
        return cls(float(c.M_TAU), hadron_mass(lepton), p.m_chi, p.m_phi, p.m4, p.yL, p.U_sq("tau"), p.U4_sq)

    def recoil_ratio(self, points: Offsets) -> Array:
        """[(1-y)^2 - x(1+y)] lambda^(1/2)(1,x,y)/(1-x)^2 with x = m_h^2/m_tau^2, y = Q^2/m_tau^2."""
        v = np.maximum(points.below_max, 0.0)
        m_sq = self.m_parent**2
        x, y = self.m_lepton**2 / m_sq, self.invisible_mass_sq(points) / m_sq
        root = np.sqrt(v * (v + 4.0 * self.m_parent * self.m_lepton)) / m_sq
        return ((1.0 - y) ** 2 - x * (1.0 + y)) * root / (1.0 - x) ** 2


# --- tau -> 3 pi nu4 -----------------------------------------------------------------------------


def a1_width_function(s: ArrayLike) -> Array:
    """Dependence g(s) of the a1 -> 3 pi width on the squared mass s (GeV^2), below and above rho pi.

    References
    ----------
    J. H. Kuehn and A. Santamaria, Z. Phys. C 48 (1990) 445, Eq. 3.16 (numbers as in Tauola).
    """
    s = np.asarray(s, dtype=np.float64)
    t = np.maximum(s - 9.0 * float(c.M_PI) ** 2, 0.0)
    low = 4.1 * t**3 * (1.0 - 3.3 * t + 5.8 * t**2)
    safe = np.maximum(s, 9.0 * float(c.M_PI) ** 2)
    high = 1.623 * safe + 10.38 - 9.32 / safe + 0.65 / safe**2
    return np.where(s < (value("three_pion_resonances", "m_rho_GeV") + float(c.M_PI)) ** 2, low, high)


def three_pion_spectral_function(s: ArrayLike) -> Array:
    """Axial spectral function of three pions at squared mass s (GeV^2), in arbitrary units: |BW_a1(s)|^2 g(s)."""
    s = np.asarray(s, dtype=np.float64)
    mass, width = value("three_pion_resonances", "m_a1_GeV"), value("three_pion_resonances", "width_a1_GeV")
    running = mass * width * a1_width_function(s) / a1_width_function(mass**2)
    return a1_width_function(s) / ((s - mass**2) ** 2 + running**2)


def _three_pion_rate(s: Real, m4: Real) -> Array:
    """dGamma(tau -> 3 pi nu4)/ds in arbitrary units; the hadronic system has spin 1."""
    m_tau = float(c.M_TAU)
    s = np.asarray(s, dtype=np.float64)
    momentum = two_body_momentum(m_tau, np.sqrt(s), m4)
    tensor = ((m_tau**2 - m4**2) ** 2 + s * (m_tau**2 + m4**2) - 2.0 * s**2) / s
    return tensor * momentum * three_pion_spectral_function(s)


def _three_pion_integral(m4: float) -> float:
    m_tau, low = float(c.M_TAU), 3.0 * float(c.M_PI)
    high = m_tau - m4
    if high <= low:
        return 0.0
    rho_pi = value("three_pion_resonances", "m_rho_GeV") + float(c.M_PI)

    def integrand(m: float) -> float:
        return float(2.0 * m * _three_pion_rate(m * m, m4))

    points = [rho_pi] if low < rho_pi < high else None
    return float(quad(integrand, low, high, points=points, epsabs=0.0, epsrel=1e-9, limit=200)[0])


@cache
def _massless_three_pion_integral() -> float:
    return _three_pion_integral(0.0)


def three_pion_ratio(m4: float) -> float:
    """Gamma(tau -> 3 pi nu4) / (|U_tau4|^2 Gamma(tau -> 3 pi nu)) for a mass m4 (GeV); zero where closed."""
    return _three_pion_integral(m4) / _massless_three_pion_integral()


def three_pion_mass_spectrum(mass_GeV: ArrayLike, m4: float = 0.0) -> Array:
    """(1/Gamma_0) dGamma/dm of the mass of the three pions in tau -> 3 pi nu4, without |U_tau4|^2.

    Parameters
    ----------
    mass_GeV : array, shape (n,)
    m4 : float
        GeV.

    Returns
    -------
    array, shape (n,)
        In 1/GeV, relative to the rate with a massless neutrino; zero outside 3 m_pi < m < m_tau - m4.
    """
    m = np.asarray(mass_GeV, dtype=np.float64)
    inside = (m > 3.0 * float(c.M_PI)) & (m < float(c.M_TAU) - m4)
    safe = np.where(inside, m, 1.0)
    return np.where(inside, 2.0 * safe * _three_pion_rate(safe**2, m4), 0.0) / _massless_three_pion_integral()


def three_pion_energy_range(mass_GeV: ArrayLike, m4: float, tau_energy_GeV: float) -> tuple[Array, Array]:
    """Smallest and largest energy (GeV) of the three pions where the tau has a given energy.

    Parameters
    ----------
    mass_GeV : array, shape (n,)
        Below m_tau - m4.
    m4, tau_energy_GeV : float
        GeV; a tau at rest has its mass.
    """
    m_tau = float(c.M_TAU)
    m = np.asarray(mass_GeV, dtype=np.float64)
    gamma = tau_energy_GeV / m_tau
    energy = (m_tau**2 + m**2 - m4**2) / (2.0 * m_tau)
    spread = math.sqrt(max(gamma**2 - 1.0, 0.0)) * two_body_momentum(m_tau, m, m4)
    return gamma * energy - spread, gamma * energy + spread


def three_pion_density(mass_GeV: ArrayLike, energy_GeV: ArrayLike, m4: float, tau_energy_GeV: float) -> Array:
    """(1/Gamma_0) d2Gamma/dm dE of the mass and energy of the three pions of unpolarised taus of one energy.

    The two observables of arXiv:2207.09575, in the frame where tau pairs have equal energies. The energy is
    flat between the ends of `three_pion_energy_range`, since an unpolarised tau decays isotropically.

    Parameters
    ----------
    mass_GeV, energy_GeV : arrays that broadcast
    m4, tau_energy_GeV : float
        GeV; the tau must move.

    Returns
    -------
    array
        In 1/GeV^2; zero outside.
    """
    if tau_energy_GeV <= float(c.M_TAU):
        raise InputError(f"tau energy = {tau_energy_GeV:g} GeV is not allowed: it must exceed the mass of the tau")
    m, energy = np.broadcast_arrays(np.asarray(mass_GeV, dtype=np.float64), energy_GeV)
    spectrum = three_pion_mass_spectrum(m, m4)
    low, high = three_pion_energy_range(np.where(spectrum > 0.0, m, 3.0 * float(c.M_PI)), m4, tau_energy_GeV)
    inside = (spectrum > 0.0) & (energy > low) & (energy < high)
    return np.where(inside, spectrum / np.where(inside, high - low, 1.0), 0.0)


@cache
def _three_pion_table(m4: float) -> CellTable:
    """Cells of the mass of the three pions."""
    edges = np.linspace(3.0 * float(c.M_PI), float(c.M_TAU) - m4, _MASS_CELLS + 1)
    return CellTable.from_density(lambda m, _: three_pion_mass_spectrum(m, m4), edges, 1)


def generate_three_pions(
    n_events: int, m4: float, tau_energy_GeV: float, *, seed: int = 1, first_event: int = 0
) -> tuple[Array, Array]:
    """Masses and energies (GeV) of the three pions of tau -> 3 pi nu4, unpolarised taus of one energy.

    Parameters
    ----------
    n_events : int
    m4 : float
        GeV; below m_tau - 3 m_pi, 0 for a light neutrino.
    tau_energy_GeV : float
        Not below the mass of the tau.
    seed, first_event : int
        Events ``first_event`` to ``first_event + n_events - 1`` of the seed, the same in any chunk.

    Returns
    -------
    mass, energy : arrays, shape (n_events,)

    Raises
    ------
    InputError
        If the decay is closed or the tau slower than at rest.
    """
    if not 0.0 <= m4 < float(c.M_TAU) - 3.0 * float(c.M_PI):
        raise InputError(f"m4 = {m4:g} GeV is not allowed: tau -> 3 pi nu4 is open from 0 to m_tau - 3 m_pi")
    if tau_energy_GeV < float(c.M_TAU):
        raise InputError(f"tau energy = {tau_energy_GeV:g} GeV is not allowed: it is at least the mass of the tau")
    u = np.asarray(uniforms(seed, int(Stream.TAU), first_event, n_events, 3), dtype=np.float64)
    mass, _ = _three_pion_table(m4).draw(u[0], u[1], u[1])
    low, high = three_pion_energy_range(mass, m4, tau_energy_GeV)
    return mass, low + u[2] * (high - low)

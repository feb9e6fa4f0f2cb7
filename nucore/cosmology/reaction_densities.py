"""Thermal rates of chi chibar and phi phi* to two neutrinos, massless or nu4, from the full amplitudes.

The reaction density (events per volume and time in equilibrium, Maxwell-Boltzmann statistics) of 1 2 -> 3 4 is

    gamma = T/(256 pi^5) int dE K_1(E/T) S(E),     S = int dt sum |M|^2,

with the sum over all spins and E the energy in the centre of mass. S is symmetric between the initial and the final
state, so that detailed balance holds and a channel closed at rest is open in the tail of the thermal distribution.
The amplitudes with couplings g_1, g_2 of phi chibar N_L (yR = 0) are, with s = E^2,

    chi chibar, phi exchange, w = m_phi^2 - t:  sum |M|^2 = g_1^2 g_2^2 4 (p_chi.k_1)(p_chibar.k_2)/w^2,
    phi phi*,   chi exchange, w = m_chi^2 - t:  sum |M|^2 = g_1^2 g_2^2 2 [2 (k_1.q)(k_2.q) - q^2 k_1.k_2]/w^2, q^2 = t.

Everything is in units of m_chi.

References
----------
P. Gondolo and G. Gelmini, Nucl. Phys. B 360 (1991) 145; arXiv:1709.07001, Eq. 7 (massless products at rest).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucore.cosmology.freeze_out import X_RANGE
from nucore.model.kinematics import two_body_momentum

Array = NDArray[np.float64]
Real = Any  # float or array of floats

#: Nodes in E - E_threshold: a uniform grid in its logarithm integrates powers times exp(-E/T) to 1e-4.
_LOG_STEP = 0.75
_ABOVE = np.exp(np.arange(math.log(3e-6), math.log(30.0), _LOG_STEP))
#: Chebyshev nodes in ln x; the logarithm of a rate without its Boltzmann factor is smooth in ln x.
_N_CHEBYSHEV = 12
_Z = np.cos(math.pi * (np.arange(_N_CHEBYSHEV) + 0.5) / _N_CHEBYSHEV)
_CENTRE, _HALF = 0.5 * math.log(X_RANGE[0] * X_RANGE[1]), 0.5 * math.log(X_RANGE[1] / X_RANGE[0])
_NODES = np.exp(_CENTRE + _HALF * _Z)
_TO_COEFFICIENTS = np.linalg.inv(np.polynomial.chebyshev.chebvander(_Z, _N_CHEBYSHEV - 1))
_BOLTZMANN = np.exp(-_NODES[:, None] * _ABOVE)
#: An exchanged chi nearer to its mass shell is a real one: phi -> chi nubar and chi phi* -> nu4.
_OFF_SHELL = 0.05
_TINY = 1e-200


def _log_means(width: Array) -> tuple[Array, Array]:
    """Means of 1/(1 + width c) and of its square over -1 < c < 1, minus 1."""
    sq = width**2
    small = sq * (1.0 / 3.0 + sq * (0.2 + sq / 7.0))
    safe = np.where(sq < 1e-3, 0.5, width)
    return np.where(sq < 1e-3, small, np.arctanh(safe) / safe - 1.0), sq / (1.0 - sq)


def chi_pair_amplitude(energy: Real, m_phi: Real, m_1: Real, m_2: Real) -> Array:
    """S of chi chibar -> N_1 Nbar_2 for unit couplings; zero where closed.

    Parameters
    ----------
    energy, m_phi, m_1, m_2 : float or array
        In units of m_chi.
    """
    energy = np.asarray(energy, dtype=np.float64)
    incoming, outgoing = two_body_momentum(energy, 1.0, 1.0), two_body_momentum(energy, m_1, m_2)
    momenta = 4.0 * incoming * outgoing
    first, second = 1.0 + m_1**2 - m_phi**2, 1.0 + m_2**2 - m_phi**2
    # 2 p.k and m_phi^2 - t at right angles
    along_1, along_2 = 0.5 * (energy**2 + m_1**2 - m_2**2), 0.5 * (energy**2 + m_2**2 - m_1**2)
    virtuality = m_phi**2 - 1.0 + 0.5 * (energy**2 - m_1**2 - m_2**2)
    once, twice = _log_means(np.minimum(0.5 * momenta / virtuality, 1.0 - 1e-9))
    mean = along_1 * along_2 / virtuality**2 + (first + second) / virtuality * once
    return np.asarray(momenta * (mean + first * second / virtuality**2 * twice))


def phi_pair_amplitude(energy: Real, m_phi: Real, m_1: Real, m_2: Real) -> Array:
    """S of phi phi* -> N_1 Nbar_2 for unit couplings; zero where closed. Arguments as `chi_pair_amplitude`."""
    energy = np.asarray(energy, dtype=np.float64)
    momenta = 4.0 * two_body_momentum(energy, m_phi, m_phi) * two_body_momentum(energy, m_1, m_2)
    first, second = m_phi**2 - 1.0 - m_1**2, m_phi**2 - 1.0 - m_2**2
    inner = energy**2 - m_1**2 - m_2**2
    virtuality = np.maximum(1.0 - m_phi**2 + 0.5 * inner, 2.0 * _OFF_SHELL)
    once, twice = _log_means(np.minimum(0.5 * momenta / virtuality, 1.0 - _OFF_SHELL / virtuality))
    mean = ((virtuality - 1.0) * inner - (virtuality + first) * (virtuality + second)) / virtuality**2
    mean = mean + (inner - first - second) / virtuality * once - (inner + first * second) / virtuality**2 * twice
    return np.asarray(momenta * np.maximum(mean, 0.0))


def energies_above(threshold: Array) -> Array:
    """Energies at which `log_density` wants S, shape (n, k) for thresholds of shape (n,)."""
    return np.asarray(threshold[:, None] + _ABOVE)


def log_density(amplitude: Array, threshold: Array, x: Array) -> Array:
    """Logarithm of gamma/m_chi^4 exp(2 x).

    Parameters
    ----------
    amplitude : array, shape (n, k)
        S/m_chi^2 at `energies_above` the threshold.
    threshold : array, shape (n,)
        Least energy in units of m_chi, at least that of the initial and the final state.
    x : array, shape (m,) or (n, m)
        m_chi/T.

    Returns
    -------
    array, shape (n, m)
    """
    z = _NODES[:, None] * (threshold[:, None, None] + _ABOVE)
    # K_1(z) e^z sqrt(2 z/pi) = (1 + 1/z)^(3/8) to 0.3% at z = 2
    root = np.sqrt(1.0 + 1.0 / z)
    bessel = np.sqrt(root * np.sqrt(root) / z)
    weights = _BOLTZMANN * bessel
    # sums along the last axis: the same bits whatever the number of points, which matrix products do not promise
    integral = (weights * (amplitude * (_ABOVE * _LOG_STEP * math.sqrt(0.5 * math.pi)))[:, None]).sum(axis=-1)
    coefficients = (np.log(integral / _NODES + _TINY)[:, None] * _TO_COEFFICIENTS).sum(axis=-1)
    series = np.polynomial.chebyshev.chebvander((np.log(x) - _CENTRE) / _HALF, _N_CHEBYSHEV - 1)
    smooth = (series * coefficients[:, None]).sum(axis=-1)
    return np.asarray(smooth - x * (threshold[:, None] - 2.0) - math.log(256.0 * math.pi**5))

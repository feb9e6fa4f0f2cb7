"""Boltzmann equation of the number of dark particles, for many points at once.

With Y = n/s, n all particles that carry the dark charge, and x = m_chi/T,

    dY/dln x = -[s <sigma v>/(2 H)] [1 + (1/3) dln g_s/dln T] (Y^2 - Y_eq^2),

the factor 1/2 because a chi only meets the half of the dark matter that is chibar: a Dirac fermion needs twice the
cross section of a self-conjugate one. Steps are solved exactly with <sigma v> and Y_eq of their middle, which is of
second order and stable however fast chi annihilates, on two grids, and extrapolated.

References
----------
P. Gondolo and G. Gelmini, Nucl. Phys. B 360 (1991) 145; G. Steigman, B. Dasgupta, J. F. Beacom, arXiv:1204.3622.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf, kve

from nucore.cosmology.degrees_of_freedom import TEMPERATURE_RANGE_GEV, entropy_slope, g_energy, g_entropy
from nucore.model import constants as c

Array = NDArray[np.float64]
Real = Any  # float or array of floats

X_RANGE = (1.0, 3000.0)
#: Spins of chi and of chibar.
CHI_STATES = 4.0
#: Steps in ln x are this much denser around x = 30, where chi freezes out, than far from it.
_DENSER, _CENTRE, _SPREAD = 6.0, 30.0, 0.8
_TINY = 1e-200
_N_TEMPERATURES = 4001


@cache
def x_grid(steps: int) -> Array:
    """Ends and middles of ``steps`` steps (even) over `X_RANGE`, 2 ``steps`` + 1 values of x."""
    log_x = np.linspace(math.log(X_RANGE[0]), math.log(X_RANGE[1]), 4001)
    u = (log_x - math.log(_CENTRE)) / (math.sqrt(2.0) * _SPREAD)
    count = log_x + _DENSER * _SPREAD * math.sqrt(0.5 * math.pi) * erf(u)
    return np.asarray(np.exp(np.interp(np.linspace(count[0], count[-1], 2 * steps + 1), count, log_x)))


@cache
def _plasma() -> tuple[Array, Array, Array]:
    """Ln T, s/(2 H T) (1 + dln g_s/dln T/3) in GeV^0 and s/T^3 on a fine grid of temperatures."""
    log_t = np.linspace(math.log(TEMPERATURE_RANGE_GEV[0]), math.log(TEMPERATURE_RANGE_GEV[1]), _N_TEMPERATURES)
    t = np.exp(log_t)
    entropy = 2.0 * math.pi**2 / 45.0 * g_entropy(t)
    hubble = np.sqrt(4.0 * math.pi**3 * g_energy(t) / 45.0) / float(c.M_PLANCK)
    return log_t, entropy / (2.0 * hubble) * (1.0 + entropy_slope(t) / 3.0), entropy


def annihilation_rate(m_chi: Real, x: Real) -> Array:
    """Coefficient of <sigma v> (GeV^-2) times Y^2 in dY/dln x, in GeV^2."""
    log_t, rate, _ = _plasma()
    temperature = np.asarray(m_chi, dtype=np.float64) / x
    return np.asarray(temperature * np.interp(np.log(temperature), log_t, rate))


def number_of_chi(x: Real) -> Array:
    """(n_chi + n_chibar)/m_chi^3 exp(x) in equilibrium without chemical potential, Maxwell-Boltzmann statistics."""
    return np.asarray(CHI_STATES * kve(2, x) / (2.0 * math.pi**2 * x))


def equilibrium_yield(m_chi: Real, x: Real) -> Array:
    """(n_chi + n_chibar)/s in equilibrium.

    Parameters
    ----------
    m_chi : float or array
        GeV.
    x : float or array
        m_chi/T.
    """
    m_chi, x = np.asarray(m_chi, dtype=np.float64), np.asarray(x, dtype=np.float64)
    log_t, _, entropy = _plasma()
    return np.asarray(x**3 * number_of_chi(x) * np.exp(-x) / np.interp(np.log(m_chi / x), log_t, entropy))


def _evolve(log_x: Array, rate: Array, equilibrium: Array, stride: int) -> Array:
    """Yield today from steps over 2 ``stride`` nodes, each the exact solution for the values in its middle."""
    middle = slice(stride, None, 2 * stride)
    value = equilibrium[0]
    for step, now, level in zip(np.diff(log_x[:: 2 * stride]), rate[middle], equilibrium[middle], strict=True):
        pull = np.tanh(step * now * level) / level
        value = (value + level**2 * pull) / (1.0 + value * pull)
    # from there on the rate falls as 1/x and Y_eq is nil: d(1/Y) = rate dln x
    return np.asarray(value / (1.0 + value * rate[-1]))


def final_yield(x: Array, rate: Array, equilibrium: Array) -> Array:
    """Yield today.

    Parameters
    ----------
    x : array, shape (2 n + 1,)
        `x_grid` of n steps.
    rate : array, shape (2 n + 1, ...)
        Coefficient of Y^2 in -dY/dln x.
    equilibrium : array, shape (2 n + 1, ...)
        Y_eq; broadcast against `rate`.
    """
    log_x, level = np.log(x), np.maximum(equilibrium, _TINY)
    fine, coarse = (_evolve(log_x, rate, level, stride) for stride in (1, 2))
    return np.asarray((4.0 * fine - coarse) / 3.0)


def omega_h2_of_yield(m_chi: Real, yield_today: Real) -> Array:
    """Omega h^2 of particles of mass m_chi (GeV) and a yield n/s today."""
    return np.asarray(m_chi * yield_today * float(c.ENTROPY_TODAY_PER_CM3) / float(c.CRITICAL_DENSITY_GEV_PER_CM3))

"""Relic abundance of a Dirac fermion chi from its Boltzmann equation.

With Y = (n_chi + n_chibar)/s and x = m_chi/T,

    dY/dln x = -[s <sigma v>/(2 H)] [1 + (1/3) dln g_s/dln T] (Y^2 - Y_eq^2),

the factor 1/2 because a chi only meets the half of the dark matter that is chibar: a Dirac fermion needs twice the
cross section of a self-conjugate one. <sigma v> is constant (Eq. 7 is s-wave). The solution of a point depends on
m_chi and <sigma v> alone and is interpolated in a table, which is computed once.

References
----------
P. Gondolo and G. Gelmini, Nucl. Phys. B 360 (1991) 145; G. Steigman, B. Dasgupta, J. F. Beacom, arXiv:1204.3622.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import CubicSpline, RectBivariateSpline
from scipy.special import kve

from nucore.cosmology.degrees_of_freedom import entropy_slope, g_energy, g_entropy
from nucore.model import constants as c

Array = NDArray[np.float64]
Real = Any  # float or array of floats

#: Range of the tables: m_chi in GeV, <sigma v> in cm^3/s.
M_CHI_RANGE_GEV = (1e-3, 1e4)
SIGMA_V_RANGE = (1e-32, 1e-17)
#: Spins of chi and of chibar.
_STATES = 4.0
_X_RANGE = (1.0, 3000.0)
_STEPS = 600
_TABLE_SHAPE = (141, 24)
_RELIC_NODES = 561


def equilibrium_yield(m_chi: Real, x: Real) -> Array:
    """(n_chi + n_chibar)/s in equilibrium without chemical potential, Maxwell-Boltzmann statistics.

    Parameters
    ----------
    m_chi : float or array
        GeV.
    x : float or array
        m_chi/T.
    """
    m_chi, x = np.asarray(m_chi, dtype=np.float64), np.asarray(x, dtype=np.float64)
    entropy = 2.0 * math.pi**2 / 45.0 * g_entropy(m_chi / x)
    return np.asarray(_STATES * x**2 * kve(2, x) * np.exp(-x) / (2.0 * math.pi**2) / entropy)


def _rate(m_chi: Array, sigma_v: Array, x: float) -> Array:
    """Coefficient of Y_eq^2 - Y^2 in dY/dln x; ``sigma_v`` in GeV^-2."""
    temperature = m_chi / x
    entropy = 2.0 * math.pi**2 / 45.0 * g_entropy(temperature) * temperature**3
    hubble = np.sqrt(4.0 * math.pi**3 * g_energy(temperature) / 45.0) * temperature**2 / float(c.M_PLANCK)
    return np.asarray(entropy * sigma_v / (2.0 * hubble) * (1.0 + entropy_slope(temperature) / 3.0))


def _integrate(m_chi: Array, sigma_v: Array, steps: int) -> Array:
    """Yield today by the implicit Euler method; what annihilates after the last step is added analytically."""
    nodes = np.geomspace(*_X_RANGE, steps + 1)
    step = math.log(_X_RANGE[1] / _X_RANGE[0]) / steps
    value = equilibrium_yield(m_chi, nodes[0])
    for x in nodes[1:]:
        k = step * _rate(m_chi, sigma_v, float(x))
        source = value + k * equilibrium_yield(m_chi, x) ** 2
        # 2 source / (1 + sqrt(1 + 4 k source)), the positive root of k Y^2 + Y = source
        value = 2.0 * source / (1.0 + np.sqrt(1.0 + 4.0 * k * source))
    # from there on the rate falls as 1/x and Y_eq is nil: d(1/Y) = rate dln x
    return np.asarray(value / (1.0 + value * _rate(m_chi, sigma_v, _X_RANGE[1])))


def solve_boltzmann(m_chi: ArrayLike, sigma_v_cm3_per_s: ArrayLike, steps: int = _STEPS) -> Array:
    """Omega h^2 of chi and chibar by integrating the Boltzmann equation.

    Parameters
    ----------
    m_chi : float or array
        GeV.
    sigma_v_cm3_per_s : float or array
        Of chi chibar, constant; broadcast against `m_chi`.
    steps : int
        In ln x, from x = 1 to 3000; the result is extrapolated from `steps` and twice as many.

    Returns
    -------
    array
        Omega h^2 (dimensionless).
    """
    m, sigma_v = np.broadcast_arrays(np.asarray(m_chi, float), np.asarray(sigma_v_cm3_per_s, float))
    natural = sigma_v / c.GEV_M2_TO_CM3_PER_S
    yields = 2.0 * _integrate(m, natural, 2 * steps) - _integrate(m, natural, steps)
    return np.asarray(m * yields * float(c.ENTROPY_TODAY_PER_CM3) / float(c.CRITICAL_DENSITY_GEV_PER_CM3))


@cache
def _table() -> RectBivariateSpline:
    """Spline of ln(Omega h^2 <sigma v>) in ln m_chi and ln <sigma v>."""
    masses = np.geomspace(*M_CHI_RANGE_GEV, _TABLE_SHAPE[0])
    rates = np.geomspace(*SIGMA_V_RANGE, _TABLE_SHAPE[1])
    values = np.log(solve_boltzmann(masses[:, None], rates) * rates)
    return RectBivariateSpline(np.log(masses), np.log(rates), values, s=0)


def relic_abundance(m_chi: Real, sigma_v_cm3_per_s: Real) -> Array:
    """Omega h^2 of chi and chibar, interpolated; NaN outside `M_CHI_RANGE_GEV` and `SIGMA_V_RANGE`.

    Parameters
    ----------
    m_chi : float or array
        GeV.
    sigma_v_cm3_per_s : float or array
        Of chi chibar.
    """
    m, rate = np.broadcast_arrays(np.asarray(m_chi, float), np.asarray(sigma_v_cm3_per_s, float))
    inside = (m >= M_CHI_RANGE_GEV[0]) & (m <= M_CHI_RANGE_GEV[1])
    inside &= (rate >= SIGMA_V_RANGE[0]) & (rate <= SIGMA_V_RANGE[1])
    m_safe, rate_safe = np.where(inside, m, 1.0), np.where(inside, rate, SIGMA_V_RANGE[0])
    product = np.exp(_table()(np.log(m_safe), np.log(rate_safe), grid=False))
    return np.where(inside, product / rate_safe, np.nan)


def relic_sigma_v(m_chi: Real) -> Array:
    """<sigma v> of chi chibar (cm^3/s) that leaves the observed dark matter.

    Parameters
    ----------
    m_chi : float or array
        GeV; NaN outside `M_CHI_RANGE_GEV`.
    """
    m = np.asarray(m_chi, dtype=np.float64)
    inside = (m >= M_CHI_RANGE_GEV[0]) & (m <= M_CHI_RANGE_GEV[1])
    return np.where(inside, np.exp(_relic_spline()(np.log(np.where(inside, m, 1.0)))), np.nan)


@cache
def _relic_spline() -> CubicSpline:
    """Spline of ln <sigma v> in ln m_chi for the observed density."""
    m = np.geomspace(*M_CHI_RANGE_GEV, _RELIC_NODES)
    return CubicSpline(np.log(m), np.log(solve_for_sigma_v(m, float(c.OMEGA_DM_H2))))


def solve_for_sigma_v(m_chi: Array, target: float) -> Array:
    """<sigma v> (cm^3/s) that leaves Omega h^2 = ``target`` for masses (GeV) within `M_CHI_RANGE_GEV`."""
    log_rate = np.full(m_chi.shape, math.log(5e-26))
    for _ in range(60):  # ln(Omega <sigma v>) hardly depends on <sigma v>: the iteration contracts fast
        found = np.log(relic_abundance(m_chi, np.exp(log_rate)) / target)
        log_rate = log_rate + found
        if np.abs(found).max() < 1e-12:
            break
    return np.asarray(np.exp(log_rate))

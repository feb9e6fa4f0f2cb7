"""Relic abundance of a Dirac fermion chi that annihilates with a constant <sigma v>.

The solution of a point (`nucore.cosmology.freeze_out`) depends on m_chi and <sigma v> alone and is interpolated in a
table, which is computed once.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import CubicSpline, RectBivariateSpline

from nucore.cosmology.freeze_out import annihilation_rate, equilibrium_yield, final_yield, omega_h2_of_yield, x_grid
from nucore.model import constants as c

Array = NDArray[np.float64]
Real = Any  # float or array of floats

#: Range of the tables: m_chi in GeV, <sigma v> in cm^3/s.
M_CHI_RANGE_GEV = (1e-3, 1e4)
SIGMA_V_RANGE = (1e-32, 1e-8)
_STEPS = 128
_TABLE_SHAPE = (141, 38)
_RELIC_NODES = 561


def solve_boltzmann(m_chi: ArrayLike, sigma_v_cm3_per_s: ArrayLike, steps: int = _STEPS) -> Array:
    """Omega h^2 of chi and chibar by integrating the Boltzmann equation.

    Parameters
    ----------
    m_chi : float or array
        GeV.
    sigma_v_cm3_per_s : float or array
        Of chi chibar, constant; broadcast against `m_chi`.
    steps : int
        From x = 1 to 3000, even; the result is extrapolated from `steps` and half as many.

    Returns
    -------
    array
        Omega h^2 (dimensionless).
    """
    m, rate = np.asarray(m_chi, dtype=np.float64), np.asarray(sigma_v_cm3_per_s, dtype=np.float64)
    x = x_grid(steps).reshape(-1, *(1,) * max(m.ndim, rate.ndim))
    natural = annihilation_rate(m, x) * (rate / c.GEV_M2_TO_CM3_PER_S)
    return omega_h2_of_yield(m, final_yield(x.ravel(), natural, equilibrium_yield(m, x)))


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

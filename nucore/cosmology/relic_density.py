"""Omega h^2 of many parameter points: all thermal annihilation channels of chi and phi.

Channels
--------
- chi chibar -> nu nubar, s-wave (Eq. 7 of arXiv:1709.07001). Without velocity dependence: with it Omega would be 5%
  larger at m_phi = 1.5 m_chi, 1% at 3 m_chi and 2% smaller for m_phi >> m_chi.
- chi chibar -> nu nu4bar, nu4 nubar, nu4 nu4bar with thermal kinematics, also where they are closed at rest.
- phi phi* -> the same final states and chi phi* -> nu* -> weak bosons.
- chi chibar -> Z* -> f fbar by the loop coupling, with its interference (`nucore.cosmology.z_annihilation`).

Assumptions: nu4 is in equilibrium with the bath, by its decays and by chi nu4 <-> chi nu; phi is, with chi,
through phi <-> chi nubar, and each phi that is left decays to one chi; phi thus dilutes the annihilation of chi:
<sigma v> = (sum of the reaction densities)/(n/2)^2 with n the number of chi, chibar, phi and phi*.

Where chi chibar -> nu nubar alone counts, Omega comes from the table of `nucore.cosmology.relic_abundance`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucore.cosmology.coannihilation import chi_phi_amplitude, largest_weak_width, log_pole_density
from nucore.cosmology.direct_detection import z_coupling
from nucore.cosmology.freeze_out import (
    CHI_STATES,
    annihilation_rate,
    equilibrium_yield,
    final_yield,
    number_of_chi,
    omega_h2_of_yield,
    x_grid,
)
from nucore.cosmology.reaction_densities import (
    chi_pair_amplitude,
    energies_above,
    log_density,
    phi_pair_amplitude,
)
from nucore.cosmology.relic_abundance import M_CHI_RANGE_GEV, SIGMA_V_RANGE, relic_abundance
from nucore.cosmology.z_annihilation import thermal_z_sigma_v
from nucore.model import constants as c

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Real = Any  # float or array of floats

_STEPS = 96
_CHUNK = 500
#: phi and phi* against the spin states of chi and chibar.
_PHI_SHARE = 2.0 / CHI_STATES
#: A channel is left out where a generous estimate of its share of the annihilation at freeze-out is below this.
_NEGLIGIBLE = 1e-3
#: Below this m_chi (GeV) the Z is too far off shell.
_LIGHTEST_FOR_Z = 3.0
_TINY = 1e-200
_FLOOR_NATURAL = SIGMA_V_RANGE[0] / c.GEV_M2_TO_CM3_PER_S


@dataclass(frozen=True)
class _Points:
    """Parameter points, arrays of shape (n,); masses in units of m_chi but for m_chi (GeV)."""

    m_chi: Array
    m_phi: Array
    m4: Array
    yL: Array
    U4_sq: Array

    @property
    def light(self) -> Array:
        return np.asarray(self.yL**2 * self.U4_sq)

    @property
    def heavy(self) -> Array:
        return np.asarray(self.yL**2 * (1.0 - self.U4_sq))

    @property
    def to_light(self) -> Array:
        """m_chi^2 sigma v of chi chibar -> nu nubar, at least that of the end of the table."""
        s_wave = self.light**2 / (32.0 * math.pi * (1.0 + self.m_phi**2) ** 2)
        return np.asarray(np.maximum(s_wave, _FLOOR_NATURAL * self.m_chi**2))

    def take(self, chosen: Any) -> _Points:
        return _Points(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class _Channel:
    """A channel: log gamma/m_chi^4 exp(2x) of points at x, and its share of the annihilation to nu nubar, roughly."""

    log_density: Callable[[_Points, Array], Array]
    log_share: Callable[[_Points, Array], Array]


def _pair_channel(amplitude: Callable[..., Array], number_of_nu4: int) -> _Channel:
    """Chi chibar or phi phi* to neutrinos, ``number_of_nu4`` of them nu4."""
    of_phi = amplitude is phi_pair_amplitude

    def threshold(p: _Points) -> Array:
        return np.asarray(np.maximum(2.0 * (p.m_phi if of_phi else 1.0), number_of_nu4 * p.m4))

    def log_coupling(p: _Points) -> Array:
        return np.asarray(np.log((1.0, 2.0, 1.0)[number_of_nu4] * _power(p, number_of_nu4) + _TINY))

    def density(p: _Points, x: Array) -> Array:
        least = threshold(p)
        m_1, m_2 = (p.m4[:, None] * float(number_of_nu4 > i) for i in (0, 1))
        found = amplitude(energies_above(least), p.m_phi[:, None], m_1, m_2)
        return np.asarray(log_density(found, least, x) + log_coupling(p)[:, None])

    def share(p: _Points, x: Array) -> Array:
        scale = np.log(32.0 * math.pi * (1.0 + p.m_phi**2) ** 2 * p.to_light)
        return np.asarray(math.log(30.0) + log_coupling(p) - scale - x * (threshold(p) - 2.0))

    return _Channel(density, share)


def _power(p: _Points, number_of_nu4: int) -> Array:
    return np.asarray(p.light ** (2 - number_of_nu4) * p.heavy**number_of_nu4)


def _weak_density(p: _Points, x: Array) -> Array:
    """Chi phi* and chibar phi to weak bosons."""
    column = p.take((slice(None), None))
    threshold = 1.0 + p.m_phi
    point = (column.m_chi, column.m_phi, column.m4, column.yL, column.U4_sq)
    away = log_density(chi_phi_amplitude(energies_above(threshold), *point), threshold, x)
    return np.asarray(math.log(2.0) + np.logaddexp(away, log_pole_density(x, *point)))


def _weak_share(p: _Points, x: Array) -> Array:
    threshold = 1.0 + p.m_phi
    away = p.m4**2 / np.maximum(np.abs(threshold**2 - p.m4**2), 0.05 * p.m4**2)
    least = np.maximum(p.m4, threshold)
    contact = 10.0 * largest_weak_width((threshold + 4.0 / x) * p.m_chi) * away**2 * np.exp(-x * (threshold - 2.0))
    pole = 1e5 * largest_weak_width(least * p.m_chi) * np.exp(-x * (least - 2.0))
    return np.asarray(np.log(p.light * (contact + pole) / (32.0 * math.pi * p.to_light) + _TINY))


_WITH_NU4 = tuple(_pair_channel(chi_pair_amplitude, number) for number in (1, 2))
_WITH_PHI = (*(_pair_channel(phi_pair_amplitude, number) for number in (0, 1, 2)), _Channel(_weak_density, _weak_share))
_CHANNELS = _WITH_NU4 + _WITH_PHI


def _phi_over_chi(m_phi: Array, x: Array) -> Array:
    """(n_phi + n_phi*)/(n_chi + n_chibar) in equilibrium; K_2(z) e^z sqrt(2 z/pi) = (1 + 1/z)^(15/8) to 1% at z = 2."""
    ratio = (1.0 + 1.0 / (x * m_phi)) / (1.0 + 1.0 / x)
    return np.asarray(_PHI_SHARE * m_phi**1.5 * ratio**1.875 * np.exp(-x * (m_phi - 1.0)))


def freeze_out_x(m_chi: Real, sigma_v: Real) -> Array:
    """X at which chi freezes out, to 1, for m_chi (GeV) and a constant sigma v (GeV^-2)."""
    strength = np.log(0.04 * CHI_STATES * np.asarray(m_chi) * float(c.M_PLANCK) * np.asarray(sigma_v) / 6.0)
    x = np.maximum(strength, 3.0)
    for _ in range(3):
        x = np.maximum(strength - 0.5 * np.log(x), 1.0)
    return np.asarray(x)


def effective_sigma_v(p: _Points, x: Array, counted: Mask) -> Array:
    """<sigma v> m_chi^2 per pair of dark particles, shape (n, m), from channels counted, shape (n, channels and Z)."""
    log_pairs = 2.0 * np.log(0.5 * number_of_chi(x))
    total = np.repeat(p.to_light[:, None], x.shape[-1], axis=1)
    some = np.flatnonzero(counted[:, -1])
    if some.size:
        total[some] += _from_z(p.take(some), x)
    for i, channel in enumerate(_CHANNELS):
        some = np.flatnonzero(counted[:, i])
        if some.size:
            total[some] += np.exp(channel.log_density(p.take(some), x) - log_pairs)
    return total


def _from_z(p: _Points, x: Array) -> Array:
    """<sigma v> m_chi^2 of chi chibar through the Z, with its interference, shape (n, m)."""
    phi = p.m_phi * p.m_chi
    a_Z = z_coupling(p.yL**2, p.U4_sq, p.m_chi, phi, p.m4 * p.m_chi)
    a_Z, m_chi, phi, light = (v[:, None] for v in (a_Z, p.m_chi, phi, p.light))
    found = thermal_z_sigma_v(a_Z, m_chi, phi, light, x)
    return found * m_chi**2 / c.GEV_M2_TO_CM3_PER_S


def _solve(p: _Points, counted: Mask) -> Array:
    """Omega h^2 from the Boltzmann equation."""
    x = x_grid(_STEPS)
    dilution = 1.0 + _phi_over_chi(p.m_phi, x[:, None])
    sigma_v = effective_sigma_v(p, x, counted).T / (p.m_chi * dilution) ** 2
    rate = annihilation_rate(p.m_chi, x[:, None]) * sigma_v
    return omega_h2_of_yield(p.m_chi, final_yield(x, rate, equilibrium_yield(p.m_chi, x[:, None]) * dilution))


def relic_density(m_chi: Real, m_phi: Real, m4: Real, yL: Real, U4_sq: Real, yR: Real = 0.0) -> Array:
    """Omega h^2 of chi and chibar.

    Parameters
    ----------
    m_chi, m_phi, m4 : float or array
        Masses in GeV, m_phi > m_chi.
    yL, U4_sq, yR : float or array
        Couplings of phi chibar N, and s^2 = sum over flavours of |U_l4|^2.

    Returns
    -------
    array
        Broadcast shape. Infinite without annihilation (yL = 0 or s^2 = 0: no contact with the bath). NaN for m_chi
        outside `M_CHI_RANGE_GEV`, and for yR != 0 where nu4 or phi take part (the amplitudes hold for yR = 0). For
        chi chibar -> nu nubar below (above) `SIGMA_V_RANGE` a lower (upper) bound, far above (below) the observed
        density.
    """
    given = np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in (m_chi, m_phi, m4, yL, U4_sq, yR)))
    mass, phi, nu4, left, mixing, right = (v.ravel() for v in given)
    omega = np.full(mass.shape, np.nan)
    inside = (mass >= M_CHI_RANGE_GEV[0]) & (mass <= M_CHI_RANGE_GEV[1])
    omega[inside & ((left == 0.0) | (mixing == 0.0))] = np.inf
    for part in _chunks(np.flatnonzero(inside & (left != 0.0) & (mixing > 0.0))):
        p = _Points(mass[part], phi[part] / mass[part], nu4[part] / mass[part], left[part], mixing[part])
        omega[part] = _relic_density(p, right[part])
    return omega.reshape(given[0].shape)


def _chunks(indices: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    return [indices[start : start + _CHUNK] for start in range(0, indices.size, _CHUNK)]


def _relic_density(p: _Points, yR: Array) -> Array:
    sigma_v = p.to_light / p.m_chi**2
    x = 0.75 * freeze_out_x(p.m_chi, sigma_v)
    coupled = _Points(p.m_chi, p.m_phi, p.m4, np.sqrt(p.yL**2 + yR**2), p.U4_sq)
    shares = [channel.log_share(coupled, x) > math.log(_NEGLIGIBLE) for channel in _CHANNELS]
    near = np.flatnonzero(p.m_chi > _LIGHTEST_FOR_Z)
    from_z = np.zeros(p.m_chi.size, dtype=bool)
    around = [_from_z(p.take(near), at * x[near, None]) for at in (0.7, 1.0, 1.3)]
    from_z[near] = np.abs(around).max(axis=0)[:, 0] > _NEGLIGIBLE * p.to_light[near]
    counted = np.stack([*shares, from_z], axis=1)
    full = counted.any(axis=1) | (_phi_over_chi(p.m_phi, x) > _NEGLIGIBLE)
    omega = relic_abundance(p.m_chi, np.clip(sigma_v * c.GEV_M2_TO_CM3_PER_S, *SIGMA_V_RANGE))
    chosen = np.flatnonzero(full & (yR == 0.0))
    omega[full] = np.nan
    if chosen.size:
        omega[chosen] = _solve(p.take(chosen), counted[chosen])
    return omega


def dark_matter_fraction(omega_h2: Real) -> Array:
    """Share of the dark matter that chi makes up, at most 1.

    Direct limits scale with it and indirect ones with its square.

    Parameters
    ----------
    omega_h2 : float or array
        Of `relic_density`; NaN stays NaN.
    """
    return np.asarray(np.minimum(np.asarray(omega_h2, dtype=np.float64) / float(c.OMEGA_DM_H2), 1.0))

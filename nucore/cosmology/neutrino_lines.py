"""chi chibar -> nu nubar in the Galaxy today: a line at E = m_chi in neutrino detectors.

A Dirac chi has n_chi = n_chibar = rho/(2 m_chi), so that <sigma v> rho^2/(4 m_chi^2) pairs annihilate per volume and
time and each gives one antineutrino:

    Phi(nubar_e) = <sigma v> P_e J/(16 pi m_chi^2).

Self-conjugate dark matter has 8 pi in place of 16 pi: published limits are a factor 2 lower.  Annihilation outside the
Galaxy (about 5% in the line) is neglected.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.special import ndtr

from nucore.errors import unknown
from nucore.model import constants as c

Array = NDArray[np.float64]
Real = Any  # float or array of floats

#: Share of nubar_e for equal flavours.
EQUAL_FLAVOURS = 1.0 / 3.0
#: Published limits are on self-conjugate dark matter; on a Dirac chi they are weaker by this factor.
DIRAC = 2.0
#: In MeV, as detectors of antineutrinos count.
_DELTA, _PROTON, _ELECTRON = (1e3 * float(m) for m in (c.NEUTRON_PROTON_MASS_DIFFERENCE, c.M_PROTON, c.M_E))
_COSINES, _COSINE_WEIGHTS = np.polynomial.legendre.leggauss(9)


@dataclass(frozen=True)
class Halo:
    """Density of dark matter in the Galaxy.

    Attributes
    ----------
    shape : callable
        Of r over the scale radius, in any normalisation.
    scale_kpc : float
    local_GeV_cm3, sun_kpc : float
        Density at the Sun and its distance from the centre.
    """

    shape: Callable[[float], float]
    scale_kpc: float
    local_GeV_cm3: float = 0.4
    sun_kpc: float = 8.127

    def density(self, r_kpc: float) -> float:
        """Return rho in GeV/cm^3 at a distance r from the centre."""
        scale = self.scale_kpc
        return self.local_GeV_cm3 * self.shape(r_kpc / scale) / self.shape(self.sun_kpc / scale)


#: Scale radii: arXiv:1912.09486 (nfw, gnfw), arXiv:1012.4515 (the others).  The band is from burkert to gnfw.
HALOS = {
    "nfw": Halo(lambda x: 1.0 / (x * (1.0 + x) ** 2), 20.0),
    "gnfw": Halo(lambda x: x**-1.2 * (1.0 + x) ** -1.8, 20.0),
    "einasto": Halo(lambda x: math.exp(-2.0 / 0.17 * x**0.17), 28.44),
    "burkert": Halo(lambda x: 1.0 / ((1.0 + x) * (1.0 + x**2)), 12.67),
    "isothermal": Halo(lambda x: 1.0 / (1.0 + x**2), 4.38),
}


@cache
def j_factor(halo: str = "nfw") -> float:
    """J, the integral of rho^2 along the line of sight and over the sky, in GeV^2 cm^-5.

    Parameters
    ----------
    halo : str
        One of `HALOS`.

    Raises
    ------
    InputError
        For an unknown halo.
    """
    if halo not in HALOS:
        raise unknown("halo", halo, HALOS)
    profile = HALOS[halo]
    sun = profile.sun_kpc

    def shell(log_r: float) -> float:  # the integral of 1/distance^2 over a shell is 2 pi r/R ln|(r+R)/(r-R)|
        r = math.exp(log_r)
        return (r * profile.density(r)) ** 2 * math.log((r + sun) / abs(r - sun))

    edge = math.log(sun)
    total = sum(quad(shell, *ends, limit=200)[0] for ends in ((edge - 30.0, edge), (edge, edge + 10.0)))
    return 2.0 * math.pi / sun * 1e3 * float(c.PARSEC_CM) * total


def _mixing_matrix() -> NDArray[np.complex128]:
    """PMNS matrix in the PDG convention, without Majorana phases."""
    s12, s13, s23 = (math.sqrt(float(s)) for s in (c.SIN2_THETA_12, c.SIN2_THETA_13, c.SIN2_THETA_23))
    c12, c13, c23 = (math.sqrt(1.0 - s**2) for s in (s12, s13, s23))
    phase = np.exp(1j * math.pi * float(c.DELTA_CP_OVER_PI))
    return np.array(
        [
            [c12 * c13, s12 * c13, s13 / phase],
            [-s12 * c23 - c12 * s23 * s13 * phase, c12 * c23 - s12 * s23 * s13 * phase, s23 * c13],
            [s12 * s23 - c12 * c23 * s13 * phase, -c12 * s23 - s12 * c23 * s13 * phase, c23 * c13],
        ]
    )


@cache
def _share_matrix() -> Array:
    """M with P_e = u.M.u for unit u: the real part of the sum over i of |U_ei|^2 U_li U_ki^*."""
    mixing = _mixing_matrix()
    return np.asarray(np.einsum("i,li,ki->lk", np.abs(mixing[0]) ** 2, mixing, mixing.conj()).real)


def electron_antineutrino_share(Ue4: Real, Umu4: Real, Utau4: Real) -> Array:
    """Share of nubar_e (and of nu_e) at Earth in what chi annihilates to.

    The state made is sum_l U_l4 nu_l over its norm; its mass states lose coherence on the way, but flavours interfere:
    P_e = sum_i |<nu_i|nu>|^2 |U_ei|^2.

    Parameters
    ----------
    Ue4, Umu4, Utau4 : float or array
        Real mixings, with sign.

    Returns
    -------
    array
        0.550, 0.192 and 0.258 for one flavour e, mu, tau; from 0.03 to 0.67 for several. NaN without mixing.
    """
    u = np.stack(np.broadcast_arrays(*(np.asarray(x, dtype=np.float64) for x in (Ue4, Umu4, Utau4))), axis=-1)
    with np.errstate(invalid="ignore"):
        turned = (u[..., None, :] * _share_matrix()).sum(axis=-1)  # the matrix is symmetric
        return np.asarray((turned * u).sum(axis=-1) / (u**2).sum(axis=-1))


def sigma_v_of_flux(flux: Real, m_chi: Real, electron_share: Real, J: float) -> Array:
    """<sigma v> (cm^3/s) of a Dirac chi that gives a flux of nubar_e.

    Parameters
    ----------
    flux : float or array
        Antineutrinos nubar_e of energy m_chi, cm^-2 s^-1.
    m_chi : float or array
        GeV.
    electron_share : float or array
        `electron_antineutrino_share`.
    J : float
        GeV^2 cm^-5.
    """
    return np.asarray(16.0 * math.pi * np.asarray(m_chi) ** 2 * flux / (np.asarray(electron_share) * J))


def positron_energy(energy: Array, cosine: Array) -> Array:
    """Total energy (MeV) of the positron of nubar_e p -> e+ n, exact for a proton at rest; NaN below threshold.

    Parameters
    ----------
    energy : array
        Of the antineutrino, MeV.
    cosine : array
        Of the angle between positron and antineutrino.
    """
    neutron = _PROTON + _DELTA
    total = energy + _PROTON
    a = 0.5 * (_PROTON**2 - neutron**2 + _ELECTRON**2) + energy * _PROTON  # E total - p energy cosine = a
    along = energy * cosine
    root = a**2 - _ELECTRON**2 * (total**2 - along**2)
    with np.errstate(invalid="ignore"):
        return np.asarray((total * a + along * np.sqrt(root)) / (total**2 - along**2))


def line_flux_limit(
    m_chi: Array, edges_MeV: Sequence[float], per_MeV: Sequence[float], resolution: Sequence[float]
) -> Array:
    """Limit on the flux of a line (cm^-2 s^-1) from limits on a smooth flux in bins, by the strongest single bin.

    A bin limits its number of events, flux x bin width x cross section x efficiency.  A line puts into a bin the share
    of its positrons that recoil (inverse beta decay) and resolution leave there.  The efficiency is taken as constant.

    Parameters
    ----------
    m_chi : array, shape (n,)
        GeV.
    edges_MeV : sequence of float, length k + 1
        Of E = positron energy + 1.29 MeV as reconstructed.
    per_MeV : sequence of float, length k
        Limits, cm^-2 s^-1 MeV^-1.
    resolution : (float, float, float)
        a, b, c of sigma = a + b sqrt(E) + c E, E the total energy of the positron in MeV.
    """
    energy, edges = 1e3 * np.asarray(m_chi, dtype=np.float64), np.asarray(edges_MeV)
    positron = positron_energy(energy[:, None], _COSINES)
    # angular distribution 1 + slope cosine: arXiv:hep-ph/9903554, Eq. 16
    weights = 0.5 * _COSINE_WEIGHTS * (1.0 + (-0.034 + 2.4 * energy[:, None] / _PROTON) * _COSINES)
    a, b, slope = resolution
    sigma = a + b * np.sqrt(positron) + slope * positron
    below = ndtr((edges - (positron + _DELTA)[..., None]) / sigma[..., None])
    share = np.diff(np.einsum("ij,ijk->ik", weights, below), axis=1)
    width, centre = np.diff(edges), 0.5 * (edges[1:] + edges[:-1])
    events = np.asarray(per_MeV) * width * _cross_section(centre) / _cross_section(energy)[:, None]
    with np.errstate(divide="ignore", over="ignore"):  # bins far from the line
        return np.asarray((events / share).min(axis=1))


def _cross_section(energy: Array) -> Array:
    """Inverse beta decay at lowest order in 1/M, in any unit."""
    positron = energy - _DELTA
    return np.asarray(positron * np.sqrt(positron**2 - _ELECTRON**2))

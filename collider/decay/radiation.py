r"""Photons radiated by the charged lepton of W -> l nu: exact at order alpha, soft ones to all orders.

The lepton of a W of mass m at rest keeps the share z = 2 E_l/m of the energy m/2 it has without photons.  With
x = 1 - z, b = beta/2 and beta = (2 alpha/pi) l, its density is

    D(z) = exp[b (3/4 - gamma_E)] / Gamma(1+b)  b x^(b-1)  -  b/2 (1+z)
           - b^2/8 { (1+3 z^2)/(1-z) ln z + 4 (1+z) ln(1-z) + 5 + z }  +  (alpha/2 pi) h(z),

divided by its integral.  The first terms are the leading logarithm: soft photons to all orders (Gribov and Lipatov;
Kuraev and Fadin) and hard ones to second order.  h(z) makes the sum exact at order alpha, where the W radiates too.
With y = 2 p.k/m^2 (p: lepton, k: photon) and z' = 2 E_nu/m = 1 - y the matrix element is, for massless l and nu,

    dGamma/Gamma = (alpha/2 pi) dz dy  (1-z)/[y (1-z+y)^2] (z^2 + z'^2),        0 < y < z.

A lepton mass m_l adds -2 (m_l/m)^2/y^2 and the limit y > (m_l/m)^2 (1-z)/z, and nothing else at order (m_l/m)^0.
Integrated over y, for a dressed lepton over photons farther than the angle R, with k = sin^2(R/2), this is

    bare:     l = ln(m^2/m_l^2) - 2,    h = 2 (1+z^2)/(1-z) ln z + 2 (1-z)^2 - (1-z) ln(1-z),
    dressed:  l = ln(1/k) - 1 + k,      h = (1-k) (1-z) (1-2z) - (1-z) ln(1-z) + (1-z) ln(1-k z).

l is half the eikonal factor -(p/(p.k) - P/(P.k))^2 E_gamma^2 integrated over the cosine of the photon (P: W).  The part
z^2 has the lepton's usual spin correlation with the W, z'^2 the neutrino's.

A dressed lepton is one whose photons inside the cone R are measured with it; R, a distance in (eta, phi), is taken as
the angle in the W frame, which holds at pT = m/2.  The direction of the lepton is not changed, and nu4 gets the
logarithm of a light neutrino; docs/explanation/physics/w-radiation.md has the size of what this neglects.

References
----------
Leading logarithm: arXiv:0710.3309 (section on multi-photon final-state radiation); the exponentiated soft factor:
Gribov and Lipatov, Sov. J. Nucl. Phys. 15 (1972) 675; Kuraev and Fadin, Sov. J. Nucl. Phys. 41 (1985) 466.
W -> l nu gamma: F. A. Berends and R. Kleiss, Z. Phys. C 27 (1985) 365; the formulas above were derived anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gamma, spence, xlog1py, xlogy

from collider.decay.log_kernel import fraction_quantiles, frozen, log_kernel
from nucore.errors import InputError
from nucore.model import constants

Array = NDArray[np.float64]

LEPTON_MASSES = {"e": float(constants.M_E), "mu": float(constants.M_MU)}
#: Lost fractions smaller than this are as good as zero where quantiles are computed.
_SMALLEST = 1e-300


@dataclass(frozen=True)
class FinalStateRadiation:
    """How the lepton of a W decay radiates, and what of it is measured.

    Attributes
    ----------
    lepton : {"e", "mu"}
    mode : {"bare", "dressed"}
        Whether photons inside the cone are lost or measured with the lepton.
    cone : float
        Size of the cone of a dressed lepton in (eta, phi), (0, 1]; no meaning for a bare one.
    strength : float
        Factor on the coupling, [0, 4]: 0 no radiation, 1 nature.
    """

    lepton: Literal["e", "mu"]
    mode: Literal["bare", "dressed"] = "bare"
    cone: float = 0.1
    strength: float = 1.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.strength <= 4.0:
            raise InputError(f"invalid strength {self.strength:g} of final-state radiation: expected 0 to 4")
        if not 0.0 < self.cone <= 1.0:
            raise InputError(f"invalid cone {self.cone:g} of a dressed lepton: expected more than 0 and at most 1")

    @property
    def logarithm(self) -> float:
        """Half the integral of the eikonal factor over the angle: what multiplies 2 alpha/pi in beta."""
        if self.mode == "bare":
            return float(2.0 * np.log(float(constants.M_W) / LEPTON_MASSES[self.lepton]) - 2.0)
        return float(-np.log(self._inside) - 1.0 + self._inside)

    @property
    def _inside(self) -> float:
        """Share of the solid angle inside the cone."""
        return float(np.sin(0.5 * self.cone) ** 2)

    @property
    def beta(self) -> float:
        """Coupling of the radiation, (2 alpha/pi) times the logarithm times ``strength``."""
        return 4.0 * self._first_order * self.logarithm

    @property
    def _first_order(self) -> float:
        return 0.5 * float(constants.ALPHA_EM) / np.pi * self.strength

    def radiated_below(self, x: ArrayLike) -> Array:
        """Return the probability to radiate less than the fraction ``x`` of the momentum, for 0 <= x <= 1.

        A bare lepton keeps at least its mass, z > 2 m_l/m_W.
        """
        most = 1.0 - 2.0 * LEPTON_MASSES[self.lepton] / float(constants.M_W) if self.mode == "bare" else 1.0
        return np.asarray(self._integral(np.minimum(x, most)) / self._integral(most))

    def _integral(self, x: ArrayLike) -> Array:
        """Return the integral over the lost fraction from 0 to x > 0 of the density before normalisation."""
        x = np.asarray(x, dtype=np.float64)
        exact = xlogy(-0.5 * x**2, x)
        if self.mode == "bare":
            z = 1.0 - x
            z_logs = xlog1py(z + 0.5 * z**2, -x) + 1.25 - z - 0.25 * z**2
            exact += 2.0 * z_logs - 4.0 * spence(z) + 2.0 / 3.0 * x**3 + 0.25 * x**2
        else:  # ln(1 - k z) as -k z: at R = 1 this changes the probability by 3e-6
            exact += (2.0 - self._inside) / 3.0 * x**3 - 0.25 * x**2
        return np.asarray(leading_logarithm(x, 0.5 * self.beta) + self._first_order * exact)

    def kernel(self, cell: float) -> tuple[int, Array]:
        """Return the probability of ln z on a grid, for a convolution in ln pT.

        Each value of ln z is shared between its two neighbours on the grid so that the mean of ln z is kept.

        Parameters
        ----------
        cell : float
            Spacing of the grid in ln z, positive.

        Returns
        -------
        int
            Position of the first weight: weight i belongs to ln z = (first + i) cell, and the last to ln z = 0.
        float64[n]
            Probabilities; their sum is 1.  Less than 1e-7 of the probability, below ln z = -14, is left out.
        """
        return _kernel(self, cell)

    def quantiles(self, n: int) -> Array:
        """Return z, increasing, at ``n`` uniform steps of its cumulative probability, 0 to 1.

        Linear in between; the lowest node is placed so that the mean z below the next one is kept.
        """
        return _quantiles(self, n)


def _soft_factor(b: float) -> float:
    return float(np.exp(b * (0.75 - np.euler_gamma)) / gamma(1.0 + b))


def leading_logarithm(x: Array, b: float) -> Array:
    """Return the integral over the lost fraction from 0 to x of the leading logarithm, b > 0."""
    first = 2.0 * x - 0.5 * x**2
    z_logs = xlog1py(0.5 * (3.0 * x**2 - 3.0) + 6.0 * (1.0 - x), -x) + 4.5 * x - 0.75 * x**2
    x_logs = xlogy(8.0 * x - 2.0 * x**2, x) - 8.0 * x + x**2
    second = -4.0 * spence(1.0 - x) + z_logs + x_logs + 6.0 * x - 0.5 * x**2
    return np.asarray(_soft_factor(b) * x**b - 0.5 * b * first - 0.125 * b**2 * second)


@lru_cache(maxsize=64)
def _kernel(fsr: FinalStateRadiation, cell: float) -> tuple[int, Array]:
    if fsr.beta == 0.0:
        return 0, frozen(np.ones(1))
    return log_kernel(lambda t: fsr.radiated_below(-np.expm1(-t)), cell)


@lru_cache(maxsize=64)
def _quantiles(fsr: FinalStateRadiation, n: int) -> Array:
    if fsr.beta == 0.0:
        return frozen(np.ones(n))
    # Lost fraction: dense in its logarithm towards 0, in that of the fraction kept towards 1.
    towards_one = -np.expm1(-np.linspace(np.log(2.0), 40.0, 8_000))
    lost = np.concatenate([[0.0], np.geomspace(_SMALLEST, 0.5, 40_000)[:-1], towards_one, [1.0]])
    return fraction_quantiles(lost, np.maximum.accumulate(fsr.radiated_below(lost)), n)

r"""Photons radiated by the charged lepton of W -> l nu, in the collinear leading-logarithmic approximation.

The lepton keeps the fraction z of its momentum with the density (x = 1 - z, b = beta/2)

    D(z) = exp[b (3/4 - gamma_E)] / Gamma(1+b)  b x^(b-1)  -  b/2 (1+z)
           - b^2/8 { (1+3 z^2)/(1-z) ln z + 4 (1+z) ln(1-z) + 5 + z },

soft photons to all orders (Gribov and Lipatov; Kuraev and Fadin) and hard ones to second order, divided by its
integral, which is 1 up to O(b^3).  To leading logarithms the coupling is beta = (2 alpha/pi) (L - 1) with
L = ln(Q^2/m_l^2).  The scale is fixed by the photons that a W at rest radiates when it decays to a massless neutrino
and a lepton of energy E: of the eikonal factor

    -(p/(p.k) - P/(P.k))^2 w^2 = 2/(1 - v c) - (m_l/E)^2/(1 - v c)^2 - 1

(c: cosine of the angle between photon and lepton, w: photon energy) half the integral over c is

    bare:     ln(4 E^2/m_l^2) - 2,
    dressed:  ln(2/(1 - cos R)) - (1 + cos R)/2      (only photons farther than R from the lepton),

and this is what takes the place of L - 1: the last unit is the W's own radiation.  A dressed lepton is one whose
photons inside the cone R are measured with it; R, a distance in (eta, phi), is taken as the angle in the W frame,
which holds at the large pT at which spectra are fitted.  The direction of the lepton is not changed.

References
----------
Formula and beta: arXiv:0710.3309 (section on multi-photon final-state radiation); the exponentiated soft factor:
Gribov and Lipatov, Sov. J. Nucl. Phys. 15 (1972) 675; Kuraev and Fadin, Sov. J. Nucl. Phys. 41 (1985) 466.
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

    @property
    def logarithm(self) -> float:
        """Half the integral of the eikonal factor over the angle: what multiplies 2 alpha/pi in beta."""
        if self.mode == "bare":
            return float(2.0 * np.log(float(constants.M_W) / LEPTON_MASSES[self.lepton]) - 2.0)
        cosine = np.cos(self.cone)
        return float(np.log(2.0 / (1.0 - cosine)) - 0.5 * (1.0 + cosine))

    @property
    def beta(self) -> float:
        """Coupling of the radiation, (2 alpha/pi) times the logarithm times ``strength``."""
        return 2.0 * float(constants.ALPHA_EM) / np.pi * self.logarithm * self.strength

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
        return _kernel(self.beta, cell)

    def quantiles(self, n: int) -> Array:
        """Return z, increasing, at ``n`` uniform steps of its cumulative probability, 0 to 1.

        Linear in between; the lowest node is placed so that the mean z below the next one is kept.
        """
        return _quantiles(self.beta, n)


def radiated_below(x: ArrayLike, beta: float) -> Array:
    """Return the probability to radiate less than the fraction ``x`` of the momentum, for 0 <= x <= 1, beta > 0."""
    b = 0.5 * beta
    return np.asarray(_integral(x, b) / _integral(1.0, b))


def _soft_factor(b: float) -> float:
    return float(np.exp(b * (0.75 - np.euler_gamma)) / gamma(1.0 + b))


def _integral(x: ArrayLike, b: float) -> Array:
    """Return the integral over the lost fraction from 0 to x of the density before normalisation."""
    x = np.asarray(x, dtype=np.float64)
    first = 2.0 * x - 0.5 * x**2
    z_logs = xlog1py(0.5 * (3.0 * x**2 - 3.0) + 6.0 * (1.0 - x), -x) + 4.5 * x - 0.75 * x**2
    x_logs = xlogy(8.0 * x - 2.0 * x**2, x) - 8.0 * x + x**2
    second = -4.0 * spence(1.0 - x) + z_logs + x_logs + 6.0 * x - 0.5 * x**2
    return np.asarray(_soft_factor(b) * x**b - 0.5 * b * first - 0.125 * b**2 * second)


@lru_cache(maxsize=64)
def _kernel(beta: float, cell: float) -> tuple[int, Array]:
    if beta == 0.0:
        return 0, frozen(np.ones(1))
    return log_kernel(lambda t: radiated_below(-np.expm1(-t), beta), cell)


@lru_cache(maxsize=64)
def _quantiles(beta: float, n: int) -> Array:
    if beta == 0.0:
        return frozen(np.ones(n))
    # Lost fraction: dense in its logarithm towards 0, in that of the fraction kept towards 1.
    towards_one = -np.expm1(-np.linspace(np.log(2.0), 40.0, 8_000))
    lost = np.concatenate([[0.0], np.geomspace(_SMALLEST, 0.5, 40_000)[:-1], towards_one, [1.0]])
    return fraction_quantiles(lost, np.maximum.accumulate(radiated_below(lost, beta)), n)

r"""W -> tau nu followed by tau -> l nu nu: a lepton that kept the fraction x of the tau's momentum.

In the collinear limit (m_l, m_tau << m_W) a tau of polarisation P gives

    f(x) = [ (5 - 9 x^2 + 4 x^3) + P (1 - 9 x^2 + 8 x^3) ] / 3,      0 < x < 1,

the Michel spectrum seen from a moving tau; a W makes tau- of helicity -1/2 and tau+ of helicity +1/2, for both of which
P = -1 and

    f(x) = 4 (1 - x^3)/3,      mean x = 2/5,  mean ln x = -5/4.

The lepton's spectrum is thus that of W -> l nu with the momentum multiplied by x, times the branching fraction.  Since
missing momentum and transverse mass are functions of the measured lepton and recoil alone, the neutrinos of the tau
decay need no further treatment and cuts on these act after the multiplication.

The lepton mass is neglected; for muons it moves some of the spectrum from x < 0.1 to above, by 2 to 3%.

The rate is that of a light neutrino for mixing with nu_e or nu_mu.  With a mixing |U_tau4|^2 this background would be
distorted itself, W -> tau nu4; that is not included.

References
----------
Leptonic tau decays of polarised taus: Y.-S. Tsai, Phys. Rev. D 4 (1971) 2821; B. K. Bullock, K. Hagiwara and
A. D. Martin, Nucl. Phys. B 395 (1993) 499.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from collider.decay.log_kernel import fraction_quantiles, frozen, log_kernel
from collider.decay.radiation import FinalStateRadiation
from nucore.errors import InputError
from nucore.model import constants

Array = NDArray[np.float64]

#: Branching fractions of tau -> l nu nu, photons included.
BRANCHING_RATIOS = {"e": float(constants.BR_TAU_ENUNU), "mu": float(constants.BR_TAU_MUNUNU)}
#: Polarisation that enters the spectrum, of either charge.
_POLARISATION = -1.0


@dataclass(frozen=True)
class LeptonicTauDecay:
    """What is left of the momentum of a W's tau when its charged lepton is measured.

    It takes the place of `collider.decay.radiation.FinalStateRadiation` in a selection.

    Attributes
    ----------
    lepton : {"e", "mu"}
    fsr : FinalStateRadiation or None
        Radiation of that lepton.
    """

    lepton: Literal["e", "mu"]
    fsr: FinalStateRadiation | None = None

    @property
    def branching_ratio(self) -> float:
        """Branching fraction of tau -> l nu nu."""
        return BRANCHING_RATIOS[self.lepton]

    def kernel(self, cell: float) -> tuple[int, Array]:
        """Return the probability of ln x on a grid, as `FinalStateRadiation.kernel` does.

        Less than 2e-6 of the probability, below ln x = -14, is left out.
        """
        return _kernel(self.fsr, cell)

    def quantiles(self, n: int) -> Array:
        """Return x, increasing, at ``n`` uniform steps of its cumulative probability; without radiation.

        Raises
        ------
        InputError
            If there is radiation: two numbers are drawn then, one from each table.
        """
        if self.fsr is not None:
            raise InputError("no joint quantiles of tau decay and radiation: expected fsr None")
        lost = np.linspace(0.0, 1.0, 200_001)
        return fraction_quantiles(lost, 1.0 - fraction_below(1.0 - lost), n)


def fraction_below(x: ArrayLike) -> Array:
    """Return the probability that the lepton has less than the share x of the tau momentum, 0 <= x <= 1."""
    x = np.asarray(x, dtype=np.float64)
    plain, polarised = 5.0 * x - 3.0 * x**3 + x**4, x - 3.0 * x**3 + 2.0 * x**4
    return np.asarray((plain + _POLARISATION * polarised) / 3.0)


@lru_cache(maxsize=16)
def _kernel(fsr: FinalStateRadiation | None, cell: float) -> tuple[int, Array]:
    if fsr is None:
        return log_kernel(lambda t: 1.0 - fraction_below(np.exp(-t)), cell)
    from scipy.signal import fftconvolve  # takes half a second to load

    first, weights = _kernel(None, cell)
    both = np.maximum(fftconvolve(weights, fsr.kernel(cell)[1])[-weights.size :], 0.0)
    return first, frozen(both / both.sum())

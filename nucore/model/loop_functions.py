"""Loop functions of x = m4^2/m_W^2 of a W boson and a heavy Dirac neutrino, at zero momentum transfer.

They are those of muon-electron conversion in the type-I seesaw, arXiv:1209.2679 and hep-ph/9403398, and combine to the
functions B0, C0, D0, E0, D0', E0' of T. Inami, C. S. Lim, Prog. Theor. Phys. 65 (1981) 297. All vanish at x = 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.polynomial import Polynomial
from numpy.polynomial.polynomial import polyval
from numpy.typing import NDArray

Real = Any  # float or array of floats
Array = NDArray[np.float64]

#: Closer to x = 1 than this the series in x - 1 is used; the direct form loses at most four digits outside.
_NEAR = 0.25
_TERMS = 30


@dataclass(frozen=True)
class LoopFunction:
    """A function [P(x) + Q(x) ln x]/(1 - x)^n that is smooth at x = 1.

    Attributes
    ----------
    rational, logarithmic : tuple of float
        Coefficients of P and Q, lowest power first.
    power : int
        n.
    """

    rational: tuple[float, ...]
    logarithmic: tuple[float, ...]
    power: int

    @cached_property
    def _series(self) -> Array:
        """Coefficients of the powers of x - 1, lowest first."""
        orders = range(1, _TERMS + self.power + 1)
        log = Polynomial([0.0] + [(-1.0) ** (n + 1) / n for n in orders])
        shift = Polynomial([1.0, 1.0])
        numerator = Polynomial(self.rational)(shift) + Polynomial(self.logarithmic)(shift) * log
        coefficients = np.asarray(numerator.coef[self.power : self.power + _TERMS], dtype=np.float64)
        return coefficients * (-1.0) ** self.power

    def __call__(self, x: Real) -> Array:
        """Value at x >= 0, of its shape."""
        x = np.asarray(x, dtype=np.float64)
        near = np.abs(x - 1.0) < _NEAR
        safe = np.where(near, 2.0, x)
        log = np.log(np.where(safe > 0.0, safe, 1.0))
        value = (polyval(safe, self.rational) + polyval(safe, self.logarithmic) * log) / (1.0 - safe) ** self.power
        return np.where(near, polyval(x - 1.0, self._series), value) if near.any() else value


#: Photon penguin, part of q^2 gamma_mu: F_gamma -> -x for x -> 0, -7/12 - (1/6) ln x for x -> infinity.
PHOTON_VECTOR = LoopFunction((0.0, -1.0, 11 / 12, 2 / 3, -7 / 12), (0.0, 0.0, -2.0, 5 / 3, -1 / 6), 4)
#: Photon penguin, part of the dipole sigma_mu_nu q^nu: G_gamma -> x/4, 1/2.
PHOTON_DIPOLE = LoopFunction((0.0, 1 / 4, -3 / 2, 3 / 4, 1 / 2), (0.0, 0.0, 0.0, -3 / 2), 4)
#: Z penguin with one neutrino in the loop: F_Z -> -5x/2, 5/2 - (5/2) ln x.
Z_SINGLE = LoopFunction((0.0, -5 / 2, 5 / 2), (0.0, 0.0, -5 / 2), 2)
#: Z penguin with nu4 and a massless neutrino: G_Z(0, x) = -x ln x/[2 (1 - x)].
Z_LIGHT_HEAVY = LoopFunction((0.0,), (0.0, -1 / 2), 1)
#: Z penguin with two nu4: G_Z(x, x).
Z_HEAVY_HEAVY = LoopFunction((0.0, -1 / 2, 1 / 2), (0.0, -1.0), 1)
#: Box with nu4 and a massless fermion, less that of massless fermions: b(x) - 1 = 1/(1-x) + x ln x/(1-x)^2 - 1.
BOX_LIGHT_HEAVY = LoopFunction((0.0, 1.0, -1.0), (0.0, 1.0), 2)
#: Box with two nu4, less that of massless fermions: X(x, x) - 1.
BOX_HEAVY_HEAVY = LoopFunction((0.0, 3.0, -31 / 4, 5.0, -1 / 4), (0.0, 2.0, -2.0, -3 / 2), 3)

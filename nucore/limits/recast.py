"""From limits on |U_l4|^2 to the dark-matter coupling Y, and the mixing at which nu4 decays visibly.

References
----------
arXiv:1709.07001, Fig. 1: Y = yL^4 |U|^4 (m_chi/m_phi)^4 for yL = 4 pi and for the largest yL without fine tuning.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nucore.cosmology.annihilation import dark_coupling
from nucore.cosmology.naturalness import PERTURBATIVE
from nucore.errors import InputError
from nucore.model.nu4_decays import nu4_widths
from nucore.model.points import ParameterPoints

Array = NDArray[np.float64]
Real = Any  # float or array of floats
Coupling = Literal["perturbative", "natural"]

#: Visible branching ratio up to which limits on an invisible nu4 hold.
VISIBLE_BRANCHING = 1e-3


@dataclass(frozen=True)
class MassRule:
    """How m_phi and m4 follow from m_chi.

    Attributes
    ----------
    ratio : float
        m_phi/m_chi, above 1.
    m4 : str
        ``"10x"`` (times m_chi, any positive number) or a mass in GeV (``"400"``).
    """

    ratio: float = 3.0
    m4: str = "10x"

    def __post_init__(self) -> None:
        if not (math.isfinite(self.ratio) and self.ratio > 1.0):
            raise InputError(f"invalid ratio {self.ratio:g}: m_phi/m_chi must be finite and exceed 1")
        self.nu4_mass(1.0)

    def phi_mass(self, m_chi: Real) -> Real:
        """Return m_phi in GeV at m_chi in GeV."""
        return self.ratio * m_chi

    def nu4_mass(self, m_chi: Real) -> Real:
        """Return m4 in GeV at m_chi in GeV."""
        text = self.m4.strip()
        try:
            value = float(text.removesuffix("x"))
        except ValueError:
            value = math.nan
        if not (math.isfinite(value) and value > 0.0):
            raise InputError(f"invalid m4 {self.m4!r}: expected a mass in GeV (400) or a multiple of m_chi (10x)")
        return value * np.asarray(m_chi) if text.endswith("x") else np.full(np.shape(m_chi), value)[()]

    def coupling(self, m_chi: Real, which: Coupling | float) -> Real:
        """Return yL: a number, 4 pi (``perturbative``), or the largest with delta m_phi^2 <= m_phi^2 (``natural``)."""
        if which == "perturbative":
            return np.full(np.shape(m_chi), PERTURBATIVE)[()]
        if which == "natural":
            return np.minimum(PERTURBATIVE * self.phi_mass(np.asarray(m_chi)) / self.nu4_mass(m_chi), PERTURBATIVE)
        return np.full(np.shape(m_chi), float(which))[()]

    def invisible(self, m_chi: Real) -> Any:
        """Whether nu4 -> chi phi* is open."""
        return self.nu4_mass(m_chi) > np.asarray(m_chi) * (1.0 + self.ratio)


def coupling_of_mixing(U_sq: ArrayLike, m_chi: ArrayLike, rule: MassRule, which: Coupling | float) -> Array:
    """Y at a limit on |U_l4|^2.

    Parameters
    ----------
    U_sq : array
        Limit on |U_l4|^2 at the nu4 mass of each `m_chi`.
    m_chi : array
        GeV.
    rule : MassRule
    which : "perturbative", "natural" or float
        yL.

    Returns
    -------
    array
        NaN where nu4 -> chi phi* is closed: then the limit is not one on an invisible nu4.
    """
    m_chi = np.asarray(m_chi, dtype=np.float64)
    yL = rule.coupling(m_chi, which)
    value = dark_coupling(yL**2 * np.asarray(U_sq, dtype=np.float64), 1.0 / rule.ratio)
    return np.asarray(np.where(rule.invisible(m_chi), value, np.nan))


def mixing_of_visible_branching(m_chi: ArrayLike, rule: MassRule, which: Coupling | float) -> Array:
    """|U_l4|^2 at which a share of 1e-3 of the nu4 decays is visible, for mixing with mu.

    Parameters
    ----------
    m_chi : float or array, shape (n,)
        GeV.
    rule : MassRule
    which : "perturbative", "natural" or float
        yL.

    Returns
    -------
    array, shape (n,)
        NaN where nu4 -> chi phi* is closed or no |U_l4|^2 < 1 is enough. Good to 1e-3, as the table of weak widths.
    """
    from scipy.optimize.elementwise import find_root  # slow to import

    masses = np.atleast_1d(np.asarray(m_chi, dtype=np.float64))
    spectrum = {"m_chi": masses, "m_phi": rule.phi_mass(masses), "yL": rule.coupling(masses, which)}
    m4 = np.broadcast_to(rule.nu4_mass(masses), masses.shape)

    def log_share(log_u: Array, where: Array) -> Array:
        k = where.astype(int)
        p = ParameterPoints.single("mu", m4[k], np.exp(log_u), **{name: x[k] for name, x in spectrum.items()})
        # at small masses nothing is seen but rounding
        share = np.maximum(np.nan_to_num(nu4_widths(p).visible_share), 1e-300)
        return np.asarray(np.log(share / VISIBLE_BRANCHING)).reshape(log_u.shape)

    ends = np.log([1e-40, 1.0 - 1e-9])
    found = np.full(masses.shape, np.nan)
    index = np.arange(masses.size, dtype=np.float64)
    reached = np.asarray(rule.invisible(masses)) & (log_share(np.full(masses.shape, ends[1]), index) > 0.0)
    if reached.any():
        bracket = tuple(np.full(int(reached.sum()), end) for end in ends)
        found[reached] = np.exp(find_root(log_share, bracket, args=(index[reached],)).x)
    return found

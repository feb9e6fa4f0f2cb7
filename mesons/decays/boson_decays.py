"""W -> l chi phi, Z -> nu chi phi and h -> nu chi phi beside decays to an on-shell nu4, at many parameter points."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mesons.decays.channel import Channel, Real
from mesons.decays.dark_ratios import dark_ratios_of
from mesons.decays.quadrature import Offsets
from mesons.decays.ratios import nu4_rates
from mesons.decays.three_body_decay import ThreeBodyDecay
from nucore.errors import unknown
from nucore.model import constants as c
from nucore.model.parameters import PortalParameters
from nucore.model.particles import check_flavour
from nucore.model.points import ParameterPoints

Array = NDArray[np.float64]

_MASSES = {"W+": float(c.M_W), "Z": float(c.M_Z), "h": float(c.M_H)}


class VectorDecay(ThreeBodyDecay):
    """W or Z to a massless lepton and chi phi."""

    def recoil_ratio(self, points: Offsets) -> Array:
        """(1 - q)^2 (1 + q/2) with q = Q^2/M^2."""
        q = self._reduced(points)[1]
        return (1.0 - q) ** 2 * (1.0 + 0.5 * q)


class HiggsDecay(ThreeBodyDecay):
    """h to a massless neutrino and chi phi."""

    def recoil_ratio(self, points: Offsets) -> Array:
        """Q (1 - q)^2 with q = Q^2/M^2, in units of m_h^3/(16 pi v^2).

        h couples nu to N_R with m4/v; between N_R and N_L the propagator is m4/(Q^2 - m4^2), which makes the spectral
        density Q^2/m4^2 times that of `ThreeBodyDecay.spectral_density`.
        """
        q = self._reduced(points)[1]
        return q * (1.0 - q) ** 2


class BosonChannel(Channel):
    """W+ -> l nu of a flavour, or Z or h to nu and anything with the sum over flavours (``lepton`` is ``nu``)."""

    @property
    def masses(self) -> tuple[float, float]:
        """Mass of the boson in GeV; the lepton is massless."""
        if self.parent not in _MASSES:
            raise unknown("parent", self.parent, _MASSES)
        return _MASSES[self.parent], 0.0

    @property
    def flavour(self) -> str:
        """Flavour of the lepton."""
        return check_flavour(self.lepton)

    @property
    def standard_branching_ratio(self) -> float:
        """Not used: rates are relative."""
        raise NotImplementedError

    @property
    def _fast_type(self) -> type[ThreeBodyDecay]:  # type: ignore[override]
        return HiggsDecay if self.parent == "h" else VectorDecay

    def nu4_share(self, parameters: PortalParameters | ParameterPoints) -> Real:
        """|U_l4|^2 of the lepton, or s^2."""
        return parameters.U_sq(self.lepton) if self.parent == "W+" else parameters.U4_sq

    def nu4_ratio(self, m4: Real) -> Real:
        """Rate with one nu4 of mass m4 (GeV) per unit of `nu4_share`; zero where closed."""
        r = np.minimum((m4 / self.masses[0]) ** 2, 1.0)
        return (1.0 - r) ** 2 * (r if self.parent == "h" else 1.0 + 0.5 * r)


@lru_cache
def _channel(parent: str, lepton: str) -> BosonChannel:
    return BosonChannel(parent, lepton)


def boson_rates(parent: str, lepton: str, points: ParameterPoints) -> Array:
    """Rate to one nu4 that is not seen, or to chi phi through it, of n points.

    Parameters
    ----------
    parent : "W+", "Z" or "h"
    lepton : str
        Flavour for a W+, ``nu`` otherwise.
    points : ParameterPoints

    Returns
    -------
    array, shape (n,)
        For a narrow nu4 and r = m4^2/M^2: |U_l4|^2 (1-r)^2 (1+r/2) of a W in units of its width to l nu; s^2 times the
        same for a Z; s^2 r (1-r)^2 for h in units of m_h^3/(16 pi v^2). NaN where chi phi is open and yR is not zero.
    """
    channel = _channel(parent, lepton)
    return nu4_rates(channel, points, dark_ratios_of(channel, points))

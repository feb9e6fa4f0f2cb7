"""Several parameter points as arrays, for functions that evaluate many points at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nucore.model import constants as c
from nucore.model.parameters import PARAMETER_NAMES, PortalParameters
from nucore.model.particles import check_flavour

Array = NDArray[np.float64]

#: Length of a detector in metres: a nu4 that decays farther away is not seen; chosen.
DETECTOR_M = 10.0
HBARC_GEV_M = float(c.HBAR_GEV_S) * float(c.C_CM_PER_S) * 1e-2


@dataclass(frozen=True, eq=False)
class ParameterPoints:
    """Parameters of n points, each an array of shape (n,); names and units of `PortalParameters`.

    Attributes
    ----------
    visible : array, shape (n,)
        Branching ratio of nu4 to what a detector sees: 0 for an invisible or stable nu4.
    width : array, shape (n,)
        Of nu4 in GeV; infinite for one that decays at once.
    pole, weight : array, shape (n,)
        Residue of nu4, and all that the light neutrinos miss, per |U_l4|^2
        (`mesons.decays.spectral_weight.pole_and_weight`): 1 at tree level. The weight is NaN where they miss more
        than all.
    """

    m_chi: Array
    m_phi: Array
    m4: Array
    yL: Array
    yR: Array
    Ue4: Array
    Umu4: Array
    Utau4: Array
    m_W: Array
    m_Z: Array
    m_h: Array
    G_F: Array
    visible: Array
    width: Array
    pole: Array
    weight: Array

    @classmethod
    def of(
        cls, points: Sequence[PortalParameters], visible: ArrayLike = 0.0, width: ArrayLike = np.inf
    ) -> ParameterPoints:
        """Collect points."""
        table = np.array([[getattr(p, name) for name in PARAMETER_NAMES] for p in points], dtype=np.float64)
        columns = dict(zip(PARAMETER_NAMES, table.reshape(-1, len(PARAMETER_NAMES)).T, strict=True))
        given = {"visible": visible, "width": width, "pole": 1.0, "weight": 1.0}
        others = {name: np.broadcast_to(np.asarray(x, dtype=np.float64), len(points)) for name, x in given.items()}
        return cls(**columns, **others)

    @classmethod
    def single(cls, flavour: str, m4: ArrayLike, U_sq: ArrayLike, **others: ArrayLike) -> ParameterPoints:
        """Points with a single mixing and an invisible nu4, as in limits on |U_l4|^2 against m4 (GeV).

        Parameters
        ----------
        flavour : str
        m4, U_sq : float or array
            Broadcast against each other.
        **others
            Parameters by name; nu4 is stable (yL = 0) unless yL is given.
        """
        given = {"m4": m4, f"U{check_flavour(flavour)}4": np.sqrt(U_sq), **others}
        arrays = np.broadcast_arrays(*(np.atleast_1d(np.asarray(value, np.float64)) for value in given.values()))
        size = arrays[0].size
        default = PortalParameters(yL=0.0, Ue4=0.0, Umu4=0.0, Utau4=0.0).to_dict()
        columns = {name: np.full(size, value) for name, value in default.items()}
        columns |= dict(zip(given, (array.ravel() for array in arrays), strict=True))
        zeros, ones = np.zeros(size), np.ones(size)
        return cls(**columns, visible=zeros, width=zeros, pole=ones, weight=ones)

    def take(self, where: NDArray[np.bool_]) -> ParameterPoints:
        """Some of the points."""
        return ParameterPoints(**{field.name: getattr(self, field.name)[where] for field in fields(self)})

    def seen(self, m_parent: float) -> Array:
        """Share of the nu4 from a decay of a particle at rest that decay visibly in a detector, shape (n,).

        Parameters
        ----------
        m_parent : float
            Mass of the particle in GeV, which decays to nu4 and something light; the detector is 10 m long.
        """
        momentum = np.maximum(m_parent**2 - self.m4**2, 0.0) / (2.0 * m_parent)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            lengths = DETECTOR_M * self.m4 * self.width / (momentum * HBARC_GEV_M)
        return np.where(self.visible > 0.0, self.visible * -np.expm1(-lengths), 0.0)

    @property
    def n(self) -> int:
        """Number of points."""
        return self.m4.size

    @property
    def U4_sq(self) -> Array:
        """s^2 = |U_e4|^2 + |U_mu4|^2 + |U_tau4|^2."""
        return np.asarray(self.Ue4**2 + self.Umu4**2 + self.Utau4**2)

    @property
    def UN4_sq(self) -> Array:
        """c^2 = 1 - s^2."""
        return 1.0 - self.U4_sq

    @property
    def vev(self) -> Array:
        """<H> = (2 sqrt2 G_F)^(-1/2), about 174 GeV."""
        return np.asarray((2.0 * np.sqrt(2.0) * self.G_F) ** -0.5)

    def U(self, flavour: str) -> Array:
        """Mixing amplitude U_l4 of a flavour."""
        found: Array = getattr(self, f"U{check_flavour(flavour)}4")
        return found

    def U_sq(self, flavour: str) -> Array:
        """|U_l4|^2 of a flavour."""
        return np.asarray(self.U(flavour) ** 2)

    def lost(self, flavour: str) -> Array:
        """Share of a flavour that the light neutrinos miss."""
        return np.asarray(self.U_sq(flavour) * self.weight)

    def yukawa(self, flavour: str) -> Array:
        """Yukawa coupling lambda_l = U_l4 m4/v of a flavour."""
        return np.asarray(self.U(flavour) * self.m4 / self.vev)

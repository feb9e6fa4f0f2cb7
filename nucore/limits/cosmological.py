"""Bounds on the dark matter of a parameter point: N_eff, the smallest haloes, the relic abundance."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nucore.cosmology.annihilation import dark_coupling
from nucore.cosmology.effective_neutrinos import effective_neutrino_number
from nucore.cosmology.kinetic_decoupling import Convention, cutoff_mass
from nucore.experiment_cards import CardModel, validate
from nucore.model.points import ParameterPoints

Array = NDArray[np.float64]


class CosmologicalBound(CardModel):
    """Upper limit on a quantity that follows from a parameter point.

    Attributes
    ----------
    id : str
    quantity : "N_eff", "M_cut_Msun" or "omega_h2"
    limit : float
    confidence_level : float
    year : int
    inputs : tuple of "2017", "latest"
        Input sets it belongs to.
    reference : str
    verified : bool
    """

    id: str
    quantity: Literal["N_eff", "M_cut_Msun", "omega_h2"]
    limit: float
    confidence_level: float
    year: int
    inputs: tuple[Literal["2017", "latest"], ...]
    reference: str
    verified: bool

    def predicted(self, p: ParameterPoints, omega: Array, convention: Convention = "refined") -> Array:
        """Return the quantity at n points, NaN where it is not known; Omega h^2 is given, shape (n,)."""
        if self.quantity == "N_eff":
            return np.where(p.yL**2 * p.U4_sq > 0.0, effective_neutrino_number(p.m_chi, p.m_phi), np.nan)
        if self.quantity == "omega_h2":
            return np.where(np.isfinite(omega), omega, np.nan)
        coupling = dark_coupling(p.yL**2 * p.U4_sq, p.m_chi / p.m_phi)
        return np.asarray(cutoff_mass(p.m_chi, coupling, convention))


@cache
def cosmological_bounds() -> tuple[CosmologicalBound, ...]:
    """Read all bounds in the order of the file."""
    text = (files("nucore.limits") / "cosmology_bounds.toml").read_text(encoding="utf-8")
    return tuple(validate(CosmologicalBound, entry, entry["id"]) for entry in tomllib.loads(text)["bound"])

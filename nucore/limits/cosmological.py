"""Bounds on the dark matter of a parameter point: N_eff, the smallest haloes, the relic abundance."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

from nucore.cosmology.annihilation import dark_coupling, omega_h2
from nucore.cosmology.effective_neutrinos import effective_neutrino_number
from nucore.cosmology.kinetic_decoupling import Convention, cutoff_mass
from nucore.experiment_cards import CardModel, validate
from nucore.model.parameters import PortalParameters


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

    def predicted(self, p: PortalParameters, convention: Convention = "refined") -> float | None:
        """Return the quantity at a parameter point, None where it is not known."""
        if self.quantity == "N_eff":
            return effective_neutrino_number(p.m_chi, p.m_phi)
        if self.quantity == "omega_h2":
            return omega_h2(p)
        coupling = float(dark_coupling(p.yL**2 * p.U4_sq, p.m_chi / p.m_phi))
        return float(cutoff_mass(p.m_chi, coupling, convention)) if coupling > 0.0 else None


@cache
def cosmological_bounds() -> tuple[CosmologicalBound, ...]:
    """Read all bounds in the order of the file."""
    text = (files("nucore.limits") / "cosmology_bounds.toml").read_text(encoding="utf-8")
    return tuple(validate(CosmologicalBound, entry, entry["id"]) for entry in tomllib.loads(text)["bound"])

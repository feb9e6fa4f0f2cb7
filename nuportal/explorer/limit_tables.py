"""The catalogue of limits for the explorer: cards with their numbers, and the curves of Fig. 2 against m4."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucore.cosmology.effective_neutrinos import lowest_chi_mass
from nucore.limits.catalogue import INPUTS, catalogue
from nucore.limits.cosmological import cosmological_bounds
from nucore.limits.curve import LimitCurve
from nucore.limits.revision import unverified
from nucore.model.particles import FLAVOURS
from nuportal.constraints.constraint import Constraint, constraints
from nuportal.constraints.published import OBSERVABLES
from nuportal.explorer.compact import rounded, thinned
from nuportal.figures.mass_grid import THRESHOLDS, adaptive, both_sides, within

Array = NDArray[np.float64]

#: nu4 masses (GeV) with which the grid of a limit begins, its tolerance, and that of leaving points out.
_START = np.geomspace(1e-3, 1e5, 161)
_TOLERANCE, _THIN = 4e-3, 1e-3
_FIELDS = (
    "id", "label", "flavours", "quantity", "mass", "confidence_level", "sided", "mass_range_GeV",
    "applies_to_invisible", "applies_to_visible", "reason", "narrow", "peak_parent", "peak_half_width_GeV", "nucleus",
    "year", "experiment", "observed", "derived_here", "inputs", "reference", "source", "obtained", "notes",
)  # fmt: skip
_ARXIV = re.compile(r"arXiv:((?:[a-z-]+/)?\d[\d.]*\d)")


def arxiv_id(reference: str) -> str | None:
    """First arXiv number of a reference."""
    found = _ARXIV.search(reference)
    return None if found is None else found.group(1)


def card_tables() -> list[dict[str, Any]]:
    """Every card of the catalogue: what it says of itself, and its numbers."""
    doubtful = {one.id for one in unverified(catalogue().values())}
    return [_card(card) | {"verified": card.id not in doubtful} for card in catalogue().values()]


def _card(card: LimitCurve) -> dict[str, Any]:
    found: dict[str, Any] = {name: getattr(card, name) for name in _FIELDS}
    found["arxiv"] = arxiv_id(card.reference)
    if card.formula is not None:
        formula = card.formula
        return found | {
            "formula": {"name": formula.name, "numbers": formula.numbers(), "refined": dict(formula.refined)}
        }
    if card.line is not None:
        found["line"] = {"electron": card.line.electron, "all_sky": card.line.all_sky}
    if card.line is not None and card.line.flux is not None:
        low, high = card.mass_range_GeV
        masses, values = adaptive(card.values, np.geomspace(low, high, 161), _THIN, 1e-5)
        kept = thinned(masses, [values], _THIN)
        masses, values = masses[kept], values[kept]
    else:
        assert card.points is not None
        masses = np.array(card.points.mass_GeV)
        values = card.values(masses)
    return found | {"points": {"mass_GeV": rounded(masses, 12), "value": rounded(values)}}


def bound_tables() -> list[dict[str, Any]]:
    """Bounds on the dark matter itself."""
    return [
        bound.model_dump(mode="json") | {"observable": OBSERVABLES[bound.quantity], "arxiv": arxiv_id(bound.reference)}
        for bound in cosmological_bounds()
    ]


def lightest_masses() -> dict[str, float]:
    """Mass (GeV) below which nu4 in equilibrium with the neutrinos gives more N_eff than observed, by input set."""
    found = {}
    for inputs in INPUTS:
        bound = next(b for b in cosmological_bounds() if b.quantity == "N_eff" and inputs in b.inputs)
        found[inputs] = lowest_chi_mass(bound.limit, ratio=1e4) or 0.0
    return found


def mixing_curves(flavour: str) -> dict[str, dict[str, Any]]:
    """Limits on |U_l4|^2 of a stable nu4 against m4, by id: the curves of Fig. 2, of all input sets and projections.

    Returns
    -------
    dict
        ``paper`` and, where it differs, ``refined``: each with ``x`` (GeV) and ``y``.
    """
    chosen = [one for one in constraints(flavour, projections=True) if one.card.applies_to_invisible]
    return {one.id: _conventions(one, flavour) for one in chosen}


def _conventions(one: Constraint, flavour: str) -> dict[str, Any]:
    found = {"paper": _curve(one, flavour, "paper")}
    if one.card.formula is not None and one.card.formula.refined:
        found["refined"] = _curve(one, flavour, "refined")
    return found


def _curve(one: Constraint, flavour: str, convention: str) -> dict[str, Any]:
    if one.card.points is not None:
        masses = np.array(one.card.points.mass_GeV)
        return {"x": rounded(masses, 8), "y": rounded(one.values(masses, flavour, convention))}
    low, high = np.clip(one.card.mass_range_GeV, _START[0], _START[-1])
    start = within(np.concatenate([_START, both_sides(THRESHOLDS)]), low, high)
    masses, values = adaptive(lambda m: one.values(m, flavour, convention), start, _TOLERANCE)
    kept = thinned(masses, [values], _THIN)
    return {"x": rounded(masses[kept], 8), "y": rounded(values[kept])}


@cache
def all_mixing_curves() -> dict[str, dict[str, dict[str, Any]]]:
    """`mixing_curves` of every flavour."""
    return {flavour: mixing_curves(flavour) for flavour in FLAVOURS}

"""Fig. 2: limits on |U_l4|^2 of an invisible nu4 against its mass."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from nucore.cosmology.effective_neutrinos import lowest_chi_mass
from nucore.limits.cosmological import cosmological_bounds
from nucore.limits.curve import LimitCurve
from nucore.model.particles import FLAVOURS
from nuportal.constraints.combine import envelope
from nuportal.constraints.constraint import Constraint, constraints
from nuportal.figures.content import FigureContent, FigureCurve, Panel, columns, search_reach, vertical_line
from nuportal.figures.mass_grid import THRESHOLDS, adaptive, both_sides, knots, within

Array = NDArray[np.float64]
Progress = Callable[[float], None]

#: nu4 masses (GeV) with which the grid of a curve begins.
_START = np.geomspace(1e-3, 1e3, 121)
FLAVOUR_SYMBOL = {"e": "e", "mu": r"\mu", "tau": r"\tau"}
_W_EXPERIMENT = "atlas-2011"


def existing_limits(flavour: str, inputs: str) -> list[Constraint]:
    """Observed limits on an invisible nu4 in an input set."""
    return [one for one in constraints(flavour, inputs=inputs) if one.card.applies_to_invisible]


def n_eff_line(inputs: str, ratio: float = 3.0) -> tuple[float, str]:
    """Smallest m_chi (GeV) that N_eff allows, and the reference."""
    bound = next(b for b in cosmological_bounds() if b.quantity == "N_eff" and inputs in b.inputs)
    mass = lowest_chi_mass(bound.limit, ratio)
    assert mass is not None
    return mass, bound.reference


def _style(curve: LimitCurve) -> str:
    if curve.derived_here:
        return "w-observed"
    name = curve.formula.name if curve.formula is not None else "table"
    if name == "h-invisible":
        return "higgs" if curve.observed else "higgs-projection"
    if name == "z-invisible":
        return "z"
    if name == "table":
        return "limit" if curve.observed else "projection"
    return "universality"


def _curve(constraint: Constraint, flavour: str, convention: str) -> FigureCurve:
    card = constraint.card
    if card.points is not None:
        masses = np.array(card.points.mass_GeV)
        values = constraint.values(masses, flavour, convention)
    else:
        low, high = np.clip(card.mass_range_GeV, _START[0], _START[-1])
        start = within(np.concatenate([_START, both_sides(THRESHOLDS)]), low, high)
        masses, values = adaptive(lambda m: constraint.values(m, flavour, convention), start)
    keep = (
        "confidence_level",
        "sided",
        "year",
        "experiment",
        "reference",
        "source",
        "obtained",
        "reason",
        "notes",
        "derived_here",
    )
    metadata = {name: getattr(card, name) for name in keep} | {"observed": card.observed}
    return FigureCurve(card.id, card.label, masses, values, _style(card), metadata)


def _envelope(existing: Sequence[Constraint], flavour: str, convention: str) -> FigureCurve:
    """Strongest observed limit."""
    start = within(np.concatenate([_START, knots([one.card for one in existing])]), _START[0], _START[-1])
    masses, lowest = adaptive(lambda m: envelope(existing, m, flavour, convention)[0], start)
    return FigureCurve(f"envelope-{flavour}", "", masses, lowest, "envelope", {"of": [one.id for one in existing]})


def w_line(flavour: str) -> FigureCurve:
    """Reach of W -> l nu with the procedure of the paper."""
    reach = search_reach(_W_EXPERIMENT, flavour=flavour, systematics="paper")
    x, y = columns(reach, "m4_GeV", f"U{flavour}4_sq")
    label = f"W -> {flavour} nu"
    metadata = {
        "experiment": _W_EXPERIMENT,
        "systematics": "paper",
        "confidence_level": reach["confidence_level"],
        "limit": reach["limit"],
        "observed": False,
    }
    # beyond the largest mass of the grid only the rate is left: the line is level
    name = f"w-{_W_EXPERIMENT}-{flavour}-expected"  # the observed limit of the catalogue has the name without the end
    return FigureCurve(name, label, np.append(x, 1e3), np.append(y, y[-1]), "w-projection", metadata)


def figure_2(
    inputs: str, convention: str, flavours: Sequence[str] = FLAVOURS, progress: Progress | None = None
) -> FigureContent:
    """Make the content of Fig. 2: a panel for each flavour.

    Parameters
    ----------
    inputs : "2017" or "latest"
    convention : "paper" or "refined"
        ``refined``: the change of G_F where the Z width was compared with a computed one. Peak limits hold for a
        narrow nu4 in both.
    flavours : sequence of str
    progress : callable, optional
        Called with the fraction done.
    """
    panels = []
    for number, flavour in enumerate(flavours, start=1):
        existing = existing_limits(flavour, inputs)
        curves = [_curve(one, flavour, convention) for one in existing]
        curves += [
            _curve(one, flavour, convention)
            for one in constraints(flavour, inputs=inputs, projections=True)
            if not one.card.observed and one.card.applies_to_invisible
        ]
        if flavour != "tau":
            curves.append(w_line(flavour))
        curves.append(_envelope(existing, flavour, convention))
        mass, reference = n_eff_line(inputs)
        curves.append(vertical_line("n-eff", r"$N_\mathrm{eff}$", mass, "n-eff", reference=reference))
        panels.append(Panel(flavour, rf"$|U_{{{FLAVOUR_SYMBOL[flavour]}4}}|^2$", tuple(curves)))
        if progress is not None:
            progress(number / len(flavours))
    return FigureContent(2, inputs, convention, tuple(panels))

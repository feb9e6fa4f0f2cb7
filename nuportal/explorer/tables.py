"""Everything that the engine of the explorer computes with, as one object that JSON can hold.

The engine repeats the formulas of the package, one-dimensional integrals and the Boltzmann equation included; tables
stand for constants, cards, weak widths, the plasma, fits and templates. Against `nuportal check` and `nuportal model`
at 5,000 random points it is right to 0.7% in the limit of Borexino, 0.6% in Omega h^2 and
0.3% in all else; spectra of W -> l nu4 to 0.02% of the signal, of K+ -> mu + invisible to 0.1% of its largest bin.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files
from typing import Any

from nuportal.explorer.limit_tables import all_mixing_curves, bound_tables, card_tables, lightest_masses
from nuportal.explorer.physics_tables import physics_tables
from nuportal.figures.coupling import LINE_PROJECTIONS

Progress = Callable[[float], None]


def shipped_searches() -> dict[str, Any]:
    """Return what `nuportal.explorer.searches.searches` gave when tools/recipes/tabulate_searches.py was run."""
    text = (files("nuportal.explorer") / "data" / "searches.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def explorer_tables(progress: Progress | None = None) -> dict[str, Any]:
    """Make the tables of the explorer from the catalogue, the formulas and the templates of the package.

    Parameters
    ----------
    progress : callable, optional
        Called with the fraction done.

    Returns
    -------
    dict
        Of what `json.dumps` takes.
    """
    parts: tuple[Callable[[], dict[str, Any]], ...] = (
        physics_tables,
        lambda: {"cards": card_tables(), "bounds": bound_tables(), "lightest_GeV": lightest_masses()},
        lambda: {"mixing_curves": all_mixing_curves()},
        lambda: {"drawn_lines": LINE_PROJECTIONS, **shipped_searches()},
    )
    tables: dict[str, Any] = {}
    for number, part in enumerate(parts, start=1):
        tables |= part()
        if progress is not None:
            progress(number / len(parts))
    return tables

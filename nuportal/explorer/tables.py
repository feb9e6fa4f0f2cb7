"""Everything that the engine of the explorer computes with, as one object that JSON can hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nuportal.explorer.limit_tables import all_mixing_curves, bound_tables, card_tables, lightest_masses
from nuportal.explorer.physics_tables import physics_tables
from nuportal.explorer.reach_tables import reach_tables, spectrum_tables

Progress = Callable[[float], None]


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
        spectrum_tables,
        reach_tables,
    )
    tables: dict[str, Any] = {}
    for number, part in enumerate(parts, start=1):
        tables |= part()
        if progress is not None:
            progress(number / len(parts))
    return tables

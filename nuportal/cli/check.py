"""``nuportal check``: is a parameter point allowed, by what is it excluded, by how much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import typer

from nuportal.cli.options import Answer, PointGroup, grouped, optional


@dataclass(frozen=True)
class VerdictGroup:
    """Which limits count."""

    inputs: Annotated[str, typer.Option(help="2017 or latest.")] = "latest"
    convention: Annotated[str, typer.Option(help="paper or refined.")] = "refined"
    inelastic: Annotated[
        bool, typer.Option("--inelastic", help="chi is split in mass: no limits from direct detection.")
    ] = False
    halo: Annotated[str, typer.Option(help="Halo for annihilation: nfw, gnfw, einasto, burkert or isothermal.")] = "nfw"
    ignore: Annotated[list[str] | None, optional(metavar="ID", help="Leave a limit out (repeatable).")] = None

    def chosen(self) -> dict[str, Any]:
        """Return the options as the Python functions take them."""
        return {**vars(self), "ignore": tuple(self.ignore or ())}


@grouped(plot=True)
def command(where: PointGroup, which: VerdictGroup) -> Answer:
    """Is a parameter point allowed: predictions, limits and margins of all constraints; a margin below 1 excludes."""
    from nuportal import check

    return Answer(check(where.point(), **which.chosen()), origin=where.origin())

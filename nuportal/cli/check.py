"""``nuportal check``: is a parameter point allowed, by what is it excluded, by how much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import typer

from nuportal.cli import completion
from nuportal.cli.answer import Answer, grouped
from nuportal.cli.options import PointGroup, optional


@dataclass(frozen=True)
class VerdictGroup:
    """Which limits count."""

    heading: ClassVar[str] = "Limits"

    inputs: Annotated[str, typer.Option(metavar="2017|latest", help="Published numbers of this input set.")] = "latest"
    convention: Annotated[str, typer.Option(metavar="paper|refined", help="Treatment of the limits.")] = "refined"
    inelastic: Annotated[
        bool, typer.Option("--inelastic", help="chi is split in mass: no limits from direct detection.")
    ] = False
    halo: Annotated[
        str, typer.Option(metavar="nfw|gnfw|einasto|burkert|isothermal", help="Halo profile, for annihilation.")
    ] = "nfw"
    ignore: Annotated[
        list[str] | None,
        optional(metavar="ID", autocompletion=completion.limit, help="Leave a limit out (repeatable)."),
    ] = None

    def chosen(self) -> dict[str, Any]:
        """Return the options as the Python functions take them."""
        return {**vars(self), "ignore": tuple(self.ignore or ())}


EXAMPLES: tuple[str, ...] = (
    "nuportal check --set m4=30 --set Umu4=0.05",
    "nuportal check --set m4=0.3 --set Umu4=1e-3 --inputs 2017",
    "nuportal check --inelastic --ignore n-eff-2026",
)


@grouped(plot=True)
def command(where: PointGroup, which: VerdictGroup) -> Answer:
    """Is a parameter point allowed: predictions, limits and margins of all constraints; a margin below 1 excludes."""
    from nuportal import check

    return Answer(check(where.point(), **which.chosen()), origin=where.origin())

"""``nuportal check``: is a parameter point allowed, by what is it excluded, by how much."""

from __future__ import annotations

import math
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
    ignore: Annotated[list[str] | None, optional(metavar="ID", help="Leave a limit out (repeatable).")] = None

    def chosen(self) -> dict[str, Any]:
        """Return the options as the Python functions take them."""
        return {**vars(self), "ignore": tuple(self.ignore or ())}


@grouped
def command(where: PointGroup, which: VerdictGroup) -> Answer:
    """Is a parameter point allowed: margins of all limits (limit over prediction; below 1 excludes)."""
    from nuportal import check

    return Answer(check(where.point(), **which.chosen()).to_dict(), _show, where.origin())


def _show(fields: dict[str, Any]) -> None:
    typer.echo("allowed" if fields["allowed"] else f"excluded by {', '.join(fields['excluded_by'])}")
    width = max(map(len, (*fields["margins"], *fields["not_applicable"])))
    for name, margin in fields["margins"].items():
        typer.echo(f"  {name:<{width}}  {math.inf if margin is None else margin:>9.3g}")
    for name, reason in fields["not_applicable"].items():
        typer.echo(f"  {name:<{width}}  {'-':>9}  {reason}")

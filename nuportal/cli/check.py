"""``nuportal check``: is a parameter point allowed, by what is it excluded, by how much."""

from __future__ import annotations

from collections.abc import Iterator
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


@grouped
def command(where: PointGroup, which: VerdictGroup) -> Answer:
    """Is a parameter point allowed: predictions, limits and margins of all constraints; a margin below 1 excludes."""
    from nuportal import check

    return Answer(check(where.point(), **which.chosen()).to_dict(), _show, where.origin())


def _show(fields: dict[str, Any]) -> None:
    outcome = {True: "allowed", False: f"excluded by {', '.join(fields['excluded_by'])}", None: "undecided"}
    typer.echo(outcome[fields["allowed"]])
    for warning in fields["warnings"]:
        typer.echo(warning)
    width = max(len(one["id"]) for one in fields["constraints"])
    typer.echo(f"  {'constraint':<{width}}  {'margin':>9}  {'predicted':>10}  {'limit':>10}  {'CL':>4}  observable")
    for one in fields["constraints"]:
        if not one["applies"]:
            typer.echo(f"  {one['id']:<{width}}  {'-':>9}  {one['reason']}")
            continue
        level = "" if one["confidence_level"] is None else f"{one['confidence_level']:.0%}"
        margin = "no effect" if one["margin"] is None else f"{one['margin']:.3g}"
        head = f"  {one['id']:<{width}}  {margin:>9}"
        for name, prediction, limit in _rows(one):
            typer.echo(f"{head}  {_number(prediction):>10}  {_number(limit):>10}  {level:>4}  {name}")
    typer.echo(f"joint delta chi2 of measured numbers against the Standard Model: {fields['joint_delta_chi2']:.3g}")
    if fields["mixing_loop_shift"] is not None:
        typer.echo(
            f"shift of |U|^2 between zero momentum and m4 by the chi-phi loop: {fields['mixing_loop_shift']:+.2g}"
        )
    typer.echo("margin: limit over prediction; for measured numbers largest allowed over predicted deviation")
    typer.echo(f"share of chi in the dark matter: {fields['dark_matter_share']:.3g}; halo: {fields['halo']}")


def _rows(one: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Observables of a constraint, each with its prediction and limit."""
    if isinstance(one["observable"], str):
        return iter([(one["observable"], one["prediction"], one["limit"])])
    none = [None] * len(one["observable"])
    return zip(one["observable"], one["prediction"] or none, one["limit"] or none, strict=True)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.6g}"

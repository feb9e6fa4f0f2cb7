"""``nuportal scan``: every quantity and verdict over a grid or a list of parameter points."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nucore.errors import InputError
from nuportal.cli.check import VerdictGroup
from nuportal.cli.options import JsonOption, PointGroup, answer, grouped, show
from nuportal.cli.running import RunGroup, carry_out

if TYPE_CHECKING:
    from nuportal.api.scan import ScanResult


@grouped
def command(
    where: PointGroup,
    which: VerdictGroup,
    run: RunGroup,
    grid: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUES", help="1,2,3 or LOW:HIGH:N or LOW:HIGH:N:log (repeatable)."),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="Read the values point by point, not as a grid.")] = False,
    out: Annotated[Path | None, typer.Option(help="Table: .csv or .parquet.", show_default=False)] = None,
    as_json: JsonOption = False,
) -> None:
    """Every quantity of `model` and every limit's margin over a grid of any parameters."""
    from nuportal import scan

    axes = dict(_axis(text) for text in grid or [])
    if len(axes) < len(grid or []):
        raise InputError("--grid names a parameter twice")
    found = carry_out(
        scan, axes, where.point(), title="scan", run=run, as_json=as_json, out=out, listed=listed, **which.chosen()
    )
    if found is None:
        return
    if as_json:
        _tell_invalid(found)
        answer("scan", found.to_dict(), **where.origin())
    else:
        show_result(found)


def show_result(found: ScanResult) -> None:
    """Print how many points there are, and how many are allowed."""
    _tell_invalid(found)
    rows = {"points": found.n_points, "allowed": found.n_allowed, "points per second": found.points_per_second}
    show(rows | ({"written": ", ".join(found.outputs)} if found.outputs else {}))


def _tell_invalid(found: ScanResult) -> None:
    if found.n_invalid:
        typer.echo(
            f"nuportal: {found.n_invalid} of {found.n_points} points are not valid parameter points; "
            "the column reason says why",
            err=True,
        )


def _axis(text: str) -> tuple[str, str]:
    name, equals, values = (part.strip() for part in text.partition("="))
    if not equals:
        raise InputError(f"invalid --grid {text!r}: expected NAME=1,2,3 or NAME=LOW:HIGH:N or NAME=LOW:HIGH:N:log")
    return name, values

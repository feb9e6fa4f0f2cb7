"""``nuportal scan``: every quantity and verdict over a grid or a list of parameter points."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from nucore.errors import InputError
from nuportal.cli import completion
from nuportal.cli.answer import Answer, grouped
from nuportal.cli.check import VerdictGroup
from nuportal.cli.options import PointGroup, ReportOption, optional
from nuportal.cli.running import RunGroup, carry_out

EXAMPLES: tuple[str, ...] = (
    "nuportal scan --grid m4=1,10,30 --grid Umu4=0.001:0.1:5:log",
    "nuportal scan --grid m_chi=0.01:1:10:log --grid yL=1,2 --out scan.csv",
    "nuportal scan --list --grid m4=10,20 --grid Umu4=0.01,0.02",
)


def _drawable(grid: list[str] | None, listed: bool, out: Path | None, **_: Any) -> None:
    """Refuse to draw what is no line and no plane, before it is computed."""
    from nuportal.verdicts.points import ScanPoints

    if out is not None:
        raise InputError("--plot draws the table, which --out writes to a file: expected one of both")
    points = ScanPoints.of(dict(_axis(text) for text in grid or []), listed)
    varied = [name for name, values in zip(points.names, points.values, strict=True) if len(set(values.tolist())) > 1]
    if len(varied) not in (1, 2):
        raise InputError(
            f"--plot needs one or two parameters that vary: this scan varies {', '.join(varied) or 'none'}"
        )


@grouped(plot=True, drawable=_drawable)
def command(
    where: PointGroup,
    which: VerdictGroup,
    run: RunGroup,
    grid: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUES",
            autocompletion=completion.parameter,
            help="1,2,3 or LOW:HIGH:N or LOW:HIGH:N:log (repeatable).",
        ),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="Read the values point by point, not as a grid.")] = False,
    out: Annotated[Path | None, optional(help="Table: .csv or .parquet.")] = None,
    report: ReportOption = None,
) -> Answer:
    """Every quantity of `model` and every limit's margin over a grid of any parameters."""
    from nuportal import scan

    axes = dict(_axis(text) for text in grid or [])
    if len(axes) < len(grid or []):
        raise InputError("--grid names a parameter twice")
    answer = carry_out(
        scan, axes, where.point(axes), title="scan", run=run, out=out, report=report, listed=listed, **which.chosen()
    )
    n_invalid = answer.fields().get("n_invalid", 0)
    if n_invalid:
        told = f"{n_invalid} of {answer.fields()['n_points']} points are not valid parameter points"
        typer.echo(f"nuportal: {told}; the column reason says why", err=True)
    return replace(answer, origin=where.origin())


def _axis(text: str) -> tuple[str, str]:
    name, equals, values = (part.strip() for part in text.partition("="))
    if not equals:
        raise InputError(f"invalid --grid {text!r}: expected NAME=1,2,3 or NAME=LOW:HIGH:N or NAME=LOW:HIGH:N:log")
    return name, values

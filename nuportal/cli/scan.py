"""``nuportal scan``: every quantity and verdict over a grid or a list of parameter points."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nucore.errors import InputError
from nuportal.cli.check import ConventionOption, IgnoreOption, InelasticOption, InputsOption
from nuportal.cli.options import (
    CardArgument,
    ChunkOption,
    JsonOption,
    MemoryOption,
    ResumeOption,
    SchedulerOption,
    SetOption,
    ShardOption,
    WorkersOption,
    answer,
    card_origin,
    parameters_of,
    show,
)
from nuportal.cli.running import carry_out, execution_of

if TYPE_CHECKING:
    from nuportal.api import ScanResult


def command(
    card: CardArgument = None,
    assignments: SetOption = None,
    grid: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUES", help="10,20,30 or LOW:HIGH:N or LOW:HIGH:N:log (repeatable)."),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="The values belong together, point by point.")] = False,
    inputs: InputsOption = "latest",
    convention: ConventionOption = "refined",
    inelastic: InelasticOption = False,
    ignore: IgnoreOption = None,
    out: Annotated[Path | None, typer.Option(help="Table: .csv or .parquet.", show_default=False)] = None,
    workers: WorkersOption = None,
    scheduler: SchedulerOption = None,
    chunk: ChunkOption = None,
    resume: ResumeOption = False,
    max_memory: MemoryOption = None,
    shard: ShardOption = None,
    as_json: JsonOption = False,
) -> None:
    """Every quantity of `model` and every limit's margin over a grid of any parameters."""
    from nucore.run.provenance import provenance
    from nuportal.api import VerdictOptions, scan

    axes = dict(_axis(text) for text in grid or [])
    if len(axes) < len(grid or []):
        raise InputError("--grid names a parameter twice")
    found = carry_out(
        scan,
        axes,
        parameters_of(card, assignments),
        title="scan",
        shard=shard,
        as_json=as_json,
        out=out,
        listed=listed,
        options=VerdictOptions(inputs, convention, inelastic, tuple(ignore or ())),  # type: ignore[arg-type]
        execution=execution_of(workers, scheduler, chunk, resume, max_memory),
    )
    if found is None:
        return
    if as_json:
        _tell_invalid(found)
        answer("scan", found.to_dict(), provenance(**card_origin(card)))
        return
    show_result(found)


def show_result(found: ScanResult) -> None:
    """Print how many points there are, and how many are allowed."""
    _tell_invalid(found)
    rows = {"points": found.n_points, "allowed": found.n_allowed, "points per second": found.points_per_second}
    show(rows | ({"written": ", ".join(found.outputs)} if found.outputs else {}))


def _tell_invalid(found: ScanResult) -> None:
    if found.n_invalid:
        typer.echo(
            f"nuportal: {found.n_invalid} of {found.n_points} points are no parameter points; column reason says why",
            err=True,
        )


def _axis(text: str) -> tuple[str, str]:
    name, equals, values = (part.strip() for part in text.partition("="))
    if not equals:
        raise InputError(f"--grid {text!r} is not allowed: NAME=10,20,30 or NAME=LOW:HIGH:N or NAME=LOW:HIGH:N:log are")
    return name, values

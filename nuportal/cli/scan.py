"""``nuportal scan``: every quantity and verdict over a grid or a list of parameter points."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from nuportal.cli.check import ConventionOption, IgnoreOption, InelasticOption, InputsOption
from nuportal.cli.options import (
    CardArgument,
    JsonOption,
    SetOption,
    WorkersOption,
    answer,
    card_origin,
    parameters_of,
    progress_bar,
    show,
)
from nuportal.errors import InputError

_MAX_VALUES = 1_000_000


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
    as_json: JsonOption = False,
) -> None:
    """Every quantity of `model` and every limit's margin over a grid of any parameters."""
    from nuportal.api import VerdictOptions, scan
    from nuportal.provenance import provenance

    axes = dict(parse_axis(text) for text in grid or [])
    if len(axes) < len(grid or []):
        raise InputError("--grid names a parameter twice")
    options = VerdictOptions(inputs, convention, inelastic, tuple(ignore or ()))  # type: ignore[arg-type]
    with progress_bar("scan") as progress:
        found = scan(
            axes,
            parameters_of(card, assignments),
            listed=listed,
            options=options,
            out=out,
            workers=workers,
            progress=progress,
        )
    if as_json:
        answer("scan", found.to_dict(), provenance(**card_origin(card)))
        return
    allowed = sum(value is True for value in found.columns["allowed"])
    rows = {"points": found.n_points, "allowed": allowed, "points per second": found.points_per_second}
    show(rows | ({"written": ", ".join(found.outputs)} if found.outputs else {}))


def parse_axis(text: str) -> tuple[str, list[float]]:
    """Read ``m4=10,20,30``, ``m4=1:100:50`` (number of points, ends included) or ``m4=1:100:50:log``.

    Raises
    ------
    InputError
        If it is none of these.
    """
    name, equals, values = (part.strip() for part in text.partition("="))
    try:
        if not equals:
            raise ValueError
        if ":" not in values:
            found = [float(value) for value in values.split(",")]
        else:
            low, high, count, *spacing = values.split(":")
            ends, n = (float(low), float(high)), int(count)
            if spacing not in ([], ["log"], ["lin"]) or not 1 <= n <= _MAX_VALUES:
                raise ValueError
            if spacing == ["log"] and min(ends) <= 0.0:
                raise ValueError
            found = (np.geomspace if spacing == ["log"] else np.linspace)(*ends, n).tolist()
    except ValueError:
        raise InputError(
            f"--grid {text!r} is not allowed: NAME=10,20,30 or NAME=LOW:HIGH:N or NAME=LOW:HIGH:N:log are"
        ) from None
    if not all(map(math.isfinite, found)):
        raise InputError(f"--grid {text!r} is not allowed: values must be finite")
    return name, found

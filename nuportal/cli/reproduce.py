"""``nuportal reproduce``: a recorded run repeated."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nuportal.cli.options import JsonOption, WorkersOption, answer, progress_bar


def command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Any output, or the JSON answer of a command.")],
    workers: WorkersOption = None,
    as_json: JsonOption = False,
) -> None:
    """Repeat the run that FILE records, in a temporary folder, and compare; exit status 1 if they differ."""
    from nucore.run.executors import Execution
    from nuportal import reproduce

    with progress_bar(f"reproducing {file}") as progress:
        found = reproduce(file, execution=Execution(workers=workers), progress=progress)
    if as_json:
        answer("reproduce", found.to_dict())
    else:
        typer.echo(f"{file} ({found.function}): {'identical' if found.identical else 'different'}")
        for line in found.differences:
            typer.echo(f"  {line}")
        if found.n_differences > len(found.differences):
            typer.echo(f"  and {found.n_differences - len(found.differences)} more differences")
        for name, (old, new) in found.environment.items():
            typer.echo(f"  {name} was {old}, is {new}")
    if not found.identical:
        raise typer.Exit(1)

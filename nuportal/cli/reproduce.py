"""``nuportal reproduce``: a recorded run repeated."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from nuportal.cli.options import Answer, WorkersOption, grouped
from nuportal.cli.progress import progress_bar


@grouped
def command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Any output, or the JSON answer of a command.")],
    workers: WorkersOption = None,
) -> Answer:
    """Repeat the run that FILE records, in a temporary folder, and compare; exit status 1 if they differ."""
    from nucore.run.executors import Execution
    from nuportal import reproduce

    with progress_bar(f"reproducing {file}") as progress:
        found = reproduce(file, execution=Execution(workers=workers), progress=progress)
    return Answer(found.to_dict(), _show, status=0 if found.identical else 1)


def _show(fields: dict[str, Any]) -> None:
    typer.echo(f"{fields['file']} ({fields['function']}): {'identical' if fields['identical'] else 'different'}")
    for line in fields["differences"]:
        typer.echo(f"  {line}")
    more = fields["n_differences"] - len(fields["differences"])
    if more:
        typer.echo(f"  and {more} more differences")
    for name, (old, new) in fields["environment"].items():
        typer.echo(f"  {name} was {old}, is {new}")

"""``nuportal reproduce``: a recorded run repeated."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nuportal.cli.answer import Answer, grouped
from nuportal.cli.options import WorkersOption
from nuportal.cli.progress import progress_bar

EXAMPLES: tuple[str, ...] = (
    "nuportal reproduce reach.json",
    "nuportal reproduce w.root --workers 2",
    "nuportal reproduce reach.json --json",
)


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
    return Answer(found, status=0 if found.identical else 1)

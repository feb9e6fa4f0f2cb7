"""``nuportal quickstart``: the whole chain with pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nuportal.cli.answer import Answer, grouped
from nuportal.cli.options import ReportOption, SeedOption, WorkersOption
from nuportal.cli.progress import progress_bar

EXAMPLES: tuple[str, ...] = (
    "nuportal quickstart",
    "nuportal quickstart first --seed 2",
    "nuportal quickstart second --workers 2",
)


@grouped
def command(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Output folder.")] = Path("quickstart"),
    report: ReportOption = None,
    seed: SeedOption = 1,
    workers: WorkersOption = None,
) -> Answer:
    """Generate, fit and project for the LHC, E949 and NA62, with pictures and a summary; under a minute."""
    from nuportal import quickstart

    with progress_bar("quickstart") as progress:
        result = quickstart(folder, report=report, seed=seed, workers=workers, progress=progress)
    typer.echo(f"nuportal: open {result.outputs[0]} in a browser", err=True)
    return Answer(result)

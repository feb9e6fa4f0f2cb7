"""``nuportal quickstart``: the whole chain with pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from nuportal.cli.options import Answer, SeedOption, WorkersOption, grouped, show
from nuportal.cli.progress import progress_bar


@grouped
def command(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Output folder.")] = Path("quickstart"),
    seed: SeedOption = 1,
    workers: WorkersOption = None,
) -> Answer:
    """Generate, fit and project for the LHC, E949 and NA62, with pictures and a summary; under a minute."""
    from nuportal import quickstart

    with progress_bar("quickstart") as progress:
        result = quickstart(folder, seed=seed, workers=workers, progress=progress)
    return Answer(result.to_dict(), _show)


def _show(fields: dict[str, Any]) -> None:
    show(fields["summary"], f"done in {fields['seconds']:.0f} s")
    *others, summary = fields["outputs"]
    typer.echo(f"{len(others) + 1} files; start with {summary}")

"""``nuportal quickstart``: the whole chain with pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nuportal.cli.options import JsonOption, SeedOption, WorkersOption, answer, progress_bar, show


def command(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Output folder.")] = Path("quickstart"),
    seed: SeedOption = 1,
    workers: WorkersOption = None,
    as_json: JsonOption = False,
) -> None:
    """Generate, fit and project for the LHC, E949 and NA62, with pictures and a summary; under a minute."""
    from nuportal import quickstart

    with progress_bar("quickstart") as progress:
        result = quickstart(folder, seed=seed, workers=workers, progress=progress)
    if as_json:
        answer("quickstart", result.to_dict(), seed=seed)
        return
    show(result.summary, f"done in {result.seconds:.0f} s")
    typer.echo(f"{len(result.outputs)} files in {folder}; start with {folder / 'summary.md'}")

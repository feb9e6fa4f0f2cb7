"""``nuportal reproduce-result``: a published result made again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nuportal.cli.answer import Answer, grouped
from nuportal.cli.options import WorkersOption
from nuportal.cli.progress import progress_bar

EXAMPLES: tuple[str, ...] = (
    "nuportal reproduce-result w-observed --out w-observed",
    "nuportal reproduce-result w-observed --out again --workers 4",
    "nuportal reproduce-result w-observed --out third --json",
)


@grouped
def command(
    result: Annotated[str, typer.Argument(metavar="RESULT", help="w-observed: limits from published W spectra.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Output folder.")],
    workers: WorkersOption = None,
) -> Answer:
    """Make a result of this package again: fits, tables, workspaces, plots and a summary; a few minutes."""
    from nuportal import reproduce_result

    with progress_bar(f"reproducing {result}") as progress:
        found = reproduce_result(result, out=out, workers=workers, progress=progress)
    return Answer(found)

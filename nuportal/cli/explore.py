"""``nuportal explore``: one offline page on which a parameter point is moved through all limits."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nuportal.cli.answer import Answer, grouped
from nuportal.cli.progress import progress_bar

EXAMPLES: tuple[str, ...] = (
    "nuportal explore --out explore.html",
    "nuportal explore --out page.html --json",
)


@grouped
def command(out: Annotated[Path, typer.Option(help="Page to write (.html).")] = Path("explore.html")) -> Answer:
    """Write an interactive page: move a point through all limits, with its spectra; opens in any browser, offline."""
    from nuportal import explore

    with progress_bar("explore") as progress:
        return Answer(explore(out, progress=progress))

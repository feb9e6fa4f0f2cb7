"""``nuportal cite``: what to cite."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nuportal.cli.answer import Answer, grouped

EXAMPLES: tuple[str, ...] = (
    "nuportal cite",
    "nuportal cite reach.json",
    "nuportal cite --json",
)


@grouped
def command(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="Output or JSON answer (default: all inputs).", show_default=False),
    ] = None,
) -> Answer:
    """BibTeX of the paper, the package, and the inputs that a file used."""
    from nuportal import cite

    result = cite(file)
    return Answer(result, text=result.bibtex)

"""``nuportal figure``: Figs. 1 and 2 of arXiv:1709.07001."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nuportal.cli.options import Answer, FlavourOption, grouped, optional
from nuportal.cli.progress import progress_bar


@grouped
def command(
    number: Annotated[int, typer.Argument(help="1 (Y against m_chi) or 2 (|U|^2 against m4).")],
    inputs: Annotated[str, typer.Option(help="2017 or latest.")] = "latest",
    convention: Annotated[str, typer.Option(help="paper or refined.")] = "paper",
    flavour: FlavourOption = None,
    out: Annotated[Path | None, optional(help="Folder (default: figure-NUMBER).")] = None,
) -> Answer:
    """Figures of the paper, with its inputs or the newest: PNG, PDF, and every curve as CSV and HEPData YAML."""
    from nuportal import figure

    folder = Path(f"figure-{number}") if out is None else out
    with progress_bar(f"figure {number}") as progress:
        made = figure(number, inputs=inputs, convention=convention, flavour=flavour, out=folder, progress=progress)
    return Answer(made)

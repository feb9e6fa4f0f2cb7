"""``nuportal figure``: Figs. 1 and 2 of arXiv:1709.07001."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nuportal.cli.answer import Answer, grouped
from nuportal.cli.options import FlavourOption, optional
from nuportal.cli.progress import progress_bar

EXAMPLES: tuple[str, ...] = (
    "nuportal figure 1",
    "nuportal figure 2 --flavour e --inputs 2017",
    "nuportal figure 2 --convention refined --out fig2",
)


@grouped
def command(
    number: Annotated[int, typer.Argument(help="1 (Y against m_chi) or 2 (|U|^2 against m4).")],
    inputs: Annotated[str, typer.Option(metavar="2017|latest", help="Published numbers of this input set.")] = "latest",
    convention: Annotated[str, typer.Option(metavar="paper|refined", help="Treatment of the limits.")] = "paper",
    flavour: FlavourOption = None,
    out: Annotated[Path | None, optional(metavar="DIR", help="Folder (default: figure-NUMBER).")] = None,
) -> Answer:
    """Figures of the paper, with its inputs or the newest: PNG, PDF, and every curve as CSV and HEPData YAML."""
    from nuportal import figure

    folder = Path(f"figure-{number}") if out is None else out
    with progress_bar(f"figure {number}") as progress:
        made = figure(number, inputs=inputs, convention=convention, flavour=flavour, out=folder, progress=progress)
    return Answer(made)

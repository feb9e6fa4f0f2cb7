"""``nuportal.figure``: Figs. 1 and 2 of arXiv:1709.07001, pictures and tables in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from nucore.errors import InputError
from nucore.io.atomic import output_folder
from nucore.model.particles import FLAVOURS, check_flavour
from nucore.results import Result
from nucore.summaries import Table
from nuportal.api.requests import recorded
from nuportal.figures.content import FigureContent
from nuportal.figures.coupling import figure_1
from nuportal.figures.export import write_curves
from nuportal.figures.mixing import figure_2
from nuportal.notebook_progress import Progress, callback
from nuportal.verdicts.judgement import VerdictOptions

NUMBERS = {1: figure_1, 2: figure_2}


@dataclass(frozen=True)
class FigureResult(Result):
    """A figure and the files it was written to.

    Attributes
    ----------
    content : FigureContent
        Panels and curves.
    outputs : tuple of str
        Files: pictures, then tables of the curves.
    """

    picture: ClassVar[str] = "nucore.plot.paper_figures:paper_figure"

    content: FigureContent
    outputs: tuple[str, ...]

    def headline(self) -> str:
        """Say which figure it is."""
        return f"Fig. {self.content.number}, inputs {self.content.inputs}, convention {self.content.convention}"

    def tables(self) -> tuple[Table, ...]:
        """Curves of each panel."""
        rows = tuple((row["panel"], row["curve"]) for row in self.rows())
        return (Table(rows, ("panel", "curve"), self.headline()),)

    def rows(self) -> list[dict[str, Any]]:
        """Records of the curves."""
        return [{"panel": panel.id, "curve": curve.id} for panel in self.content.panels for curve in panel.curves]

    def to_dict(self) -> dict[str, Any]:
        """Fields as plain Python types.

        Keys
        ----
        figure : int
            Number of the figure, 1 or 2.
        inputs : "2017" or "latest"
            Input set of the limits.
        convention : "paper" or "refined"
            Convention of the predictions.
        panels : dict
            Ids of the curves of each panel.
        outputs
        """
        panels = {panel.id: [curve.id for curve in panel.curves] for panel in self.content.panels}
        return {
            "figure": self.content.number,
            "inputs": self.content.inputs,
            "convention": self.content.convention,
            "panels": panels,
            "outputs": list(self.outputs),
        }


@recorded
def figure(
    number: int,
    *,
    inputs: str = "latest",
    convention: str = "paper",
    flavour: str | None = None,
    out: str | Path | None = None,
    progress: Progress = None,
) -> FigureResult:
    """Compute Fig. 1 or 2 of arXiv:1709.07001; with a folder, write PNG, PDF and every curve.

    Parameters
    ----------
    number : 1 or 2
    inputs : "2017" or "latest"
        Published numbers of that year.
    convention : "paper" or "refined"
        See `figure_1` and `figure_2`.
    flavour : "e", "mu" or "tau", optional
        One flavour alone.
    out : str or Path, optional
        Folder; made if it is not there.
    progress : callable or False, optional
        Called with the fraction done; False: no bar in a notebook.

    Raises
    ------
    InputError
        For arguments that are not allowed.

    Examples
    --------
    >>> import nuportal
    >>> found = nuportal.figure(2, flavour="tau")  # out="DIR" writes the pictures and curves
    >>> found.to_dict()["figure"]
    2
    """
    VerdictOptions(inputs, convention)  # type: ignore[arg-type]  # checks them
    if number not in NUMBERS:
        raise InputError(f"unknown figure {number}: expected 1 or 2")
    flavours: Sequence[str] = FLAVOURS if flavour is None else (check_flavour(flavour),)
    folder = None if out is None else output_folder(out)
    content = NUMBERS[number](inputs, convention, flavours, callback(progress))
    return FigureResult(content, () if folder is None else tuple(_write(content, folder)))


def _write(content: FigureContent, folder: Path) -> list[str]:
    from nucore.plot.paper_figures import paper_figure
    from nucore.plot.style import save

    drawn = paper_figure(FigureResult(content, ()))
    name = f"figure-{content.number}-{content.inputs}" + ("-refined" if content.convention == "refined" else "")
    pictures = [str(save(drawn, folder / f"{name}.{suffix}")) for suffix in ("png", "pdf")]
    return pictures + write_curves(content, folder)

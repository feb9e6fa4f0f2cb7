"""``nuportal.explore``: one offline page on which a parameter point is moved through all limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nucore.errors import InputError
from nucore.io.atomic import atomic_path
from nucore.results import Result
from nucore.summaries import Table
from nuportal.api.requests import recorded
from nuportal.explorer.engine import engine_source
from nuportal.explorer.page import page_html
from nuportal.explorer.tables import explorer_tables

Progress = Callable[[float], None]


@dataclass(frozen=True)
class ExploreResult(Result):
    """The page that was written.

    Attributes
    ----------
    outputs : tuple of str
        Its file.
    size_kB : float
        Size of the page.
    """

    outputs: tuple[str, ...]
    size_kB: float

    def headline(self) -> str:
        """Name the file."""
        return f"{self.outputs[0]}, {self.size_kB:.0f} kB"

    def tables(self) -> tuple[Table, ...]:
        """Name the file and say what to do with it."""
        return (Table.of({"page": self.outputs[0], "size [kB]": round(self.size_kB)}, notes=("open it in a browser",)),)


@recorded
def explore(out: str | Path = "explore.html", *, progress: Progress | None = None) -> ExploreResult:
    """Write the explorer: exclusion planes, constraints, spectra and derived numbers of any point, in one HTML file.

    The page needs no network: formulas run in the browser, from tables that it holds.

    Parameters
    ----------
    out : str or Path
        File ``*.html``.
    progress : callable, optional
        Called with the fraction done.

    Raises
    ------
    InputError
        If the file does not end with .html or cannot be written.

    Examples
    --------
    >>> import nuportal
    >>> nuportal.explore("explore.html").outputs  # some seconds  # doctest: +SKIP
    ('explore.html',)
    """
    path = Path(out)
    if path.suffix != ".html":
        raise InputError(f"invalid out {str(out)!r}: expected a file that ends with .html")
    with atomic_path(path) as temporary:
        temporary.write_text(page_html(explorer_tables(progress), engine_source()), encoding="utf-8")
    return ExploreResult((str(path),), path.stat().st_size / 1000.0)

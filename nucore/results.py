"""Base of what functions give back: frozen dataclasses that can be read, drawn and stored."""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from html import escape
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from nucore.errors import InputError
from nucore.summaries import Table, cell

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

#: Characters of a `repr`, rows of a table that a notebook shows unfolded, and at most.
_REPR, _UNFOLDED, _SHOWN_ROWS = 240, 12, 200
#: In a notebook, light or dark, as JupyterLab's own tables.
_STYLE = """<style>
.nuportal-result { max-width: 60em; color: var(--jp-ui-font-color1, inherit); }
.nuportal-result .headline { margin: 0.3em 0; }
.nuportal-result table { border-collapse: collapse; margin: 0.4em 0; font-size: inherit;
  font-variant-numeric: tabular-nums; }
.nuportal-result caption { text-align: left; font-weight: 600; padding: 0.2em 0; color: inherit; }
.nuportal-result th, .nuportal-result td { padding: 0.15em 0.7em; text-align: left; background: transparent;
  border-bottom: 1px solid var(--jp-border-color2, rgba(128, 128, 128, 0.35)); }
.nuportal-result .scroll { overflow-x: auto; }
.nuportal-result details .scroll { max-height: 24em; overflow: auto; }
.nuportal-result img { width: 26em; max-width: 100%; background: white; }
.nuportal-result .note, .nuportal-result p { font-size: 0.92em; margin: 0.2em 0; }
.nuportal-result .warning { border-left: 3px solid #d55e00; padding-left: 0.6em; }
</style>"""


def plain(value: Any) -> Any:
    """Convert a value to JSON types; NaN and infinity become None."""
    if hasattr(value, "to_dict"):
        return plain(value.to_dict())
    if is_dataclass(value):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if hasattr(value, "tolist"):  # of numpy, which need not be loaded
        return plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return str(value) if isinstance(value, Path) else value


class Result:
    """Base of the result dataclasses.

    A class says how it is read in `headline`, `tables` and `rows`, and with `picture` how it is drawn.

    Examples
    --------
    >>> import nuportal
    >>> reach = nuportal.project("e949", grid=[0.01, 0.02])
    >>> reach.to_dict()["quantity"]
    'Y'
    >>> reach.plot("reach.png")
    <Figure size ...>
    """

    #: ``module:function`` that draws a result, loaded when it is drawn; empty where there is nothing to draw.
    picture: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "__repr__" not in cls.__dict__:
            cls.__repr__ = Result.__repr__  # type: ignore[method-assign] # that of a dataclass prints every array

    def to_dict(self) -> dict[str, Any]:
        """Fields as plain Python types, ready for JSON."""
        return {f.name: plain(getattr(self, f.name)) for f in fields(self)}  # type: ignore[arg-type]

    def to_json(self) -> str:
        """Fields as one JSON object."""
        return json.dumps(plain(self.to_dict()), allow_nan=False)

    def _scalars(self) -> dict[str, Any]:
        """Fields that are numbers or text."""
        return {k: v for k, v in self.to_dict().items() if isinstance(v, str | int | float) or v is None}

    def headline(self) -> str:
        """Say in a few words what came out."""
        return ", ".join(f"{name}={cell(value)}" for name, value in list(self._scalars().items())[:4])

    def tables(self) -> tuple[Table, ...]:
        """Tables that a command prints and a notebook shows."""
        return (Table.of(self._scalars()),)

    def rows(self) -> list[dict[str, Any]]:
        """Records of the main table, with the names and units of the JSON fields; one of all numbers by default."""
        return [self._scalars()]

    def to_pandas(self) -> pd.DataFrame:
        """Return the `rows` as a data frame.

        Raises
        ------
        InputError
            Without the package pandas.
        """
        try:
            import pandas as pd
        except ImportError:
            raise InputError("to_pandas needs the package pandas: expected `pip install pandas`") from None
        return pd.DataFrame(self.rows())

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw the result.

        Parameters
        ----------
        path : str or Path, optional
            File to write it to: .png, .pdf or .svg.

        Raises
        ------
        InputError
            If there is nothing to draw, or for another suffix.
        """
        if not self.picture:
            raise InputError(f"{type(self).__name__} has no picture")
        module, _, name = self.picture.partition(":")
        figure: Figure = getattr(import_module(module), name)(self)
        if path is not None:
            import_module("nucore.plot.style").save(figure, path)
        shown: Figure = import_module("nucore.plot.embedded").shown(figure)
        return shown

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {textwrap.shorten(self.headline(), _REPR, placeholder=' ...')}>"

    def _repr_html_(self) -> str:
        """Headline, warnings, picture and tables, for a notebook."""
        warnings = "".join(f'<p class="warning">warning: {escape(one)}</p>' for one in getattr(self, "warnings", ()))
        head = f'<p class="headline"><b>{type(self).__name__}</b> {escape(self.headline())}</p>'
        tables = "".join(map(_folded, self.tables()))
        return f'<div class="nuportal-result">{_STYLE}{head}{warnings}{self._inline_picture()}{tables}</div>'

    def _inline_picture(self) -> str:
        """Small picture; of one that cannot be drawn, the reason: the tables are shown all the same."""
        if not self.picture:
            return ""
        try:
            address = import_module("nucore.plot.embedded").small_picture(self.plot())
        except Exception as error:
            return f'<p class="note">no picture: {escape(str(error) or type(error).__name__)}</p>'
        return f'<img src="{address}" alt="{escape(self.headline())}">'


def _folded(table: Table) -> str:
    """HTML of a table, folded where it is long."""
    n = len(table.rows)
    if n > _SHOWN_ROWS:
        note = f"the first {_SHOWN_ROWS} of {n} rows; to_pandas() has all"
        table = replace(table, rows=table.rows[:_SHOWN_ROWS], notes=(*table.notes, note))
    if n <= _UNFOLDED:
        return f'<div class="scroll">{table.html()}</div>'
    summary = f"<summary>{escape(table.title or 'table')} ({n} rows)</summary>"
    return f'<details>{summary}<div class="scroll">{table.html()}</div></details>'

"""Tables for people: the one form in which results are told, as text, in notebooks and in reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Table:
    """A table of a result.

    Attributes
    ----------
    rows : tuple of tuple
        Cells: numbers, text, or None for what there is not.
    columns : tuple of str
        Headings, with units as ``m4 [GeV]``; empty for names and values.
    title : str
    notes : tuple of str
        Told below it: what the numbers mean, why a cell is empty.

    Examples
    --------
    >>> from nucore.summaries import Table
    >>> print(Table(((0.02, 1.1e-10), (0.03, None)), ("m_chi [GeV]", "Y")).text())
      m_chi [GeV]        Y
             0.02  1.1e-10
             0.03        -
    """

    rows: tuple[tuple[Any, ...], ...]
    columns: tuple[str, ...] = ()
    title: str = ""
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, values: Mapping[str, Any], title: str = "", notes: Iterable[str] = ()) -> Table:
        """Table of names and values."""
        return cls(tuple(values.items()), title=title, notes=tuple(notes))

    def text(self) -> str:
        """Lines of text: names and values aligned to the left, columns under their headings to the right."""
        rows = [self.columns, *self.rows] if self.columns else list(self.rows)
        cells = [[cell(value) for value in row] for row in rows]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        left = [_is_text(column) for column in zip(*self.rows, strict=True)] if self.columns else [True] * len(widths)
        lines = [self.title] if self.title else []
        for row in cells:
            padded = [f"{c:<{w}}" if to_left else f"{c:>{w}}" for c, w, to_left in zip(row, widths, left, strict=True)]
            lines.append(("  " + "  ".join(padded)).rstrip())
        return "\n".join([*lines, *(f"  {note}" for note in self.notes)])

    def html(self) -> str:
        """HTML of the table, for notebooks and reports."""
        parts = ["<table>"]
        if self.title:
            parts.append(f"<caption>{escape(self.title)}</caption>")
        if self.columns:
            heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in self.columns)
            parts.append(f"<thead><tr>{heads}</tr></thead>")
        parts.append("<tbody>")
        for row in self.rows:
            first = "" if self.columns else f'<th scope="row">{escape(cell(row[0]))}</th>'
            rest = "".join(f"<td>{escape(cell(value))}</td>" for value in (row if self.columns else row[1:]))
            parts.append(f"<tr>{first}{rest}</tr>")
        parts += ["</tbody></table>", *(f"<p>{escape(note)}</p>" for note in self.notes)]
        return "".join(parts)


def _is_text(column: tuple[Any, ...]) -> bool:
    return any(isinstance(value, str) for value in column) and not any(isinstance(v, int | float) for v in column)


def cell(value: Any) -> str:
    """Text of a cell: numbers with six digits, a dash for None, ``yes`` and ``no``, lists with commas."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {cell(one)}" for name, one in value.items()) or "-"
    if isinstance(value, list | tuple):
        return ", ".join(map(cell, value)) or "-"
    return str(value) if isinstance(value, str | int | Path) else repr(value)

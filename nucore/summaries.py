"""Tables for people: the one form in which results are told, as text, in notebooks and in reports."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

#: Columns that text is wrapped at.
TEXT_WIDTH = 110
#: Columns that a wrapped text has at least.
_LEAST_ROOM = 30
#: Longest text of a cell that stays on a line in HTML.
_UNBROKEN = 18
#: Numbers below and from here on have an exponent.
_SMALL, _LARGE = 1e-4, 1e6


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

    def text(self, width: int = TEXT_WIDTH) -> str:
        """Lines of text: text aligned to the left, numbers to the right; a long last column is wrapped below itself.

        Parameters
        ----------
        width : int
            Columns to keep to, where words allow.
        """
        rows = [self.columns, *self.rows] if self.columns else list(self.rows)
        cells = [[cell(value) for value in row] for row in rows]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)] if self.rows else []
        left = [_is_text(column) for column in zip(*self.rows, strict=True)] if self.columns else [True] * len(widths)
        lines = [self.title] if self.title else []
        for row in cells if self.rows else ():
            padded = [f"{c:<{w}}" if to_left else f"{c:>{w}}" for c, w, to_left in zip(row, widths, left, strict=True)]
            before = "  " + "".join(f"{one}  " for one in padded[:-1])
            last = row[-1] if left[-1:] == [True] else padded[-1]
            lines += [line.rstrip() for line in _wrapped(before, last, width)]
        for note in self.notes:
            lines += _wrapped("  ", note, width)
        return "\n".join(lines)

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
            rest = "".join(_data_cell(cell(value)) for value in (row if self.columns else row[1:]))
            parts.append(f"<tr>{first}{rest}</tr>")
        parts += ["</tbody></table>", *(f"<p>{escape(note)}</p>" for note in self.notes)]
        return "".join(parts)


def _data_cell(text: str) -> str:
    """Cell of HTML; a number or short word is not broken, as after the sign of an exponent."""
    style = ' style="white-space:nowrap"' if len(text) <= _UNBROKEN else ""
    return f"<td{style}>{escape(text)}</td>"


def _wrapped(before: str, text: str, width: int) -> list[str]:
    """Lines of a text, the first after `before` and the others below it; one line where there is little room."""
    if len(before) + len(text) <= width or len(before) > width - _LEAST_ROOM:
        return [before + text]
    return textwrap.wrap(
        text, width, initial_indent=before, subsequent_indent=" " * len(before),
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def _is_text(column: tuple[Any, ...]) -> bool:
    return any(isinstance(value, str) for value in column) and not any(isinstance(v, int | float) for v in column)


def cell(value: Any) -> str:
    """Text of a cell: `number` of a float, a dash for None, ``yes`` and ``no``, lists with commas."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return number(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {cell(one)}" for name, one in value.items()) or "-"
    if isinstance(value, list | tuple):
        return ", ".join(map(cell, value)) or "-"
    return str(value) if isinstance(value, str | int | Path) else repr(value)


def number(value: float | None, digits: int = 4) -> str:
    """Text of a number with some significant digits, as ``1.235e6``, ``80363`` and ``0.01``; a dash for None or NaN."""
    if value is None or math.isnan(value):
        return "-"
    if 10.0**digits <= abs(value) < _LARGE:
        return f"{value:.0f}"
    mantissa, _, exponent = f"{value:.{digits}g}".partition("e")
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa


def bosons(charges: Iterable[str]) -> str:
    """Return the W bosons of charges, as ``W+ and W-``."""
    return " and ".join(f"W{charge}" for charge in charges)


def measured(value: float | None, uncertainty: float | None) -> str:
    """Value +- uncertainty, with the digits that two significant digits of the uncertainty ask for.

    Dashes for what is not known.
    """
    if value is None or uncertainty is None or not math.isfinite(value + uncertainty) or uncertainty <= 0.0:
        return f"{number(value)} +- {number(uncertainty, 2)}"
    place = 1 - math.floor(math.log10(uncertainty))
    if place >= 0 and _SMALL <= max(abs(value), uncertainty) < _LARGE:
        return f"{value:.{place}f} +- {uncertainty:.{place}f}"
    digits = place + 1 + (math.floor(math.log10(abs(value))) if value else -place)
    return f"{number(value, min(max(digits, 2), 10))} +- {number(uncertainty, 2)}"


def symbol(name: str) -> str:
    """Symbol of a quantity named as in JSON, as ``|U_mu4|^2`` of ``Umu4_sq``; of others the name."""
    found = re.fullmatch(r"(yL_sq_)?U(e|mu|tau|l)4_sq", name)
    return f"{'yL^2 ' if found[1] else ''}|U_{found[2]}4|^2" if found else name


def convention(method: str, confidence_level: float) -> str:
    """Method and level of a limit, as ``90% CL, CLs``."""
    known = {"cls": "CLs", "clsb": "CLs+b", "delta-chi2": "Delta chi2", "published": "as published"}
    return f"{100.0 * confidence_level:.6g}% CL, {known.get(method, method)}"

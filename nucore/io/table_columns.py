"""Names of the columns of a table, and which one a user means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nucore.errors import InputError
from nucore.text import check_name

#: Columns that a message lists.
_LISTED = 40
#: Names of columns that say nothing of what is in them.
_PLAIN = ("", "value", "values", "val", "y", "content", "contents", "data", "prediction", "variance", "error")
_UNIT = re.compile(r"\[([^\[\]]*)\]\s*$")


@dataclass(frozen=True)
class Qualifier:
    """What distinguishes a column from others of its name, e.g. ``CHARGE = +`` or ``SQRT(S) = 7000 GEV``."""

    name: str
    value: str
    unit: str = ""

    def __str__(self) -> str:
        return f"{self.name}={self.value} {self.unit}".strip()

    def matches(self, text: str) -> bool:
        """Whether a text is its value, or ``NAME=VALUE``."""
        name, equals, value = text.partition("=")
        if equals and name.strip().casefold() == self.name.casefold() and self._is_value(value):
            return True
        return self._is_value(text)

    def _is_value(self, text: str) -> bool:
        given = text.strip().casefold()
        if given in (self.value.casefold(), f"{self.value} {self.unit}".strip().casefold()):
            return True
        try:
            return float(given) == float(self.value)
        except ValueError:
            return False


@dataclass(frozen=True)
class Header:
    """Head of a column of values.

    Attributes
    ----------
    number : int
        By which it can be chosen.
    name : str
    unit : str
        In the words of the file.
    qualifiers : tuple of Qualifier
    """

    number: int
    name: str
    unit: str = ""
    qualifiers: tuple[Qualifier, ...] = ()

    def __post_init__(self) -> None:
        for text in (self.name, self.unit, *map(str, self.qualifiers)):
            check_name(text)

    @property
    def stated_unit(self) -> str:
        """What the contents are by the words of the file: the unit, else the name if it says anything."""
        return self.unit or ("" if self.name.casefold() in _PLAIN else self.name)

    def is_called(self, text: str) -> bool:
        """Whether a text is its name, with or without its unit."""
        return text in (self.name, f"{self.name} [{self.unit}]")

    def fits(self, text: str) -> bool:
        """Whether a text is its number or one of its qualifiers."""
        return text.strip() in (str(self.number), f"#{self.number}") or any(
            qualifier.matches(text) for qualifier in self.qualifiers
        )


def unit_in(name: str) -> str:
    """Return what stands in brackets at the end of a name, as in ``dsigma/dpt [pb/GeV]``."""
    found = _UNIT.search(name)
    return found.group(1).strip() if found else ""


def without_unit(name: str) -> str:
    """Return a name without the unit in brackets at its end."""
    return _UNIT.sub("", name).strip() or name


def pick_column(headers: Sequence[Header], wanted: str | None, file: Path, usual: Sequence[Header] = ()) -> Header:
    """Return the column that is meant: the only one, or the one that is chosen.

    Parameters
    ----------
    headers : sequence of Header
        Those that may be chosen.
    wanted : str or None
        Name, number (``2``, or ``#2`` where a qualifier has that value), or qualifier (``CHARGE=+``, or ``+``) of a
        column, or several of them with commas between.
    file : Path
    usual : sequence of Header
        Those of which the only one is taken where none is chosen; all by default.

    Raises
    ------
    InputError
        If none, or more than one, is meant.
    """
    if wanted is None:
        found = list(usual or headers)
        asked = "several columns of values"
    else:
        found = _meant(headers, wanted)
        if not found:
            parts = [set(_meant(headers, part.strip())) for part in re.split("[,:]", wanted)]
            found = [header for header in headers if all(header in part for part in parts)]
        asked = f"{len(found) or 'no'} columns {wanted!r}"
    if len(found) != 1:
        raise InputError(f"data {file}: {asked}; expected FILE:COLUMN, one of {_list(headers)}")
    return found[0]


def _meant(headers: Sequence[Header], text: str) -> list[Header]:
    return [h for h in headers if h.is_called(text)] or [h for h in headers if h.fits(text)]


def _list(headers: Sequence[Header]) -> str:
    """List columns: by their names, or numbers with what distinguishes them where names are not unique."""
    names = [header.name for header in headers]
    more = f" and {len(headers) - _LISTED} more" if len(headers) > _LISTED else ""
    if len(set(names)) == len(names):
        return ", ".join(names[:_LISTED]) + more
    common = set(headers[0].qualifiers).intersection(*(header.qualifiers for header in headers))
    return (
        ", ".join(_described(header, common) for header in headers[:_LISTED]) + f"{more} (#NUMBER, name or qualifier)"
    )


def _described(header: Header, common: set[Qualifier]) -> str:
    own = ", ".join(str(qualifier) for qualifier in header.qualifiers if qualifier not in common)
    return f"#{header.number} {header.name}" + (f" ({own})" if own else "")

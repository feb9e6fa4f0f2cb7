"""NumPy docstrings: their summary, and the entries of a section."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

_HEADING = re.compile(r"^(\w[\w ]*)\n-{3,}\n", re.MULTILINE)
_ENTRY = re.compile(
    r"^(?P<names>[^\s:][^:\n]*?)(?: : (?P<kind>[^\n]*))?\n(?P<text>(?:[ ]{4}[^\n]*\n|\n)*)", re.MULTILINE
)


class Entry(NamedTuple):
    """An entry of a section, such as an attribute: type as written, and meaning."""

    kind: str
    text: str


def summary(thing: Any) -> str:
    """Text of a docstring before its first section."""
    return _HEADING.split(_text(thing), maxsplit=1)[0].strip()


def listed(thing: Any, heading: str) -> list[tuple[str, Entry]]:
    """Entries of a section in their order, with their names; of several names on a line each has the entry."""
    parts = _HEADING.split(_text(thing))
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    return list(_entries(sections.get(heading, "")))


def entries(thing: Any, heading: str) -> dict[str, Entry]:
    """Entries of a section by name."""
    return dict(listed(thing, heading))


def _entries(text: str) -> Iterator[tuple[str, Entry]]:
    for found in _ENTRY.finditer(text):
        entry = Entry(found["kind"] or "", " ".join((found["text"] or "").split()))
        yield from ((name.strip(), entry) for name in found["names"].split(", "))


def _text(thing: Any) -> str:
    return (inspect.getdoc(thing) or "") + "\n"

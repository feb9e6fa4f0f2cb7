"""Text of the generated pages: tables, escapes and links, in MyST Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_CODE = re.compile(r"(``.+?``|`[^`]+`)")
_ARXIV = re.compile(r"\barXiv:([0-9]{4}\.[0-9]{4,5}|[a-z-]+(?:\.[A-Z]{2})?/[0-9]{7})")
_POWER = re.compile(r"\^(-?[0-9])(?![0-9])")
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_SPECIAL = re.compile(r"([\\*_<>$\[\]{}~#|])")
#: Ends of names, and the unit that each stands for.
_UNITS = {
    "_per_GeV": "GeV⁻¹",
    "_GeV2": "GeV²",
    "_GeV": "GeV",
    "_MeV": "MeV",
    "_keV": "keV",
    "_TeV": "TeV",
    "_cm3_per_s": "cm³/s",
    "_cm2": "cm²",
    "_pb": "pb",
    "_invfb": "fb⁻¹",
    "_Msun": "solar masses",
    "_per_second": "s⁻¹",
    "_rad": "rad",
    "_kB": "kB",
    "_MB": "MB",
    "seconds": "s",
}


def unit(name: str) -> str:
    """Unit that a name ends with; empty for what has none."""
    plain = name.rstrip("`")
    return next((text for end, text in _UNITS.items() if plain.endswith(end)), "")


def prose(text: str) -> str:
    """Escape plain text; literals stay literals, and arXiv numbers become links."""
    parts = _CODE.split(" ".join(text.split()))
    parts[1::2] = [code(part.strip("`")) for part in parts[1::2]]
    parts[::2] = map(_plain, parts[::2])
    return "".join(parts)


def _plain(text: str) -> str:
    text = text.replace("->", "→")
    text = _SPECIAL.sub(r"\\\1", _POWER.sub(lambda found: found[1].translate(_SUPERSCRIPTS), text))
    return _ARXIV.sub(r"[arXiv:\1](https://arxiv.org/abs/\1)", text)


def code(text: str) -> str:
    """Literal text, also in a table."""
    return "`" + text.replace("|", r"\|") + "`" if text else ""


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Table of cells that are Markdown already, without the columns that are empty throughout."""
    cells = [[cell.replace("\n", " ") for cell in row] for row in rows]
    kept = [i for i in range(len(columns)) if any(row[i] for row in cells)]
    lines = [[columns[i] for i in kept], ["---"] * len(kept), *([row[i] for i in kept] for row in cells)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines) + "\n"


def section(level: int, title: str, anchor: str, *parts: str) -> str:
    """Section with an anchor that other pages can name, and its parts."""
    return f"({anchor})=\n{'#' * level} {title}\n\n" + "".join(f"{part.strip()}\n\n" for part in parts if part.strip())


def block(text: str, language: str = "text") -> str:
    """Block of literal text."""
    return f"```{language}\n{text.rstrip()}\n```\n"

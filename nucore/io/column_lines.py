"""Lines of text files of columns: separators, comments, headers and rows."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nucore.errors import InputError
from nucore.io.spectrum_file import MAX_BINS
from nucore.io.table_numbers import luminosity_invfb, number_of
from nucore.text import number

#: Longest line of a table, and most of its blocks with a header each.
MAX_LINE, _MAX_BLOCKS = 10_000, 1000
#: Lines that are no rows, and columns.
_MAX_HEAD, _MAX_COLUMNS = 10_000, 1000
_COMMENTS = ("#", "//")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,(\d+)(?:[eE][+-]?\d+)?%?")
_LUMINOSITY = re.compile(r"(?:integrated )?lumi(?:nosity)?\s*[:=]\s*(\S+)\s*(.*)", re.IGNORECASE)
#: First words of text files of other kinds.
_OTHERS = (
    (
        "begin histo",
        "a histogram of YODA or Rivet, whose heights are per unit of the axis; expected contents of bins in a CSV",
    ),
    ("begin yoda", "a YODA file, whose heights are per unit of the axis; expected contents of bins in a CSV"),
    ("block ", "an SLHA parameter card; expected a histogram, with the card behind it"),
    ("<leshoucheevents", "a file of events; expected a histogram, as nuportal analyse makes it"),
)


@dataclass(eq=False)
class Block:
    """Rows under one header.

    Attributes
    ----------
    file : str
        What errors call it.
    names : list of str
        Of the columns; empty where there is no header.
    rows : list of list of str
    places : list of str
        What errors call the rows.
    qualifiers : list of list of str
        Names and cells of the lines ``#: NAME,...`` above the header.
    """

    file: str
    names: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    qualifiers: list[list[str]] = field(default_factory=list)

    def column(self, k: int) -> list[str]:
        """Cells of a column."""
        return [row[k] for row in self.rows]


@dataclass(eq=False)
class Content:
    """What is in a file.

    Attributes
    ----------
    blocks : list of Block
        More than one only in tables of hepdata.net.
    metadata : dict
        Exposure.
    title : str or None
        Name of the spectrum in a comment, as our own files have it.
    is_hepdata : bool
        It is a table of hepdata.net.
    notes : list of str
    """

    blocks: list[Block] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)
    title: str | None = None
    is_hepdata: bool = False
    notes: list[str] = field(default_factory=list)


def content_of(text: str, file: Path) -> Content:
    """Read the lines of a file.

    Raises
    ------
    InputError
        If there are no rows, or they have different numbers of cells.
    """
    lines = _lines(text, file)
    content = Content(is_hepdata=any(line.startswith("#:") for line, _ in lines))
    separator = _separator(lines, file)
    heads: list[tuple[str, str]] = []
    block = Block(f"data {file}")
    for line, where in lines:
        is_comment = line.startswith(_COMMENTS)
        if not is_comment and _is_row(cells := _cells(line.partition("#")[0] if '"' not in line else line, separator)):
            if not block.rows:
                block.names = _names(heads, cells, separator, content)
                content.blocks.append(block)
            if len(block.rows) >= MAX_BINS:
                raise InputError(f"{where}: more than {MAX_BINS} rows")
            block.rows.append(cells)
            block.places.append(where)
            continue
        if block.rows and (not is_comment or line.startswith("#:")):
            if not content.is_hepdata or len(content.blocks) >= _MAX_BLOCKS:
                raise InputError(f"{where}: {cells[0][:40]!r} is not a number")
            block, heads = Block(f"data {file}"), []
        if line.startswith("#:"):
            _take_hepdata(line.removeprefix("#:").strip(), separator, block)
        else:
            _take_head(line, where, heads, content)
    if not content.blocks:
        raise InputError(f"data {file} has no bins")
    for block in content.blocks:
        _check_rows(block, separator)
    return content


def split_rows(text: str, file: Path) -> Iterator[tuple[list[str], str]]:
    """Return the cells of all lines that are no comments, and what errors call them."""
    lines = [(line, where) for line, where in _lines(text, file) if not line.startswith(_COMMENTS)]
    separator = _separator(lines, file) if lines else ","
    return ((_cells(line.rstrip(separator), separator), where) for line, where in lines)


def _lines(text: str, file: Path) -> list[tuple[str, str]]:
    """Return the lines that are not empty with what errors call them."""
    found: list[tuple[str, str]] = []
    for count, line in enumerate(text.splitlines(), start=1):
        where = f"data {file}, line {count}"
        if len(line) > MAX_LINE or len(found) > MAX_BINS + _MAX_HEAD:
            raise InputError(f"{where}: more than {MAX_BINS} rows, or {MAX_LINE} characters")
        if stripped := line.strip():
            if not found:
                for start, what in _OTHERS:
                    if stripped.casefold().startswith(start):
                        raise InputError(f"data {file} is {what}")
            found.append((stripped, where))
    return found


def _separator(lines: Sequence[tuple[str, str]], file: Path) -> str:
    """Return what parts the numbers of the first row."""
    for line, where in lines:
        if not line.startswith(_COMMENTS) and re.match(r"[\"']?[+-]?[.\d]|nan", line, re.IGNORECASE):
            found = next((separator for separator in ";\t," if separator in line), " ")
            if found == "," and any(re.search(r"\d\s+[+-]?[.\d]", cell) for cell in line.split(",")):
                raise InputError(f"{where}: commas and blanks between numbers; expected one separator, decimal points")
            return found
    raise InputError(f"data {file} has no bins: no line begins with a number")


def _cells(line: str, separator: str) -> list[str]:
    if separator == " ":
        return line.replace('"', "").split() or [""]
    return [cell.strip() for cell in next(csv.reader([line], delimiter=separator, skipinitialspace=True))]


def _is_row(cells: Sequence[str]) -> bool:
    return _is_number(cells[0]) or _DECIMAL_COMMA.fullmatch(cells[0]) is not None


def _is_number(text: str) -> bool:
    try:
        number(text)
    except ValueError:
        return False
    return True


def _take_head(line: str, where: str, heads: list[tuple[str, str]], content: Content) -> None:
    """Take what a line that is no row says."""
    if line.startswith(_COMMENTS):
        body = line.lstrip("#/ ")
        key, _, value = body.partition("=")
        if key.strip() in ("luminosity_invfb", "decays"):
            content.metadata["exposure"] = {key.strip(): _finite(value, where)}
        elif key.strip() == "name":
            content.title = value.strip()
        elif found := _LUMINOSITY.fullmatch(body):
            _take_luminosity(found.group(1), found.group(2), content)
        heads.append((body, where))
    else:
        heads.append((line, ""))


def _take_hepdata(text: str, separator: str, block: Block) -> None:
    """Take a qualifier, ``NAME,,VALUE``; what describes the table is ``NAME: TEXT``."""
    name, *cells = (cell.strip() for cell in text.split(separator))
    described = re.match(r"(table_doi|name|description|data_file|data_license|keyword [^:,]*):", text)
    if cells and name and not described:
        block.qualifiers.append([name, *cells])


def _take_luminosity(value: str, unit: str, content: Content) -> None:
    luminosity = luminosity_invfb(value, unit.rstrip(" .;,"))
    if luminosity is None:
        content.notes.append(f"luminosity {value} {unit}".strip() + " in a comment is not used: its unit is not known")
    else:
        content.metadata["exposure"] = {"luminosity_invfb": luminosity}
        content.notes.append(f"luminosity {luminosity:g} fb^-1 from a comment in the file")


def _finite(text: str, where: str) -> float:
    value = number_of(text, where)
    if value != value:
        raise InputError(f"{where}: {text.strip()!r} is not a finite number")
    return value


def _names(heads: Sequence[tuple[str, str]], row: Sequence[str], separator: str, content: Content) -> list[str]:
    """Return the names of the columns: of the last line above the rows, comments last, that has one for each."""
    for comments in (False, True):
        for line, where in reversed(heads):
            for parted_by in dict.fromkeys((separator, ",", " ")) if comments else (separator,):
                names = _cells(line, parted_by)
                fits = len(names) == len(row) > 1 and not any(_is_number(name) or set(name) == {"-"} for name in names)
                if bool(where) is comments and fits and sum(map(bool, names)) >= len(names) - 1:
                    return names
    plain = [line for line, where in heads if not where and not content.is_hepdata]
    return _cells(plain[-1], separator) if plain else []


def _check_rows(block: Block, separator: str) -> None:
    """Refuse rows of other lengths, and turn decimal commas into points."""
    if all(len(row) > 2 and not row[-1] for row in block.rows) and len(block.names) <= len(block.rows[0]):
        block.rows[:] = [row[:-1] for row in block.rows]  # a separator behind the last cell
        block.names[:] = block.names[: len(block.rows[0])]
    n = len(block.names or block.rows[0])
    if n > _MAX_COLUMNS:
        raise InputError(f"{block.places[0]}: {n} columns; expected up to {_MAX_COLUMNS}")
    for row, where in zip(block.rows, block.places, strict=True):
        if len(row) != n or not (block.names or n in (2, 3, 4)):
            expected = ",".join(block.names)[:200] or "low,high,value or low,high,value,variance"
            raise InputError(f"{where}: needs {expected}")
    if separator == ",":
        return
    commas = [match for row in block.rows for cell in row if (match := _DECIMAL_COMMA.fullmatch(cell))]
    if not commas:
        return
    if all(len(match.group(1)) == 3 for match in commas) or any("." in cell for row in block.rows for cell in row):
        raise InputError(f"{block.file}: decimal commas or thousands? {commas[0].group()!r}; expected decimal points")
    block.rows[:] = [
        [cell.replace(",", ".") if _DECIMAL_COMMA.fullmatch(cell) else cell for cell in row] for row in block.rows
    ]

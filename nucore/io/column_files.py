"""Numbers in bins from CSV files: ``low,high,value[,variance]``, or columns with names."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nucore.errors import InputError
from nucore.io.metadata import checked_metadata
from nucore.io.spectrum_file import MAX_BINS, Array, Bins, SpectrumFile, spectrum_of
from nucore.text import number, read_text

#: Longest line of a table.
MAX_LINE = 10_000
_VARIANCES = ("variance", "variances")


@dataclass(frozen=True, eq=False)
class _Table:
    """Cells of a file.

    Attributes
    ----------
    names : tuple of str
        Of the columns; empty where there is no header.
    rows : list of list of str
    places : tuple of str
        What errors call the rows.
    metadata : dict
        Exposure.
    title : str or None
        Name of the spectrum in a comment, as our own files have it.
    """

    names: tuple[str, ...]
    rows: list[list[str]]
    places: tuple[str, ...]
    metadata: dict[str, Any]
    title: str | None

    def column(self, k: int, missing: bool = False) -> list[float]:
        """Numbers of a column; ``missing`` allows nan."""
        return [read_number(row[k], place, missing) for row, place in zip(self.rows, self.places, strict=True)]


def read_csv(file: Path, column: str | None) -> SpectrumFile:
    """Read a spectrum: the only column of values, or the one that is named."""
    table = _table(file)
    value, variance = _value_columns(table, column, file)
    variances = None if variance is None else np.asarray(table.column(variance))
    return spectrum_of(_bins(table, value, column, file), variances, file, table.metadata)


def csv_bins(file: Path, column: str | None) -> Bins:
    """Read a column of values, in which nan stands for a missing number."""
    table = _table(file)
    return _bins(table, _value_columns(table, column, file)[0], column, file)


def _bins(table: _Table, value: int, column: str | None, file: Path) -> Bins:
    low, high = _edge_columns(table.names)
    name = column or table.title or file.stem
    return Bins.of_rows(name, table.column(low), table.column(high), table.column(value, missing=True), table.places)


def _table(file: Path) -> _Table:
    metadata: dict[str, Any] = {}
    title, header = None, ""
    rows: list[list[str]] = []
    places: list[str] = []
    for count, line in enumerate(read_text(file).splitlines(), start=1):
        where = f"data {file}, line {count}"
        if len(line) > MAX_LINE or len(rows) >= MAX_BINS:
            raise InputError(f"{where}: more than {MAX_BINS} rows, or {MAX_LINE} characters")
        if line.startswith("#"):
            key, _, value = line[1:].partition("=")
            if key.strip() in ("luminosity_invfb", "decays"):
                metadata["exposure"] = {key.strip(): read_number(value, where)}
            elif key.strip() == "name":
                title = value.strip()
        if not rows and line.strip() and (line.startswith("#") or not _is_number(_cells(line)[0])):
            header = line.removeprefix("#")
        elif line.strip() and not line.startswith("#"):
            rows.append(_cells(line))
            places.append(where)
    if not rows:
        raise InputError(f"data {file} has no bins")
    try:
        checked_metadata(metadata)
    except ValueError as error:
        raise InputError(f"data {file}: {error}") from None
    names = _names(header, rows[0])
    for row, where in zip(rows, places, strict=True):
        if len(row) != len(rows[0]) or not (names or len(row) in (3, 4)):
            expected = ",".join(names) or "low,high,value or low,high,value,variance"
            raise InputError(f"{where}: needs {expected}")
    return _Table(names, rows, tuple(places), metadata, title)


def _cells(line: str) -> list[str]:
    return next(csv.reader([line]))


def _names(header: str, first: list[str]) -> tuple[str, ...]:
    """Return the names of the columns if the line above the numbers has one for each; at least three."""
    names = tuple(cell.strip() for cell in _cells(header)) if header else ()
    is_header = len(names) == len(first) >= 3 and all(name and not _is_number(name) for name in names)
    return names if is_header else ()


def _edge_columns(names: tuple[str, ...]) -> tuple[int, int]:
    """Return the columns of the bin edges, ``low``, ``bin_low``, ``pt_low_GeV``, ... and its ``high``; else 0, 1."""
    for k, name in enumerate(names):
        partner = name.replace("low", "high")
        if (name in ("low", "bin_low") or name.endswith("low_GeV")) and partner in names:
            return k, names.index(partner)
    return 0, 1


def _value_columns(table: _Table, column: str | None, file: Path) -> tuple[int, int | None]:
    """Return the column of the values, and that of their variances if there is one."""
    if column == table.title:
        column = None
    if not table.names:
        if column is not None:
            raise InputError(f"data {file}: no header names its columns; expected one with {column!r}, or FILE alone")
        return 2, 3 if len(table.rows[0]) == 4 else None
    edges = _edge_columns(table.names)
    others = [name for k, name in enumerate(table.names) if k not in edges]
    with_variance = len(others) == 2 and others[1] in _VARIANCES
    if column is None and (len(others) == 1 or with_variance):
        column = others[0]
    if column is None or others.count(column) != 1:
        wrong = "several columns of values" if column is None else f"{others.count(column)} columns {column!r}"
        raise InputError(f"data {file}: {wrong}; expected FILE.csv:COLUMN, one of {', '.join(others)}")
    value = table.names.index(column)
    return value, table.names.index(others[1]) if with_variance and column == others[0] else None


def _is_number(text: str) -> bool:
    try:
        number(text)
    except ValueError:
        return False
    return True


def read_number(text: str, where: str, missing: bool = False) -> float:
    """Read a number; `InputError` if it is none or not finite, but nan where a number may be missing."""
    try:
        value = number(text)
    except ValueError:
        raise InputError(f"{where}: {text.strip()!r} is not a number") from None
    if not math.isfinite(value) and not (missing and math.isnan(value)):
        raise InputError(f"{where}: {text.strip()!r} is not a finite number")
    return value


def csv_matrix(file: Path) -> Array:
    """Read rows of numbers; lines that begin with # are comments."""
    rows: list[list[float]] = []
    for count, line in enumerate(read_text(file, kind="matrix").splitlines(), start=1):
        if line.strip() and not line.startswith("#"):
            where = f"data {file}, line {count}"
            rows.append([read_number(cell, where) for cell in _cells(line)])
            if len(rows[-1]) != len(rows[0]):
                raise InputError(f"{where}: {len(rows[-1])} numbers; expected {len(rows[0])} as in the first row")
    return np.array(rows, np.float64, ndmin=2)

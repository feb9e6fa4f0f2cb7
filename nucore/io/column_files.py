"""Numbers in bins from text files of columns: CSV with any separator, and the CSV of hepdata.net."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nucore.errors import InputError
from nucore.io.archives import read_packed_text
from nucore.io.column_lines import Block, Content, content_of, split_rows
from nucore.io.column_names import Columns, Roles, roles_of
from nucore.io.spectrum_file import Array
from nucore.io.table_columns import Header, Qualifier, pick_column, unit_in, without_unit
from nucore.io.table_numbers import is_missing, number_of
from nucore.io.table_readings import Readings, Variable, stated

#: A fourth column closer than this to the roots of the values is no variance.
_ROOTS = 0.02


@dataclass(frozen=True, eq=False)
class _Found:
    """A column that may be read: its block, the number there, and what the block's columns are."""

    header: Header
    block: Block
    column: int
    roles: Roles


def read_columns(file: Path, column: str | None) -> Readings:
    """Read a column of values.

    Parameters
    ----------
    file : Path
        Text with columns separated by commas, semicolons, tabs or blanks, packed or not.
    column : str or None
        Name or number of the column, for a file of hepdata.net also a qualifier; needed only if there are several.

    Raises
    ------
    InputError
        If it is no table, or several columns are meant.
    """
    content = content_of(read_packed_text(file), file)
    if column is not None and column == content.title:
        column = None
    found, usual = _columns(content)
    if column is not None and not any(block.names for block in content.blocks):
        raise InputError(f"data {file}: no header names its columns; expected one with {column!r}, or FILE alone")
    header = pick_column([one.header for one in found], column, file, usual)
    (one,) = (one for one in found if one.header is header)
    return _readings(one, content, file, column)


def _columns(content: Content) -> tuple[list[_Found], list[Header]]:
    """Return all columns that may be chosen, and those that are values."""
    found: list[_Found] = []
    usual: list[Header] = []
    for block in content.blocks:
        roles = _roles(block, content.is_hepdata)
        if not roles.values:
            raise InputError(f"{block.file}: no column of values beside bins; expected e.g. low,high,value")
        count = len(found) if content.is_hepdata else 0
        for k in sorted((*roles.values, *roles.others), key=lambda k: (k in roles.others, k)):
            count = count + 1 if content.is_hepdata else k + 1
            name = block.names[k] if block.names else ""
            header = Header(count, without_unit(name), unit_in(name), _qualifiers(block, k))
            if k in roles.values:
                usual.append(header)
            elif content.is_hepdata:
                continue  # errors belong to their column
            found.append(_Found(header, block, k, roles))
        count = len(found)
    return found, usual


def _qualifiers(block: Block, column: int) -> tuple[Qualifier, ...]:
    """Return the qualifiers that hepdata.net writes above a column."""
    found = []
    for name, *cells in block.qualifiers:
        values = [cell for cell in cells if cell]
        value = cells[column - 1] if len(cells) >= column and len(values) > 1 else ", ".join(values)
        if value:
            found.append(Qualifier(without_unit(name), value, unit_in(name)))
    return tuple(found)


def _roles(block: Block, is_hepdata: bool) -> Roles:
    """Tell columns by their names, or by their number where they have none."""
    if block.names:
        signed = is_hepdata or any(name.endswith((" LOW", " stat +")) for name in block.names)
        return roles_of(block.names, _edges_first(block), signed)
    n = len(block.rows[0])
    if n == 2:
        return Roles((Columns("", centre=0),), (1,))
    if not _edges_first(block):
        raise InputError(
            f"{block.file}: columns without names are low,high,value[,variance], but the first two are no bins that "
            f"follow one another; expected a header, e.g. center,value,error"
        )
    return Roles((Columns("", low=0, high=1),), (2,), variances={2: 3} if n == 4 else {})


def _edges_first(block: Block) -> bool:
    """Whether the first two columns are edges of bins that follow one another."""
    if len(block.rows[0]) < 3 or (block.names and len(block.rows) < 2):
        return False
    try:
        low, high = (np.array([float(row[k]) for row in block.rows]) for k in (0, 1))
    except ValueError:
        return not block.names  # the message names the cell
    return bool(np.all(high > low) and np.allclose(low[1:], high[:-1], rtol=1e-9, atol=0.0))


def _readings(one: _Found, content: Content, file: Path, column: str | None) -> Readings:
    block, roles, value = one.block, one.roles, one.column
    notes: list[str] = list(content.notes)
    variances = block.column(roles.variances[value]) if value in roles.variances else None
    if variances is not None and not block.names:
        _check_variances(block, value, roles.variances[value])
        notes.append("the fourth column, which has no name, is taken as variances")
    unnamed = "" if content.is_hepdata else "error" if (value, "stat") in roles.errors else "stat"
    errors = {
        label or unnamed: tuple([None] * len(block.rows) if k is None else _error_cells(block, k) for k in sides)
        for (of, label), sides in roles.errors.items()
        if of == value
    }
    name = one.header.name if column is not None or content.is_hepdata else content.title or file.name.split(".")[0]
    return Readings(
        file,
        name,
        one.header.stated_unit,
        tuple(_variable(variable, block, notes) for variable in roles.variables),
        block.places,
        block.column(value),
        errors,  # type: ignore[arg-type]
        variances,
        {**content.metadata, **_about(one.header)},
        tuple(notes),
    )


def _error_cells(block: Block, k: int) -> list[str]:
    """Return the cells of a column of errors, with the sign of per cent if its name says so."""
    cells = block.column(k)
    if not (block.names and re.search(r"%|per ?cent", block.names[k], re.IGNORECASE)):
        return cells
    return [cell if is_missing(cell) or cell.strip().endswith("%") else f"{cell}%" for cell in cells]


def _about(header: Header) -> dict[str, Any]:
    qualifiers = {q.name: f"{q.value} {q.unit}".strip() for q in header.qualifiers}
    return {"qualifiers": qualifiers} if qualifiers else {}


def _check_variances(block: Block, value: int, variance: int) -> None:
    """Refuse a fourth column without a name that has the roots of the values."""
    pairs = zip(block.column(value), block.column(variance), block.places, strict=True)
    numbers = np.array([[number_of(v, place), number_of(w, place)] for v, w, place in pairs])
    values, stated_ = numbers[numbers[:, 0] > 1.0].T
    if values.size and np.all(np.abs(stated_**2 - values) < _ROOTS * values):
        raise InputError(
            f"{block.file}: the fourth column has the roots of the values, so standard deviations and no variances; "
            f"expected a header, low,high,value,error or low,high,value,variance"
        )


def _variable(columns: Columns, block: Block, notes: list[str]) -> Variable:
    """Return the bins of an independent variable."""

    def cells(k: int | None) -> list[Any]:
        return [None] * len(block.rows) if k is None else [stated(cell) for cell in block.column(k)]

    low, high, centre = cells(columns.low), cells(columns.high), cells(columns.centre)
    if columns.width is not None:
        at = columns.low if columns.low is not None else columns.centre
        low, high = _from_widths(columns, block, at or 0)
        notes.append(f"bins from the columns {block.names[at or 0]!r} and {block.names[columns.width]!r}")
    elif columns.low is not None and columns.high is None:
        starts = [number_of(cell, place) for cell, place in zip(low, block.places, strict=True)]
        high = [*starts[1:], 2 * starts[-1] - starts[-2]] if len(starts) > 1 else high
        if len(starts) < 2 or not np.allclose(np.diff(starts), np.diff(starts)[0], rtol=1e-6, atol=0.0):
            raise InputError(
                f"{block.file}: no upper edges of bins, and unequal steps; expected low and high of each bin"
            )
        notes.append(f"bins of width {starts[1] - starts[0]:g} from the lower edges that the file states")
    return Variable(columns.name, columns.unit, low, high, centre)


def _from_widths(columns: Columns, block: Block, at: int) -> tuple[list[float], list[float]]:
    """Return the ends of bins that are given by centre or lower edge and width."""
    assert columns.width is not None
    pairs = zip(block.column(at), block.column(columns.width), block.places, strict=True)
    starts, widths = np.array([[number_of(x, place), number_of(w, place)] for x, w, place in pairs]).T
    if columns.half:
        widths = 2.0 * widths
    low = starts if columns.low is not None else starts - 0.5 * widths
    return low.tolist(), (low + widths).tolist()


def csv_matrix(file: Path) -> Array:
    """Read rows of numbers; lines that begin with # are comments."""
    rows: list[list[float]] = []
    for cells, where in split_rows(read_packed_text(file, "matrix"), file):
        rows.append([_finite(cell, where) for cell in cells])
        if len(rows[-1]) != len(rows[0]):
            raise InputError(f"{where}: {len(rows[-1])} numbers; expected {len(rows[0])} as in the first row")
    return np.array(rows, np.float64, ndmin=2)


def _finite(cell: str, where: str) -> float:
    value = number_of(cell, where)
    if np.isnan(value):
        raise InputError(f"{where}: {cell!r} is not a finite number")
    return value

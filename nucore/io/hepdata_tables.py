"""HEPData tables, as they are in YAML: values in bins, their errors, and matrices."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from nucore.errors import InputError
from nucore.io.hepdata_records import find_table
from nucore.io.spectrum_file import MAX_BINS, Array
from nucore.io.table_columns import Header, Qualifier, pick_column, unit_in, without_unit
from nucore.io.table_numbers import is_missing, luminosity_invfb, number_of
from nucore.io.table_readings import Readings, Sides, Variable, scalars, stated
from nucore.text import check_name, one_line

#: Errors of all bins and labels of a column.
_MAX_ERRORS = 200_000
#: Dependent variables; independent ones, or qualifiers of one.
_MAX_WIDTH, _MAX_QUALIFIERS = 2000, 100


@contextmanager
def _reading(file: Path, what: str = "a HEPData table with binned values") -> Iterator[None]:
    """Turn what a table can do wrong into an `InputError`."""
    import yaml

    try:
        yield
    except InputError:
        raise
    except (
        yaml.YAMLError,
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        ArithmeticError,
        RecursionError,
    ) as error:
        raise InputError(f"data {file} is not {what}: {one_line(error)}") from None


def read_hepdata(file: Path, name: str | None) -> Readings:
    """Read a dependent variable of a table.

    Parameters
    ----------
    file : Path
        ``.yaml``, a submission or record (`find_table`), or the JSON of a table.
    name : str or None
        ``[TABLE:]COLUMN``; each is needed only if there are several. See `pick_column` for COLUMN.

    Raises
    ------
    InputError
        If it is no such table, or several are meant.
    """
    with _reading(file):
        table, wanted = find_table(file, name)
        header = pick_column(_headers(table), wanted, file)
        entries = table["dependent_variables"][header.number - 1]["values"]
        variables = tuple(map(_variable, table["independent_variables"]))
        if not variables:
            raise InputError(f"data {file}: no independent variable, so single numbers and no histogram")
        if not 0 < len(entries) <= MAX_BINS or any(len(v.low) != len(entries) for v in variables):
            raise ValueError(
                f"{len(entries)} values in {len(variables[0].low)} bins, expected as many, up to {MAX_BINS}"
            )
        return Readings(
            file,
            header.name,
            header.stated_unit,
            variables,
            [f"data {file}, bin {k + 1}" for k in range(len(entries))],
            scalars([entry.get("value") for entry in entries]),
            _errors(entries),
            **_about(header),
        )


def _headers(table: dict[str, Any]) -> list[Header]:
    """Return the heads of the dependent variables of a table that is not too wide (aliases of YAML cost nothing)."""
    found = []
    wide = [
        table["independent_variables"],
        *(d.get("qualifiers") or [] for d in table["dependent_variables"][:_MAX_WIDTH]),
    ]
    if len(table["dependent_variables"]) > _MAX_WIDTH or max(map(len, wide)) > _MAX_QUALIFIERS:
        raise ValueError(f"more than {_MAX_WIDTH} columns, or {_MAX_QUALIFIERS} variables or qualifiers")
    for count, dependent in enumerate(table["dependent_variables"], start=1):
        qualifiers = tuple(
            Qualifier(*(_text(qualifier.get(key)) for key in ("name", "value", "units")))
            for qualifier in dependent.get("qualifiers") or []
        )
        found.append(Header(count, *_named(dependent["header"]), qualifiers))
    return found


def _named(header: dict[str, Any]) -> tuple[str, str]:
    """Return name and unit of a header; some have the unit in the name."""
    name, unit = _text(header["name"]), _text(header.get("units"))
    return (name, unit) if unit else (without_unit(name), unit_in(name))


def _text(given: Any) -> str:
    """Return a plain value as text; a collection could be longer than the memory."""
    (cell,) = scalars([given])
    return "" if cell is None else check_name(str(cell).strip())


def _variable(variable: dict[str, Any]) -> Variable:
    name, unit = _named(variable["header"])
    columns = (scalars([stated(cell.get(key)) for cell in variable["values"]]) for key in ("low", "high", "value"))
    return Variable(name, unit, *columns)


def _about(header: Header) -> dict[str, Any]:
    """Return metadata and notes of a column: its qualifiers, and a luminosity among them."""
    metadata: dict[str, Any] = {"qualifiers": {q.name: f"{q.value} {q.unit}".strip() for q in header.qualifiers}}
    notes = []
    for qualifier in header.qualifiers:
        value, _, unit = f"{qualifier.value} {qualifier.unit}".strip().partition(" ")  # JSON has both in one text
        luminosity = luminosity_invfb(value, unit)
        if luminosity is not None and "lumi" in qualifier.name.casefold():
            metadata["exposure"] = {"luminosity_invfb": luminosity}
            notes.append(f"luminosity {luminosity:g} fb^-1 from the qualifier {qualifier}")
    return {"metadata": metadata, "notes": tuple(notes)}


def _errors(entries: Sequence[Any]) -> dict[str, Sides]:
    """Return the errors by label; labels that are in one bin several times get numbers, as HEPData gives them."""
    n_errors = sum(len(entry.get("errors") or []) for entry in entries)
    if n_errors > _MAX_ERRORS:
        raise ValueError(f"{n_errors} errors, expected up to {_MAX_ERRORS}")
    labels = [[_text(error.get("label")) for error in entry.get("errors") or []] for entry in entries]
    repeated = {label for row in labels for label, count in Counter(row).items() if count > 1}
    found: dict[str, Sides] = {}
    for k, (entry, row) in enumerate(zip(entries, labels, strict=True)):
        seen: Counter[str] = Counter()
        for error, label in zip(entry.get("errors") or [], row, strict=True):
            seen[label] += 1
            key = f"{label or 'error'}_{seen[label]}" if label in repeated else label
            if key not in found and (len(found) + 1) * len(entries) > _MAX_ERRORS:
                raise ValueError(f"more than {_MAX_ERRORS} errors of {len(found)} labels")
            above, below = found.setdefault(key, ([None] * len(entries), [None] * len(entries)))
            above[k], below[k] = _sides(error)
    return found


def _sides(error: dict[str, Any]) -> list[Any]:
    """Return the sizes of an error above and below."""
    if not is_missing(symmetric := error.get("symerror")):
        return scalars([symmetric, symmetric])
    sides = error.get("asymerror") or {}
    return scalars([sides.get("plus"), sides.get("minus")])


def hepdata_matrix(file: Path, name: str | None, n: int) -> Array:
    """Read a table over two independent variables, of n values each in the same order."""
    with _reading(file, f"a HEPData table of {n} x {n} numbers"):
        table, wanted = find_table(file, name)
        header = pick_column(_headers(table), wanted, file)
        entries = table["dependent_variables"][header.number - 1]["values"]
        rows, columns = (_numbered(variable) for variable in map(_variable, table["independent_variables"]))
        if not len(rows) == len(columns) == len(entries) == n * n or max(*rows, *columns) != n - 1:
            raise ValueError(f"{len(entries)} numbers")
        matrix = np.full((n, n), math.nan)
        cells = scalars([entry.get("value") for entry in entries])
        matrix[rows, columns] = [number_of(cell, f"data {file}, row {k + 1}") for k, cell in enumerate(cells)]
        if not np.all(np.isfinite(matrix)):
            raise ValueError("a number is missing, or not finite")
    return matrix


def _numbered(variable: Variable) -> list[int]:
    """Number the values of an independent variable in the order in which they first appear."""
    seen: dict[Any, int] = {}
    rows = zip(variable.low, variable.high, variable.centre, strict=True)
    return [seen.setdefault(row, len(seen)) for row in rows]

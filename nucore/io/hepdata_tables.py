"""HEPData tables in YAML: values in bins, their errors, and matrices."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from nucore.errors import InputError
from nucore.io.spectrum_file import MAX_BINS, Array, Bins, SpectrumFile, pick, spectrum_of
from nucore.text import LARGEST_NUMBER, check_name, number, one_line, parse_yaml, read_text

#: Label of the statistical error; the default of an error without one.
STATISTICAL = "stat"
#: Metadata with the labels of errors that are not in the variances.
OTHER_ERRORS = "other_errors"


@contextmanager
def _reading(file: Path, what: str = "a HEPData table with binned values") -> Iterator[None]:
    """Turn what a table can do wrong into an `InputError`."""
    import yaml

    try:
        yield
    except InputError:
        raise
    except (yaml.YAMLError, ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError) as error:
        raise InputError(f"data {file} is not {what}: {one_line(error)}") from None


def read_hepdata(file: Path, name: str | None) -> SpectrumFile:
    """Read a dependent variable; its variances are the squares of its errors ``stat``, or its values without them."""
    with _reading(file):
        bins, entries = _variable(file, name)
        stated = _errors(entries, bins, STATISTICAL).get(STATISTICAL, np.full(bins.values.size, math.nan)) ** 2
        labels = {str(error.get("label") or STATISTICAL) for entry in entries for error in entry.get("errors") or []}
    has_all = not np.isnan(stated).any()
    found = spectrum_of(bins, np.where(np.isnan(stated), np.abs(bins.values), stated), file, {})
    found.metadata[OTHER_ERRORS] = sorted(labels - {STATISTICAL})
    return replace(found, has_variances=has_all)


def hepdata_bins(file: Path, name: str | None) -> Bins:
    """Read the values of a dependent variable, in which ``-`` stands for a missing number."""
    with _reading(file):
        return _variable(file, name)[0]


def read_errors(file: Path, name: str | None = None) -> dict[str, Array]:
    """Read the errors of a dependent variable.

    Parameters
    ----------
    file : Path
    name : str, optional
        Of the dependent variable, where there are several.

    Returns
    -------
    dict
        Size of the errors by their label, float64[n], >= 0, in the unit of the values (``stat`` where there is no
        label). Of an asymmetric error it is the mean of both sizes; one in per cent is made absolute.

    Raises
    ------
    InputError
        If it is no such table, or a bin lacks an error that others have.
    """
    with _reading(file):
        bins, entries = _variable(file, name)
        errors = _errors(entries, bins)
    for label, sizes in errors.items():
        for k in np.flatnonzero(np.isnan(sizes) & ~np.isnan(bins.values)):
            raise InputError(f"{bins.places[k]}: no error {label!r}; expected one, as other bins have")
    return errors


def _variable(file: Path, name: str | None) -> tuple[Bins, list[Any]]:
    """Return bins and entries of a dependent variable."""
    table = parse_yaml(read_text(file))
    independent = table["independent_variables"]
    if len(independent) != 1:
        raise ValueError(f"{len(independent)} independent variables, expected 1")
    dependents = {str(d["header"]["name"]): d for d in table["dependent_variables"]}
    name = pick([check_name(key) for key in dependents], name, file)
    ranges, entries = independent[0]["values"], dependents[name]["values"]
    if not 0 < len(ranges) == len(entries) <= MAX_BINS:
        raise ValueError(f"{len(entries)} values in {len(ranges)} bins, expected as many, up to {MAX_BINS}")
    if any("low" not in range_ or "high" not in range_ for range_ in ranges):
        raise InputError(f"data {file}: bins given by centres alone; expected low and high of each")
    low, high = ([float(range_[end]) for range_ in ranges] for end in ("low", "high"))
    values = [_value(entry["value"]) for entry in entries]
    places = [f"data {file}, bin {k + 1}" for k in range(len(values))]
    if not np.all(np.isfinite([low, high])) or any(map(math.isinf, values)):
        raise ValueError("a number is not finite")
    return Bins.of_rows(name, low, high, values, places), entries


def _value(given: Any) -> float:
    return math.nan if given in ("-", "", None) else float(given)


def _errors(entries: list[Any], bins: Bins, only: str | None = None) -> dict[str, Array]:
    """Return the sizes of the errors by label, nan where a bin has none; those with one label alone if it is given."""
    found: dict[str, Array] = {}
    for k, entry in enumerate(entries):
        for error in entry.get("errors") or []:
            label = check_name(str(error.get("label") or STATISTICAL))
            if only in (None, label):
                sizes = found.setdefault(label, np.full(len(entries), math.nan))
                if not math.isnan(sizes[k]):
                    raise ValueError(f"two errors {label!r} of bin {k + 1}")
                sizes[k] = _size(error, abs(float(bins.values[k])))
    return found


def _size(error: dict[str, Any], value: float) -> float:
    """Return the size of an error; of an asymmetric one the mean of both."""
    if "symerror" in error:
        return _absolute(error["symerror"], value)
    sizes = error["asymerror"]
    return 0.5 * (_absolute(sizes["minus"], value) + _absolute(sizes["plus"], value))


def _absolute(given: Any, value: float) -> float:
    text = str(given).strip()
    size = abs(number(text.removesuffix("%"))) * (0.01 * value if text.endswith("%") else 1.0)
    if size > LARGEST_NUMBER:
        raise ValueError(f"an error is not finite, or larger than {LARGEST_NUMBER:g}")
    return size


def hepdata_matrix(file: Path, name: str | None, n: int) -> Array:
    """Read a table over two independent variables, of n values each in the same order."""
    with _reading(file, f"a HEPData table of {n} x {n} numbers"):
        table = parse_yaml(read_text(file))
        dependents = {str(d["header"]["name"]): d for d in table["dependent_variables"]}
        name = pick([check_name(key) for key in dependents], name, file, "matrix")
        entries = dependents[name]["values"]
        rows, columns = (_numbered(variable["values"]) for variable in table["independent_variables"])
        if not len(rows) == len(columns) == len(entries) == n * n or max(*rows, *columns) != n - 1:
            raise ValueError(f"{len(entries)} numbers")
        matrix = np.full((n, n), math.nan)
        matrix[rows, columns] = [float(entry["value"]) for entry in entries]
        if not np.all(np.isfinite(matrix)):
            raise ValueError("a number is missing, or not finite")
    return matrix


def _numbered(values: list[Any]) -> list[int]:
    """Number the values of an independent variable in the order in which they first appear."""
    seen: dict[str, int] = {}
    return [seen.setdefault(str(value), len(seen)) for value in values]

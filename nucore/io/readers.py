"""Reading a spectrum from a file of any tool."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from nucore.errors import InputError
from nucore.io.column_files import csv_bins, csv_matrix, read_csv
from nucore.io.hepdata_tables import hepdata_bins, hepdata_matrix, read_errors, read_hepdata
from nucore.io.spectrum_file import MAX_AXES, MAX_BINS, Array, Bins, SpectrumFile
from nucore.io.uhi_files import read_uhi
from nucore.text import parse_json, read_text

__all__ = [
    "MAX_AXES",
    "MAX_BINS",
    "Bins",
    "SpectrumFile",
    "is_workspace",
    "read_bins",
    "read_error",
    "read_errors",
    "read_matrix",
    "read_spectrum",
    "read_workspace",
    "split_source",
]

#: Rows of a matrix.
MAX_ROWS = 1000


def read_spectrum(source: str | Path) -> SpectrumFile:
    """Read one spectrum.

    Parameters
    ----------
    source : str or Path
        ``FILE.root:NAME`` (a TH1, TH2 or TH3; the name may be left out if there is only one), ``FILE.json[:NAME]``
        (UHI), ``FILE.csv`` (``low,high,value[,variance]``), ``FILE.csv:COLUMN`` (of the column's name in the line above
        the numbers), ``FILE.yaml[:NAME]`` (dependent variable of a HEPData table).

    Returns
    -------
    SpectrumFile

    Raises
    ------
    InputError
        If the file cannot be read, is not what its suffix says, lacks the histogram, or holds numbers that
        are not finite.
    """
    file, name = _file(source)
    readers: dict[str, Callable[[Path, str | None], SpectrumFile]] = {
        ".root": _read_root,
        ".json": read_uhi,
        ".csv": read_csv,
        ".yaml": read_hepdata,
        ".yml": read_hepdata,
    }
    if file.suffix not in readers:
        raise InputError(f"unknown suffix {file.suffix!r} of data {source}: expected one of {', '.join(readers)}")
    return readers[file.suffix](file, name)


def read_bins(source: str | Path) -> Bins:
    """Read one number in each bin of one axis; in CSV and HEPData files some may be missing (nan, ``-``).

    Parameters
    ----------
    source : str or Path
        As for `read_spectrum`.

    Raises
    ------
    InputError
        As `read_spectrum`.
    """
    file, name = _file(source)
    if file.suffix == ".csv":
        return csv_bins(file, name)
    if file.suffix in (".yaml", ".yml"):
        return hepdata_bins(file, name)
    found = read_spectrum(source).spectrum
    if found.axes:
        raise InputError(f"data {source}: {len(found.axes)} axes; expected a histogram of one")
    places = tuple(f"data {file}, bin {k + 1}" for k in range(found.n_bins))
    return Bins(found.name, found.edges, found.values, places)


def read_error(source: str | Path, label: str) -> Bins:
    """Read the errors with one label of a dependent variable, ``FILE.yaml[:NAME]``; see `read_errors`."""
    file, name = _file(source)
    if file.suffix not in (".yaml", ".yml"):
        raise InputError(f"data {source}: no error {label!r}; expected a HEPData table, FILE.yaml:NAME")
    bins, errors = hepdata_bins(file, name), read_errors(file, name)
    if label not in errors:
        raise InputError(f"data {source}: no error {label!r}; expected one of {', '.join(errors) or 'none'}")
    return Bins(label, bins.edges, errors[label], bins.places)


def read_matrix(source: str | Path, n: int) -> Array:
    """Read a matrix.

    Parameters
    ----------
    source : str or Path
        ``FILE.csv`` (n rows of n numbers; lines that begin with # are comments) or ``FILE.yaml[:NAME]`` (HEPData table
        over two independent variables of n values each).
    n : int
        Rows and columns.

    Returns
    -------
    float64[n, n]

    Raises
    ------
    InputError
        If the file cannot be read or holds anything else.
    """
    file, name = _file(source)
    if n > MAX_ROWS:
        raise InputError(f"data {source}: {n} rows; expected up to {MAX_ROWS}")
    if file.suffix in (".yaml", ".yml"):
        return hepdata_matrix(file, name, n)
    matrix = csv_matrix(file)
    if matrix.shape != (n, n):
        raise InputError(f"data {source}: {' x '.join(map(str, matrix.shape))} numbers; expected {n} x {n}")
    return matrix


def _file(source: str | Path) -> tuple[Path, str | None]:
    """Return the file of a source, which exists, and the name inside."""
    file, name = split_source(str(source))
    try:
        found = file.is_file()
    except ValueError:  # a null character
        found = False
    if not found:
        raise InputError(f"data {file} does not exist or is not a file")
    return file, name


def read_workspace(source: str | Path) -> dict[str, Any] | None:
    """Return the content of a pyhf workspace, or None for a file of any other kind.

    Parameters
    ----------
    source : str or Path
    """
    file = Path(source)
    if file.suffix not in ("", ".json") or not file.is_file():
        return None
    try:
        content = parse_json(read_text(file))
    except (ValueError, RecursionError):  # InputError is a ValueError: no text
        return None
    return content if is_workspace(content) else None


def is_workspace(content: Any) -> bool:
    """Whether the content of a JSON file looks like a pyhf workspace."""
    return isinstance(content, dict) and {"channels", "measurements", "observations"} <= set(content)


def split_source(source: str) -> tuple[Path, str | None]:
    """Split FILE.suffix:NAME into both; the name may be a path inside the file."""
    head, colon, name = source.rpartition(":")
    while head and not Path(head).suffix:
        head, colon, more = head.rpartition(":")
        name = f"{more}:{name}"
    if not colon or Path(source).is_file() or "." not in Path(head).name:
        return Path(source), None
    return Path(head), name


def _read_root(file: Path, name: str | None) -> SpectrumFile:
    from nucore.io.root_histograms import read_root  # loads uproot

    return read_root(file, name)

"""Reading a spectrum from a file of any tool."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nucore.errors import InputError
from nucore.io.archives import ARCHIVES
from nucore.io.column_files import csv_matrix, read_columns
from nucore.io.hepdata_records import is_hepdata_json
from nucore.io.hepdata_tables import hepdata_matrix, read_hepdata
from nucore.io.spectrum_file import MAX_AXES, MAX_BINS, Array, Bins, SpectrumFile
from nucore.io.table_readings import Readings
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
_COLUMNS = (".csv", ".tsv", ".txt", ".dat")
_YAML = (".yaml", ".yml")
#: What to do with files of other kinds.
_INSTEAD = {
    ".yoda": "YODA; convert it with yoda2root, or write low,high,value of its bins (contents, not heights) to a CSV",
    ".xlsx": "a sheet of Excel; save it as CSV",
    ".xls": "a sheet of Excel; save it as CSV",
    ".parquet": "a table of Parquet; write the histogram to ROOT, UHI JSON or CSV",
    ".feather": "a table of Arrow; write the histogram to ROOT, UHI JSON or CSV",
    ".npy": "a NumPy array; save low,high,value with numpy.savetxt('F.csv', ..., delimiter=',')",
    ".npz": "NumPy arrays; save low,high,value with numpy.savetxt('F.csv', ..., delimiter=',')",
    ".h5": "HDF5; write the histogram to ROOT, UHI JSON or CSV",
    ".hdf5": "HDF5; write the histogram to ROOT, UHI JSON or CSV",
    ".pkl": "a pickle, which may run code and is never read; write the histogram to ROOT, UHI JSON or CSV",
    ".pickle": "a pickle, which may run code and is never read; write the histogram to ROOT, UHI JSON or CSV",
    ".lhe": "events; make a histogram of them with nuportal analyse",
    ".hepmc": "events; make a histogram of them with nuportal analyse",
    ".slha": "a parameter card; name the histogram first and the card behind it",
    ".toml": "an experiment card; name it with --experiment, and the histogram first",
}


def read_spectrum(source: str | Path) -> SpectrumFile:
    """Read one spectrum.

    Parameters
    ----------
    source : str or Path
        ``FILE.root:NAME`` (a TH1, TH2 or TH3; the name may be left out if there is only one), ``FILE.json[:NAME]``
        (UHI), ``FILE.csv[:COLUMN]`` (also .tsv, .txt, .dat; ``low,high,value[,variance]``, or columns with names in
        the line above the numbers), ``FILE.yaml[:COLUMN]`` (dependent variable of a HEPData table, by name, number or
        qualifier), ``RECORD[:TABLE[:COLUMN]]`` (HEPData submission: YAML file, folder, .zip, .tar.gz, .tgz).

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
    if table := _table(file):
        return table(file, name).spectrum()
    readers = {".root": _read_root, ".json": read_uhi}
    suffix = file.suffix.lower()
    if instead := _INSTEAD.get(Path(file.name.lower().removesuffix(".gz")).suffix):
        raise InputError(f"data {source} is {instead}")
    if suffix not in readers:
        known = ", ".join((*readers, *_COLUMNS, *_YAML, *ARCHIVES))
        raise InputError(
            f"unknown suffix {file.suffix!r} of data {source}: expected one of {known}, or a HEPData folder"
        )
    return readers[suffix](file, name)


def _table(file: Path) -> Callable[[Path, str | None], Readings] | None:
    """Return the reader of a file with a table of columns; None for any other."""
    name = file.name.lower()
    if file.is_dir() or name.endswith(ARCHIVES) or (name.endswith(".json") and is_hepdata_json(file)):
        return read_hepdata
    suffix = Path(name.removesuffix(".gz")).suffix
    return read_hepdata if suffix in _YAML else read_columns if suffix in _COLUMNS else None


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
    if table := _table(file):
        return table(file, name).bins()
    found = read_spectrum(source).spectrum
    if found.axes:
        raise InputError(f"data {source}: {len(found.axes)} axes; expected a histogram of one")
    places = tuple(f"data {file}, bin {k + 1}" for k in range(found.n_bins))
    return Bins(found.name, found.edges, found.values, places)


def read_errors(source: str | Path) -> dict[str, Array]:
    """Read the errors of a column of a table.

    Parameters
    ----------
    source : str or Path
        HEPData or CSV, as for `read_spectrum`.

    Returns
    -------
    dict
        Size of the errors by their label, float64[n], >= 0, in the unit of the values (``stat`` where there is no
        label). Of an asymmetric error it is the mean of both sizes, of one that is stated on one side only that size;
        one in per cent is made absolute.

    Raises
    ------
    InputError
        If it is no such table, or a bin lacks an error that others have.
    """
    return _errors_of(source, "errors").sizes()


def read_error(source: str | Path, label: str) -> Bins:
    """Read the errors with one label, see `read_errors`; any name of the statistical error stands for it."""
    return _errors_of(source, f"error {label!r}").error(label)


def _errors_of(source: str | Path, what: str) -> Readings:
    file, name = _file(source)
    table = _table(file)
    if table is None:
        raise InputError(f"data {source}: no {what}; expected a HEPData table or CSV, FILE.yaml:NAME")
    return table(file, name)


def read_matrix(source: str | Path, n: int) -> Array:
    """Read a matrix.

    Parameters
    ----------
    source : str or Path
        ``FILE.csv`` (n rows of n numbers; lines that begin with # are comments) or ``FILE.yaml[:COLUMN]`` (HEPData
        table over two independent variables of n values each, or a record, as for `read_spectrum`).
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
    if _table(file) is read_hepdata:
        return hepdata_matrix(file, name, n)
    matrix = csv_matrix(file)
    if matrix.shape != (n, n):
        raise InputError(f"data {source}: {' x '.join(map(str, matrix.shape))} numbers; expected {n} x {n}")
    return matrix


def _file(source: str | Path) -> tuple[Path, str | None]:
    """Return the file or folder of a source, which exists, and the name inside."""
    file, name = split_source(str(source))
    if not (os.path.isfile(file) or os.path.isdir(file)):  # noqa: PTH112, PTH113 - false for a name that no file can have
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
    """Split FILE:NAME into both; the name may be a path inside the file, or have colons."""
    colons = [k for k, character in enumerate(source) if character == ":"]
    for end in (len(source), *reversed(colons)):
        if os.path.exists(source[:end]):  # noqa: PTH110 - false for a name that no file can have
            return Path(source[:end]), source[end + 1 :] or None
    for end in colons:
        if "." in Path(source[:end]).name:
            return Path(source[:end]), source[end + 1 :] or None
    return Path(source), None


def _read_root(file: Path, name: str | None) -> SpectrumFile:
    from nucore.io.root_histograms import read_root  # loads uproot

    return read_root(file, name)

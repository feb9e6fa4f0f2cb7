"""Tables in CSV and Parquet files, written block by block; the file does not depend on the block size."""

from __future__ import annotations

import csv
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from nucore.errors import InputError
from nucore.io.atomic import atomic_path

#: Missing values are NaN in the arrays of numbers, None in the lists of flags and texts.
Kind = Literal["number", "flag", "text"]
Block = Mapping[str, NDArray[np.float64] | Sequence[Any]]

TABLE_FORMATS = (".csv", ".parquet")
#: Rows in a group of a Parquet file.
GROUP_ROWS = 16384


class Table(Protocol):
    """Accepts blocks of rows in order, then the metadata."""

    def extend(self, block: Block) -> None:
        """Append rows: all columns, of one length."""

    def finish(self, metadata: Mapping[str, Any]) -> None:
        """Write the remaining rows and the metadata (plain Python types)."""

    def close(self) -> None:
        """Release the file, finished or not."""


class _CsvTable:
    """Metadata in a comment line, names, rows; empty cells where there is no value."""

    def __init__(self, path: Path, columns: Mapping[str, Kind]) -> None:
        self._path, self._columns = path, columns
        # the metadata come first in the file but are known last
        self._rows: IO[str] = tempfile.TemporaryFile("w+", newline="", encoding="utf-8", dir=path.parent)  # noqa: SIM115
        self._writer = csv.writer(self._rows, lineterminator="\n")

    def extend(self, block: Block) -> None:
        columns = (
            map(_number, np.asarray(block[name], float).tolist()) if kind == "number" else map(_other, block[name])
            for name, kind in self._columns.items()
        )
        self._writer.writerows(zip(*columns, strict=True))

    def finish(self, metadata: Mapping[str, Any]) -> None:
        self._rows.seek(0)
        with self._path.open("w", newline="", encoding="utf-8") as file:
            file.write(f"# provenance: {json.dumps(dict(metadata))}\n")
            csv.writer(file, lineterminator="\n").writerow(self._columns)
            shutil.copyfileobj(self._rows, file)

    def close(self) -> None:
        self._rows.close()


def _number(value: float) -> str:
    return "" if value != value else f"{value:.10g}"


def _other(value: Any) -> Any:
    return "" if value is None else value


def load_pyarrow(instead: str) -> Any:
    """Load the optional library of Parquet files; `InputError` with the suffix of another format if it is missing."""
    try:
        import pyarrow.parquet
    except ImportError:
        raise InputError(f"output .parquet needs pyarrow: install nuportal[parquet], or write {instead}") from None
    return pyarrow


class _ParquetTable:
    """The metadata stand under the key ``provenance``; cells without a value are null."""

    def __init__(self, path: Path, columns: Mapping[str, Kind]) -> None:
        arrow = load_pyarrow(".csv")
        types = {"number": arrow.float64(), "flag": arrow.bool_(), "text": arrow.string()}
        self._arrow = arrow
        self._schema = arrow.schema([(name, types[kind]) for name, kind in columns.items()])
        self._writer = arrow.parquet.ParquetWriter(path, self._schema)
        self._waiting: list[Any] = []

    def extend(self, block: Block) -> None:
        columns = [self._arrow.array(block[f.name], f.type, from_pandas=True) for f in self._schema]
        self._waiting.append(self._arrow.table(columns, self._schema))
        if sum(table.num_rows for table in self._waiting) >= GROUP_ROWS:
            self._write(GROUP_ROWS)

    def _write(self, least: int) -> None:
        rows = self._arrow.concat_tables(self._waiting)
        while rows.num_rows >= least:
            self._writer.write_table(rows.slice(0, GROUP_ROWS).combine_chunks(), GROUP_ROWS)
            rows = rows.slice(GROUP_ROWS)
        self._waiting = [rows]

    def finish(self, metadata: Mapping[str, Any]) -> None:
        if self._waiting:
            self._write(1)
        self._writer.add_key_value_metadata({"provenance": json.dumps(dict(metadata))})

    def close(self) -> None:
        self._writer.close()


def check_table(path: str | Path) -> None:
    """Refuse a name whose suffix is not in `TABLE_FORMATS`."""
    if Path(path).suffix not in TABLE_FORMATS:
        raise InputError(f"output {path}: suffix {Path(path).suffix!r} cannot hold a table: expected .csv or .parquet")


@contextmanager
def open_table(path: str | Path, columns: Mapping[str, Kind]) -> Iterator[Table]:
    """Open a table by its suffix; the file appears under its name when the block succeeds.

    Parameters
    ----------
    path : str or Path
        ``.csv`` (metadata in a comment line) or ``.parquet`` (metadata under the key ``provenance``).
    columns : mapping
        Kinds by name, in the order of the file.

    Raises
    ------
    InputError
        If the suffix is unknown or the file cannot be written.
    """
    check_table(path)
    make: Any = _ParquetTable if Path(path).suffix == ".parquet" else _CsvTable
    with atomic_path(path) as temporary, closing(make(temporary, columns)) as table:
        yield table

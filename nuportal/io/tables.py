"""Tables of columns in CSV and Parquet files."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nuportal.errors import InputError
from nuportal.io.atomic import atomic_path
from nuportal.io.writers import open_writer

TABLE_FORMATS = (".csv", ".parquet")


def check_table(path: str | Path) -> None:
    """Refuse a name whose suffix is not in `TABLE_FORMATS`."""
    if Path(path).suffix not in TABLE_FORMATS:
        raise InputError(f"output {path}: suffix {Path(path).suffix!r} cannot hold a table; allowed: .csv, .parquet")


def write_table(path: str | Path, columns: Mapping[str, Sequence[Any]], metadata: Mapping[str, Any]) -> None:
    """Write columns of equal length; NaN and None become empty cells.

    Parameters
    ----------
    path : str or Path
        ``.csv`` (metadata in a comment line) or ``.parquet`` (metadata under the key ``provenance``).
    columns : mapping of sequences
    metadata : mapping
        Plain Python types.
    """
    check_table(path)
    if Path(path).suffix == ".parquet":
        with open_writer(path, events=True) as writer:
            writer.extend({name: np.asarray(values) for name, values in columns.items()})
            writer.finish([], metadata)
        return
    with atomic_path(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        file.write(f"# provenance: {json.dumps(dict(metadata))}\n")
        writer_ = csv.writer(file, lineterminator="\n")
        writer_.writerow(columns)
        writer_.writerows([_cell(value) for value in row] for row in zip(*columns.values(), strict=True))


def _cell(value: Any) -> Any:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    return f"{value:.10g}" if isinstance(value, float) else value

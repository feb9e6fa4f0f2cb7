"""Reading whole event files of ROOT or Parquet as arrays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from nucore.errors import InputError
from nucore.text import one_line

#: Events times branches of a tree or table that is read whole.
_MAX_CELLS = 200_000_000


def read_branches(file: Path) -> dict[str, NDArray[Any]]:
    """Read all events of a ROOT TTree ``events`` or of a Parquet file, one array per branch.

    Raises
    ------
    InputError
        If the file cannot be read or holds no events.
    """
    if not file.is_file():
        raise InputError(f"events {file} does not exist or is not a file")
    try:
        if file.suffix == ".parquet":
            import pyarrow.parquet

            parquet = pyarrow.parquet.ParquetFile(file)
            _check_cells(parquet.metadata.num_rows, parquet.metadata.num_columns)
            table = parquet.read()
            return {name: table[name].to_numpy() for name in table.column_names}
        from nucore.io.root_files import RootFile

        with RootFile(file) as root:
            tree = root.tree("events")
            _check_cells(tree.n_entries, len(tree.names))
            return next(tree.blocks(tree.names, tree.n_entries))
    except Exception as error:  # a damaged file can make the reader fail in any way
        raise InputError(f"events {file} cannot be read as ROOT or Parquet events: {one_line(error)}") from None


def _check_cells(n_rows: int, n_columns: int) -> None:
    if not 0 < n_rows * n_columns <= _MAX_CELLS:
        raise ValueError(f"{n_rows} events of {n_columns} branches: expected 1 to {_MAX_CELLS} numbers")

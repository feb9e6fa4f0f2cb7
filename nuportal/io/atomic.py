"""Files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from nuportal.errors import InputError


@contextlib.contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Give a temporary path that becomes `path` when the block ends, and is removed if it fails.

    Parameters
    ----------
    path : str or Path
        Final name; its folder must exist.

    Yields
    ------
    Path
        Temporary file beside it, with the same suffix.

    Raises
    ------
    InputError
        If a file cannot be made there; raised before the block runs.
    """
    final = Path(path)
    if final.is_dir():
        raise InputError(f"output {path} is a folder; give the name of a file")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{final.stem}-", suffix=final.suffix, dir=final.parent)
        os.close(handle)
    except OSError as error:
        raise InputError(f"output {path} cannot be written: {error.strerror}") from None
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(final)
    finally:
        temporary.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask

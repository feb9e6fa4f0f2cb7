"""Files written completely or not at all."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import platform
import re
from collections.abc import Iterator
from pathlib import Path

from nucore.errors import InputError

_HOST = platform.node()[:32]
_counter = itertools.count()
_NOT_OF_THE_NAME = frozenset([errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE])


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
        If a file of that name cannot be made; raised before the block runs.
    OSError
        If the disk is full or fails.
    """
    final = Path(path)
    if final.is_dir():
        raise InputError(f"output {path} is a folder: expected the name of a file")
    try:
        temporary = _make_temporary(final)
    except OSError as error:
        if error.errno in _NOT_OF_THE_NAME:
            raise
        raise InputError(f"output {path} cannot be written: {error.strerror}") from None
    try:
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.replace(final)
    finally:
        temporary.unlink(missing_ok=True)


def _make_temporary(final: Path) -> Path:
    while True:
        temporary = final.with_name(f".{final.stem}-{_HOST}-{os.getpid()}-{next(_counter)}{final.suffix}")
        try:
            # made as any new file is, so that it has the permissions the user wants
            os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        except FileExistsError:  # of a killed process that had our number, as in a container
            continue
        return temporary


def clear_abandoned(path: str | Path) -> None:
    """Remove temporary files that processes of this machine left beside `path` when they were killed."""
    final = Path(path)
    pattern = re.compile(rf"\.{re.escape(final.stem)}-{re.escape(_HOST)}-(\d+)-\d+{re.escape(final.suffix)}")
    if not final.parent.is_dir():
        return
    for entry in final.parent.iterdir():
        match = pattern.fullmatch(entry.name)
        if match is not None and not _is_alive(int(match[1])):
            entry.unlink(missing_ok=True)


def _is_alive(process: int) -> bool:
    if process == os.getpid():  # this one is yet to begin: it had our number, as in a container
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # of another user
        return True
    return True

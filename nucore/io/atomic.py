"""Outputs: files written completely or not at all, and folders."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import platform
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from nucore.errors import InputError

_HOST = platform.node()[:32]
_counter = itertools.count()
#: Temporary files and folders that this process writes.
_unfinished: set[Path] = set()
_NOT_OF_THE_NAME = frozenset([errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE])


@contextlib.contextmanager
def atomic_path(path: str | Path, *, sync: bool = True) -> Iterator[Path]:
    """Yield a temporary path that is renamed to `path` when the block ends, and removed if it fails.

    Parameters
    ----------
    path : str or Path
        Final name; its folder must exist.
    sync : bool
        Have the content on the disk before the name, so that a crash of the system leaves nothing damaged.

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
    with _unfinished_path(temporary):
        yield temporary
        if sync:
            with temporary.open("rb") as written:
                os.fsync(written.fileno())
        temporary.replace(final)


@contextlib.contextmanager
def _unfinished_path(path: Path) -> Iterator[None]:
    """Remove what is at a path when the block, or the process, ends."""
    _unfinished.add(path)
    try:
        yield
    finally:
        _remove(path)
        _unfinished.discard(path)


def remove_unfinished() -> None:
    """Remove the temporary files and folders of this process, which ends at once."""
    for path in list(_unfinished):
        with contextlib.suppress(OSError):
            _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """Yield a new temporary folder, and remove it when the block, or the process, ends."""
    folder = Path(tempfile.mkdtemp(prefix="nuportal-"))
    with _unfinished_path(folder):
        yield folder


def _make_temporary(final: Path) -> Path:
    while True:
        temporary = final.with_name(f".{final.stem}-{_HOST}-{os.getpid()}-{next(_counter)}{final.suffix}")
        try:
            # created as any new file, with the permissions of the user
            os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        except FileExistsError:  # left by a killed process with the same number, as in a container
            continue
        return temporary


def check_folder(path: str | Path, mark: str, kind: str) -> Path:
    """Return the name of a folder that can be made, or replaced as it is of the same kind; see `atomic_folder`.

    Raises
    ------
    InputError
        If something else has that name, or there is no folder to make it in.
    """
    final = Path(path)
    if final.exists() and not (final / mark).is_file():
        raise InputError(f"output {path} exists and is not a {kind}: choose another name")
    if not final.absolute().parent.is_dir():
        raise InputError(f"output {path} cannot be written: there is no folder {final.parent}")
    return final


@contextlib.contextmanager
def atomic_folder(path: str | Path, mark: str, kind: str) -> Iterator[Path]:
    """Yield a temporary folder that is renamed to `path` when the block ends, and removed if it fails.

    Parameters
    ----------
    path : str or Path
        Final name; the folder it lies in must exist. A folder of that name is replaced if it is of the same kind.
    mark : str
        Name of a file that every folder of this kind has.
    kind : str
        What a folder with this file is, for errors.

    Raises
    ------
    InputError
        If something else has that name, or the folder cannot be made; raised before the block runs.
    """
    final = check_folder(path, mark, kind)
    try:
        folder = Path(tempfile.mkdtemp(prefix=f".{final.name}-", dir=final.parent))
    except OSError as error:
        raise InputError(f"output {path} cannot be written: {error.strerror}") from None
    with _unfinished_path(folder):
        yield folder
        folder.chmod(0o755)
        if final.exists():
            shutil.rmtree(final)
        folder.rename(final)


def output_folder(path: str | Path) -> Path:
    """Make a folder for outputs if it is not there; `InputError` if it cannot be made."""
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"output folder {path} cannot be made: {error.strerror}") from None
    return folder


def clear_abandoned(path: str | Path) -> None:
    """Remove temporary files beside `path` of processes of this machine that were killed."""
    final = Path(path)
    pattern = re.compile(rf"\.{re.escape(final.stem)}-{re.escape(_HOST)}-(\d+)-\d+{re.escape(final.suffix)}")
    if not final.parent.is_dir():
        return
    for entry in final.parent.iterdir():
        match = pattern.fullmatch(entry.name)
        if match is not None and not _is_alive(int(match[1])):
            entry.unlink(missing_ok=True)


def _is_alive(process: int) -> bool:
    if process == os.getpid():  # a killed process with the same number, as in a container
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # of another user
        return True
    return True

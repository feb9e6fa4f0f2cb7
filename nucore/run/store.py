"""Finished pieces of a run on disk, so that an interrupted run can go on."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from filelock import FileLock, Timeout

from nucore.errors import InputError
from nucore.io.atomic import atomic_path
from nucore.run.chunks import Chunk
from nucore.run.codec import pack, unpack
from nucore.run.engine import Outcome
from nucore.run.provenance import current_run, sources_version

#: Folder beside an output that those of its runs lie in.
WORK_FOLDER = ".nuportal-work"
_PIECE = re.compile(r"(\d{1,19})-(\d{1,19})\.piece")


def piece_name(chunk: Chunk) -> str:
    """Name of the file of a piece."""
    return f"{chunk.first}-{chunk.stop}.piece"


def chunk_of(name: str) -> Chunk | None:
    """Chunk of a file name, None if it names no piece."""
    match = _PIECE.fullmatch(name)
    if match is None:
        return None
    first, stop = map(int, match.groups())
    return Chunk(first, stop - first) if first < stop else None


def encode(outcome: Outcome[Any], key: str) -> bytes:
    """Bytes of a piece of the run of a key."""
    range_ = [outcome.chunk.first, outcome.chunk.stop]
    return pack({"key": key, "range": range_, "value": outcome.value, "version": outcome.version, "cpu": outcome.cpu})


def decode(content: bytes, chunk: Chunk, key: str, where: str) -> Outcome[Any]:
    """Piece of bytes.

    Raises
    ------
    InputError
        If they are damaged, or hold another chunk, or one of another run.
    """
    item = unpack(content, where)
    try:
        if item["range"] != [chunk.first, chunk.stop]:
            raise InputError(f"{where} holds other items than its name says")
        if item["key"] != key:
            raise InputError(f"{where} is of another run")
        return Outcome(chunk, item["value"], str(item["version"]), str(item["cpu"]))
    except (KeyError, TypeError):
        raise InputError(f"{where} is not a piece of a run") from None


class PieceStore:
    """Folder of the pieces of one run, held by one process at a time.

    Parameters
    ----------
    folder : Path
        Made when the first piece comes.
    key : str
        Of the run.
    about : dict
        What the run is; for people who find the folder.
    """

    def __init__(self, folder: Path, key: str, about: dict[str, Any]) -> None:
        self.folder, self._key, self._about = folder, key, about
        self._lock = FileLock(folder / "lock", timeout=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self.held and not self.chunks():
            self.remove()
        elif kind is not None and self.held:
            current_run().kept = self.folder
        self._lock.release(force=True)

    @property
    def held(self) -> bool:
        """Whether this process writes here."""
        return self._lock.is_locked

    def chunks(self) -> list[Chunk]:
        """Pieces that are there, sorted."""
        if not self.folder.is_dir():
            return []
        found = (chunk_of(entry.name) for entry in self.folder.iterdir())
        return sorted(chunk for chunk in found if chunk is not None)

    def read(self, chunk: Chunk) -> Outcome[Any] | None:
        """Read a piece; None if it is damaged, foreign or gone, so that it is to be computed again."""
        path = self.folder / piece_name(chunk)
        try:
            outcome = decode(path.read_bytes(), chunk, self._key, str(path))
        except (InputError, OSError):
            return None
        return outcome if outcome.version == sources_version() else None

    def add(self, outcome: Outcome[Any]) -> None:
        """Write a piece, whole or not at all."""
        with atomic_path(self.folder / piece_name(outcome.chunk)) as temporary:
            temporary.write_bytes(encode(outcome, self._key))

    def hold(self, needed: bool) -> None:
        """Take the folder; where another process has it, this one keeps no pieces.

        Raises
        ------
        InputError
            If the folder cannot be made, or another process has it and it is needed.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        except Timeout:
            if needed:
                raise InputError(f"the same run goes on in another process, which holds {self.folder}") from None
            return
        except OSError as error:
            raise InputError(f"folder {self.folder} for finished pieces cannot be used: {error.strerror}") from None
        with atomic_path(self.folder / "run.json") as temporary:
            temporary.write_text(json.dumps(self._about, indent=1), encoding="utf-8")

    def remove(self) -> None:
        """Delete the pieces, and the folder."""
        if not self.held:
            return
        for path in list(self._own_files()):
            path.unlink(missing_ok=True)
        self._lock.release(force=True)
        (self.folder / "lock").unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # somebody put something else there, or works in the folder above
            self.folder.rmdir()
            if self.folder.parent.name == WORK_FOLDER:  # not a folder that the user gave
                self.folder.parent.rmdir()

    def _own_files(self) -> Iterator[Path]:
        for entry in self.folder.iterdir():
            if chunk_of(entry.name) is not None or entry.suffix in (".piece", ".json"):
                yield entry

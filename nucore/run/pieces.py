"""Pieces: the results of a range of items as bytes, made where they are computed and checked wherever they are read.

A worker sends the bytes, the folder of a run keeps them, a shard is an archive of them. They are a SHA-256, a JSON text
preceded by its length, and the raw arrays in the order in which the text names them. Reading builds nothing but plain
Python types and arrays of numbers, whatever the bytes say, and takes no more memory than they have.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from filelock import FileLock, Timeout

from nucore.errors import InputError, ResumeWarning
from nucore.io.atomic import atomic_path
from nucore.run.chunks import Chunk
from nucore.run.provenance import cpu_type, current_run

#: Folder beside an output that holds the pieces of its runs.
WORK_FOLDER = ".nuportal-work"
_NAME = re.compile(r"(\d{1,19})-(\d{1,19})\.piece")
_DIGEST = hashlib.sha256().digest_size
_ARRAY, _KINDS = "$array", "biuf"


@dataclass(frozen=True)
class Piece:
    """What a task returned for a chunk (tuples have become lists), the processor that computed it, and its bytes."""

    chunk: Chunk
    value: Any
    cpu: str
    content: bytes


def pack(value: Any, chunk: Chunk, key: str) -> bytes:
    """Encode the result of a chunk, of the run with a key.

    `value` is a tree of dicts with text keys, lists, tuples, numbers, text, None and arrays of numbers; `TypeError`
    for anything else.
    """
    blobs: list[bytes] = []

    def plain(item: Any) -> Any:
        if isinstance(item, np.generic):
            return item.item()
        if not isinstance(item, np.ndarray) or item.dtype.kind not in _KINDS:
            raise TypeError(f"cannot keep {type(item).__name__}: expected plain values and arrays of numbers")
        blobs.append(item.tobytes())
        return {_ARRAY: item.dtype.str, "shape": item.shape}

    content = {"key": key, "chunk": [chunk.first, chunk.n], "cpu": cpu_type(), "value": value}
    text = json.dumps(content, default=plain).encode()
    parts = [len(text).to_bytes(8, "little"), text, *blobs]
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return b"".join([digest.digest(), *parts])


def unpack(content: bytes, chunk: Chunk, key: str, where: str) -> Piece:
    """Decode what `pack` wrote; `InputError` names `where` if it is damaged, of other items or of another run."""
    body = memoryview(content)[_DIGEST:]
    if content[:_DIGEST] != hashlib.sha256(body).digest():
        raise InputError(f"{where} is damaged, or was not written by nuportal")
    try:
        end = 8 + int.from_bytes(body[:8], "little")
        text, left = bytes(body[8:end]), body[end:]

        def built(item: dict[str, Any]) -> Any:
            nonlocal left
            if _ARRAY not in item:
                return item
            dtype, shape = np.dtype(str(item[_ARRAY])), item["shape"]
            if dtype.kind not in _KINDS or min(shape, default=0) < 0:
                raise ValueError("array")
            size = math.prod(shape) * dtype.itemsize
            array, left = np.frombuffer(left[:size], dtype).reshape(shape), left[size:]
            return array

        item = json.loads(text, object_hook=built)
        held, value, cpu = (item["key"], item["chunk"]), item["value"], str(item["cpu"])
    except Exception as error:  # forged bytes can make a reader fail in any way
        raise InputError(f"{where} is not a piece of a run: {type(error).__name__}") from None
    if held != (key, [chunk.first, chunk.n]):
        raise InputError(f"{where} is of another run, or of other items than its name says")
    return Piece(chunk, value, cpu, content)


def piece_name(chunk: Chunk) -> str:
    """Name of the file of a piece."""
    return f"{chunk.first}-{chunk.stop}.piece"


def chunk_of(name: str) -> Chunk | None:
    """Chunk of a file name, None if it names no piece."""
    match = _NAME.fullmatch(name)
    first, stop = (0, 0) if match is None else map(int, match.groups())
    return Chunk(first, stop - first) if first < stop else None


class PieceFolder:
    """Folder of the pieces of one run, held by one process at a time.

    Parameters
    ----------
    folder : Path
        Made when it is held.
    key : str
        Of the run.
    """

    def __init__(self, folder: Path, key: str) -> None:
        self.folder, self._key = folder, key
        self._lock = FileLock(folder / "lock", timeout=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if not self.held:
            return
        if kind is None or not self.chunks():
            self._remove()
        else:
            current_run().kept = self.folder
            self._lock.release()

    @property
    def held(self) -> bool:
        """Whether this process writes here."""
        return self._lock.is_locked

    def chunks(self) -> list[Chunk]:
        """Pieces that are there and whole, sorted; one that is damaged or foreign is computed again."""
        found = []
        for entry in self.folder.iterdir() if self.folder.is_dir() else ():
            chunk = chunk_of(entry.name)
            if chunk is not None:
                with contextlib.suppress(InputError, OSError):
                    found.append(self.read(chunk).chunk)
        return sorted(found)

    def read(self, chunk: Chunk) -> Piece:
        """Read a piece; `InputError` if it is damaged or foreign."""
        path = self.folder / piece_name(chunk)
        return unpack(path.read_bytes(), chunk, self._key, str(path))

    def add(self, chunk: Chunk, content: bytes) -> None:
        """Write a piece, whole or not at all, if the folder is held."""
        if self.held:
            with atomic_path(self.folder / piece_name(chunk)) as temporary:
                temporary.write_bytes(content)

    def hold(self, resume: bool) -> None:
        """Take the folder; if another process has it, a run that does not resume keeps no pieces, others fail."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        except Timeout:
            if resume:
                raise InputError(f"the same run is going on in another process, which holds {self.folder}") from None
            return
        except OSError as error:
            raise InputError(f"cannot keep pieces in folder {self.folder}: {error.strerror}") from None
        if not resume and self.chunks():
            told = ResumeWarning(f"pieces of an interrupted run are in {self.folder}; --resume would use them")
            warnings.warn(told, stacklevel=2)

    def _remove(self) -> None:
        """Delete the pieces, also those half written by a killed process, and the folder if nothing else is there."""
        for path in self.folder.glob("*.piece"):
            path.unlink(missing_ok=True)
        self._lock.release()
        (self.folder / "lock").unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # somebody put something else there, or works in the folder above
            self.folder.rmdir()
            if self.folder.parent.name == WORK_FOLDER:  # not a folder that the user gave
                self.folder.parent.rmdir()

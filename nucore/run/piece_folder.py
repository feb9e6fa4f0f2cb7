"""Where finished pieces of a run are kept until its result is there."""

from __future__ import annotations

import contextlib
import time
import warnings
from pathlib import Path
from typing import Self

from filelock import FileLock, Timeout

from nucore.caches import cache_folder, cache_places, why_elsewhere
from nucore.errors import InputError, ResumeWarning
from nucore.io.atomic import atomic_path
from nucore.run.chunks import Chunk
from nucore.run.pieces import Piece, chunk_of, piece_name, unpack
from nucore.run.provenance import current_run

#: Folder beside an output that holds the pieces of its runs.
WORK_FOLDER = ".nuportal-work"
#: A run that lasts longer, s, keeps its pieces on disk; they would be missed.
LONG_RUN_S = 10.0
#: So does one whose pieces are larger together.
_MOST_WAITING_BYTES = 16_000_000


class PieceFolder:
    """Finished pieces of one run: in memory at first, in a folder once the run is long, ends early, or must resume.

    The folder is held by one process at a time.

    Parameters
    ----------
    root : Path or None
        Folder of the folder; by default our cache, chosen when it is needed.
    name : str
        Of the folder.
    key : str
        Of the run.

    Attributes
    ----------
    keeps : bool
        Whether pieces that are added are kept.
    """

    def __init__(self, root: Path | None, name: str, key: str) -> None:
        self._name, self._key = name, key
        places = [place / "work" for place in cache_places()] if root is None else [root]
        self._place = next((place for place in places if (place / name).is_dir()), root)
        self._lock: FileLock | None = None
        self.keeps = False
        self._begun = 0.0
        self._waiting: dict[Chunk, bytes] = {}
        self._waiting_bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            with contextlib.suppress(OSError):  # a full disk may be what ended the run
                self.flush()
        if self._lock is None:
            return
        if kind is None or not self._stored():
            self._remove(self._lock)
        else:
            current_run().kept = self.folder
            self._lock.release()

    @property
    def folder(self) -> Path | None:
        """Where pieces are, or will be; None if that is not chosen yet."""
        return None if self._place is None else self._place / self._name

    def begin(self, at_once: bool) -> None:
        """Keep what is added from now on.

        Parameters
        ----------
        at_once : bool
            Take the folder now; else when there is a reason, as old pieces that are there.

        Raises
        ------
        InputError
            If it must be taken now, and cannot be written, or another process has it.
        """
        if self.keeps:
            return
        self.keeps, self._begun, old = True, time.monotonic(), not at_once and bool(self._stored())
        if at_once or old:
            self._hold(must=at_once)
        if old and self._lock is not None:
            told = ResumeWarning(f"pieces of an interrupted run are in {self.folder}; --resume would use them")
            warnings.warn(told, stacklevel=2)

    def chunks(self) -> list[Chunk]:
        """Pieces that are there and whole, sorted; one that is damaged or foreign is computed again."""
        return sorted({*self._waiting, *self._stored()})

    def read(self, chunk: Chunk) -> Piece:
        """Read a piece; `InputError` if it is damaged or foreign."""
        if chunk in self._waiting:
            return unpack(self._waiting[chunk], chunk, self._key, f"piece {piece_name(chunk)}")
        assert self.folder is not None  # it has the piece
        path = self.folder / piece_name(chunk)
        return unpack(path.read_bytes(), chunk, self._key, str(path))

    def add(self, chunk: Chunk, content: bytes) -> None:
        """Keep a piece, on disk if the run is long."""
        if not self.keeps:
            return
        self._waiting[chunk] = content
        self._waiting_bytes += len(content)
        long = time.monotonic() > self._begun + LONG_RUN_S or self._waiting_bytes > _MOST_WAITING_BYTES
        if self._lock is not None or long:
            self.flush()

    def flush(self) -> None:
        """Write what waits, each piece whole or not at all; where there is no place, say so and keep nothing more."""
        if not self._waiting or not (self._lock or self._hold(must=False)):
            return
        assert self.folder is not None  # it is held
        while self._waiting:
            chunk = next(iter(self._waiting))
            # not synchronised: a piece that a crash of the system damages is computed again
            with atomic_path(self.folder / piece_name(chunk), sync=False) as temporary:
                temporary.write_bytes(self._waiting[chunk])
            self._waiting_bytes -= len(self._waiting.pop(chunk))

    def _hold(self, must: bool) -> bool:
        """Take the folder, and say whether that went well; if it must, fail otherwise."""
        if self._place is None:
            cache = cache_folder()
            self._place = None if cache is None else cache / "work"
            told = why_elsewhere(cache)
            if told is not None:
                warnings.warn(ResumeWarning(told), stacklevel=2)
        folder = self.folder
        if folder is not None:
            lock = FileLock(folder / "lock", timeout=0)
            try:
                folder.mkdir(parents=True, exist_ok=True)
                lock.acquire()
            except Timeout:
                if must:
                    raise InputError(f"the same run is going on in another process, which holds {folder}") from None
            except OSError as error:
                if must:
                    raise InputError(f"cannot keep pieces in folder {folder}: {error.strerror}") from None
                told = f"cannot keep pieces in folder {folder}: {error.strerror}; the run cannot be resumed"
                warnings.warn(ResumeWarning(told), stacklevel=2)
            else:
                self._lock = lock
                return True
        self.keeps = False
        self._waiting.clear()
        return False

    def _stored(self) -> list[Chunk]:
        """Whole pieces of the folder."""
        found = []
        for entry in self.folder.iterdir() if self.folder is not None and self.folder.is_dir() else ():
            chunk = chunk_of(entry.name)
            if chunk is not None:
                with contextlib.suppress(InputError, OSError):
                    unpack(entry.read_bytes(), chunk, self._key, str(entry))
                    found.append(chunk)
        return found

    def _remove(self, lock: FileLock) -> None:
        """Delete the pieces, also those half written by a killed process, and the folder if nothing else is there."""
        assert self.folder is not None  # it is held
        for path in self.folder.glob("*.piece"):
            path.unlink(missing_ok=True)
        lock.release()
        (self.folder / "lock").unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # somebody put something else there, or works in the folder above
            self.folder.rmdir()
            if self.folder.parent.name == WORK_FOLDER:  # not a folder that the user gave
                self.folder.parent.rmdir()

"""Bytes of an XML event file, compressed or not, within the bounds of a sensible one."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any
from xml.parsers import expat

from nucore.errors import InputError

_GZIP_MAGIC = b"\x1f\x8b"
#: Largest stretch without the end of an event, in bytes and elements; a header of run cards is far smaller.
MAX_SILENT_BYTES, MAX_SILENT_ELEMENTS = 8_000_000, 50_000
#: Depth of nested elements; event files use four levels.
MAX_DEPTH = 20
#: Events compress to about a fifth; a file that expands beyond this is not an event file.
_MAX_UNPACKED, _MAX_RATIO = 100_000_000, 200
_READ_BYTES = 1 << 16
_END = b"</LesHouchesEvents>"


class GuardedStream:
    """Bytes of a file up to the end of the document, for a parser that trusts it.

    Document types (and with them entities), deeply nested elements and long stretches without an event are refused.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("rb")
        packed = self._file.peek(2)[:2] == _GZIP_MAGIC
        self._stream: Any = gzip.GzipFile(fileobj=self._file) if packed else self._file
        self._tail = b""
        self._ended = False
        self._bytes = self._elements = self._depth = self._n_unpacked = 0
        self._parser = expat.ParserCreate()
        self._parser.StartDoctypeDeclHandler = self._document_type
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._finish

    def __enter__(self) -> GuardedStream:
        return self

    def __exit__(self, *_: object) -> None:
        """Stay open: the bytes after the last event are still to be read."""

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def read(self, size: int = -1) -> bytes:
        """Read up to the end of the document; some generators write more after it."""
        if self._ended:
            return b""
        data = self._next(_READ_BYTES if size < 0 else min(size, _READ_BYTES))
        window = self._tail + data
        end = window.find(_END)
        if end >= 0:
            self._ended = True
            data = window[len(self._tail) : end + len(_END)]
        self._tail = window[-len(_END) :]
        self._bytes += len(data)
        self._parser.Parse(data, self._ended)
        if self._bytes > MAX_SILENT_BYTES:
            raise self._refused(f"{MAX_SILENT_BYTES} bytes without an event: not an event file")
        return data

    def _next(self, size: int) -> bytes:
        data: bytes = self._stream.read(size)
        self._n_unpacked += len(data)
        if self._n_unpacked > max(_MAX_UNPACKED, _MAX_RATIO * self._file.tell()):
            raise self._refused(f"unpacks to more than {_MAX_RATIO} times its size: not an event file")
        return data

    def drain(self) -> None:
        """Read to the end of the file, where the checksum of a compressed one is tested."""
        n_more = 0
        while data := self._next(_READ_BYTES):
            n_more += len(data)
            if n_more > MAX_SILENT_BYTES:
                raise self._refused(f"more than {MAX_SILENT_BYTES} bytes after the last event")

    def _refused(self, what: str) -> InputError:
        return InputError(f"events {self._path}: {what}")

    def _document_type(self, *_: object) -> None:
        raise self._refused("document types and entities are not allowed in a Les Houches file")

    def _start(self, *_: object) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > MAX_DEPTH or self._elements > MAX_SILENT_ELEMENTS:
            raise self._refused(f"elements more than {MAX_DEPTH} deep, or {MAX_SILENT_ELEMENTS} without an event")

    def _finish(self, name: str) -> None:
        self._depth -= 1
        if name == "event" and self._depth == 1:
            self._bytes = self._elements = 0

"""Bytes of an XML event file, compressed or not, within the bounds of a sensible one."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any, BinaryIO
from xml.parsers import expat

from nucore.errors import InputError

_GZIP_MAGIC = b"\x1f\x8b"
#: Largest stretch without the end of an event, in bytes and elements; a header of run cards is far smaller.
MAX_SILENT_BYTES, MAX_SILENT_ELEMENTS = 8_000_000, 50_000
#: Depth of nested elements; event files use four levels.
MAX_DEPTH = 20
#: Events compress to about a fifth; a file that expands beyond this is not an event file.
_MAX_UNPACKED, _MAX_RATIO = 100_000_000, 200
_MAX_EMPTY_MEMBERS = 1000
_READ_BYTES = 1 << 16
_END = b"</LesHouchesEvents>"


class _Unpacked:
    """Contents of a gzip file of one or more members, each checked at its end."""

    def __init__(self, stream: BinaryIO, path: Path) -> None:
        self._stream = stream
        self._path = path
        self._member = zlib.decompressobj(wbits=31)
        self._pending = b""
        self._n_packed = self._n_unpacked = self._n_empty = 0

    def close(self) -> None:
        self._stream.close()

    def read(self, size: int) -> bytes:
        """Return some bytes, none at the end."""
        while True:
            if self._member.eof:
                self._pending = self._member.unused_data.lstrip(b"\0") or self._more().lstrip(b"\0")
                if not self._pending:
                    return b""
                self._member = zlib.decompressobj(wbits=31)
                self._n_empty += 1
            if not self._pending:
                self._pending = self._more()
                if not self._pending:
                    raise EOFError
            data = self._member.decompress(self._pending, size)
            self._pending = self._member.unconsumed_tail
            if data:
                return self._counted(data)
            if self._n_empty > _MAX_EMPTY_MEMBERS:
                raise InputError(f"events {self._path}: more than {_MAX_EMPTY_MEMBERS} empty gzip members")

    def _more(self) -> bytes:
        data = self._stream.read(_READ_BYTES)
        self._n_packed += len(data)
        return data

    def _counted(self, data: bytes) -> bytes:
        self._n_empty = 0
        self._n_unpacked += len(data)
        if self._n_unpacked > max(_MAX_UNPACKED, _MAX_RATIO * self._n_packed):
            raise InputError(f"events {self._path}: unpacks to more than {_MAX_RATIO} times its size: no event file")
        return data


class GuardedStream:
    """Bytes of a file up to the end of the document, for a parser that trusts it.

    Document types (and with them entities), deeply nested elements and long stretches without an event are refused.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with path.open("rb") as stream:
            packed = stream.read(2) == _GZIP_MAGIC
        opened = path.open("rb")
        self._stream: Any = _Unpacked(opened, path) if packed else opened
        self._tail = b""
        self._ended = False
        self._bytes = self._elements = self._depth = 0
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
        self._stream.close()

    def read(self, size: int = -1) -> bytes:
        """Read up to the end of the document; some generators write more after it."""
        if self._ended:
            return b""
        data: bytes = self._stream.read(_READ_BYTES if size < 0 else min(size, _READ_BYTES))
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

    def drain(self) -> None:
        """Read to the end of the file, where the checksum of a compressed one is tested."""
        n_more = 0
        while data := self._stream.read(_READ_BYTES):
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

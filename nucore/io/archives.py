"""Text in untrusted archives, folders and packed files: read in memory, within bounds, and never unpacked to disk."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import IO, Any

from nucore.errors import InputError
from nucore.text import MAX_TEXT_BYTES, MAX_YAML_BYTES, one_line, read_text

ARCHIVES = (".zip", ".tar.gz", ".tgz", ".tar")
#: Members of an archive, and bytes of their names and headers.
MAX_MEMBERS, _MAX_HEADERS = 2000, 4_000_000
#: Bytes that may be unpacked on the way to a member of a tar archive.
_MAX_UNPACKED = 100_000_000
_BLOCK = 1 << 16
_GZIP_MAGIC = b"\x1f\x8b"
#: What the standard library raises for damaged archives, beside its own exceptions.
_DAMAGED = (ValueError, LookupError, ArithmeticError, EOFError, RuntimeError)


def is_record(file: Path) -> bool:
    """Whether a path is a folder, or by its name an archive that may hold a record."""
    return file.is_dir() or file.name.lower().endswith(ARCHIVES)


def read_packed_text(file: Path, kind: str = "histogram") -> str:
    """Read a UTF-8 text file, packed with gzip if its name ends in ``.gz``."""
    if not file.name.lower().endswith(".gz"):
        return read_text(file, kind=kind)
    with _refusing(file, "a file packed with gzip"), file.open("rb") as stream:
        return _text(_Forward(stream).content(MAX_TEXT_BYTES), str(file))


class Record:
    """YAML files of a HEPData record: a folder, ``.zip``, ``.tar.gz``, ``.tgz`` or ``.tar``.

    Parameters
    ----------
    file : Path

    Attributes
    ----------
    names : tuple of str
        Of its YAML files, as paths with slashes.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._kind: Any = _Folder if file.is_dir() else _Zip if file.name.lower().endswith(".zip") else _Tar
        with self._open() as opened:
            found = [name for name in opened.names() if _is_yaml(name)]
        if len(set(found)) != len(found):
            raise InputError(f"data {file}: two members of one name; expected one")
        self.names = tuple(found)

    def read(self, name: str) -> str:
        """Return the text of one of its files."""
        if name not in self.names:
            raise InputError(f"data {self._file} has no file {name}; expected one of {', '.join(self.names[:40])}")
        with self._open() as opened:
            return _text(opened.read(name), f"{self._file}, {name}")

    @contextmanager
    def _open(self) -> Iterator[Any]:
        with _refusing(self._file, "an archive that can be read"), self._kind(self._file) as opened:
            yield opened


@contextmanager
def _refusing(file: Path, what: str) -> Iterator[None]:
    try:
        yield
    except InputError:
        raise
    except OSError as error:
        raise InputError(f"data {file} cannot be read: {error.strerror or one_line(error)}") from None
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, struct.error, *_DAMAGED) as error:
        raise InputError(f"data {file} is not {what}: {one_line(error)}") from None


def _is_yaml(name: str) -> bool:
    """Whether a member is a YAML file, and not one that macOS adds."""
    path = PurePosixPath(name)
    return path.suffix in (".yaml", ".yml") and not path.name.startswith("._") and "__MACOSX" not in path.parts


def _text(content: bytes, where: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"data {where} is not a text file") from None


class _Folder:
    """Files of a folder and of the folders in it; links that leave it are not followed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def __enter__(self) -> _Folder:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is open."""

    def names(self) -> Iterator[str]:
        for count, path in enumerate(chain(self._folder.glob("*.y*ml"), self._folder.glob("*/*.y*ml"))):
            if count >= MAX_MEMBERS:
                raise ValueError(f"more than {MAX_MEMBERS} files")
            if path.is_file() and path.resolve().is_relative_to(self._folder):
                yield path.relative_to(self._folder).as_posix()

    def read(self, name: str) -> bytes:
        return read_text(self._folder / name, max_bytes=MAX_YAML_BYTES).encode()


class _Clipped(io.FileIO):
    """A file that is never read in one piece, whatever size is announced."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(_MAX_HEADERS // 4, size if size is not None and size >= 0 else _MAX_HEADERS)) or b""


class _Zip:
    """Members of a zip archive, stored or deflated."""

    def __init__(self, file: Path) -> None:
        self._stream = _Clipped(file)
        try:
            self._zip = zipfile.ZipFile(self._stream)
        except BaseException:
            self._stream.close()
            raise

    def __enter__(self) -> _Zip:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()
        self._stream.close()

    def names(self) -> Iterator[str]:
        members = self._zip.infolist()
        if len(members) > MAX_MEMBERS:
            raise ValueError(f"more than {MAX_MEMBERS} members")
        return (member.filename for member in members if not member.is_dir())

    def read(self, name: str) -> bytes:
        member = self._zip.getinfo(name)
        if member.flag_bits & 1 or member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError(f"{name} is encrypted, or packed otherwise than with deflate")
        with self._zip.open(member) as stream:
            return _bounded(stream, name)


class _Tar:
    """Members of a tar archive, packed with gzip or not; each question reads it from its start."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __enter__(self) -> _Tar:
        self._stream = self._file.open("rb")
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def names(self) -> Iterator[str]:
        return (member.name for member, _ in self._members())

    def read(self, name: str) -> bytes:
        for member, forward in self._members():
            if member.name == name:
                if member.size > MAX_YAML_BYTES:
                    raise ValueError(f"{name} has more than {MAX_YAML_BYTES} bytes")
                forward.seek(member.offset_data)
                return forward.content(MAX_YAML_BYTES, member.size)
        raise ValueError(f"{name} is not in it")

    def _members(self) -> Iterator[tuple[tarfile.TarInfo, _Forward]]:
        forward = _Forward(self._stream)
        with tarfile.open(fileobj=forward, mode="r:") as archive:  # type: ignore[call-overload]
            for count, member in enumerate(archive):
                if count >= MAX_MEMBERS:
                    raise ValueError(f"more than {MAX_MEMBERS} members")
                if member.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and not member.issparse():
                    yield member, forward


class _Forward:
    """Bytes of a file, unpacked if it is packed with gzip, for `tarfile`: forward only, and not without end."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._block, self._place, self._n_headers = stream, b"", 0, 0
        first = stream.read(_BLOCK)
        self._packed = first.startswith(_GZIP_MAGIC)
        self._left = first
        self._unpack = zlib.decompressobj(31)

    def tell(self) -> int:
        return self._place

    def seek(self, place: int) -> int:
        while self._place < place and self._take(place - self._place):
            pass
        if place < self._place:
            raise ValueError("its members are not in order")
        return self._place

    def read(self, size: int) -> bytes:
        """Read a header; all of them together are bounded."""
        self._n_headers += size
        if size < 0 or self._n_headers > _MAX_HEADERS:
            raise ValueError(f"names and headers of more than {_MAX_HEADERS} bytes")
        return self.content(size, size)

    def content(self, limit: int, size: int | None = None) -> bytes:
        """Read so many bytes, or all; `ValueError` for more than the limit."""
        wanted = limit + 1 if size is None else size
        found = bytearray()
        while len(found) < wanted and (part := self._take(wanted - len(found))):
            found += part
        if len(found) > limit:
            raise ValueError(f"more than {limit} bytes")
        return bytes(found)

    def _take(self, size: int) -> bytes:
        self._block = self._block or self._next()
        part, self._block = self._block[:size], self._block[size:]
        self._place += len(part)
        if self._place > _MAX_UNPACKED:
            raise ValueError(f"more than {_MAX_UNPACKED} bytes")
        return part

    def _next(self) -> bytes:
        """Return the next bytes; none at the end."""
        while True:
            given = self._left or self._stream.read(_BLOCK)
            self._left = b""
            if not self._packed:
                return given
            if self._unpack.eof:
                if not given.startswith(_GZIP_MAGIC):  # the end, or what fills the last block of a tape
                    return b""
                self._unpack = zlib.decompressobj(31)  # one packed file may follow another
            block = self._unpack.decompress(given, _BLOCK)
            self._left = self._unpack.unconsumed_tail or self._unpack.unused_data
            if block:
                return block
            if not given and not self._unpack.eof:
                raise ValueError("it ends too soon")


def _bounded(stream: IO[bytes], name: str) -> bytes:
    content = bytearray()
    while len(content) <= MAX_YAML_BYTES and (block := stream.read(_BLOCK)):
        content += block
    if len(content) > MAX_YAML_BYTES:
        raise ValueError(f"{name} has more than {MAX_YAML_BYTES} bytes")
    return bytes(content)

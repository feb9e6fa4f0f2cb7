"""Bytes of an event file, packed with gzip or zstd or not, whatever its suffix says."""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from nucore.errors import InputError

#: Events compress to about a fifth; a file that expands beyond this is not an event file.
_MAX_UNPACKED, _MAX_RATIO = 100_000_000, 200
#: zstd is unpacked in memory.
_MAX_ZSTD = 200_000_000
_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAGIC = (b"\x28\xb5\x2f\xfd", *(bytes((0x50 + k, 0x2A, 0x4D, 0x18)) for k in range(16)))
_READ_BYTES = 1 << 18


def open_stream(path: Path) -> BinaryIO:
    """Open a file for reading, and unpack it if it begins as gzip or zstd do.

    Raises
    ------
    InputError
        Also while it is read: if packed data are damaged, truncated, or grow beyond what events do.
    """
    with path.open("rb") as file:
        magic = file.read(4)
    if magic.startswith(_GZIP_MAGIC):
        return io.BufferedReader(_Gunzipped(path), _READ_BYTES)
    if magic in _ZSTD_MAGIC:
        return io.BytesIO(_unzstd(path))
    return path.open("rb", _READ_BYTES)


class _Gunzipped(io.RawIOBase):
    """Unpacked bytes of a gzip file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("rb")
        self._stream = gzip.GzipFile(fileobj=self._file)
        self._n_unpacked = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            n = self._stream.readinto(buffer)
        except EOFError:
            raise InputError(f"events {self._path} is truncated: the compressed data end too early") from None
        except (OSError, zlib.error) as error:
            raise InputError(f"events {self._path} is damaged: invalid gzip data ({error})") from None
        self._n_unpacked += n
        if self._n_unpacked > max(_MAX_UNPACKED, _MAX_RATIO * self._file.tell()):
            raise InputError(
                f"events {self._path}: unpacks to more than {_MAX_RATIO} times its size: not an event file"
            )
        return n

    def close(self) -> None:
        self._file.close()
        super().close()


def _unzstd(path: Path) -> bytes:
    """Unpack a zstd file of bounded size."""
    import cramjam

    room = np.empty(_MAX_ZSTD, np.uint8)  # takes memory only where it is written
    try:
        if path.stat().st_size > _MAX_ZSTD:
            raise ValueError("failed to write whole buffer")
        return room[: cramjam.zstd.decompress_into(path.read_bytes(), room.data)].tobytes()
    except (cramjam.DecompressionError, ValueError) as error:
        if "failed to write" in str(error):
            what = f"unpacks to more than {_MAX_ZSTD // 10**6} MB: unpack it first with `zstd -d {path}`"
        elif "incomplete" in str(error):
            what = "is truncated: the compressed data end too early"
        else:
            what = f"is damaged: invalid zstd data ({error})"
    raise InputError(f"events {path} {what}")

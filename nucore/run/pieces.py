"""Pieces: the results of a range of items as bytes, made where they are computed and checked wherever they are read.

A worker sends the bytes, the folder of a run keeps them, a shard is an archive of them. They are a SHA-256, a JSON text
preceded by its length, and the raw arrays in the order in which the text names them. Reading builds nothing but plain
Python types and arrays of numbers, whatever the bytes say, and takes no more memory than they have.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from nucore.errors import InputError
from nucore.run.chunks import Chunk
from nucore.run.provenance import cpu_type

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

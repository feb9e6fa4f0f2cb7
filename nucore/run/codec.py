"""Results as bytes: JSON for the structure, the arrays raw behind it, and a hash over all.

Numbers come back to the last bit. Reading builds nothing but plain Python types and arrays of numbers, whatever the
bytes say, and takes no more memory than they have.
"""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

import numpy as np

from nucore.errors import InputError

_MAGIC = b"nuportal piece 1\n"
_DIGEST = hashlib.sha256().digest_size
_ARRAY = "$array"
_KINDS = "biuf"


def pack(value: Any) -> bytes:
    """Encode a tree of dicts (with text keys), lists, tuples, numbers, text, None and arrays of numbers.

    Tuples come back as lists, numpy numbers as Python numbers.

    Raises
    ------
    TypeError
        For anything else.
    """
    blobs: list[bytes] = []
    size = 0

    def plain(item: Any) -> Any:
        nonlocal size
        if isinstance(item, np.ndarray):
            if item.dtype.kind not in _KINDS:
                raise TypeError(f"an array of {item.dtype} cannot be kept")
            blobs.append(np.ascontiguousarray(item).tobytes())
            about = {_ARRAY: item.dtype.str, "shape": list(item.shape), "at": size}
            size += len(blobs[-1])
            return about
        if isinstance(item, dict):
            return {name: plain(part) for name, part in item.items()}
        if isinstance(item, list | tuple):
            return [plain(part) for part in item]
        if isinstance(item, np.generic):
            return item.item()
        return item

    structure = json.dumps(plain(value)).encode()
    body = b"".join([len(structure).to_bytes(8, "little"), structure, *blobs])
    return _MAGIC + hashlib.sha256(body).digest() + body


def unpack(content: bytes, where: str) -> Any:
    """Decode what `pack` wrote; arrays are read-only.

    Parameters
    ----------
    content : bytes
    where : str
        Name of the file, for the error.

    Raises
    ------
    InputError
        If it is damaged or something else.
    """
    start = len(_MAGIC) + _DIGEST
    body = memoryview(content)[start:]
    if not content.startswith(_MAGIC) or content[len(_MAGIC) : start] != hashlib.sha256(body).digest():
        raise InputError(f"{where} is damaged, or was not written by nuportal")
    try:
        length = int.from_bytes(body[:8], "little")
        return _build(json.loads(bytes(body[8 : 8 + length])), body[8 + length :])
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise InputError(f"{where} is not a piece of a run: {type(error).__name__}") from None


def _build(item: Any, blob: memoryview) -> Any:
    if isinstance(item, list):
        return [_build(part, blob) for part in item]
    if not isinstance(item, dict):
        return item
    if _ARRAY not in item:
        return {name: _build(part, blob) for name, part in item.items()}
    dtype, shape, start = np.dtype(str(item[_ARRAY])), [int(n) for n in item["shape"]], int(item["at"])
    size = math.prod(shape) * dtype.itemsize
    if dtype.kind not in _KINDS or min(shape, default=0) < 0 or not 0 <= start <= start + size <= len(blob):
        raise ValueError("array")
    return np.frombuffer(blob[start : start + size], dtype).reshape(shape)

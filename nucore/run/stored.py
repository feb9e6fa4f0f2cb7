"""Arrays that take long to compute and little room, kept in our cache from one command to the next.

An array is found again by the arguments it was computed from, all sources, data and library versions
(`nucore.run.provenance.sources_version`) and the type of processor, so that it is the same bit for bit.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import re
import shutil
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucore.caches import cache_folder
from nucore.errors import InputError
from nucore.io.atomic import atomic_path
from nucore.run.provenance import cpu_type, sources_version

Array = NDArray[Any]

#: Folder of our cache with a folder for each version; no more bytes than this are kept of one version.
FOLDER = "templates"
MOST_BYTES = 500_000_000
#: An array follows the SHA-256 digest of its file.
_DIGEST_BYTES = 32
#: Names of the folders of versions: nothing else is removed.
_VERSION = re.compile(r"[0-9a-f]{16}")


def stored_array(kind: str, arguments: tuple[object, ...], compute: Callable[[], Array]) -> Array:
    """Return an array from the cache, or compute it and keep it there if that is possible.

    Parameters
    ----------
    kind : str
        What computes it, a name of its own.
    arguments : tuple
        All that it depends on: numbers, strings, tuples of them, and dataclasses or cards whose ``repr`` tells all
        their fields.
    compute : callable () -> array
        Without side effects.
    """
    told = repr(arguments)
    assert " at 0x" not in told, told  # an object that does not tell its fields
    root = cache_folder()
    folder = None if root is None else _folder(root)
    if folder is None:
        return compute()
    file = folder / f"{hashlib.sha256(f'{kind} {told}'.encode()).hexdigest()[:40]}.array"
    with contextlib.suppress(OSError):  # not there: computed
        digest, content = (stored := file.read_bytes())[:_DIGEST_BYTES], stored[_DIGEST_BYTES:]
        if hashlib.sha256(content).digest() == digest:  # else damaged: computed anew
            return np.asarray(np.load(io.BytesIO(content), allow_pickle=False))
    array = compute()
    np.save(opened := io.BytesIO(), array, allow_pickle=False)
    content = opened.getvalue()
    with contextlib.suppress(OSError, InputError), atomic_path(file, sync=False) as temporary:  # a full disk, say
        temporary.write_bytes(hashlib.sha256(content).digest() + content)
    return array


def _size(file: Path) -> int:
    """Bytes of a file; none if another process has just renamed or removed it."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


@lru_cache(maxsize=8)
def _folder(root: Path) -> Path | None:
    """Make the folder of this version and processor, and remove those of others; None if it cannot be made."""
    version = hashlib.sha256(f"{sources_version()} {cpu_type()}".encode()).hexdigest()[:16]
    folder = root / FOLDER / version
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for other in folder.parent.iterdir():
            if other.name != version and _VERSION.fullmatch(other.name):
                shutil.rmtree(other, ignore_errors=True)
        if sum(map(_size, folder.iterdir())) > MOST_BYTES:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(exist_ok=True)
    except OSError:
        return None
    return folder

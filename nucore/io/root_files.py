"""Untrusted ROOT files: names of their objects, histograms, and trees of flat branches.

`nucore.io.root_objects` lists what is read of an object.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import uproot
from numpy.typing import NDArray

from nucore.io.metadata import checked_metadata
from nucore.io.root_objects import FOLDERS, LEAVES, MAX_DEPTH, MAX_KEYS, Directory, Key, OpenFile
from nucore.text import parse_json

_WITH_CYCLE = re.compile(r"(.+);([0-9]{1,5})", re.DOTALL)


class RootFile:
    """A ROOT file: names and classes of its objects, and the objects.

    A name may stand for several objects, the cycles 1, 2, ...; the newest is the one of the highest number.

    Attributes
    ----------
    kinds : dict of str
        Class of the newest object of each name; in folders ``folder/name``, in an older cycle of a folder
        ``folder;1/name``.

    Raises
    ------
    ValueError
        If the file is truncated, or what it holds goes beyond the bounds; any error of uproot if it is damaged.
    """

    def __init__(self, path: Path) -> None:
        self._file = OpenFile(path)
        size = path.stat().st_size
        if size < self._file.fEND:
            raise ValueError(f"truncated: {size} of {self._file.fEND} bytes")
        self._keys: dict[str, dict[int, Any]] = {}
        self._n_listed = 0
        cursor = uproot.source.cursor.Cursor(self._file.fBEGIN + self._file.fNbytesName)
        self._list(Directory((), cursor, {}, self._file, self._file), "", 0)
        self.kinds = {name: self.kind(name) for name in self._keys}

    def __enter__(self) -> RootFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def _list(self, directory: Any, where: str, depth: int) -> None:
        """List the objects of a folder and of those in it."""
        self._n_listed += 1 + len(directory._keys)
        if self._n_listed > MAX_KEYS or depth > MAX_DEPTH:
            raise ValueError(f"more than {MAX_KEYS} objects, or more than {MAX_DEPTH} folders in one another")
        newest: dict[str, int] = {}
        for key in directory._keys:
            newest[key.fName] = max(key.fCycle, newest.get(key.fName, key.fCycle))
        for key in directory._keys:
            name = where + key.fName
            self._keys.setdefault(name, {})[key.fCycle] = key
            if key.fClassName in FOLDERS:
                older = "" if key.fCycle == newest[key.fName] else f";{key.fCycle}"
                inner = Directory((key.fName,), key.data_cursor, {}, self._file, directory)
                self._list(inner, f"{name}{older}/", depth + 1)

    def find(self, asked: str) -> tuple[str, int | None]:
        """Split ``folder/name;CYCLE`` into the name and the cycle, None for the newest; neither need be in the file.

        Folders may have a cycle too, and a slash may come first.
        """
        if asked in self._keys:
            return asked, None
        *folders, last = [part for part in asked.split("/") if part] or [""]
        where = ""
        for folder in folders:
            name, cycle = _split_cycle(where + folder)
            where = (name if cycle == max(self._keys.get(name, [0])) else where + folder) + "/"
        return _split_cycle(where + last)

    def cycles(self, name: str) -> list[int]:
        """Return the cycles of a name, the newest last."""
        return sorted(self._keys[name])

    def kind(self, name: str, cycle: int | None = None) -> str:
        """Return the class of an object, of its newest cycle where None."""
        return str(self._key(name, cycle).fClassName)

    def size(self, name: str) -> int:
        """Return the bytes of an object, unpacked."""
        return int(self._key(name, None).fObjlen)

    def _key(self, name: str, cycle: int | None) -> Any:
        found = self._keys[name]
        return found[max(found) if cycle is None else cycle]

    def get(self, name: str, cycle: int | None = None) -> Any:
        """Read an object, of its newest cycle where None, as a model of uproot."""
        listed = self._key(name, cycle)
        start = listed.fSeekKey
        chunk = self._file.chunk(start, start + listed.fKeylen)
        key = Key(chunk, uproot.source.cursor.Cursor(start), {}, self._file, self._file, read_strings=True)
        if (key.fClassName, key.fSeekKey) != (listed.fClassName, start):
            raise ValueError(f"{name!r} is not where the file says")
        return key.get()

    def metadata(self) -> dict[str, Any]:
        """Read the JSON string ``provenance`` of our own files; empty without it."""
        if self.kinds.get("provenance") != "TObjString":
            return {}
        return checked_metadata(parse_json(str(self.get("provenance"))))

    def tree(self, name: str) -> RootTree:
        """Read a tree of flat branches."""
        return RootTree(self._file, self.get(name))


def _split_cycle(name: str) -> tuple[str, int | None]:
    match = _WITH_CYCLE.fullmatch(name)
    return (match[1], int(match[2])) if match else (name, None)


class RootTree:
    """A tree whose branches hold one number an event.

    Attributes
    ----------
    n_entries : int
    names : tuple of str
        Of the branches.
    """

    def __init__(self, file: Any, tree: Any) -> None:
        self._file = file
        self._branches = {str(branch.member("fName")): branch for branch in tree.member("fBranches")}
        self.n_entries = int(tree.member("fEntries"))
        self.names = tuple(self._branches)

    def blocks(self, names: tuple[str, ...], n: int) -> Iterator[dict[str, NDArray[Any]]]:
        """Yield some branches, n events at a time."""
        columns = {name: _Column(self._file, self._branches[name], self.n_entries) for name in names}
        for first in range(0, self.n_entries, n):
            yield {name: column.take(min(n, self.n_entries - first)) for name, column in columns.items()}


class _Column:
    """Numbers of one branch, from its baskets one after the other."""

    def __init__(self, file: Any, branch: Any, n_entries: int) -> None:
        (leaf,) = branch.member("fLeaves")
        kind = uproot.model.classname_decode(type(leaf).__name__)[0]
        if kind not in LEAVES or leaf.member("fLen") != 1 or leaf.member("fLeafCount") is not None:
            raise ValueError(f"branch {branch.member('fName')!r} does not hold one number an event")
        dtype = LEAVES[kind]
        self._dtype = np.dtype(dtype.replace("i", "u") if leaf.member("fIsUnsigned") else dtype)
        entries = branch.member("fBasketEntry")[: branch.member("fWriteBasket") + 1]
        if branch.member("fEntries") != n_entries or entries.size < 1 or entries[-1] != n_entries:
            raise ValueError(f"branch {branch.member('fName')!r} does not hold all {n_entries} events")
        self._file = file
        self._baskets = zip(branch.member("fBasketSeek"), np.diff(entries), strict=False)
        self._left = np.empty(0, self._dtype.newbyteorder("="))

    def take(self, n: int) -> NDArray[Any]:
        """Return the next n numbers."""
        parts = [self._left]
        while (missing := n - sum(part.size for part in parts)) > 0:
            parts.append(self._basket(*next(self._baskets)))
            if missing > 0 and parts[-1].size == 0:
                raise ValueError("a basket is empty")
        joined = np.concatenate(parts)
        self._left = joined[n:]
        return joined[:n]

    def _basket(self, position: int, n: int) -> NDArray[Any]:
        chunk = self._file.chunk(int(position), min(int(position) + 34, self._file.fEND))
        key = Key(chunk, uproot.source.cursor.Cursor(int(position)), {}, self._file, self._file)
        data = key.data() if key.fSeekKey == position else b""
        if len(data) != n * self._dtype.itemsize:
            raise ValueError(f"a basket has {len(data)} bytes for {n} events")
        return np.frombuffer(data, self._dtype).astype(self._dtype.newbyteorder("="))

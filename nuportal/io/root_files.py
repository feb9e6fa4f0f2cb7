"""ROOT files of strangers, read with uproot inside bounds.

uproot follows what a file says of itself: it makes Python classes of the layouts in the file, evaluates formulas that
a tree carries, and takes sizes as they are told. Here

- objects have only the classes of histograms and flat trees; any other, as a function attached to a histogram, is
  passed over;
- a layout that uproot does not know of its own is taken from the file only if it is that of a histogram in every name;
- a branch is read as the numbers its leaf tells, never as a formula;
- a block is unpacked to the size it announces and no further, and an object is read forward in a bounded number of
  steps.
"""

from __future__ import annotations

import lzma
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cramjam
import numpy as np
import uproot
import xxhash
from numpy.typing import NDArray

#: Largest object of a file, unpacked: a histogram, the description of a tree, a basket of a branch.
MAX_OBJECT_BYTES = 64_000_000
#: Histograms, trees and folders that a file may hold, and how deep folders may lie.
MAX_KEYS, MAX_DEPTH = 20_000, 20
#: Steps in which an object may be read; a tree of a dozen branches takes two thousand.
_MAX_STEPS = 300_000

_ARRAYS = {"C": "TArrayC", "S": "TArrayS", "I": "TArrayI", "L": "TArrayL64", "F": "TArrayF", "D": "TArrayD"}
HISTOGRAMS = frozenset(f"TH{n}{kind}" for n in (1, 2, 3) for kind in _ARRAYS)
_FOLDERS = frozenset(["TDirectory", "TDirectoryFile"])
#: Classes whose layout may come from the file, with their base classes.
_BASES: dict[str, set[str]] = {
    "TH1": {"TNamed", "TAttLine", "TAttFill", "TAttMarker"},
    "TH2": {"TH1"},
    "TH3": {"TH1", "TAtt3D"},
    "TAxis": {"TNamed", "TAttAxis"},
    **{name: set() for name in ("TAttLine", "TAttFill", "TAttMarker", "TAttAxis", "TAtt3D")},
    **{f"TH{n}{kind}": {f"TH{n}", array} for n in (1, 2, 3) for kind, array in _ARRAYS.items()},
}
_LEAVES = {
    "TLeafO": "?", "TLeafB": "i1", "TLeafS": ">i2", "TLeafI": ">i4", "TLeafL": ">i8", "TLeafF": ">f4", "TLeafD": ">f8",
}  # fmt: skip
_CLASSES = frozenset(
    [*_BASES, *_ARRAYS.values(), *_LEAVES, "TArray", "TNamed", "TObject", "TString", "TObjString", "TObjArray", "TTree",
     "TBranch", "TLeaf", "ROOT::TIOFeatures"]
)  # fmt: skip
_MEMBER_KINDS = ("Base", "BasicType", "BasicPointer", "String", "Object", "ObjectAny", "ObjectPointer")
_MEMBERS = frozenset(f"TStreamer{kind}" for kind in _MEMBER_KINDS)
_LAYOUT_CLASSES = _MEMBERS.union(
    ["TStreamerInfo", "TStreamerElement", "TList", "TObjArray", "TNamed", "TObject", "TObjString"]
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_TYPE = re.compile(r"[A-Za-z_][A-Za-z0-9_: ]*\*?", re.ASCII)


class _Steps(uproot.source.chunk.Chunk):  # type: ignore[misc]
    """Unpacked bytes of an object, read forward in a bounded number of steps."""

    n_steps = 0

    def get(self, start: int, stop: int, cursor: Any, context: dict[str, Any]) -> NDArray[np.uint8]:
        self.n_steps += 1
        if stop < start or self.n_steps > _MAX_STEPS:
            raise ValueError("an object does not end")
        return super().get(start, stop, cursor, context)


class _Key(uproot.reading.ReadOnlyKey):  # type: ignore[misc]
    """Where an object lies in the file, and how it is packed."""

    def data(self) -> bytes:
        """Bytes of the object, unpacked."""
        start, packed, size = self.data_cursor.index, self.data_compressed_bytes, self.data_uncompressed_bytes
        if not (0 <= packed <= MAX_OBJECT_BYTES and 0 <= size <= MAX_OBJECT_BYTES):
            raise ValueError(f"an object has more than {MAX_OBJECT_BYTES} bytes")
        chunk = self._file.chunk(start, start + packed)
        content = bytes(chunk.get(start, start + packed, self.data_cursor, {}))
        return _unpacked(content, size) if self.is_compressed else content

    def get_uncompressed_chunk_cursor(self) -> tuple[_Steps, Any]:
        """As uproot asks for it."""
        data = self.data()
        future = uproot.source.futures.TrivialFuture(data)
        chunk = _Steps(self._file.source, 0, len(data), future)
        return chunk, uproot.source.cursor.Cursor(0, origin=-self._fKeylen)


def _unpacked(content: bytes, size: int) -> bytes:
    """Unpack the blocks of an object: method, 2 characters and a byte, sizes of 3 bytes, contents."""
    parts, start, total = [], 0, 0
    while total < size:
        method = content[start : start + 2]
        packed, unpacked = (int.from_bytes(content[start + at : start + at + 3], "little") for at in (3, 6))
        block = content[start + 9 : start + 9 + packed]
        if packed == 0 or unpacked == 0 or len(block) != packed or total + unpacked > size:
            raise ValueError("the sizes of a packed object do not fit")
        part = _unpacked_block(method, block, unpacked)
        if len(part) != unpacked:
            raise ValueError("a packed object has another size than it says")
        parts.append(part)
        start, total = start + 9 + packed, total + unpacked
    return b"".join(parts)


def _unpacked_block(method: bytes, block: bytes, size: int) -> bytes:
    match method:
        case b"ZL":
            return zlib.decompressobj().decompress(block, size + 1)
        case b"XZ":
            return lzma.LZMADecompressor(memlimit=4 * MAX_OBJECT_BYTES).decompress(block, size + 1)
        case b"L4":  # after a checksum of 8 bytes
            if xxhash.xxh64_digest(block[8:]) != block[:8]:
                raise ValueError("the checksum of a packed object is wrong")
            return bytes(cramjam.lz4.decompress_block(block[8:], output_len=size))
        case b"ZS":
            buffer = bytearray(size)
            return bytes(buffer[: cramjam.zstd.decompress_into(block, buffer)])
        case _:
            raise ValueError(f"packed in a way that is not known: {method!r}")


class _Directory(uproot.reading.ReadOnlyDirectory):  # type: ignore[misc]
    """A folder of a bounded number of objects."""

    def hook_before_keys(self, **about: Any) -> None:
        """Refuse what is no number of objects."""
        if not 0 <= about["num_keys"] <= MAX_KEYS:
            raise ValueError(f"a folder has {about['num_keys']} objects; allowed: up to {MAX_KEYS}")


class _File(uproot.reading.ReadOnlyFile):  # type: ignore[misc]
    """An open file that knows the classes of histograms and flat trees alone."""

    _reading_layouts = False
    _streamers: dict[str, dict[int, Any]] | None

    def __init__(self, path: Path) -> None:
        own = {name: _own(uproot.classes[name]) for name in _CLASSES if name in uproot.classes}
        handler = uproot.source.file.MemmapSource
        super().__init__(str(path), handler=handler, custom_classes=own, object_cache=None, array_cache=None)

    def class_named(self, classname: str, version: Any = None) -> Any:
        """Class of an object; one that passes over it for any class that is not needed."""
        if self._reading_layouts:
            return uproot.classes[classname] if classname in _LAYOUT_CLASSES else uproot.model.unknown_class("other")
        if classname not in _CLASSES:
            return uproot.model.unknown_class("other")
        return super().class_named(classname, version)

    @property
    def streamers(self) -> dict[str, dict[int, Any]]:
        """Layouts of histograms that the file describes."""
        if self._streamers is None:
            found: dict[str, dict[int, Any]] = {}
            for info in self._layouts() if self._fSeekInfo else ():
                if isinstance(info, uproot.streamers.Model_TStreamerInfo) and _is_histogram_layout(info):
                    found.setdefault(info.name, {})[info.class_version] = info
            self._streamers = found
        return self._streamers

    def _layouts(self) -> Any:
        start = self._fSeekInfo
        chunk = self.chunk(start, min(start + 26 + 8, self.fEND))
        key = _Key(chunk, uproot.source.cursor.Cursor(start), {}, self, self)
        content, cursor = key.get_uncompressed_chunk_cursor()
        self._reading_layouts = True
        try:
            return uproot.classes["TList"].read(content, cursor, {}, self, self.detached, None)
        finally:
            self._reading_layouts = False


def _own(model: Any) -> Any:
    """Class of a file's own, so that the layouts of one file are not those of the next."""
    if not issubclass(model, uproot.model.DispatchByVersion):
        return model
    return type(model.__name__, (model,), {"known_versions": dict(model.known_versions)})


def _is_histogram_layout(info: Any) -> bool:
    """Whether a layout is one that a class may be made of: every name plain, and the bases those of the class."""
    name = info.member("fName")
    if name not in _BASES:
        return False
    bases = [e.member("fName") for e in info.elements if isinstance(e, uproot.streamers.Model_TStreamerBase)]
    return sorted(bases) == sorted(_BASES[name]) and all(_is_plain_member(element) for element in info.elements)


def _is_plain_member(element: Any) -> bool:
    words = [element.member("fName"), element.member("fCountName", none_if_missing=True) or "n"]
    kind = uproot.model.classname_decode(type(element).__name__)[0]
    return (
        kind in _MEMBERS
        and all(_NAME.fullmatch(word) for word in words)
        and _TYPE.fullmatch(element.member("fTypeName")) is not None
        and 0 <= element.member("fArrayLength") <= MAX_KEYS
    )


class RootFile:
    """A ROOT file: names and classes of its objects, and the objects.

    Attributes
    ----------
    kinds : dict of str
        Class of each object by its name; in folders ``folder/name``.

    Raises
    ------
    ValueError
        If the file is truncated, or what it holds goes beyond the bounds; any error of uproot if it is damaged.
    """

    def __init__(self, path: Path) -> None:
        self._file = _File(path)
        size = path.stat().st_size
        if size < self._file.fEND:
            raise ValueError(f"truncated: {size} of {self._file.fEND} bytes")
        self._keys: dict[str, Any] = {}
        self._n_listed = 0
        cursor = uproot.source.cursor.Cursor(self._file.fBEGIN + self._file.fNbytesName)
        self._list(_Directory((), cursor, {}, self._file, self._file), "", 0)
        self.kinds = {name: key.fClassName for name, key in self._keys.items()}

    def __enter__(self) -> RootFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def _list(self, directory: Any, where: str, depth: int) -> None:
        """Enter the objects of a folder, of each name the newest."""
        self._n_listed += 1 + len(directory._keys)
        if self._n_listed > MAX_KEYS or depth > MAX_DEPTH:
            raise ValueError(f"more than {MAX_KEYS} objects, or more than {MAX_DEPTH} folders in one another")
        for key in directory._keys:
            name = where + key.fName
            if name not in self._keys or key.fCycle > self._keys[name].fCycle:
                self._keys[name] = key
            if key.fClassName in _FOLDERS:
                inner = _Directory((key.fName,), key.data_cursor, {}, self._file, directory)
                self._list(inner, f"{name}/", depth + 1)

    def get(self, name: str) -> Any:
        """Read an object as a model of uproot."""
        listed = self._keys[name]
        start = listed.fSeekKey
        chunk = self._file.chunk(start, start + listed.fKeylen)
        key = _Key(chunk, uproot.source.cursor.Cursor(start), {}, self._file, self._file, read_strings=True)
        if (key.fClassName, key.fSeekKey) != (listed.fClassName, start):
            raise ValueError(f"{name!r} is not where the file says")
        return key.get()

    def tree(self, name: str) -> RootTree:
        """Read a tree of flat branches."""
        return RootTree(self._file, self.get(name))


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
        if kind not in _LEAVES or leaf.member("fLen") != 1 or leaf.member("fLeafCount") is not None:
            raise ValueError(f"branch {branch.member('fName')!r} does not hold one number an event")
        dtype = _LEAVES[kind]
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
        key = _Key(chunk, uproot.source.cursor.Cursor(int(position)), {}, self._file, self._file)
        data = key.data() if key.fSeekKey == position else b""
        if len(data) != n * self._dtype.itemsize:
            raise ValueError(f"a basket has {len(data)} bytes for {n} events")
        return np.frombuffer(data, self._dtype).astype(self._dtype.newbyteorder("="))

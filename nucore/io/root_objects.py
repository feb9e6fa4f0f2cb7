"""Untrusted ROOT files, read with uproot within bounds.

uproot trusts a file: it makes Python classes of the layouts in it, evaluates formulas that a tree carries, and
allocates the sizes it announces. Here

- only objects of the classes of histograms and flat trees are read; others, such as a function attached to a
  histogram, are skipped;
- a layout that uproot does not know of its own is taken from the file only if it is that of a histogram in every name;
- a branch is read as the numbers its leaf tells, never as a formula;
- a block is unpacked to the size it announces and no further, and an object is read forward in a bounded number of
  steps.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import uproot
from numpy.typing import NDArray

from nucore.io.root_packing import MAX_OBJECT_BYTES, unpacked

#: Histograms, trees and folders that a file may hold, and how deep folders may lie.
MAX_KEYS, MAX_DEPTH = 100_000, 20
#: Steps in which an object may be read; a tree of a dozen branches takes two thousand.
_MAX_STEPS = 300_000

_ARRAYS = {"C": "TArrayC", "S": "TArrayS", "I": "TArrayI", "L": "TArrayL64", "F": "TArrayF", "D": "TArrayD"}
HISTOGRAMS = frozenset(f"TH{n}{kind}" for n in (1, 2, 3) for kind in _ARRAYS)
FOLDERS = frozenset(["TDirectory", "TDirectoryFile"])
#: Classes whose layout may come from the file, with their base classes.
_BASES: dict[str, set[str]] = {
    "TH1": {"TNamed", "TAttLine", "TAttFill", "TAttMarker"},
    "TH2": {"TH1"},
    "TH3": {"TH1", "TAtt3D"},
    "TAxis": {"TNamed", "TAttAxis"},
    **{name: set() for name in ("TAttLine", "TAttFill", "TAttMarker", "TAttAxis", "TAtt3D")},
    **{f"TH{n}{kind}": {f"TH{n}", array} for n in (1, 2, 3) for kind, array in _ARRAYS.items()},
}
#: Numbers of a branch by the class of its leaf.
LEAVES = {
    "TLeafO": "?", "TLeafB": "i1", "TLeafS": ">i2", "TLeafI": ">i4", "TLeafL": ">i8", "TLeafF": ">f4", "TLeafD": ">f8",
}  # fmt: skip
_CLASSES = frozenset(
    [*_BASES, *_ARRAYS.values(), *LEAVES, "TArray", "TNamed", "TObject", "TString", "TObjString", "TObjArray",
     "THashList", "TTree", "TBranch", "TLeaf", "ROOT::TIOFeatures"]
)  # fmt: skip
_MEMBER_KINDS = ("Base", "BasicType", "BasicPointer", "String", "Object", "ObjectAny", "ObjectPointer")
_MEMBERS = frozenset(f"TStreamer{kind}" for kind in _MEMBER_KINDS)
_LAYOUT_CLASSES = _MEMBERS.union(
    ["TStreamerInfo", "TStreamerElement", "TList", "TObjArray", "TNamed", "TObject", "TObjString"]
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_TYPE = re.compile(r"[A-Za-z_][A-Za-z0-9_: ]*\*?", re.ASCII)


class _Steps(uproot.source.chunk.Chunk):  # type: ignore[misc]
    """Uncompressed bytes of an object, read forward in a bounded number of steps."""

    n_steps = 0

    def get(self, start: int, stop: int, cursor: Any, context: dict[str, Any]) -> NDArray[np.uint8]:
        self.n_steps += 1
        if stop < start or self.n_steps > _MAX_STEPS:
            raise ValueError("an object does not end")
        return super().get(start, stop, cursor, context)


class Key(uproot.reading.ReadOnlyKey):  # type: ignore[misc]
    """Position and compression of an object in the file."""

    def data(self) -> bytes:
        """Bytes of the object, unpacked."""
        start, packed, size = self.data_cursor.index, self.data_compressed_bytes, self.data_uncompressed_bytes
        if not (0 <= packed <= MAX_OBJECT_BYTES and 0 <= size <= MAX_OBJECT_BYTES):
            raise ValueError(f"an object has more than {MAX_OBJECT_BYTES} bytes")
        chunk = self._file.chunk(start, start + packed)
        content = bytes(chunk.get(start, start + packed, self.data_cursor, {}))
        return unpacked(content, size) if self.is_compressed else content

    def get_uncompressed_chunk_cursor(self) -> tuple[_Steps, Any]:
        """Return the uncompressed object in the form uproot expects."""
        data = self.data()
        future = uproot.source.futures.TrivialFuture(data)
        chunk = _Steps(self._file.source, 0, len(data), future)
        return chunk, uproot.source.cursor.Cursor(0, origin=-self._fKeylen)


class Directory(uproot.reading.ReadOnlyDirectory):  # type: ignore[misc]
    """A folder of a bounded number of objects."""

    def hook_before_keys(self, **about: Any) -> None:
        """Refuse an invalid number of objects."""
        if not 0 <= about["num_keys"] <= MAX_KEYS:
            raise ValueError(f"a folder has {about['num_keys']} objects: expected up to {MAX_KEYS}")


class OpenFile(uproot.reading.ReadOnlyFile):  # type: ignore[misc]
    """An open file that knows only the classes of histograms and flat trees."""

    _reading_layouts = False
    _streamers: dict[str, dict[int, Any]] | None

    def __init__(self, path: Path) -> None:
        own = {name: _own(uproot.classes[name]) for name in _CLASSES if name in uproot.classes}
        handler = uproot.source.file.MemmapSource
        super().__init__(str(path), handler=handler, custom_classes=own, object_cache=None, array_cache=None)

    def class_named(self, classname: str, version: Any = None) -> Any:
        """Return the class of an object; for classes that are not needed, one that skips it."""
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
        key = Key(chunk, uproot.source.cursor.Cursor(start), {}, self, self)
        content, cursor = key.get_uncompressed_chunk_cursor()
        self._reading_layouts = True
        try:
            return uproot.classes["TList"].read(content, cursor, {}, self, self.detached, None)
        finally:
            self._reading_layouts = False


def _own(model: Any) -> Any:
    """Copy a class for one file, so that its layouts do not leak into the next file."""
    if not issubclass(model, uproot.model.DispatchByVersion):
        return model
    return type(model.__name__, (model,), {"known_versions": dict(model.known_versions)})


def _is_histogram_layout(info: Any) -> bool:
    """Whether a class may be made of a layout: all names plain, base classes as expected."""
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

"""Where two outputs differ, beyond what differs between any two runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from nucore.io.outputs import Rows

#: Of when, where and how fast a run was, and of the places its results went to.
_OF_THE_RUN = frozenset(
    ["time_utc", "command", "cpu", "python", "libraries", "version", "sources", "request", "outputs",
     "events_per_second", "points_per_second", "seconds"]
)  # fmt: skip
_MISSING = "nothing"
_MAX_SHOWN = 100


def differences(old: Any, new: Any, where: str = "") -> Iterator[str]:
    """Yield a line for each place where two trees differ: where, old -> new.

    Numbers and texts are the same or not; an array or a sequence of rows gives one line, with its first difference.

    Parameters
    ----------
    old, new : tree
        Of mappings, lists, arrays, numbers, text, None and `Rows`.
    where : str
        Name of the place.
    """
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in dict.fromkeys([*old, *new]):
            if name not in _OF_THE_RUN:
                inner = f"{where}.{name}" if where else str(name)
                yield from differences(old.get(name, _MISSING), new.get(name, _MISSING), inner)
    elif isinstance(old, Rows) and isinstance(new, Rows):
        yield from _of_rows(old.read(), new.read(), where)
    elif isinstance(old, np.ndarray) and isinstance(new, np.ndarray):
        if old.shape != new.shape:
            yield f"{where}: shape {old.shape} -> {new.shape}"
        else:
            yield from _of_rows(iter([old.ravel()]), iter([new.ravel()]), where)
    elif isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            yield f"{where}: {len(old)} -> {len(new)} items"
        for k, (a, b) in enumerate(zip(old, new, strict=False)):
            yield from differences(a, b, f"{where}[{k}]")
    elif type(old) is not type(new) or not (old == new or (old != old and new != new)):
        yield f"{where}: {_shown(old)} -> {_shown(new)}"


def _of_rows(old: Iterator[Any], new: Iterator[Any], where: str) -> Iterator[str]:
    """Compare two sequences that come in blocks of any sizes."""
    row, first, n_differing = 0, "", 0
    a: Any = ()
    b: Any = ()
    while True:
        a, b = a if len(a) else next(old, ()), b if len(b) else next(new, ())
        size = min(len(a), len(b))
        if size == 0:
            break
        kinds = getattr(a, "dtype", None), getattr(b, "dtype", None)
        apart = _apart(a[:size], b[:size])
        if kinds[0] != kinds[1]:
            first, n_differing = first or f"{where}: {kinds[0]} -> {kinds[1]}", n_differing + 1
        elif len(apart):
            k = int(apart[0])
            first = first or f"{where}[{row + k}]: {_shown(a[k])} -> {_shown(b[k])}"
        n_differing += len(apart)
        a, b, row = a[size:], b[size:], row + size
    if len(a) or len(b):
        longer = "more" if len(b) else "fewer"
        first, n_differing = first or f"{where}[{row}]: {longer} rows than there were", n_differing + 1
    if n_differing:
        yield first + (f" (and {n_differing - 1} more)" if n_differing > 1 else "")


def _apart(a: Any, b: Any) -> Any:
    """Numbers of the elements that differ; of text, line by line, as an array has the longest line everywhere."""
    if isinstance(a, list) and isinstance(b, list):
        return [k for k, (left, right) in enumerate(zip(a, b, strict=True)) if left != right]
    left, right = np.asarray(a), np.asarray(b)
    return np.flatnonzero((left != right) & ~((left != left) & (right != right)))


def _shown(value: Any) -> str:
    text = repr(value.item() if isinstance(value, np.generic) else value) if value is not _MISSING else _MISSING
    return text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "..."

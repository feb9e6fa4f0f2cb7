"""Threads inside a piece of work: those that the run has and no other piece uses."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, replace
from types import CodeType
from typing import TypeVar

from nucore.run.stages import stage

Item = TypeVar("Item")
Result = TypeVar("Result")


class StoppedError(RuntimeError):
    """The run that a piece of work belongs to has ended."""


@dataclass(frozen=True)
class Room:
    """Threads of a run in this process.

    Attributes
    ----------
    threads : int
    shared : bool
        Whether other pieces of work use them too.
    stop : threading.Event, optional
        Set when the run ends early.
    """

    threads: int
    shared: bool = False
    stop: threading.Event | None = None

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Make `local_map` in this thread use this room."""
        token = _room.set(self)
        try:
            yield
        finally:
            _room.reset(token)


_ALL = Room(os.cpu_count() or 1)
_room: ContextVar[Room] = ContextVar("nuportal_room", default=_ALL)
_preparing = threading.RLock()
#: Code of the functions that `local_map` has run.
_run: set[CodeType | None] = set()


@contextmanager
def preparing() -> Iterator[None]:
    """Compute what the pieces of work of a process share and keep in caches: one thread at a time.

    It may use all threads of the run, as the others wait here until they find in the caches what they need.
    """
    room = _room.get()
    with _preparing, replace(room, shared=False).entered():
        yield


def local_map(function: Callable[[Item], Result], items: Iterable[Item], title: str = "") -> list[Result]:
    """Apply a function that releases the GIL to all items, in threads if they are free.

    Parameters
    ----------
    function : callable
        Alone for the first item that it ever has: so kernels are compiled or loaded once, not in several threads.
    items : iterable
    title : str, optional
        What is computed, for `nucore.run.stages`.

    Returns
    -------
    list
        In the order of the items.

    Raises
    ------
    StoppedError
        If the run has ended early.
    """
    room, items = _room.get(), list(items)
    with stage(title, len(items)) if title else nullcontext(_nothing) as advance:

        def one(item: Item) -> Result:
            if room.stop is not None and room.stop.is_set():
                raise StoppedError
            result = function(item)
            advance(1)
            return result

        if room.shared or room.threads == 1:
            return [one(item) for item in items]
        known = getattr(function, "__code__", None) in _run
        done = [one(item) for item in items[: not known]]
        _run.add(getattr(function, "__code__", None))
        with ThreadPoolExecutor(room.threads, initializer=_room.set, initargs=(Room(1, stop=room.stop),)) as pool:
            return done + list(pool.map(one, items[len(done) :]))


def _nothing(_: int) -> None:
    pass

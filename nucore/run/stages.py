"""Stages of a computation, as ``templates of m4 = 30 GeV, 5 of 14``, told to whoever shows them.

What computes does not know whether anybody listens; results do not depend on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol


class Listener(Protocol):
    """Shows stages; called from any thread."""

    def begin(self, title: str, steps: int) -> Any:
        """Begin a stage of a number of steps, and give what names it."""

    def advance(self, stage: Any, steps: int) -> None:
        """Count steps."""

    def end(self, stage: Any) -> None:
        """End a stage."""


_listeners: list[Listener] = []


@contextmanager
def told_to(listener: Listener) -> Iterator[None]:
    """Tell a listener of the stages of this process while the block runs."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


@contextmanager
def stage(title: str, steps: int) -> Iterator[Callable[[int], None]]:
    """Give what is told how many steps of a stage have been done since it was told last.

    Parameters
    ----------
    title : str
        What is computed.
    steps : int
    """
    begun = [(listener, listener.begin(title, steps)) for listener in list(_listeners)]

    def advance(done: int) -> None:
        for listener, name in begun:
            listener.advance(name, done)

    try:
        yield advance
    finally:
        for listener, name in begun:
            listener.end(name)

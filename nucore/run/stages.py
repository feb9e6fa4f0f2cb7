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

    def advance(self, stage: Any) -> None:
        """Count a step."""

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
def stage(title: str, steps: int) -> Iterator[Callable[[], None]]:
    """Give what is called after each step of a stage.

    Parameters
    ----------
    title : str
        What is computed.
    steps : int
    """
    begun = [(listener, listener.begin(title, steps)) for listener in list(_listeners)]

    def advance() -> None:
        for listener, name in begun:
            listener.advance(name)

    try:
        yield advance
    finally:
        for listener, name in begun:
            listener.end(name)

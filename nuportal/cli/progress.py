"""Progress of a command on stderr, where that is a terminal and the command takes long enough to ask."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from nucore.run.stages import told_to

#: Commands that end sooner show nothing, s.
_SHOWN_AFTER_S = 1.0

_display: Display | None = None


@contextmanager
def shown_progress(title: str) -> Iterator[None]:
    """Show how far a command is while the block runs: a line that moves, and one for each stage of it."""
    global _display  # there is one terminal
    if _display is not None or not sys.stderr.isatty():
        yield
        return
    _display = display = Display(title)
    try:
        with told_to(display):
            yield
    finally:
        _display = None
        display.close()


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[float], None] | None]:
    """Give a callback (fraction done) that draws a bar on stderr; None where stderr is no terminal."""
    with shown_progress(title):
        if _display is None:
            yield None
        else:
            yield _display.rename(title)


class Display:
    """Lines on a terminal, drawn by a thread; none for a command that is soon over.

    Parameters
    ----------
    title : str
        Of the first line.
    """

    def __init__(self, title: str) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            Progress,
            TaskProgressColumn,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        columns = (
            TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn(),
            TimeRemainingColumn(),
        )  # fmt: skip
        self._bars = Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False)
        self._whole = self._bars.add_task(title, total=None)
        self._lock, self._open = threading.Lock(), True
        self._timer = threading.Timer(_SHOWN_AFTER_S, self._start)
        self._timer.daemon = True
        self._timer.start()

    def _start(self) -> None:
        with self._lock:
            if self._open:
                self._bars.start()

    def close(self) -> None:
        """Remove the lines."""
        self._timer.cancel()
        with self._lock:
            self._open = False
            self._bars.stop()

    def rename(self, title: str) -> Callable[[float], None]:
        """Give the first line another title, and return what tells it the fraction that is done."""
        self._bars.update(self._whole, description=title)
        return lambda fraction: self._bars.update(self._whole, total=1.0, completed=fraction)

    def begin(self, title: str, steps: int) -> Any:
        """Add a line for a stage."""
        return self._bars.add_task(f"  {title}", total=steps)

    def advance(self, stage: Any, steps: int) -> None:
        """Move the line of a stage."""
        self._bars.advance(stage, steps)

    def end(self, stage: Any) -> None:
        """Remove the line of a stage."""
        self._bars.remove_task(stage)

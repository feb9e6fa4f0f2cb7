"""Progress of a function in a notebook: a bar below the cell while the function takes long."""

from __future__ import annotations

import builtins
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from html import escape
from importlib import import_module
from typing import Any, Literal

from nucore.run.stages import told_to

#: What functions take as ``progress``: a callback that gets the fraction done; False for no bar in a notebook.
Progress = Callable[[float], None] | Literal[False] | None

#: Functions that end sooner show nothing; how often a bar moves, at most.
_SHOWN_AFTER_S, _REDRAWN_EVERY_S = 2.0, 0.2

_bar: NotebookBar | None = None


def callback(progress: Progress) -> Callable[[float], None] | None:
    """What is called with the fraction done, if anything."""
    return progress or None


def in_notebook() -> bool:
    """Whether this runs in a kernel of Jupyter, which has put `get_ipython` among the builtins."""
    found: Callable[[], Any] | None = getattr(builtins, "get_ipython", None)
    return found is not None and getattr(found(), "kernel", None) is not None


@contextmanager
def notebook_progress(title: str, progress: Progress) -> Iterator[Callable[[float], None] | None]:
    """Give the callback of a function: the user's, else that of a bar where this is a notebook.

    The outermost function alone shows a bar, with a line for each stage of it.
    """
    global _bar
    if progress is not None or _bar is not None or not in_notebook():
        yield callback(progress)
        return
    _bar = bar = NotebookBar(title)
    try:
        with told_to(bar):
            yield bar.move
    finally:
        _bar = None
        bar.close()


class NotebookBar:
    """Bars below a cell: one of the function, one of each of its stages.

    Parameters
    ----------
    title : str
    """

    def __init__(self, title: str) -> None:
        self._title, self._fraction = title, 0.0
        self._stages: dict[int, tuple[str, int, int]] = {}  # title, steps done, steps
        self._begun, self._drawn = time.monotonic(), 0.0
        self._lock, self._open = threading.Lock(), True
        self._handle: Any = None
        # the output of a thread goes to the cell of its context
        self._timer = threading.Timer(_SHOWN_AFTER_S, copy_context().run, (self._draw,))
        self._timer.daemon = True
        self._timer.start()

    def move(self, fraction: float) -> None:
        """Tell the fraction of the function that is done."""
        self._fraction = fraction
        self._draw()

    def begin(self, title: str, steps: int) -> int:
        """Add a line for a stage."""
        with self._lock:
            name = max(self._stages, default=0) + 1
            self._stages[name] = (title, 0, steps)
        return name

    def advance(self, stage: int, steps: int) -> None:
        """Move the line of a stage."""
        with self._lock:
            title, done, of = self._stages[stage]
            self._stages[stage] = (title, done + steps, of)
        self._draw()

    def end(self, stage: int) -> None:
        """Remove the line of a stage."""
        with self._lock:
            del self._stages[stage]

    def close(self) -> None:
        """Remove the bars."""
        self._timer.cancel()
        with self._lock:
            self._open = False
            if self._handle is not None:
                self._handle.update({"text/html": "", "text/plain": ""}, raw=True)

    def html(self) -> str:
        """Bars and times."""
        seconds = time.monotonic() - self._begun
        lines = [_line(self._title, self._fraction, f"{100 * self._fraction:.0f}%, {seconds:.0f} s")]
        lines += [_line(title, done / max(of, 1), f"{done} of {of}") for title, done, of in self._stages.values()]
        return f'<div style="display:grid;grid-template-columns:auto 12em auto;gap:0 1em">{"".join(lines)}</div>'

    def _draw(self) -> None:
        now = time.monotonic()
        if now - self._begun < _SHOWN_AFTER_S or now - self._drawn < _REDRAWN_EVERY_S:
            return
        with self._lock:
            if not self._open:
                return
            self._drawn = now
            told = {"text/html": self.html(), "text/plain": f"{self._title}: {100 * self._fraction:.0f}%"}
            if self._handle is None:
                show: Any = import_module("IPython.display").display  # is there: this is a kernel of it
                self._handle = show(told, raw=True, display_id=True)
            else:
                self._handle.update(told, raw=True)


def _line(title: str, fraction: float, told: str) -> str:
    return f'<span>{escape(title)}</span><progress value="{fraction:.4f}"></progress><span>{escape(told)}</span>'

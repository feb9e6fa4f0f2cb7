"""Ctrl-C and SIGTERM end the process of a command within two seconds, whatever it is doing.

The first one raises `KeyboardInterrupt`, so that finished pieces are kept. Python does that between two of its own
instructions, which a compiled kernel may delay for long: a thread that the system tells of the signal at once ends the
process if it has not ended in time, or at a second signal.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Iterator
from types import FrameType

#: Time for an orderly end, s.
ORDERLY_END_S = 1.5
#: Signals sooner than this after the first are the same one, s: some programs send it to the process and to its group.
_SAME_S = 0.3
#: A signal that the main thread has not seen is sent to it again after this time, s.
_AGAIN_S = 0.1
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
#: Exit status.
INTERRUPTED = 130

_watch: _Watch | None = None


def ending() -> bool:
    """Say whether the process has been told to end, and need wait for nothing."""
    return _watch is not None and _watch.received


def announce() -> None:
    """Tell the user once."""
    if _watch is None or not _watch.told:
        print("nuportal: interrupted", file=sys.stderr, flush=True)
    if _watch is not None:
        _watch.told = True


@contextlib.contextmanager
def ending_in_time() -> Iterator[None]:
    """Make an interrupt in this block, the whole of a command, end the process with status 130.

    After it the result is there, and the process ends of its own. A signal that the process ignores stays ignored, as
    for a command in the background of a script.
    """
    global _watch  # signals are of the process
    _watch = watch = _Watch()
    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, watch.answer)
    sys.unraisablehook, threading.excepthook = watch.lost, watch.failed
    signal.set_wakeup_fd(watch.sender, warn_on_full_buffer=False)
    try:
        with contextlib.suppress(KeyboardInterrupt):
            yield
    finally:
        watch.over = True
        if watch.received:
            announce()
            sys.stdout.flush()
            watch.end()
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)


class _Watch:
    """A thread that ends the process some time after a signal."""

    def __init__(self) -> None:
        self.received = self.raised = self.told = self.over = False
        self._main = threading.get_ident()
        self._receiver, self.sender = os.pipe()
        os.set_blocking(self.sender, False)
        threading.Thread(target=self._wait, name="nuportal-interrupts", daemon=True).start()

    def answer(self, _: int, __: FrameType | None) -> None:
        """Raise `KeyboardInterrupt` at the first signal; the thread answers the others."""
        self.received = self.received or not self.over
        if self.received and not self.raised:
            self.raised = True
            raise KeyboardInterrupt

    def lost(self, error: sys.UnraisableHookArgs) -> None:
        """Have the signal sent again if the interrupt came in a callback of C, which can raise nothing."""
        if not self.received:
            sys.__unraisablehook__(error)
        elif error.exc_type is KeyboardInterrupt:
            self.raised = False

    def failed(self, error: threading.ExceptHookArgs) -> None:
        """Say nothing of threads that fail as the process ends."""
        if not self.received:
            threading.__excepthook__(error)

    def _wait(self) -> None:
        first, start, repeated = self._next(None), time.monotonic(), 0
        while (left := start + ORDERLY_END_S - time.monotonic()) > 0.0:
            found = self._next(left if self.raised else min(left, _AGAIN_S))
            if found is None and not self.raised:  # lost, or just before the main thread began to wait: wake that
                signal.pthread_kill(self._main, first or signal.SIGINT)
                repeated += 1
            elif found is not None and repeated:
                repeated -= 1
            elif found is not None and time.monotonic() > start + _SAME_S:
                break
        self.end()

    def _next(self, wait_s: float | None) -> int | None:
        """Wait for a signal of ours."""
        while select.select([self._receiver], [], [], wait_s)[0]:
            number = os.read(self._receiver, 1)[0]
            if number in _SIGNALS:
                return number
        return None

    def end(self) -> None:
        """End the process and those it has started, and leave nothing half-written."""
        from nucore.io.atomic import remove_unfinished

        if "multiprocessing" in sys.modules:
            for process in sys.modules["multiprocessing"].active_children():
                process.kill()
        remove_unfinished()
        if not self.told:  # not through Python's stream, which another thread may hold
            shown = b"\x1b[?25h\n" if os.isatty(2) else b""  # the cursor, which a progress bar hides
            os.write(2, shown + b"nuportal: interrupted\n")
        os._exit(INTERRUPTED)

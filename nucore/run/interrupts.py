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

    It stays so after the block, where the process ends with a status of its own or has to be ended. A signal that the
    process ignores, as a command in the background of a script does, stays ignored.
    """
    global _watch  # signals are of the process
    _watch = watch = _Watch()
    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, watch.answer)
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


class _Watch:
    """A thread that ends the process some time after a signal."""

    def __init__(self) -> None:
        self.received = self.told = self.over = False
        self._receiver, self.sender = os.pipe()
        os.set_blocking(self.sender, False)
        threading.Thread(target=self._wait, name="nuportal-interrupts", daemon=True).start()

    def answer(self, _: int, __: FrameType | None) -> None:
        """Raise `KeyboardInterrupt` at the first signal; the thread answers the others."""
        if not self.received and not self.over:
            self.received = True
            raise KeyboardInterrupt

    def _wait(self) -> None:
        first: float | None = None
        while True:
            left = None if first is None else max(first + ORDERLY_END_S - time.monotonic(), 0.0)
            if not select.select([self._receiver], [], [], left)[0]:
                self.end()
            numbers, now = os.read(self._receiver, 64), time.monotonic()
            if first is not None and now > first + _SAME_S:
                self.end()
            elif first is None and any(number in numbers for number in _SIGNALS):
                first = now

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

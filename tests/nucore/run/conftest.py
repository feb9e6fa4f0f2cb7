"""Commands in processes of their own, that can be killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pytest

LIMIT_S = 120.0
"""Nothing here takes a tenth of it on an idle machine."""


def _until(condition: Callable[[], Any], process: subprocess.Popen[str] | None = None) -> Any:
    """Wait for something that is true, and give it; fail if the process ends before."""
    end = time.monotonic() + LIMIT_S
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        if process is not None and process.poll() is not None:
            raise AssertionError(f"ended with {process.returncode} before it was time: {process.communicate()}")
        time.sleep(0.005)
    raise AssertionError("waited too long")


@dataclass
class Commands:
    """Starts processes in a folder and ends them all."""

    #: Has a run keep its pieces on disk from the beginning.
    AT_ONCE: ClassVar = "from nucore.run import piece_folder; piece_folder.LONG_RUN_S = 0.0"

    folder: Path
    stack: ExitStack = field(default_factory=ExitStack)

    def start(self, *arguments: Any, before: str = "") -> subprocess.Popen[str]:
        """Begin a ``nuportal`` command; `before` is Python to be run in its process first."""
        return self.python("-c", f"{before}\nfrom nuportal.__main__ import main; main()", *map(str, arguments))

    def python(self, *arguments: str) -> subprocess.Popen[str]:
        """Begin a Python process."""
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=self.folder, text=True, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self.stack.callback(_end, process)
        return process

    def run(self, *arguments: Any, status: int = 0, before: str = "") -> str:
        """Run a command, ask for its exit status, and give its stderr."""
        return self.finish(self.start(*arguments, before=before), status)

    def finish(self, process: subprocess.Popen[str], status: int = 0) -> str:
        """Wait for a command, ask for its exit status, and give its stderr."""
        _, told = process.communicate(timeout=LIMIT_S)
        assert process.returncode == status, told
        return told.removeprefix("compiling the event kernel, once per installation ...\n")

    @property
    def pieces(self) -> list[Path]:
        """Finished pieces beside the outputs."""
        return sorted(self.folder.glob(".nuportal-work/*/[0-9]*.piece"))

    @property
    def hidden(self) -> list[str]:
        """Hidden files and folders beside the outputs."""
        return sorted(path.name for path in self.folder.iterdir() if path.name.startswith("."))

    def wait_for_pieces(self, n: int, process: subprocess.Popen[str]) -> None:
        """Wait until so many pieces are finished."""
        _until(lambda: len(self.pieces) >= n, process)


def _end(process: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


@pytest.fixture
def commands(tmp_path: Path) -> Iterator[Commands]:
    """Processes in an empty folder; none outlives the test."""
    started = Commands(tmp_path)
    with started.stack:
        yield started


@pytest.fixture
def until() -> Callable[..., Any]:
    """Wait for something that is true, and give it."""
    return _until


@pytest.fixture
def content() -> Callable[[Path], Any]:
    """Give what a JSON file says, without when and by which command it was made."""

    def read(path: Path) -> Any:
        found = json.loads(path.read_text())
        for name in ("time_utc", "command"):
            found.get("nuportal", found)["provenance"].pop(name)
        return found

    return read

"""Programs that are interrupted in any state, and end in time."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nucore.run import interrupts

#: Nothing here takes half of it; a program that is not ended takes a minute.
LIMIT_S = 5.0
#: Goes on for a minute in one call that lets other threads run but no signal handler.
STUCK = "hashlib.pbkdf2_hmac('sha512', b'a', b'b', 2 * 10**8)"
#: In place of the seconds that a command has.
SOON, LATE = "interrupts.ORDERLY_END_S = 0.5", "interrupts.ORDERLY_END_S = 60.0"


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Any]:
    """Begin a program whose lines run as a command does, and wait until it says that it is ready."""
    began: list[subprocess.Popen[str]] = []

    def start(*lines: str, **options: Any) -> subprocess.Popen[str]:
        body = "\n    ".join(lines)
        text = f"""
import hashlib, multiprocessing, subprocess, sys, time
from nucore.io.atomic import atomic_path, temporary_folder
from nucore.run import interrupts
from nucore.run.interrupts import ending_in_time

def ready():
    print("ready", flush=True)

def work():
    ready()
    time.sleep(60.0)

if __name__ == "__main__":
  with ending_in_time():
    {body}
  ready()
  time.sleep(0.3)
"""
        program = tmp_path / "program.py"
        program.write_text(text)
        process = subprocess.Popen(
            [sys.executable, program.name], cwd=tmp_path, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            **options,
        )  # fmt: skip
        began.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    yield start
    for process in began:
        process.kill()
        process.communicate()


def _interrupt(process: subprocess.Popen[str], number: signal.Signals = signal.SIGINT) -> tuple[float, str]:
    """Send a signal; how long the end takes, s, and stderr."""
    start = time.monotonic()
    process.send_signal(number)
    _, told = process.communicate(timeout=30.0)
    return time.monotonic() - start, told


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_a_program_of_python_at_once(begin: Any, number: signal.Signals):
    process = begin("try:", "    work()", "finally:", "    print('tidied', file=sys.stderr)")
    taken, told = _interrupt(process, number)
    assert (process.returncode, told) == (130, "tidied\nnuportal: interrupted\n")
    assert taken < LIMIT_S


def test_a_kernel_that_does_not_return_is_ended_with_what_it_has_begun(begin: Any, tmp_path: Path):
    process = begin(
        SOON, "child = multiprocessing.get_context('spawn').Process(target=work)", "child.start()",
        "with atomic_path('result.json'), temporary_folder() as folder:",
        "    (folder / 'half').touch()", f"    {STUCK}",
    )  # fmt: skip
    taken, told = _interrupt(process)
    assert (process.returncode, told) == (130, "nuportal: interrupted\n")  # not before the child has closed its stderr
    assert 0.5 <= taken < LIMIT_S
    assert [path.name for path in tmp_path.iterdir()] == ["program.py"]


def test_a_lost_interrupt_ends_it_too(begin: Any):
    process = begin(SOON, "while True:", "    try:", "        work()", "    except KeyboardInterrupt: pass")
    taken, _ = _interrupt(process)
    assert process.returncode == 130
    assert taken < LIMIT_S


def test_an_interrupt_in_a_callback_of_c_comes_again(begin: Any):
    process = begin(
        LATE, "import ctypes", "callback = ctypes.CFUNCTYPE(None)(work)", "try:", "    callback()", "    work()",
        "finally:", "    print('tidied', file=sys.stderr)",
    )  # fmt: skip
    taken, told = _interrupt(process)
    assert (process.returncode, told) == (130, "tidied\nnuportal: interrupted\n")
    assert taken < LIMIT_S


def test_the_second_interrupt_ends_it_at_once_but_not_a_doubled_one(begin: Any):
    process = begin("try:", "    work()", "finally:", "    time.sleep(0.5)", "    print('tidied', file=sys.stderr)")
    process.send_signal(signal.SIGINT)
    _, told = _interrupt(process, signal.SIGTERM)
    assert (process.returncode, told) == (130, "tidied\nnuportal: interrupted\n")
    process = begin(LATE, "try:", "    work()", "finally:", "    time.sleep(60.0)")
    process.send_signal(signal.SIGINT)
    time.sleep(0.4)
    taken, told = _interrupt(process)
    assert (process.returncode, told) == (130, "nuportal: interrupted\n")
    assert taken < LIMIT_S


def test_a_command_in_the_background_of_a_script_goes_on(begin: Any):
    ignore = lambda: signal.signal(signal.SIGINT, signal.SIG_IGN)  # noqa: E731
    process = begin("ready()", "time.sleep(0.3)", preexec_fn=ignore)
    _, told = _interrupt(process)
    assert (process.returncode, told) == (0, "")


def test_a_command_that_is_over_is_not_interrupted(begin: Any):
    process = begin("pass")
    _, told = _interrupt(process)
    assert (process.returncode, told) == (0, "")


def test_commands_have_two_seconds():
    assert interrupts.ORDERLY_END_S < 1.8

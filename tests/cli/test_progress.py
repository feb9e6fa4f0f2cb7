"""Progress on a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from contextlib import suppress

PROGRAM = """
import sys, time
from nucore.run.stages import stage
from nuportal.cli import progress
progress._SHOWN_AFTER_S = 0.1
with progress.shown_progress("project"):
    with progress.progress_bar("reach") as told:
        assert (told is None) == (not sys.stderr.isatty())
        with stage("templates of m4 = 30 GeV", 4) as advance:
            for _ in range(2):
                advance(1)
                time.sleep(float(sys.argv[1]))
        print("result")
        if told is not None:
            told(0.25)
        time.sleep(float(sys.argv[1]))
"""


def _run(seconds: float, terminal: bool) -> tuple[str, str]:
    """Stdout and stderr of the program, stderr a terminal or a pipe."""
    reader, writer = pty.openpty() if terminal else os.pipe()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(seconds)], env=environment, stdout=subprocess.PIPE, stderr=writer, text=True
    )
    os.close(writer)
    shown = b""
    with suppress(OSError):  # that a terminal gives when nobody has it any more
        while found := os.read(reader, 4096):
            shown += found
    os.close(reader)
    out, _ = process.communicate()
    assert process.returncode == 0
    return out, shown.decode()


def test_progress_moves_within_a_stage_and_leaves_stdout_alone():
    out, shown = _run(0.3, terminal=True)
    assert out == "result\n"
    assert "templates of m4 = 30 GeV" in shown
    for part in (" 25%", " 50%", "reach"):
        assert part in shown
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")  # the cursor is there again


def test_what_is_soon_over_or_has_no_terminal_shows_nothing():
    assert _run(0.0, terminal=True) == ("result\n", "")
    assert _run(0.2, terminal=False) == ("result\n", "")

"""A disk that is full and a folder that cannot be written."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

# a file may not grow beyond this: the event file (6 MB) does, its pieces (0.6 MB) do not
FULL = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))"
#: The signal of a file that is too long would end the process; a full disk gives an error, as this does then.
FULL += "; import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)"
EVENTS = ("generate", "kaon", "--events", 100_000, "--chunk", 10_240, "--all-events", "--workers", 2)


def test_a_full_disk_is_told_and_the_run_goes_on_when_there_is_room(commands: Any):
    arguments = (*EVENTS, "--out", "out.root")
    (commands.folder / "out.root").write_text("of before")
    told = commands.run(*arguments, before=FULL, status=1)
    reason, place = told.splitlines()
    assert reason.startswith("nuportal: ")
    assert "File too large" in reason
    assert "--resume" in place
    assert (commands.folder / "out.root").read_text() == "of before"
    assert sorted(path.name for path in commands.folder.iterdir()) == [".nuportal-work", "out.root"]
    kept = commands.pieces
    assert len(kept) >= 2
    commands.run(*arguments, "--resume")
    assert commands.hidden == []
    assert (commands.folder / "out.root").stat().st_size > 2_000_000


def test_pieces_that_do_not_fit_leave_nothing_half_written(commands: Any):
    small = FULL.replace("2_000_000", "100_000")
    told = commands.run(*EVENTS, "--out", "out.root", before=small, status=1)
    assert "File too large" in told
    assert len(told.splitlines()) == 1
    assert list(commands.folder.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_without_permission_is_told_at_once(commands: Any):
    commands.folder.chmod(0o500)
    try:
        told = commands.run("generate", "w", "--events", "1e10", "--histogram-only", "--out", "out.json", status=2)
    finally:
        commands.folder.chmod(0o700)
    assert "cannot be" in told
    assert len(told.splitlines()) == 1
    assert list(commands.folder.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_told_at_once(commands: Any):
    """/proc takes no files, whoever asks; 1e10 events would take minutes."""
    if not Path("/proc/self").is_dir():
        pytest.skip("the system has no folder that nobody may write")
    told = commands.run("generate", "w", "--events", "1e10", "--histogram-only", "--out", "/proc/out.json", status=2)
    assert len(told.splitlines()) == 1
    assert "cannot be" in told

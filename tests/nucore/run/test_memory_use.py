"""Memory that runs really take."""

from __future__ import annotations

from typing import Any

import pytest

from nuportal.api.generate import kernel_compiles

PEAK = (
    "import atexit, sys\n"
    "from nucore.run.memory import used_memory\n"
    "atexit.register(lambda: print(used_memory(), file=sys.stderr))"
)
pytestmark = pytest.mark.skipif("sys.platform != 'linux'", reason="elsewhere a process inherits the peak of its parent")


def _peak(commands: Any, *arguments: Any) -> float:
    """Peak resident size of a command, MB, without a compiler."""
    if kernel_compiles(arguments[1]):
        commands.run(*arguments[:2], "--events", 1)
    return float(commands.run(*arguments, before=PEAK).split()[-1]) / 1e6


@pytest.mark.parametrize("process", ["w", "kaon"])
def test_histograms_take_the_same_memory_for_any_number_of_events(process: str, commands: Any):
    small, large = (
        _peak(commands, "generate", process, "--events", n, "--chunk", 2**17, "--workers", 2, "--histogram-only")
        for n in (2**18, 20 * 2**18)
    )
    # the noise of the allocator, some MB; an event kept would be 40 bytes or more, 200 MB
    assert large - small < 15.0


@pytest.mark.parametrize("process", ["w", "kaon"])
def test_events_stay_below_the_memory_that_is_allowed(process: str, commands: Any):
    peak = _peak(
        commands, "generate", process, "--events", 1_500_000, "--out", "out.root", "--max-memory", "600MB",
        "--all-events", "--workers", 2,
    )  # fmt: skip
    assert peak < 600.0
    assert (commands.folder / "out.root").stat().st_size > 40e6


def test_too_little_memory_is_told_at_once(commands: Any):
    told = commands.run("generate", "w", "--events", "1e9", "--out", "out.root", "--max-memory", "50MB", status=2)
    assert "is left of --max-memory 50 MB" in told
    assert len(told.splitlines()) == 1
    assert list(commands.folder.iterdir()) == []

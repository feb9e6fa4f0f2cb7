"""Commands that are killed or interrupted at any moment, and go on."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uproot

from nuportal.cli import main

KILLS = 10
N = 60
RUNS = {
    "histogram": ("generate", "w", "--events", N * 2**17, "--chunk", 2**17, "--histogram-only", "--out", "out.json"),
    "events": ("generate", "kaon", "--events", N * 8192, "--chunk", 8192, "--out", "out.root", "--all-events"),
}


def _same(a: Path, b: Path, content: Callable[[Path], Any]) -> None:
    if a.suffix == ".json":
        assert content(a) == content(b)
        return
    with uproot.open(a) as first, uproot.open(b) as second:
        assert first.keys() == second.keys()
        for name, kind in first.classnames().items():
            if kind.startswith("TH1"):
                np.testing.assert_array_equal(first[name].values(), second[name].values(), err_msg=name)
            elif kind in ("TTree", "ROOT::RNTuple"):
                branches, others = (file[name].arrays(library="np") for file in (first, second))
                assert branches.keys() == others.keys()
                assert len(branches["event"]) == N * 8192
                for branch, values in branches.items():
                    np.testing.assert_array_equal(values, others[branch], err_msg=branch)


@pytest.fixture(scope="module")
def begin() -> Callable[..., Any]:
    """Begin a command in a process that has tables and kernels in memory already, so that ten of them take seconds."""
    context = multiprocessing.get_context("forkserver")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PYTHONPATH", str(Path(__file__).parent))
        context.set_forkserver_preload(["warm_commands"])
        forkserver.ensure_running()

    def start(*arguments: Any) -> Any:
        process = context.Process(target=main, args=([str(a) for a in arguments],))
        process.start()
        return process

    return start


@pytest.mark.parametrize("kind", RUNS)
def test_killed_at_ten_moments(kind: str, commands: Any, begin: Callable[..., Any], content: Callable[[Path], Any],
                               until: Callable[..., Any], monkeypatch: pytest.MonkeyPatch):  # fmt: skip
    """SIGKILL after a random number of new pieces and a random wait; the same command takes them up each time."""
    moments = random.Random(f"killed {kind}")
    out = commands.folder / str(RUNS[kind][RUNS[kind].index("--out") + 1])
    monkeypatch.chdir(commands.folder)
    survived = []
    for _ in range(KILLS):
        before = len(commands.pieces)
        process = begin(*RUNS[kind], "--workers", 2, "--resume")
        new = moments.randrange(4)
        until(lambda: len(commands.pieces) >= before + new or not process.is_alive())  # noqa: B023
        time.sleep(moments.uniform(0.0, 0.1 if new == 0 else 0.02))
        assert process.is_alive()
        process.kill()
        process.join()
        survived.append(len(commands.pieces))
        assert not out.exists()
    # nothing that was finished is lost
    assert survived == sorted(survived)
    assert 0 < survived[-1] < N
    left = sorted(path.name for path in commands.folder.iterdir())
    process = begin(*RUNS[kind], "--resume")
    process.join()
    assert process.exitcode == 0
    assert [path.name for path in commands.folder.iterdir()] == [out.name], left
    first = out.rename(commands.folder / f"first{out.suffix}")
    process = begin(*RUNS[kind], "--workers", 1)
    process.join()
    _same(first, out, content)


def test_a_terminated_command_leaves_the_pieces_alone(commands: Any):
    run = commands.start(*RUNS["events"], before=commands.AT_ONCE)
    commands.wait_for_pieces(3, run)
    run.send_signal(signal.SIGTERM)
    told = commands.finish(run, status=130)
    assert "interrupted" in told
    assert "--resume" in told
    assert "Traceback" not in told
    assert commands.hidden == [".nuportal-work"]
    assert len(commands.pieces) >= 3
    assert [path.name for path in commands.folder.iterdir()] == [".nuportal-work"]
    assert not list(commands.pieces[0].parent.glob(".*"))


def test_an_interrupted_short_run_keeps_its_pieces_too(commands: Any, until: Callable[..., Any]):
    run = commands.start(*RUNS["events"], before=commands.AT_ONCE.replace("0.0", "1e9"))
    until(lambda: [path for path in commands.folder.glob(".out*.root") if path.stat().st_size > 300_000], run)
    assert commands.pieces == []
    run.send_signal(signal.SIGINT)
    assert "--resume" in commands.finish(run, status=130)
    assert commands.pieces
    assert commands.hidden == [".nuportal-work"]


TOYS = ("toys", "--experiment", "e949", "--n", 120, "--chunk", 3, "--workers", 2, "--seed", 3, "--out", "toys.json")


def _children(process: int) -> list[int]:
    """Process numbers of the pool of a process: its spawned workers, not the tracker of their resources."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if parent == process and b"spawn_main" in command:
            found.append(int(folder.name))
    return sorted(found)


@pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="needs /proc to find the processes of a pool")
def test_killed_processes_of_a_pool(commands: Any, content: Callable[[Path], Any], until: Callable[..., Any]):
    """A killed worker is replaced; those of a killed run end, and its pieces are used."""
    in_processes = "from nucore.reports import toy_report; toy_report._MIN_TOYS_FOR_PROCESSES = 0"
    run = commands.start(*TOYS, before=f"{commands.AT_ONCE}; {in_processes}")
    commands.wait_for_pieces(1, run)
    os.kill(_children(run.pid)[0], signal.SIGKILL)
    n = len(commands.pieces)
    commands.wait_for_pieces(n + 3, run)
    workers = until(lambda: _children(run.pid), run)
    run.kill()
    run.wait()
    until(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers))
    commands.run(*TOYS, "--resume")
    found = content(commands.folder / "toys.json")
    assert len(found["best_fits"]) == 120
    assert commands.hidden == []
    commands.run(*TOYS[:5], "--workers", 1, *TOYS[9:])
    assert content(commands.folder / "toys.json") == found

"""A real Dask cluster of three processes, whose worker or scheduler is killed."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nucore.errors import InputError
from nucore.run.executors import Execution, open_workers

# 40 pieces, some seconds of two cores
EVENTS = ("--events", 40 * 2**20, "--chunk", 2**20, "--seed", 4)


@pytest.fixture
def cluster(commands: Any, until: Callable[..., Any]) -> dict[str, Any]:
    """Scheduler and two workers on ports that are free."""
    pytest.importorskip("distributed")
    file = commands.folder / "cluster" / "scheduler.json"
    file.parent.mkdir()
    common = ("--scheduler-file", str(file), "--no-dashboard")
    scheduler = commands.python("-m", "dask", "scheduler", "--host", "127.0.0.1", "--port", "0", *common)
    until(file.exists, scheduler)
    address = until(lambda: json.loads(file.read_text() or "{}").get("address"), scheduler)
    worker = ("-m", "dask", "worker", "--host", "127.0.0.1", "--no-nanny", "--nthreads", "1", *common)
    folders = ("--local-directory", str(file.parent))
    return {"address": address, "scheduler": scheduler, "workers": [commands.python(*worker, *folders) for _ in "12"]}


def _kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()


def test_a_killed_worker_changes_nothing(cluster: dict[str, Any], commands: Any, content: Callable[[Path], Any]):
    run = commands.start(
        "generate", "w", *EVENTS, "--histogram-only", "--out", "a.json", "--scheduler", cluster["address"],
        before=commands.AT_ONCE,
    )  # fmt: skip
    commands.wait_for_pieces(5, run)
    _kill(cluster["workers"][0])
    assert run.poll() is None
    commands.finish(run)
    assert commands.hidden == []
    commands.run("generate", "w", *EVENTS, "--histogram-only", "--out", "b.json", "--workers", 2)
    a, b = (content(commands.folder / name) for name in ("a.json", "b.json"))
    assert a["nuportal"].pop("provenance")["request"] != b["nuportal"].pop("provenance")["request"]  # a.json, b.json
    assert a == b


def test_a_killed_scheduler_is_told_and_the_pieces_stay(
    cluster: dict[str, Any], commands: Any, content: Callable[[Path], Any]
):
    arguments = ("generate", "w", *EVENTS, "--histogram-only", "--out", "a.json")
    run = commands.start(*arguments, "--scheduler", cluster["address"], before=commands.AT_ONCE)
    commands.wait_for_pieces(3, run)
    _kill(cluster["scheduler"])
    start = time.monotonic()
    told = commands.finish(run, status=1)
    assert time.monotonic() - start < 20.0
    reason, place = told.splitlines()
    assert reason == f"nuportal: the scheduler {cluster['address']} dropped the work, or is gone"
    assert ".nuportal-work" in place
    assert "--resume" in place
    kept = {path: path.read_bytes() for path in commands.pieces}
    assert len(kept) >= 3
    assert commands.hidden == [".nuportal-work"]

    resumed = commands.start(*arguments, "--resume", "--workers", 2)
    commands.wait_for_pieces(len(kept) + 1, resumed)
    assert all(path.read_bytes() == bytes_ for path, bytes_ in kept.items())
    commands.finish(resumed)
    found = content(commands.folder / "a.json")
    commands.run(*arguments)
    assert content(commands.folder / "a.json") == found
    assert commands.hidden == []


def test_no_scheduler_is_told():
    pytest.importorskip("distributed")
    execution = Execution(scheduler="tcp://127.0.0.1:1")
    refused = pytest.raises(InputError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:1: ")
    with refused, open_workers(execution, "threads"):
        pass

"""Pieces on disk: which of them a resumed run takes, and what it leaves behind."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st

from nucore.errors import InputError, ResumeWarning
from nucore.io.atomic import atomic_path, clear_abandoned
from nucore.run import piece_folder
from nucore.run.chunks import Chunk
from nucore.run.executors import Execution
from nucore.run.job import Job, complete, plan
from nucore.run.pieces import chunk_of, pack, piece_name
from nucore.run.provenance import current_run, recording


class Task:
    """Squares of the items, and a record of what was computed."""

    def __init__(self) -> None:
        self.calls: list[Chunk] = []
        self.fails_at: int | None = None

    def __call__(self, chunk: Chunk) -> dict[str, Any]:
        if self.fails_at is not None and chunk.first <= self.fails_at < chunk.stop:
            raise RuntimeError("broken")
        self.calls.append(chunk)
        return {"squares": np.arange(chunk.first, chunk.stop) ** 2, "n": chunk.n}

    @property
    def items(self) -> list[int]:
        return sorted(i for chunk in self.calls for i in range(chunk.first, chunk.stop))


def _finish(pieces: Iterator[Any]) -> list[int]:
    return [int(x) for piece in pieces for x in piece["squares"]]


N = 100
WHOLE = [i * i for i in range(N)]


@pytest.fixture
def task() -> Task:
    return Task()


def _job(task: Task, folder: Path, chunk: int = 10, resume: bool = False, n: int = N, **choices: Any) -> Job[list[int]]:
    execution = Execution(workers=2, chunk=chunk, resume=resume)
    return Job(
        task, Chunk(0, n), _finish, "toys", 10, local="threads", out=folder / "result", execution=execution,
        request={"function": "toys", "arguments": {"n": n}}, **choices,
    )  # fmt: skip


def _interrupted(task: Task, folder: Path, at: int = 57, chunk: int = 10) -> Path:
    """Run until an error, and give the folder of what is kept."""
    task.fails_at = at
    with pytest.raises(RuntimeError, match="broken"):
        complete(_job(task, folder, chunk))
    task.fails_at = None
    (work,) = (folder / ".nuportal-work").iterdir()
    return work


def _pieces(work: Path) -> dict[Chunk, Path]:
    return {chunk: path for path in work.iterdir() if (chunk := chunk_of(path.name)) is not None}


def test_nothing_is_left_of_a_run_that_ended(task: Task, tmp_path: Path) -> None:
    assert complete(_job(task, tmp_path)) == WHOLE
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("chunk", [10, 7, 1, 33, 100])
def test_a_resumed_run_computes_what_is_missing(task: Task, tmp_path: Path, chunk: int) -> None:
    work = _interrupted(task, tmp_path)
    kept = _pieces(work)
    assert set(kept) == set(task.calls)
    assert {path.name for path in work.iterdir()} - {path.name for path in kept.values()} == {"lock"}
    assert complete(_job(task, tmp_path, chunk, resume=True)) == WHOLE
    assert task.items == list(range(N))
    assert not list(tmp_path.iterdir())


def test_interrupted_again_and_again_with_other_chunks(task: Task, tmp_path: Path) -> None:
    _interrupted(task, tmp_path, 30, chunk=10)
    for at, chunk in ((70, 4), (85, 9)):
        task.fails_at = at
        with pytest.raises(RuntimeError, match="broken"):
            complete(_job(task, tmp_path, chunk, resume=True))
    task.fails_at = None
    assert complete(_job(task, tmp_path, 11, resume=True)) == WHOLE
    assert task.items == list(range(N))


def test_without_resume_all_is_computed(task: Task, tmp_path: Path) -> None:
    _interrupted(task, tmp_path)
    task.calls.clear()
    with pytest.warns(ResumeWarning, match="--resume would use them"):
        assert complete(_job(task, tmp_path)) == WHOLE
    assert task.items == list(range(N))
    assert not list(tmp_path.iterdir())


def test_another_run_takes_no_pieces_of_this_one(task: Task, tmp_path: Path) -> None:
    work = _interrupted(task, tmp_path)
    task.calls.clear()
    assert complete(_job(task, tmp_path, resume=True, n=50)) == WHOLE[:50]
    assert task.items == list(range(50))
    assert complete(_job(task, tmp_path, resume=True, variant="other")) == WHOLE
    assert len(task.items) == 50 + N
    assert _pieces(work)


def _flip(path: Path, _: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _cut_short(path: Path, _: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])


def _empty(path: Path, _: Path) -> None:
    path.write_bytes(b"")


def _of_another_chunk(path: Path, other: Path) -> None:
    path.write_bytes(other.read_bytes())


def _of_another_run(path: Path, _: Path) -> None:
    chunk = chunk_of(path.name)
    assert chunk is not None
    path.write_bytes(pack({"squares": np.zeros(chunk.n), "n": 0}, chunk, "0123456789abcdef"))


@pytest.mark.parametrize("damage", [_flip, _cut_short, _empty, _of_another_chunk, _of_another_run])
def test_a_damaged_or_foreign_piece_is_computed_again(task: Task, tmp_path: Path, damage: Any) -> None:
    kept = _pieces(_interrupted(task, tmp_path))
    chunk, other = sorted(kept)[:2]
    damage(kept[chunk], kept[other])
    task.calls.clear()
    assert complete(_job(task, tmp_path, resume=True)) == WHOLE
    assert chunk in task.calls
    assert other not in task.calls
    assert not list(tmp_path.iterdir())


def test_overlapping_pieces_are_used_once(task: Task, tmp_path: Path) -> None:
    work = _interrupted(task, tmp_path, at=95)
    for chunk in (Chunk(5, 10), Chunk(0, 3), Chunk(90, 10), Chunk(95, 30)):
        (work / piece_name(chunk)).write_bytes(pack(Task()(chunk), chunk, _job(task, tmp_path).key))
    assert complete(_job(task, tmp_path, resume=True)) == WHOLE
    assert not list(tmp_path.iterdir())


def test_files_that_are_not_ours_stay(task: Task, tmp_path: Path) -> None:
    work = _interrupted(task, tmp_path)
    (work / "notes.txt").write_text("mine")
    (work / ".0-10-elsewhere-1-0.piece").write_text("left by a killed process")
    assert complete(_job(task, tmp_path, resume=True)) == WHOLE
    assert [path.name for path in work.iterdir()] == ["notes.txt"]


def test_a_work_folder_of_the_users_stays(task: Task, tmp_path: Path) -> None:
    job = _job(task, tmp_path)
    complete(replace(job, execution=Execution(chunk=10, work_folder=tmp_path / "mine")))
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    assert not list((tmp_path / "mine").iterdir())


def test_the_same_run_in_another_process(task: Task, tmp_path: Path) -> None:
    """It keeps the pieces; this one computes without, and cannot take its pieces."""
    work = _interrupted(task, tmp_path)
    with FileLock(work / "lock"):
        with pytest.raises(InputError, match="in another process"):
            complete(_job(task, tmp_path, resume=True))
        kept = _pieces(work)
        assert complete(_job(task, tmp_path)) == WHOLE
        assert _pieces(work) == kept


def test_a_short_run_needs_no_folder(task: Task, tmp_path: Path) -> None:
    (tmp_path / ".nuportal-work").write_text("a file")
    with pytest.raises(InputError, match="cannot keep pieces"):  # asked for
        complete(_job(task, tmp_path, resume=True))
    assert not task.calls
    assert complete(_job(task, tmp_path)) == WHOLE
    task.fails_at = 57
    with pytest.raises(RuntimeError, match="broken"), pytest.warns(ResumeWarning, match="cannot be resumed"):
        complete(_job(task, tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == [".nuportal-work"]


def test_a_run_keeps_its_pieces_on_disk_once_it_is_long(
    task: Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    clock = iter(range(0, 1000, 3))  # a look at the clock for the beginning, and for each piece

    def count(_: float) -> None:
        seen.append(len(list(tmp_path.glob(".nuportal-work/*/*.piece"))))

    monkeypatch.setattr(piece_folder.time, "monotonic", lambda: next(clock))
    job = _job(task, tmp_path, progress=count)
    assert complete(replace(job, execution=Execution(1, chunk=10))) == WHOLE
    assert seen[0] == 0
    assert max(seen) >= 9
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("least", [1, 10**9])
def test_large_pieces_do_not_wait_in_memory(
    least: int, task: Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(piece_folder, "_MOST_WAITING_BYTES", least)
    seen: list[bool] = []
    job = _job(task, tmp_path, progress=lambda _: seen.append((tmp_path / ".nuportal-work").is_dir()))
    assert complete(job) == WHOLE
    assert set(seen) == {least == 1}


def _without_output(task: Task, **choices: Any) -> Job[list[int]]:
    return replace(_job(task, Path(), **choices), out=None)


def test_without_output_pieces_are_in_the_cache(task: Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUPORTAL_CACHE", str(tmp_path / "mine"))
    task.fails_at = 57
    with pytest.raises(RuntimeError, match="broken"):
        complete(_without_output(task))
    assert list(tmp_path.glob("mine/work/toys-*/*.piece"))
    task.fails_at = None
    assert complete(_without_output(task, resume=True)) == WHOLE
    assert task.items == list(range(N))
    assert not list((tmp_path / "mine" / "work").iterdir())


def test_a_cache_that_the_user_names_and_cannot_be_written_is_told_at_once(
    task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUPORTAL_CACHE", "/dev/null/cache")
    with pytest.raises(InputError, match="/dev/null/cache that NUPORTAL_CACHE names cannot be written: Not a direc"):
        complete(_without_output(task))
    assert not task.calls
    assert complete(replace(_without_output(task), request=None)) == WHOLE  # which keeps nothing


def test_without_home_pieces_are_in_a_temporary_folder(
    task: Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NUPORTAL_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/dev/null/home")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert complete(_without_output(task)) == WHOLE  # a short run needs none
    assert not list(tmp_path.iterdir())
    task.calls.clear()
    task.fails_at = 57
    with pytest.raises(RuntimeError, match="broken"), pytest.warns(ResumeWarning, match="NUPORTAL_CACHE names") as told:
        complete(_without_output(task))
    assert str(tmp_path) in str(told[0].message)
    task.fails_at = None
    assert complete(_without_output(task, resume=True)) == WHOLE
    assert task.items == list(range(N))


def test_where_pieces_are_kept_is_told(task: Task, tmp_path: Path) -> None:
    with recording({"function": "toys"}):
        work = _interrupted(task, tmp_path)
        assert current_run().kept == work


def test_nothing_is_kept_without_a_request_or_of_one_piece(task: Task, tmp_path: Path) -> None:
    task.fails_at = 57
    for job in (replace(_job(task, tmp_path), request=None), _job(task, tmp_path, chunk=100)):
        with pytest.raises(RuntimeError, match="broken"):
            complete(job)
        assert not list(tmp_path.iterdir())


def test_no_items(task: Task, tmp_path: Path) -> None:
    assert complete(_job(task, tmp_path, n=0)) == []


@pytest.mark.parametrize(
    "name", ["0-0.piece", "5-3.piece", "a-b.piece", "0-10.pieces", ".0-10.piece", "-1-3.piece", ""]
)
def test_names_that_are_no_piece(name: str) -> None:
    assert chunk_of(name) is None
    assert chunk_of(piece_name(Chunk(3, 4))) == Chunk(3, 4)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 30))), st.integers(0, 40), st.integers(0, 60),
       st.integers(1, 20), st.sampled_from([1, 4]))  # fmt: skip
def test_a_plan_holds_each_item_once(stored, first, n, step, grain) -> None:
    pieces = sorted(Chunk(*piece) for piece in stored)
    span = Chunk(first, n)
    steps = list(plan(span, step, grain, pieces))
    at = span.first
    for chunk, there in steps:
        assert chunk.first == at
        assert chunk in pieces if there else chunk.n < step + grain
        at = chunk.stop
    assert at == span.stop


def test_what_a_killed_process_left_beside_the_output_is_cleared(task: Task, tmp_path: Path) -> None:
    host = platform.node()[:32]
    dead = [tmp_path / f".result-{host}-{number}-0" for number in (2**22 + 1, os.getpid())]  # beyond the largest number
    other = [tmp_path / f".result-{host}-{os.getppid()}-0", tmp_path / f".results-{host}-{2**22 + 1}-0"]
    for path in (*dead, *other):
        path.write_text("half")
    complete(_job(task, tmp_path))
    assert all(path.exists() for path in (*dead, *other))
    complete(_job(task, tmp_path, resume=True))
    assert not any(path.exists() for path in dead)
    assert all(path.exists() for path in other)
    clear_abandoned(tmp_path / "no" / "file")


def test_a_number_that_a_killed_process_had_is_no_obstacle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nucore.io import atomic

    monkeypatch.setattr(atomic, "_counter", iter(range(10)))
    left = tmp_path / f".a-{platform.node()[:32]}-{os.getpid()}-0.txt"
    left.write_text("half")
    with atomic_path(tmp_path / "a.txt") as temporary:
        temporary.write_text("whole")
    assert (tmp_path / "a.txt").read_text() == "whole"
    assert left.read_text() == "half"

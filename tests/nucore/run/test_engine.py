"""Order, chunks in flight, what an error leaves, and executors that are given."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace

import pytest

from nucore.errors import ExecutionError, InputError
from nucore.run import executors
from nucore.run.chunks import Chunk, cut
from nucore.run.engine import CHUNKS_IN_FLIGHT_PER_WORKER, run_chunks
from nucore.run.executors import Execution, one_thread, open_workers
from nucore.run.job import Job, complete

CHUNKS = list(cut(Chunk(100, 2000), 100))


def uneven(chunk: Chunk) -> tuple[int, int]:
    time.sleep(0.002 if (chunk.first // 100) % 3 == 0 else 0.0)
    return (chunk.first, chunk.stop)


def run(task, chunks, workers: int, **choices) -> list:
    execution = Execution(workers=workers)
    with open_workers(execution, "threads") as opened:
        return list(run_chunks(task, chunks, execution, opened, **choices))


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_results_come_in_order(workers):
    assert run(uneven, CHUNKS, workers) == [(c.first, c.stop) for c in CHUNKS]


def test_one_thread_takes_one_piece_after_the_other():
    seen: list[Chunk] = []
    done = lambda chunk, _: seen.append(chunk)  # noqa: E731
    with one_thread(Execution()) as workers:
        found = list(run_chunks(lambda _: threading.get_ident(), CHUNKS[:3], Execution(), workers, done))
    assert len(set(found)) == 1
    assert set(found) != {threading.get_ident()}  # which waits for interrupts
    assert sorted(seen) == CHUNKS[:3]


def test_no_chunks_are_no_results():
    assert run(uneven, [], 2) == []


def test_chunks_in_flight_are_bounded():
    taken = 0

    def source() -> Iterator[Chunk]:
        nonlocal taken
        for chunk in cut(Chunk(0, 1000), 1):
            taken += 1
            yield chunk

    execution = Execution(workers=2)
    with open_workers(execution, "threads") as workers:
        results = run_chunks(lambda chunk: chunk.first, source(), execution, workers)
        for consumed in range(1, 6):
            next(results)
            assert taken < CHUNKS_IN_FLIGHT_PER_WORKER * 2 + consumed
        results.close()
    assert taken < CHUNKS_IN_FLIGHT_PER_WORKER * 2 + 5


def test_results_are_handed_over_as_soon_as_they_are_there():
    """The first chunk waits until all others in flight are stored."""
    stored: list[int] = []
    others = threading.Event()

    def task(chunk: Chunk) -> int:
        if chunk.first == 0:
            assert others.wait(30.0)
        return chunk.first

    def done(_: Chunk, result: int) -> None:
        stored.append(result)
        if len(stored) == 2 * CHUNKS_IN_FLIGHT_PER_WORKER - 1:
            others.set()

    assert run(task, cut(Chunk(0, 8), 1), 2, done=done) == list(range(8))
    assert stored[-1] != 0
    assert stored.index(0) == 2 * CHUNKS_IN_FLIGHT_PER_WORKER - 1
    assert sorted(stored) == list(range(8))


def test_an_error_cancels_what_is_pending_and_keeps_what_is_done():
    calls: list[int] = []
    stored: list[int] = []

    def fail(chunk: Chunk) -> int:
        calls.append(chunk.first)
        if chunk.first == 2:
            raise RuntimeError("broken chunk")
        time.sleep(0.05)
        return chunk.first

    with pytest.raises(RuntimeError, match="broken chunk"):
        run(fail, cut(Chunk(0, 1000), 1), 2, done=lambda _, result: stored.append(result))
    assert len(calls) <= 3 + CHUNKS_IN_FLIGHT_PER_WORKER * 2
    # those that were running are waited for and stored
    assert sorted([*stored, 2]) == sorted(calls)


def test_an_interrupt_keeps_what_is_done():
    stored: list[int] = []

    def task(chunk: Chunk) -> int:
        time.sleep(0.02)
        return chunk.first

    def interrupted() -> None:
        execution = Execution(workers=2)
        with open_workers(execution, "threads") as workers:
            done = lambda _, result: stored.append(result)  # noqa: E731
            for result in run_chunks(task, cut(Chunk(0, 1000), 1), execution, workers, done):
                if result == 3:
                    raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert set(range(4)) <= set(stored)
    assert len(stored) < 12


def test_a_full_disk_at_the_end_does_not_hide_the_error():
    started = threading.Barrier(2, timeout=30.0)

    def task(chunk: Chunk) -> int:
        if chunk.first < 2:
            started.wait()
        if chunk.first == 1:
            raise RuntimeError("the cause")
        time.sleep(0.1)
        return chunk.first

    def full(_: Chunk, result: int) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(RuntimeError, match="the cause"):
        run(task, cut(Chunk(0, 4), 1), 2, done=full)


def test_a_given_executor_is_used_and_left_open():
    with ThreadPoolExecutor(2, thread_name_prefix="mine") as executor:
        execution = Execution(executor=executor)
        with open_workers(execution, "processes") as workers:
            task = lambda _: threading.current_thread().name.split("_")[0]  # noqa: E731
            names = set(run_chunks(task, CHUNKS, execution, workers))
        assert names == {"mine"}
        assert executor.submit(int, "3").result() == 3


class Dying(Executor):
    """Breaks at given submissions, as a pool whose worker was killed."""

    def __init__(self, deaths: set[int], error: Exception | None = None) -> None:
        self.deaths, self.count, self.error, self.broken = deaths, 0, error or BrokenProcessPool("killed"), False

    def submit(self, task, *arguments):
        if self.broken:
            raise BrokenProcessPool("broken")
        self.count += 1
        future: Future = Future()
        if self.count in self.deaths:
            self.broken = isinstance(self.error, BrokenProcessPool)
            future.set_exception(self.error)
        else:
            future.set_result(task(*arguments))
        return future

    def shutdown(self, wait=True, *, cancel_futures=False):
        pass


def total(chunk: Chunk) -> int:
    return sum(range(chunk.first, chunk.stop))


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("deaths", [{1}, {3}, {4}, {5}])
def test_dead_workers_are_replaced(deaths, kept, monkeypatch, tmp_path):
    pools = iter([Dying(deaths), Dying({2}), Dying(set())])
    monkeypatch.setattr(executors, "ProcessPoolExecutor", lambda *_, **__: next(pools))
    job = Job(total, Chunk(0, 12), list, "toys", 1, execution=Execution(workers=2, work_folder=tmp_path))
    request = {"function": "toys", "arguments": {}} if kept else None
    assert complete(replace(job, request=request)) == list(range(12))
    assert not list(tmp_path.iterdir())


def test_workers_that_keep_dying_are_told(monkeypatch, tmp_path):
    pools = [Dying({3}) for _ in range(9)]
    left = list(pools)
    monkeypatch.setattr(executors, "ProcessPoolExecutor", lambda *_, **__: left.pop())
    request = {"function": "toys", "arguments": {}}
    job = Job(total, Chunk(0, 12), list, "toys", 1, execution=Execution(2, work_folder=tmp_path), request=request)
    with pytest.raises(ExecutionError, match=r"worker processes died \(\w+\): not enough memory"):
        complete(replace(job, execution=Execution(2, executor=Dying({3}), work_folder=tmp_path)))
    assert len(list(tmp_path.glob("*/*.piece"))) == 2
    for pool in pools:
        pool.deaths = {1}
    with pytest.raises(ExecutionError, match="worker processes died"):
        complete(replace(job, execution=Execution(2, resume=True, work_folder=tmp_path)))
    assert len(left) == 6


def test_a_worker_of_another_version_is_refused():
    class Elsewhere(Executor):
        def submit(self, function, /, *args, **kwargs):
            future: Future = Future()
            future.set_result(("0.0+other", 1))
            return future

    with pytest.raises(ExecutionError, match=r"a worker runs nuportal 0\.0\+other"):
        list(run_chunks(total, CHUNKS, Execution(), executors.Workers(Elsewhere(), 1)))


@pytest.mark.parametrize(
    "choices", [{"workers": 0}, {"workers": -2}, {"chunk": 0}, {"scheduler": "tcp://x:1", "executor": Dying(set())}]
)
def test_what_is_no_execution_is_refused(choices):
    with pytest.raises(InputError):
        Execution(**choices)


class KilledWorker(Exception):  # noqa: N818  # the name that Dask has
    pass


class FutureCancelledError(Exception):
    pass


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (KilledWorker(), "worker processes died"),
        (FutureCancelledError(), "dropped the work"),
        (ModuleNotFoundError("No module named 'collider'"), "No module named 'coll.*inst"),
    ],
)
def test_errors_of_executors_are_told_in_one_line(error, told):
    execution = Execution(executor=Dying({1}, error), workers=1)
    with open_workers(execution, "threads") as workers, pytest.raises(ExecutionError, match=told):
        list(run_chunks(total, CHUNKS, execution, workers))


@pytest.mark.parametrize(
    "address", ["", "foo", "tcp://127.0.0.1", "tcp://:8786", "tcp://a:0", "tcp://a:99999", "tls://a:1", "http://a:80/x"]
)
def test_addresses_that_are_none_are_refused(address):
    with pytest.raises(InputError, match="tcp://HOST:PORT"):
        Execution(scheduler=address)


def test_where_nothing_answers_is_told_at_once():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    execution = Execution(scheduler=f"tcp://127.0.0.1:{port}")
    start = time.monotonic()
    with pytest.raises(InputError, match="no Dask scheduler answers"), open_workers(execution, "threads"):
        pass
    assert time.monotonic() - start < 10.0  # the limit of a connection is 15 s

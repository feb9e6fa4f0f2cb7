"""Order, chunks in flight, what an error leaves, and executors that are given."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import pytest

from nucore.errors import ExecutionError, InputError
from nucore.run import engine, executors
from nucore.run.chunks import Chunk, cut
from nucore.run.engine import CHUNKS_IN_FLIGHT_PER_WORKER, Outcome, run_chunks
from nucore.run.executors import Execution, open_workers
from nucore.run.provenance import cpu_type, sources_version
from nucore.run.threads import Room

CHUNKS = list(cut(Chunk(100, 2000), 100))


def uneven(chunk: Chunk) -> tuple[int, int]:
    time.sleep(0.002 if (chunk.first // 100) % 3 == 0 else 0.0)
    return (chunk.first, chunk.stop)


def run(task, chunks, workers: int, **choices) -> list:
    execution = Execution(workers=workers)
    with open_workers(execution, "threads") as opened:
        return [outcome.value for outcome in run_chunks(task, chunks, execution, opened, **choices)]


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_results_come_in_order(workers):
    assert run(uneven, CHUNKS, workers) == [(c.first, c.stop) for c in CHUNKS]


def test_without_workers_all_is_done_in_this_thread():
    seen: list[Outcome] = []
    found = list(run_chunks(lambda _: threading.get_ident(), CHUNKS[:3], Execution(), None, seen.append))
    assert {outcome.value for outcome in found} == {threading.get_ident()}
    assert seen == found
    assert {(o.version, o.cpu) for o in found} == {(sources_version(), cpu_type())}


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

    def done(outcome: Outcome[int]) -> None:
        stored.append(outcome.value)
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
        run(fail, cut(Chunk(0, 1000), 1), 2, done=lambda outcome: stored.append(outcome.value))
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
            done = lambda outcome: stored.append(outcome.value)  # noqa: E731
            for outcome in run_chunks(task, cut(Chunk(0, 1000), 1), execution, workers, done):
                if outcome.value == 3:
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

    def full(outcome: Outcome[int]) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(RuntimeError, match="the cause"):
        run(task, cut(Chunk(0, 4), 1), 2, done=full)


def test_a_given_executor_is_used_and_left_open():
    with ThreadPoolExecutor(2, thread_name_prefix="mine") as executor:
        execution = Execution(executor=executor)
        with open_workers(execution, "processes") as workers:
            task = lambda _: threading.current_thread().name.split("_")[0]  # noqa: E731
            names = {outcome.value for outcome in run_chunks(task, CHUNKS, execution, workers)}
        assert names == {"mine"}
        assert executor.submit(int, "3").result() == 3


class Dying(Executor):
    """Breaks at given submissions, as a pool whose worker was killed."""

    def __init__(self, deaths: set[int]) -> None:
        self.deaths, self.count, self.broken = deaths, 0, False

    def submit(self, task, *arguments):
        if self.broken:
            raise BrokenProcessPool("broken")
        self.count += 1
        future: Future = Future()
        if self.count in self.deaths:
            self.broken = True
            future.set_exception(BrokenProcessPool("killed"))
        else:
            future.set_result(task(*arguments))
        return future


class Mending(executors.Workers):
    """Takes the next executor when one broke."""

    def __init__(self, *pools: Executor) -> None:
        super().__init__(pools[0], 2)
        self.pools = list(pools[1:])

    def restart(self) -> bool:
        if not self.pools:
            return False
        self.executor = self.pools.pop(0)
        return True


@pytest.mark.parametrize("deaths", [{1}, {3}, {4}, {5}])
def test_dead_workers_are_replaced(deaths):
    seen: list[int] = []
    workers = Mending(Dying(deaths), Dying({2}), Dying(set()))
    chunks = list(cut(Chunk(0, 12), 1))
    found = run_chunks(lambda c: c.first, chunks, Execution(), workers, lambda o: seen.append(o.value))
    assert [outcome.value for outcome in found] == list(range(12))
    assert sorted(seen) == list(range(12))


def test_workers_that_keep_dying_are_told():
    with pytest.raises(ExecutionError, match=r"workers died 3 times near item 100 \(\w+\); is there enough memory"):
        list(run_chunks(lambda c: c, CHUNKS[:4], Execution(), Mending(*(Dying({1}) for _ in range(9)))))
    with pytest.raises(ExecutionError, match="workers died 1 times"):  # a broken executor of the caller's
        list(run_chunks(lambda c: c, CHUNKS[:4], Execution(), executors.Workers(Dying({1}), 2)))
    assert issubclass(BrokenProcessPool, BrokenExecutor)


def test_a_worker_of_another_version_is_refused(monkeypatch):
    monkeypatch.setattr("nucore.run.provenance.sources_version", lambda: "0.0+other")
    traced = engine._Traced(uneven, False, Room(1))(CHUNKS[0])
    monkeypatch.undo()
    with ThreadPoolExecutor(1) as executor, pytest.raises(ExecutionError, match=r"a worker runs nuportal 0\.0\+other"):
        flight = engine._Flight(lambda _: traced, executors.Workers(executor, 1), Execution(), lambda _: None)
        flight.fill(iter(CHUNKS[:1]))
        flight.next()


@pytest.mark.parametrize(
    "choices", [{"workers": 0}, {"workers": -2}, {"chunk": 0}, {"scheduler": "tcp://x:1", "executor": Dying(set())}]
)
def test_what_is_no_execution_is_refused(choices):
    with pytest.raises(InputError):
        Execution(**choices)


def test_errors_of_executors_are_told_in_one_line():
    class KilledWorker(Exception):  # noqa: N818  # the name that Dask has
        pass

    class FutureCancelledError(Exception):
        pass

    here = Execution(scheduler="tcp://here:1")
    assert "every Dask worker" in str(executors.lost_worker(KilledWorker(), here))
    assert "tcp://here:1 dropped the work" in str(executors.lost_worker(FutureCancelledError(), here))
    assert executors.lost_worker(ValueError(), here) is None


def test_a_worker_that_lacks_a_package_is_told():
    class Elsewhere(Executor):
        def submit(self, function, /, *args, **kwargs):
            future: Future = Future()
            future.set_exception(ModuleNotFoundError("No module named 'collider'"))
            return future

    execution = Execution(executor=Elsewhere(), workers=1)
    with (
        open_workers(execution, "threads") as workers,
        pytest.raises(ExecutionError, match="No module named 'coll.*inst"),
    ):
        list(run_chunks(uneven, CHUNKS, execution, workers))


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

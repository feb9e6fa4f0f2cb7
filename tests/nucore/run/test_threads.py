"""Threads inside pieces of work: never more than the run has, and results in order."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from nucore.run.chunks import Chunk, cut
from nucore.run.engine import run_chunks
from nucore.run.executors import Execution, one_thread, open_workers
from nucore.run.threads import Room, StoppedError, local_map, preparing


def _names(_: Chunk) -> list[str]:
    def name(item: int) -> str:
        time.sleep(0.01 if item % 2 else 0.02)
        return threading.current_thread().name

    return local_map(name, range(8))


def _names_prepared(chunk: Chunk) -> list[str]:
    with preparing():
        return _names(chunk)


def _run(task, execution, local):
    chunks = list(cut(Chunk(0, 3), 1))
    with one_thread(execution) if local is None else open_workers(execution, local) as workers:
        return list(run_chunks(task, chunks, execution, workers))


def test_order_and_the_first_alone():
    done = []

    def square(x: int) -> int:
        assert x == 0 or 0 in done
        time.sleep(0.002 * (5 - x % 5))
        done.append(x)
        return x * x

    assert local_map(square, range(20)) == [x * x for x in range(20)]
    assert done[0] == 0
    assert local_map(square, [3]) == [9]


@pytest.mark.parametrize(("workers", "most"), [(1, 1), (3, 4)])  # the calling thread does the first item
def test_one_piece_after_the_other_has_all_threads(workers, most):
    for names in _run(_names, Execution(workers), None):
        assert len(set(names)) <= most
        assert (len(set(names)) > 1) == (workers > 1)


def test_workers_have_no_threads_of_their_own():
    for names in _run(_names, Execution(3), "threads"):
        assert len(set(names)) == 1
    with ThreadPoolExecutor(2) as given:
        for names in _run(_names, Execution(2, executor=given), "threads"):
            assert len(set(names)) == 1


def test_one_worker_prepares_with_all_threads():
    for names in _run(_names_prepared, Execution(3), "threads"):
        assert 1 < len(set(names)) <= 4
    with open_workers(Execution(3), "processes") as workers:
        assert (workers.count, workers.room) == (3, Room(1))


def test_threads_start_no_threads():
    def inner(_: int) -> int:
        return len(set(_names(Chunk(0, 1))))

    assert local_map(inner, range(4))[1:] == [1, 1, 1]


def test_threads_of_a_run_that_has_ended_stop():
    """The first item waits for the end of the run; none of the others is begun."""
    began, done = threading.Event(), []

    def task(_: Chunk) -> list[None]:
        def item(number: int) -> None:
            done.append(number)
            began.set()
            assert stop.wait(10.0)

        return local_map(item, range(50))

    with pytest.raises(KeyboardInterrupt), one_thread(Execution(2)) as workers:
        stop = workers.room.stop
        assert stop is not None
        future = workers.submit(partial(_entered, workers.room, task), Chunk(0, 1))
        assert began.wait(10.0)
        raise KeyboardInterrupt
    assert isinstance(future.exception(), StoppedError)
    assert done == [0]


def _entered(room, task, chunk):
    with room.entered():
        return task(chunk)

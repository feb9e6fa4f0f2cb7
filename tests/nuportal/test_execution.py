"""Chunks, order, bounds in flight, cancellation."""

from __future__ import annotations

import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nuportal.errors import InputError
from nuportal.execution import (
    CHUNKS_IN_FLIGHT_PER_WORKER,
    EventRange,
    check_workers,
    default_workers,
    event_chunks,
    map_chunks,
    reduce_chunks,
)
from nuportal.rng import BLOCK


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**40), st.integers(1, 10**6), st.integers(1, 10**5))
def test_chunks_hold_each_event_once_and_end_on_the_grid(first, n_events, chunk_events):
    chunks = list(event_chunks(first, n_events, chunk_events))
    assert chunks[0].first_event == first
    assert chunks[-1].stop == first + n_events
    assert all(a.stop == b.first_event for a, b in itertools.pairwise(chunks))
    assert all(chunk.stop % BLOCK == 0 for chunk in chunks[:-1])
    assert all(1 <= chunk.n_events < chunk_events + BLOCK for chunk in chunks)


@pytest.mark.parametrize(("first", "n", "chunk"), [(0, 0, 1), (0, -1, 1), (-1, 1, 1), (2**63, 1, 1), (0, 1, 0)])
def test_bad_range_is_refused(first, n, chunk):
    with pytest.raises(InputError):
        event_chunks(first, n, chunk)


def test_workers():
    assert check_workers(None) == default_workers() >= 1
    assert check_workers(3) == 3
    with pytest.raises(InputError, match="workers = 0"):
        check_workers(0)


def uneven(chunk: EventRange) -> tuple[int, int]:
    time.sleep(0.002 if (chunk.first_event // BLOCK) % 3 == 0 else 0.0)
    return (chunk.first_event, chunk.stop)


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_results_come_in_order(workers):
    finished: list[int] = []
    chunks = list(event_chunks(100, 20 * BLOCK, BLOCK))
    results = list(map_chunks(uneven, chunks, workers=workers, progress=finished.append))
    assert results == [(c.first_event, c.stop) for c in chunks]
    assert finished == [c.stop - 100 for c in chunks]


def test_merge_is_from_left_to_right():
    def join(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
        assert a[1] == b[0]
        return (a[0], b[1])

    assert reduce_chunks(uneven, event_chunks(5, 10 * BLOCK, BLOCK), join, workers=3) == (5, 5 + 10 * BLOCK)


def test_chunks_in_flight_are_bounded():
    taken = 0

    def source():
        nonlocal taken
        for chunk in event_chunks(0, 1000 * BLOCK, BLOCK):
            taken += 1
            yield chunk

    results = map_chunks(lambda chunk: chunk.first_event, source(), workers=2)
    for consumed in range(1, 6):
        next(results)
        assert taken <= CHUNKS_IN_FLIGHT_PER_WORKER * 2 + consumed
    results.close()
    assert taken < 12


def test_an_error_cancels_what_is_pending():
    calls: list[int] = []
    lock = threading.Lock()

    def fail(chunk: EventRange) -> int:
        with lock:
            calls.append(chunk.first_event)
        if chunk.first_event == 2 * BLOCK:
            raise RuntimeError("broken chunk")
        return 0

    with pytest.raises(RuntimeError, match="broken chunk"):
        list(map_chunks(fail, event_chunks(0, 1000 * BLOCK, BLOCK), workers=2))
    assert len(calls) <= 3 + CHUNKS_IN_FLIGHT_PER_WORKER * 2


def test_a_given_executor_is_used_and_left_open():
    with ThreadPoolExecutor(2, thread_name_prefix="mine") as executor:
        names = set(
            map_chunks(
                lambda _: threading.current_thread().name.split("_")[0],
                event_chunks(0, 4 * BLOCK, BLOCK),
                executor=executor,
            )
        )
        assert names == {"mine"}
        assert executor.submit(int, "3").result() == 3

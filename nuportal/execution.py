"""Chunks of events -> any executor -> results in order, with a bounded number in flight.

Event ranges are cut on multiples of `nuportal.rng.BLOCK`, so that a block of the kernels is never split between
two workers. Together with random numbers that depend on the event index alone this makes every result independent
of workers and chunk size. Kernels release the GIL, so threads are the default; a process pool or a cluster's
executor works as well, if the function can be pickled.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any, TypeVar

from nuportal.errors import InputError
from nuportal.rng import BLOCK

Result = TypeVar("Result")
Progress = Callable[[int], None]
"""Called in the caller's thread with the number of events finished so far, in event order."""

DEFAULT_CHUNK_EVENTS = 1024 * BLOCK
CHUNKS_IN_FLIGHT_PER_WORKER = 2


@dataclass(frozen=True)
class EventRange:
    """Consecutive events ``first_event ... first_event + n_events - 1``."""

    first_event: int
    n_events: int

    @property
    def stop(self) -> int:
        """Index after the last event."""
        return self.first_event + self.n_events


def default_workers() -> int:
    """Return the number of workers used when none is given: all cores."""
    return os.cpu_count() or 1


def check_workers(workers: int | None) -> int:
    """Return the number of workers, `default_workers` for None.

    Raises
    ------
    InputError
        Below 1.
    """
    if workers is None:
        return default_workers()
    if workers < 1:
        raise InputError(f"workers = {workers}: an integer >= 1 is needed")
    return workers


def event_chunks(first_event: int, n_events: int, chunk_events: int = DEFAULT_CHUNK_EVENTS) -> Iterator[EventRange]:
    """Cut a range of events on multiples of ``chunk_events``, itself rounded up to a multiple of `BLOCK`.

    Parameters
    ----------
    first_event : int
        Index of the first event, >= 0; it need not be a multiple of `BLOCK`.
    n_events : int
        Number of events, >= 1.
    chunk_events : int
        Largest number of events in a chunk, >= 1.

    Returns
    -------
    iterator of EventRange
        Adjacent ranges in order; together they hold each event once.

    Raises
    ------
    InputError
        For an empty or negative range.

    Examples
    --------
    >>> [(c.first_event, c.n_events) for c in event_chunks(1000, 3000, 2048)]
    [(1000, 1048), (2048, 1952)]
    """
    if n_events < 1:
        raise InputError(f"number of events = {n_events}: an integer >= 1 is needed")
    if first_event < 0 or first_event + n_events > 2**63 - BLOCK:
        raise InputError(f"first event = {first_event}: 0 <= first event, and the last below 2**63, is needed")
    if chunk_events < 1:
        raise InputError(f"events in a chunk = {chunk_events}: an integer >= 1 is needed")
    return _cut(first_event, first_event + n_events, -(-chunk_events // BLOCK) * BLOCK)


def _cut(start: int, stop: int, step: int) -> Iterator[EventRange]:
    while start < stop:
        end = min((start // step + 1) * step, stop)
        yield EventRange(start, end - start)
        start = end


def map_chunks(
    function: Callable[[EventRange], Result],
    chunks: Iterable[EventRange],
    *,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Iterator[Result]:
    """Apply a function to every chunk and yield the results in the order of the chunks.

    At most `CHUNKS_IN_FLIGHT_PER_WORKER` x workers chunks are submitted and not yet consumed, so memory does not
    grow with their number. On an exception, an interrupt or an early end of the iteration what is pending is
    cancelled.

    Parameters
    ----------
    function : callable
        Takes an `EventRange`.
    chunks : iterable of EventRange
        Read lazily.
    workers : int, optional
        Number of threads (all cores by default), or of chunks to keep busy in the given executor.
    executor : concurrent.futures.Executor, optional
        Used instead of own threads, and left open.
    progress : callable, optional
        Called with the number of events finished.

    Yields
    ------
    Result
    """
    n_workers = check_workers(workers)
    if executor is not None:
        yield from _submit_in_order(function, chunks, executor, n_workers, progress)
        return
    with ThreadPoolExecutor(n_workers, thread_name_prefix="events") as threads:
        yield from _submit_in_order(function, chunks, threads, n_workers, progress)


def _submit_in_order(
    function: Callable[[EventRange], Result],
    chunks: Iterable[EventRange],
    executor: Executor,
    workers: int,
    progress: Progress | None,
) -> Iterator[Result]:
    pending: deque[tuple[EventRange, Future[Result]]] = deque()
    source = iter(chunks)
    done = 0
    try:
        while True:
            while len(pending) < CHUNKS_IN_FLIGHT_PER_WORKER * workers:
                chunk = next(source, None)
                if chunk is None:
                    break
                pending.append((chunk, executor.submit(function, chunk)))
            if not pending:
                return
            chunk, future = pending.popleft()
            result = future.result()
            done += chunk.n_events
            if progress is not None:
                progress(done)
            yield result
    finally:
        for _, future in pending:
            future.cancel()


def reduce_chunks(
    function: Callable[[EventRange], Result],
    chunks: Iterable[EventRange],
    merge: Callable[[Result, Result], Result],
    *,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Result:
    """Apply a function to every chunk and merge the results from left to right, in the order of the chunks.

    The fixed order makes the merge reproducible, and exact if `merge` adds integers.

    Parameters
    ----------
    function, chunks, workers, executor, progress
        As in `map_chunks`; at least one chunk.
    merge : callable
        Joins the results of two adjacent ranges.

    Returns
    -------
    Result
    """
    return reduce(merge, map_chunks(function, chunks, workers=workers, executor=executor, progress=progress))


def is_compiled(kernel: Any) -> bool:
    """Say whether a numba kernel is compiled, in memory or on disk, so that its next call does not compile it.

    Parameters
    ----------
    kernel : numba dispatcher
        With ``cache=True``.
    """
    pattern = f"*.{kernel.py_func.__qualname__}-*.nbi"
    return bool(kernel.signatures) or any(Path(kernel.stats.cache_path).glob(pattern))

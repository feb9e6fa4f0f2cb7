"""Tasks over an executor: results in order, a bounded number in flight, dead workers replaced."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

from nucore.errors import ExecutionError, InputError
from nucore.run.chunks import Chunk
from nucore.run.executors import Execution, Workers, hold_blas_to_one_thread, lost_worker
from nucore.run.threads import Room

Result = TypeVar("Result")
Progress = Callable[[float], None]
"""Called in the caller's thread with the fraction done."""

CHUNKS_IN_FLIGHT_PER_WORKER = 2
_DEATHS_OF_A_CHUNK = 3


@dataclass(frozen=True)
class Outcome(Generic[Result]):
    """Result of a chunk, and where it was computed.

    Attributes
    ----------
    chunk : Chunk
    value : Result
    version : str
        Of this package, with the hash of its code and data.
    cpu : str
    """

    chunk: Chunk
    value: Result
    version: str
    cpu: str


@dataclass(frozen=True)
class _Traced(Generic[Result]):
    """A task that says where it ran; picklable if the task is."""

    task: Callable[[Chunk], Result]
    foreign: bool
    room: Room

    def __call__(self, chunk: Chunk) -> Outcome[Result]:
        from nucore.run.provenance import cpu_type, sources_version

        if self.foreign:
            hold_blas_to_one_thread()
        with self.room.entered():
            return Outcome(chunk, self.task(chunk), sources_version(), cpu_type())


def run_chunks(
    task: Callable[[Chunk], Result],
    chunks: Iterable[Chunk],
    execution: Execution,
    workers: Workers | None,
    done: Callable[[Outcome[Result]], None] | None = None,
) -> Generator[Outcome[Result]]:
    """Apply a task to every chunk and yield the outcomes in the order of the chunks.

    At most `CHUNKS_IN_FLIGHT_PER_WORKER` chunks a worker are submitted and not yet consumed, so memory does not grow
    with their number. On an exception, an interrupt or an early end of the iteration what is pending is cancelled.

    Parameters
    ----------
    task : callable
        Takes a `Chunk`; picklable unless the workers are threads.
    chunks : iterable of Chunk
        Read lazily.
    execution : Execution
    workers : Workers, optional
        From `open_workers`; None computes in this thread.
    done : callable, optional
        Called with each outcome as soon as it is there, in any order.

    Raises
    ------
    ExecutionError
        If workers keep dying, or the scheduler is gone.
    """
    room = Room(execution.local_workers) if workers is None else Room(workers.threads, shared=True)
    traced = _Traced(task, execution.remote, room)
    if workers is None:
        for chunk in chunks:
            outcome = traced(chunk)
            if done is not None:
                done(outcome)
            yield outcome
        return
    flight = _Flight(traced, workers, execution, done or (lambda _: None))
    source = iter(chunks)
    try:
        while True:
            flight.fill(source)
            if not flight.order:
                return
            yield flight.next()
    finally:
        flight.end()


class _Flight(Generic[Result]):
    """Chunks that are submitted and not yet consumed."""

    def __init__(
        self,
        task: _Traced[Result],
        workers: Workers,
        execution: Execution,
        done: Callable[[Outcome[Result]], None],
    ) -> None:
        self.task, self.workers, self.execution, self.done = task, workers, execution, done
        self.order: deque[Chunk] = deque()
        self.pending: dict[Future[Outcome[Result]], Chunk] = {}
        self.ready: dict[Chunk, Outcome[Result]] = {}
        self.deaths: Counter[Chunk] = Counter()

    def fill(self, source: Iterator[Chunk]) -> None:
        while len(self.order) < CHUNKS_IN_FLIGHT_PER_WORKER * self.workers.count:
            chunk = next(source, None)
            if chunk is None:
                return
            self.order.append(chunk)
            self._submit(chunk)

    def next(self) -> Outcome[Result]:
        while self.order[0] not in self.ready:
            wait(self.pending, return_when=FIRST_COMPLETED)
            self._collect()
        return self.ready.pop(self.order.popleft())

    def _submit(self, chunk: Chunk) -> None:
        try:
            self.pending[self.workers.executor.submit(self.task, chunk)] = chunk
        except BrokenExecutor as error:
            self._restart([chunk], error)

    def _collect(self) -> None:
        """Take what is finished; give to new workers what dead ones had."""
        lost: list[Chunk] = []
        broken: BaseException | None = None
        for future in [f for f in self.pending if f.done()]:
            chunk = self.pending.pop(future)
            try:
                outcome = future.result()
            except BrokenExecutor as error:
                lost.append(chunk)
                broken = error
            except BaseException as error:
                known = lost_worker(error, self.execution)
                if known is None:
                    raise
                raise known from None
            else:
                self._take(outcome)
        if broken is not None:
            self._restart(lost, broken)

    def _take(self, outcome: Outcome[Result]) -> None:
        from nucore.run.provenance import sources_version

        if outcome.version != sources_version():
            raise ExecutionError(f"a worker runs nuportal {outcome.version}, this is {sources_version()}: install one")
        self.done(outcome)
        self.ready[outcome.chunk] = outcome

    def _restart(self, lost: list[Chunk], error: BaseException) -> None:
        """Replace the workers, and submit again what was in flight."""
        lost = sorted({*lost, *self.pending.values()})
        self.pending.clear()
        self.deaths.update(lost)
        worst, deaths = max(self.deaths.items(), key=lambda item: item[1])
        if deaths >= _DEATHS_OF_A_CHUNK or not self.workers.restart():
            raise ExecutionError(
                f"workers died {deaths} times near item {worst.first} ({error}); is there enough memory?"
            ) from None
        for chunk in lost:
            self._submit(chunk)

    def end(self) -> None:
        """Cancel what has not begun; hand over what has finished, or finishes before the workers can be left."""
        running = [future for future in self.pending if not future.cancel()]
        finished, _ = wait(running, timeout=self.workers.patience_s)
        for future in finished:
            if not future.cancelled() and future.exception() is None:
                with suppress(OSError, InputError):  # a full disk is what may have ended the run
                    self.done(future.result())

"""Tasks over an executor: results in order, a bounded number in flight."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import TypeVar

from nucore import __version__
from nucore.errors import ExecutionError, InputError
from nucore.run.chunks import Chunk
from nucore.run.executors import Execution, Workers, hold_blas_to_one_thread
from nucore.run.provenance import sources_version
from nucore.run.threads import Room

Result = TypeVar("Result")
Progress = Callable[[float], None]
"""Called in the caller's thread with the fraction done."""

CHUNKS_IN_FLIGHT_PER_WORKER = 2
#: How long an interrupted run waits for pieces that are being computed, s.
_HURRY_S = 0.3
#: What Dask raises of itself, by name: it need not be installed.
_LOST_SCHEDULER = ("CancelledError", "FutureCancelledError", "FuturesCancelledError", "CommClosedError")


class DeadWorkersError(ExecutionError):
    """Processes of the executor were killed, and it takes no more work."""


def _call(task: Callable[[Chunk], Result], foreign: bool, room: Room, chunk: Chunk) -> tuple[str, Result]:
    """Version of this worker, and the result of a task."""
    if foreign:
        hold_blas_to_one_thread()
    with room.entered():
        return sources_version(), task(chunk)


def run_chunks(
    task: Callable[[Chunk], Result],
    chunks: Iterable[Chunk],
    execution: Execution,
    workers: Workers,
    done: Callable[[Chunk, Result], None] = lambda *_: None,
) -> Generator[Result]:
    """Apply a task to every chunk and yield the results in the order of the chunks.

    At most `CHUNKS_IN_FLIGHT_PER_WORKER` chunks a worker are submitted and not yet consumed, so memory does not grow
    with their number. On an exception, an interrupt or an early end of the iteration what is pending is cancelled.

    Parameters
    ----------
    task : callable
        Takes a `Chunk`; picklable unless the workers are threads.
    chunks : iterable of Chunk
        Read lazily.
    execution : Execution
    workers : Workers
        From `open_workers`.
    done : callable (chunk, result), optional
        Called with each result as soon as it is there, in any order.

    Raises
    ------
    ExecutionError
        If workers die or are of another version, or the scheduler is gone.
    """
    call = partial(_call, task, execution.remote, workers.room)
    source, most = iter(chunks), CHUNKS_IN_FLIGHT_PER_WORKER * workers.count
    flight: dict[Future[tuple[str, Result]], Chunk] = {}  # submitted and not yet consumed, in order
    waiting: set[Future[tuple[str, Result]]] = set()  # those that `done` has not got
    try:
        while True:
            for chunk in islice(source, most - len(flight)):
                future = workers.submit(call, chunk)
                flight[future] = chunk
                waiting.add(future)
            if not flight:
                return
            first = next(iter(flight))
            while first in waiting:
                for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                    version, result = future.result()
                    if version != sources_version():
                        raise ExecutionError(f"a worker runs nuportal {version}, this is {sources_version()}")
                    waiting.remove(future)
                    done(flight[future], result)
            del flight[first]
            yield first.result()[1]
    except BaseException as error:
        hurry = isinstance(error, KeyboardInterrupt | GeneratorExit)
        if not (hurry and workers.processes):  # which end at once, and Python before 3.12 cannot end cancelled work
            waiting = {future for future in waiting if not future.cancel()}
        for future in wait(waiting, timeout=min(workers.patience_s, _HURRY_S) if hurry else workers.patience_s).done:
            if future.exception() is None:
                with suppress(OSError, InputError):  # a full disk may be what ended the run
                    done(flight[future], future.result()[1])
        raise _explained(error, execution) from None


def _explained(error: BaseException, execution: Execution) -> BaseException:
    """Error to tell of one that is the executor's own; any other stays as it is."""
    kind = type(error).__name__
    if isinstance(error, BrokenExecutor) or kind == "KilledWorker":
        return DeadWorkersError(f"worker processes died ({error}): not enough memory?")
    if execution.remote and isinstance(error, ModuleNotFoundError):
        return ExecutionError(f"a worker lacks a package ({error}): install nuportal {__version__} there")
    if kind in _LOST_SCHEDULER:
        return ExecutionError(f"the scheduler {execution.scheduler or 'of the executor'} dropped the work, or is gone")
    return error

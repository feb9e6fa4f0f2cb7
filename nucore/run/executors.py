"""Workers of a run: threads or processes of this machine, a Dask cluster, or an executor of the caller's."""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, Literal, TypeVar

from nucore.errors import InputError
from nucore.run.interrupts import ending
from nucore.run.threads import Room

Result = TypeVar("Result")
Local = Literal["threads", "processes"]

#: Most items in a piece: an interrupted run waits for those that are being computed.
MAX_CHUNK = 10**9
_ADDRESS = re.compile(r"tcp://(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):(\d{1,5})")
#: How long a run that fails waits for its own threads and processes, s.
_PATIENCE_S = 60.0


@dataclass(frozen=True)
class Execution:
    """How a long run is carried out; no result depends on it.

    Attributes
    ----------
    workers : int, optional
        Local threads or processes, all cores by default; with `scheduler` or `executor` the number of pieces to keep
        busy.
    scheduler : str, optional
        Address of a running Dask scheduler, ``tcp://HOST:PORT``.
    executor : concurrent.futures.Executor, optional
        Used instead of own workers, and left open: of Parsl, mpi4py.futures, dask-jobqueue ... All it is given can be
        pickled.
    chunk : int, optional
        Items (events, toys, masses, points) in a piece.
    resume : bool
        Use the finished pieces of an earlier, interrupted run of the same request.
    work_folder : Path, optional
        Folder of the pieces; by default ``.nuportal-work`` beside the output, or the user's cache.
    max_memory : int, optional
        Bytes that the process may use; by default what the machine has available.

    Examples
    --------
    >>> import nuportal
    >>> nuportal.scan({"m4": "1:10:3"}, execution=nuportal.Execution(workers=1)).n_points
    3
    """

    workers: int | None = None
    scheduler: str | None = None
    executor: Executor | None = None
    chunk: int | None = None
    resume: bool = False
    work_folder: Path | None = None
    max_memory: int | None = None

    def __post_init__(self) -> None:
        if self.workers is not None and self.workers < 1:
            raise InputError(f"number of workers must be at least 1, got {self.workers}")
        if self.chunk is not None and not 1 <= self.chunk <= MAX_CHUNK:
            raise InputError(f"items per chunk must be between 1 and {MAX_CHUNK}, got {self.chunk}")
        if self.scheduler is not None:
            match = _ADDRESS.fullmatch(self.scheduler)
            if match is None or not 1 <= int(match[1]) <= 65535:
                raise InputError(f"invalid scheduler {self.scheduler!r}: expected tcp://HOST:PORT")
            if self.executor is not None:
                raise InputError("scheduler and executor exclude each other")

    @property
    def remote(self) -> bool:
        """Whether the work goes to processes that are not ours."""
        return self.scheduler is not None or self.executor is not None

    @property
    def local_workers(self) -> int:
        """Number of own threads or processes."""
        return self.workers or os.cpu_count() or 1


_ONE_THREAD = Room(1)


@dataclass(frozen=True)
class Workers:
    """An open executor.

    Attributes
    ----------
    executor : Executor
    count : int
        Pieces it can work on at once.
    room : Room
        Threads of one of its processes.
    patience_s : float
        How long a run that fails waits for the pieces that are being computed, s.
    processes : bool
        Whether it begins processes of this machine.
    """

    executor: Executor
    count: int
    room: Room = _ONE_THREAD
    patience_s: float = 0.0
    processes: bool = False

    def submit(self, task: Callable[..., Result], *arguments: Any) -> Future[Result]:
        """Submit a task; a process that this begins gets no interrupt, which is for its parent alone."""
        if not self.processes:
            return self.executor.submit(task, *arguments)
        before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        try:
            return self.executor.submit(task, *arguments)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def open_workers(execution: Execution, local: Local) -> Iterator[Workers]:
    """Open the executor of a run.

    Parameters
    ----------
    execution : Execution
    local : "threads" or "processes"
        What to use on this machine: threads for work that releases the GIL.

    Raises
    ------
    InputError
        If no Dask scheduler answers, or Dask is not installed.
    """
    count = execution.local_workers
    if execution.executor is not None:
        yield Workers(execution.executor, count)
        return
    if execution.scheduler is not None:
        from nucore.run.dask_cluster import connected

        with connected(execution.scheduler) as (executor, cores):
            yield Workers(executor, execution.workers or cores)
        return
    if local == "threads":
        with _threads(count, Room(count, shared=True)) as workers:
            yield workers
        return
    spawn = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(count, mp_context=spawn, initializer=_begin_process)
    try:
        yield Workers(pool, count, patience_s=_PATIENCE_S, processes=True)
    except (GeneratorExit, KeyboardInterrupt):
        for process in list((pool._processes or {}).values()):  # `kill_workers` comes with Python 3.14
            process.kill()
        pool.shutdown(wait=True)
        raise
    except BaseException:
        pool.shutdown(wait=True, cancel_futures=True)
        raise
    pool.shutdown(wait=True)


def one_thread(execution: Execution) -> AbstractContextManager[Workers]:
    """Open a thread for one piece after the other, with all threads of a run: this one can answer an interrupt."""
    return _threads(1, Room(execution.local_workers))


@contextmanager
def _threads(count: int, room: Room) -> Iterator[Workers]:
    pool, stop = ThreadPoolExecutor(count, thread_name_prefix="nuportal"), threading.Event()
    try:
        yield Workers(pool, count, replace(room, stop=stop), _PATIENCE_S)
    except BaseException:
        stop.set()
        raise
    finally:
        pool.shutdown(wait=not ending(), cancel_futures=True)


def _begin_process() -> None:
    """Let the parent alone react to an interrupt, end when it has ended, and compute as it does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    hold_blas_to_one_thread()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


@contextmanager
def single_threaded_blas() -> Iterator[None]:
    """Hold the linear algebra libraries to one thread: their sums depend on the number of threads."""
    with _thread_pools().limit(limits=1, user_api="blas"):
        yield


@lru_cache(maxsize=1)
def hold_blas_to_one_thread() -> None:
    """Do so for good, in a worker process."""
    _thread_pools().limit(limits=1, user_api="blas")


@lru_cache(maxsize=1)
def _thread_pools() -> Any:
    import scipy.linalg  # noqa: F401  # loads the libraries that are to be held
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()

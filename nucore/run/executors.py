"""Workers of a run: threads or processes of this machine, a Dask cluster, or an executor of the caller's."""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, Literal

from nucore.errors import InputError

Local = Literal["threads", "processes"]

#: Most items in a piece: an interrupted run waits for those that are being computed.
MAX_CHUNK = 10**9
_ADDRESS = re.compile(r"tcp://(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):(\d{1,5})")
#: How long an interrupted run waits for its own threads and processes, s.
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


@dataclass(frozen=True)
class Workers:
    """An open executor.

    Attributes
    ----------
    executor : Executor
    count : int
        Pieces it can work on at once.
    threads : int
        Of one of its processes, shared by the pieces there.
    patience_s : float
        How long an interrupted run waits for the pieces that are being computed, s.
    """

    executor: Executor
    count: int
    threads: int = 1
    patience_s: float = 0.0


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
        pool: Executor = ThreadPoolExecutor(count, thread_name_prefix="nuportal")
    else:
        spawn = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(count, mp_context=spawn, initializer=_begin_process)
    try:
        yield Workers(pool, count, count if local == "threads" else 1, _PATIENCE_S)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


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

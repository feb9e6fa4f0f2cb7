"""Where chunks of work are computed: local threads or processes, a Dask cluster, or any executor that is given."""

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

from nucore import __version__
from nucore.errors import ExecutionError, InputError

Local = Literal["threads", "processes"]

#: Most items in a piece of work: an interrupted run waits for those that are being computed.
MAX_CHUNK = 10**9
_ADDRESS = re.compile(r"tcp://(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):(\d{1,5})")


@dataclass(frozen=True)
class Execution:
    """How a long run is carried out; no result depends on it.

    Attributes
    ----------
    workers : int, optional
        Local threads or processes, all cores by default; with `scheduler` or `executor` the number of chunks to keep
        busy.
    scheduler : str, optional
        Address of a running Dask scheduler, ``tcp://HOST:PORT``.
    executor : concurrent.futures.Executor, optional
        Used instead of own workers, and left open: of Parsl, mpi4py.futures, dask-jobqueue ... What it is given can be
        pickled.
    chunk : int, optional
        Items (events, toys, masses, points) in one piece of work.
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
            raise InputError(f"workers = {self.workers}: an integer >= 1 is needed")
        if self.chunk is not None and not 1 <= self.chunk <= MAX_CHUNK:
            raise InputError(f"items in a chunk = {self.chunk}: an integer from 1 to {MAX_CHUNK} is needed")
        if self.scheduler is not None and not _is_address(self.scheduler):
            raise InputError(f"scheduler {self.scheduler!r} is not allowed: tcp://HOST:PORT is")
        if self.scheduler is not None and self.executor is not None:
            raise InputError("scheduler and executor exclude each other")

    @property
    def remote(self) -> bool:
        """Whether the work goes to processes that are not ours."""
        return self.scheduler is not None or self.executor is not None

    @property
    def local_workers(self) -> int:
        """Number of own threads or processes."""
        return self.workers or os.cpu_count() or 1


def _is_address(text: str) -> bool:
    match = _ADDRESS.fullmatch(text)
    return match is not None and 1 <= int(match[1]) <= 65535


class Workers:
    """An open executor.

    Attributes
    ----------
    executor : Executor
    count : int
        Chunks it can work on at once.
    threads : int
        Of one of its processes, which the chunks there share.
    patience_s : float
        How long an interrupted run waits for the chunks that are being computed, s.
    """

    threads = 1
    patience_s = 0.0

    def __init__(self, executor: Executor, count: int) -> None:
        self.executor, self.count = executor, count

    def restart(self) -> bool:
        """Replace an executor that broke; False if that is not ours to do."""
        return False

    def close(self, cancel: bool) -> None:
        """Release what was opened."""


class _Threads(Workers):
    patience_s = 60.0

    def __init__(self, count: int) -> None:
        super().__init__(ThreadPoolExecutor(count, thread_name_prefix="nuportal"), count)
        self.threads = count

    def close(self, cancel: bool) -> None:
        self.executor.shutdown(wait=True, cancel_futures=cancel)


class _Processes(Workers):
    patience_s = 60.0

    def __init__(self, count: int) -> None:
        super().__init__(self._pool(count), count)

    @staticmethod
    def _pool(count: int) -> Executor:
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(count, mp_context=context, initializer=_begin_process)

    def restart(self) -> bool:
        self.close(cancel=True)
        self.executor = self._pool(self.count)
        return True

    def close(self, cancel: bool) -> None:
        self.executor.shutdown(wait=True, cancel_futures=cancel)


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
    workers: Workers
    if execution.executor is not None:
        workers = Workers(execution.executor, execution.local_workers)
    elif execution.scheduler is not None:
        from nucore.run.dask_workers import DaskWorkers

        workers = DaskWorkers(execution.scheduler, execution.workers)
    else:
        workers = (_Threads if local == "threads" else _Processes)(execution.local_workers)
    cancel = True
    try:
        yield workers
        cancel = False
    finally:
        workers.close(cancel)


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


def lost_worker(error: BaseException, execution: Execution) -> ExecutionError | None:
    """Return what to tell of an error that is the executor's own, None for any other."""
    kind = type(error).__name__
    if execution.remote and isinstance(error, ModuleNotFoundError):
        return ExecutionError(f"a worker lacks what this machine has ({error}): install nuportal {__version__} there")
    if kind == "KilledWorker":
        return ExecutionError("a piece of work ended every Dask worker it was given to (memory?)")
    if kind in ("CancelledError", "FutureCancelledError", "CommClosedError", "FuturesCancelledError"):
        return ExecutionError(f"the scheduler {execution.scheduler or 'of the executor'} dropped the work, or is gone")
    return None

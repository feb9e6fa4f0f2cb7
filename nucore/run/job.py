"""A long run: what is computed for each item, and what is made of it."""

from __future__ import annotations

import hashlib
import json
import shutil
import warnings
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from nucore.errors import InputError, ResumeWarning
from nucore.io.atomic import clear_abandoned
from nucore.io.folders import cache_folder
from nucore.run.chunks import Chunk, cut
from nucore.run.engine import CHUNKS_IN_FLIGHT_PER_WORKER, Outcome, Progress, run_chunks
from nucore.run.executors import Execution, Local, Workers, open_workers, single_threaded_blas
from nucore.run.memory import available_memory, show_memory, used_memory
from nucore.run.provenance import current_run, sources_version
from nucore.run.store import WORK_FOLDER, PieceStore

Result = TypeVar("Result", covariant=True)

#: Chunks that each worker should get, so that all end together.
_CHUNKS_PER_WORKER = 8
#: Of the memory that is left, for pieces in flight; the rest is for what allocators hold and writers load.
_SHARE_OF_ROOM = 0.6


@dataclass(frozen=True)
class Job(Generic[Result]):
    """A run over numbered items whose results depend on the number of the item alone.

    Attributes
    ----------
    task : callable (Chunk) -> tree
        Module-level or a partial of one, so that it can be pickled. What it returns `codec.pack` can keep; the pieces
        of adjacent chunks say together what the piece of both says.
    items : Chunk
        All items, possibly none.
    finish : callable (iterator of trees) -> Result
        Takes the pieces in order, once; tuples have become lists in those from disk.
    unit : str
        What the items are: ``events``, ``toys``, ``masses``, ``points``.
    chunk, least_chunk : int
        Most and fewest items in a piece.
    grain : int
        Chunks are multiples of it.
    local : "threads" or "processes"
        On this machine; threads for work that releases the GIL.
    serial_below : int
        Fewer items than this are done in this thread, unless a cluster is asked for.
    bytes_per_item, kept_bytes_per_item : float
        Memory of a piece in flight, and of what `finish` keeps of it.
    least_disk_bytes_per_item : float
        Of the output, at the least.
    variant : str
        What the pieces hold, where that depends on `out`.
    out : Path, optional
        Where the result goes.
    execution : Execution
    progress : callable, optional
        Called with the fraction done.
    request : dict, optional
        What was asked for, see `nuportal.api.requests`; without it nothing is kept on disk.
    """

    task: Callable[[Chunk], Any]
    items: Chunk
    finish: Callable[[Iterator[Any]], Result]
    unit: str
    chunk: int
    least_chunk: int = 1
    grain: int = 1
    local: Local = "processes"
    serial_below: int = 0
    bytes_per_item: float = 0.0
    kept_bytes_per_item: float = 0.0
    least_disk_bytes_per_item: float = 0.0
    variant: str = ""
    out: Path | None = None
    execution: Execution = field(default_factory=Execution)
    progress: Progress | None = None
    request: dict[str, Any] | None = None

    @property
    def key(self) -> str:
        """Hash of request, code and data: runs with the same one have the same pieces.

        The order within a request counts: that of the axes of a scan says which point has which number.
        """
        text = json.dumps([self.request, self.variant, sources_version()])
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def complete(job: Job[Result]) -> Result:
    """Carry out a job.

    Finished pieces are kept until the result is there; an exception leaves them, and `Execution.resume` uses them.

    Raises
    ------
    InputError
        If it does not fit into memory, or the same run is going on in another process.
    ExecutionError
        If workers keep dying, or the scheduler is gone.
    """
    if job.out is not None and job.execution.resume:
        clear_abandoned(job.out)
    with single_threaded_blas(), piece_store(job, job.out) as store:
        with closing(outcomes(job, job.items, store)) as found:
            result = job.finish(outcome.value for outcome in found)
        if store is not None:
            store.remove()
    return result


def outcomes(job: Job[Any], span: Chunk, store: PieceStore | None) -> Generator[Outcome[Any]]:
    """Yield the pieces of a range of a job in order, from the store or computed and put there."""
    execution = job.execution
    check_size(job, span.n)
    stored = store.chunks() if store is not None and execution.resume else []
    inline = not execution.remote and (
        span.n < job.serial_below or span.n <= min(execution.chunk or job.chunk, job.least_chunk)
    )
    with nullcontext() if inline else open_workers(execution, job.local) as workers:
        step = chunk_items(job, span.n, 1 if workers is None else workers.count)
        plan = Plan(span, step, job.grain, stored)
        if store is not None and (stored or span.n > step):
            store.hold(needed=bool(stored))
            if store.held and not execution.resume and store.chunks():
                warnings.warn(
                    ResumeWarning(f"pieces of an interrupted run are in {store.folder}; --resume would use them"),
                    stacklevel=2,
                )
        yield from _follow(job, plan, workers, store)


def _follow(job: Job[Any], plan: Plan, workers: Workers | None, store: PieceStore | None) -> Iterator[Outcome[Any]]:
    keep = store.add if store is not None and store.held else None
    missing = (chunk for chunk, there in plan.steps() if not there)
    run = current_run()
    done = 0
    with closing(run_chunks(job.task, missing, job.execution, workers, keep)) as computed:
        for chunk, there in plan.steps():
            if not there or store is None:
                outcome = next(computed)
            else:
                outcome = store.read(chunk) or next(run_chunks(job.task, [chunk], Execution(), None, keep))
            run.cpus.add(outcome.cpu)
            done += chunk.n
            if job.progress is not None:
                job.progress(done / plan.span.n)
            yield outcome


@dataclass(frozen=True)
class Plan:
    """Chunks of a range in order, some of them there already.

    Attributes
    ----------
    span : Chunk
    step, grain : int
        Of the chunks that are not there.
    stored : list of Chunk
        Sorted; those that overlap one before are left out.
    """

    span: Chunk
    step: int
    grain: int
    stored: list[Chunk]

    def steps(self) -> Iterator[tuple[Chunk, bool]]:
        """Yield every chunk, and whether it is there."""
        at = self.span.first
        for chunk in self.stored:
            if at <= chunk.first and chunk.stop <= self.span.stop:
                yield from self._gap(at, chunk.first)
                yield chunk, True
                at = chunk.stop
        yield from self._gap(at, self.span.stop)

    def _gap(self, first: int, stop: int) -> Iterator[tuple[Chunk, bool]]:
        return ((chunk, False) for chunk in cut(Chunk(first, stop - first), self.step, self.grain))


def chunk_items(job: Job[Any], n_items: int, n_workers: int) -> int:
    """Items in a chunk: enough chunks to keep all workers busy to the end, within what memory allows."""
    chosen = job.execution.chunk
    if chosen is None:
        even = -(-n_items // (_CHUNKS_PER_WORKER * n_workers))
        chosen = max(job.least_chunk, min(job.chunk, even))
    room = _room(job)
    if room is not None and job.bytes_per_item > 0.0:
        fitting = int(_SHARE_OF_ROOM * room / (job.bytes_per_item * (CHUNKS_IN_FLIGHT_PER_WORKER * n_workers + 1)))
        chosen = min(chosen, max(fitting // job.grain * job.grain, job.grain))
    return chosen


def check_size(job: Job[Any], n_items: int) -> None:
    """Refuse so many items of a job before anything is allocated for it, or written.

    Raises
    ------
    InputError
        If what stays in memory, one smallest chunk for each worker, or the output is more than there is room for.
    """
    disk = n_items * job.least_disk_bytes_per_item
    if disk > 0.0 and job.out is not None and job.out.absolute().parent.is_dir():
        free = shutil.disk_usage(job.out.absolute().parent).free
        if disk > free:
            raise InputError(
                f"{n_items} {job.unit} need {show_memory(disk)} or more on disk, {show_memory(free)} are free there"
            )
    room = _room(job)
    if room is None:
        return
    least = job.grain * job.bytes_per_item * CHUNKS_IN_FLIGHT_PER_WORKER
    need = least + n_items * job.kept_bytes_per_item
    if need > room:
        limit = job.execution.max_memory
        allowed = "is available" if limit is None else f"is left of --max-memory {show_memory(limit)}"
        raise InputError(
            f"{n_items} {job.unit} need {show_memory(need)} of memory, {show_memory(max(room, 0))} {allowed}"
        )


def _room(job: Job[Any]) -> float | None:
    """Bytes that the job may take beyond what the process has."""
    limit = job.execution.max_memory
    return available_memory() if limit is None else float(limit - used_memory())


def piece_store(job: Job[Any], out: Path | None, part: str = "") -> PieceStore | nullcontext[None]:
    """Store of the pieces of a job, or of a part of it; nothing where the job has no request.

    Parameters
    ----------
    job : Job
    out : Path, optional
        Output that the folder lies beside; without one it lies in the user's cache.
    part : str
        Added to the name of the folder.
    """
    if job.request is None:
        return nullcontext()
    root = job.execution.work_folder
    if root is None:
        root = cache_folder() / "work" if out is None else out.absolute().parent / WORK_FOLDER
    about = {"request": job.request, "version": sources_version(), "items": job.items.n, "unit": job.unit}
    return PieceStore(root / f"{job.request['function']}-{job.key}{part}", job.key, about)

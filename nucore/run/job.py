"""A long run: what is computed for each item, and what is made of it."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from itertools import tee
from pathlib import Path
from typing import Any, Generic, TypeVar

from nucore.caches import CACHE_VARIABLE, chosen_cache, why_unusable
from nucore.errors import InputError
from nucore.io.atomic import clear_abandoned
from nucore.run.chunks import Chunk, cut
from nucore.run.engine import CHUNKS_IN_FLIGHT_PER_WORKER, DeadWorkersError, Progress, run_chunks
from nucore.run.executors import Execution, Local, one_thread, open_workers, single_threaded_blas
from nucore.run.memory import available_memory, show_memory, used_memory
from nucore.run.piece_folder import WORK_FOLDER, PieceFolder
from nucore.run.pieces import Piece, pack, unpack
from nucore.run.provenance import current_run, sources_version
from nucore.run.stages import stage

Result = TypeVar("Result", covariant=True)

#: Pieces that each worker should get, so that all end together.
_PIECES_PER_WORKER = 8
#: How often the workers may die without a piece in between.
_DEATHS = 3
#: Of the memory that is left, for pieces in flight; the rest is for what allocators hold and writers load.
_SHARE_OF_ROOM = 0.6


@dataclass(frozen=True)
class Job(Generic[Result]):
    """A run over numbered items whose results depend on the number of the item alone.

    Attributes
    ----------
    task : callable (Chunk) -> tree
        Module-level or a partial of one, so that it can be pickled. It returns what `nucore.run.pieces.pack` can keep;
        the pieces of adjacent chunks say together what the piece of both says.
    items : Chunk
        All items, possibly none.
    finish : callable (iterator of trees) -> Result
        Takes the pieces in order, once; tuples have become lists.
    unit : str
        What the items are: ``events``, ``toys``, ``masses``, ``points``.
    chunk, least_chunk : int
        Most and fewest items in a piece.
    grain : int
        Pieces are multiples of it.
    local : "threads" or "processes"
        On this machine; threads for work that releases the GIL.
    serial_below : int
        Fewer items than this are done one piece after the other, unless a cluster is asked for.
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


def _packed(task: Callable[[Chunk], Any], key: str, chunk: Chunk) -> bytes:
    """Bytes of a piece."""
    return pack(task(chunk), chunk, key)


def complete(job: Job[Result]) -> Result:
    """Carry out a job.

    Finished pieces are kept until the result is there; an exception leaves them on disk, and `Execution.resume` uses
    them.

    Raises
    ------
    InputError
        If it does not fit into memory or onto the disk, or the same run is going on in another process.
    ExecutionError
        If workers keep dying, or the scheduler is gone.
    """
    if job.out is not None and job.execution.resume:
        clear_abandoned(job.out)
    with (
        single_threaded_blas(),
        piece_folder(job, job.out) as folder,
        closing(compute_pieces(job, job.items, folder)) as found,
    ):
        return job.finish(piece.value for piece in found)


def piece_folder(job: Job[Any], out: Path | None, part: str = "") -> PieceFolder:
    """Folder of the pieces of a job, or of a part of it, beside its output or in the user's cache.

    Raises
    ------
    InputError
        If the cache that the user names cannot be written.
    """
    root, chosen = job.execution.work_folder, chosen_cache()
    if root is None and out is not None:
        root = out.absolute().parent / WORK_FOLDER
    elif root is None and chosen is not None and job.request is not None:
        reason = why_unusable(chosen)
        if reason is not None:
            raise InputError(f"folder {chosen} that {CACHE_VARIABLE} names cannot be written: {reason}")
    name = job.unit if job.request is None else job.request["function"]
    return PieceFolder(root, f"{name}-{job.key}{part}", job.key)


def compute_pieces(job: Job[Any], span: Chunk, folder: PieceFolder) -> Generator[Piece]:
    """Yield the pieces of a range of a job in order: read from the folder, or computed and put there.

    A run whose processes died is an interrupted one, that goes on by itself with new processes.
    """
    execution, run = job.execution, current_run()
    inline = not execution.remote and (
        span.n < job.serial_below or span.n <= min(execution.chunk or job.chunk, job.least_chunk)
    )
    stored = folder.chunks() if job.request is not None and execution.resume else []
    at, deaths = span.first, 0
    with _told(job, span) as advance:
        while True:
            try:
                with closing(_rest(job, Chunk(at, span.stop - at), folder, stored, inline)) as found:
                    for piece in found:
                        run.cpus.add(piece.cpu)
                        at, deaths = piece.chunk.stop, 0
                        advance(piece.chunk.n)
                        yield piece
                return
            except DeadWorkersError:
                deaths += 1
                if execution.remote or deaths == _DEATHS:
                    raise
                stored = folder.chunks() if folder.keeps else []


@contextmanager
def _told(job: Job[Any], span: Chunk) -> Iterator[Callable[[int], None]]:
    """Give what counts finished items: for the progress of a job, or as a stage of whatever needs the job."""
    progress, done = job.progress, 0

    def count(items: int) -> None:
        nonlocal done
        done += items
        if progress is not None:
            progress(done / span.n)

    with nullcontext(count) if progress is not None else stage(job.unit, span.n) as advance:
        yield advance


def _rest(job: Job[Any], span: Chunk, folder: PieceFolder, stored: list[Chunk], inline: bool) -> Generator[Piece]:
    """Yield the pieces that are left, with the workers of one attempt."""
    execution = job.execution
    with one_thread(execution) if inline else open_workers(execution, job.local) as workers:
        step = piece_items(job, span.n, workers.count)
        if job.request is not None and (stored or span.n > step):
            folder.begin(at_once=execution.resume or execution.work_folder is not None)
        steps, others = tee(plan(span, step, job.grain, stored))
        missing = (chunk for chunk, there in others if not there)
        with closing(
            run_chunks(partial(_packed, job.task, job.key), missing, execution, workers, folder.add)
        ) as computed:
            for chunk, there in steps:
                if there:
                    yield folder.read(chunk)
                else:
                    yield unpack(next(computed), chunk, job.key, f"{job.unit} {chunk.first} to {chunk.stop - 1}")


def plan(span: Chunk, step: int, grain: int, stored: list[Chunk]) -> Iterator[tuple[Chunk, bool]]:
    """Yield the chunks of a range in order, and whether each is one of those stored.

    Of the stored ones, which are sorted, those that overlap one before, or the end, are left out; the others are cut.
    """
    at = span.first
    for chunk in (*stored, Chunk(span.stop, 0)):
        if at <= chunk.first and chunk.stop <= span.stop:
            yield from ((gap, False) for gap in cut(Chunk(at, chunk.first - at), step, grain))
            if chunk.n:
                yield chunk, True
            at = chunk.stop


def piece_items(job: Job[Any], n_items: int, n_workers: int) -> int:
    """Items in a piece: enough pieces to keep all workers busy to the end, within what memory allows.

    Raises
    ------
    InputError
        If what stays in memory and the smallest pieces, or the output, are more than there is room for.
    """
    disk = n_items * job.least_disk_bytes_per_item
    if disk > 0.0 and job.out is not None and job.out.absolute().parent.is_dir():
        free = shutil.disk_usage(job.out.absolute().parent).free
        if disk > free:
            raise InputError(
                f"{n_items} {job.unit} need at least {show_memory(disk)} on disk, {show_memory(free)} are free"
            )
    limit = job.execution.max_memory
    room = available_memory() if limit is None else limit - used_memory()
    chosen = job.execution.chunk
    if chosen is None:
        even = -(-n_items // (_PIECES_PER_WORKER * n_workers))
        chosen = max(job.least_chunk, min(job.chunk, even))
    if room is None:
        return chosen
    need = job.grain * job.bytes_per_item * CHUNKS_IN_FLIGHT_PER_WORKER + n_items * job.kept_bytes_per_item
    if need > room:
        allowed = "is available" if limit is None else f"is left of --max-memory {show_memory(limit)}"
        raise InputError(
            f"{n_items} {job.unit} need {show_memory(need)} of memory, {show_memory(max(room, 0))} {allowed}"
        )
    if job.bytes_per_item > 0.0:
        fitting = int(_SHARE_OF_ROOM * room / (job.bytes_per_item * (CHUNKS_IN_FLIGHT_PER_WORKER * n_workers + 1)))
        chosen = min(chosen, max(fitting // job.grain * job.grain, job.grain))
    return chosen

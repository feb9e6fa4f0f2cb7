"""Parts of a job in files of their own, for batch systems, and their merging."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nucore.errors import InputError
from nucore.io.atomic import atomic_path, clear_abandoned
from nucore.run.chunks import Chunk, Shard
from nucore.run.executors import single_threaded_blas
from nucore.run.job import Job, outcomes, piece_store
from nucore.run.provenance import current_run, provenance, sources_version
from nucore.run.store import chunk_of, decode, encode, piece_name

SCHEMA = "nuportal/shard/1"
_HEADER = "shard.json"
_MAX_HEADER_BYTES = 5_000_000
_MAX_PIECES = 1_000_000


@dataclass(frozen=True)
class ShardResult:
    """A shard that was written.

    Attributes
    ----------
    shard : Shard
    unit : str
    span : Chunk
        Its items.
    n_items : int
        Of the whole job.
    outputs : tuple of str
    """

    shard: Shard
    unit: str
    span: Chunk
    n_items: int
    outputs: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Fields as plain Python types."""
        return {
            "shard": str(self.shard),
            "unit": self.unit,
            "first": self.span.first,
            "n": self.span.n,
            "n_total": self.n_items,
            "outputs": list(self.outputs),
        }


def write_shard(job: Job[Any], shard: Shard, out: str | Path) -> ShardResult:
    """Carry out a part of a job, and write its pieces to a file: whole or not at all.

    Parameters
    ----------
    job : Job
        With a request.
    shard : Shard
    out : str or Path

    Raises
    ------
    InputError, ExecutionError
        As `nucore.run.job.complete`.
    """
    span = shard.of(job.items, job.grain)
    if job.execution.resume:
        clear_abandoned(out)
    with (
        single_threaded_blas(),
        piece_store(job, Path(out), f"-{shard.number}-of-{shard.count}") as store,
        atomic_path(out) as temporary,
    ):
        with zipfile.ZipFile(temporary, "w") as archive, closing(outcomes(job, span, store)) as found:
            cpus = set()
            for outcome in found:
                archive.writestr(piece_name(outcome.chunk), encode(outcome, job.key))
                cpus.add(outcome.cpu)
            archive.writestr(_HEADER, json.dumps({**_header(job, shard, span), "cpus": sorted(cpus)}))
        if store is not None:
            store.remove()
    return ShardResult(shard, job.unit, span, job.items.n, (str(out),))


def _header(job: Job[Any], shard: Shard, span: Chunk) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "shard": str(shard),
        "request": job.request,
        "variant": job.variant,
        "key": job.key,
        "version": sources_version(),
        "unit": job.unit,
        "n_items": job.items.n,
        "first": span.first,
        "n": span.n,
        "provenance": provenance(),
    }


@dataclass(frozen=True)
class ShardFile:
    """A shard as its file says.

    Attributes
    ----------
    path : Path
    shard, variant, key, version : str
    request : dict
    n_items : int
    span : Chunk
    cpus : tuple of str
    """

    path: Path
    shard: str
    variant: str
    key: str
    version: str
    request: dict[str, Any]
    n_items: int
    span: Chunk
    cpus: tuple[str, ...]

    def pieces(self) -> Iterator[Any]:
        """Yield the pieces in order.

        Raises
        ------
        InputError
            If the file is damaged.
        """
        with _open(self.path) as archive:
            members = {chunk: info for info in archive.infolist() if (chunk := chunk_of(info.filename)) is not None}
            for chunk in sorted(members):
                where = f"{self.path}:{piece_name(chunk)}"
                outcome = decode(_read(archive, members[chunk], self.path), chunk, self.key, where)
                if outcome.version != self.version or outcome.cpu not in self.cpus:
                    raise InputError(f"{where} is of another version or processor than its shard says")
                yield outcome.value


def _open(path: Path) -> zipfile.ZipFile:
    if not path.is_file():
        raise InputError(f"shard {path} does not exist or is not a file")
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise InputError(f"{path} is not a shard of nuportal, or is damaged") from None
    infos = archive.infolist()
    if len(infos) > _MAX_PIECES or any(i.compress_type != zipfile.ZIP_STORED for i in infos):
        archive.close()
        raise InputError(f"{path} is not a shard of nuportal: it is compressed, or has too many parts")
    return archive


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path) -> bytes:
    if info.file_size > path.stat().st_size:
        raise InputError(f"shard {path} is damaged: a part is larger than the file")
    try:
        return archive.read(info)
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, EOFError):
        raise InputError(f"shard {path} is damaged") from None


def read_shard(path: str | Path) -> ShardFile:
    """Read what a shard says of itself.

    Raises
    ------
    InputError
        If it is no shard, or damaged.
    """
    file = Path(path)
    with _open(file) as archive:
        try:
            info = archive.getinfo(_HEADER)
            if info.file_size > _MAX_HEADER_BYTES:
                raise InputError(f"{path} is not a shard of nuportal: its header is too long")
            header = json.loads(_read(archive, info, file))
            if header["schema"] != SCHEMA:
                raise InputError(f"{path} is a shard of another format: {header['schema']}; this reads {SCHEMA}")
            span = Chunk(int(header["first"]), int(header["n"]))
            number, variant, key, version = (str(header[name]) for name in ("shard", "variant", "key", "version"))
            cpus = tuple(str(cpu) for cpu in header["cpus"])
            shard = ShardFile(
                file, number, variant, key, version, dict(header["request"]), int(header["n_items"]), span, cpus
            )
        except InputError:
            raise
        except (KeyError, TypeError, ValueError, OverflowError, RecursionError):
            raise InputError(f"{path} is not a shard of nuportal, or is damaged") from None
        names = sorted(chunk for i in archive.infolist() if (chunk := chunk_of(i.filename)) is not None)
    at = span.first
    for chunk in names:
        if chunk.first != at:
            break
        at = chunk.stop
    if at != span.stop or min(span.first, span.n) < 0:
        raise InputError(f"shard {path} is damaged: its parts do not hold its {header['unit']}")
    return shard


def join_shards(paths: Sequence[str | Path], allow_mixed: bool = False) -> list[ShardFile]:
    """Check that shards are the parts of one job, each once, and sort them.

    Parameters
    ----------
    paths : sequence of str or Path
    allow_mixed : bool
        Accept shards from processors of several types, which may differ in the last bits.

    Raises
    ------
    InputError
        For missing, duplicated or damaged shards, or shards of several versions, requests or types of processor.
    """
    shards = sorted((read_shard(path) for path in paths), key=lambda s: (s.span, str(s.path)))
    if not shards:
        raise InputError("no shard is given")
    first = shards[0]
    at = 0
    for k, shard in enumerate(shards):
        _same_run(first, shard)
        if shard.span.n == 0:
            continue
        if shard.span.first < at:
            raise InputError(f"shard {shard.shard} is given twice, or overlaps: {shards[k - 1].path}, {shard.path}")
        if shard.span.first > at:
            raise InputError(f"a shard is missing: nothing holds items {at} to {shard.span.first - 1}")
        at = shard.span.stop
    if at != first.n_items:
        raise InputError(f"a shard is missing: nothing holds items {at} to {first.n_items - 1}")
    cpus = sorted({cpu for shard in shards for cpu in shard.cpus})
    if len(cpus) > 1 and not allow_mixed:
        raise InputError(f"shards come from several types of processor ({'; '.join(cpus)}); --allow-mixed accepts that")
    return shards


def _same_run(first: ShardFile, shard: ShardFile) -> None:
    if shard.version != first.version:
        raise InputError(
            f"shards of several versions: {first.path} has {first.version}, {shard.path} has {shard.version}"
        )
    mine, other = (json.dumps([s.request, s.variant, s.n_items]) for s in (first, shard))  # whose order counts
    if mine != other:
        where = next((k for k, (a, b) in enumerate(zip(mine, other, strict=False)) if a != b), 0)
        low = max(where - 30, 0)
        raise InputError(
            f"shards of several runs: {first.path} has ...{mine[low : where + 20]}..., "
            f"{shard.path} has ...{other[low : where + 20]}..."
        )


def merge_shards(job: Job[Any], shards: Sequence[ShardFile]) -> Any:
    """Finish a job with the pieces of its shards.

    Parameters
    ----------
    job : Job
        Made from the request of the shards.
    shards : sequence of ShardFile
        From `join_shards`.

    Raises
    ------
    InputError
        If the shards are of another version than this, or damaged.
    """
    if shards[0].version != sources_version():
        raise InputError(
            f"shards are of nuportal {shards[0].version}, this is {sources_version()}: merge with that one"
        )
    if job.items.n != shards[0].n_items:
        raise InputError(f"shards hold {shards[0].n_items} {job.unit}, the run they name has {job.items.n}")
    if job.variant == shards[0].variant and any(shard.key != job.key for shard in shards):
        raise InputError(f"shard {shards[0].path}: its record is not that of its pieces")
    if job.variant != shards[0].variant:
        raise InputError(f"shards hold {shards[0].variant}, output {job.out} is for {job.variant}; give another name")
    current_run().cpus.update(cpu for shard in shards for cpu in shard.cpus)
    return job.finish(piece for shard in shards for piece in shard.pieces())

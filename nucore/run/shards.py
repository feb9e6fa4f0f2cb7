"""Parts of a job in files of their own, for batch systems, and their merging.

A shard is an uncompressed zip archive of pieces, and of a header that says which run they are of.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from nucore.errors import InputError
from nucore.io.atomic import atomic_path, clear_abandoned
from nucore.results import Result
from nucore.run.chunks import Chunk, Shard
from nucore.run.job import Job, compute_pieces, piece_folder
from nucore.run.pieces import chunk_of, piece_name, unpack
from nucore.run.provenance import CPU_SEPARATOR, current_run, provenance, sources_version
from nucore.summaries import Table

SCHEMA = "nuportal/shard/2"
_HEADER = "shard.json"
_MAX_HEADER_BYTES = 5_000_000
_MAX_PIECES = 1_000_000


@dataclass(frozen=True)
class ShardFile(Result):
    """A shard, as its header says.

    Attributes
    ----------
    path : Path
    shard, unit, variant, version : str
    cpu : str
        Processors that computed it, joined with ``+``.
    request : dict
    first, n, n_total : int
        Items of the shard, and of the whole run.
    """

    path: Path
    shard: str
    unit: str
    variant: str
    version: str
    cpu: str
    request: dict[str, Any]
    first: int
    n: int
    n_total: int

    def headline(self) -> str:
        """Say which part it is."""
        return f"shard {self.shard}: {self.n} of {self.n_total} {self.unit}"

    def tables(self) -> tuple[Table, ...]:
        """Which part of the run it is, and how the parts are joined."""
        rows = {"shard": self.shard, self.unit: f"{self.n} of {self.n_total}, from number {self.first}"}
        return (Table.of(rows, notes=["join all parts with: nuportal merge SHARDS --out FILE"]),)

    def to_dict(self) -> dict[str, Any]:
        """What was written, as plain Python types.

        Keys
        ----
        shard : str
            Which one, ``I/N``.
        unit : str
            What the items of the run are: events, toys, masses or points.
        first, n, n_total : int
            First item of the shard, their number, and that of the whole run.
        outputs : list of str
            The file of the shard.
        """
        told = {name: getattr(self, name) for name in ("shard", "unit", "first", "n", "n_total")}
        return {**told, "outputs": [str(self.path)]}


def write_shard(job: Job[Any], shard: Shard, out: str | Path) -> ShardFile:
    """Carry out a part of a job that has a request, and write its pieces to a file: whole or not at all."""
    span = shard.of(job.items, job.grain)
    if job.execution.resume:
        clear_abandoned(out)
    with (
        piece_folder(job, Path(out), f"-{shard.number}-of-{shard.count}") as folder,
        atomic_path(out) as temporary,
        zipfile.ZipFile(temporary, "w") as archive,
        closing(compute_pieces(job, span, folder)) as found,
    ):
        for piece in found:
            archive.writestr(piece_name(piece.chunk), piece.content)
        origin = provenance()
        written = ShardFile(
            Path(out), str(shard), job.unit, job.variant, sources_version(), origin["cpu"], job.request or {},
            span.first, span.n, job.items.n,
        )  # fmt: skip
        archive.writestr(_HEADER, json.dumps({"schema": SCHEMA, **asdict(written), "path": None, "provenance": origin}))
    return written


def read_shard(path: str | Path) -> ShardFile:
    """Read the header of a shard; `InputError` if it is none, damaged or of another version."""
    with _open(Path(path)) as archive:
        text = _read(archive, _HEADER, Path(path))
    try:
        header = json.loads(text) if len(text) <= _MAX_HEADER_BYTES else {}
        shard = TypeAdapter(ShardFile).validate_json(json.dumps({**header, "path": str(path)}), strict=True)
    except (TypeError, ValueError, RecursionError):  # ValidationError is a ValueError
        raise InputError(f"{path} is not a shard of nuportal {sources_version()}, or is damaged") from None
    if header.get("schema") != SCHEMA or shard.version != sources_version():
        raise InputError(f"shard {path} is of nuportal {shard.version}, this is {sources_version()}: merge there")
    return shard


def merge_shards(job: Job[Any], shards: Sequence[ShardFile], allow_mixed: bool = False) -> Any:
    """Finish a job, made from the request of a shard, with the pieces of all.

    Raises
    ------
    InputError
        For missing, duplicated or damaged shards, and for shards of several requests, or types of processor unless
        `allow_mixed`.
    """
    for shard in shards:
        _check_same_run(shards[0], shard)
    if job.variant != shards[0].variant:
        raise InputError(f"shards hold {shards[0].variant}, output {job.out} is for {job.variant}; give another name")
    cpus = {cpu for shard in shards if shard.n for cpu in shard.cpu.split(CPU_SEPARATOR)}
    if len(cpus) > 1 and not allow_mixed:
        told = "; ".join(sorted(cpus))
        raise InputError(f"shards are of several types of processor ({told}); --allow-mixed accepts them")
    parts = sorted((chunk, shard.path) for shard in shards for chunk in _chunks(shard.path))
    at, before = job.items.first, None
    for chunk, path in (*parts, (Chunk(job.items.stop, 0), None)):
        if chunk.first < at:
            raise InputError(f"a shard is given twice, or overlaps another: {before}, {path}")
        if chunk.first > at:
            raise InputError(f"a shard is missing or damaged: nothing holds {job.unit} {at} to {chunk.first - 1}")
        at, before = chunk.stop, path
    current_run().cpus.update(cpus)
    return job.finish(_values(job, parts))


def _check_same_run(first: ShardFile, shard: ShardFile) -> None:
    mine, other = (json.dumps([s.request, s.variant]) for s in (first, shard))  # whose order counts
    if mine != other:
        low = max(next((k for k, (a, b) in enumerate(zip(mine, other, strict=False)) if a != b), 0) - 30, 0)
        shown = (f"{s.path} has ...{text[low : low + 50]}..." for s, text in ((first, mine), (shard, other)))
        raise InputError(f"shards of several runs: {', '.join(shown)}")


def _values(job: Job[Any], parts: list[tuple[Chunk, Path]]) -> Iterator[Any]:
    for path, group in groupby(parts, key=lambda part: part[1]):
        with _open(path) as archive:
            for chunk, _ in group:
                name = piece_name(chunk)
                yield unpack(_read(archive, name, path), chunk, job.key, f"{path}:{name}").value


def _chunks(path: Path) -> list[Chunk]:
    with _open(path) as archive:
        return [chunk for name in archive.namelist() if (chunk := chunk_of(name)) is not None]


def _open(path: Path) -> zipfile.ZipFile:
    if not path.is_file():
        raise InputError(f"shard {path} does not exist or is not a file")
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise InputError(f"{path} is not a shard of nuportal, or is damaged") from None
    infos = archive.infolist()
    if len(infos) > _MAX_PIECES or any(info.compress_type != zipfile.ZIP_STORED for info in infos):
        archive.close()
        raise InputError(f"{path} is not a shard of nuportal: it is compressed, or has too many parts")
    return archive


def _read(archive: zipfile.ZipFile, name: str, path: Path) -> bytes:
    try:
        if archive.getinfo(name).file_size > path.stat().st_size:
            raise ValueError("a part is larger than the file")
        return archive.read(name)
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, EOFError, KeyError):
        raise InputError(f"{path} is not a shard of nuportal, or is damaged: cannot read {name}") from None

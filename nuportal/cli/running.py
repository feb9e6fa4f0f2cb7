"""Long runs of the command line: whole, or the part that ``--shard`` names."""

from __future__ import annotations

import itertools
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from nucore.errors import InputError
from nucore.run.provenance import current_run, provenance
from nuportal.cli.options import answer, progress_bar, show

if TYPE_CHECKING:
    from nucore.run.executors import Execution
    from nuportal.api.requests import Runnable

R = TypeVar("R")


def execution_of(
    workers: int | None, scheduler: str | None, chunk: int | None, resume: bool, max_memory: str | None
) -> Execution:
    """Read how a long run is carried out."""
    from nucore.run.executors import Execution
    from nucore.run.memory import parse_memory

    memory = None if max_memory is None else parse_memory(max_memory)
    return Execution(workers=workers, scheduler=scheduler, chunk=chunk, resume=resume, max_memory=memory)


def carry_out(
    function: Runnable[..., R], *points: Any, title: str, shard: str | None, as_json: bool, out: Path | None,
    **arguments: Any,
) -> R | None:  # fmt: skip
    """Carry out a run and return its result; with ``--shard`` carry out the part, print what was written, return None.

    The file of a part may be named as the output with ``.shard`` after it.
    """
    from nucore.run.chunks import Shard

    if shard is None:
        with progress_bar(title) as progress:
            return function(*points, out=out, progress=progress, **arguments)
    if out is None:
        raise InputError(f"--shard {shard} needs --out, the file of the shard")
    whole = out.with_suffix("") if out.suffix == ".shard" else out
    with progress_bar(title) as progress:
        written = function.shard(Shard.parse(shard), out, *points, out=whole, progress=progress, **arguments)
    if as_json:
        answer(function.__name__, written.to_dict(), provenance())
    else:
        show({**written.to_dict(), "outputs": str(out)})
    return None


def tell_how_to_resume(arguments: list[str]) -> None:
    """Say on stderr where an interrupted run left its pieces, and how to go on."""
    kept = current_run().kept
    if kept is None:
        return
    name, *rest = arguments
    options = itertools.takewhile(lambda word: word != "--", rest)
    command = shlex.join(["nuportal", name, *(() if "--resume" in options else ("--resume",)), *rest])
    typer.echo(f"nuportal: finished pieces are kept in {kept}; to go on: {command}", err=True)

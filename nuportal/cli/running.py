"""Long runs of the command line: whole, or the part that ``--shard`` names."""

from __future__ import annotations

import itertools
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import typer

from nucore.errors import InputError
from nucore.run.provenance import current_run
from nuportal.cli.answer import Answer
from nuportal.cli.options import SchedulerOption, WorkersOption, optional
from nuportal.cli.progress import progress_bar

if TYPE_CHECKING:
    from nucore.run.executors import Execution
    from nuportal.api.requests import Runnable


@dataclass(frozen=True)
class RunGroup:
    """How a long run is carried out; no result depends on it."""

    heading: ClassVar[str] = "Run"

    workers: WorkersOption = None
    scheduler: SchedulerOption = None
    chunk: Annotated[int | None, optional(min=1, metavar="N", help="Events, toys, masses or points in a chunk.")] = None
    resume: Annotated[bool, typer.Option("--resume", help="Resume an interrupted run.")] = False
    max_memory: Annotated[
        str | None, optional(metavar="SIZE", help="Memory limit, e.g. 2G (default: free memory).")
    ] = None
    shard: Annotated[
        str | None, optional(metavar="I/N", help="Compute part I of N; `nuportal merge` joins the parts.")
    ] = None

    def execution(self) -> Execution:
        """Return the options as the Python functions take them."""
        from nucore.run.executors import Execution
        from nucore.run.memory import parse_memory

        memory = None if self.max_memory is None else parse_memory(self.max_memory)
        return Execution(self.workers, self.scheduler, chunk=self.chunk, resume=self.resume, max_memory=memory)


def carry_out(
    function: Runnable[..., Any], *points: Any, title: str, run: RunGroup, out: Path | None, **arguments: Any,
) -> Answer:  # fmt: skip
    """Carry out a run, or with ``--shard`` the part, and tell its result, or what was written.

    The file of a part may be named as the output with ``.shard`` after it.
    """
    from nucore.run.chunks import Shard

    arguments["execution"] = run.execution()
    with progress_bar(title) as progress:
        if run.shard is None:
            return Answer(function(*points, out=out, progress=progress, **arguments))
        if out is None:
            raise InputError(f"--shard {run.shard} needs --out, the file of the shard")
        whole = out.with_suffix("") if out.suffix == ".shard" else out
        written = function.shard(Shard.parse(run.shard), out, *points, out=whole, progress=progress, **arguments)
    return Answer(written)


def tell_how_to_resume(arguments: list[str]) -> None:
    """Say on stderr where an interrupted run left its pieces, and how to go on."""
    kept = current_run().kept
    if kept is None:
        return
    name, *rest = arguments
    options = itertools.takewhile(lambda word: word != "--", rest)
    command = shlex.join(["nuportal", name, *(() if "--resume" in options else ("--resume",)), *rest])
    typer.echo(f"nuportal: finished pieces are kept in {kept}; to go on: {command}", err=True)

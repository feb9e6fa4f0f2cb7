"""``nuportal merge``: join the shards of a run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from nuportal.cli import generate, project, scan, toys
from nuportal.cli.options import JsonOption, answer

#: What each command prints of its result.
_SHOWN: dict[str, Callable[[Any], None]] = {
    "generate": generate.show_result,
    "project": project.show_result,
    "scan": scan.show_result,
    "toys": toys.show_result,
}


def command(
    shards: Annotated[list[Path], typer.Argument(metavar="SHARDS...", help="All shards of a run, in any order.")],
    out: Annotated[Path, typer.Option(help="Output file; the suffix sets the format.")],
    allow_mixed: Annotated[
        bool, typer.Option("--allow-mixed", help="Accept shards from several types of processor.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Join the shards of a `generate`, `toys`, `project` or `scan` run to the output of the whole run."""
    from nucore.run.provenance import current_run
    from nuportal import merge

    result = merge(shards, out, allow_mixed=allow_mixed)
    request = current_run().request or {}
    if as_json:
        answer("merge", {**result.to_dict(), "outputs": [str(out)]}, seed=request["arguments"].get("seed"))
    else:
        _SHOWN[request["function"]](result)

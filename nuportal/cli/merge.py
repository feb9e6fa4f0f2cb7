"""``nuportal merge``: join the shards of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nuportal.cli.answer import Answer, grouped

EXAMPLES: tuple[str, ...] = (
    "nuportal project atlas-2011 --grid 10,30 --shard 1/2 --out reach-1.json.shard",
    "nuportal project atlas-2011 --grid 10,30 --shard 2/2 --out reach-2.json.shard",
    "nuportal merge reach-1.json.shard reach-2.json.shard --out reach.json",
)


@grouped
def command(
    shards: Annotated[list[Path], typer.Argument(metavar="SHARDS...", help="All shards of a run, in any order.")],
    out: Annotated[Path, typer.Option(help="Output file; the suffix sets the format.")],
    allow_mixed: Annotated[
        bool, typer.Option("--allow-mixed", help="Accept shards from several types of processor.")
    ] = False,
) -> Answer:
    """Join the shards of a `generate`, `toys`, `project` or `scan` run to the output of the whole run."""
    from nuportal import merge

    return Answer(merge(shards, out, allow_mixed=allow_mixed), {"outputs": [str(out)]})

"""Shards of a run joined to its result."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nucore.run.shards import join_shards
from nuportal.api.requests import recorded_run


def merge(paths: Sequence[str | Path], out: str | Path, *, allow_mixed: bool = False) -> Any:
    """Join the shards of a run, made with ``--shard I/N`` or `Runnable.shard`, to what the whole run gives.

    Parameters
    ----------
    paths : sequence of str or Path
        All shards, in any order.
    out : str or Path
        Where the result goes: replaced whole, at the end. Its format is one that the shards have been made for.
    allow_mixed : bool
        Accept shards from processors of several types, whose numbers may differ in the last bits.

    Returns
    -------
    The result of the function: `GenerateResult`, `ToyReport`, ...

    Raises
    ------
    InputError
        For shards that are missing, given twice, damaged, of several runs, versions or types of processor, or not of
        this version.
    """
    shards = join_shards(paths, allow_mixed)
    return recorded_run(shards[0].request).merged(shards, Path(out))

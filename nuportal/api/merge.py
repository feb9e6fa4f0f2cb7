"""Shards of a run joined to its result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from nucore.errors import InputError
from nucore.run.provenance import recording
from nucore.run.shards import merge_shards, read_shard
from nuportal.api.requests import arguments_of, recorded_function, request_of


def merge(shards: Sequence[str | Path], out: str | Path, *, allow_mixed: bool = False) -> Any:
    """Join the shards of a run, made with ``--shard I/N`` or ``generate.shard(...)``, to what the whole run gives.

    Parameters
    ----------
    shards : sequence of str or Path
        All of them, in any order.
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

    Examples
    --------
    >>> import nuportal
    >>> for k in (1, 2):
    ...     _ = nuportal.scan.shard(nuportal.Shard(k, 2), f"{k}.shard", {"m4": "1:10:4"}, out="scan.csv")
    >>> nuportal.merge(["1.shard", "2.shard"], "scan.csv").n_points
    4
    """
    parts = [read_shard(path) for path in shards]
    if not parts:
        raise InputError("no shard is given")
    request = parts[0].request
    function = recorded_function(request)
    kwargs = arguments_of(function, request, {"out": Path(out)}, read_files=True)
    if not hasattr(function, "job"):
        raise InputError(f"shard {parts[0].path}: {function.__name__} has no shards")
    with recording(request_of(function, (), kwargs)):
        job = function.job(**kwargs)
        return merge_shards(replace(job, request=request), parts, allow_mixed)

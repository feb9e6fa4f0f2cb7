"""Scans of the parameter space: every quantity of `model` and the verdict of every limit at many points."""

from __future__ import annotations

import itertools
import json
import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from nuportal.api.verdicts import VerdictOptions, verdicts
from nuportal.errors import InputError
from nuportal.io.tables import check_table, write_table
from nuportal.parameters import PARAMETER_NAMES, PortalParameters
from nuportal.provenance import provenance
from nuportal.quantities import model

Progress = Callable[[float], None]
Row = dict[str, Any]

#: Points in a piece of work; a scan below this many runs in this process.
CHUNK_POINTS = 2000
MAX_POINTS = 10_000_000


@dataclass(frozen=True)
class ScanResult:
    """A table of points.

    Attributes
    ----------
    columns : dict
        Values by name: parameters, quantities of `model`, ``allowed``, ``excluded_by`` (the strongest limit),
        ``margin`` (its limit over the prediction) and ``margin:ID`` of every limit; None where there is no value, with
        the reason in ``reason`` where a point is no parameter point at all.
    n_points : int
    points_per_second : float
    outputs : tuple of str
    """

    columns: dict[str, list[Any]]
    n_points: int
    points_per_second: float
    outputs: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Fields as plain Python types."""
        return {
            "n_points": self.n_points,
            "points_per_second": self.points_per_second,
            "columns": list(self.columns),
            "table": self.columns,
            "outputs": list(self.outputs),
        }

    def to_json(self) -> str:
        """One JSON object."""
        return json.dumps(self.to_dict())


def scan(
    axes: Mapping[str, Sequence[float]],
    parameters: PortalParameters | None = None,
    *,
    listed: bool = False,
    options: VerdictOptions | None = None,
    out: str | Path | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> ScanResult:
    """Evaluate a grid, or a list, of parameter points.

    Parameters
    ----------
    axes : mapping
        Values by name of a parameter of `PortalParameters`.
    parameters : PortalParameters, optional
        All others; the default point if left out.
    listed : bool
        The values of all axes belong together, point by point, in place of a grid.
    options : VerdictOptions, optional
    out : str or Path, optional
        ``.csv`` or ``.parquet``.
    workers : int, optional
        Processes; all cores by default. The result does not depend on it.
    progress : callable, optional
        Called with the fraction done.

    Raises
    ------
    InputError
        For unknown parameters, too many points, or lists of different lengths.
    """
    changes = _changes(axes, listed)
    if out is not None:
        check_table(out)
    start = time.perf_counter()
    rows: list[Row] = []
    work = partial(_rows, PortalParameters() if parameters is None else parameters, options or VerdictOptions())
    pieces = [changes[i : i + CHUNK_POINTS] for i in range(0, len(changes), CHUNK_POINTS)]
    for piece in _map(work, pieces, workers):
        rows += piece
        if progress is not None:
            progress(len(rows) / len(changes))
    columns = _columns(rows)
    seconds = time.perf_counter() - start
    outputs: tuple[str, ...] = ()
    if out is not None:
        write_table(out, columns, provenance())
        outputs = (str(out),)
    return ScanResult(columns, len(rows), len(rows) / seconds, outputs)


def _changes(axes: Mapping[str, Sequence[float]], listed: bool) -> list[dict[str, float]]:
    if not axes:
        raise InputError("a scan needs at least one parameter to vary")
    for name, values in axes.items():
        if name not in PARAMETER_NAMES:
            raise InputError(f"parameter {name!r} is not known; allowed: {', '.join(PARAMETER_NAMES)}")
        if len(values) == 0:
            raise InputError(f"parameter {name} has no values to scan")
    lengths = {len(values) for values in axes.values()}
    if listed and len(lengths) > 1:
        raise InputError(f"listed values have different lengths: {', '.join(map(str, sorted(lengths)))}")
    n = lengths.pop() if listed else math.prod(len(values) for values in axes.values())
    if n > MAX_POINTS:
        raise InputError(f"a scan of {n} points is not allowed: at most {MAX_POINTS}")
    combined = zip(*axes.values(), strict=True) if listed else itertools.product(*axes.values())
    return [dict(zip(axes, map(float, values), strict=True)) for values in combined]


def _map(
    work: Callable[[list[dict[str, float]]], list[Row]], pieces: list[list[dict[str, float]]], workers: int | None
) -> Any:
    n = min(len(pieces), workers or os.cpu_count() or 1)
    if n == 1:
        yield from map(work, pieces)
        return
    with ProcessPoolExecutor(n, mp_context=get_context("spawn")) as pool:
        yield from pool.map(work, pieces)


def _rows(base: PortalParameters, options: VerdictOptions, changes: list[dict[str, float]]) -> list[Row]:
    """Evaluate a piece of a scan."""
    rows: list[Row] = []
    points: list[PortalParameters] = []
    for change in changes:
        try:
            points.append(base.replace(**change))
        except InputError as error:
            rows.append({**base.to_dict(), **change, "reason": str(error)})
        else:
            rows.append({})
    found = iter(zip(points, verdicts(points, options), strict=True))
    for row in rows:
        if row:
            continue
        point, verdict = next(found)
        quantities = model(point).to_dict()
        row.update(quantities.pop("parameters"))
        row.update(quantities)
        first = next(iter(verdict.excluded_by), None)
        row["allowed"] = verdict.allowed
        row["excluded_by"] = first
        row["margin"] = min(verdict.margins.values(), default=None)
        row.update({f"margin:{name}": margin for name, margin in verdict.margins.items()})
    return rows


def _columns(rows: list[Row]) -> dict[str, list[Any]]:
    """Columns of all rows, in the order of their first appearance; margins last, by name."""
    names = dict.fromkeys(itertools.chain.from_iterable(rows))
    margins = sorted(name for name in names if name.startswith("margin:"))
    plain = [name for name in names if not name.startswith("margin:") and name != "reason"]
    return {name: [row.get(name) for row in rows] for name in (*plain, *margins, "reason")}

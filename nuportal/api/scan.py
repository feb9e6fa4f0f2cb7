"""Scans of the parameter space: every quantity of `model` and the verdict of every limit at many points."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from nucore.errors import InputError
from nucore.grids import GridValues
from nucore.io.tables import Kind, check_table, open_table
from nucore.model.parameters import PARAMETER_NAMES, PortalParameters
from nucore.results import Result
from nucore.run.chunks import Chunk
from nucore.run.executors import Execution
from nucore.run.job import Job
from nucore.run.provenance import provenance
from nucore.summaries import Table, number
from nuportal.api.model import quantities
from nuportal.api.parameter_point import Point, point_of
from nuportal.api.requests import runnable
from nuportal.notebook_progress import Progress, callback
from nuportal.reports.results import with_report
from nuportal.verdicts.judgement import Convention, VerdictOptions, judge
from nuportal.verdicts.points import ScanPoints

#: Points in a piece of work, most and fewest; starting processes takes as long as `_SERIAL_BELOW` points.
CHUNK_POINTS, _LEAST_CHUNK, _SERIAL_BELOW = 2000, 200, 2000
#: Memory of a cell of the table while its point is evaluated, and in `ScanResult.columns` with its JSON text.
_BYTES_PER_CELL, _KEPT_BYTES_PER_CELL = 200.0, 64.0

#: Points that are shown as text, and columns in which an empty cell is left empty.
_SHOWN_POINTS = 20
_TEXT = ("excluded_by", "reason")


@dataclass(frozen=True)
class ScanResult(Result):
    """A table of points.

    Attributes
    ----------
    names : tuple of str
        Of the columns: parameters, quantities of `model`, ``allowed``, ``excluded_by`` (the strongest limit),
        ``margin`` (its limit over the prediction), ``margin:ID`` of every limit that counts, and ``reason``.
    columns : dict
        Values by name, None where there is none, with the reason in ``reason`` where a point is undecided or no
        parameter point at all; empty where the table was written to a file.
    n_points, n_allowed, n_undecided, n_invalid : int
        All points, those that no limit excludes, those that none does but that lie where the limits do not reach
        (``allowed`` is None), and those that are no parameter points.
    points_per_second : float
        Points over wall-clock seconds.
    outputs : tuple of str
        Files.
    """

    picture: ClassVar[str] = "nucore.plot.scan:scan_figure"

    names: tuple[str, ...]
    columns: dict[str, list[Any]]
    n_points: int
    n_allowed: int
    n_undecided: int
    n_invalid: int
    points_per_second: float
    outputs: tuple[str, ...] = ()

    def headline(self) -> str:
        """Say how many points are allowed."""
        return f"{self.n_allowed} of {self.n_points} points allowed, {self.n_undecided} undecided"

    def tables(self) -> tuple[Table, ...]:
        """How many points there are, and the first of them with their verdicts, unless they are in a file."""
        excluded = self.n_points - self.n_allowed - self.n_undecided - self.n_invalid
        counts = {
            "points": self.n_points,
            "allowed": self.n_allowed,
            "excluded": excluded,
            "undecided": self.n_undecided,
            "not valid": self.n_invalid,
            "speed": f"{number(self.points_per_second, 3)} points/s",
        }
        return (Table.of(counts), *(self._points() if self.columns else ()))

    def _points(self) -> tuple[Table, ...]:
        """First points: the parameters that vary, and the verdict."""
        n = min(self.n_points, _SHOWN_POINTS)
        axes = [name for name in PARAMETER_NAMES if len(set(map(str, self.columns.get(name, ())))) > 1]
        names = [*axes, "allowed", "margin", "excluded_by"]
        if any(self.columns.get("reason", ())):
            names.append("reason")
        columns = [self.columns[name][:n] for name in names]
        rows = tuple(
            tuple("" if v is None and name in _TEXT else v for name, v in zip(names, row, strict=True))
            for row in zip(*columns, strict=True)
        )
        units = {name: f"{name} [GeV]" for name in ("m4", "m_chi", "m_phi")}
        left = self.n_points - n
        notes = ["margin = limit / prediction of the strongest limit: below 1 excludes"]
        if left:
            notes.append(f"... {left} more points; --out F.csv writes all")
        return (Table(rows, tuple(units.get(name, name.replace("_", " ")) for name in names), "points", tuple(notes)),)

    def rows(self) -> list[dict[str, Any]]:
        """Records of the points; those of a file are not kept."""
        return [dict(zip(self.columns, row, strict=True)) for row in zip(*self.columns.values(), strict=True)]

    def to_dict(self) -> dict[str, Any]:
        """Fields as plain Python types.

        Keys
        ----
        n_points, n_allowed, n_undecided, n_invalid
        points_per_second
        columns : list of str
            Names of the columns: parameters, quantities of `model`, ``allowed``, ``excluded_by`` (the strongest limit),
            ``margin`` (its limit over the prediction), ``margin:ID`` of every limit that counts, and ``reason``.
        table : dict
            Values of each column by its name, one a point.
        outputs
        """
        return {
            "n_points": self.n_points,
            "n_allowed": self.n_allowed,
            "n_undecided": self.n_undecided,
            "n_invalid": self.n_invalid,
            "points_per_second": self.points_per_second,
            "columns": list(self.names),
            "table": self.columns,
            "outputs": list(self.outputs),
        }


@runnable
def scan(
    grid: Mapping[str, GridValues],
    parameters: Point = None,
    *,
    listed: bool = False,
    inputs: str = "latest",
    convention: Convention = "refined",
    inelastic: bool = False,
    halo: str = "nfw",
    ignore: Sequence[str] = (),
    out: str | Path | None = None,
    report: str | Path | None = None,
    execution: Execution | None = None,
    progress: Progress = None,
) -> Job[ScanResult]:
    """Evaluate a grid, or a list, of parameter points.

    Parameters
    ----------
    grid : mapping
        Values by name of a parameter of `PortalParameters`: numbers, or text as ``1:100:50:log``.
    parameters : PortalParameters or mapping, optional
        All others; if left out the default point, without mixing where the grid has one.
    listed : bool
        The values of all axes belong together, point by point, in place of a grid.
    inputs, convention, inelastic, halo, ignore
        As in `nuportal.check`.
    out : str or Path, optional
        ``.csv`` or ``.parquet``: the table goes there as it is computed, and not into memory.
    report : str or Path, optional
        Folder for ``index.html``, a page of the result.
    execution : Execution, optional
        Workers, cluster, memory; no result depends on it.
    progress : callable or False, optional
        Called with the fraction done; False: no bar in a notebook.

    Returns
    -------
    ScanResult

    Raises
    ------
    InputError
        For unknown parameters, too many points, or lists of different lengths.

    Examples
    --------
    >>> import nuportal
    >>> found = nuportal.scan({"m4": "1:10:3", "Umu4": [0.001]})
    >>> found.columns["m4"]
    [1.0, 5.5, 10.0]
    >>> found.n_points
    3
    """
    points = ScanPoints.of(grid, listed)
    if out is not None:
        check_table(out)
    chosen = VerdictOptions(inputs, convention, inelastic, halo, tuple(ignore))
    columns = _columns(chosen)
    base = point_of(parameters, varied=grid)[0]
    job = Job(
        partial(_piece, base, chosen, points, columns), Chunk(0, points.n), partial(_collect, columns, out), "points",
        chunk=CHUNK_POINTS, least_chunk=_LEAST_CHUNK, serial_below=_SERIAL_BELOW,
        bytes_per_item=_BYTES_PER_CELL * len(columns),
        kept_bytes_per_item=_KEPT_BYTES_PER_CELL * len(columns) if out is None else 0.0,
        out=None if out is None else Path(out), execution=execution or Execution(), progress=callback(progress),
    )  # fmt: skip
    return with_report(job, report, f"Scan of {', '.join(grid)}", "Limits at the points of the scan.")


def _columns(options: VerdictOptions) -> dict[str, Kind]:
    """Columns of every scan with these options, whatever its points."""
    kinds: dict[str, Kind] = {"perturbative": "flag", "allowed": "flag", "excluded_by": "text", "reason": "text"}
    names = dict.fromkeys([*PARAMETER_NAMES, *_evaluated([PortalParameters()], options)])
    return {name: kinds.get(name, "number") for name in names}


def _piece(
    base: PortalParameters, options: VerdictOptions, points: ScanPoints, columns: Mapping[str, Kind], chunk: Chunk
) -> dict[str, Any]:
    """Evaluate a range of points; a column of numbers is an array with NaN where there is none."""
    changes = points.changes(chunk)
    reasons: list[str | None] = [None] * len(changes)
    valid: dict[int, PortalParameters] = {}
    for k, change in enumerate(changes):
        try:
            valid[k] = base.replace(**change)
        except InputError as error:
            reasons[k] = str(error)
    given = [base.to_dict() | change for change in changes]
    table: dict[str, Any] = {name: np.array([row[name] for row in given]) for name in PARAMETER_NAMES}
    table["reason"] = reasons
    evaluated = _evaluated(list(valid.values()), options) if valid else {}
    for k, why in zip(valid, evaluated.pop("reason", ()), strict=True):
        reasons[k] = why
    for name, kind in columns.items():
        if name in table:
            continue
        column: Any = np.full(len(changes), np.nan) if kind == "number" else np.full(len(changes), None, dtype=object)
        if valid:
            column[list(valid)] = evaluated[name]
        table[name] = column if kind == "number" else column.tolist()
    return {name: table[name] for name in columns}


def _evaluated(points: list[PortalParameters], options: VerdictOptions) -> dict[str, Any]:
    """Columns of valid points but for the parameters, arrays of shape (n,)."""
    judged = judge(points, options)
    names = np.array([*judged.comparisons, None], dtype=object)
    margins = judged.margins
    strongest = np.where(np.isnan(margins), np.inf, margins).argmin(axis=0)
    allowed = np.where(judged.undecided, None, ~judged.excluded)  # type: ignore[call-overload]
    return {
        **quantities(judged.points),
        "allowed": allowed,
        "excluded_by": names[np.where(judged.excluded, strongest, -1)],
        "margin": np.nanmin(margins, axis=0),
        "joint_delta_chi2": judged.joint_delta_chi2,
        "dark_matter_share": judged.share,
        **{f"margin:{name}": found.margin for name, found in judged.comparisons.items()},
        "reason": [judged.why_undecided(k) if undecided else None for k, undecided in enumerate(judged.undecided)],
    }


def _collect(columns: Mapping[str, Kind], out: str | Path | None, pieces: Iterator[Any]) -> ScanResult:
    """Write the table, or keep it."""
    start = time.perf_counter()
    kept: dict[str, list[Any]] = {name: [] for name in columns} if out is None else {}
    n_points = n_allowed = n_undecided = n_invalid = 0
    with nullcontext() if out is None else open_table(out, columns) as table:
        for piece in pieces:
            n_points += len(piece["allowed"])
            n_allowed += piece["allowed"].count(True)
            invalid = int(np.isnan(piece["margin"]).sum())
            n_invalid += invalid
            n_undecided += piece["allowed"].count(None) - invalid
            if table is not None:
                table.extend(piece)
            for name, values in kept.items():
                values += _listed(piece[name]) if columns[name] == "number" else piece[name]
        if table is not None:
            table.finish(provenance())
    speed = n_points / (time.perf_counter() - start)
    outputs = () if out is None else (str(out),)
    return ScanResult(tuple(columns), kept, n_points, n_allowed, n_undecided, n_invalid, speed, outputs)


def _listed(values: Any) -> list[float | None]:
    return [None if math.isnan(value) else value for value in values.tolist()]

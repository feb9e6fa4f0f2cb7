"""Coverage and bias studies: many toys on many workers."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray

from nucore.errors import InputError
from nucore.io.atomic import atomic_path
from nucore.reports.fit_input import FitInput
from nucore.reports.toy_tables import toy_headline, toy_rows, toy_tables
from nucore.run.chunks import Chunk
from nucore.run.job import Job
from nucore.run.provenance import provenance
from nucore.stats import results
from nucore.stats.toys import ToyJob, ToyStudy
from nucore.summaries import Table

Array = NDArray[np.float64]
Result = TypeVar("Result")

CHUNK_TOYS = 50
SCHEMA = "nuportal/toys-results/1"
MAX_TOYS = 100_000_000
_MIN_TOYS_FOR_PROCESSES = 400  # starting processes takes as long as some hundred toys
_BYTES_PER_TOY, _BYTES_PER_TOY_OF_FILE = 100.0, 400.0


@dataclass(frozen=True)
class ToyReport(results.Result):
    """Study of one experiment at one parameter point.

    Attributes
    ----------
    source : FitInput
        Expected spectrum that the toys fluctuate around.
    job : ToyJob
    study : ToyStudy
    outputs : tuple of str
    """

    picture: ClassVar[str] = "nucore.plot.toys:toys_figure"

    source: FitInput
    job: ToyJob
    study: ToyStudy
    outputs: tuple[str, ...] = ()

    def headline(self) -> str:
        """Give coverage and pulls."""
        return toy_headline(self.to_dict())

    def tables(self) -> tuple[Table, ...]:
        """The prediction if there is one, bias, pulls and coverage."""
        return toy_tables(self.to_dict())

    def rows(self) -> list[dict[str, Any]]:
        """Return one record: the summary."""
        return toy_rows(self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        """Fields with the names of the command line.

        Keys
        ----
        experiment, flavour : str
            Whose expected spectrum fluctuates.
        **collider.experiments.measurement.Measurement
            W experiments
        **mesons.inference.options.AnalysisOptions
            Mesons
        point : nucore.model.parameters.PortalParameters
            Truth of the toys.
        exposure_origin : str
            Where the exposure comes from.
        **nuportal.api.prediction_files.described
            With ``--prediction``
        parameter : str
            Name of the mixing, ``Ue4_sq`` or ``Umu4_sq``.
        exposure : dict
            ``{"luminosity_invfb": L}`` in fb^-1, or ``{"decays": N}``.
        n, n_failed : int
            Toys, and those of them whose fit failed.
        truth : float
            Mixing that the toys are made with.
        bias : float
            Mean best fit minus the truth.
        pull_mean, pull_mean_uncertainty : float or None
            Of (best fit - truth) / uncertainty; None with fewer than two toys.
        pull_width, pull_width_uncertainty : float or None
            Standard deviation of the pulls.
        limit : str
            Convention of the limits.
        confidence_level : float
            Of the limits, as a fraction.
        coverage, coverage_uncertainty : float
            Share of the toys whose upper limit is above the truth.
        upper_limit_quantiles : dict
            ``median`` and ``minus2``, ``minus1``, ``plus1``, ``plus2`` of the limits of the toys.
        outputs : list of str
            Files.
        """
        study = self.study
        enough = study.pulls.size > 1
        return {
            "experiment": self.source.experiment,
            "flavour": self.source.flavour,
            **self.source.analysis,
            "parameter": self.job.model.poi,
            "exposure": self.source.exposure,
            "n": study.best_fits.size + study.n_failed,
            "n_failed": study.n_failed,
            "truth": study.truth,
            "bias": study.bias,
            "pull_mean": study.pull_mean if enough else None,
            "pull_mean_uncertainty": study.pull_width / math.sqrt(study.pulls.size) if enough else None,
            "pull_width": study.pull_width if enough else None,
            "pull_width_uncertainty": study.pull_width / math.sqrt(2.0 * study.pulls.size) if enough else None,
            "limit": self.job.limit,
            "confidence_level": self.job.confidence_level,
            "coverage": study.coverage,
            "coverage_uncertainty": study.coverage_uncertainty,
            "upper_limit_quantiles": study.limit_band(),
            "outputs": list(self.outputs),
        }


def toys_job(
    job: ToyJob, n: int, finish: Callable[[ToyStudy], Result], out: str | Path | None = None, **choices: Any
) -> Job[Result]:
    """Describe a study of `n` toys.

    Parameters
    ----------
    job : ToyJob
    n : int, >= 1
    finish : callable (study) -> Result
    out : str or Path, optional
        JSON file of the single results.
    **choices
        Other fields of `nucore.run.job.Job`.
    """
    if not 1 <= n <= MAX_TOYS:
        raise InputError(f"number of toys must be from 1 to {MAX_TOYS}, got {n}")
    if out is not None:
        _refuse_to_replace(Path(out))

    def collect(pieces: Iterator[Any]) -> Result:
        opened = nullcontext() if out is None else atomic_path(out)
        with opened as temporary:
            rows = np.concatenate([piece["rows"] for piece in pieces])
            if temporary is not None:
                temporary.write_text(json.dumps(_content(rows), allow_nan=False), encoding="utf-8")
        return finish(job.study(rows))

    return Job(
        partial(_rows, job), Chunk(0, n), collect, "toys", chunk=CHUNK_TOYS, serial_below=_MIN_TOYS_FOR_PROCESSES,
        kept_bytes_per_item=_BYTES_PER_TOY if out is None else _BYTES_PER_TOY_OF_FILE,
        out=None if out is None else Path(out), **choices,
    )  # fmt: skip


def _rows(job: ToyJob, toys: Chunk) -> dict[str, Array]:
    return {"rows": job.run(toys.first, toys.n)}


def _content(rows: Array) -> dict[str, Any]:
    columns = [[x if math.isfinite(x) else None for x in column] for column in rows.T.tolist()]
    names = ("best_fits", "uncertainties", "limits")
    return {"schema": SCHEMA, "provenance": provenance(), **dict(zip(names, columns, strict=True))}


def _refuse_to_replace(path: Path) -> None:
    content = None
    with suppress(OSError, ValueError, RecursionError):
        content = json.loads(path.read_text(encoding="utf-8"))
    if path.is_file() and not (isinstance(content, dict) and content.get("schema") == SCHEMA):
        raise InputError(f"output {path} exists and is not a toy study: choose another name")

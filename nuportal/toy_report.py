"""Coverage and bias studies: many toys on many workers, kept on disk while they run."""

from __future__ import annotations

import json
import math
import multiprocessing
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nuportal.errors import InputError
from nuportal.execution import EventRange, check_workers, map_chunks
from nuportal.io import atomic_path
from nuportal.stats.toys import ToyJob, ToyStudy

Array = NDArray[np.float64]

CHUNK_TOYS = 50
SCHEMA = "nuportal/toys-checkpoint/1"
_SAVE_EVERY_S = 5.0
_MIN_TOYS_FOR_PROCESSES = 400  # starting processes takes as long as some hundred toys


@dataclass(frozen=True)
class ToyReport:
    """Study of one experiment at one parameter point.

    Attributes
    ----------
    experiment, flavour, parameter : str
    exposure : dict
    job : ToyJob
    study : ToyStudy
    outputs : tuple of str
    """

    experiment: str
    flavour: str
    parameter: str
    exposure: dict[str, float]
    job: ToyJob
    study: ToyStudy
    outputs: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Fields with the names of the command line."""
        study = self.study
        enough = study.pulls.size > 1
        n = study.best_fits.size + study.n_failed
        return {
            "experiment": self.experiment,
            "flavour": self.flavour,
            "parameter": self.parameter,
            "exposure": self.exposure,
            "n": n,
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

    def to_json(self) -> str:
        """One JSON object."""
        return json.dumps(self.to_dict(), allow_nan=False)


def _ignore_interrupt() -> None:
    """Let the parent alone react to an interrupt."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _pool(executor: Executor | None, workers: int) -> Iterator[Executor]:
    """Give the executor, or one of `workers` processes."""
    if executor is not None:
        yield executor
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_ignore_interrupt)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@dataclass(frozen=True)
class _Chunk:
    """Picklable function of a range of toys."""

    job: ToyJob

    def __call__(self, toys: EventRange) -> Array:
        return self.job.run(toys.first_event, toys.n_events)


class _Checkpoint:
    """Rows of the toys done so far, in a JSON file."""

    def __init__(self, path: Path | None, job: ToyJob, n: int, resume: bool) -> None:
        self.path, self.fingerprint, self.n = path, job.fingerprint(), n
        self.rows: list[Array] = []
        self._saved = time.monotonic()
        if resume and path is None:
            raise InputError("--resume needs --out, the file to go on from")
        if path is not None and not resume:
            with atomic_path(path):  # refuse a place that cannot be written now, not after the work
                self._refuse_to_replace(path)
        if resume and path is not None and path.is_file():
            self.rows.append(self._load(path)[:n])

    @staticmethod
    def _refuse_to_replace(path: Path) -> None:
        if path.exists() and _schema_of(path) != SCHEMA:
            raise InputError(f"output {path} exists and is no toy study; give another name")

    @property
    def done(self) -> int:
        return sum(len(rows) for rows in self.rows)

    def _load(self, path: Path) -> Array:
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            matches = content["fingerprint"] == self.fingerprint
            columns = [content[key] for key in ("best_fits", "uncertainties", "limits")]
            rows = np.array(columns, dtype=np.float64).T.reshape(-1, 3)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path} is not a toy study to go on from: {type(error).__name__}") from None
        if not matches:
            raise InputError(f"{path} holds toys of another experiment, point, limit or seed; it cannot be resumed")
        rows[:, 2] = np.where(np.isnan(rows[:, 2]) & np.isfinite(rows[:, 0]), np.inf, rows[:, 2])
        return rows

    def add(self, rows: Array) -> None:
        self.rows.append(rows)
        if time.monotonic() - self._saved > _SAVE_EVERY_S:
            self.save()

    def all_rows(self) -> Array:
        return np.concatenate(self.rows) if self.rows else np.zeros((0, 3))

    def save(self) -> None:
        if self.path is None:
            return
        columns = [[x if math.isfinite(x) else None for x in column] for column in self.all_rows().T.tolist()]
        names = ("best_fits", "uncertainties", "limits")
        content = {
            "schema": SCHEMA,
            "fingerprint": self.fingerprint,
            "n_done": self.done,
            **dict(zip(names, columns, strict=True)),
        }
        with atomic_path(self.path) as temporary:
            temporary.write_text(json.dumps(content), encoding="utf-8")
        self._saved = time.monotonic()


def _schema_of(path: Path) -> str | None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content.get("schema") if isinstance(content, dict) else None


def run_job(
    job: ToyJob,
    n: int,
    *,
    workers: int | None = 1,
    executor: Executor | None = None,
    progress: Callable[[float], None] | None = None,
    out: str | Path | None = None,
    resume: bool = False,
) -> ToyStudy:
    """Fit `n` toys on several workers.

    Parameters
    ----------
    job : ToyJob
    n : int, >= 1
    workers : int, optional
        Processes; all cores for None. A script that asks for more than one must protect its main module with
        ``if __name__ == "__main__"``.
    executor : concurrent.futures.Executor, optional
        Used instead of own processes, and left open.
    progress : callable, optional
        Called with the fraction done.
    out : str or Path, optional
        Kept up to date while running, and when interrupted.
    resume : bool
        Go on from `out` if it is there.

    Returns
    -------
    ToyStudy
        The same for any `workers`.
    """
    if n < 1:
        raise InputError(f"number of toys n = {n}: an integer >= 1 is needed")
    n_workers = check_workers(workers)
    checkpoint = _Checkpoint(None if out is None else Path(out), job, n, resume)
    chunks = [EventRange(first, min(CHUNK_TOYS, n - first)) for first in range(checkpoint.done, n, CHUNK_TOYS)]
    serial = executor is None and (n_workers == 1 or n - checkpoint.done < _MIN_TOYS_FOR_PROCESSES)
    try:
        if serial:
            _collect(map(_Chunk(job), chunks), checkpoint, n, progress)
        else:
            with _pool(executor, n_workers) as pool:
                results = map_chunks(_Chunk(job), chunks, workers=n_workers, executor=pool)
                _collect(results, checkpoint, n, progress)
    finally:
        checkpoint.save()
    return job.study(checkpoint.all_rows())


def _collect(
    results: Iterator[Array], checkpoint: _Checkpoint, n: int, progress: Callable[[float], None] | None
) -> None:
    for rows in results:
        checkpoint.add(rows)
        if progress is not None:
            progress(checkpoint.done / n)

"""Pseudo-experiments of a fit, on many workers: limit, interval and p-value without asymptotic formulae."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from nucore.errors import InputError
from nucore.reports.conversion import converted_toy_limit
from nucore.reports.fit_report import FitReport
from nucore.run.chunks import Chunk, cut
from nucore.run.engine import run_chunks
from nucore.run.executors import Execution, open_workers, single_threaded_blas
from nucore.stats import LimitChoice, feldman_cousins, toy_goodness_of_fit, toy_upper_limit
from nucore.stats.toys import ToyMap, Toys, in_this_thread

CHUNK_TOYS = 50
#: Starting processes takes as long as so many toys per tested value.
_MIN_TOYS_FOR_PROCESSES = 200


def with_toys(
    result: FitReport,
    n: int,
    rng: np.random.Generator,
    *,
    interval: bool = False,
    execution: Execution | None = None,
    progress: Callable[[float], None] | None = None,
) -> FitReport:
    """Add limit and p-value from pseudo-experiments to a report.

    Parameters
    ----------
    result : FitReport
        Its limit must be ``cls`` or ``clsb``.
    n : int
        Toys per tested value.
    rng : numpy Generator
    interval : bool
        Add the Feldman-Cousins interval.
    execution : Execution, optional
        Workers or cluster of the toys; no result depends on it.
    progress : callable, optional
        Called with the fraction done.

    Raises
    ------
    InputError
        If there is no parameter of interest, or no limit to look for.
    """
    if not result.parameter:
        raise InputError(f"no toys without a limit: {result.limit.observed_reason}")
    likelihood, change = result.source.likelihood, result.source.convert
    choice = LimitChoice(result.limit.confidence_level, result.limit.method)
    share = 0.5 if interval else 1.0
    show = progress or (lambda _: None)
    with open_toy_map(execution or Execution(), n) as run:
        limit = toy_upper_limit(likelihood, n, rng, choice, run=run, progress=lambda part: show(share * part))
        found = None
        if interval:
            found = feldman_cousins(
                likelihood, n, rng, confidence_level=choice.confidence_level, run=run,
                progress=lambda part: show(0.5 + 0.5 * part),
            )  # fmt: skip
            lower, upper, best = (change(value) for value in (found.lower, found.upper, found.best_fit))
            found = replace(found, lower=lower, upper=upper, best_fit=best)
        goodness = toy_goodness_of_fit(likelihood, n, rng, run=run)
    return replace(result, toy_limit=converted_toy_limit(limit, change), interval=found, toy_goodness=goodness)


@contextmanager
def open_toy_map(execution: Execution, n_toys: int) -> Iterator[ToyMap]:
    """Open the workers of a fit, and give what computes its toys there.

    Parameters
    ----------
    execution : Execution
    n_toys : int
        Per ensemble; few are done in this thread, unless a cluster is asked for.

    Raises
    ------
    InputError
        If no Dask scheduler answers.
    """
    with single_threaded_blas():
        if not execution.remote and (n_toys < _MIN_TOYS_FOR_PROCESSES or execution.local_workers == 1):
            yield in_this_thread
            return
        with open_workers(execution, "processes") as workers:

            def run(toys: Toys, n: int) -> NDArray[np.float64]:
                step = execution.chunk or min(CHUNK_TOYS, -(-n // (2 * workers.count)))
                return np.concatenate(
                    list(run_chunks(partial(_rows, toys), cut(Chunk(0, n), step), execution, workers))
                )

            yield run


def _rows(toys: Toys, chunk: Chunk) -> NDArray[np.float64]:
    return toys(chunk.first, chunk.n)

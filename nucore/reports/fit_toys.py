"""Pseudo-experiments of a fit: limit, interval and p-value without asymptotic formulae."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from nucore.reports.conversion import Convert, converted_toy_limit
from nucore.reports.fit_report import FitReport
from nucore.reports.toy_workers import open_toy_map
from nucore.run.executors import Execution
from nucore.stats import ConfidenceInterval, Likelihood, feldman_cousins, toy_goodness_of_fit, toy_upper_limit


def with_toys(
    result: FitReport,
    likelihood: Likelihood,
    n: int,
    rng: np.random.Generator,
    *,
    interval: bool = False,
    convert: Convert | None = None,
    execution: Execution | None = None,
    progress: Callable[[float], None] | None = None,
) -> FitReport:
    """Add limit and p-value from pseudo-experiments to a report.

    Parameters
    ----------
    result : FitReport
        Of that likelihood; its limit must be ``cls`` or ``clsb``.
    likelihood : Likelihood
    n : int
        Toys per tested value.
    rng : numpy Generator
    interval : bool
        Add the Feldman-Cousins interval.
    convert : callable, optional
        As in `nucore.reports.fit_report.report`.
    execution : Execution, optional
        Workers or cluster of the toys; no result depends on it.
    progress : callable, optional
        Called with the fraction done.
    """
    change, level, method = convert or float, result.limit.confidence_level, result.limit.method
    share = 0.5 if interval else 1.0
    show = progress or (lambda _: None)
    with open_toy_map(execution or Execution(), n) as run:
        limit = toy_upper_limit(
            likelihood, n, rng, confidence_level=level, method=method, run=run,  # type: ignore[arg-type]
            progress=lambda part: show(share * part),
        )  # fmt: skip
        found: ConfidenceInterval | None = None
        if interval:
            found = feldman_cousins(
                likelihood, n, rng, confidence_level=level, run=run, progress=lambda part: show(0.5 + 0.5 * part)
            )
            lower, upper, best = (change(value) for value in (found.lower, found.upper, found.best_fit))
            found = replace(found, lower=lower, upper=upper, best_fit=best)
        goodness = toy_goodness_of_fit(likelihood, n, rng, run=run)
    return replace(result, toy_limit=converted_toy_limit(limit, change), interval=found, toy_goodness=goodness)

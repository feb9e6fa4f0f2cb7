"""How much each nuisance parameter moves the parameter of interest."""

from __future__ import annotations

import math
from dataclasses import dataclass

from nucore.errors import FitError
from nucore.stats.global_minimum import find_minimum
from nucore.stats.likelihood import Likelihood
from nucore.stats.results import FitResult, Result


@dataclass(frozen=True)
class Impact(Result):
    """Shift of the parameter of interest when one nuisance parameter is held off its best fit.

    Attributes
    ----------
    parameter : str
        Name of the nuisance parameter.
    minus, plus : float or None
        Shift of the refitted parameter of interest with the nuisance parameter one standard deviation (after
        the fit) below and above its best fit; None where no refit exists there.
    """

    parameter: str
    minus: float | None
    plus: float | None

    @property
    def size(self) -> float:
        """Larger of the two shifts, in absolute value."""
        return max(abs(self.minus or 0.0), abs(self.plus or 0.0))


def impacts(likelihood: Likelihood, result: FitResult) -> tuple[Impact, ...]:
    """Refit with each nuisance parameter shifted by its uncertainty, the largest effect first.

    Parameters
    ----------
    likelihood : Likelihood
    result : FitResult
        Its unbounded best fit.

    Returns
    -------
    tuple of Impact
        Empty where the best fit has no uncertainties (edge of positive expectation), or the model no parameter of
        interest.
    """
    model = likelihood.model
    if not model.poi:
        return ()
    theta = model.vector(result.best_fit)
    found = []
    for name in model.names[1:]:
        sigma = result.uncertainties[name]
        if not (math.isfinite(sigma) and sigma > 0.0):
            continue
        shifts: list[float | None] = []
        for value in (result.best_fit[name] - sigma, result.best_fit[name] + sigma):
            try:
                minimum = find_minimum(likelihood, fixed={name: value}, start=theta)
            except FitError:
                shifts.append(None)
                continue
            shifts.append(float(minimum.theta[0]) - result.best_fit[model.poi])
        found.append(Impact(name, *shifts))
    return tuple(sorted(found, key=lambda impact: -impact.size))

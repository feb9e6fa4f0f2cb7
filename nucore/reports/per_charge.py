"""Mixing of W+ and of W- apart: a nu4 has the same in both, a flaw in the description of the W need not."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nucore.stats import Likelihood, fit
from nucore.stats.results import Result, plain

CHARGES = ("+", "-")
NO_CHARGES = "no separate spectra of W+ and W-"


def of_charge(parameter: str, charge: str) -> str:
    """Name of the parameter that is `parameter` in the spectra of one charge, ``+`` or ``-``."""
    return f"{parameter}({charge})"


@dataclass(frozen=True)
class PerCharge(Result):
    """Fit with one mixing a charge and all nuisance parameters in common.

    Attributes
    ----------
    best_fit, uncertainties : mapping
        By charge, ``+`` and ``-``; not bounded, as in any best fit. Uncertainties are NaN where the best fit lies at
        the edge of the region of positive expectation.
    correlation : float
        Of the two mixings.
    difference_pull : float
        That of ``+`` minus that of ``-``, in standard deviations of this difference.
    """

    best_fit: Mapping[str, float]
    uncertainties: Mapping[str, float]
    correlation: float
    difference_pull: float

    def to_dict(self) -> dict[str, Any]:
        """Fields as plain Python types: value and uncertainty of each charge, correlation and pull.

        Keys
        ----
        +, - : dict
            ``value`` and ``uncertainty`` of the mixing of each charge.
        correlation
        difference_pull
        """
        charges = {c: {"value": self.best_fit[c], "uncertainty": self.uncertainties[c]} for c in self.best_fit}
        found: dict[str, Any] = plain(
            {**charges, "correlation": self.correlation, "difference_pull": self.difference_pull}
        )
        return found


def per_charge(likelihood: Likelihood, parameter: str) -> PerCharge:
    """Fit the mixing of each charge.

    Parameters
    ----------
    likelihood : Likelihood
        Its model has a parameter `of_charge` for each charge.
    parameter : str
        Name of the mixing.

    Raises
    ------
    nucore.stats.FitError
        If the minimisation fails.
    """
    result = fit(likelihood)
    names = [of_charge(parameter, charge) for charge in CHARGES]
    index = [result.parameters.index(name) for name in names]
    (plus, both), (_, minus) = result.covariance[np.ix_(index, index)]
    difference = result.best_fit[names[0]] - result.best_fit[names[1]]
    return PerCharge(
        {charge: result.best_fit[name] for charge, name in zip(CHARGES, names, strict=True)},
        {charge: result.uncertainties[name] for charge, name in zip(CHARGES, names, strict=True)},
        float(result.correlation[index[0], index[1]]),
        difference / math.sqrt(plus + minus - 2.0 * both),
    )

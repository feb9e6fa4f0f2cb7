"""Published spectra of electrons and muons fitted together: limits on each mixing, and on both where they are equal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from collider.inference.flavours import EQUAL_MIXING, FlavoursReport, fit_flavours, joint_model
from collider.inference.likelihood import Expectation
from nucore.results import Result
from nucore.stats import Likelihood, LimitChoice, UpperLimit, fit, upper_limit

Array = NDArray[np.float64]


@dataclass(frozen=True)
class EqualMixing(Result):
    """Fit of one mixing that all flavours have.

    Attributes
    ----------
    limit : UpperLimit
    best_fit, uncertainty : float
    p_value : float or None
    """

    limit: UpperLimit
    best_fit: float
    uncertainty: float
    p_value: float | None


def equal_mixing(expected: Sequence[Expectation], data: Sequence[Array], limit: LimitChoice) -> EqualMixing:
    """Fit published spectra of several flavours with the same mixing.

    The W has its nuisances in common; normalisation, leptons, backgrounds and the errors of the predictions are of one
    flavour each, see `collider.inference.flavours`.

    Parameters
    ----------
    expected : sequence of Expectation
        One a flavour.
    data : sequence of float64[n]
        Contents of their bins.
    limit : LimitChoice
    """
    likelihood = Likelihood(joint_model(expected, EQUAL_MIXING), _counts(expected, data))
    fitted = fit(likelihood)
    return EqualMixing(
        upper_limit(likelihood, limit), fitted.best_fit[EQUAL_MIXING], fitted.uncertainties[EQUAL_MIXING],
        fitted.p_value,
    )  # fmt: skip


def separate_mixings(
    expected: Sequence[Expectation],
    data: Sequence[Array],
    m4: float,
    names: Sequence[str],
    limit: LimitChoice,
    n_points: int,
) -> FlavoursReport:
    """Fit published spectra of several flavours with a mixing each.

    Parameters
    ----------
    expected, data, limit
        As in `equal_mixing`.
    m4 : float
        GeV.
    names : sequence of str
        Of the data.
    n_points : int
        Of the contour of both mixings.
    """
    measured = [one.measurement for one in expected]
    return FlavoursReport(
        measured[0].experiment.name, m4, {one.flavour: one.luminosity_invfb for one in measured},
        {one.flavour: name for one, name in zip(measured, names, strict=True)}, True, limit.confidence_level,
        limit.method, {one.flavour: one.to_dict() for one in measured},
        fit_flavours(expected, _counts(expected, data), limit=limit, n_points=n_points),
    )  # fmt: skip


def _counts(expected: Sequence[Expectation], data: Sequence[Array]) -> Array:
    return np.concatenate([one.counts(values) for one, values in zip(expected, data, strict=True)])

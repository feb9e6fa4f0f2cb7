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
class ObservedFlavours(Result):
    """Joint fit of the spectra of two flavours.

    Attributes
    ----------
    separate : FlavoursReport
        With one mixing a flavour.
    equal : UpperLimit
        On the mixing that both have, if it is the same.
    best_fit, uncertainty : float
        Of that mixing.
    p_value : float or None
        Of that fit.
    """

    separate: FlavoursReport
    equal: UpperLimit
    best_fit: float
    uncertainty: float
    p_value: float | None


def observed_flavours(
    expected: Sequence[Expectation], data: Sequence[Array], m4: float, names: Sequence[str], limit: LimitChoice
) -> ObservedFlavours:
    """Fit published spectra of several flavours together.

    The W has its nuisances in common; normalisation, leptons, backgrounds and the errors of the predictions are of one
    flavour each, see `collider.inference.flavours`.

    Parameters
    ----------
    expected : sequence of Expectation
        One a flavour.
    data : sequence of float64[n]
        Contents of their bins.
    m4 : float
        GeV.
    names : sequence of str
        Of the data.
    limit : LimitChoice
    """
    counts = np.concatenate([one.counts(values) for one, values in zip(expected, data, strict=True)])
    measured = [one.measurement for one in expected]
    analysis = {one.flavour: one.to_dict() for one in measured}
    separate = FlavoursReport(
        measured[0].experiment.name, m4, {one.flavour: one.luminosity_invfb for one in measured},
        {one.flavour: name for one, name in zip(measured, names, strict=True)}, True, limit.confidence_level,
        limit.method, analysis, fit_flavours(expected, counts, limit=limit),
    )  # fmt: skip
    likelihood = Likelihood(joint_model(expected, EQUAL_MIXING), counts)
    fitted = fit(likelihood)
    return ObservedFlavours(
        separate, upper_limit(likelihood, limit), fitted.best_fit[EQUAL_MIXING], fitted.uncertainties[EQUAL_MIXING],
        fitted.p_value,
    )  # fmt: skip

"""Result of ``nuportal fit``: best fit, p-values and upper limit of one data set."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from nucore.errors import FitError, InputError
from nucore.histograms import Spectrum
from nucore.reports.conversion import NO_MIXING, Convert, converted_fit, converted_impact, converted_limit
from nucore.reports.joint_fit import FreeQuantity, JointFit, joint_fit
from nucore.stats import (
    ConfidenceInterval,
    FitResult,
    Impact,
    Likelihood,
    LimitMethod,
    ToyPValue,
    ToyUpperLimit,
    UpperLimit,
    fit,
    impacts,
    q_0,
    upper_limit,
)
from nucore.stats.results import Result

Array = NDArray[np.float64]

#: Data that differ from the expectation by more than this factor and number of events cannot be fitted.
_FAR = 10.0
_FIT_FIELDS = ("best_fit", "uncertainties", "intervals", "covariance", "parameters", "pulls", "constraints")


@dataclass(frozen=True)
class FitReport(Result):
    """Fit and limit on one mixing.

    Attributes
    ----------
    experiment, flavour : str or None
        None for a pyhf workspace.
    parameter : str
        Name of the mixing, ``Ue4_sq`` or ``Umu4_sq``, or of the parameter of interest of a pyhf workspace.
    exposure : dict
        ``{"luminosity_invfb": L}`` or ``{"decays": N}``; empty for a pyhf workspace.
    fit : FitResult
        With the mixing as the parameter of interest.
    limit : UpperLimit
        On the mixing.
    p_value_background : float or None
        Probability of an excess at least as large without signal (q_0, arXiv:1007.1727); the p-value of the
        fit itself is its goodness.
    discovery_significance : float
        Of a positive signal, sqrt(q_0), in standard deviations.
    impacts : tuple of Impact
        On the mixing, the largest first.
    data : Spectrum
    expected : array, shape (n,)
        Counts at the best fit.
    outputs : tuple of str
        Files of a report.
    toy_limit, interval, toy_goodness : optional
        Upper limit, Feldman-Cousins interval and p-value of the fit from toys, where asked for.
    joint : JointFit or None
        Of a quantity that floats with the mixing, the W mass; `free` says which.
    analysis : dict
        Choices behind the likelihood, for the record.
    mark : float or None
        Position of the kink of the signal, in the unit of the spectrum.
    """

    experiment: str | None
    flavour: str | None
    parameter: str
    exposure: dict[str, float]
    fit: FitResult
    limit: UpperLimit
    p_value_background: float | None
    discovery_significance: float
    impacts: tuple[Impact, ...]
    data: Spectrum
    expected: Array
    outputs: tuple[str, ...] = ()
    toy_limit: ToyUpperLimit | None = None
    interval: ConfidenceInterval | None = None
    toy_goodness: ToyPValue | None = None
    joint: JointFit | None = None
    analysis: Mapping[str, Any] = field(default_factory=dict)
    mark: float | None = None
    free: FreeQuantity | None = None

    def to_dict(self) -> dict[str, Any]:
        """Fields with the names of the command line."""
        plain = self.fit.to_dict()
        limit = self.limit.to_dict()
        return {
            "experiment": self.experiment,
            "flavour": self.flavour,
            **self.analysis,
            "parameter": self.parameter,
            "exposure": self.exposure,
            **{name: plain[name] for name in _FIT_FIELDS},
            "impacts": {i.parameter: {"minus": i.minus, "plus": i.plus} for i in self.impacts},
            "best_fit_reason": None if math.isfinite(self.fit.best_fit[self.parameter]) else NO_MIXING,
            "upper_limit": limit["observed"],
            "upper_limit_reason": limit["observed_reason"],
            "expected_limit": limit["expected"],
            "expected_limit_reason": limit["expected_reason"],
            "expected_band": limit["band"],
            "limit": self.limit.method,
            "confidence_level": self.limit.confidence_level,
            "p_value": plain["p_value"],
            "goodness_of_fit": plain["goodness_of_fit"],
            "degrees_of_freedom": plain["degrees_of_freedom"],
            "p_value_background": self.p_value_background,
            "discovery_significance": self.discovery_significance,
            "minimum": plain["minimum"],
            **({} if self.joint is None else {"joint_fit": self.joint.to_dict()}),
            **self._from_toys(),
        }

    def _from_toys(self) -> dict[str, Any]:
        """Results of toys: the limit without its scan, the interval, the p-value."""
        found: dict[str, Any] = {}
        if self.toy_limit is not None:
            limit = self.toy_limit.to_dict()
            found["toy_limit"] = {name: value for name, value in limit.items() if name != "scan"}
        if self.toy_goodness is not None:
            found["toy_p_value"] = self.toy_goodness.to_dict()
        if self.interval is not None:
            found["interval"] = self.interval.to_dict()
        return found


def report(
    likelihood: Likelihood,
    data: Spectrum,
    *,
    experiment: str | None,
    flavour: str | None,
    exposure: dict[str, float],
    confidence_level: float,
    limit: LimitMethod,
    convert: Convert | None = None,
    minos: bool = False,
    free: FreeQuantity | None = None,
    analysis: Mapping[str, Any] | None = None,
    mark: float | None = None,
) -> FitReport:
    """Fit a likelihood and set the limit.

    Parameters
    ----------
    likelihood : Likelihood
        Its parameter of interest is a mixing |U_l4|^2, or converts to one.
    data : Spectrum
        Data of the likelihood.
    experiment, flavour, exposure
        For the record.
    confidence_level : float
        Fraction.
    limit : "cls", "clsb" or "delta-chi2"
    convert : callable, optional
        Monotone function from the parameter of interest to |U_l4|^2; the identity if left out.
    minos : bool
        Give asymmetric uncertainties of all parameters.
    free : FreeQuantity, optional
        Behind a free parameter of the likelihood.
    analysis, mark
        As in `FitReport`.

    Raises
    ------
    InputError
        If the minimisation fails on data far from any the model expects.
    nucore.stats.FitError
        If it fails on others.
    """
    try:
        with np.errstate(all="ignore"):  # numbers that are not finite make the minimisation fail
            fitted = fit(likelihood, confirm=True, minos=likelihood.model.names if minos else ())
            shifts = impacts(likelihood, fitted)
            joint = None if free is None else joint_fit(likelihood, fitted, free)
            bound = upper_limit(likelihood, confidence_level=confidence_level, method=limit)
            significance = math.sqrt(q_0(likelihood))
    except FitError as error:
        _refuse_far_data(likelihood, error)
        raise
    if convert is not None:
        shifts = tuple(converted_impact(i, fitted, convert) for i in shifts)
        fitted, bound = converted_fit(fitted, convert), converted_limit(bound, convert)
    return FitReport(
        experiment=experiment,
        flavour=flavour,
        parameter=fitted.parameters[0],
        exposure=exposure,
        fit=fitted,
        limit=bound,
        p_value_background=float(ndtr(-significance)),
        discovery_significance=significance,
        impacts=shifts,
        data=data,
        expected=fitted.expected_counts[: data.n_bins],
        joint=joint,
        analysis=dict(analysis or {}),
        mark=mark,
        free=free,
    )


def _refuse_far_data(likelihood: Likelihood, error: FitError) -> None:
    """Raise `InputError` if a bin of the data lies an order of magnitude from what is expected."""
    counts, model = likelihood.observation.counts, likelihood.model
    with np.errstate(all="ignore"):
        expected = model.expected(model.start(likelihood.observation))
        near = (counts <= _FAR * (expected + _FAR)) & (expected <= _FAR * (counts + _FAR))
        near &= (expected > 0.0) | (counts == 0.0)
    if not near.all():
        k = int(np.argmin(near))
        raise InputError(
            f"bin {k + 1} of the data holds {counts[k]:g} events where about {expected[k]:g} are expected: "
            f"no parameters of the model reach it ({error})"
        ) from None

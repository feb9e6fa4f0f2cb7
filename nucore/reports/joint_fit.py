"""A free quantity fitted together with the parameter of interest, such as a mass that moves the same edge."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from nucore.stats import Contour, FitResult, Likelihood, contour, fit
from nucore.stats.results import Result


@dataclass(frozen=True)
class FreeQuantity:
    """A physical quantity behind a free parameter theta: nominal + step * theta.

    Attributes
    ----------
    parameter : str
        Name of theta.
    name : str
        Of the quantity, with its unit, such as ``m_W_GeV``.
    nominal, step : float
        In that unit.
    """

    parameter: str
    name: str
    nominal: float
    step: float

    def value(self, theta: Any) -> Any:
        """Return the quantity at a value of the parameter, or an array of them."""
        return self.nominal + self.step * theta


@dataclass(frozen=True)
class JointFit(Result):
    """Fit of the parameter of interest and a free quantity.

    Attributes
    ----------
    quantity : str
        Its name, with the unit.
    nominal : float
        That of the templates.
    value, uncertainty : float
        Fitted together with the parameter of interest.
    correlation : float
        Of the two.
    value_without_signal, uncertainty_without_signal : float
        Fitted with the parameter of interest at zero.
    """

    quantity: str
    nominal: float
    value: float
    uncertainty: float
    correlation: float
    value_without_signal: float
    uncertainty_without_signal: float


def joint_fit(likelihood: Likelihood, result: FitResult, free: FreeQuantity) -> JointFit:
    """Return the free quantity of a fit, and of one without signal.

    Parameters
    ----------
    likelihood : Likelihood
    result : FitResult
        Its unbounded best fit.
    free : FreeQuantity

    Raises
    ------
    nucore.stats.FitError
        If the minimisation fails.
    """
    without = fit(likelihood, fixed={likelihood.model.poi: 0.0})
    index = result.parameters.index(free.parameter)
    return JointFit(
        free.name,
        free.nominal,
        free.value(result.best_fit[free.parameter]),
        free.step * result.uncertainties[free.parameter],
        float(result.correlation[0, index]),
        free.value(without.best_fit[free.parameter]),
        free.step * without.uncertainties[free.parameter],
    )


def joint_contour(likelihood: Likelihood, free: FreeQuantity, confidence_level: float) -> Contour:
    """Region of the parameter of interest (x) and the free quantity (y)."""
    found = contour(likelihood, likelihood.model.poi, free.parameter, confidence_level=confidence_level)
    x, y = found.best_fit
    parameters = found.parameters[0], free.name
    return replace(found, parameters=parameters, y=free.value(found.y), best_fit=(x, free.value(y)))

"""What is fitted, and the fit of it: best fit, limit, impacts and what goes with them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucore.errors import FitError, InputError
from nucore.histograms import Spectrum
from nucore.reports.conversion import converted_fit, converted_impact, converted_limit
from nucore.reports.fit_report import FitReport
from nucore.reports.joint_fit import FreeQuantity, joint_fit
from nucore.reports.judgement import refuse_far_data
from nucore.reports.per_charge import NO_CHARGES, PerCharge, per_charge
from nucore.stats import LimitChoice, UpperLimit, fit, impacts, upper_limit
from nucore.stats.covariance import CountUnit
from nucore.stats.degeneracy import DegenerateModelError
from nucore.stats.global_minimum import ImpossibleDataError
from nucore.stats.likelihood import Likelihood
from nucore.stats.test_statistics import ProfileLikelihood, q_0
from nucore.stats.upper_limits import no_limit

Array = NDArray[np.float64]


@dataclass(frozen=True)
class FitInput:
    """A likelihood with what the report of its fit needs.

    Attributes
    ----------
    likelihood : Likelihood
        Its parameter of interest is a mixing |U_l4|^2, or converts to one.
    spectrum : Spectrum
        Data of the likelihood.
    experiment, flavour : str or None
        None for a pyhf workspace.
    exposure : dict
        ``{"luminosity_invfb": L}`` or ``{"decays": N}``; empty for a pyhf workspace.
    convert : callable
        Monotone function from the parameter of interest to |U_l4|^2; the identity by default.
    free : FreeQuantity, optional
        Quantity that floats with the mixing.
    analysis : mapping
        Choices behind the likelihood, for the record.
    mark : float, optional
        Position of the kink of the signal, in the unit of the spectrum.
    by_charge : Likelihood, optional
        The same with one mixing a charge, where the data are separate spectra of W+ and W-.
    unit : CountUnit, optional
        Counts of the likelihood that stand for contents of the spectrum; None where these are the counts.
    no_limit : str, optional
        Why there is no limit, of a likelihood without a parameter of interest.
    warnings : tuple of str
        Of how the data were read.
    expected_events : float, optional
        Sum of all bins by the card, where the fit leaves the rate free.
    """

    likelihood: Likelihood
    spectrum: Spectrum
    experiment: str | None = None
    flavour: str | None = None
    exposure: dict[str, float] = field(default_factory=dict)
    convert: Callable[[float], float] = float
    free: FreeQuantity | None = None
    analysis: Mapping[str, Any] = field(default_factory=dict)
    mark: float | None = None
    by_charge: Likelihood | None = None
    unit: CountUnit | None = None
    no_limit: str | None = None
    warnings: tuple[str, ...] = ()
    expected_events: float | None = None

    def contents(self, counts: Array) -> Array:
        """Return the contents of the spectrum's bins, in its unit, for counts of the model, shape (..., n_model)."""
        own = counts[..., : self.spectrum.n_bins]
        return own if self.unit is None else self.unit.contents(own)

    @property
    def title(self) -> str:
        """Name in a picture."""
        return self.experiment or "pyhf workspace"

    def report(self, limit: LimitChoice, minos: bool = False) -> FitReport:
        """Fit the likelihood and set the limit.

        Parameters
        ----------
        limit : LimitChoice
        minos : bool
            Give asymmetric uncertainties of all parameters.

        Raises
        ------
        InputError
            If parameters of the model are degenerate, no parameters give the data, or the minimisation fails on data
            far from what the model expects.
        nucore.errors.FitError
            If it fails on others.
        """
        likelihood = self.likelihood
        try:
            with np.errstate(all="ignore"):  # numbers that are not finite make the minimisation fail
                fitted = fit(likelihood, confirm=True, minos=likelihood.model.names if minos else ())
                shifts = impacts(likelihood, fitted)
                joint = None if self.free is None else joint_fit(likelihood, fitted, self.free)
                bound, significance, outside = self._limit(limit)
                charges, no_charges = self._per_charge()
        except DegenerateModelError as error:
            raise InputError(str(error)) from None
        except ImpossibleDataError as error:
            raise InputError(f"no parameters of the model give the data: {error}") from None
        except FitError as error:
            refuse_far_data(likelihood, error)
            raise
        if self.convert is not float:
            shifts = tuple(converted_impact(i, fitted, self.convert) for i in shifts)
            fitted, bound = converted_fit(fitted, self.convert), converted_limit(bound, self.convert)
        return FitReport(self, fitted, bound, significance, shifts, joint, charges, no_charges, outside)

    def _limit(self, choice: LimitChoice) -> tuple[UpperLimit, float | None, float]:
        """Limit, significance of a signal, and how unphysical it is, of the parameter of interest if there is one."""
        if not self.likelihood.model.poi:
            return no_limit("", choice, self.no_limit or "the model has no parameter of interest"), None, 0.0
        profile = ProfileLikelihood(self.likelihood)
        return upper_limit(self.likelihood, choice), math.sqrt(q_0(profile)), _outside(profile)

    def _per_charge(self) -> tuple[PerCharge | None, str | None]:
        """Mixing of each charge, or why there is none."""
        if self.by_charge is None:
            return None, NO_CHARGES
        try:
            return per_charge(self.by_charge, self.likelihood.model.poi), None
        except FitError as error:
            return None, str(error)


def _outside(profile: ProfileLikelihood) -> float:
    """Return by how many standard deviations the best fit is beyond the bounds of the parameter of interest."""
    low, high = profile.likelihood.model.poi_bounds
    free = profile.best(physical=False)
    if low <= free.theta[0] <= high:
        return 0.0
    return math.sqrt(max(0.0, 2.0 * (profile.best().value - free.value)))

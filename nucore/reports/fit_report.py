"""Result of ``nuportal fit``: best fit, p-values and upper limit of one data set."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from nucore.errors import BadFitError, FitError, InputError
from nucore.histograms import Spectrum
from nucore.reports.conversion import NO_MIXING, converted_fit, converted_impact, converted_limit
from nucore.reports.fit_tables import fit_headline, fit_rows, fit_tables
from nucore.reports.joint_fit import FreeQuantity, JointFit, joint_fit
from nucore.reports.judgement import bad_fit, refuse_far_data, warnings_of
from nucore.reports.per_charge import NO_CHARGES, PerCharge, per_charge
from nucore.stats import FitResult, LimitChoice, UpperLimit, fit, impacts, upper_limit
from nucore.stats.covariance import CountUnit
from nucore.stats.degeneracy import DegenerateModelError
from nucore.stats.feldman_cousins import ConfidenceInterval
from nucore.stats.global_minimum import ImpossibleDataError
from nucore.stats.impacts import Impact
from nucore.stats.likelihood import Likelihood
from nucore.stats.results import Result, plain
from nucore.stats.test_statistics import ProfileLikelihood, q_0
from nucore.stats.toy_limits import ToyPValue, ToyUpperLimit
from nucore.stats.upper_limits import no_limit
from nucore.summaries import Table

Array = NDArray[np.float64]

_FIT_FIELDS = ("best_fit", "uncertainties", "intervals", "covariance", "parameters", "pulls", "constraints")
_QUALITY_FIELDS = ("p_value", "goodness_of_fit", "degrees_of_freedom", "minimum")


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


@dataclass(frozen=True)
class FitReport(Result):
    """Fit and limit on one mixing.

    Attributes
    ----------
    source : FitInput
        Likelihood, data and their origin.
    fit : FitResult
        With the mixing as the parameter of interest.
    limit : UpperLimit
        On the mixing; its values are None, with reasons, where there is none.
    discovery_significance : float or None
        Of a positive signal, sqrt(q_0), in standard deviations; infinite where the data are impossible without, None
        without a parameter of interest.
    impacts : tuple of Impact
        On the mixing, the largest first.
    joint : JointFit or None
        Of a quantity that floats with the mixing, the W mass.
    per_charge : PerCharge or None
        The mixing of W+ and of W-; None with `per_charge_reason`.
    outside : float
        Standard deviations of the best fit beyond the allowed range of the parameter of interest, sqrt(2 Delta ln L).
    toy_limit, interval, toy_goodness : optional
        Upper limit, Feldman-Cousins interval and p-value of the fit from toys, where asked for.
    outputs : tuple of str
        Files of a report.
    """

    picture: ClassVar[str] = "nucore.plot.fit:fit_figure"

    source: FitInput
    fit: FitResult
    limit: UpperLimit
    discovery_significance: float | None
    impacts: tuple[Impact, ...]
    joint: JointFit | None = None
    per_charge: PerCharge | None = None
    per_charge_reason: str | None = None
    outside: float = 0.0
    toy_limit: ToyUpperLimit | None = None
    interval: ConfidenceInterval | None = None
    toy_goodness: ToyPValue | None = None
    outputs: tuple[str, ...] = ()

    @property
    def parameter(self) -> str:
        """Name of the mixing, ``Ue4_sq`` or ``Umu4_sq``, or of the parameter of interest of a workspace; else empty."""
        return self.source.likelihood.model.poi

    @property
    def expected(self) -> Array:
        """Contents of the bins at the best fit, shape (n_bins,)."""
        return self.source.contents(self.fit.expected_counts)

    @property
    def p_value_background(self) -> float | None:
        """Probability of an excess at least as large without signal (q_0, arXiv:1007.1727)."""
        if self.discovery_significance is None:
            return None
        return float(ndtr(-self.discovery_significance))

    def _significance_reason(self) -> str | None:
        """Say why the significance is no number, if so."""
        if self.discovery_significance is None:
            return self.limit.observed_reason
        return "the data are impossible without signal" if math.isinf(self.discovery_significance) else None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is wrong with the data or the best fit; empty if they are good."""
        return warnings_of(self)

    def require_good(self) -> None:
        """Raise `BadFitError` if the best fit does not describe the data."""
        reason = bad_fit(self)
        if reason is not None:
            raise BadFitError(reason)

    def to_hist(self) -> Any:
        """Return the data as a `hist.Hist`."""
        return self.source.spectrum.to_hist()

    def to_dict(self) -> dict[str, Any]:
        """Fields with the names of the command line.

        Keys
        ----
        experiment, flavour : str or None
            Of the data; None for a pyhf workspace.
        **collider.experiments.measurement.Measurement
            W experiments
        **mesons.inference.options.AnalysisOptions
            Mesons
        **nuportal.api.fit_inputs.fit_input
        **nuportal.api.prediction_files.described
            With ``--prediction``
        parameter : str or None
            Name of the parameter of interest, ``Ue4_sq`` or ``Umu4_sq``; None without one.
        exposure : dict
            ``{"luminosity_invfb": L}`` in fb^-1, or ``{"decays": N}``; empty for a pyhf workspace.
        **FitResult : best_fit, uncertainties, intervals, covariance, parameters, pulls, constraints, minimum
        **FitResult : p_value, goodness_of_fit, degrees_of_freedom
        warnings : list of str
            What is wrong with the data or the best fit; empty if they are good.
        per_charge
        per_charge_reason : str or None
            Why there is no mixing of each charge.
        impacts : dict
            Change of the parameter of interest by each nuisance parameter, ``minus`` and ``plus`` one standard
            deviation after the fit; the largest first.
        best_fit_reason : str or None
            Why the best fit is no mixing.
        upper_limit : float or None
            Observed upper limit on the parameter of interest.
        upper_limit_reason : str or None
            Why there is no observed limit.
        expected_limit : float or None
            Median expected upper limit for data without signal (Asimov).
        expected_limit_reason : str or None
            Why there is no expected limit.
        expected_band : dict
            ``minus2``, ``minus1``, ``plus1``, ``plus2``: expected limit for data fluctuated by that many sigma.
        limit : "cls", "clsb" or "delta-chi2"
            Convention of the limits.
        confidence_level : float
            Of the limits, as a fraction.
        unphysical_by_sigma : float
            Standard deviations of the best fit beyond the allowed range of the parameter of interest.
        p_value_background : float or None
            Probability of an excess at least as large without signal (q_0, arXiv:1007.1727).
        discovery_significance
        discovery_significance_reason : str or None
            Why the significance is no number.
        joint_fit : JointFit
            Of a quantity that floats with the mixing, the W mass; if one does.
        toy_limit : ToyUpperLimit
            Upper limit from toys, with ``--toys``.
        toy_p_value : ToyPValue
            Goodness of fit from toys, with ``--toys``.
        interval : ConfidenceInterval
            Feldman-Cousins interval, with ``--feldman-cousins``.
        """
        source, fitted, limit = self.source, self.fit.to_dict(), self.limit.to_dict()
        optional = {
            "joint_fit": self.joint,
            "toy_limit": self.toy_limit,
            "toy_p_value": self.toy_goodness,
            "interval": self.interval,
        }
        return {
            "experiment": source.experiment,
            "flavour": source.flavour,
            **source.analysis,
            "parameter": self.parameter or None,
            "exposure": source.exposure,
            **{name: fitted[name] for name in _FIT_FIELDS},
            "warnings": list(self.warnings),
            "per_charge": plain(self.per_charge),
            "per_charge_reason": self.per_charge_reason,
            "impacts": {i.parameter: {"minus": i.minus, "plus": i.plus} for i in self.impacts},
            "best_fit_reason": None if math.isfinite(self.fit.best_fit.get(self.parameter, 0.0)) else NO_MIXING,
            "upper_limit": limit["observed"],
            "upper_limit_reason": limit["observed_reason"],
            "expected_limit": limit["expected"],
            "expected_limit_reason": limit["expected_reason"],
            "expected_band": limit["band"],
            "limit": self.limit.method,
            "confidence_level": self.limit.confidence_level,
            **{name: fitted[name] for name in _QUALITY_FIELDS},
            "unphysical_by_sigma": self.outside,
            "p_value_background": self.p_value_background,
            "discovery_significance": self.discovery_significance,
            "discovery_significance_reason": self._significance_reason(),
            **{name: found.to_dict() for name, found in optional.items() if found is not None},
        }

    def headline(self) -> str:
        """Give the limit and how good the fit is."""
        return fit_headline(plain(self.to_dict()))

    def tables(self) -> tuple[Table, ...]:
        """What the fit assumes, the prediction, the parameters, the result."""
        return fit_tables(plain(self.to_dict()))

    def rows(self) -> list[dict[str, Any]]:
        """Records of the parameters."""
        return fit_rows(plain(self.to_dict()))


def _outside(profile: ProfileLikelihood) -> float:
    """Return by how many standard deviations the best fit is beyond the bounds of the parameter of interest."""
    low, high = profile.likelihood.model.poi_bounds
    free = profile.best(physical=False)
    if low <= free.theta[0] <= high:
        return 0.0
    return math.sqrt(max(0.0, 2.0 * (profile.best().value - free.value)))

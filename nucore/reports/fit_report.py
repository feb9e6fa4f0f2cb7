"""Result of ``nuportal fit``: best fit, p-values and upper limit of one data set."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from nucore.errors import BadFitError
from nucore.reports.conversion import NO_MIXING
from nucore.reports.fit_tables import fit_headline, fit_rows, fit_tables
from nucore.reports.joint_fit import JointFit
from nucore.reports.judgement import bad_fit, warnings_of
from nucore.reports.per_charge import PerCharge
from nucore.stats import FitResult, UpperLimit
from nucore.stats.feldman_cousins import ConfidenceInterval
from nucore.stats.impacts import Impact
from nucore.stats.results import Result, plain
from nucore.stats.toy_limits import ToyPValue, ToyUpperLimit
from nucore.summaries import Table

if TYPE_CHECKING:
    from nucore.reports.fit_input import FitInput

Array = NDArray[np.float64]

_FIT_FIELDS = ("best_fit", "uncertainties", "intervals", "covariance", "parameters", "pulls", "constraints")
_QUALITY_FIELDS = ("p_value", "goodness_of_fit", "degrees_of_freedom", "minimum")


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

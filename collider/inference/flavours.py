"""Electrons and muons together: joint limits on |U_e4|^2 and |U_mu4|^2, and tests of lepton universality.

A nu4 that mixes with both flavours takes |U_l4|^2 of the decays of each flavour l, whose light neutrinos keep
1 - |U_l4|^2; the spectra of the two flavours are otherwise independent.  Nuisances of the W and of the beams move both,
those of the lepton and of the backgrounds only one flavour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from collider.inference.flavour_tables import flavours_headline, flavours_rows, flavours_tables
from collider.inference.likelihood import W_MASS, Expectation, signal_samples
from nucore.model.particles import FLAVOURS
from nucore.reports.fit_quality import fit_warnings
from nucore.stats import (
    Contour,
    FitError,
    FitResult,
    Likelihood,
    LimitChoice,
    Model,
    NormFactor,
    Sample,
    UpperLimit,
    contour,
    fit,
    upper_limit,
)
from nucore.stats.modifiers import Modifier
from nucore.stats.results import Result
from nucore.summaries import Table

Array = NDArray[np.float64]

#: Name of the mixing of all flavours, where they mix equally.
EQUAL_MIXING = "Ul4_sq"
#: Nuisances that are independent for the two flavours; all others are common.
_OF_ONE_FLAVOUR = ("lepton_", "efficiency_slope", "template", "background_", "multijet")


@dataclass(frozen=True)
class FlavourLimits(Result):
    """Limits on the mixing with one flavour.

    Attributes
    ----------
    parameter : str
        Name of the mixing, ``Ue4_sq`` or ``Umu4_sq``.
    best_fit, uncertainty : float
        With both mixings free.
    profiled, other_zero : UpperLimit
        With the other mixing fitted within [0, 1], and at zero; null with a reason where nothing is excluded.
    reason : str or None
        Why there is no limit with the other mixing fitted.
    """

    parameter: str
    best_fit: float
    uncertainty: float
    profiled: UpperLimit | None
    other_zero: UpperLimit
    reason: str | None = None


@dataclass(frozen=True)
class FlavourFit(Result):
    """Joint fit of two flavours.

    Attributes
    ----------
    correlation : float or None
        Of the two mixings.
    limits : tuple of FlavourLimits
        One a flavour.
    contour : Contour or None
        In the plane of the two mixings, neither bounded.
    p_value : float or None
        Goodness of fit; None without degrees of freedom.
    pulls : dict
        Of each constrained parameter.
    warnings : tuple of str
        What is wrong with the best fit; empty if it is good.
    reason : str or None
        Why there is no contour.
    """

    correlation: float | None
    limits: tuple[FlavourLimits, ...]
    contour: Contour | None
    p_value: float | None
    pulls: dict[str, float]
    warnings: tuple[str, ...] = ()
    reason: str | None = None


@dataclass(frozen=True)
class FlavoursReport(Result):
    """Joint fit of electrons and muons, and the choices behind it.

    Attributes
    ----------
    experiment : str
        Name of the experiment.
    m4_GeV : float
        Mass of nu4.
    exposure : dict
        fb^-1 of each flavour.
    data : dict
        Names of the data by flavour; None where the data are those expected without nu4.
    free_normalisation : bool
        Whether one free factor is on the W rates of both flavours.
    confidence_level : float
        Of the limits and the contour, as a fraction.
    limit : str
        Convention: ``cls``, ``clsb`` or ``delta-chi2``.
    analysis : dict
        Choices of the analysis.
    result : FlavourFit
        The joint fit.
    """

    picture: ClassVar[str] = "nucore.plot.flavours:flavours_figure"

    experiment: str
    m4_GeV: float
    exposure: dict[str, float]
    data: dict[str, str | None]
    free_normalisation: bool
    confidence_level: float
    limit: str
    analysis: dict[str, Any]
    result: FlavourFit

    def to_dict(self) -> dict[str, Any]:
        """Fields as plain Python types, those of the fit among them.

        Keys
        ----
        experiment
        m4_GeV
        exposure
        data
        free_normalisation
        confidence_level
        limit
        analysis : Measurement
            Choices of the analysis; ``nuisances`` by flavour.
        **FlavourFit
        """
        return {**{name: value for name, value in vars(self).items() if name != "result"}, **self.result.to_dict()}

    def headline(self) -> str:
        """Give the limits."""
        return flavours_headline(self.to_dict())

    def tables(self) -> tuple[Table, ...]:
        """What was fitted, and the limits."""
        return flavours_tables(self.to_dict())

    def rows(self) -> list[dict[str, Any]]:
        """Records of the limits, one a flavour."""
        return flavours_rows(self.to_dict())


def joint_model(
    expected: Sequence[Expectation],
    poi: str,
    *,
    free_normalisation: bool = False,
    bounded: bool = False,
    zero: bool = False,
) -> Model:
    """Return the model of the spectra of several flavours, one after the other.

    Parameters
    ----------
    expected : sequence of Expectation
        One a flavour, with the same options.
    poi : str
        The mixing that is the parameter of interest; `EQUAL_MIXING` where it is the same in all flavours.
    free_normalisation : bool
        One free factor on the W rates of all flavours in place of the constrained normalisation.
    bounded : bool
        The other mixing stays within [0, 1].
    zero : bool
        The other mixing is zero.
    """
    sizes = [e.standard_model.size for e in expected]
    samples = []
    for k, one in enumerate(expected):
        before, after = sum(sizes[:k]), sum(sizes[k + 1 :])
        name = poi if poi == EQUAL_MIXING else one.parameter
        bounds = (0.0, 1.0) if bounded and name != poi else (-np.inf, np.inf)
        mixing = [NormFactor(name, 1.0 if name == poi else 0.0, bounds)]
        signal = signal_samples(one, mixing, free_normalisation=free_normalisation)
        if zero and name != poi:
            signal = signal[:1]
        samples += [_in_place(sample, one, before, after) for sample in one.samples(signal)]
    return Model(samples, poi=poi, poi_bounds=(0.0, 1.0))


def _in_place(sample: Sample, expected: Expectation, before: int, after: int) -> Sample:
    """Return the sample with empty bins for the other flavours, and names of its own."""
    flavour = expected.measurement.flavour
    ours = expected.prediction is None
    of_w = {*expected.light.shifts, W_MASS, EQUAL_MIXING, *(f"U{lepton}4_sq" for lepton in FLAVOURS)}

    def renamed(modifier: Modifier) -> Modifier:
        name = getattr(modifier, "name", "")
        common = not name.startswith(_OF_ONE_FLAVOUR) and (ours or name in of_w)
        return replace(modifier, name=name if common else f"{name}_{flavour}")  # type: ignore[arg-type]

    padded = sample.in_bins(lambda values: np.pad(values, (before, after)), f"{sample.name} ({flavour})")
    return replace(padded, modifiers=[renamed(m) for m in padded.modifiers])


def fit_flavours(
    expected: Sequence[Expectation],
    counts: Array,
    *,
    free_normalisation: bool = False,
    limit: LimitChoice = LimitChoice(),
    n_points: int = 48,
) -> FlavourFit:
    """Fit two flavours together.

    Parameters
    ----------
    expected : sequence of Expectation
        Of the electrons and of the muons.
    counts : float64[n]
        Their data, one after the other.
    free_normalisation : bool
        See `joint_model`: what is left is the ratio of the flavours, and the shapes.
    limit : LimitChoice
        Of the limits; the contour is that of two parameters at this confidence level.
    n_points : int
        Of the contour.

    Raises
    ------
    nucore.stats.FitError
        If the minimisation fails.
    """
    names = [e.parameter for e in expected]
    likelihood = Likelihood(joint_model(expected, names[0], free_normalisation=free_normalisation), counts)
    best = region = reason = None
    try:
        best = fit(likelihood)
        region = contour(likelihood, names[0], names[1], confidence_level=limit.confidence_level, n_points=n_points)
    except FitError as error:  # above the W mass only the ratio of the flavours is measured
        reason = str(error)
    limits = []
    for name in names:
        models = [
            joint_model(expected, name, free_normalisation=free_normalisation, bounded=not zero, zero=zero)
            for zero in (False, True)
        ]
        limits.append(_limits(name, models, counts, best, limit))
    if best is None:
        return FlavourFit(None, tuple(limits), None, None, {}, (), reason)
    index = best.parameters.index(names[1])
    return FlavourFit(
        float(best.correlation[0, index]), tuple(limits), region, best.p_value, dict(best.pulls),
        fit_warnings(best.p_value, best.pulls), reason,
    )  # fmt: skip


def _limits(
    name: str,
    models: Sequence[Model],
    counts: Array,
    best: FitResult | None,
    limit: LimitChoice,
) -> FlavourLimits:
    profiled = reason = None
    try:
        profiled = upper_limit(Likelihood(models[0], counts), limit)
    except FitError as error:
        reason = str(error)
    other_zero = upper_limit(Likelihood(models[1], counts), limit)
    value, sigma = (np.nan, np.nan) if best is None else (best.best_fit[name], best.uncertainties[name])
    return FlavourLimits(name, float(value), float(sigma), profiled, other_zero, reason)

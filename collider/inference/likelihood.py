"""The likelihood of a measurement of W -> l nu with all its nuisances.

With theta the nuisance parameters of unit Gaussian constraint, the expectation is

    [1 - |U_l4|^2] light(theta) + |U_l4|^2 nu4(theta) + backgrounds,

each template with its own shift for every nuisance.  The normalisation uncertainty belongs to the Standard Model
sample: light (1 + sigma alpha) + |U_l4|^2 (nu4 - light), so that for m4 > mW, where only the total rate is left,
the median limit is z times that uncertainty (arXiv:1709.07001).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from collider.backgrounds.background_samples import BackgroundSample, background_samples
from collider.experiments.analysis_options import AnalysisOptions
from collider.experiments.cards import CHARGES
from collider.experiments.measurement import Measurement, measurement
from collider.experiments.response import Experiment
from collider.production.w_production import M_W, MAX_M4_GEV
from collider.templates.systematics import Shapes, shapes, values_at
from nucore.histograms import Spectrum
from nucore.model.parameters import PortalParameters, check_mass
from nucore.prediction import Prediction
from nucore.reports.per_charge import of_charge
from nucore.stats import HistoSys, LinearNorm, Model, NormFactor, Sample, StatError
from nucore.stats.covariance import CountUnit
from nucore.stats.modifiers import Modifier

Array = NDArray[np.float64]

#: Name of the W mass among the parameters.
W_MASS = "m_W"
#: Largest numerical variance of a template over the statistical one of the data that is left out of a likelihood.
_NEGLIGIBLE_VARIANCE = 0.1


@dataclass(frozen=True, eq=False)
class Expectation:
    """Templates of a measurement at one nu4 mass.

    Attributes
    ----------
    measurement : Measurement
    light, nu4 : Shapes
        Of a massless neutrino, and of nu4 at |U_l4|^2 = 1.
    backgrounds : tuple of BackgroundSample
        Ours; empty with a prediction.
    prediction : Prediction or None
        Of the Standard Model, in the fitted bins; `light` and `nu4` are scaled to it.
    unit : CountUnit or None
        Counts of the model that stand for contents of the bins; None where these are the counts.
    """

    measurement: Measurement
    light: Shapes
    nu4: Shapes
    backgrounds: tuple[BackgroundSample, ...] = ()
    prediction: Prediction | None = None
    unit: CountUnit | None = None

    @property
    def parameter(self) -> str:
        """Name of the parameter of interest."""
        return self.measurement.parameter

    @property
    def standard_model(self) -> Array:
        """Expected events without nu4, shape (n,)."""
        light = self.light.values if self.prediction is None else self.light.values + self.prediction.background
        return np.asarray(sum((b.values for b in self.backgrounds), start=light))

    def values(self, U_sq: float) -> Array:
        """Expected events at a mixing, shape (n,)."""
        return np.asarray(self.standard_model + U_sq * (self.nu4.values - self.light.values))

    def model(self, *, fixed_m_W: bool = False) -> Model:
        """Return the binned model; ``fixed_m_W`` keeps a free W mass at its value."""
        samples = signal_samples(self, [NormFactor(self.parameter)], free_m_W=not fixed_m_W)
        return Model(self.samples(samples), poi=self.parameter, poi_bounds=(0.0, 1.0))

    def charge_model(self) -> Model:
        """Return the model with one mixing a charge, `of_charge` of the parameter, and all nuisances in common.

        The measurement must have separate spectra: two `Measurement.charge_groups`.
        """
        light, difference = signal_samples(self, [])
        groups = self.measurement.charge_groups
        signs = np.repeat(groups, self.light.values.size // len(groups))
        samples = [light]
        for charge, sign in CHARGES.items():
            part = difference.in_bins(partial(np.multiply, signs == sign), f"{difference.name} (W{charge})")
            mixing = NormFactor(of_charge(self.parameter, charge), 0.0)
            samples.append(replace(part, modifiers=[mixing, *part.modifiers]))
        return Model(self.samples(samples), poi=of_charge(self.parameter, "+"), poi_bounds=(0.0, 1.0))

    def samples(self, signal: Sequence[Sample]) -> list[Sample]:
        """Return the samples of a model of the data, of `signal_samples` or parts of them."""
        if self.prediction is None:
            found = [*signal, *(Sample(b.name, b.values, background_modifiers(self, b)) for b in self.backgrounds)]
        else:
            found = self.prediction.samples(signal, self.measurement.normalisation_uncertainty)
        return found if self.unit is None else self.unit.samples(found)

    def counts(self, contents: Array) -> Array:
        """Return contents of the bins as counts of the model, shape (n,)."""
        return contents if self.unit is None else self.unit.counts(contents)

    def nuisance_shifts(self, U_sq: float = 0.0) -> dict[str, Array]:
        """Change of the expected events for one standard deviation of each nuisance, at a mixing."""
        model = self.model(fixed_m_W=True)
        slopes = model.expectation(model.vector({self.parameter: U_sq})).jacobian()
        return {model.names[k]: width * slopes[k] for k, width in zip(model.constrained, model.widths, strict=True)}


def expectation(measured: Measurement, m4: float, *, m_W: float = M_W, light: Shapes | None = None) -> Expectation:
    """Compute the templates of a measurement.

    Parameters
    ----------
    measured : Measurement
    m4 : float
        nu4 mass, GeV, above 0.
    m_W : float
        GeV.
    light : Shapes, optional
        Those of the massless neutrino, if they are there already.

    Raises
    ------
    InputError
        For a mass out of range.
    """
    check_mass("m4", m4, MAX_M4_GEV)
    light = shapes(measured, 0.0, m_W) if light is None else light
    return Expectation(measured, light, shapes(measured, m4, m_W), background_samples(measured, light.values, m_W))


def in_prediction(
    measured: Measurement,
    m4: float,
    prediction: Prediction,
    *,
    m_W: float = M_W,
    prediction_m_W: float | None = None,
    light: Shapes | None = None,
    unit: CountUnit | None = None,
) -> Expectation:
    """Return our templates as ratios in a prediction of the Standard Model, see `nucore.prediction`.

    Parameters
    ----------
    measured, m4, m_W, light
        As in `expectation`.
    prediction : Prediction
        In the fitted bins.
    prediction_m_W : float, optional
        W mass in the prediction, GeV; ``m_W`` by default. The ratio of our templates brings it to ``m_W``.
    unit : CountUnit, optional
        Counts of the model that stand for contents of the bins.

    Raises
    ------
    InputError
        For a mass out of range, or a prediction that does not fit the measurement.
    """
    check_mass("m4", m4, MAX_M4_GEV)
    light = shapes(measured, 0.0, m_W) if light is None else light
    nu4 = shapes(measured, m4, m_W)
    like_predicted = light.values if prediction_m_W in (None, m_W) else values_at(measured, 0.0, prediction_m_W)
    ratio, own = prediction.ratio(like_predicted), prediction.nu4_at(m4)
    scaled = nu4.scaled(ratio if own is None else np.divide(own, nu4.values, out=0.0 * own, where=nu4.values > 0.0))
    return Expectation(measured, light.scaled(ratio), scaled, prediction=prediction, unit=unit)


def signal_samples(
    expected: Expectation, mixing: Sequence[Modifier], *, free_m_W: bool = True, free_normalisation: bool = False
) -> list[Sample]:
    """Return the samples ``light`` and ``nu4 - light``, the latter scaled by ``mixing``.

    With a prediction its normalisation counts, which is left to `Expectation.samples`.
    """
    measured, light, nu4 = expected.measurement, expected.light, expected.nu4
    ours = expected.prediction is None
    normalisation: list[Modifier] = []
    if ours and not free_normalisation and measured.normalisation_uncertainty > 0.0:
        normalisation = [LinearNorm("normalisation", measured.normalisation_uncertainty)]
    values, difference = light.values, nu4.values - light.values
    moved: list[tuple[Modifier, Modifier]] = [
        (_shifted(name, values, shift), _shifted(name, difference, nu4.shifts[name] - shift))
        for name, shift in light.shifts.items()
    ]
    if free_m_W and light.m_W_slope is not None and nu4.m_W_slope is not None:
        slope = nu4.m_W_slope - light.m_W_slope
        moved.append((_shifted(W_MASS, values, light.m_W_slope, False), _shifted(W_MASS, difference, slope, False)))
    common = _computed_rate(expected) if ours else []
    if ours and free_normalisation:
        common.append(NormFactor("normalisation"))
    errors = _numerical_errors(expected)
    return [
        Sample("light", values, [*normalisation, *common, *(m for m, _ in moved), *errors]),
        Sample("nu4 - light", difference, [*mixing, *common, *(m for _, m in moved)]),
    ]


def background_modifiers(expected: Expectation, background: BackgroundSample) -> list[Modifier]:
    """Return the modifiers of a background: its own, and those of rates where its rate is computed."""
    found: list[Modifier] = []
    options = expected.measurement.options
    if options.systematics == "paper":
        return found
    if background.uncertainty * options.factor(background.nuisance) > 0.0:
        found.append(LinearNorm(background.nuisance, background.uncertainty * options.factor(background.nuisance)))
    if background.of_luminosity:
        found += _computed_rate(expected)
    for name, shift in background.shifts.items():
        if options.factor(name) > 0.0:
            found.append(_shifted(name, background.values, options.factor(name) * shift))
    return found


def _computed_rate(expected: Expectation) -> list[Modifier]:
    """Return the uncertainties of every rate that is not measured with the data."""
    kinds = ("luminosity", "lepton_efficiency")
    return [LinearNorm(n.name, n.size) for n in expected.measurement.nuisances if n.kind in kinds]


def _shifted(name: str, values: Array, shift: Array, constrained: bool = True) -> HistoSys:
    return HistoSys(name, values - shift, values + shift, constrained)


def _numerical_errors(expected: Expectation) -> list[Modifier]:
    """Factors for the numerical uncertainty of the bins of the light template, where it is not negligible."""
    if expected.measurement.options.systematics == "paper":
        return []
    values, variances = expected.light.values, expected.light.variances
    matters = variances > _NEGLIGIBLE_VARIANCE * expected.standard_model
    if not matters.any():
        return []
    return [StatError("template", np.where(matters, np.sqrt(variances) / values, 0.0))]


def expected_spectrum(
    experiment: Experiment,
    flavour: str,
    parameters: PortalParameters,
    exposure: float | None = None,
    options: AnalysisOptions | None = None,
) -> Spectrum:
    """Return the expected spectrum at a parameter point, without fluctuations; excluded |eta| bins are empty.

    Parameters
    ----------
    experiment : Experiment
    flavour : str
        ``e`` or ``mu``.
    parameters : PortalParameters
    exposure : float, optional
        fb^-1; that of the card by default.
    options : AnalysisOptions, optional
    """
    measured = measurement(experiment, flavour, options, exposure)
    fitted = expectation(measured, parameters.m4, m_W=parameters.m_W).values(parameters.U_sq(flavour))
    values = np.zeros(measured.kept.size)
    values[measured.kept] = fitted
    return measured.spectrum(values, np.zeros_like(values))


def gaussian_uncertainty(counts: Array, signal: Array, shifts: Mapping[str, Array]) -> float:
    """Return the standard deviation of |U_l4|^2 in the Gaussian limit, nuisances profiled.

    Parameters
    ----------
    counts : float64[n]
        Expected events, whose statistical variance they are.
    signal : float64[n]
        Change of the counts with |U_l4|^2.
    shifts : mapping of float64[n]
        Change of the counts for one standard deviation of each nuisance.

    Returns
    -------
    float
        Square root of the first element of the inverse Fisher matrix
        F = J diag(1/counts) J^T + diag(0, 1, ..., 1), with the rows of J signal and shifts.
    """
    jacobian = np.stack([signal, *shifts.values()])
    information = (jacobian / counts) @ jacobian.T + np.diag([0.0] + [1.0] * len(shifts))
    nuisances = information[1:, 1:]
    gain = information[0, 1:] @ np.linalg.solve(nuisances, information[1:, 0]) if len(shifts) else 0.0
    return float((information[0, 0] - gain) ** -0.5)

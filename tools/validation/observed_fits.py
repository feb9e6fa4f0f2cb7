"""Published spectra of a card ready to be fitted with other data, or another prediction, in their place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from collider.experiments.analysis_options import AnalysisOptions
from collider.experiments.response import Experiment
from collider.inference.likelihood import Expectation, expectation
from collider.inference.observed_spectra import ObservedSpectra, observed_spectra
from collider.templates.systematics import Shapes, values_at
from nucore.prediction import Prediction
from nucore.stats import Likelihood, LimitChoice, fit, upper_limit

Array = NDArray[np.float64]

LIMIT = LimitChoice()


@dataclass(frozen=True, eq=False)
class Analysis:
    """Published spectra with templates of some nu4 masses.

    Attributes
    ----------
    spectra : tuple of ObservedSpectra
        One a treatment of the uncertainties.
    ours : mapping of Expectation
        By nu4 mass, GeV; not scaled to a prediction.
    """

    spectra: tuple[ObservedSpectra, ...]
    ours: Mapping[float, Expectation]

    @property
    def m_W(self) -> float:
        """Of the templates, GeV."""
        return self.spectra[0].m_W

    @property
    def data(self) -> Array:
        """Published contents of the bins, shape (n,)."""
        return self.spectra[0].data.spectrum.values

    @property
    def light(self) -> Array:
        """Our template of the massless neutrino, shape (n,)."""
        return self.spectra[0].light.values

    @property
    def groups(self) -> NDArray[np.int64]:
        """Number of the charge of each bin, shape (n,)."""
        n_groups = len(self.spectra[0].measurement.charge_groups)
        return np.repeat(np.arange(n_groups), self.data.size // n_groups)

    @property
    def low_edges(self) -> Array:
        """Lower edge of each bin, GeV, shape (n,)."""
        return np.tile(self.spectra[0].data.edges[:-1], self.groups.max() + 1)

    @cached_property
    def predictions(self) -> tuple[Prediction, ...]:
        """The prediction of each treatment at the W mass of the templates."""
        at = self.spectra[0].data.block.prediction_m_W_GeV
        like = self.light if at in (None, self.m_W) else values_at(self.spectra[0].measurement, 0.0, at)
        moved = self.light / like
        return tuple(replace(one.prediction, signal=one.prediction.signal * moved) for one in self.spectra)


def analysis(
    experiment: Experiment, flavour: str, name: str, masses: Sequence[float], options: AnalysisOptions | None = None
) -> Analysis:
    """Return the data block of a card with templates of nu4 masses (GeV), all systematics by default."""
    spectra = observed_spectra(experiment, flavour, options or AnalysisOptions(systematics="full"), name)
    one = spectra[0]
    return Analysis(spectra, {m4: expectation(one.measurement, m4, m_W=one.m_W, light=one.light) for m4 in masses})


def placed(ours: Expectation, prediction: Prediction, like: ArrayLike | None = None) -> Expectation:
    """Return templates as ratios in a prediction, as `collider.inference.likelihood.in_prediction`.

    Parameters
    ----------
    ours : Expectation
    prediction : Prediction
    like : float64[n], optional
        Our template of the massless neutrino at the W mass of the prediction; that of the templates by default.
    """
    ratio = prediction.ratio(ours.light.values if like is None else like)
    return replace(
        ours,
        light=ours.light.scaled(ratio),
        nu4=ours.nu4.scaled(ratio),
        prediction=prediction,
        unit=prediction.effective_counts(),
    )


def wider_m_W(ours: Expectation, factor: float) -> Expectation:
    """Return templates whose prior of the W mass is wider by a factor."""
    return replace(ours, light=_wider(ours.light, factor), nu4=_wider(ours.nu4, factor))


def _wider(shapes: Shapes, factor: float) -> Shapes:
    return replace(shapes, shifts={**shapes.shifts, "m_W": factor * shapes.shifts["m_W"]})


def in_bins(ours: Expectation, kept: NDArray[np.bool_]) -> Expectation:
    """Return templates in some of their bins."""

    def part(shapes: Shapes) -> Shapes:
        shifts = {name: shift[kept] for name, shift in shapes.shifts.items()}
        slope = None if shapes.m_W_slope is None else shapes.m_W_slope[kept]
        return Shapes(shapes.replicas[:, kept], shifts, slope)

    return replace(ours, light=part(ours.light), nu4=part(ours.nu4))


@dataclass(frozen=True)
class Outcome:
    """Fit and limit of one spectrum at one mass.

    Attributes
    ----------
    m4 : float
        GeV.
    U_sq, uncertainty : float
    observed, expected : float or None
        Upper limits.
    p_value : float or None
    treatment : int
        Number of the treatment of the uncertainties.
    """

    m4: float
    U_sq: float
    uncertainty: float
    observed: float | None
    expected: float | None
    p_value: float | None
    treatment: int = 0


def likelihood_of(templates: Expectation, data: Array, auxiliary: Mapping[str, float] | None = None) -> Likelihood:
    """Return the likelihood of data.

    Parameters
    ----------
    templates : Expectation
    data : float64[n]
    auxiliary : mapping, optional
        Where constraints are centred, in their standard deviations, by nuisance; 0 by default.
    """
    model, given = templates.model(), auxiliary or {}
    centre = [given.get(model.names[k], 0.0) for k in model.constrained]
    return Likelihood(model, model.observation(templates.counts(data), np.array(centre)))


def outcome(m4: float, templates: Expectation, data: Array, auxiliary: Mapping[str, float] | None = None) -> Outcome:
    """Fit data, and set a limit; arguments as of `likelihood_of`."""
    likelihood = likelihood_of(templates, data, auxiliary)
    best, bound, name = fit(likelihood), upper_limit(likelihood, LIMIT), templates.parameter
    return Outcome(m4, best.best_fit[name], best.uncertainties[name], bound.observed, bound.expected, best.p_value)


def weakest(
    m4: float, ours: Expectation, predictions: Sequence[Prediction], data: Array, like: ArrayLike | None = None
) -> Outcome:
    """Return the outcome with the treatment of the weakest observed limit."""
    found = [replace(outcome(m4, placed(ours, one, like), data), treatment=k) for k, one in enumerate(predictions)]
    return max(found, key=lambda one: np.inf if one.observed is None else one.observed)

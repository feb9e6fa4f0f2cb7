"""Pseudo-experiments of published spectra: how often the true |U|^2 is excluded, bias and width of its pull.

The truth is the prediction with a nu4.  A pseudo-experiment has Poisson counts, auxiliary measurements of all nuisances
that fluctuate, and a prediction that is off by a random draw of its own uncertainties, with the correlation of one
treatment; it is fitted with each of them, and a value is excluded where each excludes it: the weakest limit counts.
With a dependence on the W mass the experiment fits its prediction to the pseudo-data first, see
`tools.validation.observed_tuning`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtr

from nucore.stats import Likelihood, fit
from nucore.stats.covariance import ErrorSource, modes
from nucore.stats.test_statistics import ProfileLikelihood, log_p_values, q_mu_tilde
from nucore.stats.toys import toy_generator
from tools.validation.observed_fits import LIMIT, Analysis, likelihood_of, placed
from tools.validation.observed_tuning import MassDependence, at_mass, fitted_mass

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Truth:
    """What pseudo-experiments are thrown from.

    Attributes
    ----------
    m4 : float
        GeV.
    U_sq : float
    treatment : int
        Number of the one whose correlation the errors of the prediction have.
    mass : MassDependence or None
        Given, the prediction is fitted to each pseudo-experiment in the W mass and its normalisation, in the bins
        `fitted`.
    fitted : bool[n] or None
    errors : tuple of ErrorSource or None
        What the prediction is off by in place of those of the treatment.
    name : str
        Of these.
    """

    m4: float
    U_sq: float
    treatment: int
    mass: MassDependence | None = None
    fitted: NDArray[np.bool_] | None = None
    errors: tuple[ErrorSource, ...] | None = None
    name: str = ""


@dataclass(frozen=True, eq=False)
class Coverage:
    """Fits of pseudo-experiments of one truth.

    Attributes
    ----------
    truth : Truth
    best_fits, uncertainties : float64[n_toys, n_treatments]
    excluded : bool[n_toys, n_treatments]
        Whether the true value is excluded by CLs.
    """

    truth: Truth
    best_fits: Array
    uncertainties: Array
    excluded: NDArray[np.bool_]

    @property
    def pulls(self) -> Array:
        """(best fit - truth)/uncertainty, shape (n_toys, n_treatments)."""
        return np.asarray((self.best_fits - self.truth.U_sq) / self.uncertainties)

    @property
    def excluded_by_all(self) -> float:
        """Share of the pseudo-experiments whose weakest limit lies below the true value."""
        return float(self.excluded.all(axis=1).mean())

    def share_uncertainty(self, share: float) -> float:
        """Binomial standard deviation of a share of the pseudo-experiments."""
        return math.sqrt(max(share * (1.0 - share), 1.0 / len(self.excluded)) / len(self.excluded))


def coverage(analysis: Analysis, truth: Truth, n: int, seed: int = 1, fitted: Sequence[int] | None = None) -> Coverage:
    """Throw and fit pseudo-experiments, with all treatments or those of some numbers."""
    chosen = range(len(analysis.spectra)) if fitted is None else fitted
    rows = np.array([_fits(analysis, truth, toy_generator(seed, i), chosen) for i in range(n)])
    return Coverage(truth, rows[..., 0], rows[..., 1], rows[..., 2] > 0.0)


def _fits(
    analysis: Analysis, truth: Truth, rng: np.random.Generator, treatments: Sequence[int]
) -> list[tuple[float, float, float]]:
    """Best fit, uncertainty and whether the truth is excluded, of one pseudo-experiment with each treatment."""
    ours, like = analysis.ours[truth.m4], None
    true = analysis.predictions[truth.treatment]
    effect = truth.U_sq * (ours.nu4.values / ours.light.values - 1.0)
    data = rng.poisson(true.signal * (1.0 + effect) + true.background).astype(float)
    error = _draw(true.errors if truth.errors is None else truth.errors, rng)
    auxiliary = {name: float(rng.standard_normal()) for name in (*ours.light.shifts, "background")}
    predictions = [replace(analysis.predictions[k], signal=true.signal + error) for k in treatments]
    if truth.mass is not None:
        assert truth.fitted is not None
        m_W = fitted_mass(data, predictions[0], truth.mass, truth.fitted)
        predictions = [at_mass(data, one, truth.mass, m_W) for one in predictions]
        like = ours.light.values * truth.mass.ratio(m_W)
    found = []
    for one in predictions:
        templates = placed(ours, one, like)
        likelihood = likelihood_of(templates, data, auxiliary)
        best = fit(likelihood)
        out = truth.U_sq > 0.0 and cls(likelihood, truth.U_sq) < 1.0 - LIMIT.confidence_level
        found.append((best.best_fit[templates.parameter], best.uncertainties[templates.parameter], float(out)))
    return found


def cls(likelihood: Likelihood, value: float) -> float:
    """Return CLs of a value of the parameter of interest, from asymptotic formulae."""
    data, model = ProfileLikelihood(likelihood), likelihood.model
    asimov = ProfileLikelihood(Likelihood(model, model.asimov(data.conditional(0.0).theta)))
    with_signal, without = log_p_values(q_mu_tilde(data, value), max(2.0 * asimov.value(value), 0.0))
    return math.exp(with_signal - without)


def exclusion(significance: float) -> float:
    """Return the probability that CLs excludes the true value of |U|^2, of a Gaussian best fit.

    Parameters
    ----------
    significance : float
        True value over its uncertainty.
    """
    if significance <= 0.0:
        return 0.0
    edge = brentq(lambda x: ndtr(x - significance) - (1.0 - LIMIT.confidence_level) * ndtr(x), -30.0, significance)
    return float(ndtr(edge - significance))


def _draw(errors: Sequence[ErrorSource], rng: np.random.Generator) -> Array:
    """Draw what a prediction is off by, shape (n,)."""
    error = np.zeros_like(errors[0].sigma)
    for source in errors:
        if source.correlation is None:
            error += source.sigma * rng.standard_normal(error.size)
        else:
            shapes = modes(source.covariance, source.sigma**2)
            error += rng.standard_normal(len(shapes)) @ shapes
    return error

"""Pseudo-experiments of published spectra: how often the true |U|^2 is excluded, bias and width of its pull.

The truth is the prediction with a nu4.  A pseudo-experiment has Poisson counts, auxiliary measurements of all nuisances
that fluctuate, and a prediction that is off by a random draw of its own uncertainties, with the correlation of one
treatment; it is fitted with each of them, the weakest limit counts.  With a dependence on the W mass the experiment
fits its prediction to the pseudo-data first, see `tools.validation.observed_tuning`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nucore.prediction import Prediction
from nucore.stats.covariance import modes
from nucore.stats.toys import ToyStudy, toy_generator
from tools.validation.observed_fits import Analysis, outcome, placed
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
    """

    m4: float
    U_sq: float
    treatment: int
    mass: MassDependence | None = None
    fitted: NDArray[np.bool_] | None = None


def studies(analysis: Analysis, truth: Truth, n: int, seed: int = 1) -> list[ToyStudy]:
    """Throw and fit pseudo-experiments.

    Returns
    -------
    list of ToyStudy
        One a treatment, the last one with the weakest limit of each pseudo-experiment.
    """
    rows = np.array([_fits(analysis, truth, toy_generator(seed, i)) for i in range(n)])
    weakest = rows[np.arange(n), rows[:, :, 2].argmax(axis=1)]
    return [
        ToyStudy(truth.U_sq, one[:, 0], one[:, 1], one[:, 2], 0) for one in (*np.moveaxis(rows, 1, 0), weakest)
    ]


def _fits(analysis: Analysis, truth: Truth, rng: np.random.Generator) -> list[tuple[float, float, float]]:
    """Best fit, uncertainty and limit of one pseudo-experiment with each treatment."""
    ours, predictions, like = analysis.ours[truth.m4], analysis.predictions, None
    true = predictions[truth.treatment]
    effect = truth.U_sq * (ours.nu4.values / ours.light.values - 1.0)
    data = rng.poisson(true.signal * (1.0 + effect) + true.background).astype(float)
    error = _draw(true, rng)
    auxiliary = {name: float(rng.standard_normal()) for name in (*ours.light.shifts, "background")}
    predictions = [replace(one, signal=one.signal + error) for one in predictions]
    if truth.mass is not None:
        assert truth.fitted is not None
        m_W = fitted_mass(data, predictions[0], truth.mass, truth.fitted)
        predictions = [at_mass(data, one, truth.mass, m_W) for one in predictions]
        like = ours.light.values * truth.mass.ratio(m_W)
    found = []
    for one in predictions:
        result = outcome(truth.m4, placed(ours, one, like), data, auxiliary, expected=False)
        found.append((result.U_sq, result.uncertainty, np.inf if result.observed is None else result.observed))
    return found


def _draw(prediction: Prediction, rng: np.random.Generator) -> Array:
    """Draw what a prediction is off by, shape (n,)."""
    error = np.zeros_like(prediction.signal)
    for source in prediction.errors:
        if source.correlation is None:
            error += source.sigma * rng.standard_normal(error.size)
        else:
            shapes = modes(source.covariance)
            error += rng.standard_normal(len(shapes)) @ shapes
    return error

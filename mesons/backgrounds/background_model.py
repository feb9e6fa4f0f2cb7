"""Backgrounds of a meson experiment by the model its card or the user chooses.

Every model has the size that the calibration gives the range of the card; they differ in shape, and in what
floats in the fit:

===============  =====================================  ==================================
model            shape                                  floats
===============  =====================================  ==================================
``floating``     the form of the card                   the form of the card
``known``        the form of the card                   nothing, or its normalisation
``radiative``    M -> l nu gamma with a lost photon     its normalisation
===============  =====================================  ==================================
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mesons.backgrounds.lost_particles import LostParticles
from mesons.backgrounds.radiative import RadiativeDecay
from mesons.experiments.calibration import Calibration, calibrate
from mesons.experiments.cards import Experiment
from mesons.experiments.response import smeared

Array = NDArray[np.float64]
BackgroundModel = Literal["floating", "known", "radiative"]

#: Least energy of a lost photon, and standard deviations beyond the range from which leptons are smeared into it.
_SMALLEST_PHOTON_GEV = 5e-3
_FARTHEST_SIGMA = 7.0
_TRUTH_CELLS = 2000


def floating_degree(experiment: Experiment, model: BackgroundModel, degree: int | None = None) -> int:
    """Degree of the polynomial in ln p that multiplies the background in the fit.

    Parameters
    ----------
    experiment : Experiment
    model : "floating", "known" or "radiative"
    degree : int, optional
        Over that of the model.
    """
    if degree is not None:
        return degree
    radiative = model == "radiative" or experiment.background.model == "radiative"
    return 0 if radiative else experiment.background.degree


@lru_cache(maxsize=64)
def _radiative_shape(experiment: Experiment) -> Array:
    """M -> l nu gamma with a lost photon, smeared into the bins; sums to 1."""
    veto = experiment.photon_veto
    lost = None if veto is None else LostParticles(veto.photon_energy_GeV, veto.inefficiency)
    decay = RadiativeDecay.of(experiment.parent, experiment.lepton)
    low, high = experiment.edges[[0, -1]]
    margin = _FARTHEST_SIGMA * float(experiment.resolution.sigma([high])[0])
    edges = np.linspace(max(low - margin, 0.0), min(high + margin, decay.max_momentum), _TRUTH_CELLS + 1)
    momentum = 0.5 * (edges[1:] + edges[:-1])
    shape = smeared(experiment, momentum, decay.dbr_dp(momentum, _SMALLEST_PHOTON_GEV, lost))
    return shape / shape.sum()


def background_counts(calibration: Calibration, model: BackgroundModel = "floating") -> Array:
    """Return the expected background in the bins of the card, shape (n_bins,)."""
    counts = calibration.background_counts()
    radiative = model == "radiative" or (model == "floating" and calibration.experiment.background.model == "radiative")
    return counts.sum() * _radiative_shape(calibration.experiment) if radiative else counts


def alternative_counts(calibration: Calibration) -> Array:
    """Background of the alternative model of the card, for the spurious-signal test, shape (n_bins,).

    ``radiative``: M -> l nu gamma. ``higher-degree``: a polynomial of one degree more, calibrated like that of
    the card.
    """
    experiment = calibration.experiment
    form = experiment.background
    if form.alternative == "radiative":
        return background_counts(calibration, "radiative")
    higher = form.model_copy(update={"model": "log-polynomial", "degree": form.degree + 1})
    return calibrate(experiment.model_copy(update={"background": higher})).background_counts()

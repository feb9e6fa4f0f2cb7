"""Backgrounds of a meson experiment by the model its card or the user chooses.

Every model has the size that the calibration gives the range of the card; they differ in shape, and in what
floats in the fit:

=================  =====================================  ==================================
model              shape                                  floats
=================  =====================================  ==================================
``floating``       the form of the card                   the form of the card
``known``          the form of the card                   nothing, or its normalisation
``radiative`` ...  calculated: a process of               its normalisation
                   `mesons.backgrounds.background_spectra`
=================  =====================================  ==================================
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mesons.backgrounds.background_spectra import PROCESSES, Process, background_spectrum
from mesons.backgrounds.lost_particles import LostParticles
from mesons.experiments.calibration import Calibration, calibrate
from mesons.experiments.cards import Experiment
from mesons.experiments.response import FARTHEST_SIGMA, smeared
from nucore.errors import InputError

Array = NDArray[np.float64]
BackgroundModel = Literal["floating", "known", Process]

#: Smallest energy of a lost photon.
_SMALLEST_PHOTON_GEV = 5e-3
_TRUTH_CELLS = 2000
#: Smallest bin of a calculated background over the mean of all bins.
_SMALLEST_BIN = 0.01


def _process(experiment: Experiment, model: BackgroundModel) -> str | None:
    """Process whose shape is calculated, if any."""
    if model in PROCESSES:
        return model
    return "radiative" if model == "floating" and experiment.background.model == "radiative" else None


def floating_degree(experiment: Experiment, model: BackgroundModel, degree: int | None = None) -> int:
    """Degree of the polynomial in ln p that multiplies the background in the fit.

    Parameters
    ----------
    experiment : Experiment
    model : "floating", "known" or a process
    degree : int, optional
        Over that of the model.
    """
    if degree is not None:
        return degree
    calculated = model in PROCESSES or experiment.background.model == "radiative"
    return 0 if calculated else experiment.background.degree


@lru_cache(maxsize=64)
def _calculated_shape(experiment: Experiment, process: str) -> Array:
    """Spectrum of a process with the other particles lost, smeared into the bins; sums to 1."""
    veto = experiment.photon_veto
    lost = None if veto is None else LostParticles(veto.photon_energy_GeV, veto.inefficiency)
    spectrum = background_spectrum(process, experiment.parent, experiment.lepton, lost, _SMALLEST_PHOTON_GEV)
    low, high = experiment.edges[[0, -1]]
    margin = FARTHEST_SIGMA * float(experiment.resolution.sigma([high])[0])
    edges = np.linspace(max(low - margin, 0.0), min(high + margin, spectrum.max_momentum_GeV), _TRUTH_CELLS + 1)
    momentum, width = 0.5 * (edges[1:] + edges[:-1]), edges[1] - edges[0]
    shape = smeared(experiment, momentum, spectrum.density(momentum))
    for line, ratio in spectrum.lines:
        shape = shape + smeared(experiment, np.array([line]), np.array([ratio / width]))
    # in bins without background any event would be signal; radiation fills all ranges but their ends
    if process != "radiative" and shape.min() <= _SMALLEST_BIN * shape.mean():
        raise InputError(f"background {process!r} does not fill the momentum range of experiment {experiment.name}")
    return shape / shape.sum()


def background_counts(calibration: Calibration, model: BackgroundModel = "floating") -> Array:
    """Return the expected background in the bins of the card, shape (n_bins,).

    Raises
    ------
    InputError
        If the parent and the lepton of the experiment do not have the process of the model, or its spectrum leaves
        bins empty.
    """
    counts = calibration.background_counts()
    process = _process(calibration.experiment, model)
    return counts if process is None else counts.sum() * _calculated_shape(calibration.experiment, process)


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

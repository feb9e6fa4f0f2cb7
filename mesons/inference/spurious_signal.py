"""Signal that a fit with one background model finds in a background of another shape."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mesons.experiments.cards import Experiment

Array = NDArray[np.float64]


def spurious_signal(experiment: Experiment, signal: Array, background: Array, truth: Array, degree: int) -> float:
    """Fit the signal to the Asimov data of another background.

    The fit minimises chi^2 with the variances of `background`, linear in the signal and, around `background`, in
    the coefficients of ln B.

    Parameters
    ----------
    experiment : Experiment
    signal : array, shape (n_bins,)
        Shape of the signal, any size.
    background, truth : array, shape (n_bins,)
        Expected counts of the model in the fit, and those of the data.
    degree : int
        Of the polynomial in ln p that floats.

    Returns
    -------
    float
        Fitted signal over its statistical uncertainty. It grows as the square root of the counts.
    """
    centers = 0.5 * (experiment.edges[1:] + experiment.edges[:-1])
    log_p = np.log(centers / experiment.background.reference_momentum_GeV)
    root = np.sqrt(background)
    nuisances = root[:, None] * np.polynomial.polynomial.polyvander(log_p, degree)
    # what of the signal no change of the background can imitate
    shape = signal / root
    shape = shape - nuisances @ np.linalg.lstsq(nuisances, shape, rcond=None)[0]
    return float(shape @ ((truth - background) / root) / np.sqrt(shape @ shape))

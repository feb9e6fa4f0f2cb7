"""What the unpublished correlation of a band of uncertainty means for |U|^2, in the Gaussian limit.

The estimate of a fit with one correlation has another width where the true one differs: with w the weights of the bins
in the estimate and V the covariance, the width is sqrt(w^T V w).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nucore.stats.covariance import ErrorSource, smooth_correlation
from tools.validation.observed_fits import Analysis

Array = NDArray[np.float64]

#: Correlation lengths that a band may really have, GeV.
LENGTHS_GEV = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0, 20.0)
#: Variance, relative, of a normalisation that is free.
_FREE = 100.0


def band(found: Analysis, length: float, charges_together: bool) -> ErrorSource:
    """Return the band of the prediction with another correlation.

    Parameters
    ----------
    found : Analysis
    length : float
        Between bins, GeV; 0 for none.
    charges_together : bool
        Whether what moves a bin of W+ moves that of W- as much.
    """
    (source,) = found.predictions[0].errors
    x = np.unique(found.low_edges, return_inverse=True)[1] if length == 0.0 else found.low_edges
    groups = None if charges_together else found.groups
    return ErrorSource("band", source.sigma, smooth_correlation(x, length or 1e-3, groups))


def widths(found: Analysis, m4: float, true: ErrorSource, fitted: Sequence[ErrorSource]) -> tuple[float, Array]:
    """Return the uncertainty of |U|^2 of a fit that knows the true band, and the ratio true/claimed of others.

    Parameters
    ----------
    found : Analysis
    m4 : float
        GeV.
    true : ErrorSource
    fitted : sequence of ErrorSource
        Bands that are assumed in a fit.

    Returns
    -------
    float, float64[n_fitted]
    """
    rest = without_band(found, m4)
    effect = effect_of(found, m4)
    covariance = rest + true.covariance
    ratios = []
    for source in fitted:
        weights = np.linalg.solve(rest + source.covariance, effect)
        weights /= effect @ weights
        claimed = weights @ (rest + source.covariance) @ weights
        ratios.append(float(np.sqrt(weights @ covariance @ weights / claimed)))
    return float((effect @ np.linalg.solve(covariance, effect)) ** -0.5), np.array(ratios)


def effect_of(found: Analysis, m4: float) -> Array:
    """Return the change of the expected events with |U|^2, shape (n,)."""
    ours = found.ours[m4]
    return np.asarray(found.predictions[0].signal * (ours.nu4.values / ours.light.values - 1.0))


def without_band(found: Analysis, m4: float) -> Array:
    """Return the covariance of the data about the prediction but for the band, shape (n, n)."""
    base, light = replace(found.predictions[0], errors=()), found.ours[m4].light
    matrix = np.diag(base.total)
    moves = [shift * base.signal / light.values for shift in light.shifts.values()]
    moves.append(base.background_uncertainty * base.background)
    moves += [np.sqrt(_FREE) * base.signal * (found.groups == k) for k in np.unique(found.groups)]
    for move in moves:
        matrix = matrix + np.outer(move, move)
    return np.asarray(matrix)

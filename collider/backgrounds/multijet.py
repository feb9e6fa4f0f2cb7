"""Multijet background: leptons from heavy-flavour decays and misidentified jets, an exponential in the observable.

Its shape is measured by the experiments in leptons that are not isolated and cannot be computed here; over the window
of a fit it falls with the lepton pT, transverse mass or missing momentum, and one slope with its uncertainty
describes it.  The same shape goes for each |eta| bin and charge, with the same fraction of the selected W -> l nu.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def multijet_shape(edges: ArrayLike, slope_per_GeV: float) -> Array:
    """Return the probability per bin of an exponential exp(slope x) inside the bins.

    Parameters
    ----------
    edges : float64[n + 1]
        Bin edges of the observable, GeV, increasing.
    slope_per_GeV : float
        Negative for a falling spectrum, 1/GeV.

    Returns
    -------
    float64[n]
        Sum 1.
    """
    edges = np.asarray(edges, dtype=np.float64)
    width = np.diff(edges)
    half = 0.5 * slope_per_GeV * width
    # mean of the exponential over a bin is that at its centre times sinh(half)/half
    with np.errstate(divide="ignore", invalid="ignore"):
        rise = np.where(half == 0.0, 1.0, np.sinh(half) / half)
    centres = 0.5 * (edges[1:] + edges[:-1])
    exponent = slope_per_GeV * centres
    content = width * rise * np.exp(exponent - exponent.max())
    return np.asarray(content / content.sum())


def multijet_events(signal: ArrayLike, edges: ArrayLike, fraction: float, slope_per_GeV: float) -> Array:
    """Return the expected multijet events as a fraction of the signal in each group of bins.

    Parameters
    ----------
    signal : float64[n_groups * n]
        Expected W -> l nu, bins of the observable fastest.
    edges : float64[n + 1]
        GeV.
    fraction : float
        Multijet over W -> l nu, [0, 1).
    slope_per_GeV : float

    Returns
    -------
    float64[n_groups * n]
    """
    shape = multijet_shape(edges, slope_per_GeV)
    groups = np.asarray(signal, dtype=np.float64).reshape(-1, shape.size)
    return np.asarray(fraction * groups.sum(axis=1, keepdims=True) * shape).ravel()

"""Multijet background: leptons from heavy-flavour decays and misidentified jets, an exponential in the observable.

Its shape is measured by the experiments in leptons that are not isolated and cannot be computed here; over the window
of a fit it falls with the lepton pT, transverse mass or missing momentum, and one slope with its uncertainty
describes it.  The same shape goes for each |eta| bin and charge, with the same fraction of the selected W -> l nu.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def multijet_events(signal: ArrayLike, edges: ArrayLike, fraction: float, slope_per_GeV: float) -> Array:
    """Return the expected multijet events, proportional to exp(slope x), as a fraction of the signal in each group.

    Parameters
    ----------
    signal : float64[n_groups * n]
        Expected W -> l nu, bins of the observable fastest.
    edges : float64[n + 1]
        Bin edges of the observable x, GeV, increasing.
    fraction : float
        Multijet over W -> l nu, [0, 1).
    slope_per_GeV : float
        Negative for a falling spectrum.

    Returns
    -------
    float64[n_groups * n]
    """
    edges = np.asarray(edges, dtype=np.float64)
    width = np.diff(edges)
    half = 0.5 * slope_per_GeV * width
    # mean of the exponential over a bin is that at its centre times sinh(half)/half
    with np.errstate(divide="ignore", invalid="ignore"):
        rise = np.where(half == 0.0, 1.0, np.sinh(half) / half)
    exponent = slope_per_GeV * (0.5 * (edges[1:] + edges[:-1]))
    content = width * rise * np.exp(exponent - exponent.max())
    groups = np.asarray(signal, dtype=np.float64).reshape(-1, width.size)
    return np.asarray(fraction * groups.sum(axis=1, keepdims=True) * (content / content.sum())).ravel()

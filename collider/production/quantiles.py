"""Quantile tables: the form in which distributions are sampled and integrated."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def quantile_nodes(x: NDArray[np.float64], density: NDArray[np.float64], n_nodes: int) -> NDArray[np.float64]:
    """Return the quantiles of a density at ``n_nodes`` uniform steps of cumulative probability.

    The two outermost nodes are such that the outermost cells, which hold the tails, keep their mean under linear
    interpolation.

    Parameters
    ----------
    x : float64[n]
        Increasing, fine.
    density : float64[n]
        Non-negative, any normalisation.
    n_nodes : int
        At least 4.
    """
    step = 0.5 * (density[1:] + density[:-1]) * np.diff(x)
    cumulative = np.concatenate([[0.0], np.cumsum(step)])
    cumulative /= cumulative[-1]
    keep = np.concatenate([[True], np.diff(cumulative) > 0.0])
    cumulative, points = cumulative[keep], x[keep]
    nodes = np.interp(np.linspace(0.0, 1.0, n_nodes), cumulative, points)
    fine = (np.arange(400) + 0.5) / 400.0 / (n_nodes - 1)
    nodes[0] = max(2.0 * np.interp(fine, cumulative, points).mean() - nodes[1], x[0])
    nodes[-1] = min(2.0 * np.interp(1.0 - fine, cumulative, points).mean() - nodes[-2], x[-1])
    return nodes

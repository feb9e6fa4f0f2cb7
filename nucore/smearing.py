"""Detector response as data: momentum resolution, efficiency, and the matrix that smears a binned spectrum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from nucore.errors import InputError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Resolution:
    """Gaussian resolution sigma(x)^2 = constant^2 + stochastic^2 x + (relative x)^2 + (quadratic x^2)^2 at x >= 0.

    Attributes
    ----------
    relative : float
        Dimensionless, >= 0.
    constant : float
        In the unit of x, >= 0.
    quadratic : float
        In the inverse unit of x, >= 0: a sagitta-limited momentum measurement.
    stochastic : float
        In the square root of the unit of x, >= 0: a calorimeter.
    """

    relative: float = 0.0
    constant: float = 0.0
    quadratic: float = 0.0
    stochastic: float = 0.0

    def __post_init__(self) -> None:
        for name in ("relative", "constant", "quadratic", "stochastic"):
            value = getattr(self, name)
            if not (np.isfinite(value) and value >= 0.0):
                raise InputError(f"resolution term {name} must be a finite number >= 0, got {value}")

    def sigma(self, x: ArrayLike) -> Array:
        """Compute the standard deviation of the measured value at true value ``x``, same unit."""
        x = np.asarray(x, dtype=np.float64)
        variance = self.constant**2 + (self.relative * x) ** 2 + (self.quadratic * x * x) ** 2
        return np.asarray(np.sqrt(variance + self.stochastic**2 * x))

    def scaled(self, factor: float) -> Resolution:
        """Return the resolution whose sigma is ``factor`` times this one."""
        return Resolution(
            factor * self.relative, factor * self.constant, factor * self.quadratic, factor * self.stochastic
        )


@dataclass(frozen=True)
class Efficiency:
    """Efficiency as a function of one variable: linear between nodes, constant outside them.

    Attributes
    ----------
    nodes : tuple of float
        Increasing; a single node gives a constant efficiency.
    values : tuple of float
        In [0, 1], one per node.
    """

    nodes: tuple[float, ...] = (0.0,)
    values: tuple[float, ...] = (1.0,)

    def __post_init__(self) -> None:
        if len(self.nodes) != len(self.values) or not self.nodes:
            raise InputError(
                f"efficiency has {len(self.nodes)} nodes and {len(self.values)} values: expected one value per node"
            )
        if np.any(np.diff(self.nodes) <= 0.0):
            raise InputError("efficiency nodes must increase")
        if not all(0.0 <= value <= 1.0 for value in self.values):
            raise InputError(f"efficiency values must be from 0 to 1, got {self.values}")

    def __call__(self, x: ArrayLike) -> Array:
        """Evaluate the efficiency at ``x``."""
        return np.asarray(np.interp(np.asarray(x, dtype=np.float64), self.nodes, self.values))


def smearing_matrix(
    truth_edges: ArrayLike,
    reco_edges: ArrayLike,
    resolution: Resolution,
    efficiency: Efficiency | None = None,
    n_points: int = 4,
) -> Array:
    """Probability to measure a value in each reconstructed bin, for each truth bin.

    Within a truth bin the true value is uniform; the Gaussian is integrated over the reconstructed bins
    exactly and averaged over the truth bin by Gauss-Legendre quadrature.

    Parameters
    ----------
    truth_edges : float64[n_truth + 1]
        Increasing; much finer than the resolution for accuracy.
    reco_edges : float64[n_reco + 1]
        Increasing.
    resolution : Resolution
        Evaluated at the true value. Zero resolution gives the overlap of the bins.
    efficiency : Efficiency, optional
        Evaluated at the true value; 1 by default.
    n_points : int
        Quadrature points in each truth bin.

    Returns
    -------
    float64[n_reco, n_truth]
        Multiplies a truth spectrum from the left; a column sums to the efficiency if the reconstructed
        bins cover everything.
    """
    truth, reco = np.asarray(truth_edges, dtype=np.float64), np.asarray(reco_edges, dtype=np.float64)
    for name, edges in (("truth", truth), ("reconstructed", reco)):
        if edges.ndim != 1 or edges.size < 2 or not np.all(np.diff(edges) > 0.0):
            raise InputError(f"smearing: {name} bin edges must be at least two increasing numbers")
    nodes, weights = np.polynomial.legendre.leggauss(n_points)
    width = np.diff(truth)
    x = 0.5 * (truth[1:] + truth[:-1]) + 0.5 * width * nodes[:, None]
    sigma = resolution.sigma(x)
    if np.all(sigma == 0.0):
        below = np.clip((reco[:, None] - truth[:-1]) / width, 0.0, 1.0)
    else:
        below = np.einsum("p,pet->et", 0.5 * weights, ndtr((reco[None, :, None] - x[:, None, :]) / sigma[:, None, :]))
    matrix = np.diff(below, axis=0)
    if efficiency is not None:
        matrix *= 0.5 * np.einsum("p,pt->t", weights, efficiency(x))
    return np.asarray(matrix)


def smearing_density(truth: ArrayLike, reco: ArrayLike, resolution: Resolution) -> Array:
    """Probability density of measured values at true values, where the resolution does not vanish.

    Parameters
    ----------
    truth : float64[n_truth]
    reco : float64[n_reco]
    resolution : Resolution
        Evaluated at the true value; positive there.

    Returns
    -------
    float64[n_reco, n_truth]
        In the inverse unit of ``reco``.

    Raises
    ------
    InputError
        If the resolution vanishes.
    """
    truth = np.asarray(truth, dtype=np.float64)
    sigma = resolution.sigma(truth)
    if np.any(sigma == 0.0):
        raise InputError("smearing: a density of measured values needs a resolution above 0")
    pull = (np.asarray(reco, dtype=np.float64)[:, None] - truth) / sigma
    return np.asarray(np.exp(-0.5 * pull * pull) / (np.sqrt(2.0 * np.pi) * sigma))

"""Correlated uncertainties as modifiers, and Gaussian data as the counts that a binned model takes.

A covariance matrix C is split into an uncorrelated part and orthogonal modes m_k, C = D + sum_k m_k m_k^T: each mode
is a shape with a unit Gaussian constraint, which every tool for binned likelihoods knows.

Gaussian data d with variances D become counts: with N large, N are compared with N + sqrt(N/D) (nu - d), a Poisson
term that is -(nu - d)^2/2D up to a relative (nu - d)/sqrt(N D).  Counts whose expectation nu has an uncorrelated
variance V of its own become fewer: nu/(nu + V) of them have the relative variance of the sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nucore.errors import InputError
from nucore.stats.modifiers import HistoSys, Sample, frozen_array

Array = NDArray[np.float64]

#: Counts that stand for a Gaussian number: 5 standard deviations are 0.5% of them; more where the uncorrelated
#: part of its variance is so small that one standard deviation of the whole would be above a fiftieth of them.
GAUSSIAN_COUNTS, _FAR = 1e6, 50.0
#: Name of the sample that moves Gaussian data to these counts.
OFFSET = "offset"
#: Share of a variance that is treated as uncorrelated where a matrix leaves less.
_FLOOR = 1e-5
#: Variance of a mode, over what is uncorrelated in its direction, that may be left out.
_NEGLECTED = 1e-3


@dataclass(frozen=True, eq=False)
class ErrorSource:
    """One uncertainty of a spectrum.

    Attributes
    ----------
    name : str
    sigma : float64[n]
        One standard deviation in each bin, in the unit of the spectrum, >= 0.
    correlation : float64[n, n] or None
        Between bins; None where there is none.
    """

    name: str
    sigma: Array
    correlation: Array | None = None

    def __post_init__(self) -> None:
        sigma = frozen_array(self.sigma, f"uncertainty {self.name}")
        object.__setattr__(self, "sigma", sigma)
        if np.any(sigma < 0.0):
            raise InputError(f"uncertainty {self.name}: expected numbers >= 0")
        if self.correlation is not None:
            matrix = frozen_array(self.correlation, f"correlation of {self.name}", ndim=2)
            object.__setattr__(self, "correlation", matrix)
            check_correlation(matrix, sigma.size, self.name)

    @classmethod
    def of(cls, name: str, covariance: ArrayLike) -> ErrorSource:
        """Make the source of a covariance matrix, in the unit of the spectrum squared.

        Raises
        ------
        InputError
            For a matrix that is none of covariances.
        """
        matrix = frozen_array(covariance, f"covariance of {name}", ndim=2)
        sigma = np.sqrt(np.maximum(np.diag(matrix), 0.0))
        scale = np.outer(sigma, sigma)
        if matrix.shape[0] != matrix.shape[1] or np.any(np.diag(matrix) < 0.0) or np.any(matrix[scale == 0.0] != 0.0):
            raise InputError(f"covariance of {name}: expected a square matrix, with 0 beside a 0 on its diagonal")
        if not np.any(matrix - np.diag(np.diag(matrix))):
            return cls(name, sigma)
        correlation = np.divide(matrix, scale, out=np.eye(sigma.size), where=scale > 0.0)
        return cls(name, sigma, correlation)

    @property
    def covariance(self) -> Array:
        """Covariance matrix, shape (n, n)."""
        correlation = np.eye(self.sigma.size) if self.correlation is None else self.correlation
        return np.asarray(self.sigma[:, None] * correlation * self.sigma)

    def shapes(self, values: ArrayLike, variances: ArrayLike) -> list[HistoSys]:
        """Return the modes as constrained shapes of a sample of ``values``: ``name``, or ``name_1``, ``name_2``, ...

        The ``variances`` are those of `modes`.
        """
        found = modes(self.covariance, variances)
        names = [self.name] if len(found) == 1 else [f"{self.name}_{k + 1}" for k in range(len(found))]
        nominal = np.asarray(values, dtype=np.float64)
        return [HistoSys(label, nominal - mode, nominal + mode) for label, mode in zip(names, found, strict=True)]


def check_correlation(matrix: Array, n: int, name: str) -> None:
    """Raise `InputError` unless the matrix is one of correlations of n numbers (to 1e-3)."""
    what = f"correlation of {name}"
    if matrix.shape != (n, n):
        raise InputError(f"{what}: {matrix.shape[0]} x {matrix.shape[1]} numbers; expected {n} x {n}")
    if not np.allclose(matrix, matrix.T, atol=1e-3) or not np.allclose(np.diag(matrix), 1.0, atol=1e-3):
        raise InputError(f"{what}: expected a symmetric matrix with 1 on its diagonal")
    lowest = float(np.linalg.eigvalsh(0.5 * (matrix + matrix.T))[0])
    if lowest < -1e-3 * n:
        raise InputError(f"{what}: its lowest eigenvalue is {lowest:.3g}; expected none below 0")


def smooth_correlation(x: ArrayLike, length: float, groups: ArrayLike | None = None) -> Array:
    """Return exp(-(x_i - x_j)^2/(2 length^2)) within each group, 0 between groups, shape (n, n)."""
    centres = np.asarray(x, dtype=np.float64)
    matrix = np.exp(-0.5 * ((centres[:, None] - centres) / length) ** 2)
    if groups is not None:
        labels = np.asarray(groups)
        matrix = np.where(labels[:, None] == labels, matrix, 0.0)
    return np.asarray(matrix)


def modes(covariance: ArrayLike, variances: ArrayLike) -> Array:
    """Return shapes m_k with sum_k m_k m_k^T = covariance, shape (n_modes, n).

    Parameters
    ----------
    covariance : float64[n, n]
    variances : float64[n]
        What is uncorrelated beside it, > 0 where the covariance is: modes that add less than a thousandth to it, in any
        direction, are left out; the largest in its measure come first.
    """
    matrix, sigma = np.asarray(covariance, dtype=np.float64), np.sqrt(np.asarray(variances, dtype=np.float64))
    inverse = np.divide(1.0, sigma, out=np.zeros_like(sigma), where=sigma > 0.0)
    values, vectors = np.linalg.eigh(0.5 * inverse[:, None] * (matrix + matrix.T) * inverse)
    values, vectors = values[::-1], vectors[:, ::-1]
    n_kept = int(np.count_nonzero(values > _NEGLECTED))
    kept = (np.sqrt(values[:n_kept]) * vectors[:, :n_kept]).T * sigma
    return np.asarray(kept * np.where(kept.sum(axis=1) < 0.0, -1.0, 1.0)[:, None])


@dataclass(frozen=True, eq=False)
class CountUnit:
    """How counts of a model stand for contents of bins in another unit: counts = offset + scale * content.

    Attributes
    ----------
    scale, offset : float64[n]
    """

    scale: Array
    offset: Array

    def counts(self, contents: ArrayLike) -> Array:
        """Return the counts for contents, shape (..., n)."""
        return np.asarray(self.offset + self.scale * np.asarray(contents))

    def contents(self, counts: ArrayLike) -> Array:
        """Return the contents for counts, shape (..., n)."""
        return np.asarray((np.asarray(counts) - self.offset) / self.scale)

    def samples(self, expected: Sequence[Sample]) -> list[Sample]:
        """Return samples of contents as samples of counts."""
        scaled = [sample.in_bins(lambda values: values * self.scale) for sample in expected]
        return [*scaled, Sample(OFFSET, self.offset)] if self.offset.any() else scaled


def effective_counts(expected: ArrayLike, variances: ArrayLike) -> CountUnit:
    """Return fewer counts, whose Poisson variance, relative, is that of the expected ones with more variance added.

    Parameters
    ----------
    expected : float64[n]
        Counts, above 0 where `variances` are.
    variances : float64[n]
        Uncorrelated, of the expected counts.
    """
    nu, added = frozen_array(expected, "expectation"), frozen_array(variances, "variances")
    total = nu + added
    scale = np.divide(nu, total, out=np.ones_like(nu), where=total > 0.0)
    if not np.all(scale > 0.0):
        raise InputError("a bin without expected content has an uncertainty: expected content there, or none")
    return CountUnit(scale, np.zeros_like(scale))


def gaussian_data(values: ArrayLike, covariance: ArrayLike) -> tuple[CountUnit, Array, ErrorSource | None]:
    """Return the counts that stand for Gaussian data, and what of their covariance is left to modes.

    Parameters
    ----------
    values : float64[n]
        The data.
    covariance : float64[n, n]

    Returns
    -------
    CountUnit
        `GAUSSIAN_COUNTS` counts, or more, stand for the data, with the uncorrelated part of their variance.
    float64[n]
        That part.
    ErrorSource or None
        The rest, called ``data``.

    Raises
    ------
    InputError
        For a matrix that is none of covariances, or a bin without uncertainty.
    """
    data, matrix = frozen_array(values, "data"), frozen_array(covariance, "covariance", ndim=2)
    sigma = np.sqrt(np.maximum(np.diag(matrix), 0.0))
    if matrix.shape != (data.size, data.size) or not np.all(sigma > 0.0):
        raise InputError(f"covariance: expected {data.size} x {data.size} numbers, those on the diagonal above 0")
    correlation = matrix / np.outer(sigma, sigma)
    check_correlation(correlation, data.size, "the data")
    share = _uncorrelated_share(0.5 * (correlation + correlation.T))
    counts = max(GAUSSIAN_COUNTS, _FAR**2 / share.min())
    scale = np.sqrt(counts / share) / sigma
    unit, variances = CountUnit(scale, counts - scale * data), share * sigma**2
    rest = np.sqrt(1.0 - share)
    if not rest.any():
        return unit, variances, None
    inverse = np.divide(1.0, rest, out=np.zeros_like(rest), where=rest > 0.0)
    left = inverse[:, None] * (correlation - np.diag(share)) * inverse
    np.fill_diagonal(left, 1.0)
    return unit, variances, ErrorSource("data", rest * sigma, left)


def _uncorrelated_share(correlation: Array) -> Array:
    """Return the share of each variance that can be split off a correlation matrix as uncorrelated, shape (n,).

    It is proportional to the variance of each number with all others known, as large as leaves a matrix of
    correlations, and not below `_FLOOR`.
    """
    values, vectors = np.linalg.eigh(correlation)
    known = 1.0 / ((vectors / np.maximum(values, _FLOOR**2)) * vectors).sum(axis=1)
    lowest = np.linalg.eigvalsh(correlation / np.sqrt(np.outer(known, known)))[0]
    return np.clip(max(lowest, 0.0) * known, _FLOOR, 1.0)

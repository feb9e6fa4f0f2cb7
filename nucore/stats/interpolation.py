"""Interpolation between the variations of a nuisance parameter (HistFactory codes 4 and 4p)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_POWERS = np.arange(1.0, 7.0)
_EXPONENTS = np.arange(0.0, 7.0)[:, None]
#: Matrices that turn (1, a, ..., a^6) into the a^i, i = 1 ... 6, and their first and second derivatives.
_DERIVATIVES = np.stack(
    [
        np.eye(6, 7, 1),
        _POWERS[:, None] * np.eye(6, 7),
        (_POWERS * (_POWERS - 1.0))[:, None] * np.eye(6, 7, -1),
    ]
)


def code4_coefficients(low: Array, high: Array) -> Array:
    r"""Polynomial coefficients of the normalisation interpolation, code 4.

    For :math:`|\alpha| < 1` the factor is :math:`1 + \sum_{i=1}^{6} a_i \alpha^i`; the six
    coefficients make value, first and second derivative continuous with :math:`high^{\alpha}` at
    :math:`\alpha = 1` and with :math:`low^{-\alpha}` at :math:`\alpha = -1`.

    Parameters
    ----------
    low, high : array of any shape, > 0
        Factors at alpha = -1 and +1.

    Returns
    -------
    array, shape (6, ...)

    References
    ----------
    HistFactory, CERN-OPEN-2012-016, section 4.1.
    """
    ends = np.array([1.0, -1.0])
    value = ends[:, None] ** _POWERS
    slope = _POWERS * ends[:, None] ** (_POWERS - 1)
    curvature = _POWERS * (_POWERS - 1) * ends[:, None] ** (_POWERS - 2)
    matrix = np.concatenate([value, slope, curvature])
    log_high, log_low = np.log(high), np.log(low)
    conditions = np.stack(
        [
            high - 1.0,
            low - 1.0,
            high * log_high,
            -low * log_low,
            high * log_high**2,
            low * log_low**2,
        ]
    )
    return np.asarray(np.tensordot(np.linalg.inv(matrix), conditions, axes=1))


def code4_log(alpha: Array, coefficients: Array, log_low: Array, log_high: Array) -> tuple[Array, Array, Array]:
    """Logarithm of the code-4 factor and its first two derivatives in alpha.

    Parameters
    ----------
    alpha : array, shape (n,)
    coefficients : array, shape (6, m, n)
        From :func:`code4_coefficients`.
    log_low, log_high : array, shape (m, n)
        Logarithms of the factors at alpha = -1 and +1.

    Returns
    -------
    value, first, second : arrays, shape (m, n)
    """
    inside = np.abs(alpha) < 1.0
    if inside.all():
        return _code4_inside(alpha, coefficients)
    slope = np.where(alpha > 0.0, log_high, -log_low)
    near = _code4_inside(np.where(inside, alpha, 0.0), coefficients)
    far = alpha * slope, slope, np.zeros_like(slope)
    value, first, second = (np.where(inside, n, f) for n, f in zip(near, far, strict=True))
    return value, first, second


def _code4_inside(alpha: Array, coefficients: Array) -> tuple[Array, Array, Array]:
    """Logarithm of the polynomial and its derivatives, all three from one sum over powers."""
    powers = alpha**_EXPONENTS
    polynomial = _DERIVATIVES @ powers
    factor, slope, curvature = (polynomial[:, :, None, :] * coefficients).sum(axis=1)
    factor += 1.0
    first = slope / factor
    return np.log(factor), first, curvature / factor - first * first


def code4p_weights(alpha: Array) -> tuple[Array, Array, Array]:
    """Weights of the symmetric and antisymmetric variation in code 4p, with two derivatives.

    The bin content moves by ``alpha * symmetric + even(alpha) * antisymmetric`` with
    ``symmetric = (high - low) / 2`` and ``antisymmetric = (high + low - 2 nominal) / 2``, where
    ``even`` is |alpha| outside [-1, 1] and (3 alpha^6 - 10 alpha^4 + 15 alpha^2) / 8 inside.

    Parameters
    ----------
    alpha : array, shape (n,)

    Returns
    -------
    even, first, second : arrays, shape (n,)

    References
    ----------
    HistFactory, CERN-OPEN-2012-016, section 4.1.
    """
    inside = np.abs(alpha) < 1.0
    square = alpha * alpha
    even = square * (15.0 + square * (3.0 * square - 10.0)) / 8.0
    first = alpha * (30.0 + square * (18.0 * square - 40.0)) / 8.0
    second = (30.0 + square * (90.0 * square - 120.0)) / 8.0
    if inside.all():
        return even, first, second
    return np.where(inside, even, np.abs(alpha)), np.where(inside, first, np.sign(alpha)), np.where(inside, second, 0.0)

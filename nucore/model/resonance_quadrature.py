"""Quadrature over a Breit-Wigner peak, for arrays of peaks at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_NODES, _WEIGHTS = (x for x in np.polynomial.legendre.leggauss(16))
#: Panels reach so far from the peak in t = asinh(distance / half width), where the peak has fallen to e^-10.
_CORE = 10.0


class PeakNodes(NamedTuple):
    """Nodes of an integral over s from `low` to `high`.

    Attributes
    ----------
    from_peak, from_low, from_high : array, shape (n, 64)
        s - peak, s - low and high - s, none of them by a difference of large numbers.
    weight : array, shape (n, 64)
        Measure ds of each node.
    """

    from_peak: Array
    from_low: Array
    from_high: Array
    weight: Array


def peak_nodes(low_from_peak: Array, high_from_peak: Array, span: Array, half_width: Array) -> PeakNodes:
    """Nodes for integrands ``f(s) / ((s - peak)^2 + half_width^2)``, f with square roots at both ends.

    ``s = peak + half_width sinh(t)`` varies slowly however narrow the peak is and wherever the ends are.

    Parameters
    ----------
    low_from_peak, high_from_peak : array, shape (n,)
        low - peak and high - peak; ``low < high``.
    span : array, shape (n,)
        high - low, given apart for peaks far away from both.
    half_width : array, shape (n,)
        Positive.
    """
    w = half_width[:, None]
    low, high = low_from_peak[:, None] / w, high_from_peak[:, None] / w
    t_low, t_high = np.arcsinh(low), np.arcsinh(high)
    length = _difference_of_arcsinh(high, low, span[:, None] / w)
    inside = np.minimum(0.5 * _CORE, 0.5 * length)
    # counted from the lower end: far from the peak the length is below the rounding of the ends
    share = np.clip(-t_low, inside, length - inside) / length
    below, weight_below = _half_nodes(share * length)
    above, weight_above = _half_nodes((1.0 - share) * length)
    # each half counts its nodes from its own end
    up = np.concatenate([below, length - above], axis=1)
    down = np.concatenate([length - below, above], axis=1)
    t = np.concatenate([t_low + below, t_high - above], axis=1)
    e = np.exp(t)
    # differences of sinh from expm1 of the differences of t: nothing cancels
    return PeakNodes(
        from_peak=0.5 * w * (e - 1.0 / e),
        from_low=0.5 * w * np.expm1(up) * (np.exp(t_low) + 1.0 / e),
        from_high=0.5 * w * np.expm1(down) * (e + np.exp(-t_high)),
        weight=0.5 * w * (e + 1.0 / e) * np.concatenate([weight_below, weight_above], axis=1),
    )


def _difference_of_arcsinh(high: Array, low: Array, span: Array) -> Array:
    """arcsinh(high) - arcsinh(low), for ends on one side of 0 without cancellation; span = high - low."""
    one_side = low * high > 0.0
    product = high * np.sqrt(1.0 + low**2) + low * np.sqrt(1.0 + high**2)
    ratio = np.divide(span * (high + low), product, out=np.zeros_like(span), where=one_side)
    return np.where(one_side, np.arcsinh(ratio), np.arcsinh(high) - np.arcsinh(low))


def _half_nodes(length: Array) -> tuple[Array, Array]:
    """Distances from the end and weights of two panels: length u^2, u from 0 to 1, which smooths a root at u = 0."""
    split = np.sqrt(np.where(length > 2.0 * _CORE, 1.0 - _CORE / np.maximum(length, _CORE), 0.25))
    x, w = 0.5 * (_NODES + 1.0), 0.5 * _WEIGHTS
    u = np.concatenate([split * x, split + (1.0 - split) * x], axis=1)
    weight = np.concatenate([split * w, (1.0 - split) * w], axis=1)
    return length * u**2, 2.0 * length * u * weight

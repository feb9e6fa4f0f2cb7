"""Nodes of integrals over the invisible mass for many parameter points at once, with a peak of any width.

In the logarithm tau = ln[(Q^2 - a)/(b - Q^2)] of an interval [a, b] of Q^2 the integrand of M -> l chi phi falls
exponentially on both sides, and all its singularities lie at Im tau = +-pi except for the pole of nu4 at
tau_0 +- i w, which may come near the real axis. The map tau = tau_0 + l asinh[(w/l) sinh s] keeps all of them at
|Im s| of about pi/2 or more, so that equal steps in s converge exponentially: the same few nodes serve every point.

A pole much narrower than its distance to the ends of the interval is broadened; what its area then lacks is given
to a node at the pole.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mesons.decays.quadrature import Offsets

Array = NDArray[np.float64]

#: Nodes of an interval, besides the one at the pole.
_N_NODES = 64
#: e-folds of tau beyond the outermost structure: the integrand falls as exp(-|tau|) or faster.
_E_FOLDS = 11.0
#: l: largest step in tau over step in s.
_STRETCH = 2.0
#: Smallest width of the pole over its distance to the ends; the relative error of what is beside the peak.
_NARROWEST = 1e-3
#: Smallest distance of a pole without width to the ends of the interval, over its length.
_ON_END = 1e-18


class _Pole(NamedTuple):
    """Pole of nu4 seen from an interval, arrays of shape (n, 1).

    Attributes
    ----------
    centre, width : array
        tau_0 and w.
    ratio : array
        exp(tau_0).
    offset : array
        Q^2(tau_0) - m4^2 in GeV^2.
    broadened : array
        m4 Gamma4 in use, GeV^2.
    """

    centre: Array
    width: Array
    ratio: Array
    offset: Array
    broadened: Array


def _pole(low: Offsets, high: Offsets, pole_width: Array) -> _Pole:
    """Pole in the variable tau of the interval between two points."""
    above, below = -low.from_pole, high.from_pole
    inside = (above > 0.0) & (below > 0.0)
    broadened = np.where(inside, np.maximum(pole_width, _NARROWEST * np.minimum(above, below)), pole_width)
    from_low, from_high = np.hypot(above, broadened), np.hypot(below, broadened)
    # a pole without width on an end of the interval: any place nearby does
    nearest = np.where(broadened > 0.0, 0.0, _ON_END * (from_low + from_high))
    from_low, from_high = np.maximum(from_low, nearest), np.maximum(from_high, nearest)
    ratio = from_low / from_high
    width = np.where(broadened > 0.0, np.arctan2(broadened, above) + np.arctan2(broadened, below), np.pi)
    # |A| Re B - Re A |B| over |A| + |B|, without cancellation where the pole is inside
    cross = from_low * below + above * from_high
    numerator = np.where(
        inside,
        broadened**2 * (below**2 - above**2) / np.where(inside, cross, 1.0),
        from_low * below - above * from_high,
    )
    offset = numerator / (from_low + from_high)
    return _Pole(np.log(ratio), np.minimum(width, _STRETCH), ratio, offset, broadened)


def peak_nodes(low: Offsets, high: Offsets, length: Array, scale: Array, pole_width: Array) -> tuple[Offsets, Array]:
    """Nodes and weights that integrate the density of a decay between two values of Q^2.

    Parameters
    ----------
    low, high : Offsets, shape (n, 1)
        Ends of the interval.
    length : array, shape (n, 1)
        Q^2 between them, GeV^2.
    scale : array, shape (n, 1)
        Distance from the threshold (GeV^2) below which only the square root of the phase space varies.
    pole_width : array, shape (n, 1)
        m4 Gamma4 in GeV^2.

    Returns
    -------
    nodes, weights : shape (n, k)
        Weights in GeV^2; zero for intervals without length.
    """
    pole = _pole(low, high, pole_width)
    # structure at the lower end, then at the upper end, each as distance over the length
    nearest = np.log(np.minimum(scale / length, 1.0))
    first = np.minimum(np.minimum(nearest, pole.centre), 0.0) - _E_FOLDS
    last = np.maximum(pole.centre, 0.0) + _E_FOLDS
    strength = pole.width / _STRETCH
    start, stop = (np.arcsinh(np.sinh((end - pole.centre) / _STRETCH) / strength) for end in (first, last))
    step = (stop - start) / (_N_NODES - 1)
    sinh = np.sinh(start + step * np.arange(_N_NODES))
    argument = strength * sinh
    from_centre = _STRETCH * np.arcsinh(argument)
    slope = _STRETCH * strength * np.sqrt((1.0 + sinh**2) / (1.0 + argument**2))
    # (Q^2 - a)/(b - Q^2) = exp(tau)
    ratio = pole.ratio * np.exp(from_centre)
    share_above, share_below = ratio / (1.0 + ratio), 1.0 / (1.0 + ratio)
    from_pole = length * share_below * pole.ratio / (1.0 + pole.ratio) * np.expm1(from_centre) + pole.offset
    nodes = Offsets(low.above_min + length * share_above, high.below_max + length * share_below, from_pole)
    weights = step * slope * length * share_above * share_below
    lorentz = (from_pole**2 + pole_width**2) / (from_pole**2 + pole.broadened**2)
    return _with_pole(nodes, weights * lorentz, low, high, pole_width, pole.broadened)


def _with_pole(
    nodes: Offsets, weights: Array, low: Offsets, high: Offsets, pole_width: Array, broadened: Array
) -> tuple[Offsets, Array]:
    """Add a node at the pole with the area that a broadened pole lacks."""
    lacking = np.pi * pole_width * (1.0 - pole_width / np.where(broadened > 0.0, broadened, 1.0))
    at_pole = Offsets(low.above_min - low.from_pole, high.below_max + high.from_pole, np.zeros_like(low.from_pole))
    pairs = ((getattr(part, name) for part in (nodes, at_pole)) for name in ("above_min", "below_max", "from_pole"))
    joined = Offsets(*(np.concatenate(list(pair), axis=1) for pair in pairs))
    return joined, np.concatenate([weights, np.where(broadened > pole_width, lacking, 0.0)], axis=1)

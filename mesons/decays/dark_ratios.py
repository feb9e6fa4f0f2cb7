"""Rates of decays to chi phi at many parameter points at once: M -> l chi phi, tau -> h chi phi, L -> l nu chi phi."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mesons.decays.channel import Channel
from mesons.decays.channels import decay_channel
from mesons.decays.peak_nodes import peak_nodes
from mesons.decays.quadrature import Offsets
from mesons.decays.three_body_decay import ThreeBodyDecay
from nucore.errors import InputError
from nucore.model.points import ParameterPoints

Array = NDArray[np.float64]


def dark_ratios(
    parent: str, lepton: str, points: ParameterPoints, windows: Sequence[tuple[ArrayLike, ArrayLike]] | None = None
) -> Array:
    """Gamma(parent -> lepton chi phi) / Gamma(parent -> lepton nu, massless) of n points, on-shell nu4 included.

    Parameters
    ----------
    parent, lepton : str
        As in `mesons.decays.spectra.decay`.
    points : ParameterPoints
    windows : sequence of (low, high), optional
        Windows of the momentum (GeV) of the charged particle in the rest frame of the parent, numbers or one per point.

    Returns
    -------
    array, shape (n,), or (n_windows, n) with windows
        As `mesons.decays.three_body.three_body_ratio` and `ratio_in_bins`, to 1e-3 or better. NaN where the channel
        is open and yR is not zero: the formulas are derived for yR = 0.

    Raises
    ------
    InputError
        If a name is not known, a window is empty, or windows are given for L -> l nu nu.
    """
    return dark_ratios_of(decay_channel(parent, lepton), points, windows)


def dark_ratios_of(
    channel: Channel, points: ParameterPoints, windows: Sequence[tuple[ArrayLike, ArrayLike]] | None = None
) -> Array:
    """Return `dark_ratios` of a channel."""
    if windows is not None and not channel.single_neutrino:
        raise InputError(f"invalid momentum window of {channel.parent} -> {channel.lepton} nu nu: expected none")
    for low, high in windows or ():
        if not np.all((np.asarray(low) >= 0.0) & (np.asarray(low) < high)):
            raise InputError(f"invalid momentum window ({low!r}, {high!r}) GeV: expected 0 <= low < high")
    decay = channel.dark_of(points)
    possible = (decay.energy_release > 0.0) & (decay.U_sq > 0.0)
    is_open = possible & (points.yL != 0.0) & (points.yR == 0.0)
    ratios = np.zeros((1 if windows is None else len(windows), points.n))
    for ratio, window in zip(ratios, [None] if windows is None else windows, strict=True):
        reached, cuts = is_open, None
        if window is not None:
            low, high = (np.broadcast_to(np.asarray(end, dtype=np.float64), points.n) for end in window)
            reached = is_open & (decay.range_sq > decay.points_at_momentum(low).below_max)
            cuts = low[reached, None], high[reached, None]
        if reached.any():
            ratio[reached] = density_integral(channel.dark_of(points, (reached, None)), cuts)
    ratios[:, possible & (points.yR != 0.0)] = np.nan
    return ratios[0] if windows is None else ratios


def density_integral(decay: ThreeBodyDecay, window: tuple[Array, Array] | None = None) -> Array:
    """Share of Gamma(M -> l nu) in windows of the momentum (GeV) that the spectra reach, or in all: shape (n,)."""
    range_sq = decay.range_sq
    zero = np.zeros_like(range_sq)
    low, high = Offsets(zero, range_sq, -decay.pole_above_min), Offsets(range_sq, zero, decay.pole_below_max)
    if window is not None:
        # Q^2 falls with the momentum
        bottom, top = decay.points_at_momentum(window[1]), decay.points_at_momentum(window[0])
        low, high = bottom.where(bottom.above_min > 0.0, low), top.where(window[0] > 0.0, high)
    scale = low.above_min + (decay.m_chi + decay.m_phi) ** 2
    nodes, weights = peak_nodes(low, high, low.below_max - high.below_max, scale, decay.pole_width)
    return np.einsum("ij,ij->i", decay.density(nodes), weights)

"""M -> l nu nu nubar in the Standard Model, and what limits on it from a momentum window say of M -> l chi phi."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mesons.decays.channels import decay_channel
from mesons.decays.dark_ratios import dark_ratios
from mesons.decays.ratios import nu4_rates
from nucore.model.points import ParameterPoints

Array = NDArray[np.float64]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)


def standard_model_density(m_parent: float, m_lepton: float, momentum: ArrayLike) -> Array:
    """Shape of the lepton momentum in M -> l nu nu nubar, not normalised.

    The spectrum is that of a virtual neutrino radiating a pair, dGamma/dx proportional to
    ``sqrt(x^2 - 4 x_l) [(1 - x) x + 2 x_l] q``, with q the squared invisible mass over M^2; pure phase space
    differs by up to 20% in the fraction inside a window.

    Parameters
    ----------
    m_parent, m_lepton : float
        GeV.
    momentum : array
        GeV, within the kinematic range.
    """
    p = np.asarray(momentum, dtype=np.float64)
    energy = np.hypot(p, m_lepton)
    x, x_l = 2.0 * energy / m_parent, (m_lepton / m_parent) ** 2
    # sqrt(x^2 - 4 x_l) is proportional to p, dx to p dp / E
    return p**2 / energy * ((1.0 - x) * x + 2.0 * x_l) * (1.0 + x_l - x)


def max_momentum(m_parent: float, m_lepton: float) -> float:
    """Largest lepton momentum (GeV) in M -> l nu and M -> l nu nu nubar."""
    return (m_parent**2 - m_lepton**2) / (2.0 * m_parent)


def standard_model_fraction(m_parent: float, m_lepton: float, low: float, high: float) -> float:
    """Fraction of M -> l nu nu nubar in a window of the lepton momentum (GeV), which may exceed the spectrum."""
    end = max_momentum(m_parent, m_lepton)

    def integral(a: float, b: float) -> float:
        p = 0.5 * (b + a) + 0.5 * (b - a) * _NODES
        return float(0.5 * (b - a) * (standard_model_density(m_parent, m_lepton, p) @ _WEIGHTS))

    return integral(min(max(low, 0.0), end), min(high, end)) / integral(0.0, end)


def window_branching(parent: str, lepton: str, points: ParameterPoints, low: float, high: float) -> Array:
    """BR(M -> l nu nu nubar) that a search in one momentum window takes M -> l chi phi and M -> l nu4 for.

    Decays in the window are divided by the share of M -> l nu nu nubar in it, as the search does; the efficiency
    is taken as uniform inside of the window.

    Parameters
    ----------
    parent, lepton : str
        A meson and a lepton.
    points : ParameterPoints
    low, high : float
        Window of the lepton momentum in the rest frame of the meson, GeV.

    Returns
    -------
    array, shape (n,)
        To compare with the published limit; NaN where M -> l chi phi is open and yR is not zero.
    """
    channel = decay_channel(parent, lepton)
    dark = dark_ratios(parent, lepton, points, [(low, high)])[0]
    inside = nu4_rates(channel, points, dark, (low, high))
    return channel.standard_branching_ratio * inside / standard_model_fraction(*channel.masses, low, high)

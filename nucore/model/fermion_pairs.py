"""Decay nu4 -> lepton + (W or Z or h)* -> lepton + fermion pair, as integrals over the mass of the pair.

All widths are in units of ``G_F^2 m4^5 / (192 pi^3)`` and masses in units of m4, for |U_l4|^2 = 1. At small m4 the
result is the four-fermion formula with massive fermions; at large m4 the peak of the boson gives the two-body width.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nucore.model.resonance_quadrature import PeakNodes, peak_nodes

Array = NDArray[np.float64]


class Boson(NamedTuple):
    """A weak boson: mass in units of m4, shape (n,), and width over mass."""

    mass: Array
    ratio: float

    @classmethod
    def of(cls, mass: float, width: float, m4: Array) -> Boson:
        """Boson of a mass and a width in GeV for each m4, shape (n,), in GeV."""
        return cls(mass / m4, width / mass)

    @property
    def peak(self) -> Array:
        """Pair mass squared at which |propagator|^2 is largest."""
        return self.mass**2 / (1.0 + self.ratio**2)

    def nodes(self, low: Array, high: Array) -> PeakNodes:
        """Nodes over the pair mass squared from `low` to `high`."""
        return peak_nodes(low - self.peak, high - self.peak, high - low, self.ratio * self.peak)

    def squared(self, s: Array) -> Array:
        """``M^4 / |M^2 - s - i s Gamma/M|^2``: 1 at s = 0; the width runs with s."""
        r = s / self.mass[:, None] ** 2
        return 1.0 / ((1.0 - r) ** 2 + (self.ratio * r) ** 2)

    def longitudinal(self, s: Array) -> Array:
        """``(1 - s/M^2)^2``: the part along the momentum does not resonate."""
        return (1.0 - s / self.mass[:, None] ** 2) ** 2


def charged_current(boson: Boson, lepton: Array, first: Array, second: Array) -> Array:
    """Width of nu4 -> l W*, W* -> f1 f2bar of one colour, all massive; 0 where closed.

    Parameters
    ----------
    boson : Boson
    lepton, first, second : array, shape (n,)
        Masses in units of m4.

    Returns
    -------
    array, shape (n,)
        Without propagator the function I of `nucore.model.widths.three_body_lepton_function`.
    """
    open_ = lepton + first + second < 1.0
    lepton, first, second = (np.where(open_, x, 0.0) for x in (lepton, first, second))
    nodes = boson.nodes((first + second) ** 2, (1.0 - lepton) ** 2)
    s = (first[:, None] + second[:, None]) ** 2 + nodes.from_low
    a = lepton[:, None] ** 2
    transverse, longitudinal = _charged_pair(s, nodes.from_low, first[:, None], second[:, None])
    momentum = np.sqrt(nodes.from_high * ((1.0 + lepton[:, None]) ** 2 - s))
    density = transverse * ((1.0 - a) ** 2 + s * (1.0 + a) - 2.0 * s**2)
    density += longitudinal * ((1.0 - a) ** 2 - s * (1.0 + a)) * boson.longitudinal(s)
    return np.where(open_, np.sum(nodes.weight * 2.0 * momentum * density * boson.squared(s), axis=1), 0.0)


def _charged_pair(s: Array, above: Array, first: Array, second: Array) -> tuple[Array, Array]:
    """Transverse and longitudinal spectral functions of W* -> f1 f2bar, 1 and 0 for massless fermions."""
    y1, y2 = first**2 / s, second**2 / s
    root = np.sqrt(above * (s - (first - second) ** 2)) / s
    return root * (1.0 - 0.5 * (y1 + y2) - 0.5 * (y1 - y2) ** 2), 1.5 * root * (y1 + y2 - (y1 - y2) ** 2)


def neutral_current(boson: Boson, fermion: Array) -> tuple[Array, Array]:
    """Width of nu4 -> nu Z*, Z* -> f fbar of one colour; 0 where closed.

    Returns
    -------
    same, opposite : array, shape (n,)
        Coefficients of ``gL^2 + gR^2`` and of ``gL gR``; 1 and 0 for a massless fermion without propagator.
    """
    open_ = 2.0 * fermion < 1.0
    fermion = np.where(open_, fermion, 0.0)
    nodes = boson.nodes(4.0 * fermion**2, np.ones_like(fermion))
    s = 4.0 * fermion[:, None] ** 2 + nodes.from_low
    y = fermion[:, None] ** 2 / s
    axial = 3.0 * y * boson.longitudinal(s)
    measure = nodes.weight * 2.0 * nodes.from_high**2 * np.sqrt(nodes.from_low / s) * boson.squared(s)
    same = np.sum(measure * ((1.0 + 2.0 * s) * (1.0 - y) + axial), axis=1)
    opposite = np.sum(measure * (6.0 * y * (1.0 + 2.0 * s) - 2.0 * axial), axis=1)
    return np.where(open_, same, 0.0), np.where(open_, opposite, 0.0)


def interference(one: Boson, other: Boson) -> Array:
    """Interference of two diagrams with massless fermions, relative to both without propagator: 1 at small m4.

    The two bosons end on the same antifermion and on either of two left-handed fermions, whose pair has the mass
    squared 1 - x. The integral over the mass of one boson is a logarithm.

    Parameters
    ----------
    one, other : Boson

    Returns
    -------
    array, shape (n,)
        Real part of ``12 int dx x (1 - x) int_0^x ds P_one(s) P_other(x - s)^*``, P = M^2/(M^2 - s - i s Gamma/M).
    """
    zero, unit = np.zeros_like(one.mass), np.ones_like(one.mass)
    nodes = one.nodes(zero, unit)
    x = nodes.from_low
    a = ((1.0 + 1j * one.ratio) / one.mass**2)[:, None]
    b = ((1.0 - 1j * other.ratio) / other.mass**2)[:, None]
    inner = -(_log1p(-a * x) + _log1p(-b * x)) / (a + b - a * b * x)
    return np.asarray(np.sum(nodes.weight * 12.0 * x * nodes.from_high * inner.real, axis=1))


def _log1p(z: NDArray[Any]) -> NDArray[Any]:
    """``ln(1 + z)``, exact for small z, where numpy's loses the real part."""
    return np.asarray(0.5 * np.log1p(z.real * (2.0 + z.real) + z.imag**2) + 1j * np.arctan2(z.imag, 1.0 + z.real))


def higgs(boson: Boson, fermion: Array) -> Array:
    """Integral of ``(1 - s)^2`` times the normalised Breit-Wigner of h over its mass squared s: nu4 -> nu h*.

    Parameters
    ----------
    boson : Boson
    fermion : array, shape (n,)
        Mass in units of m4; h* is at least as heavy as two of them.

    Returns
    -------
    array, shape (n,)
        ``(1 - m_h^2/m4^2)^2`` above m_h up to Gamma_h/m_h, its off-shell tail below.
    """
    open_ = 2.0 * fermion < 1.0
    fermion = np.where(open_, fermion, 0.0)
    nodes = boson.nodes(4.0 * fermion**2, np.ones_like(fermion))
    s = 4.0 * fermion[:, None] ** 2 + nodes.from_low
    spectrum = boson.ratio * s / (np.pi * boson.mass[:, None] ** 4) * boson.squared(s)
    return np.where(open_, np.sum(nodes.weight * spectrum * nodes.from_high**2, axis=1), 0.0)

"""Weak widths of nu4 per flavour, from the electron mass to beyond the Higgs boson.

One Breit-Wigner integral for each fermion pair covers off-shell and on-shell W, Z and h. Hadrons are the larger of
single mesons and of quark pairs with their QCD correction, so that the width has no jump; this is good to 10-20%
between 0.5 and 2 GeV and to a few percent elsewhere. Left out: radiative decays, gluons from a light h*, and the third
generation of quarks from the W.
"""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from nucore.model import constants as c
from nucore.model.alpha_s import hadronic_correction
from nucore.model.fermion_pairs import Boson, charged_current, higgs, interference, neutral_current
from nucore.model.meson_modes import charged_mesons, neutral_mesons

Array = NDArray[np.float64]

_LEPTONS = (float(c.M_E), float(c.M_MU), float(c.M_TAU))
#: Masses of quarks that give the thresholds of hadrons: half a pion, a kaon less that, half of eta_c and eta_b (GeV).
_UP_DOWN = 0.5 * float(c.M_PI)
_STRANGE = float(c.M_K) - _UP_DOWN
_CHARM, _BOTTOM = 0.5 * float(c.M_ETA_C), 0.5 * float(c.M_ETA_B)
_V_US_SQ = float(c.V_US**2)
_CHARGED_QUARKS = (
    (_UP_DOWN, _UP_DOWN, 1.0 - _V_US_SQ),
    (_UP_DOWN, _STRANGE, _V_US_SQ),
    (_CHARM, _UP_DOWN, _V_US_SQ),
    (_CHARM, _STRANGE, 1.0 - _V_US_SQ),
)
_S2 = float(c.SIN2_THETA_EFF)
_G_LEPTON = (-0.5 + _S2, _S2)
_G_UP = (0.5 - 2.0 / 3.0 * _S2, -2.0 / 3.0 * _S2)
_G_DOWN = (-0.5 + _S2 / 3.0, _S2 / 3.0)
_NEUTRAL_QUARKS = ((_UP_DOWN, _G_UP), (_UP_DOWN, _G_DOWN), (_STRANGE, _G_DOWN), (_CHARM, _G_UP), (_BOTTOM, _G_DOWN))
#: Thresholds of h* and shares of the width of h (LHC Higgs working group, arXiv:1610.07922): mu, tau and charm; what is
#: left opens with bottom.
_HIGGS = (
    (_LEPTONS[1], 2.176e-4),
    (_LEPTONS[2], 6.272e-2),
    (_CHARM, 2.891e-2),
    (_BOTTOM, 1.0 - 2.176e-4 - 6.272e-2 - 2.891e-2),
)
#: QCD corrections are frozen below this scale (GeV).
_QCD_LOWEST = 1.0
#: Range of the table (GeV); beyond, the widths scale as m4^5 and as m4^3.
_TABLE_LOW, _TABLE_HIGH = 1e-3, 1e5


class WeakWidths(NamedTuple):
    """Widths of nu4 in GeV for |U_l4|^2 = 1 and |U_N4|^2 = 1.

    Attributes
    ----------
    charged : array, shape (3, n)
        nu4 -> l W* of the flavours e, mu, tau; enters with |U_l4|^2.
    neutral : array, shape (3, n)
        nu4 -> nu Z* to quarks and charged leptons, with the interference of nu4 -> l W* -> l lbar nu, which is
        negative; enters, like the next two, with |U_l4|^2 |U_N4|^2.
    invisible : array, shape (n,)
        nu4 -> 3 nu.
    higgs : array, shape (n,)
        nu4 -> nu h*.
    """

    charged: Array
    neutral: Array
    invisible: Array
    higgs: Array


class Bosons(NamedTuple):
    """Masses of W, Z and h in GeV and G_F in GeV^-2, the measured ones by default."""

    m_W: float = float(c.M_W)
    m_Z: float = float(c.M_Z)
    m_h: float = float(c.M_H)
    G_F: float = float(c.G_F)


MEASURED = Bosons()


def weak_widths(m4: Array, bosons: Bosons = MEASURED) -> WeakWidths:
    """Weak widths by integration, about 0.2 ms a mass.

    Parameters
    ----------
    m4 : array, shape (n,)
        GeV.
    bosons : Bosons

    References
    ----------
    arXiv:1709.07001, Eq. 11, above the bosons; arXiv:0901.3589 and arXiv:1805.08567 below.
    """
    return _assemble(m4, _pairs(m4, bosons), bosons)


def tabulated_weak_widths(m4: Array) -> WeakWidths:
    """Weak widths for the measured boson masses and G_F, from a table: a relative error of the sum below 1e-3.

    Parameters
    ----------
    m4 : array, shape (n,)
        GeV.
    """
    inside = np.clip(m4, _TABLE_LOW, _TABLE_HIGH)
    pairs = _table()(np.log(inside)).T * (inside / m4) ** np.where(m4 > inside, 2.0, 0.0)
    return _assemble(m4, pairs, MEASURED)


@cache
def _table() -> CubicSpline:
    near_bosons = np.geomspace(65.0, 150.0, 80)
    m4 = np.concatenate(
        [np.geomspace(_TABLE_LOW, 65.0, 150)[:-1], near_bosons, np.geomspace(150.0, _TABLE_HIGH, 40)[1:]]
    )
    pairs = _pairs(m4, MEASURED)
    return CubicSpline(np.log(m4), pairs.T)


def _pairs(m4: Array, bosons: Bosons) -> Array:
    """Smooth parts in units of ``G_F^2 m4^5/(192 pi^3)``, no QCD correction; shape (13, n).

    Charged leptons e, mu, tau; charged quarks e, mu, tau; interference e, mu, tau; neutral leptons; neutral quarks;
    neutrinos; h.
    """
    m_W, m_Z, m_h, G_F = bosons
    w, z = Boson.of(m_W, _width_w(m_W, G_F), m4), Boson.of(m_Z, _width_z(m_Z, G_F), m4)
    contact = Boson(np.full(m4.shape, 1e6), 0.01)
    zero = np.zeros_like(m4)
    charged_leptons = [sum(charged_current(w, a / m4, b / m4, zero) for b in _LEPTONS) for a in _LEPTONS]
    charged_quarks = [
        sum(3.0 * share * charged_current(w, a / m4, up / m4, down / m4) for up, down, share in _CHARGED_QUARKS)
        for a in _LEPTONS
    ]
    both = interference(w, z)
    crossed = [both * _neutral(contact, a / m4, 2.0 * _G_LEPTON[0], 2.0 * _G_LEPTON[1]) for a in _LEPTONS]
    neutral_leptons = sum(_neutral_pair(z, a / m4, _G_LEPTON) for a in _LEPTONS)
    neutral_quarks = sum(3.0 * _neutral_pair(z, mass / m4, g) for mass, g in _NEUTRAL_QUARKS)
    # three flavours of Z* -> nu nubar, and the exchange of the two neutrinos of one flavour
    neutrinos = 0.75 * neutral_current(z, zero)[0] + 0.25 * interference(z, z)
    h = Boson.of(m_h, float(c.GAMMA_H_SM), m4)
    h_star = sum(share * higgs(h, mass / m4) for mass, share in _HIGGS)
    h_star *= 12.0 * math.pi**2 / (math.sqrt(2.0) * G_F * m4**2)
    return np.array([*charged_leptons, *charged_quarks, *crossed, neutral_leptons, neutral_quarks, neutrinos, h_star])


def _neutral(boson: Boson, fermion: Array, same: float, opposite: float) -> Array:
    pair = neutral_current(boson, fermion)
    return same * pair[0] + opposite * pair[1]


def _neutral_pair(boson: Boson, fermion: Array, g: tuple[float, float]) -> Array:
    return _neutral(boson, fermion, g[0] ** 2 + g[1] ** 2, g[0] * g[1])


def _assemble(m4: Array, pairs: Array, bosons: Bosons) -> WeakWidths:
    """Add the QCD corrections, take single mesons where they exceed quarks, and put in the units."""
    unit = bosons.G_F**2 * m4**5 / (192.0 * np.pi**3)
    charged = []
    for k, lepton in enumerate(_LEPTONS):
        qcd = hadronic_correction(np.clip(m4 - lepton, _QCD_LOWEST, bosons.m_W))
        charged.append(pairs[k] + np.maximum(qcd * pairs[3 + k], charged_mesons(m4, lepton)))
    qcd = hadronic_correction(np.clip(m4, _QCD_LOWEST, bosons.m_Z))
    neutral = pairs[9] + np.maximum(qcd * pairs[10], neutral_mesons(m4)) + pairs[6:9]
    return WeakWidths(unit * np.array(charged), unit * neutral, unit * pairs[11], unit * pairs[12])


def _width_w(m_W: float, G_F: float) -> float:
    """Width of the W to massless leptons and quarks in GeV, consistent with the pairs."""
    channels = 3.0 + 6.0 * float(hadronic_correction(np.array(m_W)))
    return channels * G_F * m_W**3 / (6.0 * math.pi * math.sqrt(2.0))


def _width_z(m_Z: float, G_F: float) -> float:
    """Width of the Z to massless leptons and quarks in GeV, consistent with the pairs."""
    lepton, up, down = (g[0] ** 2 + g[1] ** 2 for g in (_G_LEPTON, _G_UP, _G_DOWN))
    quarks = 3.0 * float(hadronic_correction(np.array(m_Z))) * (2.0 * up + 3.0 * down)
    return (0.75 + 3.0 * lepton + quarks) * G_F * m_Z**3 / (3.0 * math.pi * math.sqrt(2.0))

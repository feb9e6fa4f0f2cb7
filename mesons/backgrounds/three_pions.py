"""K+ -> pi+ pi+ pi- and pi+ pi0 pi0: Dalitz plots with measured slopes."""

from __future__ import annotations

from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mesons.backgrounds.dalitz import ThreeBody, dalitz_scale
from mesons.decays.standard_decays import value
from nucore.model import constants as c

Array = NDArray[np.float64]
#: pi+ pi+ pi- with a pi+ as particle 1 and the pi- as particle 3, or pi+ pi0 pi0.
Mode = Literal["three_pions", "pion_two_pi0"]

_M_K, _M_PI, _M_PI0 = float(c.M_K), float(c.M_PI), float(c.M_PI0)


def kinematics(mode: Mode) -> ThreeBody:
    """Masses with the pi+ that is seen first."""
    return ThreeBody(_M_K, _M_PI, _M_PI, _M_PI) if mode == "three_pions" else ThreeBody(_M_K, _M_PI, _M_PI0, _M_PI0)


def _shape(mode: Mode, energy1: Array, energy2: Array) -> Array:
    """1 + g u + h u^2 + k v^2; u of the odd pion (pi-, or pi+ beside two pi0), v of the like ones."""
    plot = kinematics(mode)
    energies = (energy1, energy2, _M_K - energy1 - energy2)
    odd, like = (2, (0, 1)) if mode == "three_pions" else (0, (1, 2))
    masses = (plot.m1, plot.m2, plot.m3)
    s = [_M_K**2 + m**2 - 2.0 * _M_K * e for m, e in zip(masses, energies, strict=True)]
    center = (_M_K**2 + sum(m**2 for m in masses)) / 3.0
    u, v = (s[odd] - center) / _M_PI**2, (s[like[1]] - s[like[0]]) / _M_PI**2
    g, h, k = (value("slopes", f"{mode}_{name}") for name in "ghk")
    return 1.0 + g * u + h * u**2 + k * v**2


@cache
def _scale(mode: Mode) -> float:
    """Measured branching ratio over the integral of the shape."""
    return dalitz_scale(kinematics(mode), lambda *e: _shape(mode, *e), value("branching_ratios", mode))


def weight(mode: Mode, energy1: Array, energy2: Array) -> Array:
    """d2(BR)/dE_1 dE_2 in 1/GeV^2 within the Dalitz plot, normalised to the measured branching ratio."""
    return _scale(mode) * _shape(mode, energy1, energy2)

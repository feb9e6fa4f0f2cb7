"""Spectrum of the charged particle of a decay to chi phi on a grid, for drawing and for tables."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mesons.decays.quadrature import Offsets, interval_grid
from mesons.decays.three_body import break_points
from mesons.decays.three_body_decay import ThreeBodyDecay

Array = NDArray[np.float64]

#: Points of the grid in each factor of two of the distance from the peak or an end.
_POINTS_PER_OCTAVE = 24
#: Half width of the narrowest peak drawn, in x: well above the spacing of doubles near x = 1.
_NARROWEST_IN_X = 1e-11
#: A narrower peak is drawn this many half widths to either side, which holds all but 1e-5 of it.
_DRAWN_HALF_WIDTHS = 1e5
#: Points of a spectrum without peaks between two of its ends and kinks.
_SMOOTH_POINTS = 401


@dataclass(frozen=True)
class LeptonSpectrum:
    """Spectrum of the lepton in the rest frame of the parent, relative to Gamma(M -> l nu).

    The grid is fine where the spectrum varies, so that the trapezoidal rule over the points gives the
    integral to 1e-3 for any width of nu4 (except for m4 within 1e-6 of an end of the range, relative, where
    the peak touches the end).

    Attributes
    ----------
    x : array, shape (n,)
        2 E_l / M, increasing.
    dratio_dx : array, shape (n,)
        dGamma/dx over Gamma(M -> l nu).
    momentum_GeV : array, shape (n,)
        Momentum of the charged particle.
    dratio_dp_per_GeV : array, shape (n,)
        dGamma/dp over Gamma(M -> l nu).
    drawn_width_GeV : float or None
        Width of nu4 drawn in place of a smaller one that double precision of x cannot resolve; the area of
        the peak is the true one. None where the spectrum is drawn as it is.
    """

    x: Array
    dratio_dx: Array
    momentum_GeV: Array
    dratio_dp_per_GeV: Array
    drawn_width_GeV: float | None = None

    @classmethod
    def empty(cls) -> LeptonSpectrum:
        """Spectrum of a closed decay."""
        nothing = np.zeros(0)
        return cls(nothing, nothing, nothing, nothing)

    def __repr__(self) -> str:
        return f"<LeptonSpectrum: {self.x.size} points, integral {self.integral:.6g}>"

    @property
    def integral(self) -> float:
        """Integral of the spectrum by the trapezoidal rule over its points."""
        return float(np.trapezoid(self.dratio_dx, self.x))

    def to_dict(self) -> dict[str, Any]:
        """Return lists of numbers, ready for JSON.

        Keys
        ----
        x
        dratio_dx
        momentum_GeV
        dratio_dp_per_GeV
        drawn_width_GeV
        integral : float
            Of the spectrum, by the trapezoidal rule over its points: three_body_ratio to 1e-3.
        """
        return {
            "x": self.x.tolist(),
            "dratio_dx": self.dratio_dx.tolist(),
            "momentum_GeV": self.momentum_GeV.tolist(),
            "dratio_dp_per_GeV": self.dratio_dp_per_GeV.tolist(),
            "drawn_width_GeV": self.drawn_width_GeV,
            "integral": self.integral,
        }


def spectrum_points(decay: ThreeBodyDecay, pole_width: float) -> Offsets:
    """Grid over the whole Q^2 range, ends included, dense around the pole."""
    breaks = break_points(decay)
    parts = [
        interval_grid(breaks.take(i), breaks.take(i + 1), pole_width, _POINTS_PER_OCTAVE)
        for i in range(breaks.above_min.size - 1)
    ]
    last = breaks.take(breaks.above_min.size - 1)
    return Offsets.concatenate([*parts, last])


def lepton_spectrum(decay: ThreeBodyDecay) -> LeptonSpectrum:
    """Spectrum of the lepton of M -> l chi phi.

    Parameters
    ----------
    decay : ThreeBodyDecay

    Returns
    -------
    LeptonSpectrum
        Without points where the decay is closed.
    """
    if decay.energy_release <= 0.0:
        return LeptonSpectrum.empty()
    width = decay.pole_width
    narrowest = _NARROWEST_IN_X * decay.m_parent**2
    inside = min(decay.pole_above_min, decay.pole_below_max) > _DRAWN_HALF_WIDTHS * narrowest
    drawn = max(width, narrowest)
    points = spectrum_points(decay, drawn)
    density = decay.density(points)
    widened = inside and drawn > width > 0.0
    if widened:
        # F of a width w becomes, within the peak, that of the drawn width times drawn/w: the same area
        distance = points.from_pole
        peak = np.abs(distance) < _DRAWN_HALF_WIDTHS * drawn
        density = density * np.where(peak, (distance**2 + width**2) / (distance**2 + drawn**2) * (drawn / width), 1.0)
    momentum = decay.lepton_momentum(points)
    x = decay.lepton_energy_fraction(points)
    dratio_dx = density * decay.m_parent**2
    dratio_dp = density * 2.0 * decay.m_parent * momentum / np.hypot(momentum, decay.m_lepton)
    distinct = np.unique(x, return_index=True)[1]
    return LeptonSpectrum(
        x[distinct],
        dratio_dx[distinct],
        momentum[distinct],
        dratio_dp[distinct],
        drawn / decay.m4 if widened else None,
    )


def smooth_spectrum(decay: ThreeBodyDecay) -> LeptonSpectrum:
    """Spectrum without a peak, as of L -> l nu chi phi; without points where the decay is closed."""
    if decay.energy_release <= 0.0:
        return LeptonSpectrum.empty()
    ends = [0.0, decay.max_momentum] if decay.pole_momentum is None else [0.0, decay.pole_momentum, decay.max_momentum]
    share = 0.5 * (1.0 - np.cos(np.linspace(0.0, np.pi, _SMOOTH_POINTS)))
    momentum = np.unique(np.concatenate([a + (b - a) * share for a, b in itertools.pairwise(ends)]))
    dratio_dp = decay.dratio_dp(momentum)
    energy = np.hypot(momentum, decay.m_lepton)
    # dp/dx = M E/(2 p), and the spectrum goes as p^2
    dp_dx = 0.5 * decay.m_parent * energy / np.maximum(momentum, np.finfo(float).tiny)
    return LeptonSpectrum(2.0 * energy / decay.m_parent, dratio_dp * dp_dx, momentum, dratio_dp)

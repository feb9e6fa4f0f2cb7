"""Spectrum of the lepton of M -> l chi phi on a grid, and everything `nuportal decay` reports."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mesons.branching import leptonic_branching_ratio
from mesons.quadrature import Offsets, interval_grid
from mesons.three_body import ThreeBodyDecay, break_points, three_body_ratio
from mesons.two_body import peak_momentum, two_body_ratio
from nuportal.parameters import PortalParameters

Array = NDArray[np.float64]

#: Points of the grid in each factor of two of the distance from the peak or an end.
_POINTS_PER_OCTAVE = 24
#: Half width of the narrowest peak drawn, in x: well above the spacing of doubles near x = 1.
_NARROWEST_IN_X = 1e-11
#: A narrower peak is drawn this many half widths to either side, which holds all but 1e-5 of it.
_DRAWN_HALF_WIDTHS = 1e5


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
    momentum_GeV : array, shape (n,)
    dratio_dp_per_GeV : array, shape (n,)
    drawn_width_GeV : float or None
        Width of nu4 drawn in place of a smaller one that double precision of x cannot resolve; the area of
        the peak is the true one. None where the spectrum is drawn as it is.
    """

    x: Array
    dratio_dx: Array
    momentum_GeV: Array
    dratio_dp_per_GeV: Array
    drawn_width_GeV: float | None = None

    @property
    def integral(self) -> float:
        """Integral of the spectrum by the trapezoidal rule over its points."""
        return float(np.trapezoid(self.dratio_dx, self.x))

    def to_dict(self) -> dict[str, Any]:
        """Return lists of numbers, ready for JSON."""
        return {
            "x": self.x.tolist(),
            "dratio_dx": self.dratio_dx.tolist(),
            "momentum_GeV": self.momentum_GeV.tolist(),
            "dratio_dp_per_GeV": self.dratio_dp_per_GeV.tolist(),
            "drawn_width_GeV": self.drawn_width_GeV,
            "integral": self.integral,
        }


@dataclass(frozen=True)
class DecayResult:
    """Rates and spectrum of one decay of a meson to a lepton and invisible particles.

    Attributes
    ----------
    parent, lepton : str
    parameters : PortalParameters
    two_body_ratio : float
        Gamma(l nu4) / Gamma(l nu, massless); 0 where closed.
    three_body_ratio : float
        Gamma(l chi phi) / Gamma(l nu), on-shell nu4 included; 0 where closed.
    sm_branching_ratio : float
        Branching ratio of M -> l nu.
    branching_ratio : float
        Branching ratio of M -> l chi phi.
    two_body_momentum_GeV : float or None
        Lepton momentum of M -> l nu4; None where closed.
    spectrum : LeptonSpectrum
    """

    parent: str
    lepton: str
    parameters: PortalParameters
    two_body_ratio: float
    three_body_ratio: float
    sm_branching_ratio: float
    branching_ratio: float
    two_body_momentum_GeV: float | None
    spectrum: LeptonSpectrum

    def to_dict(self) -> dict[str, Any]:
        """Fields as plain Python types, ready for JSON."""
        result = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return result | {"parameters": self.parameters.to_dict(), "spectrum": self.spectrum.to_dict()}

    def to_json(self) -> str:
        """One JSON object."""
        return json.dumps(self.to_dict(), allow_nan=False)


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
        empty = np.zeros(0)
        return LeptonSpectrum(empty, empty, empty, empty)
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


def decay(parent: str, lepton: str, parameters: PortalParameters) -> DecayResult:
    """Rates and spectrum of PARENT -> LEPTON + invisible at a parameter point.

    Parameters
    ----------
    parent, lepton : str
        ``pi+``, ``K+``, ``D+``, ``D_s+``, ``B+``; ``e``, ``mu``, ``tau``.
    parameters : PortalParameters

    Returns
    -------
    DecayResult

    Raises
    ------
    InputError
        If a name is not known, M -> l nu is closed, or yR is not zero.
    """
    three_body = ThreeBodyDecay.from_parameters(parent, lepton, parameters)
    ratio = three_body_ratio(three_body)
    standard = leptonic_branching_ratio(parent, lepton)
    open_ = three_body.pole_below_max > 0.0
    return DecayResult(
        parent,
        lepton,
        parameters,
        two_body_ratio(parent, lepton, parameters),
        ratio,
        standard,
        ratio * standard,
        float(peak_momentum(parent, lepton, parameters.m4)) if open_ else None,
        lepton_spectrum(three_body),
    )

"""What is measured of pp -> W -> l nu: observable, bins, response and cuts.

A lepton that may have radiated is measured with pT l = (1 + scale) (p + f sigma(p) n), n a standard normal number and
f a step function of |eta|.  The hadronic recoil is u = -R(q) q + noise, q the transverse momentum of the W and the
noise Gaussian, of the same width sigma(q) exp(s n') for both components, n' another normal number of the event.  The
missing momentum is -(l + u), the transverse mass that of l and the missing momentum; bins and cuts act on these
measured quantities.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from collider.decay.radiation import FinalStateRadiation
from collider.decay.tau_background import LeptonicTauDecay
from nucore.errors import InputError
from nucore.experiment_cards import CardModel
from nucore.smearing import Efficiency, Resolution

Array = NDArray[np.float64]
Observable = Literal["lepton_pt", "transverse_mass", "missing_momentum"]


class Recoil(CardModel):
    """Response to the hadronic recoil of a W of transverse momentum q.

    Attributes
    ----------
    response : float
        R, measured over true recoil, at q = 0; (0, 2].
    response_rise : float
        R(q) = response + response_rise (1 - exp(-q/response_scale_GeV)); their sum is in (0, 2].
    response_scale_GeV : float
        Of the rise, at least 1.
    resolution_GeV : float
        Gaussian, of each component, at q = 0; positive.
    resolution_slope : float
        The resolution grows by this times q, >= 0.
    resolution_spread : float
        The resolution of an event is that times exp(spread n), n standard normal: median 1, the same for both
        components; from 0 to 0.6.
    """

    response: float = Field(gt=0.0, le=2.0)
    response_rise: float = Field(default=0.0, allow_inf_nan=False)
    response_scale_GeV: float = Field(default=15.0, ge=1.0, allow_inf_nan=False)
    resolution_GeV: float = Field(gt=0.0, allow_inf_nan=False)
    resolution_slope: float = Field(default=0.0, ge=0.0, allow_inf_nan=False)
    resolution_spread: float = Field(default=0.0, ge=0.0, le=0.6)

    @model_validator(mode="after")
    def _response_in_range(self) -> Recoil:
        last = self.response + self.response_rise
        if not 0.0 < last <= 2.0:
            raise ValueError(f"response + response_rise: got {last:g}; expected above 0, at most 2")
        return self

    def response_at(self, q: Array) -> Array:
        """Return R at W transverse momenta q, GeV."""
        return np.asarray(self.response - self.response_rise * np.expm1(-np.asarray(q) / self.response_scale_GeV))

    def sigma_at(self, q: Array) -> Array:
        """Return the median resolution, GeV, at W transverse momenta q, GeV."""
        return np.asarray(self.resolution_GeV + self.resolution_slope * np.asarray(q))


Cut = Annotated[float | None, Field(gt=0.0, allow_inf_nan=False)]


class Cuts(CardModel):
    """Cuts on measured quantities, GeV: a minimum is included, a maximum is not; None where there is none.

    On a card, cuts on the lepton pT apply to the other observables; the window of the lepton pT is its own cut.
    """

    pt_min_GeV: Cut = None
    pt_max_GeV: Cut = None
    missing_momentum_min_GeV: Cut = None
    transverse_mass_min_GeV: Cut = None
    transverse_mass_max_GeV: Cut = None
    recoil_max_GeV: Cut = None

    @model_validator(mode="after")
    def _ordered(self) -> Cuts:
        for name, (low, high) in self.ranges.items():
            if low is not None and high is not None and low >= high:
                raise ValueError(f"cuts on {name}: the maximum {high:g} GeV must be above the minimum {low:g} GeV")
        return self

    @property
    def ranges(self) -> dict[str, tuple[float | None, float | None]]:
        """Lowest and highest value of each quantity, in the order in which the cuts are made."""
        return {
            "lepton_pt": (self.pt_min_GeV, self.pt_max_GeV),
            "missing_momentum": (self.missing_momentum_min_GeV, None),
            "transverse_mass": (self.transverse_mass_min_GeV, self.transverse_mass_max_GeV),
            "recoil": (None, self.recoil_max_GeV),
        }

    @property
    def names(self) -> tuple[str, ...]:
        """Quantities that are cut on."""
        return tuple(name for name, limits in self.ranges.items() if limits != (None, None))

    @property
    def on_recoil(self) -> bool:
        """Whether any cut needs the recoil."""
        return any(name != "lepton_pt" for name in self.names)


#: Lepton pT (GeV) about which slope and curvature of an efficiency are meant, their unit, and where they stop.
TREND_CENTRE_GEV, TREND_STEP_GEV, TREND_RANGE_GEV = 40.0, 10.0, (25.0, 65.0)


def efficiency_trend(pt: Array, slope: float, curvature: float) -> Array:
    """Return 1 + slope x + curvature x^2, x = (pT - 40 GeV)/10 GeV, constant below 25 and above 65 GeV."""
    x = (np.clip(pt, *TREND_RANGE_GEV) - TREND_CENTRE_GEV) / TREND_STEP_GEV
    return np.asarray(1.0 + x * (slope + x * curvature))


@dataclass(frozen=True)
class LeptonSelection:
    """Observable, bins, response and cuts of one measurement.

    Attributes
    ----------
    edges : tuple of float
        Bin edges of the measured observable, GeV, positive and increasing.
    eta_edges : tuple of float
        Bins of the lepton's |eta|, increasing from >= 0; ``(0.0, 2.4)`` is one bin, ``(0.0, inf)`` no cut.
    resolution : Resolution
        Of the lepton pT.
    efficiency : Efficiency
        As a function of the lepton pT after radiation, before resolution.
    efficiency_slope, efficiency_curvature : float
        The efficiency is multiplied by `efficiency_trend`.
    observable : {"lepton_pt", "transverse_mass", "missing_momentum"}
    scale : float
        Relative shift of the measured lepton pT, above -0.5 and below 0.5.
    resolution_regions : tuple of (float, float)
        From which |eta|, increasing and positive, and by which factor the resolution is another one, up to the next.
    fsr : FinalStateRadiation, LeptonicTauDecay or None
        What the lepton loses between the W decay and the detector.
    recoil : Recoil or None
        Needed by all observables but the lepton pT and by cuts on the recoil.
    cuts : Cuts
    """

    edges: tuple[float, ...]
    eta_edges: tuple[float, ...]
    resolution: Resolution
    efficiency: Efficiency = field(default_factory=Efficiency)
    efficiency_slope: float = 0.0
    efficiency_curvature: float = 0.0
    observable: Observable = "lepton_pt"
    scale: float = 0.0
    fsr: FinalStateRadiation | LeptonicTauDecay | None = None
    recoil: Recoil | None = None
    cuts: Cuts = field(default_factory=Cuts)
    resolution_regions: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        edges, eta = np.asarray(self.edges), np.asarray(self.eta_edges)
        if edges.size < 2 or not edges[0] > 0.0 or not np.all(np.diff(edges) > 0.0) or np.isinf(edges[-1]):
            raise InputError(
                f"invalid bin edges of {self.observable}: expected at least two positive, increasing numbers"
            )
        if eta.size < 2 or not eta[0] >= 0.0 or not np.all(np.diff(eta) > 0.0):
            raise InputError("invalid |eta| bin edges: expected at least two increasing numbers >= 0")
        if not abs(self.scale) < 0.5:
            raise InputError(f"invalid lepton scale {self.scale:g}: expected between -0.5 and 0.5")
        borders, factors = [np.array([region[i] for region in self.resolution_regions]) for i in (0, 1)]
        if np.any(np.diff(borders, prepend=0.0) <= 0.0) or np.any(~(factors > 0.0) | np.isinf(factors)):
            raise InputError(
                "invalid regions of the resolution: expected |eta| that increase from above 0 and factors > 0"
            )
        self._check_cuts()

    def _check_cuts(self) -> None:
        if self.recoil is None and (self.observable != "lepton_pt" or self.cuts.on_recoil):
            raise InputError(f"no recoil response: the observable {self.observable} or a cut needs a recoil response")
        low, high = self.cuts.pt_min_GeV, self.cuts.pt_max_GeV
        if self.observable != "lepton_pt" and low is None:
            raise InputError(f"no lowest lepton pT: the observable {self.observable} needs the cut pt_min_GeV")
        if self.observable == "lepton_pt" and (
            (low is not None and low > self.edges[0]) or (high is not None and high < self.edges[-1])
        ):
            raise InputError("cut on the lepton pT inside its own bins: expected bins that begin and end at the cut")

    @property
    def n_bins(self) -> int:
        """Number of bins of the observable."""
        return len(self.edges) - 1

    @property
    def n_eta(self) -> int:
        """Number of |eta| bins."""
        return len(self.eta_edges) - 1

    @property
    def response_eta_edges(self) -> tuple[float, ...]:
        """Edges of the |eta| bins and of the regions of the resolution inside: between them the response is one."""
        inside = [border for border, _ in self.resolution_regions if self.eta_edges[0] < border < self.eta_edges[-1]]
        return tuple(sorted({*self.eta_edges, *inside}))

    @property
    def response_bins(self) -> tuple[tuple[int, float], ...]:
        """The |eta| bin and the factor on the resolution between every two of `response_eta_edges`."""
        return tuple(
            (int(np.searchsorted(self.eta_edges, low, side="right")) - 1, self.resolution_factor(low))
            for low in self.response_eta_edges[:-1]
        )

    def resolution_factor(self, abs_eta: float) -> float:
        """Return the factor on the resolution at |eta|."""
        return next((factor for border, factor in reversed(self.resolution_regions) if abs_eta >= border), 1.0)

    def efficiency_at(self, pt: Array) -> Array:
        """Return the efficiency at lepton pT (GeV) after radiation."""
        return self.efficiency(pt) * efficiency_trend(pt, self.efficiency_slope, self.efficiency_curvature)

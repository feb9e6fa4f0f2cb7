"""What an experiment card may say of the response to leptons."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from collider.experiments.selection import TREND_RANGE_GEV, efficiency_trend
from nucore.experiment_cards import CardModel
from nucore.smearing import Efficiency, Resolution

#: Final-state radiation: none, or seen by a bare lepton (muon) or with its photons added (electron).
Radiation = Literal["none", "bare", "dressed"]


class Cited(CardModel):
    """Numbers with their source.

    Attributes
    ----------
    reference : str
    verified : bool
        False for numbers recalled from memory.
    """

    reference: str = Field(min_length=1)
    verified: bool = True


class ResolutionRegion(CardModel):
    """Where the resolution of the lepton pT is another one.

    Attributes
    ----------
    abs_eta_min : float
        It begins here, |eta|, and ends where the next one begins; positive.
    factor : float
        On all terms of the resolution; positive.
    """

    abs_eta_min: float = Field(gt=0.0, le=20.0)
    factor: float = Field(gt=0.0)


class LeptonResponse(Cited):
    """Response to the leptons of one flavour.

    Attributes
    ----------
    resolution_relative, resolution_constant_GeV, resolution_quadratic_per_GeV, resolution_stochastic_sqrt_GeV : float
        Terms of `nucore.smearing.Resolution`; the stochastic one is added as its value times the square root of pT.
    resolution_regions : tuple of ResolutionRegion
        Where in |eta| the resolution is another one.
    scale : float
        Relative shift of the measured lepton pT.
    efficiency : tuple of float
        In [0, 1]: one number, or one per entry of ``efficiency_pt_GeV``, linear in between.
    efficiency_pt_GeV : tuple of float
        Lepton pT of the efficiencies.
    efficiency_slope, efficiency_curvature : float
        The efficiency is multiplied by 1 + slope x + curvature x^2, x = (pT - 40 GeV)/10 GeV, constant below 25 and
        above 65 GeV; it stays in [0, 1].
    fsr : "none", "bare" or "dressed"
        Final-state radiation: none, lost by a bare muon, or added to an electron.
    abs_eta_edges : tuple of float or None
        Bins of this flavour, where they are not those of the selection.
    abs_eta_excluded : tuple of (float, float)
        Bins that are left out, such as the gap between barrel and endcap of a calorimeter.
    """

    resolution_relative: float = Field(ge=0.0, lt=1.0)
    resolution_constant_GeV: float = Field(default=0.0, ge=0.0)
    resolution_quadratic_per_GeV: float = Field(default=0.0, ge=0.0)
    resolution_stochastic_sqrt_GeV: float = Field(default=0.0, ge=0.0)
    resolution_regions: tuple[ResolutionRegion, ...] = ()
    scale: float = Field(default=0.0, gt=-0.5, lt=0.5)
    efficiency: tuple[Annotated[float, Field(ge=0.0, le=1.0)], ...] = (1.0,)
    efficiency_pt_GeV: tuple[float, ...] = (0.0,)
    efficiency_slope: float = 0.0
    efficiency_curvature: float = 0.0
    fsr: Radiation = "none"
    abs_eta_edges: tuple[float, ...] | None = None
    abs_eta_excluded: tuple[tuple[float, float], ...] = ()

    @model_validator(mode="after")
    def _valid_efficiency(self) -> LeptonResponse:
        efficiency = self.pt_efficiency  # refuses what is not one
        pt = np.unique(np.concatenate([np.linspace(*TREND_RANGE_GEV, 401), self.efficiency_pt_GeV]))
        found = efficiency(pt) * efficiency_trend(pt, self.efficiency_slope, self.efficiency_curvature)
        if found.min() < 0.0 or found.max() > 1.0:
            worst = int(np.argmax(np.maximum(found - 1.0, -found)))
            raise ValueError(
                f"efficiency_slope, efficiency_curvature: efficiency {found[worst]:.4g} at {pt[worst]:.4g} GeV; "
                f"expected from 0 to 1"
            )
        return self

    @model_validator(mode="after")
    def _ordered_regions(self) -> LeptonResponse:
        if np.any(np.diff([border for border, _ in self.regions]) <= 0.0):
            raise ValueError("resolution_regions: expected abs_eta_min that increase")
        return self

    @property
    def resolution(self) -> Resolution:
        """Resolution of the lepton pT."""
        return Resolution(
            self.resolution_relative,
            self.resolution_constant_GeV,
            self.resolution_quadratic_per_GeV,
            self.resolution_stochastic_sqrt_GeV,
        )

    @property
    def regions(self) -> tuple[tuple[float, float], ...]:
        """Regions of the resolution as `LeptonSelection` takes them."""
        return tuple((region.abs_eta_min, region.factor) for region in self.resolution_regions)

    @property
    def pt_efficiency(self) -> Efficiency:
        """Efficiency against the true lepton pT."""
        return Efficiency(self.efficiency_pt_GeV, self.efficiency)

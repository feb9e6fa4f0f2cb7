"""What an experiment card may say: selections, lepton response, recoil, backgrounds, nuisances, published yields.

Every group of numbers carries its ``reference``; ``verified = false`` marks one recalled from memory.
"""

from __future__ import annotations

import itertools
from typing import Any, ClassVar, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from collider.decay.radiation import FinalStateRadiation
from collider.experiments.lepton_response import Cited, LeptonResponse
from collider.experiments.selection import Cuts, LeptonSelection, Observable, Recoil
from nucore.errors import InputError
from nucore.experiment_cards import CardModel

Flavour = Literal["e", "mu"]
Sign = Literal["+", "-"]

CHARGES = {"+": 1, "-": -1}

#: Largest value of an observable, GeV: beyond it hardly a lepton of a W is left and the templates are not accurate.
MAX_WINDOW_GEV = 300.0
#: Bins of an observable.
MAX_BINS = 10_000


class CitedRecoil(Cited, Recoil):
    """Response to the hadronic recoil, with its source."""


class Background(Cited):
    """A background whose shape is computed.

    Attributes
    ----------
    fraction : float or None
        Of the selected W -> l nu; computed where left out.
    uncertainty : float
        Relative, of its rate.
    """

    fraction: float | None = Field(default=None, gt=0.0, lt=1.0)
    uncertainty: float = Field(gt=0.0, lt=1.0)


class LostLepton(Background):
    """Z -> l l of which one lepton is not seen.

    Attributes
    ----------
    seen_abs_eta_max : dict
        |eta| up to which the second lepton is seen, per flavour; the last of the |eta| bins where left out.
    seen_pt_min_GeV : float
        Above which it is seen.
    """

    seen_abs_eta_max: dict[Flavour, float] = Field(default_factory=dict)
    seen_pt_min_GeV: float = Field(default=0.0, ge=0.0)


class Multijet(Cited):
    """Multijet background, an exponential in the observable.

    Attributes
    ----------
    fraction : float
        Of the selected W -> l nu.
    uncertainty : float
        Relative, of its rate.
    slope_per_GeV, slope_uncertainty_per_GeV : float
        Of the exponent.
    """

    fraction: float = Field(gt=0.0, lt=1.0)
    uncertainty: float = Field(gt=0.0, lt=1.0)
    slope_per_GeV: float = Field(allow_inf_nan=False)
    slope_uncertainty_per_GeV: float = Field(ge=0.0, allow_inf_nan=False)


class Backgrounds(CardModel):
    """Backgrounds of a selection; none where left out.

    Attributes
    ----------
    tau : Background or None
        W -> tau nu -> l.
    z : LostLepton or None
        Z -> l l of which one lepton is lost.
    multijet : Multijet or None
        Multijet events, an exponential in the observable.
    """

    tau: Background | None = None
    z: LostLepton | None = None
    multijet: Multijet | None = None


class Published(Cited):
    """Number of selected candidates that the experiment published.

    Attributes
    ----------
    selection : str
        Name of the selection on the card.
    flavour, charge : str
        ``charge`` may be ``both``.
    count : float
        Candidates, background included.
    """

    selection: str = "full"
    flavour: Flavour
    charge: Literal["+", "-", "both"]
    count: float = Field(gt=0.0)


class Selection(Cited):
    """Observable, binning, cuts and response of one analysis.

    Attributes
    ----------
    observable : "lepton_pt", "transverse_mass" or "missing_momentum"
        What is histogrammed.
    window_GeV : (float, float)
        Range of the observable.
    bin_width_GeV : float or None
        The window is a whole number of bins.
    edges_GeV : tuple of float or None
        Bin edges of any widths, in place of window and bin width.
    fixed_bins : bool
        Data in other bins, which are no finer ones of these, are refused; else they are fitted in their own.
    charges : tuple of "+", "-"
        Of the lepton.
    separate_charges : bool
        Each charge has a spectrum of its own; else they are added.
    abs_eta_edges : tuple of float
        Bins of the lepton's |eta|, from >= 0.
    separate_abs_eta : bool
        Each |eta| bin has a spectrum of its own; else they are added.
    luminosity_invfb : dict
        fb^-1 per flavour, where it is not that of the card.
    cuts : Cuts
        On measured quantities.
    response : dict
        `LeptonResponse` per flavour, or of ``l`` for both.
    recoil : CitedRecoil or None
        Needed by observables and cuts other than of the lepton pT.
    backgrounds : Backgrounds
        Of W -> tau nu, Z -> l l and multijet; none where left out.
    """

    inherits: ClassVar[bool] = True
    observable: Observable = "lepton_pt"
    window_GeV: tuple[float, float]
    bin_width_GeV: float | None = Field(default=None, gt=0.0)
    edges_GeV: tuple[float, ...] | None = Field(default=None, min_length=2, max_length=MAX_BINS + 1)
    fixed_bins: bool = False
    charges: tuple[Sign, ...] = Field(min_length=1)
    separate_charges: bool = False
    abs_eta_edges: tuple[float, ...] = Field(min_length=2)
    separate_abs_eta: bool = True
    luminosity_invfb: dict[Flavour, float] = Field(default_factory=dict)
    cuts: Cuts = Cuts()
    response: dict[Literal["e", "mu", "l"], LeptonResponse] = Field(min_length=1)
    recoil: CitedRecoil | None = None
    backgrounds: Backgrounds = Backgrounds()

    @model_validator(mode="before")
    @classmethod
    def _window_of_edges(cls, content: Any) -> Any:
        """Edges say what the window is; the bin width, and a window that is inherited, do not count then."""
        edges = content.get("edges_GeV") if isinstance(content, dict) else None
        if not isinstance(edges, tuple) or len(edges) < 2:
            return content
        return {**content, "window_GeV": (edges[0], edges[-1]), "bin_width_GeV": None}

    @model_validator(mode="after")
    def _consistent(self) -> Selection:
        low, high = self.window_GeV
        if not 0.0 < low < high <= MAX_WINDOW_GEV:
            raise ValueError(f"window_GeV: got {low:g} to {high:g}; expected 0 < low < high <= {MAX_WINDOW_GEV:g}")
        if self.edges_GeV is not None:
            if np.any(np.diff(self.edges_GeV) <= 0.0):
                raise ValueError("edges_GeV: expected edges that increase")
        elif self.bin_width_GeV is None:
            raise ValueError("bin_width_GeV: missing; expected it, or edges_GeV")
        else:
            n_bins = (high - low) / self.bin_width_GeV
            if not 0.5 <= n_bins <= MAX_BINS or abs(n_bins - round(n_bins)) > 1e-6:
                raise ValueError(f"bin_width_GeV: expected a whole number of bins in the window, 1 to {MAX_BINS}")
        if len(set(self.charges)) != len(self.charges):
            raise ValueError("charges: a charge is named twice; expected each once")
        for flavour, response in self.response.items():
            edges = self.eta_edges(flavour)
            if len(edges) < 2 or edges[0] < 0.0 or edges[-1] > 20.0 or np.any(np.diff(edges) <= 0.0):
                raise ValueError("abs_eta_edges: expected edges that increase, from 0 or above to at most 20")
            if not set(response.abs_eta_excluded) < set(itertools.pairwise(edges)):
                raise ValueError(f"response: abs_eta_excluded of {flavour}: expected bins of abs_eta_edges, not all")
        if any(not value > 0.0 for value in self.luminosity_invfb.values()):
            raise ValueError("luminosity_invfb: expected positive numbers")
        for lepton in get_args(Flavour):
            if lepton in self.response or "l" in self.response:
                self.lepton_selection(lepton)  # checks the rest
        return self

    @property
    def edges(self) -> NDArray[np.float64]:
        """Bin edges of the observable, GeV, shape (n_bins + 1,)."""
        if self.edges_GeV is not None:
            return np.array(self.edges_GeV)
        low, high = self.window_GeV
        assert self.bin_width_GeV is not None  # checked
        return np.linspace(low, high, round((high - low) / self.bin_width_GeV) + 1)

    @property
    def n_bins(self) -> int:
        """Number of bins of the observable."""
        return self.edges.size - 1

    def window(self, low: float, high: float) -> dict[str, Any]:
        """Return what another window changes: the ends of equal bins, or which edges are left.

        Raises
        ------
        InputError
            If it does not begin and end at edges of bins of different widths.
        """
        if self.edges_GeV is None:
            return {"window_GeV": (low, high)}
        inside = self.edges[(self.edges >= low - 1e-9) & (self.edges <= high + 1e-9)]
        if inside.size < 2 or abs(inside[0] - low) > 1e-9 or abs(inside[-1] - high) > 1e-9:
            edges = ", ".join(f"{edge:g}" for edge in self.edges)
            raise InputError(f"window {low:g} to {high:g} GeV: expected to begin and end at one of the edges {edges}")
        return {"edges_GeV": tuple(inside.tolist())}

    @property
    def charge_signs(self) -> tuple[int, ...]:
        """Charges as +1 and -1."""
        return tuple(CHARGES[charge] for charge in self.charges)

    def lepton_response(self, flavour: str) -> LeptonResponse:
        """Return the response to a flavour the card measures."""
        found = dict(self.response)
        return found[flavour] if flavour in found else found["l"]

    def eta_edges(self, flavour: str) -> tuple[float, ...]:
        """Bins of the lepton's |eta| of a flavour, the excluded ones with them."""
        own = self.lepton_response(flavour).abs_eta_edges
        return self.abs_eta_edges if own is None else own

    def lepton_selection(self, flavour: str) -> LeptonSelection:
        """Return the selection of one flavour as templates and event generator take it."""
        response = self.lepton_response(flavour)
        window_is_cut = {"pt_min_GeV": None, "pt_max_GeV": None}
        return LeptonSelection(
            edges=tuple(float(edge) for edge in self.edges),
            eta_edges=self.eta_edges(flavour),
            resolution=response.resolution,
            efficiency=response.pt_efficiency,
            efficiency_slope=response.efficiency_slope,
            efficiency_curvature=response.efficiency_curvature,
            observable=self.observable,
            scale=response.scale,
            fsr=None if response.fsr == "none" else FinalStateRadiation(flavour, response.fsr),  # type: ignore[arg-type]
            recoil=self.recoil,
            cuts=self.cuts.model_copy(update=window_is_cut if self.observable == "lepton_pt" else {}),
            resolution_regions=response.regions,
        )

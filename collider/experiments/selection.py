"""What is measured of pp -> W -> l nu: observable, bins, response and cuts.

A lepton that may have radiated is measured with pT l = (1 + scale) (p + sigma(p) n), n a standard normal number.  The
hadronic recoil is u = -R q + noise, q the transverse momentum of the W and the noise Gaussian, of the same width for
each component.  The missing momentum is -(l + u), the transverse mass that of l and the missing momentum; bins and
cuts act on these measured quantities.
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
    """Response to the hadronic recoil.

    Attributes
    ----------
    response : float
        R, measured over true recoil, (0, 2].
    resolution_GeV : float
        Gaussian, of each component, at vanishing W transverse momentum; positive.
    resolution_slope : float
        The resolution grows by this times the W transverse momentum, >= 0.
    """

    response: float = Field(gt=0.0, le=2.0)
    resolution_GeV: float = Field(gt=0.0, allow_inf_nan=False)
    resolution_slope: float = Field(default=0.0, ge=0.0, allow_inf_nan=False)


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
    observable : {"lepton_pt", "transverse_mass", "missing_momentum"}
    scale : float
        Relative shift of the measured lepton pT, above -0.5 and below 0.5.
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
    observable: Observable = "lepton_pt"
    scale: float = 0.0
    fsr: FinalStateRadiation | LeptonicTauDecay | None = None
    recoil: Recoil | None = None
    cuts: Cuts = field(default_factory=Cuts)

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

"""What is measured of pp -> W -> l nu: observable, bins, response and cuts.

A lepton that may have radiated is measured with pT l = (1 + scale) (p + sigma(p) n), n a standard normal number.  The
hadronic recoil is u = -R q + noise, q the transverse momentum of the W and the noise Gaussian, of the same width for
each component.  The missing momentum is -(l + u), the transverse mass that of l and the missing momentum; bins and
cuts act on these measured quantities.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from nucore.errors import InputError
from nucore.smearing import Efficiency, Resolution

Array = NDArray[np.float64]
Observable = Literal["lepton_pt", "transverse_mass", "missing_momentum"]


class LossKernel(Protocol):
    """What the lepton loses between the W decay and the detector; `decay.radiation.FinalStateRadiation` is one."""

    def kernel(self, cell: float) -> tuple[int, Array]:
        """Return the position of the first weight and the probabilities of ln z on a grid of spacing ``cell``."""


@dataclass(frozen=True)
class RecoilResponse:
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

    response: float
    resolution_GeV: float
    resolution_slope: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 < self.response <= 2.0:
            raise InputError(f"recoil response {self.response:g}: allowed above 0, at most 2")
        if not 0.0 < self.resolution_GeV < np.inf:
            raise InputError(f"recoil resolution {self.resolution_GeV:g} GeV: allowed are positive numbers")
        if not 0.0 <= self.resolution_slope < np.inf:
            raise InputError(f"slope {self.resolution_slope:g} of the recoil resolution: allowed are numbers >= 0")


@dataclass(frozen=True)
class EventCuts:
    """Cuts on measured quantities, GeV: a minimum is included, a maximum is not; None where there is none.

    Attributes
    ----------
    pt_min, pt_max : float or None
        Of the lepton.
    missing_momentum_min : float or None
    transverse_mass_min, transverse_mass_max : float or None
    recoil_max : float or None
    """

    pt_min: float | None = None
    pt_max: float | None = None
    missing_momentum_min: float | None = None
    transverse_mass_min: float | None = None
    transverse_mass_max: float | None = None
    recoil_max: float | None = None

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if value is not None and not 0.0 < value < np.inf:
                raise InputError(f"cut {name} = {value:g} GeV: allowed are positive numbers")
        for low, high in ((self.pt_min, self.pt_max), (self.transverse_mass_min, self.transverse_mass_max)):
            if low is not None and high is not None and low >= high:
                raise InputError(f"cuts from {low:g} to {high:g} GeV: the maximum must be above the minimum")

    @property
    def on_recoil(self) -> bool:
        """Whether any cut needs the recoil."""
        of_recoil = (
            self.missing_momentum_min, self.transverse_mass_min, self.transverse_mass_max, self.recoil_max
        )  # fmt: skip
        return any(value is not None for value in of_recoil)


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
    fsr : LossKernel or None
        Radiation of the lepton.
    recoil : RecoilResponse or None
        Needed by all observables but the lepton pT and by cuts on the recoil.
    cuts : EventCuts
    """

    edges: tuple[float, ...]
    eta_edges: tuple[float, ...]
    resolution: Resolution
    efficiency: Efficiency = field(default_factory=Efficiency)
    observable: Observable = "lepton_pt"
    scale: float = 0.0
    fsr: LossKernel | None = None
    recoil: RecoilResponse | None = None
    cuts: EventCuts = field(default_factory=EventCuts)

    def __post_init__(self) -> None:
        if self.observable not in get_args(Observable):
            raise InputError(f"observable {self.observable!r}: allowed are {', '.join(get_args(Observable))}")
        edges, eta = np.asarray(self.edges), np.asarray(self.eta_edges)
        if edges.size < 2 or not edges[0] > 0.0 or not np.all(np.diff(edges) > 0.0) or np.isinf(edges[-1]):
            raise InputError(f"{self.observable} bin edges: at least two positive, increasing numbers are needed")
        if eta.size < 2 or not eta[0] >= 0.0 or not np.all(np.diff(eta) > 0.0):
            raise InputError("|eta| bin edges: at least two increasing numbers >= 0 are needed")
        if not abs(self.scale) < 0.5:
            raise InputError(f"lepton scale {self.scale:g}: allowed are numbers between -0.5 and 0.5")
        self._check_cuts()

    def _check_cuts(self) -> None:
        if self.recoil is None and (self.observable != "lepton_pt" or self.cuts.on_recoil):
            raise InputError(f"{self.observable} with its cuts needs a recoil response")
        low, high = self.cuts.pt_min, self.cuts.pt_max
        if self.observable != "lepton_pt" and low is None:
            raise InputError(f"observable {self.observable} needs a lowest lepton pT (cut pt_min)")
        if self.observable == "lepton_pt" and (
            (low is not None and low > self.edges[0]) or (high is not None and high < self.edges[-1])
        ):
            raise InputError("a cut on the lepton pT inside its own bins: choose the bins to begin and end there")

    @property
    def n_bins(self) -> int:
        """Number of bins of the observable."""
        return len(self.edges) - 1

    @property
    def n_eta(self) -> int:
        """Number of |eta| bins."""
        return len(self.eta_edges) - 1

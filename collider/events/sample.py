"""Counts and records of generated W events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collider.events.kernel_detector import FAILURES
from collider.experiments.selection import LeptonSelection

IntArray = NDArray[np.int64]


def selection_steps(selection: LeptonSelection) -> dict[str, int]:
    """Return the steps of a selection in their order, and the column of each in the kernel's table of failures.

    |eta|, efficiency, the cuts that the selection has, and the window of its observable: ``pt_window`` of the lepton
    pT, ``transverse_mass_window``, ``missing_momentum_window``.
    """
    steps = {name: FAILURES.index(name) for name in ("abs_eta", "efficiency", *selection.cuts.names)}
    window = "pt" if selection.observable == "lepton_pt" else selection.observable
    return {**steps, f"{window}_window": FAILURES.index("window")}


@dataclass(frozen=True)
class WSample:
    """Counts of a generated sample.

    Parameters
    ----------
    selection : LeptonSelection
    component_counts : int64[n_components, n_eta * n_bins]
        Selected events in each |eta| bin and bin of the observable, the latter running faster.
    component_failed : int64[n_components, n_steps]
        Events by the first step of `selection_steps` that they fail.
    """

    selection: LeptonSelection
    component_counts: IntArray
    component_failed: IntArray

    @property
    def counts(self) -> IntArray:
        """Selected events in each bin, all components, [n_eta * n_bins]."""
        return np.asarray(self.component_counts.sum(axis=0))

    @property
    def component_generated(self) -> IntArray:
        """Generated events of each component, [n_components]."""
        return np.asarray(self.component_counts.sum(axis=1) + self.component_failed.sum(axis=1))

    @property
    def n_generated(self) -> int:
        """Number of events before selection."""
        return int(self.component_generated.sum())

    @property
    def n_selected(self) -> int:
        """Number of events in the histogram."""
        return int(self.component_counts.sum())

    @property
    def cutflow(self) -> dict[str, int]:
        """Events ``generated``, and those left after each step of `selection_steps`."""
        lost = np.concatenate([[0], np.cumsum(self.component_failed.sum(axis=0))])
        names = ("generated", *selection_steps(self.selection))
        return {name: self.n_generated - int(n) for name, n in zip(names, lost, strict=True)}


@dataclass(frozen=True)
class WEvents:
    """Events of a range, one array of length n per quantity, with their counts.

    `arrays` holds ``event`` (index), ``component``, ``charge``; truth: ``up_type_side`` (+1 or -1: the beam, along +z
    or -z, that the up-type parton comes from), ``w_mass, w_pt, w_rapidity, w_phi``,
    ``lepton_pt, lepton_eta, lepton_phi`` (before radiation), ``neutrino_mass, neutrino_px, neutrino_py, neutrino_pz,
    neutrino_energy``; reconstructed: ``reco_lepton_pt, reco_lepton_eta, reco_lepton_phi``; ``selected``,
    ``bin`` (|eta| bin times the number of bins, plus the bin of the observable; -1 if not selected). With final-state
    radiation ``radiated_fraction``, the share of the lepton's energy that is lost; with a recoil response
    ``reco_recoil_px, reco_recoil_py, reco_missing_pt, reco_missing_phi, reco_transverse_mass``. In GeV, float64 except
    ``reco_lepton_pt``, ``reco_missing_pt`` and ``reco_transverse_mass``, which are the kernel's float32.
    """

    arrays: dict[str, NDArray[Any]]
    sample: WSample

"""M -> l nu nu nubar: recast of a published limit from one momentum window, and the limit the search predicts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mesons.decays.three_body import ratio_in_bins, three_body_ratio
from mesons.decays.three_neutrinos import max_momentum, standard_model_density, standard_model_fraction
from mesons.experiments.cards import Experiment
from mesons.experiments.response import smeared
from mesons.inference.mixing import MixingLimits
from mesons.inference.scan import DarkScan, mixing_of_branching_ratio
from nucore.errors import InputError

Array = NDArray[np.float64]

_TRUTH_BINS = 2000


def standard_model_fractions(experiment: Experiment) -> Array:
    """Share of M -> l nu nu nubar in each bin of an experiment, smeared, shape (n_bins,)."""
    edges = np.linspace(0.0, max_momentum(*experiment.masses), _TRUTH_BINS + 1)
    centers = 0.5 * (edges[1:] + edges[:-1])
    weight = standard_model_density(*experiment.masses, centers)
    return smeared(experiment, centers, weight / weight.sum())


def recast_window(experiment: Experiment, scan: DarkScan, m_chi: float) -> MixingLimits:
    """Recast of the published limit of a card to |U_l4|^2 at m_chi (GeV) of a scan.

    Raises
    ------
    InputError
        If no limit is published.
    """
    window = experiment.window_limit
    if window is None:
        raise InputError(f"experiment {experiment.name}: no published limit to recast; expected the method spectrum")
    decay = scan.decay(experiment, m_chi)
    low, high = window.momentum_GeV
    if decay.energy_release <= 0.0 or decay.max_momentum <= low:
        return MixingLimits(reason="the spectrum ends below the momentum window")
    seen = window.branching_ratio * standard_model_fraction(*experiment.masses, low, high)
    br = seen / (float(ratio_in_bins(decay, [low, high])[0]) / three_body_ratio(decay))
    u = mixing_of_branching_ratio(experiment, scan, m_chi, br) if br <= 1.0 else None
    if u is None:
        return MixingLimits(reason="no |U|^2 (1 - |U|^2) <= 1/4 is excluded")
    return MixingLimits({**MixingLimits().mixings, "median": u}, br)

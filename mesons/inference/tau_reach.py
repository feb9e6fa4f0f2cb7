"""Expected reach of a search in tau -> l nu + invisible, in |U_tau4|^2 and Y."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mesons.decays.leptonic_decays import LeptonicDecay
from mesons.experiments.response import smeared
from mesons.inference.reach_curve import ReachPoint
from mesons.inference.scan import DarkScan
from mesons.inference.search import Search
from mesons.inference.tau_search import (
    branching_ratio,
    dark_spectrum,
    mixing_model,
    neutrino_fractions,
    neutrino_ratio,
    recorded_decays,
    standard_counts,
)
from nucore.cosmology.annihilation import dark_coupling, thermal_target
from nucore.stats import expected_limit

Array = NDArray[np.float64]


def _mixing_limits(search: Search, fractions: Array) -> dict[str, float | None]:
    """Median (key ``median``) and band of the limit on |U_tau4|^2 with these rates over the Standard Model's."""
    experiment = search.experiment
    decays = experiment.decays
    per_mixing = recorded_decays(experiment, decays) * fractions - standard_counts(experiment, decays)
    model = mixing_model(experiment, per_mixing, decays, known=search.background_model == "known")
    result = expected_limit(model, confidence_level=search.confidence_level, method=search.limit)
    return {"median": result.expected, **result.band}


def tau_two_body_point(search: Search, m4: float) -> ReachPoint:
    """Reach in |U_tau4|^2 at m4 (GeV) of an invisible nu4."""
    experiment = search.experiment
    limits = _mixing_limits(search, neutrino_fractions(experiment, m4))
    median = limits.pop("median")
    if median is None:
        return ReachPoint(m4, band=limits, reason="no |U|^2 <= 1 is excluded")
    return ReachPoint(m4, median * neutrino_ratio(experiment, m4) * branching_ratio(experiment), median, median, limits)


def tau_dark_point(search: Search, scan: DarkScan, m_chi: float) -> ReachPoint:
    """Reach in Y at m_chi (GeV), with |U|^2 small against 1 in the shape of the spectrum."""
    experiment = search.experiment
    thermal = float(thermal_target(m_chi, 1.0 / scan.ratio))
    m_parent, m_lepton = experiment.masses
    decay = LeptonicDecay(m_parent, m_lepton, m_chi, scan.ratio * m_chi, scan.nu4_mass(m_chi), scan.yL, 1.0, 0.0)
    if decay.energy_release <= 0.0:
        return ReachPoint(m_chi, thermal=thermal, reason="the decay is closed")
    momentum, weight = dark_spectrum(experiment, decay)
    limits = _mixing_limits(search, smeared(experiment, momentum, weight))
    values = {
        name: None if u is None else float(dark_coupling(scan.yL**2 * u, 1.0 / scan.ratio))
        for name, u in limits.items()
    }
    median, mixing = values.pop("median"), limits["median"]
    if median is None or mixing is None:
        return ReachPoint(m_chi, band=values, thermal=thermal, reason="no |U|^2 <= 1 is excluded")
    br = mixing * float(weight.sum()) * branching_ratio(experiment)
    return ReachPoint(m_chi, br, mixing, median, values, thermal)

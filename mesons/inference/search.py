"""The expected limit of an experiment on a branching ratio, and what it means for mixing and coupling."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from mesons.backgrounds.background_model import BackgroundModel, alternative_counts, background_counts, floating_degree
from mesons.decays.branching import leptonic_branching_ratio
from mesons.decays.three_body import ratio_in_bins, three_body_ratio
from mesons.decays.three_body_decay import ThreeBodyDecay
from mesons.decays.two_body import peak_momentum
from mesons.experiments.calibration import Calibration, published_mixing
from mesons.experiments.card_fields import BackgroundSystematic
from mesons.experiments.cards import Experiment
from mesons.inference.reach_curve import ReachPoint
from mesons.inference.scan import DarkScan, mixing_of_branching_ratio
from mesons.inference.spurious_signal import spurious_signal
from mesons.inference.templates import build_model, peak_fractions, signal_fractions
from mesons.inference.window import standard_model_fraction
from nucore.cosmology.annihilation import dark_coupling, thermal_target
from nucore.errors import InputError
from nucore.model.widths import two_body_ratio
from nucore.stats import LimitMethod, expected_limit

Array = NDArray[np.float64]

#: Below this |U|^2 its effect on the shape of the spectrum is neglected; above, the limit is interpolated between
#: shapes at these values of s^2.
_SHAPE_NEGLIGIBLE = 1e-3
_SHAPE_MIXINGS = (0.0, 0.03, 0.1, 0.25, 0.5)


def _outside(experiment: Experiment, decay: ThreeBodyDecay) -> str | None:
    """Why an experiment has no reach at all in a decay, or None."""
    if decay.energy_release <= 0.0:
        return "the decay is closed"
    if decay.max_momentum <= experiment.momentum_GeV[0]:
        return f"the spectrum ends below the momentum window, which begins at {experiment.momentum_GeV[0] * 1e3:g} MeV"
    return None


@dataclass(frozen=True)
class Search:
    """What all points of a curve share.

    Attributes
    ----------
    experiment : Experiment
    calibration : Calibration or None
        None for a tau, whose background is calculated.
    confidence_level : float
    limit : "cls", "clsb" or "delta-chi2"
    background_model : "floating", "known" or "radiative"
    degree : int or None
        Of the polynomial in the fit, over that of the model.
    systematic : BackgroundSystematic or None
        Uncertainty of the shape of the background.
    """

    experiment: Experiment
    calibration: Calibration | None
    confidence_level: float = 0.90
    limit: LimitMethod = "cls"
    background_model: BackgroundModel = "floating"
    degree: int | None = None
    systematic: BackgroundSystematic | None = None

    @cached_property
    def background(self) -> Array:
        """Expected background in the bins, shape (n_bins,)."""
        assert self.calibration is not None
        return background_counts(self.calibration, self.background_model)

    def branching_limits(self, fractions: Array) -> dict[str, float | None]:
        """Median (key ``median``) and band of the limit on a branching ratio with these shares per bin."""
        counts = self.experiment.decays * self.experiment.acceptance.value * fractions
        model = build_model(
            self.experiment,
            counts,
            self.background,
            poi="br",
            background_model="known" if self.background_model == "known" else "floating",
            degree=floating_degree(self.experiment, self.background_model, self.degree),
            systematic=self.systematic,
        )
        result = expected_limit(model, confidence_level=self.confidence_level, method=self.limit)
        return {"median": result.expected, **result.band}

    @cached_property
    def _alternative(self) -> Array:
        assert self.calibration is not None
        return alternative_counts(self.calibration)

    def spurious_signal(self, fractions: Array) -> float | None:
        """Signal that the fit finds in the alternative background, in statistical standard deviations."""
        if self.background_model == "known":
            return None
        return spurious_signal(
            self.experiment,
            fractions,
            self.background,
            self._alternative,
            floating_degree(self.experiment, self.background_model, self.degree),
        )


def _limits_at_larger_mixing(search: Search, scan: DarkScan, m_chi: float) -> list[dict[str, float | None]]:
    """Limits on the branching ratio with the shape of the spectrum at each of `_SHAPE_MIXINGS` but the first, 0."""
    decays = [scan.decay(search.experiment, m_chi, s_sq) for s_sq in _SHAPE_MIXINGS[1:]]
    return [search.branching_limits(signal_fractions(search.experiment, decay)[0]) for decay in decays]


def _self_consistent(
    experiment: Experiment, scan: DarkScan, m_chi: float, limits: Sequence[float | None]
) -> tuple[float | None, float | None]:
    """Limit on the branching ratio and on |U_l4|^2 = u with the shape of the spectrum at s^2 = u.

    `limits` are those at `_SHAPE_MIXINGS`; between them ln(limit) is interpolated.
    """
    known = [(s_sq, math.log(br)) for s_sq, br in zip(_SHAPE_MIXINGS, limits, strict=True) if br]
    if len(known) < len(_SHAPE_MIXINGS):
        return None, None
    log_limit = PchipInterpolator(*zip(*known, strict=True))

    def br_at(u: float) -> float:
        return math.exp(float(log_limit(u)))

    u = mixing_of_branching_ratio(experiment, scan, m_chi, br_at(0.0), br_at)
    br = None if u is None else br_at(u)
    return (br, u) if br is not None and br <= 1.0 else (br, None)


def three_body_point(search: Search, scan: DarkScan, m_chi: float) -> ReachPoint:
    """Reach in Y at m_chi (GeV)."""
    experiment = search.experiment
    thermal = float(thermal_target(m_chi, 1.0 / scan.ratio))
    decay = scan.decay(experiment, m_chi)
    reason = _outside(experiment, decay)
    if reason:
        return ReachPoint(m_chi, thermal=thermal, reason=reason)
    fractions, _ = signal_fractions(experiment, decay)
    limits = search.branching_limits(fractions)
    mixings: dict[str, float | None] = {}
    for name, br in limits.items():
        u = None if br is None or br > 1.0 else mixing_of_branching_ratio(experiment, scan, m_chi, br)
        mixings[name] = u
    if any(u is not None and u > _SHAPE_NEGLIGIBLE for u in mixings.values()):
        table = [dict(limits), *_limits_at_larger_mixing(search, scan, m_chi)]
        for name in limits:
            limits[name], mixings[name] = _self_consistent(experiment, scan, m_chi, [row[name] for row in table])
    values = {
        name: None if u is None else float(dark_coupling(scan.yL**2 * u, 1.0 / scan.ratio))
        for name, u in mixings.items()
    }
    median = values.pop("median")
    if median is None:
        return ReachPoint(m_chi, band=values, thermal=thermal, reason="no |U|^2 (1 - |U|^2) <= 1/4 is excluded")
    spurious = search.spurious_signal(fractions)
    return ReachPoint(m_chi, limits["median"], mixings["median"], median, values, thermal, spurious_signal=spurious)


def window_point(experiment: Experiment, scan: DarkScan, m_chi: float) -> ReachPoint:
    """Recast of the published limit of a card to Y at m_chi (GeV)."""
    window = experiment.window_limit
    if window is None:
        raise InputError(f"experiment {experiment.name}: no published limit to recast; use the method spectrum")
    thermal = float(thermal_target(m_chi, 1.0 / scan.ratio))
    decay = scan.decay(experiment, m_chi)
    low, high = window.momentum_GeV
    if decay.energy_release <= 0.0 or decay.max_momentum <= low:
        return ReachPoint(m_chi, thermal=thermal, reason="the spectrum ends below the momentum window")
    seen = window.branching_ratio * standard_model_fraction(*experiment.masses, low, high)
    share = float(ratio_in_bins(decay, [low, high])[0]) / three_body_ratio(decay)
    br = seen / share
    u = mixing_of_branching_ratio(experiment, scan, m_chi, br) if br <= 1.0 else None
    if u is None:
        return ReachPoint(m_chi, thermal=thermal, reason="no |U|^2 (1 - |U|^2) <= 1/4 is excluded")
    observed = float(dark_coupling(scan.yL**2 * u, 1.0 / scan.ratio))
    return ReachPoint(m_chi, br, u, thermal=thermal, observed=observed)


def two_body_point(search: Search, m4: float) -> ReachPoint:
    """Reach in |U_l4|^2 at m4 (GeV), with the published limit beside."""
    experiment = search.experiment
    low, high = experiment.momentum_GeV
    momentum = float(peak_momentum(experiment.parent, experiment.lepton, m4))
    published = published_mixing(experiment, m4)
    if not low <= momentum <= high:
        reason = f"the peak at {momentum * 1e3:.4g} MeV lies outside the momentum window"
        return ReachPoint(m4, observed=published, reason=reason)
    standard = leptonic_branching_ratio(experiment.parent, experiment.lepton)
    per_mixing = standard * float(two_body_ratio(*experiment.masses, m4))
    fractions = peak_fractions(experiment, m4)
    limits = search.branching_limits(fractions)
    mixings = {name: None if br is None or br > per_mixing else br / per_mixing for name, br in limits.items()}
    median = mixings.pop("median")
    if median is None:
        return ReachPoint(m4, band=mixings, observed=published, reason="no |U|^2 <= 1 is excluded")
    spurious = search.spurious_signal(fractions)
    return ReachPoint(m4, limits["median"], median, median, mixings, observed=published, spurious_signal=spurious)

"""M -> l + invisible on a calibrated background: templates, model, and what a limit means for |U_l4|^2."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from mesons.backgrounds.background_model import alternative_counts, background_counts, floating_degree
from mesons.decays.three_body_decay import ThreeBodyDecay
from mesons.decays.two_body import invisible_mass_sq
from mesons.experiments.calibration import Calibration, calibrate, peak_table, published_mixing
from mesons.experiments.card_fields import BackgroundSystematic
from mesons.experiments.cards import Experiment
from mesons.experiments.response import smeared, smearing_cuts, smearing_matrix
from mesons.inference.background_systematic import shape_uncertainties, systematic_of
from mesons.inference.mixing import MixingLaw, MixingLimits
from mesons.inference.options import AnalysisOptions
from mesons.inference.scan import DarkScan, mixing_of_branching_ratio
from mesons.inference.spurious_signal import spurious_signal
from nucore.errors import InputError
from nucore.model.parameters import PortalParameters
from nucore.stats import LogLinearShape, Model, NormFactor, NormSys, Sample
from nucore.stats.modifiers import Modifier
from nucore.stats.upper_limits import LimitChoice

Array = NDArray[np.float64]

#: Below this |U|^2 its effect on the shape of the spectrum is neglected; above, the limit is interpolated between
#: shapes at these values of s^2.
_SHAPE_NEGLIGIBLE = 1e-3
_SHAPE_MIXINGS = (0.0, 0.03, 0.1, 0.25, 0.5)


def signal_fractions(experiment: Experiment, decay: ThreeBodyDecay) -> tuple[Array, float]:
    """Reconstructed spectrum of M -> l chi phi.

    Returns
    -------
    fractions : array, shape (n_bins,)
        Share of the decays M -> l chi phi in each bin, before the acceptance; adds up to at most 1.
    ratio : float
        Gamma(M -> l chi phi) / Gamma(M -> l nu).
    """
    momentum, weight = experiment.channel.dark_spectrum(decay, smearing_cuts(experiment))
    ratio = float(weight.sum())
    if ratio == 0.0:
        return np.zeros(experiment.edges.size - 1), 0.0
    return smeared(experiment, momentum, weight / ratio), ratio


def peak_fractions(experiment: Experiment, m4: float) -> Array:
    """Share of the decays M -> l nu4 in each bin, before the acceptance, shape (n_bins,)."""
    momentum, _ = experiment.channel.nu4_spectrum(m4)
    return smearing_matrix(experiment, momentum)[0]


def build_model(
    experiment: Experiment,
    signal: Array,
    background: Array,
    *,
    poi: str,
    known: bool = False,
    degree: int,
    systematic: BackgroundSystematic | None = None,
) -> Model:
    """Signal on a background.

    Parameters
    ----------
    experiment : Experiment
    signal : array, shape (n_bins,)
        Expected counts for a parameter of interest of 1.
    background : array, shape (n_bins,)
        Expected counts.
    poi : str
        Name of the parameter of interest.
    known : bool
        The background is fixed but for the normalisation uncertainty of the card; else it is multiplied by exp of a
        polynomial in ln p with free coefficients.
    degree : int
        Of that polynomial.
    systematic : BackgroundSystematic, optional
        Smooth uncertainty of the shape, beside.
    """
    form = experiment.background
    modifiers: list[Modifier] = []
    if not known:
        centers = 0.5 * (experiment.edges[1:] + experiment.edges[:-1])
        modifiers.append(LogLinearShape.log_polynomial("background_c", centers, degree, form.reference_momentum_GeV))
    elif form.normalisation_uncertainty > 0.0:
        relative = form.normalisation_uncertainty
        modifiers.append(NormSys("background_norm", 1.0 / (1.0 + relative), 1.0 + relative))
    if systematic is not None:
        modifiers += shape_uncertainties(experiment, systematic, background)
    sample = Sample("background", background, modifiers)
    return Model([sample, Sample("signal", signal, [NormFactor(poi)])], poi=poi, poi_bounds=(0.0, math.inf))


@dataclass(frozen=True)
class MesonTemplates:
    """Expected counts and limits of an experiment on M -> l + invisible.

    Attributes
    ----------
    experiment : Experiment
    options : AnalysisOptions
    """

    experiment: Experiment
    options: AnalysisOptions

    @cached_property
    def calibration(self) -> Calibration:
        """Calibration of the background on the published limits."""
        return calibrate(self.experiment)

    @cached_property
    def systematic(self) -> BackgroundSystematic | None:
        """Uncertainty of the shape of the background that the options ask for."""
        return systematic_of(self.experiment, self.options.background_systematic)

    @property
    def degree(self) -> int:
        """Degree of the polynomial that floats."""
        return floating_degree(self.experiment, self.options.background_model, self.options.background_degree)

    @property
    def standard_branching_ratio(self) -> float:
        """Branching ratio of M -> l nu."""
        return self.experiment.channel.standard_branching_ratio

    @cached_property
    def _background(self) -> Array:
        return background_counts(self.calibration, self.options.background_model)

    @cached_property
    def _alternative(self) -> Array:
        return alternative_counts(self.calibration)

    def background(self, decays: float) -> Array:
        """Expected counts without signal, shape (n_bins,)."""
        return self._background * (decays / self.experiment.decays)

    def counts_per_mixing(self, parameters: PortalParameters, decays: float) -> Array:
        """Signal counts per unit of |U_l4|^2, shape (n_bins,).

        The secant at the parameter point: linear in |U_l4|^2, exact at the point's own sum of |U|^2, whose factor
        1 - s^2 and share in the propagator are kept fixed.

        Raises
        ------
        InputError
            If the decay is closed.
        """
        parent, lepton = self.experiment.parent, self.experiment.lepton
        if self.options.two_body:
            rate = self.experiment.channel.nu4_ratio(parameters.m4)
            if rate == 0.0:
                raise InputError(f"m4 = {parameters.m4:g} GeV: {parent} -> {lepton} nu4 is closed")
            fractions = peak_fractions(self.experiment, parameters.m4)
        else:
            decay = self.experiment.channel.dark_decay(parameters)
            fractions, rate = signal_fractions(self.experiment, dataclasses.replace(decay, U_sq=1.0))
            if rate == 0.0:
                raise InputError(
                    f"{parent} -> {lepton} chi phi is closed at m_chi = {parameters.m_chi:g}, "
                    f"m_phi = {parameters.m_phi:g}, yL = {parameters.yL:g}"
                )
        recorded = decays * self.experiment.acceptance.value * self.standard_branching_ratio
        return recorded * rate * fractions

    def expected_counts(self, parameters: PortalParameters, decays: float) -> Array:
        """Expected counts at a parameter point, shape (n_bins,)."""
        mixing = parameters.U_sq(self.experiment.flavour)
        background = self.background(decays)
        return background if mixing == 0.0 else background + mixing * self.counts_per_mixing(parameters, decays)

    def model(self, signal: Array, decays: float, poi: str) -> Model:
        """Model of `signal` counts times the parameter of interest, on the background."""
        known = self.options.background_model == "known"
        return build_model(
            self.experiment, signal, self.background(decays), poi=poi, known=known, degree=self.degree,
            systematic=self.systematic,
        )  # fmt: skip

    def shape_uncertainties(self, background: Array) -> list[Modifier]:
        """Return the uncertainties of the shape of a background that the options ask for."""
        return [] if self.systematic is None else [*shape_uncertainties(self.experiment, self.systematic, background)]

    def conversion(self, parameters: PortalParameters) -> Callable[[float], float]:
        """Return the function from the fitted secant parameter to |U_l4|^2."""
        return float if self.options.two_body else MixingLaw.at(self.experiment, parameters).mixing

    def branching_limits(self, fractions: Array, limit: LimitChoice) -> dict[str, float | None]:
        """Median (key ``median``) and band of the limit on a branching ratio with these shares per bin."""
        decays = self.experiment.decays
        counts = decays * self.experiment.acceptance.value * fractions
        return limit.quantiles(self.model(counts, decays, "br"))

    def two_body_limits(self, m4: float, limit: LimitChoice) -> MixingLimits:
        """Limits on |U_l4|^2 from the peak of nu4 at m4 (GeV)."""
        low, high = self.experiment.momentum_GeV
        momentum = self.experiment.channel.nu4_momentum(m4)
        if momentum is None:
            closed = self.experiment.channel.nu4_ratio(m4) == 0.0
            return MixingLimits(reason="the decay to nu4 is closed" if closed else "nu4 leaves no peak in this decay")
        if not low <= momentum <= high:
            return MixingLimits(reason=f"the peak at {momentum:.4g} GeV lies outside the momentum window")
        per_mixing = self.standard_branching_ratio * self.experiment.channel.nu4_ratio(m4)
        fractions = peak_fractions(self.experiment, m4)
        limits = self.branching_limits(fractions, limit)
        mixings = {name: None if br is None or br > per_mixing else br / per_mixing for name, br in limits.items()}
        if mixings["median"] is None:
            return MixingLimits(mixings, reason="no |U|^2 <= 1 is excluded")
        return MixingLimits(mixings, limits["median"], self._spurious_signal(fractions))

    def dark_limits(self, scan: DarkScan, m_chi: float, limit: LimitChoice) -> MixingLimits:
        """Limits on |U_l4|^2 from M -> l chi phi at m_chi (GeV) of a scan."""
        experiment = self.experiment
        decay = scan.decay(experiment, m_chi)
        if decay.energy_release <= 0.0:
            return MixingLimits(reason="the decay is closed")
        low = experiment.momentum_GeV[0]
        if decay.max_momentum <= low:
            reason = f"the spectrum ends below the momentum window, which begins at {low * 1e3:g} MeV"
            return MixingLimits(reason=reason)
        fractions, _ = signal_fractions(experiment, decay)
        limits = self.branching_limits(fractions, limit)
        mixings: dict[str, float | None] = {}
        for name, br in limits.items():
            u = None if br is None or br > 1.0 else mixing_of_branching_ratio(experiment, scan, m_chi, br)
            mixings[name] = u
        if any(u is not None and u > _SHAPE_NEGLIGIBLE for u in mixings.values()):
            larger = [scan.decay(experiment, m_chi, s_sq) for s_sq in _SHAPE_MIXINGS[1:]]
            table = [limits, *(self.branching_limits(signal_fractions(experiment, d)[0], limit) for d in larger)]
            found = {name: self._self_consistent(scan, m_chi, [row[name] for row in table]) for name in limits}
            limits, mixings = ({name: pair[k] for name, pair in found.items()} for k in (0, 1))
        if mixings["median"] is None:
            return MixingLimits(mixings, reason="no |U|^2 (1 - |U|^2) <= 1/4 is excluded")
        return MixingLimits(mixings, limits["median"], self._spurious_signal(fractions))

    def _self_consistent(
        self, scan: DarkScan, m_chi: float, limits: Sequence[float | None]
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

        u = mixing_of_branching_ratio(self.experiment, scan, m_chi, br_at(0.0), br_at)
        br = None if u is None else br_at(u)
        return (br, u) if br is not None and br <= 1.0 else (br, None)

    def _spurious_signal(self, fractions: Array) -> float | None:
        """Signal that the fit finds in the alternative background, in statistical standard deviations."""
        if self.options.background_model == "known":
            return None
        return spurious_signal(self.experiment, fractions, self._background, self._alternative, self.degree)

    def published_mixing(self, m4: float) -> float | None:
        """Published limit on |U_l4|^2 at m4 (GeV), if there is one."""
        return published_mixing(self.experiment, m4)

    def two_body_range(self) -> tuple[float, float]:
        """Smallest and largest m4 (GeV) whose peak lies within the momentum window."""
        momentum = self.experiment.momentum_GeV[::-1]
        low, high = np.sqrt(np.maximum(invisible_mass_sq(*self.experiment.masses, momentum), 0.0))
        low = max(low, 1e-3 * peak_table(self.experiment).m4_MeV[0])  # a window may hold the line of M -> l nu
        return float(low * (1.0 + 1e-9)), float(high * (1.0 - 1e-9))

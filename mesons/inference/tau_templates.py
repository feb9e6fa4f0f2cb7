"""tau -> l nu + invisible: the lepton spectrum in the pseudo-rest frame of the tau, with and without nu4.

Each decay has a light neutrino or nu4, so the counts per unit of |U_tau4|^2 are those with nu4 minus those of the
Standard Model. The size of the Standard Model spectrum floats: what is seen is the change of shape.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mesons.experiments.cards import Experiment
from mesons.experiments.response import smeared
from mesons.inference.mixing import MixingLimits
from mesons.inference.options import AnalysisOptions
from mesons.inference.scan import DarkScan
from nucore.errors import InputError
from nucore.model.parameters import PortalParameters
from nucore.stats import LogLinearShape, Model, NormFactor, Sample
from nucore.stats.modifiers import Modifier
from nucore.stats.upper_limits import LimitChoice

Array = NDArray[np.float64]

#: Smallest m4 of the default scan, over the mass of the tau.
_LOWEST_M4 = 0.05
_NOT_EXCLUDED = "no |U|^2 <= 1 is excluded"


@dataclass(frozen=True)
class TauTemplates:
    """Expected counts and limits of an experiment on tau -> l nu + invisible; nothing is calibrated.

    Attributes
    ----------
    experiment : Experiment
    options : AnalysisOptions

    Raises
    ------
    InputError
        For a background that only a meson has.
    """

    experiment: Experiment
    options: AnalysisOptions

    def __post_init__(self) -> None:
        options = self.options
        given = (options.background_model not in ("floating", "known"), options.background_degree is not None)
        if any(given) or getattr(options, "method", "spectrum") == "window":
            raise InputError(
                f"experiment {self.experiment.name} measures a tau: no method window, calculated background or "
                "background degree"
            )
        if options.background_systematic != "none":
            raise InputError(f"experiment {self.experiment.name} measures a tau: expected no background systematic")

    @property
    def degree(self) -> int:
        """Degree of the polynomial that floats."""
        return 0

    def _recorded(self, decays: float) -> float:
        """Decays tau -> l nu nu recorded in so many decays of a tau."""
        return decays * self.experiment.acceptance.value * self.experiment.channel.standard_branching_ratio

    def _fractions(self, m4: float) -> Array:
        """Smeared spectrum of tau -> l nu nu4 over Gamma(tau -> l nu nu), shape (n_bins,)."""
        return smeared(self.experiment, *self.experiment.channel.nu4_spectrum(m4))

    def background(self, decays: float) -> Array:
        """Expected counts of the Standard Model, shape (n_bins,)."""
        return self._recorded(decays) * self._fractions(0.0)

    def counts_per_mixing(self, parameters: PortalParameters, decays: float) -> Array:
        """Change of the counts per unit of |U_tau4|^2, shape (n_bins,).

        Raises
        ------
        InputError
            If the decay is closed.
        """
        experiment = self.experiment
        if self.options.two_body:
            fractions = self._fractions(parameters.m4)
        else:
            decay = dataclasses.replace(experiment.channel.dark_decay(parameters), U_sq=1.0)
            fractions = smeared(experiment, *experiment.channel.dark_spectrum(decay))
            if not fractions.any():
                raise InputError(
                    f"{experiment.parent} -> {experiment.lepton} nu chi phi is closed at m_chi = {parameters.m_chi:g}, "
                    f"m_phi = {parameters.m_phi:g}, yL = {parameters.yL:g}"
                )
        return self._recorded(decays) * fractions - self.background(decays)

    def expected_counts(self, parameters: PortalParameters, decays: float) -> Array:
        """Expected counts at a parameter point, shape (n_bins,); decays with two nu4 are left out.

        nu4 may come from either vertex and leaves the same spectrum, so |U_l4|^2 counts like |U_tau4|^2.
        """
        channel = self.experiment.channel
        light, one = channel.light_share(parameters), channel.nu4_share(parameters)
        standard = self.background(decays)
        if one == 0.0:
            return light * standard
        return light * standard + one * (self.counts_per_mixing(parameters, decays) + standard)

    def model(self, signal: Array, decays: float, poi: str) -> Model:
        """Model of |U_tau4|^2: the Standard Model spectrum, of free size unless it is known, and its change."""
        experiment = self.experiment
        centers = 0.5 * (experiment.edges[1:] + experiment.edges[:-1])
        reference = experiment.background.reference_momentum_GeV
        shape = LogLinearShape.log_polynomial("background_c", centers, self.degree, reference)
        known = self.options.background_model == "known"
        background = Sample("background", self.background(decays), [] if known else [shape])
        return Model([background, Sample("signal", signal, [NormFactor(poi)])], poi=poi, poi_bounds=(0.0, 1.0))

    def shape_uncertainties(self, background: Array) -> list[Modifier]:
        """Return the uncertainties of the shape of a Standard Model expectation: none is known."""
        return []

    def conversion(self, parameters: PortalParameters) -> Callable[[float], float]:
        """Return the function from the fitted parameter to |U_tau4|^2; it measures too little to leave linearity."""
        return float

    def _mixing_limits(self, fractions: Array, limit: LimitChoice) -> dict[str, float | None]:
        """Median (key ``median``) and band of the limit on |U_tau4|^2 with these rates over the Standard Model's."""
        decays = self.experiment.decays
        per_mixing = self._recorded(decays) * fractions - self.background(decays)
        return limit.quantiles(self.model(per_mixing, decays, f"U{self.experiment.flavour}4_sq"))

    def two_body_limits(self, m4: float, limit: LimitChoice) -> MixingLimits:
        """Limits on |U_tau4|^2 at m4 (GeV) of an invisible nu4."""
        mixings = self._mixing_limits(self._fractions(m4), limit)
        median = mixings["median"]
        if median is None:
            return MixingLimits(mixings, reason=_NOT_EXCLUDED)
        channel = self.experiment.channel
        ratio = float(channel.nu4_spectrum(m4)[1].sum())
        return MixingLimits(mixings, median * ratio * channel.standard_branching_ratio)

    def dark_limits(self, scan: DarkScan, m_chi: float, limit: LimitChoice) -> MixingLimits:
        """Limits on |U_tau4|^2 at m_chi (GeV) of a scan, with |U|^2 small against 1 in the shape of the spectrum."""
        experiment = self.experiment
        decay = scan.decay(experiment, m_chi)
        if decay.energy_release <= 0.0:
            return MixingLimits(reason="the decay is closed")
        momentum, weight = experiment.channel.dark_spectrum(decay)
        mixings = self._mixing_limits(smeared(experiment, momentum, weight), limit)
        median = mixings["median"]
        if median is None:
            return MixingLimits(mixings, reason=_NOT_EXCLUDED)
        return MixingLimits(mixings, median * float(weight.sum()) * experiment.channel.standard_branching_ratio)

    def published_mixing(self, m4: float) -> float | None:
        """No published limit is on the card of a tau."""
        return None

    def two_body_range(self) -> tuple[float, float]:
        """Smallest and largest m4 (GeV) of the default scan."""
        m_parent, m_lepton = self.experiment.masses
        return _LOWEST_M4 * m_parent, 0.999 * (m_parent - m_lepton)

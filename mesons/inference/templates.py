"""Muon-momentum templates of an experiment: smeared signal, background, and the likelihood built from them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from mesons.decays.branching import leptonic_branching_ratio
from mesons.decays.channel import Signal
from mesons.decays.three_body import momentum_nodes, three_body_ratio
from mesons.decays.three_body_decay import ThreeBodyDecay
from mesons.decays.two_body import peak_momentum
from mesons.experiments.calibration import Calibration, calibrate
from mesons.experiments.card_fields import BackgroundSystematic
from mesons.experiments.cards import Experiment
from mesons.experiments.observables import in_momentum, main_spectrum
from mesons.experiments.response import smeared, smearing_cuts, smearing_matrix
from mesons.inference.background_systematic import shape_uncertainties
from mesons.inference.tau_search import counts_per_mixing, expected_counts, mixing_model
from nucore.errors import InputError
from nucore.histograms import Spectrum
from nucore.model.parameters import PortalParameters
from nucore.model.widths import two_body_ratio
from nucore.stats import Likelihood, LogLinearShape, Model, NormFactor, NormSys, Sample
from nucore.stats.modifiers import Modifier

Array = NDArray[np.float64]
BackgroundFreedom = Literal["floating", "known"]

#: Mixings at which the rate is computed to bracket a solution.
_LAW_POINTS = 64


def signal_fractions(experiment: Experiment, decay: ThreeBodyDecay) -> tuple[Array, float]:
    """Reconstructed spectrum of M -> l chi phi.

    Returns
    -------
    fractions : array, shape (n_bins,)
        Share of the decays M -> l chi phi in each bin, before the acceptance; adds up to at most 1.
    ratio : float
        Gamma(M -> l chi phi) / Gamma(M -> l nu).
    """
    momentum, weight = momentum_nodes(decay, smearing_cuts(experiment))
    ratio = float(weight.sum())
    if ratio == 0.0:
        return np.zeros(experiment.edges.size - 1), 0.0
    return smeared(experiment, momentum, weight / ratio), ratio


def peak_fractions(experiment: Experiment, m4: float) -> Array:
    """Share of the decays M -> l nu4 in each bin, before the acceptance, shape (n_bins,)."""
    momentum = peak_momentum(experiment.parent, experiment.lepton, m4)
    return smearing_matrix(experiment, np.array([float(momentum)]))[0]


def build_model(
    experiment: Experiment,
    signal: Array,
    background: Array,
    *,
    poi: str,
    poi_bounds: tuple[float, float] = (0.0, math.inf),
    background_model: BackgroundFreedom = "floating",
    degree: int | None = None,
    systematic: BackgroundSystematic | None = None,
) -> Model:
    """Signal on a background of the experiment's functional form.

    Parameters
    ----------
    experiment : Experiment
    signal : array, shape (n_bins,)
        Expected counts for a parameter of interest of 1.
    background : array, shape (n_bins,)
        Expected counts.
    poi : str
        Name of the parameter of interest.
    poi_bounds : (float, float)
    background_model : "floating" or "known"
        ``floating``: times exp of a polynomial in ln p with free coefficients. ``known``: fixed, but for the
        normalisation uncertainty of the card where it is not zero.
    degree : int, optional
        Of the polynomial; that of the card by default (1: norm and index of a power law; 0: a shape of the
        calculated background that keeps it).
    systematic : BackgroundSystematic, optional
        Smooth uncertainty of the shape, beside.
    """
    centers = 0.5 * (experiment.edges[1:] + experiment.edges[:-1])
    form = experiment.background
    modifiers: list[Modifier] = []
    if background_model == "floating":
        card_degree = 0 if form.model == "radiative" else form.degree
        n = card_degree if degree is None else degree
        modifiers.append(LogLinearShape.log_polynomial("background_c", centers, n, form.reference_momentum_GeV))
    elif form.normalisation_uncertainty > 0.0:
        relative = form.normalisation_uncertainty
        modifiers.append(NormSys("background_norm", 1.0 / (1.0 + relative), 1.0 + relative))
    if systematic is not None:
        modifiers += shape_uncertainties(experiment, systematic, background)
    sample = Sample("background", background, modifiers)
    return Model([sample, Sample("signal", signal, [NormFactor(poi)])], poi=poi, poi_bounds=poi_bounds)


def signal_counts_per_mixing(
    experiment: Experiment, parameters: PortalParameters, signal: Signal, decays: float
) -> Array:
    """Signal counts per unit of |U_l4|^2, shape (n_bins,).

    The secant at the parameter point: linear in |U_l4|^2, exact at the point's own sum of |U|^2, whose factor
    1 - s^2 and share in the propagator are kept fixed.
    """
    if experiment.parent == "tau-":
        return counts_per_mixing(experiment, parameters, signal, decays)
    recorded = decays * experiment.acceptance.value * leptonic_branching_ratio(experiment.parent, experiment.lepton)
    if signal == "two-body":
        rate = float(two_body_ratio(*experiment.masses, parameters.m4))
        if rate == 0.0:
            raise InputError(
                f"parameter m4 = {parameters.m4:g}: {experiment.parent} -> {experiment.lepton} nu4 is closed"
            )
        return recorded * rate * peak_fractions(experiment, parameters.m4)
    decay = experiment.channel.dark_decay(parameters)
    fractions, ratio = signal_fractions(experiment, dataclasses.replace(decay, U_sq=1.0))
    if ratio == 0.0:
        raise InputError(
            f"{experiment.parent} -> {experiment.lepton} chi phi is closed at m_chi = {parameters.m_chi:g}, "
            f"m_phi = {parameters.m_phi:g}, yL = {parameters.yL:g}"
        )
    return recorded * ratio * fractions


def expected_spectrum(
    experiment: Experiment, parameters: PortalParameters, decays: float | None = None, signal: Signal = "three-body"
) -> Spectrum:
    """Return the expected lepton-momentum spectrum at a parameter point, without fluctuations.

    Parameters
    ----------
    experiment : Experiment
    parameters : PortalParameters
    decays : float, optional
        Parent decays; those of the card by default.
    signal : "three-body" or "two-body"
    """
    exposed = experiment.decays if decays is None else decays
    if experiment.parent == "tau-":
        values = expected_counts(experiment, parameters, signal, exposed)
        return main_spectrum(experiment, values, np.zeros_like(values))
    values = calibrate(experiment).background_counts() * (exposed / experiment.decays)
    mixing = parameters.U_sq(experiment.flavour)
    if mixing > 0.0:
        values = values + mixing * signal_counts_per_mixing(experiment, parameters, signal, exposed)
    return main_spectrum(experiment, values, np.zeros_like(values))


@dataclass(frozen=True)
class MixingLaw:
    """Rate of M -> l chi phi against |U_l4|^2 = u at the masses, yL and other mixings of a parameter point.

    The rate is u (1 - s^2) times an integral that knows s^2 = u + (the other flavours) through the propagator:
    about u (1 - s^2) off shell, and u where a narrow nu4 is on shell. It rises up to some u and falls beyond.

    Attributes
    ----------
    decay : ThreeBodyDecay
        With ``U_sq = 1`` and the s^2 of the point.
    others : float
        Sum of |U|^2 of the other flavours.
    """

    decay: ThreeBodyDecay
    others: float

    @classmethod
    def at(cls, experiment: Experiment, parameters: PortalParameters) -> MixingLaw:
        """Law at a parameter point."""
        decay = experiment.channel.dark_decay(parameters)
        others = max(0.0, parameters.U4_sq - parameters.U_sq(experiment.lepton))
        return cls(dataclasses.replace(decay, U_sq=1.0), others)

    def rate(self, u: float) -> float:
        """Gamma(M -> l chi phi) / Gamma(M -> l nu) at |U_l4|^2 = u."""
        return u * three_body_ratio(dataclasses.replace(self.decay, s_sq=self.others + u))

    @cached_property
    def _grid(self) -> tuple[Array, Array]:
        """Mixings up to the largest allowed, and their rates up to the highest."""
        mixings = (1.0 - self.others) * np.linspace(0.0, 1.0, _LAW_POINTS + 1)[:-1]
        rates = np.array([self.rate(float(u)) for u in mixings])
        rising = int(np.argmax(rates)) + 1
        return mixings[:rising], rates[:rising]

    def mixing(self, fitted: float) -> float:
        """|U_l4|^2 whose rate is that of a fitted secant parameter of `build_likelihood`.

        Parameters
        ----------
        fitted : float
            Signal rate over that of |U_l4|^2 = 1 with the s^2 of the point.

        Returns
        -------
        float
            The smallest solution; NaN where the rate exceeds that of any mixing. A negative rate is continued
            linearly.
        """
        target = fitted * three_body_ratio(self.decay)
        mixings, rates = self._grid
        if fitted <= 0.0:
            return target / three_body_ratio(dataclasses.replace(self.decay, s_sq=self.others))
        if not target <= rates[-1]:
            return math.nan
        above = int(np.searchsorted(rates, target))
        low, high = float(mixings[above - 1]), float(mixings[above])
        return float(brentq(lambda u: self.rate(u) - target, low, high, xtol=1e-300, rtol=1e-12))


def mixing_conversion(experiment: Experiment, parameters: PortalParameters) -> Callable[[float], float]:
    """Return the function from the fitted parameter of `build_likelihood` to |U_l4|^2.

    A tau measures too little to leave the linear range.
    """
    return float if experiment.parent == "tau-" else MixingLaw.at(experiment, parameters).mixing


def poi_name(experiment: Experiment) -> str:
    """Name of the mixing an experiment measures: ``Ue4_sq``, ``Umu4_sq`` or ``Utau4_sq``."""
    return f"U{experiment.flavour}4_sq"


def build_likelihood(
    experiment: Experiment,
    parameters: PortalParameters,
    spectrum: Spectrum,
    decays: float,
    *,
    signal: Signal = "three-body",
    background_model: BackgroundFreedom = "floating",
    degree: int | None = None,
    calibration: Calibration | None = None,
) -> Likelihood:
    """Likelihood of |U_l4|^2 for a histogram of an experiment, in bins of increasing momentum.

    Parameters
    ----------
    experiment : Experiment
    parameters : PortalParameters
        Masses and yL of the signal; its |U|^2 is where the linear parameter of interest is exact.
    spectrum : Spectrum
        Data in the binning of the card, of any of its observables (`mesons.experiments.observables`).
    decays : float
        Parent decays behind the data, before the acceptance.
    signal : "three-body" or "two-body"
        M -> l chi phi (on-shell nu4 included), or the peak of an invisible nu4.
    background_model, degree
        As in `build_model`.
    calibration : Calibration, optional

    Raises
    ------
    InputError
        If the binning differs, `decays` is not positive, or the signal is closed.
    """
    if not (math.isfinite(decays) and decays > 0.0):
        raise InputError(f"decays = {decays:g} is not allowed: it must be positive")
    experiment, spectrum = in_momentum(experiment, spectrum)
    spectrum.require_edges(experiment.edges, f"experiment {experiment.name}")
    if experiment.parent == "tau-":
        counts = counts_per_mixing(experiment, parameters, signal, decays)
        return Likelihood(mixing_model(experiment, counts, decays, known=background_model == "known"), spectrum.values)
    calibration = calibrate(experiment) if calibration is None else calibration
    background = calibration.background_counts() * (decays / experiment.decays)
    counts = signal_counts_per_mixing(experiment, parameters, signal, decays)
    model = build_model(
        experiment,
        counts,
        background,
        poi=poi_name(experiment),
        background_model=background_model,
        degree=degree,
    )
    return Likelihood(model, spectrum.values)

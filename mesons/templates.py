"""Muon-momentum templates of an experiment: smeared signal, background, and the likelihood built from them."""

from __future__ import annotations

import dataclasses
import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from mesons.branching import leptonic_branching_ratio
from mesons.calibration import Calibration, calibrate
from mesons.experiments import Experiment
from mesons.three_body import ThreeBodyDecay, momentum_nodes
from mesons.two_body import peak_momentum
from nuportal.errors import InputError
from nuportal.histograms import Spectrum
from nuportal.parameters import PortalParameters
from nuportal.stats import Likelihood, LogLinearShape, Model, NormFactor, NormSys, Sample
from nuportal.widths import two_body_ratio

Array = NDArray[np.float64]
BackgroundModel = Literal["floating", "known"]
Signal = Literal["three-body", "two-body"]

#: Standard deviations beyond which smearing is negligible.
_FARTHEST_SIGMA = 7.0

#: Name of the histogram of every meson search.
HISTOGRAM = "muon_momentum"


def smearing_matrix(experiment: Experiment, momentum: ArrayLike) -> Array:
    """Probability that a lepton of true momentum (GeV) is reconstructed in each bin.

    Parameters
    ----------
    experiment : Experiment
    momentum : array, shape (n,)

    Returns
    -------
    array, shape (n, n_bins)
        Gaussian in the momentum; rows add up to at most 1.
    """
    p = np.asarray(momentum, dtype=np.float64)
    sigma = np.maximum(experiment.resolution.sigma(p), 1e-12)
    below = ndtr((experiment.edges - p[:, None]) / sigma[:, None])
    return np.diff(below, axis=1)


def _smearing_cuts(experiment: Experiment) -> Array:
    """Momenta (GeV) a standard deviation apart, over all that can be smeared into the histogram."""
    low, high = experiment.momentum_GeV
    step = float(np.min(experiment.resolution.sigma([low, high])))
    reach = _FARTHEST_SIGMA * float(np.max(experiment.resolution.sigma([low, high])))
    return np.arange(max(low - reach, step), high + reach, step)


def signal_fractions(experiment: Experiment, decay: ThreeBodyDecay) -> tuple[Array, float]:
    """Reconstructed spectrum of M -> l chi phi.

    Returns
    -------
    fractions : array, shape (n_bins,)
        Share of the decays M -> l chi phi in each bin, before the acceptance; adds up to at most 1.
    ratio : float
        Gamma(M -> l chi phi) / Gamma(M -> l nu).
    """
    momentum, weight = momentum_nodes(decay, _smearing_cuts(experiment))
    ratio = float(weight.sum())
    if ratio == 0.0:
        return np.zeros(experiment.edges.size - 1), 0.0
    return (weight / ratio) @ smearing_matrix(experiment, momentum), ratio


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
    background_model: BackgroundModel = "floating",
    degree: int | None = None,
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
        Of the polynomial; that of the card by default (1: norm and index of a power law).
    """
    centers = 0.5 * (experiment.edges[1:] + experiment.edges[:-1])
    form = experiment.background
    if background_model == "floating":
        n = form.degree if degree is None else degree
        shape = LogLinearShape.log_polynomial("background_c", centers, n, form.reference_momentum_GeV)
        sample = Sample("background", background, [shape])
    elif form.normalisation_uncertainty > 0.0:
        relative = form.normalisation_uncertainty
        sample = Sample("background", background, [NormSys("background_norm", 1.0 / (1.0 + relative), 1.0 + relative)])
    else:
        sample = Sample("background", background)
    return Model([sample, Sample("signal", signal, [NormFactor(poi)])], poi=poi, poi_bounds=poi_bounds)


def signal_counts_per_mixing(
    experiment: Experiment, parameters: PortalParameters, signal: Signal, decays: float
) -> Array:
    """Signal counts per unit of |U_l4|^2, shape (n_bins,).

    The secant at the parameter point: linear in |U_l4|^2, exact at the point's own sum of |U|^2, whose factor
    1 - s^2 and share in the propagator are kept fixed.
    """
    recorded = decays * experiment.acceptance.value * leptonic_branching_ratio(experiment.parent, experiment.lepton)
    if signal == "two-body":
        rate = float(two_body_ratio(*experiment.masses, parameters.m4))
        if rate == 0.0:
            raise InputError(
                f"parameter m4 = {parameters.m4:g}: {experiment.parent} -> {experiment.lepton} nu4 is closed"
            )
        return recorded * rate * peak_fractions(experiment, parameters.m4)
    decay = ThreeBodyDecay.from_parameters(experiment.parent, experiment.lepton, parameters)
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
    values = calibrate(experiment).background_counts() * (exposed / experiment.decays)
    mixing = parameters.U_sq(experiment.lepton)
    if mixing > 0.0:
        values = values + mixing * signal_counts_per_mixing(experiment, parameters, signal, exposed)
    return Spectrum(HISTOGRAM, experiment.edges, values, np.zeros_like(values))


def mixing_from_secant(fitted: float, reference_sq: float) -> float:
    """|U_l4|^2 whose rate u (1 - u) is that of a fitted secant parameter, u_fit (1 - reference).

    Parameters
    ----------
    fitted : float
        Value of the parameter of interest of `build_likelihood`.
    reference_sq : float
        Sum of |U|^2 of the parameter point it was built at.

    Returns
    -------
    float
        The smaller solution; NaN where the rate exceeds that of u = 1/2.
    """
    rate = fitted * (1.0 - reference_sq)
    return 2.0 * rate / (1.0 + math.sqrt(1.0 - 4.0 * rate)) if rate <= 0.25 else math.nan


def poi_name(experiment: Experiment) -> str:
    """Name of the mixing an experiment measures: ``Umu4_sq`` or ``Ue4_sq``."""
    return f"U{experiment.lepton}4_sq"


def build_likelihood(
    experiment: Experiment,
    parameters: PortalParameters,
    spectrum: Spectrum,
    decays: float,
    *,
    signal: Signal = "three-body",
    background_model: BackgroundModel = "floating",
    degree: int | None = None,
    calibration: Calibration | None = None,
) -> Likelihood:
    """Likelihood of |U_l4|^2 for a histogram of the reconstructed lepton momentum.

    Parameters
    ----------
    experiment : Experiment
    parameters : PortalParameters
        Masses and yL of the signal; its |U|^2 is where the linear parameter of interest is exact.
    spectrum : Spectrum
        Data in the binning of the card.
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
    spectrum.require_edges(experiment.edges, f"experiment {experiment.name}")
    calibration = calibrate(experiment) if calibration is None else calibration
    background = calibration.background_counts() * (decays / experiment.decays)
    counts = signal_counts_per_mixing(experiment, parameters, signal, decays)
    model = build_model(
        experiment,
        counts,
        background,
        poi=poi_name(experiment),
        poi_bounds=(0.0, 1.0),
        background_model=background_model,
        degree=degree,
    )
    return Likelihood(model, spectrum.values)

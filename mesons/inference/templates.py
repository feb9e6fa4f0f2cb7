"""Expected spectrum and likelihood of a meson experiment."""

from __future__ import annotations

import math

import numpy as np

from mesons.experiments.cards import Experiment
from mesons.experiments.observables import in_momentum, main_spectrum
from mesons.inference.meson_templates import MesonTemplates
from mesons.inference.options import AnalysisOptions
from mesons.inference.predicted import predicted_model
from mesons.inference.tau_templates import TauTemplates
from nucore.errors import InputError
from nucore.histograms import Spectrum
from nucore.model.parameters import PortalParameters
from nucore.prediction import Prediction
from nucore.stats import Likelihood, Model
from nucore.stats.covariance import CountUnit

Templates = MesonTemplates | TauTemplates


def templates_of(experiment: Experiment, options: AnalysisOptions | None = None) -> Templates:
    """Templates of an experiment, which measures a meson or a tau."""
    kind = MesonTemplates if experiment.channel.single_neutrino else TauTemplates
    return kind(experiment, AnalysisOptions() if options is None else options)


def expected_spectrum(
    experiment: Experiment,
    parameters: PortalParameters,
    exposure: float | None = None,
    options: AnalysisOptions | None = None,
) -> Spectrum:
    """Return the expected spectrum of the main observable at a parameter point, without fluctuations.

    Parameters
    ----------
    experiment : Experiment
    parameters : PortalParameters
    exposure : float, optional
        Parent decays; those of the card by default.
    options : AnalysisOptions, optional
    """
    decays = experiment.decays if exposure is None else exposure
    values = templates_of(experiment, options).expected_counts(parameters, decays)
    return main_spectrum(experiment, values, np.zeros_like(values))


def build_likelihood(
    experiment: Experiment,
    parameters: PortalParameters,
    spectrum: Spectrum,
    exposure: float,
    options: AnalysisOptions | None = None,
    *,
    prediction: Prediction | None = None,
    unit: CountUnit | None = None,
) -> Likelihood:
    """Return the likelihood of |U_l4|^2 of a measured spectrum, in bins of increasing momentum.

    Parameters
    ----------
    experiment : Experiment
    parameters : PortalParameters
        Masses and yL of the signal; its |U|^2 is where the linear parameter of interest is exact.
    spectrum : Spectrum
        In the binning of the card, of any of its observables (`mesons.experiments.observables`).
    exposure : float
        Parent decays behind the data, before the acceptance.
    options : AnalysisOptions, optional
    prediction : Prediction, optional
        Of the Standard Model in place of ours, in bins of increasing momentum; see `mesons.inference.predicted`.
    unit : CountUnit, optional
        Counts of the model that stand for contents of the bins.

    Raises
    ------
    InputError
        If the binning differs, the exposure is not positive, or the signal is closed.
    """
    if not (math.isfinite(exposure) and exposure > 0.0):
        raise InputError(f"invalid decays = {exposure:g}: expected a positive, finite number")
    experiment, spectrum = in_momentum(experiment, spectrum)
    spectrum.require_edges(experiment.edges, f"experiment {experiment.name}")
    templates = templates_of(experiment, options)
    counts = templates.counts_per_mixing(parameters, exposure)
    poi = f"U{experiment.flavour}4_sq"
    if prediction is None:
        model = templates.model(counts, exposure, poi)
    else:
        model = predicted_model(templates, prediction, counts, exposure, poi)
    if unit is None:
        return Likelihood(model, spectrum.values)
    return Likelihood(Model(unit.samples(model.samples), poi, model.poi_bounds), unit.counts(spectrum.values))

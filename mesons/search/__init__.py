"""The search in meson and tau decays, as the commands see it; see `nucore.search.Search`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from mesons.events.kernel import histogram_range as kernel
from mesons.events.pseudodata import generation_job
from mesons.experiments.cards import CARDS, Experiment, ScaledExperiment, load_experiment
from mesons.experiments.observables import data_axis, in_momentum, main_spectrum, momentum_order
from mesons.inference import templates
from mesons.inference.options import AnalysisOptions, ReachOptions
from mesons.inference.reach import reach_job as describe_reach
from nucore.contents import weighted_counts
from nucore.errors import InputError
from nucore.grids import GridValues
from nucore.histograms import Axis, Spectrum
from nucore.io.readers import SpectrumFile
from nucore.model.parameters import PortalParameters, require_left_handed
from nucore.model.particles import check_flavour
from nucore.prediction import Prediction
from nucore.rebinning import axes_of, change_of, rebinning
from nucore.reports.fit_input import FitInput
from nucore.reports.reach import Reach
from nucore.run.job import Job
from nucore.search import ExposureOption, exposure_of
from nucore.stats.upper_limits import LimitChoice

__all__ = [
    "CARDS",
    "CARD_MODELS",
    "EXPOSURE",
    "PROCESSES",
    "AnalysisOptions",
    "ReachOptions",
    "data_axes",
    "expected_spectrum",
    "fit_input",
    "flavour_of",
    "generation_job",
    "kernel",
    "load_experiment",
    "reach_job",
    "rebinned",
]

EXPOSURE = "decays"
PROCESSES = {"kaon": "e949", "pion": "pienu-2017-e", "b": "belle-ii-b-mu", "tau": "belle-ii-tau-mu"}
CARD_MODELS = (Experiment, ScaledExperiment)


def flavour_of(experiment: Experiment, flavour: str | None, parameters: PortalParameters | None = None) -> str:
    """Flavour of the mixing that an experiment measures.

    Raises
    ------
    InputError
        If another one is asked for.
    """
    if flavour is not None and check_flavour(flavour) != experiment.flavour:
        raise InputError(f"flavour {flavour!r} is not measured by {experiment.name}: expected {experiment.flavour}")
    return experiment.flavour


def expected_spectrum(
    experiment: Experiment,
    flavour: str,
    parameters: PortalParameters,
    exposure: float | None,
    options: AnalysisOptions,
) -> Spectrum:
    """Expected spectrum at a parameter point, background included, without fluctuations."""
    return templates.expected_spectrum(experiment, parameters, exposure, options)


def data_axes(
    experiment: Experiment, flavour: str | None, parameters: PortalParameters, options: AnalysisOptions
) -> tuple[Axis, ...]:
    """Axis of the main observable of the card."""
    return axes_of(main_spectrum(experiment, *np.zeros((2, experiment.edges.size - 1))))


def rebinned(
    experiment: Experiment,
    flavour: str | None,
    parameters: PortalParameters,
    data: SpectrumFile,
    options: AnalysisOptions,
) -> tuple[SpectrumFile, str | None]:
    """Data in the bins of the card, and how they got there."""
    axis = data_axis(experiment, data.spectrum)
    found = rebinning(data.spectrum, (axis,), f"experiment {experiment.name}")
    return data.rebinned(found), change_of(data.spectrum, found)


def fit_input(
    experiment: Experiment,
    flavour: str | None,
    parameters: PortalParameters,
    data: SpectrumFile,
    exposure: ExposureOption,
    options: AnalysisOptions,
    prediction: Prediction | None = None,
) -> FitInput:
    """Likelihood of a spectrum; its exposure is that of its file, if it records it.

    A `prediction` is in the bins of the data; see `mesons.inference.predicted`.
    """
    require_left_handed(parameters, "fit")
    measured = flavour_of(experiment, flavour)
    needed = prediction is None
    decays, origin = exposure_of(data, EXPOSURE, exposure, experiment.decays, experiment.name, needed=needed)
    spectrum, order = in_momentum(experiment, data.spectrum)[1], momentum_order(experiment, data.spectrum)
    unit = weighted_counts(data, spectrum)
    if prediction is not None:
        prediction = prediction.in_bins(order)
        unit = prediction.effective_counts()
        if data.covariance is not None:
            prediction, unit = prediction.of_gaussian(spectrum.values, data.covariance[np.ix_(order, order)])
    return FitInput(
        templates.build_likelihood(
            experiment, parameters, data.spectrum, decays, options, prediction=prediction, unit=unit
        ),
        spectrum,
        experiment.name,
        measured,
        {EXPOSURE: decays},
        convert=templates.templates_of(experiment, options).conversion(parameters),
        analysis={**asdict(options), "point": parameters.to_dict(), "exposure_origin": origin},
        unit=unit,
        expected_events=None if prediction is not None else _standard_model(experiment, parameters, decays, options),
    )


def _standard_model(
    experiment: Experiment, parameters: PortalParameters, decays: float, options: AnalysisOptions
) -> float:
    """Events that a card expects without nu4."""
    unmixed = parameters.replace(Ue4=0.0, Umu4=0.0, Utau4=0.0)
    return float(templates.templates_of(experiment, options).expected_counts(unmixed, decays).sum())


def reach_job(
    experiment: Experiment,
    flavour: str,
    grid: GridValues | None,
    options: ReachOptions,
    limit: LimitChoice,
    **run: Any,
) -> Job[Reach]:
    """Describe the expected reach in Y or |U_l4|^2."""
    return describe_reach(experiment, grid, options, limit, **run)

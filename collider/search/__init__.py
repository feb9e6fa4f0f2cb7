"""The collider search pp -> W -> l nu4, as the commands see it; see `nucore.search.Search`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from collider.events.analyse import analyse
from collider.events.kernel import generate_blocks as kernel
from collider.events.pseudodata import generation_job
from collider.events.sample_templates import TemplateRequest
from collider.experiments.analysis_options import AnalysisOptions
from collider.experiments.measurement import measurement
from collider.experiments.response import CARDS, Experiment, load_experiment
from collider.inference.fits import likelihood_input
from collider.inference.flavours import FlavoursReport
from collider.inference.flavours import fit_flavours as joint_fit
from collider.inference.likelihood import Expectation, expectation, expected_spectrum, in_prediction
from collider.inference.observed import weakest
from collider.inference.observed_spectra import observed_spectra
from collider.inference.reach import ReachOptions, reach_job
from nucore.histograms import Axis
from nucore.io.readers import SpectrumFile
from nucore.model.parameters import PortalParameters
from nucore.prediction import Prediction
from nucore.reports.fit_report import FitInput
from nucore.search import exposure_of, mixing_flavour
from nucore.stats.upper_limits import LimitChoice

__all__ = [
    "CARDS",
    "CARD_MODELS",
    "EXPOSURE",
    "PROCESSES",
    "AnalysisOptions",
    "ReachOptions",
    "TemplateRequest",
    "analyse",
    "data_axes",
    "expected_spectrum",
    "fit_flavours",
    "fit_input",
    "flavour_of",
    "generation_job",
    "kernel",
    "load_experiment",
    "observed_input",
    "reach_job",
]

EXPOSURE = "luminosity_invfb"
PROCESSES = {"w": "atlas-2011"}
CARD_MODELS = (Experiment,)


def flavour_of(experiment: Experiment, flavour: str | None, parameters: PortalParameters | None = None) -> str:
    """Lepton flavour that is meant: the given one, else the one that mixes at a parameter point, else mu.

    Raises
    ------
    InputError
        If the experiment does not measure it.
    """
    return experiment.check_flavour(flavour or mixing_flavour(parameters))


def data_axes(
    experiment: Experiment,
    flavour: str | None,
    parameters: PortalParameters,
    data: SpectrumFile | None,
    options: AnalysisOptions,
) -> tuple[Axis, ...]:
    """Axes of the data of a selection, which is that of their file, if it records it."""
    recorded = {} if data is None else data.metadata
    lepton = flavour_of(experiment, flavour or recorded.get("flavour"), parameters)
    measured = measurement(experiment, lepton, options.of_data(recorded))
    if data is not None:
        measured.fitted(data.spectrum)  # checks its binning
    return measured.axes


def fit_input(
    experiment: Experiment,
    flavour: str | None,
    parameters: PortalParameters,
    data: SpectrumFile,
    exposure: float | None,
    options: AnalysisOptions,
    prediction: Prediction | None = None,
) -> FitInput:
    """Likelihood of a spectrum; flavour, exposure and selection are those of its file, if it records them.

    A `prediction` is in all bins of the data; our templates enter it as ratios then.
    """
    lepton = flavour_of(experiment, flavour or data.metadata.get("flavour"), parameters)
    options = options.of_data(data.metadata)
    luminosity = exposure_of(data, EXPOSURE, exposure, measurement(experiment, lepton, options).luminosity_invfb)
    measured = measurement(experiment, lepton, options, luminosity)
    fitted = measured.fitted(data.spectrum)
    if prediction is None:
        templates = expectation(measured, parameters.m4, m_W=parameters.m_W)
    else:
        prediction = prediction.in_bins(measured.kept)
        unit = prediction.effective_counts()
        if data.covariance is not None:
            covariance = data.covariance[np.ix_(measured.kept, measured.kept)]
            prediction, unit = prediction.of_gaussian(fitted.values, covariance)
        templates = in_prediction(measured, parameters.m4, prediction, m_W=parameters.m_W, unit=unit)
    return likelihood_input(templates, fitted, parameters, parameters.m_W)


def observed_input(
    experiment: Experiment,
    flavour: str | None,
    parameters: PortalParameters,
    name: str,
    correlation_GeV: float | None,
    options: AnalysisOptions,
) -> FitInput:
    """Likelihood of published data on a card; of several treatments of an uncertainty the one of the weakest limit."""
    own = next((block.flavour for block in experiment.data if block.name == name), None)
    lepton = flavour_of(experiment, flavour or own, parameters)
    spectra = observed_spectra(experiment, lepton, options, name, correlation_GeV)
    return weakest(spectra, parameters.m4).fit_input(parameters)


def fit_flavours(
    experiment: Experiment,
    parameters: PortalParameters,
    data: Mapping[str, SpectrumFile | None],
    options: AnalysisOptions,
    limit: LimitChoice,
    *,
    free_normalisation: bool,
    names: dict[str, str | None],
) -> FlavoursReport:
    """Fit two flavours together; their data are those expected without nu4 where there is no file."""
    parts = [_part(experiment, lepton, parameters, file, options) for lepton, file in data.items()]
    expected = [templates for templates, _ in parts]
    result = joint_fit(
        expected, np.concatenate([counts for _, counts in parts]), free_normalisation=free_normalisation,
        limit=limit,
    )  # fmt: skip
    measured = [templates.measurement for templates in expected]
    analysis = measured[0].to_dict()
    analysis["nuisances"] = {one.flavour: one.to_dict()["nuisances"] for one in measured}
    return FlavoursReport(
        experiment.name, parameters.m4, {one.flavour: one.luminosity_invfb for one in measured}, names,
        free_normalisation, limit.confidence_level, limit.method, analysis, result,
    )  # fmt: skip


def _part(
    experiment: Experiment,
    flavour: str,
    parameters: PortalParameters,
    data: SpectrumFile | None,
    options: AnalysisOptions,
) -> tuple[Expectation, Any]:
    """Templates and counts of one flavour."""
    exposure = None
    if data is not None:
        options = options.of_data(data.metadata)
        exposure = exposure_of(data, EXPOSURE, None, measurement(experiment, flavour, options).luminosity_invfb)
    measured = measurement(experiment, flavour, options, exposure)
    templates = expectation(measured, parameters.m4, m_W=parameters.m_W)
    return templates, templates.values(0.0) if data is None else measured.fitted(data.spectrum).values

"""The collider search pp -> W -> l nu4, as the commands see it; see `nucore.search.Search`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from collider.events.analyse import analyse
from collider.events.kernel import generate_blocks as kernel
from collider.events.pseudodata import generation_job
from collider.events.sample_templates import TemplateRequest
from collider.experiments.analysis_options import AnalysisOptions
from collider.experiments.data_binning import in_bins_of_data
from collider.experiments.measurement import Measurement, measurement
from collider.experiments.response import CARDS, Experiment, load_experiment
from collider.inference.fits import likelihood_input
from collider.inference.flavours import FlavoursReport
from collider.inference.flavours import fit_flavours as joint_fit
from collider.inference.likelihood import Expectation, expectation, expected_spectrum, in_prediction
from collider.inference.observed import weakest
from collider.inference.observed_spectra import observed_spectra
from collider.inference.reach import ReachOptions, reach_job
from nucore.contents import weighted_counts
from nucore.errors import InputError
from nucore.histograms import Axis
from nucore.io.readers import SpectrumFile
from nucore.model.parameters import PortalParameters
from nucore.prediction import Prediction
from nucore.rebinning import change_of
from nucore.reports.fit_input import FitInput
from nucore.search import CARD, ExposureOption, exposure_of, mixing_flavour
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
    "rebinned",
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
    experiment: Experiment, flavour: str | None, parameters: PortalParameters, options: AnalysisOptions
) -> tuple[Axis, ...]:
    """Axes of the data of a selection."""
    return measurement(experiment, flavour_of(experiment, flavour, parameters), options).axes


def rebinned(
    experiment: Experiment,
    flavour: str | None,
    parameters: PortalParameters,
    data: SpectrumFile,
    options: AnalysisOptions,
) -> tuple[SpectrumFile, str | None]:
    """Data in the bins in which they are fitted, and how they got there; the selection is that of their file."""
    lepton = _lepton(experiment, flavour, parameters, data)
    _, found = in_bins_of_data(measurement(experiment, lepton, options.of_data(data.metadata)), data.spectrum)
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
    """Likelihood of a spectrum; flavour, exposure and selection are those of its file, if it records them.

    A `prediction` is in all bins of the data; our templates enter it as ratios then.
    """
    lepton = _lepton(experiment, flavour, parameters, data)
    measured, origin = _measured(experiment, lepton, data, exposure, options, needed=prediction is None)
    fitted = measured.fitted(data.spectrum)
    if prediction is None:
        templates = expectation(measured, parameters.m4, m_W=parameters.m_W)
        templates = replace(templates, unit=weighted_counts(data, fitted))
    else:
        prediction = prediction.in_bins(measured.kept)
        unit = prediction.effective_counts()
        if data.covariance is not None:
            covariance = data.covariance[np.ix_(measured.kept, measured.kept)]
            prediction, unit = prediction.of_gaussian(fitted.values, covariance)
        templates = in_prediction(measured, parameters.m4, prediction, m_W=parameters.m_W, unit=unit)
    return likelihood_input(templates, fitted, parameters, parameters.m_W, exposure_origin=origin)


def _lepton(experiment: Experiment, flavour: str | None, parameters: PortalParameters, data: SpectrumFile) -> str:
    """Flavour of data, which is that of their file, if it records it."""
    recorded = data.metadata.get("flavour")
    if None not in (flavour, recorded) and flavour != recorded:
        raise InputError(f"flavour {flavour!r} contradicts the data file, which says {recorded!r}")
    return flavour_of(experiment, flavour or recorded, parameters)


def _measured(
    experiment: Experiment,
    lepton: str,
    data: SpectrumFile,
    exposure: ExposureOption,
    options: AnalysisOptions,
    needed: bool = True,
) -> tuple[Measurement, str]:
    """Measurement of data, which are in its bins, and where its luminosity comes from."""
    options = options.of_data(data.metadata)
    card = measurement(experiment, lepton, options).luminosity_invfb
    luminosity, origin = exposure_of(data, EXPOSURE, exposure, card, experiment.name, needed=needed)
    measured, _ = in_bins_of_data(measurement(experiment, lepton, options, luminosity), data.spectrum)
    return measured, origin


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
    exposure: ExposureOption,
    options: AnalysisOptions,
    limit: LimitChoice,
    *,
    free_normalisation: bool,
    names: dict[str, str | None],
) -> FlavoursReport:
    """Fit two flavours together; their data are those expected without nu4 where there is no file."""
    parts = [_part(experiment, lepton, parameters, file, exposure, options) for lepton, file in data.items()]
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
    exposure: ExposureOption,
    options: AnalysisOptions,
) -> tuple[Expectation, Any]:
    """Templates and counts of one flavour."""
    if data is None:
        luminosity = None if exposure == CARD else exposure
        templates = expectation(
            measurement(experiment, flavour, options, luminosity), parameters.m4, m_W=parameters.m_W
        )
        return templates, templates.values(0.0)
    measured, _ = _measured(experiment, flavour, data, exposure, options)
    fitted = measured.fitted(data.spectrum)
    if weighted_counts(data, fitted) is not None:
        raise InputError(
            f"data {data.spectrum.name!r}: weighted events, which flavours does not fit; expected unweighted counts"
        )
    return expectation(measured, parameters.m4, m_W=parameters.m_W), fitted.values

"""The collider search pp -> W -> l nu4, as the commands see it; see `nucore.search.Search`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from collider.events import pseudodata
from collider.events.kernel import generate_blocks
from collider.events.pseudodata import DEFAULT_SELECTION
from collider.experiments.measurement import AnalysisOptions, measurement
from collider.experiments.response import Experiment, experiment_names, load_experiment
from collider.inference.likelihood import W_MASS, build_likelihood, expected_spectrum
from collider.inference.reach import ReachOptions, reach_job
from collider.inference.w_mass import kink_GeV
from collider.templates.systematics import M_W_STEP_GEV
from nucore.events import GenerateResult
from nucore.io.readers import SpectrumFile
from nucore.model.parameters import PortalParameters
from nucore.reports.joint_fit import FreeQuantity
from nucore.run.job import Job
from nucore.search import FitInput, GenerationRequest, exposure_of, mixing_flavour

__all__ = [
    "EXPOSURE",
    "PROCESSES",
    "AnalysisOptions",
    "ReachOptions",
    "expected_spectrum",
    "experiment_names",
    "fit_input",
    "flavour_of",
    "generation_job",
    "kernel",
    "load_experiment",
    "reach_job",
]

EXPOSURE = "luminosity_invfb"
PROCESSES = {"w": "atlas-2011"}


def flavour_of(experiment: Experiment, flavour: str | None, parameters: PortalParameters | None = None) -> str:
    """Lepton flavour that is meant: the given one, else the one that mixes at a parameter point, else mu.

    Raises
    ------
    InputError
        If the experiment does not measure it.
    """
    return experiment.check_flavour(flavour or mixing_flavour(parameters))


def kernel() -> Any:
    """Compiled kernel of the generator."""
    return generate_blocks


def generation_job(
    experiment: Experiment,
    process: str,
    flavour: str,
    parameters: PortalParameters,
    request: GenerationRequest,
    options: AnalysisOptions,
    **run: Any,
) -> Job[GenerateResult]:
    """Describe the generation of W events."""
    size = asdict(request)
    size["luminosity_invfb"] = size.pop("exposure")
    return pseudodata.generation_job(
        experiment, parameters, flavour, selection=options.selection or DEFAULT_SELECTION, **size, **run
    )


def fit_input(
    experiment: Experiment,
    flavour: str | None,
    parameters: PortalParameters,
    data: SpectrumFile,
    exposure: float | None,
    options: AnalysisOptions,
) -> FitInput:
    """Likelihood of a spectrum; flavour, exposure and selection are those of its file, if it records them."""
    lepton = flavour_of(experiment, flavour or data.metadata.get("flavour"), parameters)
    options = options.of_data(data.metadata)
    luminosity = exposure_of(data, EXPOSURE, exposure, measurement(experiment, lepton, options).luminosity_invfb)
    measured = measurement(experiment, lepton, options, luminosity)
    return FitInput(
        build_likelihood(experiment, lepton, parameters, data.spectrum, luminosity, options),
        measured.fitted(data.spectrum),
        experiment.name,
        lepton,
        {EXPOSURE: luminosity},
        free=FreeQuantity(W_MASS, "m_W_GeV", parameters.m_W, M_W_STEP_GEV) if options.float_mw else None,
        analysis=measured.to_dict(),
        mark=kink_GeV(measured.selection.observable, parameters.m4, parameters.m_W),
    )

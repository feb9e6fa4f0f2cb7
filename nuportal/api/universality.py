"""Two lepton flavours fitted together."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Unpack

import numpy as np

import collider.experiments.response
from collider.experiments.measurement import AnalysisChoices, AnalysisOptions, measurement
from collider.inference.flavours import FlavourFit, fit_flavours
from collider.inference.likelihood import Expectation, expectation
from nucore.errors import InputError
from nucore.histograms import Spectrum
from nucore.io import SpectrumFile, read_spectrum
from nucore.model.parameters import PortalParameters
from nuportal.api.experiments import is_collider
from nuportal.api.requests import recorded
from nuportal.api.searches import check_limit, exposure_of, options_of

FLAVOURS = ("e", "mu")


@dataclass(frozen=True)
class FlavoursReport:
    """Joint fit of electrons and muons, and the choices behind it.

    Attributes
    ----------
    experiment : str
    m4_GeV : float
    exposure : dict
        fb^-1 of each flavour.
    data : dict
        Files; null where the data are those expected without nu4.
    free_normalisation : bool
    confidence_level : float
    limit : str
    analysis : dict
    result : FlavourFit
    """

    experiment: str
    m4_GeV: float
    exposure: dict[str, float]
    data: dict[str, str | None]
    free_normalisation: bool
    confidence_level: float
    limit: str
    analysis: dict[str, Any]
    result: FlavourFit

    def to_dict(self) -> dict[str, Any]:
        """Fields as plain Python types, those of the fit among them."""
        plain = {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.name != "result"}
        return {**plain, **self.result.to_dict()}


@recorded
def flavours(
    experiment: str,
    parameters: PortalParameters | None = None,
    *,
    data_e: str | Path | SpectrumFile | None = None,
    data_mu: str | Path | SpectrumFile | None = None,
    free_normalisation: bool = False,
    systematics: str = "full",
    confidence_level: float = 0.90,
    limit: str = "cls",
    **choices: Unpack[AnalysisChoices],
) -> FlavoursReport:
    """Joint limits on |U_e4|^2 and |U_mu4|^2 from the electrons and muons of an experiment.

    Parameters
    ----------
    experiment : str
        Name of a collider card that measures both.
    parameters : PortalParameters, optional
        Masses.
    data_e, data_mu : optional
        As in `fit`; what is expected without nu4 where left out.
    free_normalisation : bool
        One free factor on the W rates of both flavours: lepton universality.
    systematics, confidence_level, limit, **choices
        As in `fit`.

    Raises
    ------
    InputError
        For data or arguments that are not allowed.
    """
    check_limit(confidence_level, limit)
    if not is_collider(experiment):
        allowed = ", ".join(collider.experiments.response.experiment_names())
        raise InputError(f"experiment {experiment} measures no W; allowed: {allowed}")
    card = collider.experiments.response.load_experiment(experiment)
    point = PortalParameters() if parameters is None else parameters
    sources = dict(zip(FLAVOURS, (data_e, data_mu), strict=True))
    parts: list[Expectation] = []
    counts = []
    for flavour, source in sources.items():
        file = read_spectrum(source) if isinstance(source, str | Path) else source
        expected, values = _part(card, flavour, point, file, systematics, choices)
        parts.append(expected)
        counts.append(values)
    method: Any = limit  # checked above
    result = fit_flavours(
        parts, np.concatenate(counts), free_normalisation=free_normalisation,
        confidence_level=confidence_level, limit=method,
    )  # fmt: skip
    names = {flavour: _name_of(source) for flavour, source in sources.items()}
    exposure = {one.measurement.flavour: one.measurement.luminosity_invfb for one in parts}
    analysis = parts[0].measurement.to_dict()
    analysis["nuisances"] = {one.measurement.flavour: one.measurement.to_dict()["nuisances"] for one in parts}
    return FlavoursReport(
        experiment, point.m4, exposure, names, free_normalisation, confidence_level, limit, analysis, result
    )


def _name_of(source: str | Path | SpectrumFile | None) -> str | None:
    if source is None:
        return None
    return source.spectrum.name if isinstance(source, SpectrumFile) else str(source)


def _part(
    card: collider.experiments.response.Experiment,
    flavour: str,
    point: PortalParameters,
    file: SpectrumFile | None,
    systematics: str,
    choices: AnalysisChoices,
) -> tuple[Expectation, Any]:
    """Templates and data of one flavour."""
    if file is None:
        planned = measurement(card, flavour, AnalysisOptions(systematics, **choices))
        expected = expectation(planned, point.m4, m_W=point.m_W)
        return expected, expected.values(0.0)
    options = options_of(file, systematics, choices)
    exposure = exposure_of(file, "luminosity_invfb", None, measurement(card, flavour, options).luminosity_invfb)
    measured = measurement(card, flavour, options, exposure)
    data: Spectrum = measured.fitted(file.spectrum)
    return expectation(measured, point.m4, m_W=point.m_W), data.values

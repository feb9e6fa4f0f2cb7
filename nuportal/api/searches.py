"""The likelihood of a data set of either search."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Unpack

import numpy as np

import collider.experiments.response
import mesons.experiments.cards
import mesons.experiments.observables
import mesons.inference.templates
from collider.experiments.measurement import AnalysisChoices, AnalysisOptions, measurement
from collider.inference.likelihood import W_MASS, expectation
from collider.inference.w_mass import kink_GeV
from collider.templates.systematics import M_W_STEP_GEV
from nucore.errors import InputError
from nucore.export import read_pyhf_workspace
from nucore.histograms import Spectrum
from nucore.io import SpectrumFile, read_spectrum, read_workspace
from nucore.model.parameters import PortalParameters, require_left_handed
from nucore.reports.fit_report import FitReport, report
from nucore.reports.joint_fit import FreeQuantity
from nucore.stats import METHODS, Likelihood
from nuportal.api.experiments import PROCESSES, check_lepton, flavour_of, is_collider


def check_limit(confidence_level: float, limit: str) -> None:
    """Refuse a confidence level out of range or a convention that is not known."""
    if not 0.5 < confidence_level < 1.0:
        raise InputError(f"confidence level {confidence_level:g} is not allowed: a fraction between 0.5 and 1 is")
    if limit not in METHODS:
        raise InputError(f"limit {limit!r} is not known; allowed: {', '.join(METHODS)}")


def refuse_choices(experiment: str, systematics: str, choices: Mapping[str, Any]) -> None:
    """Refuse choices of an analysis for an experiment that has none."""
    plain = {"scale_systematics": 1.0, "float_mw": False, "backgrounds": True}
    given = [name for name, value in choices.items() if value != plain.get(name)]
    if systematics != "paper":
        given.append("systematics")
    if given:
        raise InputError(f"{', '.join(given)} does not apply to {experiment}: for collider experiments only")


@dataclass(frozen=True)
class Search:
    """A likelihood with what its report needs to know of it."""

    likelihood: Likelihood
    spectrum: Spectrum
    experiment: str | None
    flavour: str | None
    exposure: dict[str, float]
    convert: Callable[[float], float] | None = None
    free: FreeQuantity | None = None
    analysis: Mapping[str, Any] = field(default_factory=dict)
    mark: float | None = None

    def report(self, confidence_level: float, limit: str, minos: bool = False) -> FitReport:
        """Fit the likelihood and set the limit."""
        choice: dict[str, Any] = {"confidence_level": confidence_level, "limit": limit, "minos": minos}
        return report(
            self.likelihood, self.spectrum, experiment=self.experiment, flavour=self.flavour,
            exposure=self.exposure, convert=self.convert, free=self.free, analysis=self.analysis, mark=self.mark,
            **choice,
        )  # fmt: skip


def search_of(
    data: str | Path | SpectrumFile,
    point: PortalParameters,
    experiment: str | None,
    flavour: str | None,
    systematics: str,
    luminosity_invfb: float | None,
    decays: float | None,
    **choices: Unpack[AnalysisChoices],
) -> Search:
    """Build the likelihood of a data set; arguments as in `fit`."""
    content = None if isinstance(data, SpectrumFile) else read_workspace(data)
    if content is not None:
        return _workspace_search(content, experiment, flavour, luminosity_invfb, decays)
    file = data if isinstance(data, SpectrumFile) else read_spectrum(data)
    if not (file.spectrum.integral > 0 and np.all(file.spectrum.values >= 0)):
        raise InputError(f"histogram {file.spectrum.name!r} has no events, or negative ones: nothing to fit")
    name = experiment or file.metadata.get("experiment") or PROCESSES["w"]
    if is_collider(name):
        if decays is not None:
            raise InputError(f"--decays does not apply to {name}; allowed: --luminosity")
        card = collider.experiments.response.load_experiment(name)
        lepton = flavour or file.metadata.get("flavour") or flavour_of(point)
        return _collider_search(file, card, lepton, point, options_of(file, systematics, choices), luminosity_invfb)
    refuse_choices(name, systematics, choices)
    if luminosity_invfb is not None:
        raise InputError(f"--luminosity does not apply to {name}; allowed: --decays")
    require_left_handed(point, "fit")
    kaon_card = mesons.experiments.cards.load_experiment(name)
    check_lepton(kaon_card, flavour)
    exposure = exposure_of(file, "decays", decays, kaon_card.decays)
    likelihood = mesons.inference.templates.build_likelihood(kaon_card, point, file.spectrum, exposure)
    convert = mesons.inference.templates.mixing_conversion(kaon_card, point)
    measured = mesons.experiments.observables.in_momentum(kaon_card, file.spectrum)[1]
    return Search(likelihood, measured, name, kaon_card.flavour, {"decays": exposure}, convert)


def options_of(file: SpectrumFile, systematics: str, choices: AnalysisChoices) -> AnalysisOptions:
    """Options of a data set, whose file may name its selection."""
    stored, given = file.metadata.get("selection"), choices.get("selection")
    if stored is not None and given is not None and stored != given:
        raise InputError(f"selection {given!r} contradicts the data file, which says {stored!r}")
    merged: AnalysisChoices = {**choices, "selection": given or stored}
    if file.metadata.get("backgrounds") is False:  # simulated W events alone
        merged["backgrounds"] = False
    return AnalysisOptions(systematics, **merged)


def _collider_search(
    file: SpectrumFile,
    card: collider.experiments.response.Experiment,
    flavour: str,
    point: PortalParameters,
    options: AnalysisOptions,
    luminosity_invfb: float | None,
) -> Search:
    planned = measurement(card, flavour, options)
    exposure = exposure_of(file, "luminosity_invfb", luminosity_invfb, planned.luminosity_invfb)
    measured = measurement(card, flavour, options, exposure)
    data = measured.fitted(file.spectrum)
    model = expectation(measured, point.m4, m_W=point.m_W).model()
    return Search(
        Likelihood(model, data.values),
        data,
        card.name,
        flavour,
        {"luminosity_invfb": exposure},
        free=FreeQuantity(W_MASS, "m_W_GeV", point.m_W, M_W_STEP_GEV) if options.float_mw else None,
        analysis=measured.to_dict(),
        mark=kink_GeV(measured.selection.observable, point.m4, point.m_W),
    )


def _workspace_search(content: dict[str, Any], *not_allowed: object) -> Search:
    """Likelihood of a pyhf workspace, which needs no experiment, flavour or exposure."""
    if any(value is not None for value in not_allowed):
        raise InputError("a pyhf workspace holds its own model: no experiment, flavour, luminosity or decays apply")
    workspace = read_pyhf_workspace(content)
    counts = workspace.likelihood.observation.counts[: workspace.n_bins]
    spectrum = Spectrum.from_counts("bin", np.arange(workspace.n_bins + 1.0), counts, "bin")
    return Search(workspace.likelihood, spectrum, None, None, {})


def exposure_of(data: SpectrumFile, name: str, option: float | None, card: float) -> float:
    """Exposure of a data set: from its file, else the option, else the card."""
    stored = data.exposure.get(name)
    if stored is not None and option is not None and abs(stored - option) > 1e-9 * abs(stored):
        raise InputError(f"{name} = {option:g} contradicts the data file, which says {stored:g}")
    value = next(v for v in (stored, option, card) if v is not None)
    if not 0.0 < value < float("inf"):
        raise InputError(f"{name} = {value:g} is not allowed: it must be positive and finite")
    return value

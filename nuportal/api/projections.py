"""Expected spectra and reach."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar, Unpack

from collider.inference.reach_curve import ReachCurve, WindowScan
from mesons.inference.reach_curve import MesonReach

import collider.experiments.response
import collider.inference.likelihood
import collider.inference.reach
import mesons.experiments.cards
import mesons.inference.reach
import mesons.inference.templates
from collider.experiments.measurement import AnalysisChoices, AnalysisOptions
from mesons.backgrounds.background_model import BackgroundModel
from mesons.inference.background_systematic import SystematicChoice
from mesons.inference.reach import Method
from nucore.errors import InputError
from nucore.histograms import Spectrum
from nucore.io import atomic_path
from nucore.model.parameters import PortalParameters
from nucore.run.executors import Execution
from nucore.run.job import Job
from nucore.run.provenance import provenance
from nucore.stats import LimitMethod
from nuportal.answers import answer_object, fields_of
from nuportal.api.experiments import check_lepton, experiment_sha256, is_collider
from nuportal.api.requests import runnable
from nuportal.api.searches import check_limit, refuse_choices

Progress = Callable[[float], None]
Reach = TypeVar("Reach", ReachCurve, WindowScan, MesonReach)

_ANALYSIS_CHOICES = frozenset(AnalysisChoices.__annotations__)


def expected_spectrum(
    experiment: str,
    parameters: PortalParameters | None = None,
    *,
    flavour: str | None = None,
    exposure: float | None = None,
    systematics: str = "paper",
    **choices: Unpack[AnalysisChoices],
) -> Spectrum:
    """Expected spectrum of an experiment at a parameter point, background included, without fluctuations.

    Parameters
    ----------
    experiment : str
        Name of a card.
    parameters : PortalParameters, optional
    flavour : str, optional
        ``mu`` by default; meson cards fix it.
    exposure : float, optional
        fb^-1 for a collider, decays for a meson experiment; that of the card by default.
    systematics, **choices
        As in `fit`: they say which selection is meant.

    Returns
    -------
    Spectrum
        Without variances.
    """
    point = PortalParameters() if parameters is None else parameters
    if is_collider(experiment):
        card = collider.experiments.response.load_experiment(experiment)
        options = AnalysisOptions(systematics, **choices)
        return collider.inference.likelihood.expected_spectrum(card, flavour or "mu", point, exposure, options)
    refuse_choices(experiment, systematics, choices)
    kaon_card = mesons.experiments.cards.load_experiment(experiment)
    check_lepton(kaon_card, flavour)
    return mesons.inference.templates.expected_spectrum(kaon_card, point, exposure)


class ProjectChoices(AnalysisChoices, total=False):
    """Choices of `project`: those of a collider measurement, and those of `mesons.inference.reach.project_job`."""

    m4: str
    ratio: float
    yL: float
    two_body: bool
    method: Method
    scaling: str
    background_model: BackgroundModel
    background_degree: int
    background_systematic: SystematicChoice


@runnable
def project(
    experiment: str,
    *,
    grid: Sequence[float] | None = None,
    flavour: str | None = None,
    systematics: str = "paper",
    confidence_level: float = 0.90,
    limit: LimitMethod = "cls",
    scan_window: Sequence[float] | None = None,
    out: str | Path | None = None,
    execution: Execution | None = None,
    progress: Progress | None = None,
    **options: Unpack[ProjectChoices],
) -> Job[ReachCurve | WindowScan | MesonReach]:
    """Expected reach of an experiment.

    Parameters
    ----------
    experiment : str
        Name of a card.
    grid : sequence of float, optional
        Masses in GeV: of nu4 for a collider, of chi (or of nu4 with ``two_body=True``) for a meson experiment.
    flavour : str, optional
        ``mu`` by default; meson cards fix it.
    systematics : str
        ``paper`` or ``full`` (colliders).
    confidence_level, limit
        ``cls``, ``clsb`` or ``delta-chi2``.
    scan_window : sequence of float, optional
        Lower edges of the window, GeV: one curve for each (colliders).
    out : str or Path, optional
        ``.json``: the object that the command prints.
    execution : Execution, optional
        Workers, cluster, memory; no result depends on it.
    progress : callable, optional
        Called with the fraction done.
    **options
        For a collider those of `experiments.measurement.AnalysisOptions`: ``selection``, ``scale_systematics``,
        ``nuisances``, ``window_GeV``, ``charge``, ``observable``, ``float_mw``. For a meson experiment ``m4``,
        ``ratio``, ``yL``, ``two_body``, ``method``, ``scaling``, ``background_model``, ``background_degree``,
        ``background_systematic`` of `mesons.inference.reach.project_job`.

    Returns
    -------
    ReachCurve, WindowScan or MesonReach

    Raises
    ------
    InputError
        For arguments that are not allowed or do not apply.
    """
    check_limit(confidence_level, limit)
    if out is not None and Path(out).suffix != ".json":
        raise InputError(f"output {out}: suffix {Path(out).suffix!r} cannot hold a reach; allowed: .json")
    given: dict[str, Any] = dict(options)
    choice: dict[str, Any] = {
        "grid": grid, "confidence_level": confidence_level, "limit": limit,
        "execution": execution or Execution(), "progress": progress,
    }  # fmt: skip
    analysis = {name: given.pop(name) for name in _ANALYSIS_CHOICES & given.keys()}
    if is_collider(experiment):
        given.pop("yL", None)  # the rate of W -> l nu4 does not know it
        if given:
            raise InputError(f"{', '.join(given)} does not apply to {experiment}: for meson experiments only")
        choice["options"] = AnalysisOptions(systematics, **analysis)
        if scan_window is not None:
            scan = collider.inference.reach.scan_window_job(experiment, scan_window, flavour or "mu", **choice)
            return _written(scan, experiment, out)
        return _written(collider.inference.reach.project_job(experiment, flavour or "mu", **choice), experiment, out)
    refuse_choices(experiment, systematics, {**analysis, "scan_window": scan_window})
    check_lepton(mesons.experiments.cards.load_experiment(experiment), flavour)
    return _written(mesons.inference.reach.project_job(experiment, **choice, **given), experiment, out)


def _written(job: Job[Reach], experiment: str, out: str | Path | None) -> Job[Reach]:
    """Let a job write its result to a file, too."""
    if out is None:
        return job

    def finish(pieces: Iterator[Any]) -> Reach:
        with atomic_path(out) as temporary:
            result = replace(job.finish(pieces), outputs=(str(out),))
            origin = provenance(card=experiment, card_sha256=experiment_sha256(experiment))
            content = answer_object("project", fields_of("project", result, {}), origin)
            temporary.write_text(json.dumps(content, allow_nan=False) + "\n", encoding="utf-8")
        return result

    return replace(job, finish=finish, out=Path(out))

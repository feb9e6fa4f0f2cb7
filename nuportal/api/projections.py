"""Expected spectra and reach."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Unpack

import collider.likelihood
import collider.reach
import collider.response
import mesons.experiments
import mesons.reach
import mesons.templates
from collider.measurement import AnalysisChoices, AnalysisOptions
from collider.reach import ReachCurve, WindowScan
from mesons.reach_curve import MesonReach
from nuportal.api.experiments import check_lepton, is_collider
from nuportal.api.searches import check_limit, refuse_choices
from nuportal.errors import InputError
from nuportal.histograms import Spectrum
from nuportal.parameters import PortalParameters

Progress = Callable[[float], None]

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
        card = collider.response.load_experiment(experiment)
        options = AnalysisOptions(systematics, **choices)
        return collider.likelihood.expected_spectrum(card, flavour or "mu", point, exposure, options)
    refuse_choices(experiment, systematics, choices)
    kaon_card = mesons.experiments.load_experiment(experiment)
    check_lepton(kaon_card, flavour)
    return mesons.templates.expected_spectrum(kaon_card, point, exposure)


def project(
    experiment: str,
    *,
    grid: Sequence[float] | None = None,
    flavour: str | None = None,
    systematics: str = "paper",
    confidence_level: float = 0.90,
    limit: str = "cls",
    workers: int | None = None,
    progress: Progress | None = None,
    scan_window: Sequence[float] | None = None,
    **options: Any,
) -> ReachCurve | WindowScan | MesonReach:
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
    workers, progress
        `progress` is called with the fraction done.
    scan_window : sequence of float, optional
        Lower edges of the window, GeV: one curve for each (colliders).
    **options
        For a collider those of `collider.measurement.AnalysisOptions`: ``selection``, ``scale_systematics``,
        ``nuisances``, ``window_GeV``, ``charge``, ``observable``, ``float_m_W``. For a meson experiment ``m4``,
        ``ratio``, ``yL``, ``two_body``, ``method``, ``scaling``, ``background_model``, ``background_degree``,
        ``background_systematic`` of `mesons.reach.project`.

    Raises
    ------
    InputError
        For arguments that are not allowed or do not apply.
    """
    check_limit(confidence_level, limit)
    choice: dict[str, Any] = {"grid": grid, "confidence_level": confidence_level, "limit": limit, "progress": progress}
    analysis = {name: options.pop(name) for name in _ANALYSIS_CHOICES & options.keys()}
    if is_collider(experiment):
        options.pop("yL", None)  # the rate of W -> l nu4 does not know it
        if options:
            raise InputError(f"{', '.join(options)} does not apply to {experiment}: for meson experiments only")
        choice |= {"options": AnalysisOptions(systematics, **analysis), "workers": workers}
        if scan_window is not None:
            return collider.reach.scan_window(experiment, scan_window, flavour or "mu", **choice)
        return collider.reach.project(experiment, flavour or "mu", **choice)
    refuse_choices(experiment, systematics, {**analysis, "scan_window": scan_window})
    check_lepton(mesons.experiments.load_experiment(experiment), flavour)
    return mesons.reach.project(experiment, **choice, **options)

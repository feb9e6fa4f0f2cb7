"""Expected spectra and reach."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import collider.reach
import collider.response
import mesons.experiments
import mesons.reach
import mesons.templates
from collider.reach import ReachCurve
from mesons.reach import MesonReach
from nuportal.api.experiments import check_lepton, is_collider
from nuportal.api.searches import check_limit, check_systematics
from nuportal.errors import InputError
from nuportal.histograms import Spectrum
from nuportal.parameters import PortalParameters

Progress = Callable[[float], None]


def expected_spectrum(
    experiment: str,
    parameters: PortalParameters | None = None,
    *,
    flavour: str | None = None,
    exposure: float | None = None,
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

    Returns
    -------
    Spectrum
        Without variances.
    """
    point = PortalParameters() if parameters is None else parameters
    if is_collider(experiment):
        card = collider.response.load_experiment(experiment)
        return collider.reach.expected_spectrum(card, flavour or "mu", point, exposure)
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
    **meson_options: Any,
) -> ReachCurve | MesonReach:
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
        ``paper`` (colliders).
    confidence_level, limit
        ``cls``, ``clsb`` or ``delta-chi2``.
    workers, progress
        `progress` is called with the fraction done.
    **meson_options
        ``m4``, ``ratio``, ``yL``, ``two_body``, ``method``, ``scaling``, ``background_model``,
        ``background_degree`` of `mesons.reach.project`.

    Raises
    ------
    InputError
        For arguments that are not allowed or do not apply.
    """
    check_limit(confidence_level, limit)
    check_systematics(systematics)
    choice: dict[str, Any] = {"grid": grid, "confidence_level": confidence_level, "limit": limit}
    if is_collider(experiment):
        meson_options.pop("yL", None)  # the rate of W -> l nu4 does not know it
        if meson_options:
            raise InputError(f"{', '.join(meson_options)} does not apply to {experiment}: for meson experiments only")
        return collider.reach.project(experiment, flavour or "mu", **choice, workers=workers, progress=progress)
    check_lepton(mesons.experiments.load_experiment(experiment), flavour)
    return mesons.reach.project(experiment, **choice, **meson_options, progress=progress)

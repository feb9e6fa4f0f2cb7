"""The limit on BR(M -> l nu nu nubar) that a calibrated experiment predicts, and the systematic that it takes."""

from __future__ import annotations

import itertools
import math

import numpy as np
from scipy.optimize import brentq

from mesons.backgrounds.background_model import BackgroundModel
from mesons.experiments.card_fields import BackgroundSystematic
from mesons.experiments.cards import Experiment
from mesons.inference.meson_templates import MesonTemplates, build_model
from mesons.inference.options import AnalysisOptions
from mesons.inference.window import standard_model_fractions
from nucore.errors import InputError
from nucore.stats.upper_limits import LimitChoice

#: Relative uncertainties tried in turn until the predicted limit exceeds the published one.
_TRIED = tuple(float(r) for r in np.geomspace(1e-3, 0.5, 19))


def predicted_invisible_limit(
    experiment: Experiment,
    background_model: BackgroundModel = "floating",
    degree: int | None = None,
    systematic: BackgroundSystematic | None = None,
) -> float | None:
    """Limit on BR(M -> l nu nu nubar) that the calibrated experiment expects, with nothing tuned to it.

    Parameters
    ----------
    experiment : Experiment
    background_model, degree, systematic
        As in `mesons.inference.options.AnalysisOptions`.

    Returns
    -------
    float or None
        At 90% confidence level, CLs, from the whole momentum range of the card.
    """
    templates = MesonTemplates(experiment, AnalysisOptions(background_model=background_model, background_degree=degree))
    fractions = standard_model_fractions(experiment)
    decays = experiment.decays
    signal = decays * experiment.acceptance.value * fractions
    model = build_model(
        experiment, signal, templates.background(decays), poi="br", known=background_model == "known",
        degree=templates.degree, systematic=systematic,
    )  # fmt: skip
    return LimitChoice().expected(model).expected


def within_window(experiment: Experiment) -> Experiment:
    """Return the experiment with its histogram cut to the window of the published limit.

    Raises
    ------
    InputError
        If no limit is published.
    """
    window = experiment.window_limit
    if window is None:
        raise InputError(f"experiment {experiment.name}: no published limit from a window")
    low, high = window.momentum_GeV
    edges = experiment.edges
    inside = edges[(edges >= low - 1e-9) & (edges <= high + 1e-9)]
    return experiment.model_copy(update={"edges_GeV": tuple(inside.tolist())})


def fit_background_systematic(experiment: Experiment, correlation_length: float) -> float:
    """Relative uncertainty of the background whose predicted limit is the published one.

    Parameters
    ----------
    experiment : Experiment
        With `window_limit`.
    correlation_length : float
        In ln p.

    Returns
    -------
    float
        Relative uncertainty.

    Raises
    ------
    InputError
        If no limit is published, or no uncertainty reproduces it.
    """
    window = experiment.window_limit
    if window is None:
        raise InputError(f"experiment {experiment.name}: no published limit to fit a systematic to")
    published = window.branching_ratio

    def excess(relative: float) -> float:
        systematic = BackgroundSystematic(
            relative=relative, correlation_length=correlation_length, fitted_to="", reference=""
        )
        predicted = predicted_invisible_limit(experiment, systematic=systematic)
        return math.log((predicted or 1.0) / published)

    if excess(_TRIED[0]) > 0.0:
        raise InputError(f"experiment {experiment.name}: the published limit is stronger than the predicted one")
    for low, high in itertools.pairwise(_TRIED):
        if excess(high) > 0.0:
            return float(brentq(excess, low, high, rtol=1e-4))
    raise InputError(
        f"experiment {experiment.name}: no background uncertainty up to {_TRIED[-1]:g} gives the published limit"
    )

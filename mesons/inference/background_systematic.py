"""Smooth uncertainty of the shape of a background.

ln B(p) is known up to a Gaussian process in ln p: the same standard deviation everywhere, and a correlation
exp(-(ln p - ln p')^2 / (2 length^2)). Its principal components become nuisance parameters with unit width.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from mesons.experiments.card_fields import BackgroundSystematic
from mesons.experiments.cards import Experiment
from nucore.errors import InputError, unknown
from nucore.stats import HistoSys

Array = NDArray[np.float64]
SystematicChoice = Literal["none", "published"]

#: Share of the variance that the kept components hold.
_KEPT_VARIANCE = 0.99


def systematic_of(experiment: Experiment, choice: str) -> BackgroundSystematic | None:
    """Systematic of a card by its name, ``none`` or ``published``.

    Raises
    ------
    InputError
        If the name is not known, or the card has no published limit it was fitted to.
    """
    if choice not in get_args(SystematicChoice):
        raise unknown("background systematic", choice, get_args(SystematicChoice))
    if choice == "published" and experiment.background_systematic is None:
        raise InputError(
            f"no background systematic fitted to a published limit: experiment {experiment.name}; expected none"
        )
    return experiment.background_systematic if choice == "published" else None


def shape_components(experiment: Experiment, systematic: BackgroundSystematic) -> Array:
    """Principal components of the relative uncertainty of the background in the bins, shape (k, n_bins)."""
    log_p = np.log(0.5 * (experiment.edges[1:] + experiment.edges[:-1]))
    distance = (log_p[:, None] - log_p) / systematic.correlation_length
    values, vectors = np.linalg.eigh(np.exp(-0.5 * distance**2))
    values, vectors = values[::-1], vectors[:, ::-1]
    kept = int(np.searchsorted(np.cumsum(values), _KEPT_VARIANCE * log_p.size)) + 1
    return np.asarray(systematic.relative * (vectors[:, :kept] * np.sqrt(values[:kept])).T)


def shape_uncertainties(experiment: Experiment, systematic: BackgroundSystematic, background: Array) -> list[HistoSys]:
    """Nuisance parameters of a background with these counts, shape (n_bins,)."""
    components = shape_components(experiment, systematic)
    return [
        HistoSys(f"background_shape_{k}", low=background * (1.0 - row), high=background * (1.0 + row))
        for k, row in enumerate(components)
    ]

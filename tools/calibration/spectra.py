"""Spectra that a card is calibrated on: published simulation at detector level, whose shape is compared."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from collider.experiments.published_data import ObservedData, load_data
from collider.experiments.response import Experiment
from nucore.errors import InputError

Array = NDArray[np.float64]
SYMBOLS = {"lepton_pt": "lepton pT", "transverse_mass": "mT", "missing_momentum": "pTmiss"}


@dataclass(frozen=True, eq=False)
class PublishedSpectrum:
    """Expected W -> l nu events in bins of one observable.

    Attributes
    ----------
    observable, flavour, charge : str
        As on an experiment card.
    edges : float64[n + 1]
        GeV, bins of one width.
    content : float64[n]
        Positive.
    """

    observable: str
    flavour: str
    charge: str
    edges: Array
    content: Array

    @property
    def name(self) -> str:
        """What is shown of it."""
        return f"W{self.charge} -> {self.flavour} {SYMBOLS[self.observable]}"

    @property
    def centres(self) -> Array:
        """Centres of the bins, GeV, shape (n,)."""
        return np.asarray(0.5 * (self.edges[1:] + self.edges[:-1]))

    @property
    def noise(self) -> float:
        """Relative scatter of the content from bin to bin, of the middle half of the bins.

        A smooth curve has small fourth differences of its logarithm; those of independent noise are sqrt(70) times it.
        """
        n = self.content.size // 4
        differences = np.diff(np.log(self.content[n // 2 : -n]), 4)
        weight = math.sqrt(sum(math.comb(4, k) ** 2 for k in range(5)))
        return float(np.sqrt(np.mean(differences**2)) / weight)

    def merged(self, width: float) -> PublishedSpectrum:
        """Return the spectrum in bins of about this width, GeV, a whole number of its own."""
        n = max(round(width / (self.edges[1] - self.edges[0])), 1)
        last = self.content.size // n * n
        content = self.content[:last].reshape(-1, n).sum(axis=1)
        return PublishedSpectrum(self.observable, self.flavour, self.charge, self.edges[: last + 1 : n], content)


def published_simulation(
    experiment: Experiment, windows: Mapping[str, tuple[float, float]], names: Sequence[str] = ()
) -> tuple[PublishedSpectrum, ...]:
    """Return the signal in the predictions beside a card's published spectra, lepton pT first.

    Parameters
    ----------
    experiment : Experiment
    windows : mapping
        Range of each observable, GeV, in place of that on the card; it ends at edges of the bins.
    names : sequence of str, optional
        Of the data blocks; all that have a prediction by default.

    Raises
    ------
    InputError
        If there are none, or the bins are not of one width.
    """
    chosen = [block for block in experiment.data if (block.name in names if names else block.prediction)]
    if not chosen or {block.name for block in chosen} < set(names):
        known = ", ".join(block.name for block in experiment.data if block.prediction) or "none"
        raise InputError(f"{experiment.name}: no such published simulation; expected data blocks, of {known}")
    widened = tuple(block.model_copy(update={"window_GeV": windows[block.observable]}) for block in chosen)
    card = experiment.model_copy(update={"data": widened})
    spectra = [spectrum for block in widened for spectrum in _signals(load_data(card, block.name))]
    return tuple(sorted(spectra, key=lambda s: (s.observable, s.flavour, s.charge)))


def _signals(observed: ObservedData) -> list[PublishedSpectrum]:
    """Return the signal of each charge."""
    block, edges, prediction = observed.block, observed.edges, observed.prediction
    where = f"data {block.name}"
    if prediction is None or "both" in block.charges:
        raise InputError(f"{where}: expected a prediction of each charge")
    if edges.size < 17 or not np.allclose(np.diff(edges), edges[1] - edges[0]):
        raise InputError(f"{where}: other bins; expected at least 16 of one width")
    if not np.all(prediction.signal > 0.0):
        raise InputError(f"{where}: a bin without signal; expected some in each")
    rows = prediction.signal.reshape(len(block.charges), -1)
    return [
        PublishedSpectrum(block.observable, block.flavour, charge, edges, row)
        for charge, row in zip(block.charges, rows, strict=True)
    ]

"""Spectra that a card is calibrated on: published simulation at detector level, whose shape is compared."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collider.experiments.cards import CHARGES
from nucore.errors import InputError

Array = NDArray[np.float64]
COLUMNS = ("observable", "flavour", "charge", "low_GeV", "high_GeV", "content")
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

    def window(self, low: float, high: float) -> PublishedSpectrum:
        """Return the bins between two values, GeV."""
        inside = (self.edges[:-1] >= low - 1e-6) & (self.edges[1:] <= high + 1e-6)
        if not inside.any():
            raise InputError(f"no bin between {low:g} and {high:g} GeV: {self.name}; expected some")
        edges = np.append(self.edges[:-1][inside], self.edges[1:][inside][-1])
        return PublishedSpectrum(self.observable, self.flavour, self.charge, edges, self.content[inside])

    def merged(self, width: float) -> PublishedSpectrum:
        """Return the spectrum in bins of about this width, GeV, a whole number of its own."""
        n = max(round(width / (self.edges[1] - self.edges[0])), 1)
        last = self.content.size // n * n
        content = self.content[:last].reshape(-1, n).sum(axis=1)
        return PublishedSpectrum(self.observable, self.flavour, self.charge, self.edges[: last + 1 : n], content)


def read_spectra(paths: Iterable[str | Path]) -> tuple[PublishedSpectrum, ...]:
    """Read spectra from CSV files, one row a bin, the bins of a spectrum together and in order.

    Raises
    ------
    InputError
        If a column is missing or a value is not allowed, with file and line.
    """
    rows: list[tuple[Any, ...]] = []
    for path in paths:
        lines = [line for line in Path(path).read_text().splitlines() if not line.startswith("#")]
        reader = csv.DictReader(lines)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise InputError(f"wrong columns: {path}; expected {', '.join(COLUMNS)}")
        rows += [_row(row, f"{path}, row {i + 1}") for i, row in enumerate(reader)]
    return tuple(_spectrum(key, list(bins)) for key, bins in groupby(rows, key=lambda row: row[:3]))


def _row(row: dict[str, str], where: str) -> tuple[Any, ...]:
    try:
        low, high, content = (float(row[name]) for name in COLUMNS[3:])
    except (TypeError, ValueError) as error:
        raise InputError(f"not a number: {where}; expected edges and content") from error
    if row["observable"] not in SYMBOLS or row["flavour"] not in ("e", "mu") or row["charge"] not in CHARGES:
        raise InputError(f"unknown observable, flavour or charge: {where}; expected those of an experiment card")
    if not (0.0 < low < high and 0.0 < content < np.inf):
        raise InputError(f"invalid bin: {where}; expected 0 < low < high and a positive content")
    return row["observable"], row["flavour"], row["charge"], low, high, content


def _spectrum(key: tuple[str, str, str], bins: list[tuple[Any, ...]]) -> PublishedSpectrum:
    edges = [bins[0][3], *(row[4] for row in bins)]
    gap = any(not math.isclose(a[4], b[3]) for a, b in pairwise(bins))
    if len(bins) < 16 or gap or not np.allclose(np.diff(edges), edges[1] - edges[0]):
        raise InputError(f"invalid bins of {' '.join(key)}: expected at least 16 of one width, without a gap")
    return PublishedSpectrum(*key, np.array(edges), np.array([row[5] for row in bins]))

"""Published spectra of an experiment card as arrays, with their covariance and the prediction beside them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collider.experiments.data_blocks import DataUncertainty, Files, PublishedData
from collider.experiments.measurement import OBSERVABLE_LABELS, charge_axis
from collider.experiments.response import Experiment
from nucore.errors import InputError, unknown
from nucore.histograms import Axis, Spectrum
from nucore.io.readers import Bins, read_bins, read_error, read_matrix, split_source
from nucore.prediction import Prediction
from nucore.stats.covariance import ErrorSource, smooth_correlation

Array = NDArray[np.float64]

_PB = {"fb": 1e-3, "fb/GeV": 1e-3}


@dataclass(frozen=True, eq=False)
class ObservedData:
    """A published spectrum, charges one after the other, negative charge first, the observable fastest.

    Attributes
    ----------
    block : PublishedData
    spectrum : Spectrum
        On the axes charge (of two charges) and observable: events, pb or shares in each bin, with their variances.
    covariance : float64[n, n] or None
        Of the data; None for Poisson counts.
    prediction : Prediction or None
        What the experiment expects in the Standard Model, in the same unit.
    origin : dict
        Block, reference and SHA-256 of the files used, for the record of a result.
    """

    block: PublishedData
    spectrum: Spectrum
    covariance: Array | None
    prediction: Prediction | None
    origin: dict[str, Any] = field(default_factory=dict)

    @property
    def unit(self) -> str:
        """``events``, ``pb`` or ``1``."""
        return "pb" if self.block.unit[:2] in ("pb", "fb") else self.block.unit.removesuffix("/GeV")

    @property
    def edges(self) -> Array:
        """Bin edges of the observable, GeV."""
        last = self.spectrum.axes[-1].edges if self.spectrum.axes else self.spectrum.edges
        return np.asarray(last, dtype=np.float64)


def data_names(experiment: Experiment, flavour: str | None = None) -> tuple[str, ...]:
    """Names of the published spectra on a card, of one flavour it measures or all."""
    flavours = experiment.flavours if flavour is None else (flavour,)
    return tuple(block.name for block in experiment.data if block.flavour in flavours)


def load_data(experiment: Experiment, name: str, correlation_GeV: float | None = None) -> ObservedData:
    """Read a published spectrum of a card.

    Parameters
    ----------
    experiment : Experiment
    name : str
        One of `data_names`.
    correlation_GeV : float, optional
        Length over which the uncertainties with ``correlation_GeV`` are correlated between bins, 0 for not at all; by
        default the first on the card.

    Returns
    -------
    ObservedData

    Raises
    ------
    InputError
        If there is no such block or file, files do not fit together, or the card has no folder.
    """
    block = next((block for block in experiment.data if block.name == name), None)
    if block is None:
        known = data_names(experiment)
        if known:
            raise unknown("published data", name, known, of=experiment.name)
        raise InputError(f"{experiment.name}: no published data {name!r}; expected an experiment that has some")
    if correlation_GeV is not None and not 0.0 <= correlation_GeV < np.inf:
        raise InputError(f"invalid correlation length {correlation_GeV:g} GeV; expected 0 or a positive number")
    if correlation_GeV is not None and not any(source.correlation_GeV for source in block.uncertainties):
        raise InputError(f"{experiment.name}, data {name}: no uncertainty has correlation_GeV; expected no length")
    reader = _Reader.of(experiment, block, correlation_GeV)
    data = reader.in_bins(block.data)
    covariance = reader.covariance(data)
    if covariance is None and np.any(data < 0.0):
        raise InputError(f"{reader.where}: a number of events is negative; expected none, or a statistical uncertainty")
    variances = np.abs(data) if covariance is None else np.diag(covariance)
    label = OBSERVABLE_LABELS[block.observable]
    axis = Axis(block.observable, tuple(reader.edges.tolist()), label)
    axes = (charge_axis(), axis) if len(block.charges) == 2 else (axis,)
    spectrum = Spectrum.on_axes(block.observable, axes, data, variances, label)
    prediction = reader.prediction()
    return ObservedData(block, spectrum, covariance, prediction, reader.record())


@dataclass(frozen=True, eq=False)
class _Reader:
    """Files of one block.

    Attributes
    ----------
    block : PublishedData
    folder : Path
        Where its files lie.
    where : str
        What errors call it.
    length : float or None
        Chosen in place of the card's ``correlation_GeV``.
    all_edges : float64[m + 1]
        Of the files.
    kept : bool[m]
        Bins inside the window.
    files : dict
        Files that were read, by their path on the card.
    """

    block: PublishedData
    folder: Path
    where: str
    length: float | None
    all_edges: Array
    kept: NDArray[np.bool_]
    files: dict[str, Path]

    @classmethod
    def of(cls, experiment: Experiment, block: PublishedData, length: float | None) -> _Reader:
        where = f"{experiment.name}, data {block.name}"
        folder = None if experiment.card is None else experiment.card.folders.get("data")
        if folder is None:
            raise InputError(f"{where}: no folder is known for its files; expected the card itself, by name or path")
        first = read_bins(folder / block.data[block.charges[0]])
        return cls(block, folder, where, length, first.edges, first.inside(block.window_GeV), {})

    @property
    def edges(self) -> Array:
        """Edges of the bins inside the window, GeV."""
        inside = np.flatnonzero(self.kept)
        return self.all_edges[inside[0] : inside[-1] + 2]

    def record(self) -> dict[str, Any]:
        """Return what a result records of the block; after all files were read."""
        hashes = {}
        for name, file in self.files.items():
            with file.open("rb") as stream:
                hashes[name] = hashlib.file_digest(stream, "sha256").hexdigest()
        return {"data": self.block.name, "reference": self.block.reference, "files_sha256": hashes}

    def in_bins(self, files: Files, read: Callable[[str], Bins] = read_bins, scaled: bool = True) -> Array:
        """Numbers in the bins inside the window, per bin, in events, pb or shares."""
        parts = []
        for charge in self.block.charges:
            bins = read(self._source(files[charge]))
            same = bins.edges.size == self.all_edges.size and np.allclose(bins.edges, self.all_edges, rtol=1e-9)
            if not same:
                raise InputError(f"{self.where}: other bins in {files[charge]}; expected those of the data")
            parts.append(bins.numbers(self.kept))
        return np.concatenate(parts) * (self._scale() if scaled else 1.0)

    def _scale(self) -> Array:
        widths = np.diff(self.edges) if self.block.unit.endswith("/GeV") else np.ones(self.edges.size - 1)
        return np.tile(widths * _PB.get(self.block.unit, 1.0), len(self.block.charges))

    def _source(self, source: str) -> str:
        """Return the path of a file of the card, and remember it."""
        path = self.folder / source
        file, name = split_source(str(path))
        self.files[source.removesuffix(f":{name}")] = file
        return str(path)

    def covariance(self, data: Array) -> Array | None:
        """Covariance of the data; None for Poisson counts."""
        if not self.block.has_covariance:
            return None
        sources = [self.error(source, data) for source in self.block.uncertainties if source.on == "data"]
        return np.asarray(sum(source.covariance for source in sources))

    def prediction(self) -> Prediction | None:
        block = self.block
        if block.prediction is None:
            return None
        total = self.in_bins(block.prediction)
        background = np.zeros_like(total) if block.background is None else self.in_bins(block.background)
        n_bins = self.edges.size - 1
        return Prediction(
            total - background,
            background,
            errors=tuple(self.error(source, total) for source in block.uncertainties if source.on == "prediction"),
            background_uncertainty=block.background_uncertainty,
            normalisation=block.normalisation,
            groups=np.repeat(np.arange(2), n_bins) if len(block.charges) == 2 else None,
            origin=f"{self.where}: {block.reference}",
        )

    def error(self, source: DataUncertainty, values: Array) -> ErrorSource:
        """One uncertainty of values, absolute, in their unit."""
        if source.files is None:
            sizes = np.full(values.size, source.size) * (1.0 if source.relative else self._scale())
        else:
            label = source.label
            read = read_bins if label is None else lambda path: read_error(path, label)
            sizes = self.in_bins(source.files, read, scaled=not source.relative)
            if source.relative and np.any(sizes > 1.0):
                raise InputError(
                    f"{self.where}: relative uncertainty {source.name!r} of up to {sizes.max():g}; expected fractions, "
                    f"not per cent"
                )
        sigma = sizes * np.abs(values) if source.relative else sizes
        return ErrorSource(source.name, sigma, self._correlation(source))

    def _correlation(self, source: DataUncertainty) -> Array | None:
        """Correlation between the bins inside the window, None where there is none."""
        charges = self.block.charges
        n_bins, n_all = self.edges.size - 1, self.kept.size
        if source.correlation_GeV:
            length = source.correlation_GeV[0] if self.length is None else self.length
            centres = np.tile(0.5 * (self.edges[1:] + self.edges[:-1]), len(charges))
            groups = None if source.across_charges[0] else np.repeat(np.arange(len(charges)), n_bins)
            return smooth_correlation(centres, length, groups) if length > 0.0 else None
        if source.correlation == "none":
            return None
        if source.correlation == "full":
            return np.ones((n_bins * len(charges),) * 2)
        full = np.zeros((n_all * len(charges),) * 2)
        if source.correlation is not None:
            given = read_matrix(self._source(source.correlation), len(full))
            order = [charge for charge in (*self.block.charge_order, "both") if charge in charges]
            places = np.concatenate([order.index(charge) * n_all + np.arange(n_all) for charge in charges])
            full = given[np.ix_(places, places)]
        else:
            files = source.correlation_files or {}
            for k, charge in enumerate(charges):
                part = slice(k * n_all, (k + 1) * n_all)
                full[part, part] = read_matrix(self._source(files[charge]), n_all)
        kept = np.tile(self.kept, len(charges))
        return full[np.ix_(kept, kept)]

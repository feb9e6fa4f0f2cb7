"""A pyhf JSON workspace as a likelihood of this package.

Channels follow one another in one spectrum. A shapesys is a free factor with one more bin, that of its auxiliary
Poisson measurement, so that every constraint of HistFactory is held exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucore.errors import InputError
from nucore.export.exponentials import scaled
from nucore.export.pyhf_modifiers import Modifiers, extended
from nucore.histograms import Spectrum
from nucore.io.readers import is_workspace
from nucore.reports.fit_report import FitInput
from nucore.stats import Likelihood, Model
from nucore.stats.modifiers import BinFactor, Modifier, Sample
from nucore.text import LARGEST_NUMBER, SMALLEST_NUMBER, check_values, one_line

Array = NDArray[np.float64]

#: Of a workspace: bins of all channels, parameters, and bins times modifiers; a fit of more takes hours.
MAX_BINS, MAX_PARAMETERS, MAX_CELLS = 10_000, 2_000, 5_000_000


def read_pyhf_workspace(content: Mapping[str, Any], measurement: str | None = None) -> FitInput:
    """Build the likelihood of a pyhf workspace.

    Parameters
    ----------
    content : dict
        normfactor, normsys (code 4), histosys (code 4p), staterror, shapesys, shapefactor and lumi.
    measurement : str, optional
        The first by default.

    Returns
    -------
    FitInput
        Bins of all channels, one after the other; those of auxiliary Poisson measurements follow in the likelihood
        alone. The parameter of interest has the bounds of the workspace; without any it is >= 0 with no upper bound.

    Raises
    ------
    InputError
        If the content is not a workspace, or holds something this package cannot represent.
    """
    if not is_workspace(content):
        raise InputError("not a pyhf workspace: expected channels, measurements and observations")
    check_values(content)
    try:
        with np.errstate(all="ignore"):
            return _Reader(content, measurement).fit_input()
    except (KeyError, TypeError, AttributeError, IndexError, ValueError, ArithmeticError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"not a valid pyhf workspace: {type(error).__name__} {one_line(error)}") from None


class _Reader:
    def __init__(self, content: Mapping[str, Any], measurement: str | None) -> None:
        self.content = content
        names = [str(m["name"]) for m in content["measurements"]]
        if not names or (measurement is not None and measurement not in names):
            raise InputError(f"workspace has no measurement {measurement!r}; it has: {', '.join(names) or 'none'}")
        self.measurement = names[0] if measurement is None else measurement
        config = content["measurements"][names.index(self.measurement)]["config"]
        self.poi = str(config["poi"])
        if not self.poi:
            raise InputError(f"measurement {self.measurement!r} has no parameter of interest")
        self.settings: dict[str, dict[str, Any]] = {p["name"]: p for p in config.get("parameters", [])}
        self.channels: dict[str, slice] = {}
        start = 0
        for channel in content["channels"]:
            n = len(channel["samples"][0]["data"])
            self.channels[str(channel["name"])] = slice(start, start + n)
            start += n
        self.n_bins = start
        n_parts = sum(1 + len(s["modifiers"]) for channel in content["channels"] for s in channel["samples"])
        if not 0 < start <= MAX_BINS or start * n_parts > MAX_CELLS:
            raise InputError(
                f"workspace has {start} bins and {n_parts} samples and modifiers: expected 1 to {MAX_BINS} bins, and "
                f"up to {MAX_CELLS} for their product"
            )
        self.modifiers = Modifiers(self.settings, self.poi, self.n_bins)

    def fit_input(self) -> FitInput:
        low, high = self.modifiers.setting(self.poi, "bounds", [[0.0, np.inf]])[0]
        drafts = [draft for channel in self.content["channels"] for draft in self._channel(channel)]
        model = Model(self._samples(drafts), self.poi, (max(0.0, float(low)), float(high)))
        if len(model.names) > MAX_PARAMETERS:
            raise InputError(f"workspace has {len(model.names)} parameters: expected up to {MAX_PARAMETERS}")
        observation = model.observation(self._counts(), self._measured(model))
        edges, counts = np.arange(self.n_bins + 1.0), observation.counts[: self.n_bins]
        return FitInput(Likelihood(model, observation), Spectrum.from_counts("bin", edges, counts, "bin"))

    def _counts(self) -> Array:
        data = {str(o["name"]): np.asarray(o["data"], dtype=np.float64) for o in self.content["observations"]}
        missing = [name for name in self.channels if name not in data]
        if missing:
            raise InputError(f"workspace has no observation for channel {missing[0]!r}")
        for name, where in self.channels.items():
            sensible = (data[name] >= SMALLEST_NUMBER) & (data[name] <= LARGEST_NUMBER)
            if not np.all(sensible | (data[name] == 0.0)):
                raise InputError(f"channel {name!r}: observations must be numbers from 0 to {LARGEST_NUMBER:g}")
            if data[name].shape != (where.stop - where.start,):
                raise InputError(
                    f"channel {name!r} has {where.stop - where.start} bins, its observation {data[name].size}"
                )
        return np.concatenate([*(data[name] for name in self.channels), self.modifiers.auxiliary_counts])

    def _measured(self, model: Model) -> Array:
        """Auxiliary measurements: nominal, or as the measurement's settings say."""
        values = model.initial[model.constrained].copy()
        for position, k in enumerate(model.constrained):
            name, _, number = model.names[k].partition("[")
            given = self.modifiers.setting(name, "auxdata", None)
            if given is not None:
                values[position] = given[self._local(int(number[:-1])) if number else 0]
        if not np.all(np.isfinite(values)):
            raise InputError(f"measurement {self.measurement!r}: auxdata must be finite numbers")
        return values

    def _local(self, position: int) -> int:
        """Position of a bin within its channel."""
        return position - max(where.start for where in self.channels.values() if where.start <= position)

    def _channel(self, channel: Mapping[str, Any]) -> Iterator[tuple[str, Array, list[Modifier]]]:
        """Yield name, contents in all bins and modifiers of each sample of a channel."""
        where = self.channels[str(channel["name"])]
        errors = self._stat_errors(channel, where)
        for sample in channel["samples"]:
            values = self.modifiers.in_all_bins(sample["data"], where, f"sample {sample['name']!r}")
            modifiers: list[Modifier] = []
            for item in sample["modifiers"]:
                kind, name = str(item["type"]), str(item["name"])
                data = errors[name] if kind == "staterror" else item.get("data")
                made = self.modifiers.make(kind, name, data, where, values)
                if made is not None:
                    modifiers.append(made)
            fixed = self.modifiers.fixed
            held = float(np.prod([fixed[str(i["name"])] for i in sample["modifiers"] if str(i["name"]) in fixed]))
            name = f"{channel['name']}/{sample['name']}"
            yield name, values * held, [scaled(m, np.asarray(held)) for m in modifiers]

    def _stat_errors(self, channel: Mapping[str, Any], where: slice) -> dict[str, Array]:
        """Relative uncertainty per staterror: quadratic sum over its samples, relative to their sum."""
        squares: dict[str, Array] = {}
        totals: dict[str, Array] = {}
        for sample in channel["samples"]:
            for item in sample["modifiers"]:
                if item["type"] == "staterror":
                    name = str(item["name"])
                    zero = np.zeros(self.n_bins)
                    squares[name] = squares.get(name, zero) + self.modifiers.in_all_bins(item["data"], where, name) ** 2
                    totals[name] = totals.get(name, zero) + self.modifiers.in_all_bins(sample["data"], where, name)
        return {
            name: np.where(
                totals[name] > 0.0, np.sqrt(squares[name]) / np.where(totals[name] > 0.0, totals[name], 1.0), 0.0
            )
            for name in squares
        }

    def _samples(self, drafts: list[tuple[str, Array, list[Modifier]]]) -> list[Sample]:
        """Samples with the auxiliary bins appended, and one sample per shapesys that fills them."""
        extra = len(self.modifiers.auxiliary_counts)
        if not extra:
            return [Sample(*draft) for draft in drafts]
        samples = [
            Sample(name, np.append(values, np.zeros(extra)), [extended(m, extra) for m in modifiers])
            for name, values, modifiers in drafts
        ]
        for name in dict.fromkeys(name for name, _, _ in self.modifiers.auxiliary_samples):
            contents, numbers = np.zeros(self.n_bins + extra), np.full(self.n_bins + extra, -1.0)
            for k, (owner, number, tau) in enumerate(self.modifiers.auxiliary_samples):
                if owner == name:
                    contents[self.n_bins + k], numbers[self.n_bins + k] = tau, number
            samples.append(Sample(f"measurement of {name}", contents, [BinFactor(name, numbers)]))
        return samples

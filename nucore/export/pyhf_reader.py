"""A pyhf JSON workspace as a likelihood of this package.

Channels follow one another in one spectrum. A shapesys is a free factor with one more bin, that of its auxiliary
Poisson measurement, so that every constraint of HistFactory is held exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucore.errors import InputError
from nucore.stats import BinFactor, HistoSys, Likelihood, Model, NormFactor, NormSys, Sample, StatError
from nucore.stats.modifiers import Modifier
from nucore.text import LARGEST_NUMBER, SMALLEST_NUMBER, check_values

Array = NDArray[np.float64]

_POI_BOUNDS = (0.0, 10.0)  # pyhf's own for every normfactor
#: Of a workspace: bins of all channels, parameters, and bins times modifiers; a fit of more takes hours.
MAX_BINS, MAX_PARAMETERS, MAX_CELLS = 10_000, 2_000, 5_000_000


@dataclass(frozen=True)
class PyhfWorkspace:
    """A workspace with its data.

    Attributes
    ----------
    likelihood : Likelihood
        Bins of all channels, then one bin per auxiliary Poisson measurement.
    measurement : str
    channels : dict, name -> slice
        Bins of each channel.
    n_bins : int
        Bins of all channels, without auxiliary ones.
    """

    likelihood: Likelihood
    measurement: str
    channels: Mapping[str, slice]
    n_bins: int


def is_pyhf_workspace(content: Any) -> bool:
    """Whether a JSON object looks like a pyhf workspace."""
    return isinstance(content, dict) and {"channels", "measurements", "observations"} <= set(content)


def read_pyhf_workspace(content: Mapping[str, Any], measurement: str | None = None) -> PyhfWorkspace:
    """Build the likelihood of a pyhf workspace.

    Parameters
    ----------
    content : dict
        normfactor, normsys (code 4), histosys (code 4p), staterror, shapesys, shapefactor and lumi.
    measurement : str, optional
        The first by default.

    Returns
    -------
    PyhfWorkspace
        The parameter of interest has the bounds of the workspace; without any it is >= 0 with no upper bound.

    Raises
    ------
    InputError
        If the content is not a workspace, or holds something this package cannot represent.
    """
    if not is_pyhf_workspace(content):
        raise InputError("not a pyhf workspace: it needs channels, measurements and observations")
    check_values(content)
    try:
        with np.errstate(all="ignore"):
            return _Reader(content, measurement).workspace()
    except (KeyError, TypeError, AttributeError, IndexError, ValueError, ArithmeticError) as error:
        if isinstance(error, InputError):
            raise
        detail = str(error).strip().splitlines()[0][:100] if str(error).strip() else ""
        raise InputError(f"not a valid pyhf workspace: {type(error).__name__} {detail}".rstrip()) from None


@dataclass
class _AuxiliaryBins:
    """Bins beyond those of the channels: one Poisson measurement of one factor each."""

    counts: list[float] = field(default_factory=list)
    samples: list[tuple[str, int, float]] = field(default_factory=list)  # shapesys, number of the factor, tau


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
                f"workspace has {start} bins and {n_parts} samples and modifiers; allowed: 1 to {MAX_BINS} bins, and "
                f"up to {MAX_CELLS} for their product"
            )
        self.auxiliary = _AuxiliaryBins()
        self.fixed: dict[str, float] = {}

    def workspace(self) -> PyhfWorkspace:
        drafts = [draft for channel in self.content["channels"] for draft in self._channel(channel)]
        model = Model(self._samples(drafts), self.poi, self._poi_bounds())
        if len(model.names) > MAX_PARAMETERS:
            raise InputError(f"workspace has {len(model.names)} parameters; allowed: up to {MAX_PARAMETERS}")
        observation = model.observation(self._counts(), self._measured(model))
        return PyhfWorkspace(Likelihood(model, observation), self.measurement, self.channels, self.n_bins)

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
        return np.concatenate([*(data[name] for name in self.channels), self.auxiliary.counts])

    def _poi_bounds(self) -> tuple[float, float]:
        low, high = self._setting(self.poi, "bounds", [[_POI_BOUNDS[0], np.inf]])[0]
        return max(0.0, float(low)), float(high)

    def _setting(self, name: str, key: str, default: Any) -> Any:
        return self.settings.get(name, {}).get(key, default)

    def _measured(self, model: Model) -> Array:
        """Auxiliary measurements: nominal, or as the measurement's settings say."""
        values = model.initial[model.constrained].copy()
        for position, k in enumerate(model.constrained):
            name, _, number = model.names[k].partition("[")
            given = self._setting(name, "auxdata", None)
            if given is not None:
                values[position] = given[self._local(int(number[:-1])) if number else 0]
        if not np.all(np.isfinite(values)):
            raise InputError(f"measurement {self.measurement!r}: auxdata must be finite numbers")
        return values

    def _local(self, position: int) -> int:
        """Position of a bin within its channel."""
        return position - max(where.start for where in self.channels.values() if where.start <= position)

    # -- samples ------------------------------------------------------------------------------------------------

    def _channel(self, channel: Mapping[str, Any]) -> Iterator[tuple[str, Array, list[Modifier]]]:
        """Yield name, contents in all bins and modifiers of each sample of a channel."""
        where = self.channels[str(channel["name"])]
        errors = self._stat_errors(channel, where)
        for sample in channel["samples"]:
            values = self._array(sample["data"], where, f"sample {sample['name']!r}")
            modifiers: list[Modifier] = []
            for item in sample["modifiers"]:
                kind, name = str(item["type"]), str(item["name"])
                if kind == "staterror":
                    if not self._setting(name, "fixed", False):
                        modifiers.append(StatError(name, errors[name]))
                    continue
                makers: dict[str, Callable[..., Modifier | None]] = {
                    "normfactor": self._norm_factor,
                    "normsys": self._norm_sys,
                    "histosys": self._histo_sys,
                    "lumi": self._lumi,
                    "shapefactor": self._shape_factor,
                    "shapesys": self._shape_sys,
                }
                if kind not in makers:
                    raise InputError(
                        f"modifier type {kind!r} is not known; allowed: {', '.join([*makers, 'staterror'])}"
                    )
                made = makers[kind](name, item.get("data"), where, values)
                if made is not None:
                    modifiers.append(made)
            held = [self.fixed[str(i["name"])] for i in sample["modifiers"] if str(i["name"]) in self.fixed]
            yield f"{channel['name']}/{sample['name']}", *_rescaled(values, modifiers, float(np.prod(held)))

    def _array(self, data: Any, where: slice, what: str) -> Array:
        given = np.asarray(data, dtype=np.float64)
        if given.shape != (where.stop - where.start,):
            raise InputError(f"{what} has {given.size} bins; its channel has {where.stop - where.start}")
        result = np.zeros(self.n_bins)
        result[where] = given
        return result

    def _stat_errors(self, channel: Mapping[str, Any], where: slice) -> dict[str, Array]:
        """Relative uncertainty per staterror: quadratic sum over its samples, relative to their sum."""
        squares: dict[str, Array] = {}
        totals: dict[str, Array] = {}
        for sample in channel["samples"]:
            for item in sample["modifiers"]:
                if item["type"] == "staterror":
                    name = str(item["name"])
                    zero = np.zeros(self.n_bins)
                    squares[name] = squares.get(name, zero) + self._array(item["data"], where, name) ** 2
                    totals[name] = totals.get(name, zero) + self._array(sample["data"], where, name)
        return {
            name: np.where(
                totals[name] > 0.0, np.sqrt(squares[name]) / np.where(totals[name] > 0.0, totals[name], 1.0), 0.0
            )
            for name in squares
        }

    def _norm_factor(self, name: str, data: Any, where: slice, values: Array) -> Modifier | None:
        initial = float(self._setting(name, "inits", [1.0])[0])
        if self._setting(name, "fixed", False):
            if name == self.poi:
                raise InputError(f"the parameter of interest {name!r} is fixed in measurement {self.measurement!r}")
            self.fixed[name] = initial
            return None
        default = [[0.0, np.inf]] if name == self.poi else [list(_POI_BOUNDS)]
        low, high = self._setting(name, "bounds", default)[0]
        return NormFactor(name, initial, (float(low), float(high)))

    def _moves(self, name: str) -> bool:
        """Whether a nuisance may move; one fixed at its nominal value has no effect."""
        if float(self._setting(name, "sigmas", [1.0])[0]) != 1.0:
            raise InputError(f"parameter {name!r}: a constraint width other than 1 is not supported")
        if not self._setting(name, "fixed", False):
            return True
        if float(self._setting(name, "inits", [0.0])[0]) != 0.0:
            raise InputError(f"parameter {name!r}: fixed at a value other than 0 is not supported")
        return False

    def _norm_sys(self, name: str, data: Any, where: slice, values: Array) -> Modifier | None:
        return NormSys(name, float(data["lo"]), float(data["hi"])) if self._moves(name) else None

    def _histo_sys(self, name: str, data: Any, where: slice, values: Array) -> Modifier | None:
        if not self._moves(name):
            return None
        low, high = (self._array(data[key], where, f"histosys {name!r}") for key in ("lo_data", "hi_data"))
        return HistoSys(name, low, high)

    def _lumi(self, name: str, data: Any, where: slice, values: Array) -> Modifier | None:
        given = self.settings.get(name, {})
        if "auxdata" not in given or "sigmas" not in given:
            raise InputError(f"lumi {name!r} needs auxdata and sigmas in measurement {self.measurement!r}")
        nominal = float(given["auxdata"][0])
        if given.get("fixed", False):
            self.fixed[name] = float(given.get("inits", [nominal])[0])
            return None
        if not 1e-9 <= float(given["sigmas"][0]) <= 1e9:
            raise InputError(f"lumi {name!r}: sigma = {given['sigmas'][0]} is not allowed; from 1e-9 to 1e9 is")
        low, high = given.get("bounds", [[0.0, 10.0]])[0]
        return NormFactor(name, nominal, (float(low), float(high)), float(given["sigmas"][0]))

    def _shape_factor(self, name: str, data: Any, where: slice, values: Array) -> Modifier | None:
        if self._setting(name, "fixed", False):
            return None
        numbers = np.full(self.n_bins, -1.0)
        numbers[where] = np.arange(where.stop - where.start)
        return BinFactor(name, numbers)

    def _shape_sys(self, name: str, data: Any, where: slice, values: Array) -> Modifier | None:
        if self._setting(name, "fixed", False):
            return None
        if self._setting(name, "auxdata", None) is not None:
            raise InputError(f"shapesys {name!r}: auxiliary data other than nominal are not supported")
        if any(known == name for known, _, _ in self.auxiliary.samples):
            raise InputError(f"shapesys {name!r} is on more than one sample; HistFactory allows one")
        errors = self._array(data, where, f"shapesys {name!r}")
        numbers = np.full(self.n_bins, -1.0)
        for i in np.flatnonzero((errors > 0.0) & (values > 0.0)):
            number, tau = int(i - where.start), float((values[i] / errors[i]) ** 2)
            if not tau <= LARGEST_NUMBER:
                raise InputError(f"shapesys {name!r}: the relative uncertainty of a bin is too small")
            numbers[i] = number
            self.auxiliary.samples.append((name, number, tau))
            self.auxiliary.counts.append(tau)
        return BinFactor(name, numbers) if np.any(numbers >= 0.0) else None

    def _samples(self, drafts: list[tuple[str, Array, list[Modifier]]]) -> list[Sample]:
        """Samples with the auxiliary bins appended, and one sample per shapesys that fills them."""
        extra = len(self.auxiliary.counts)
        if not extra:
            return [Sample(*draft) for draft in drafts]
        samples = [
            Sample(name, np.append(values, np.zeros(extra)), [_extended(m, extra) for m in modifiers])
            for name, values, modifiers in drafts
        ]
        for name in dict.fromkeys(name for name, _, _ in self.auxiliary.samples):
            contents, numbers = np.zeros(self.n_bins + extra), np.full(self.n_bins + extra, -1.0)
            for k, (owner, number, tau) in enumerate(self.auxiliary.samples):
                if owner == name:
                    contents[self.n_bins + k], numbers[self.n_bins + k] = tau, number
            samples.append(Sample(f"measurement of {name}", contents, [BinFactor(name, numbers)]))
        return samples


def _rescaled(values: Array, modifiers: list[Modifier], factor: float) -> tuple[Array, list[Modifier]]:
    """Sample times a constant factor (fixed normalisations)."""
    if factor == 1.0:
        return values, modifiers
    scaled = [
        HistoSys(m.name, np.asarray(m.low) * factor, np.asarray(m.high) * factor) if isinstance(m, HistoSys) else m
        for m in modifiers
    ]
    return values * factor, scaled


def _extended(modifier: Modifier, extra: int) -> Modifier:
    """Modifier with no effect on `extra` more bins."""
    zeros = np.zeros(extra)
    match modifier:
        case HistoSys():
            low, high = np.append(modifier.low, zeros), np.append(modifier.high, zeros)
            return HistoSys(modifier.name, low, high)
        case StatError():
            return StatError(modifier.name, np.append(modifier.relative, zeros))
        case BinFactor():
            return BinFactor(modifier.name, np.append(modifier.numbers, zeros - 1.0))
        case _:
            return modifier

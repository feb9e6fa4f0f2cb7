"""Modifiers of a pyhf workspace in the terms of this package."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucore.errors import InputError
from nucore.export.exponentials import scaled
from nucore.export.pyhf_settings import ParameterSet
from nucore.stats.interpolation import code4_coefficients, code4_log, code4p_weights
from nucore.stats.modifiers import BinFactor, HistoSys, Modifier, NormFactor, NormSys, Sample, StatError
from nucore.text import LARGEST_NUMBER

Array = NDArray[np.float64]
#: Places contents of the channel at hand in the bins of all channels.
InAllBins = Callable[[Any, str], Array]


class SampleMaker:
    """Makes the samples of a workspace.

    Parameters
    ----------
    parameters : mapping
        Of the workspace, by name.
    numbers : mapping, name -> float64[n_bins]
        Number of the parameter of each bin, of the modifiers with one a bin; negative where they have none.
    relative : mapping, name -> float64[n_bins]
        Relative uncertainties of the staterrors.

    Attributes
    ----------
    auxiliary_counts : list of float
        Contents of the bins beyond those of the channels: one Poisson measurement of one factor each.
    auxiliary_samples : list of (str, int, float)
        Their shapesys, number of the factor, and expected count tau.
    without_content : list of str
        Modifiers with uncertainties of bins without content.
    """

    def __init__(
        self, parameters: Mapping[str, ParameterSet], numbers: Mapping[str, Array], relative: Mapping[str, Array]
    ) -> None:
        self.parameters, self.numbers, self.relative = parameters, numbers, relative
        self.auxiliary_counts: list[float] = []
        self.auxiliary_samples: list[tuple[str, int, float]] = []
        self.without_content: list[str] = []

    def make(self, name: str, content: Mapping[str, Any], in_all_bins: InAllBins) -> Sample:
        """Make a sample: fixed parameters change its contents, the others are its modifiers."""
        values = in_all_bins(content["data"], f"sample {name!r}")
        shift, factor = np.zeros_like(values), np.ones_like(values)
        modifiers: list[Modifier] = []
        for item in content["modifiers"]:
            kind, label = str(item["type"]), str(item["name"])
            found, what = self.parameters[label], f"{kind} {label!r}"
            match kind:
                case "normfactor" | "lumi":
                    if found.fixed[0]:
                        factor = factor * found.inits[0]
                    else:
                        modifiers.append(_norm_factor(found))
                case "normsys":
                    norm = NormSys(label, float(item["data"]["lo"]), float(item["data"]["hi"]))
                    if found.fixed[0]:
                        factor = factor * _norm_at(norm, found.inits[0])
                    else:
                        modifiers.append(norm)
                case "histosys":
                    low, high = (in_all_bins(item["data"][key], what) for key in ("lo_data", "hi_data"))
                    if found.fixed[0]:
                        shift = shift + _morphing_at(values, low, high, found.inits[0])
                    else:
                        modifiers.append(HistoSys(label, low, high))
                case _:
                    errors = in_all_bins(item["data"], what) if kind == "shapesys" else None
                    free, held = self._per_bin(found, values, errors)
                    factor = factor * held
                    modifiers += [] if free is None else [free]
        return Sample(name, (values + shift) * factor, [scaled(_shifted(m, shift), factor) for m in modifiers])

    def _per_bin(self, found: ParameterSet, values: Array, errors: Array | None) -> tuple[Modifier | None, Array]:
        """Return the modifier of the free factors, None without, and the values of the fixed ones in all bins."""
        numbers = self.numbers[found.name]
        if found.kind == "staterror":
            carried = (numbers >= 0) & (self.relative[found.name] > 0.0)
        elif errors is None:
            carried = numbers >= 0
        else:
            carried = (numbers >= 0) & (errors > 0.0) & (values != 0.0)
            if np.any((errors > 0.0) & (values == 0.0)):
                self.without_content.append(f"shapesys {found.name}")
        position = np.maximum(numbers, 0).astype(np.intp)
        free = carried & ~found.fixed[position]
        held = np.where((numbers >= 0) & ~free, found.inits[position], 1.0)
        if not free.any():
            return None, held
        if found.kind == "staterror":
            relative = self.relative[found.name] if found.sigmas is None else found.sigmas[position]
            return StatError(found.name, np.where(free, relative, 0.0), numbers), held
        if errors is not None:
            self._measure(found, np.flatnonzero(free), values, errors)
        return BinFactor(found.name, np.where(free, numbers, -1.0)), held

    def _measure(self, found: ParameterSet, bins: NDArray[np.intp], values: Array, errors: Array) -> None:
        """Add the auxiliary Poisson measurements of a shapesys."""
        for i in bins:
            k = int(self.numbers[found.name][i])
            tau = float((values[i] / errors[i]) ** 2) if found.factors is None else float(found.factors[k])
            if not tau <= LARGEST_NUMBER:
                raise InputError(f"shapesys {found.name!r}: the relative uncertainty of a bin is too small")
            count = tau if found.auxdata is None else float(found.auxdata[k])
            if count < 0.0:
                raise InputError(f"shapesys {found.name!r}: auxdata are counts, but the measurement has negative ones")
            self.auxiliary_samples.append((found.name, k, tau))
            self.auxiliary_counts.append(count)


def _shifted(modifier: Modifier, shift: Array) -> Modifier:
    """Shift a modifier with the contents of its sample."""
    if not isinstance(modifier, HistoSys):
        return modifier
    return HistoSys(modifier.name, np.asarray(modifier.low) + shift, np.asarray(modifier.high) + shift)


def _norm_factor(found: ParameterSet) -> NormFactor:
    width = None if found.kind == "normfactor" or found.sigmas is None else float(found.sigmas[0])
    nominal = found.inits[0] if found.auxdata is None else found.auxdata[0]
    return NormFactor(found.name, float(nominal), (float(found.bounds[0, 0]), float(found.bounds[0, 1])), width)


def _norm_at(norm: NormSys, alpha: float) -> float:
    """Factor of a normsys at a value of its parameter (code 4)."""
    low, high = np.array([[norm.low]]), np.array([[norm.high]])
    logarithm = code4_log(np.array([alpha]), code4_coefficients(low, high), np.log(low), np.log(high))[0]
    return float(np.exp(logarithm[0, 0]))


def _morphing_at(values: Array, low: Array, high: Array, alpha: float) -> Array:
    """Change of contents by a histosys at a value of its parameter (code 4p)."""
    even = float(code4p_weights(np.array([alpha]))[0][0])
    return np.asarray(alpha * (high - low) / 2.0 + even * (high + low - 2.0 * values) / 2.0)


def extended(modifier: Modifier, extra: int) -> Modifier:
    """Extend a modifier by `extra` bins on which it has no effect."""
    zeros = np.zeros(extra)
    match modifier:
        case HistoSys():
            low, high = np.append(modifier.low, zeros), np.append(modifier.high, zeros)
            return HistoSys(modifier.name, low, high)
        case StatError():
            assert modifier.numbers is not None  # of a workspace
            return StatError(modifier.name, np.append(modifier.relative, zeros), np.append(modifier.numbers, zeros - 1))
        case BinFactor():
            return BinFactor(modifier.name, np.append(modifier.numbers, zeros - 1.0))
        case _:
            return modifier

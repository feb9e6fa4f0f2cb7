"""Modifiers of a pyhf workspace in the terms of this package."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucore.errors import InputError
from nucore.stats.modifiers import BinFactor, HistoSys, Modifier, NormFactor, NormSys, StatError
from nucore.text import LARGEST_NUMBER

Array = NDArray[np.float64]

_KINDS = "normfactor, lumi, normsys, histosys, staterror, shapefactor, shapesys"
_POI_BOUNDS = (0.0, 10.0)  # pyhf's own for every normfactor


class Modifiers:
    """Makes the modifiers of samples, with the settings of a measurement.

    Attributes
    ----------
    fixed : dict
        Values of the factors that the measurement fixes.
    auxiliary_counts : list of float
        Contents of the bins beyond those of the channels: one Poisson measurement of one factor each.
    auxiliary_samples : list of (str, int, float)
        Their shapesys, number of the factor, and expected count tau.
    """

    def __init__(self, settings: Mapping[str, Mapping[str, Any]], poi: str, n_bins: int) -> None:
        self.settings, self.poi, self.n_bins = settings, poi, n_bins
        self.fixed: dict[str, float] = {}
        self.auxiliary_counts: list[float] = []
        self.auxiliary_samples: list[tuple[str, int, float]] = []

    def make(self, kind: str, name: str, data: Any, where: slice, values: Array) -> Modifier | None:
        """Make the modifier of a sample with contents `values` in the bins `where`; None if it has no effect.

        `data` are those of the workspace, for a staterror the relative uncertainties in all bins.
        """
        if kind in ("staterror", "shapefactor", "shapesys") and self.setting(name, "fixed", False):
            return None
        match kind:
            case "normfactor":
                return self._norm_factor(name)
            case "lumi":
                return self._lumi(name)
            case "normsys":
                return NormSys(name, float(data["lo"]), float(data["hi"])) if self._moves(name) else None
            case "histosys":
                if not self._moves(name):
                    return None
                low, high = (self.in_all_bins(data[key], where, f"histosys {name!r}") for key in ("lo_data", "hi_data"))
                return HistoSys(name, low, high)
            case "staterror":
                return StatError(name, data)
            case "shapefactor":
                numbers = np.full(self.n_bins, -1.0)
                numbers[where] = np.arange(where.stop - where.start)
                return BinFactor(name, numbers)
            case "shapesys":
                return self._shape_sys(name, data, where, values)
        raise InputError(f"unknown modifier type {kind!r}: expected one of {_KINDS}")

    def setting(self, name: str, key: str, default: Any) -> Any:
        """Return a setting of a parameter."""
        return self.settings.get(name, {}).get(key, default)

    def in_all_bins(self, data: Any, where: slice, what: str) -> Array:
        """Return contents of a channel in the bins of all channels."""
        given = np.asarray(data, dtype=np.float64)
        if given.shape != (where.stop - where.start,):
            raise InputError(f"{what} has {given.size} bins; its channel has {where.stop - where.start}")
        result = np.zeros(self.n_bins)
        result[where] = given
        return result

    def _norm_factor(self, name: str) -> Modifier | None:
        initial = float(self.setting(name, "inits", [1.0])[0])
        if self.setting(name, "fixed", False):
            if name == self.poi:
                raise InputError(f"the parameter of interest {name!r} is fixed in the measurement")
            self.fixed[name] = initial
            return None
        default = [[0.0, np.inf]] if name == self.poi else [list(_POI_BOUNDS)]
        low, high = self.setting(name, "bounds", default)[0]
        return NormFactor(name, initial, (float(low), float(high)))

    def _moves(self, name: str) -> bool:
        """Whether a nuisance may move; one fixed at its nominal value has no effect."""
        if float(self.setting(name, "sigmas", [1.0])[0]) != 1.0:
            raise InputError(f"parameter {name!r}: a constraint width other than 1 is not supported")
        if not self.setting(name, "fixed", False):
            return True
        if float(self.setting(name, "inits", [0.0])[0]) != 0.0:
            raise InputError(f"parameter {name!r}: fixed at a value other than 0 is not supported")
        return False

    def _lumi(self, name: str) -> Modifier | None:
        given = self.settings.get(name, {})
        if "auxdata" not in given or "sigmas" not in given:
            raise InputError(f"lumi {name!r} needs auxdata and sigmas in the measurement")
        nominal = float(given["auxdata"][0])
        if given.get("fixed", False):
            self.fixed[name] = float(given.get("inits", [nominal])[0])
            return None
        if not 1e-9 <= float(given["sigmas"][0]) <= 1e9:
            raise InputError(f"lumi {name!r}: sigma must be from 1e-9 to 1e9, got {given['sigmas'][0]}")
        low, high = given.get("bounds", [[0.0, 10.0]])[0]
        return NormFactor(name, nominal, (float(low), float(high)), float(given["sigmas"][0]))

    def _shape_sys(self, name: str, data: Any, where: slice, values: Array) -> Modifier | None:
        if self.setting(name, "auxdata", None) is not None:
            raise InputError(f"shapesys {name!r}: auxiliary data other than nominal are not supported")
        if any(known == name for known, _, _ in self.auxiliary_samples):
            raise InputError(f"shapesys {name!r} is on more than one sample; HistFactory allows one")
        errors = self.in_all_bins(data, where, f"shapesys {name!r}")
        numbers = np.full(self.n_bins, -1.0)
        for i in np.flatnonzero((errors > 0.0) & (values > 0.0)):
            number, tau = int(i - where.start), float((values[i] / errors[i]) ** 2)
            if not tau <= LARGEST_NUMBER:
                raise InputError(f"shapesys {name!r}: the relative uncertainty of a bin is too small")
            numbers[i] = number
            self.auxiliary_samples.append((name, number, tau))
            self.auxiliary_counts.append(tau)
        return BinFactor(name, numbers) if np.any(numbers >= 0.0) else None


def extended(modifier: Modifier, extra: int) -> Modifier:
    """Extend a modifier by `extra` bins on which it has no effect."""
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

"""Bins and parameters of a pyhf workspace: where its channels lie and which parameter acts in which bin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucore.errors import InputError
from nucore.export.pyhf_settings import DEFAULTS, PER_BIN

Array = NDArray[np.float64]

#: Of a workspace: bins of all channels, and bins times modifiers; a fit of more takes hours.
MAX_BINS, MAX_CELLS = 10_000, 5_000_000


@dataclass(eq=False)
class Layout:
    """Channels of a workspace, one after the other in the order of the file.

    Attributes
    ----------
    channels : dict, name -> slice
    n_bins : int
    kinds : dict, name -> str
        Type of the modifiers of each parameter; ``histosys`` where some are normsys.
    numbers : dict, name -> float64[n_bins]
        Of the modifiers with one parameter a bin: its number, as of pyhf; -1 where they do not act.
    relative : dict, name -> float64[n_bins]
        Relative uncertainty of each staterror: the quadratic sum over its samples, relative to their sum.
    without_content : list of str
        Staterrors with uncertainties of bins without content.
    """

    channels: dict[str, slice] = field(default_factory=dict)
    n_bins: int = 0
    kinds: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, Array] = field(default_factory=dict)
    relative: dict[str, Array] = field(default_factory=dict)
    without_content: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Layout:
        """Lay out a workspace.

        Raises
        ------
        InputError
            For names that are there twice, modifiers that cannot be, or a workspace too large.
        """
        result, n_parts = cls(), 0
        for channel in content["channels"]:
            name, n = str(channel["name"]), len(channel["samples"][0]["data"])
            if name in result.channels:
                raise InputError(f"channel {name!r} is there twice; expected names of their own")
            result.channels[name] = slice(result.n_bins, result.n_bins + n)
            result.n_bins += n
            n_parts += sum(1 + len(sample["modifiers"]) for sample in channel["samples"])
        if not 0 < result.n_bins <= MAX_BINS or result.n_bins * n_parts > MAX_CELLS:
            raise InputError(
                f"workspace has {result.n_bins} bins and {n_parts} samples and modifiers: expected 1 to {MAX_BINS} "
                f"bins, and up to {MAX_CELLS} for their product"
            )
        for channel in sorted(content["channels"], key=lambda c: str(c["name"])):  # as pyhf numbers its staterrors
            result._add_modifiers(channel)
        result._add_stat_errors(content)
        return result

    def size(self, name: str) -> int:
        """Number of parameters of a name."""
        return int(self.numbers[name].max()) + 1 if name in self.numbers else 1

    def in_all_bins(self, channel: str, data: Any, what: str) -> Array:
        """Return contents of a channel in the bins of all channels."""
        where, given = self.channels[channel], np.asarray(data, dtype=np.float64)
        if given.shape != (where.stop - where.start,):
            raise InputError(f"{what} has {given.size} bins; its channel has {where.stop - where.start}")
        result = np.zeros(self.n_bins)
        result[where] = given
        return result

    def _add_modifiers(self, channel: Mapping[str, Any]) -> None:
        """Register the modifiers of a channel."""
        names = [str(sample["name"]) for sample in channel["samples"]]
        if len(set(names)) < len(names):
            raise InputError(f"channel {channel['name']!r} has samples of one name: {', '.join(names)}")
        here: set[str] = set()
        for sample in channel["samples"]:
            found = [(str(item["type"]), str(item["name"])) for item in sample["modifiers"]]
            for kind, name in found:
                where = f"sample {sample['name']!r} of channel {channel['name']!r}"
                if kind not in DEFAULTS:
                    raise InputError(f"{where}: unknown modifier type {kind!r}; expected one of {', '.join(DEFAULTS)}")
                if found.count((kind, name)) > 1:
                    raise InputError(f"{where} has {kind} {name!r} twice; expected once")
                if kind == "shapesys" and name in self.kinds:
                    raise InputError(f"shapesys {name!r} is on more than one sample; HistFactory allows one")
                self._add_kind(name, kind)
                if kind in PER_BIN and name not in here:
                    self._add_numbers(name, kind, self.channels[str(channel["name"])])
                here.add(name)

    def _add_kind(self, name: str, kind: str) -> None:
        known = self.kinds.setdefault(name, kind)
        if known != kind:
            if {known, kind} != {"normsys", "histosys"}:
                raise InputError(f"modifiers {name!r} are of types {known} and {kind}; expected names of their own")
            self.kinds[name] = "histosys"

    def _add_numbers(self, name: str, kind: str, where: slice) -> None:
        numbers = self.numbers.setdefault(name, np.full(self.n_bins, -1.0))
        first = int(numbers.max()) + 1 if kind == "staterror" else 0
        numbers[where] = first + np.arange(where.stop - where.start)

    def _carriers(self, content: Mapping[str, Any]) -> Iterator[tuple[str, Array, Array]]:
        """Yield name, uncertainties and contents in all bins of each staterror and sample."""
        for channel in content["channels"]:
            for sample in channel["samples"]:
                for item in sample["modifiers"]:
                    if item["type"] == "staterror":
                        name, where = str(item["name"]), str(channel["name"])
                        errors = self.in_all_bins(where, item["data"], f"staterror {name!r}")
                        yield name, errors, self.in_all_bins(where, sample["data"], f"sample {sample['name']!r}")

    def _add_stat_errors(self, content: Mapping[str, Any]) -> None:
        squares: dict[str, Array] = {}
        totals: dict[str, Array] = {}
        for name, errors, values in self._carriers(content):
            squares[name] = squares.get(name, np.zeros(self.n_bins)) + errors**2
            totals[name] = totals.get(name, np.zeros(self.n_bins)) + values
        for name, square in squares.items():
            total = np.abs(totals[name])
            self.relative[name] = np.divide(np.sqrt(square), total, out=np.zeros_like(total), where=total > 0.0)
            if np.any((square > 0.0) & (total == 0.0)):
                self.without_content.append(f"staterror {name}")

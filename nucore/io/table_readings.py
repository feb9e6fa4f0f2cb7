"""One column of a table over its bins: values, errors and axes."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucore.errors import InputError
from nucore.histograms import Axis
from nucore.io.metadata import checked_metadata
from nucore.io.spectrum_file import MAX_AXES, Array, Bins, SpectrumFile, checked_spectrum
from nucore.io.table_numbers import is_missing, number_of, size_of
from nucore.text import check_name

#: Label of the statistical error; the default of an error without one.
STATISTICAL = "stat"
#: Metadata with the labels of errors that are not in the variances, and with what a user should know.
OTHER_ERRORS, NOTES = "other_errors", "notes"
_STATISTICAL = re.compile(r"stat(istical|istics|s)?\.?([ _.,]*(error|err|unc|uncertainty)s?\.?)?", re.IGNORECASE)
#: Centres of bins of equal width differ from equal steps by less than this share.
_EQUAL = 1e-6

Sides = tuple[list[Any], list[Any]]


def is_statistical(label: str) -> bool:
    """Whether a label of errors is one of the statistical error: ``stat``, ``Stat.``, ``statistical``, ..."""
    return _STATISTICAL.fullmatch(label.strip()) is not None


@dataclass(frozen=True, eq=False)
class Variable:
    """An independent variable, as the file has it: ends or centres of the bins, None where it states none.

    Attributes
    ----------
    name, unit : str
    low, high, centre : sequence
    """

    name: str
    unit: str
    low: Sequence[Any]
    high: Sequence[Any]
    centre: Sequence[Any]

    @property
    def label(self) -> str:
        """Name and unit."""
        return f"{self.name} [{self.unit}]" if self.unit and self.name else self.name

    def is_constant(self) -> bool:
        """Whether it is the same in all rows."""
        return len(set(zip(self.low, self.high, self.centre, strict=True))) == 1

    def ends(self, places: Sequence[str], notes: list[str]) -> tuple[list[float], list[float]]:
        """Return the ends of the bins; bins that are given by centres get their width from equal steps."""
        has_ends = [low is not None and high is not None for low, high in zip(self.low, self.high, strict=True)]
        if all(has_ends):
            return self._numbers(self.low, places), self._numbers(self.high, places)
        file = places[0].rpartition(", ")[0]
        if any(has_ends):
            raise InputError(f"{places[has_ends.index(False)]}: no low and high of {self.name!r}; expected both")
        centres = np.array(self._numbers(self.centre, places))
        steps = np.unique(centres)
        width = (steps[-1] - steps[0]) / max(steps.size - 1, 1)
        if steps.size < 2 or np.any(np.abs(np.diff(steps) - width) > _EQUAL * width):
            raise InputError(
                f"{file}: bins are given by centres alone, and not in equal steps; expected low and high of each bin"
            )
        edges = steps[0] + width * (np.arange(steps.size + 1) - 0.5)
        notes.append(f"bins of width {width:g} around the centres{self.label and ' of '}{self.label} in the file")
        bins = np.searchsorted(steps, centres)
        return edges[bins].tolist(), edges[bins + 1].tolist()

    def _numbers(self, given: Sequence[Any], places: Sequence[str]) -> list[float]:
        found, name = [], repr(self.name) if self.name else "the bins"
        for cell, place in zip(given, places, strict=True):
            if str(cell).strip("+-. ").casefold() in ("inf", "infinity"):
                raise InputError(f"{place}: {name} without end; expected finite bins, no underflow or overflow")
            try:
                value = number_of(cell, place)
            except InputError as error:
                raise InputError(f"{error} of {name}; expected bins, low and high of each") from None
            if math.isnan(value):
                raise InputError(f"{place}: no number of {name}; expected bins, low and high of each")
            found.append(value)
        return found


@dataclass(frozen=True, eq=False)
class Readings:
    """A column over its bins, with cells as the file has them.

    Attributes
    ----------
    file : Path
    name : str
    stated_unit : str
        See `SpectrumFile`.
    variables : tuple of Variable
    places : sequence of str
        What errors call the rows; before the last comma the file.
    values : sequence
    errors : dict
        Sizes above and below the values by label; an empty label is that of errors without one.
    variances : sequence or None
    metadata : dict
    notes : tuple of str
    """

    file: Path
    name: str
    stated_unit: str
    variables: tuple[Variable, ...]
    places: Sequence[str]
    values: Sequence[Any]
    errors: dict[str, Sides] = field(default_factory=dict)
    variances: Sequence[Any] | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def spectrum(self) -> SpectrumFile:
        """Return values with their variances: as stated, or the squares of statistical errors, or else their size."""
        notes = list(self.notes)
        axes, order, _ = self._axes(notes)
        values = self._values()
        for cell, value, place in zip(self.values, values, self.places, strict=True):
            if math.isnan(value):
                raise InputError(f"{place}: {str(cell or '').strip()!r} is not a finite number; expected a value")
        stated_, others = self._variances(values, notes)
        metadata = self._metadata(notes, others)
        squares = np.where(np.isnan(stated_), np.abs(values), stated_)
        found = checked_spectrum(self.name, axes, values[order], squares[order], self.file)
        return SpectrumFile(found, metadata, not np.isnan(stated_).any(), stated_unit=self.stated_unit)

    def bins(self) -> Bins:
        """Return the values in bins of one axis, nan where one is missing."""
        return self._bins(self._values())

    def sizes(self) -> dict[str, Array]:
        """Return the sizes of the errors by label, as `nucore.io.readers.read_errors` does."""
        values = self._values()
        errors = {shown: self._size(label, values, []) for label, shown in self._labels().items()}
        for label, sizes in errors.items():
            for k in np.flatnonzero(np.isnan(sizes) & ~np.isnan(values)):
                raise InputError(f"{self.places[int(k)]}: no error {label!r}; expected one, as other bins have")
        return errors

    def error(self, label: str) -> Bins:
        """Return the errors of one label in the bins; any name of the statistical error is one of that."""
        errors = self.sizes()
        found = [key for key in errors if key == label or (is_statistical(key) and is_statistical(label))]
        if label not in errors and len(found) != 1:
            raise InputError(f"data {self.file}: no error {label!r}; expected one of {', '.join(errors) or 'none'}")
        return self._bins(errors[label if label in errors else found[0]])

    def _bins(self, values: Array) -> Bins:
        axes, _, edges = self._axes([])
        if edges is None:
            raise InputError(f"data {self.file}: {len(axes)} axes; expected bins of one")
        return Bins(check_name(self.name), edges, values, tuple(self.places))

    def _values(self) -> Array:
        return np.array([number_of(cell, place) for cell, place in zip(self.values, self.places, strict=True)])

    def _axes(self, notes: list[str]) -> tuple[list[Axis], NDArray[np.int64], Array | None]:
        """Return the axes, the rows in the order of their bins, and the edges if there is one axis."""
        kept = [v for v in self.variables if not v.is_constant()] or list(self.variables[:1])
        for dropped in self.variables:
            if dropped not in kept:
                notes.append(f"{dropped.label} is the same in all rows and no axis")
        ends = [variable.ends(self.places, notes) for variable in kept]
        if len(kept) == 1:
            edges = Bins.of_rows(self.name, *ends[0], self._values().tolist(), self.places).edges
            axis = Axis(self.name, tuple(edges.tolist()), kept[0].label)
            return [axis], np.arange(len(self.places)), edges
        return self._grid(kept, ends)

    def _grid(
        self, kept: Sequence[Variable], ends: Sequence[tuple[list[float], list[float]]]
    ) -> tuple[list[Axis], NDArray[np.int64], None]:
        bins = [sorted(set(zip(low, high, strict=True))) for low, high in ends]
        n_cells = math.prod(map(len, bins))
        rows = list(zip(*(zip(low, high, strict=True) for low, high in ends), strict=True))
        if len({variable.name for variable in kept}) != len(kept):
            raise InputError(f"data {self.file}: two independent variables of one name; expected different ones")
        if len(kept) > MAX_AXES or n_cells != len(rows) or len(set(rows)) != n_cells:
            names = ", ".join(repr(variable.name) for variable in kept)
            raise InputError(
                f"data {self.file}: {len(rows)} rows over {names} do not fill a grid of "
                f"{' x '.join(str(len(axis)) for axis in bins)} bins; expected one axis, or a grid of up to {MAX_AXES}"
            )
        axes = []
        for variable, axis in zip(kept, bins, strict=True):
            low, high = zip(*axis, strict=True)
            where = [f"data {self.file}, axis {variable.name!r}, bin"] * len(axis)
            edges = Bins.of_rows(variable.name, low, high, [0.0] * len(axis), where).edges
            axes.append(Axis(variable.name, tuple(edges.tolist()), variable.label))
        index = [{ends: k for k, ends in enumerate(axis)} for axis in bins]
        cells = [[number[ends] for number, ends in zip(index, row, strict=True)] for row in rows]
        flat = np.ravel_multi_index(np.array(cells).T, [len(axis) for axis in bins])
        return axes, np.argsort(flat), None

    def _labels(self) -> dict[str, str]:
        """Return the labels of the errors by those of the file; an error without one is the statistical one."""
        unnamed = "error" if any(map(is_statistical, self.errors)) else STATISTICAL
        return {label: label or unnamed for label in self.errors}

    def _size(self, label: str, values: Array, notes: list[str]) -> Array:
        """Return the sizes of the errors of a label, nan where none is stated."""
        rows = zip(*self.errors[label], values.tolist(), self.places, strict=True)
        sizes = np.array([[size_of(side, value, place) for side in sides] for *sides, value, place in rows])
        one_sided = np.isnan(sizes).sum(axis=1) == 1
        if one_sided.any():
            notes.append(f"errors {self._labels()[label]!r} stated on one side only are taken as symmetric")
        return np.where(one_sided, np.nansum(sizes, axis=1), sizes.mean(axis=1))

    def _variances(self, values: Array, notes: list[str]) -> tuple[Array, list[str]]:
        """Return the variances, nan where none is stated, and the labels of errors that are not in them."""
        labels = self._labels()
        statistical = [label for label, shown in labels.items() if is_statistical(shown)]
        others = sorted(shown for label, shown in labels.items() if label not in statistical)
        if self.variances is not None:
            rows = zip(self.variances, self.places, strict=True)
            return np.array([number_of(cell, place) for cell, place in rows]), [*others, *statistical]
        if len(statistical) != 1:
            if statistical:
                notes.append(f"several statistical errors ({', '.join(statistical)}): none of them is used")
            return np.full(values.size, math.nan), [*others, *statistical]
        if not statistical[0]:
            notes.append("errors without a label are taken as statistical")
        squares = self._size(statistical[0], values, notes) ** 2
        squares[np.isnan(squares) & (values == 0.0)] = 0.0
        if np.isnan(squares).any():
            first = self.places[int(np.flatnonzero(np.isnan(squares))[0])].rpartition(", ")[2]
            notes.append(f"statistical errors are not used: {first} states none")
        return squares, others

    def _metadata(self, notes: list[str], others: list[str]) -> dict[str, Any]:
        try:
            metadata = checked_metadata(self.metadata)
        except ValueError as error:
            raise InputError(f"data {self.file}: {error}") from None
        found: dict[str, Any] = {OTHER_ERRORS: others, NOTES: notes}
        return metadata | {key: said for key, said in found.items() if said}


def scalars(values: Sequence[Any]) -> list[Any]:
    """Return cells of an untrusted table; `ValueError` where one is a collection."""
    for value in values:
        if not isinstance(value, str | int | float | None):
            raise ValueError("a list or mapping where a number is expected")
    return list(values)


def stated(cell: Any) -> Any:
    """Return a cell, or None if it states no number."""
    return None if is_missing(cell) else cell

"""Histograms in the form of the UHI schema: what a JSON file holds, and what objects in Python say of themselves."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nucore.errors import InputError
from nucore.histograms import Axis
from nucore.io.metadata import checked_metadata
from nucore.io.spectrum_file import MAX_BINS, Array, SpectrumFile, checked_spectrum
from nucore.text import LARGEST_NUMBER, check_name, one_line

#: Axes of a histogram with its categories, slices along the latter, and bins of all of them with those of the flow.
_MAX_AXES, _MAX_SLICES, _MAX_CELLS = 8, 1000, 20 * MAX_BINS
_PROFILES = ("mean", "weighted_mean")
_COUNTS = ("int", "double", "weighted")
_DAMAGE = (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError, RecursionError)


@dataclass(frozen=True)
class _Axis:
    """An axis with the bins outside of it; one of categories has no edges."""

    name: str
    axis: Axis | None
    categories: tuple[str, ...]
    underflow: bool
    overflow: bool

    @property
    def n_cells(self) -> int:
        return (len(self.categories) if self.axis is None else self.axis.n_bins) + self.underflow + self.overflow


def spectrum_of_uhi(item: Mapping[str, Any], name: str | None, where: str) -> SpectrumFile:
    """Make a spectrum of a histogram in the form of the UHI schema.

    Parameters
    ----------
    item : mapping
        As ``histogram._to_uhi_()`` returns it.
    name : str, optional
        By default that of the histogram, else that of its only axis, else ``data``.
    where : str
        What errors call it.

    Raises
    ------
    InputError
        If it has categories or means, or holds numbers that are not finite.
    """
    check_kind(item, where)
    slices = slices_of(item, where)
    if len(slices) > 1:
        axis = category_axes(item)[0]
        raise InputError(f"data {where} has a category axis, {axis}; expected one category of it, h[{{{axis!r}: ...}}]")
    names = [axis.name for axis in _axes(item) if axis.axis is not None]
    found = name or title_of(item) or (names[0] if len(names) == 1 and names[0] != "axis0" else "data")
    return spectrum_of_slice(item, found, next(iter(slices.values())), where, None)


def category_axes(item: Mapping[str, Any]) -> list[str]:
    """Return the names of the axes of categories."""
    return [axis.name for axis in _axes(item) if axis.axis is None]


def title_of(item: Any) -> str | None:
    """Return the name in the metadata of a histogram, if it has one."""
    about = item.get("metadata") if isinstance(item, Mapping) else None
    name = about.get("name") if isinstance(about, Mapping) else None
    return name if isinstance(name, str) and name else None


def check_kind(item: Mapping[str, Any], where: str) -> None:
    """Refuse histograms, valid ones of UHI, that are no counts in bins."""
    storage, writer = item.get("storage"), item.get("writer_info")
    kind = storage.get("type") if isinstance(storage, Mapping) else None
    is_empty = isinstance(storage, Mapping) and storage.keys() == {"type"}
    if kind in _PROFILES:
        raise InputError(
            f"data {where} has {kind} storage, as a profile: means in each bin, no counts of events; expected a "
            f"histogram of counts"
        )
    if is_empty:
        raise InputError(f"data {where} is a description alone, without contents; expected a filled histogram")
    if item.get("axes") == []:
        raise InputError(f"data {where} has no axes, it is a single number; expected counts in bins")
    if isinstance(writer, Mapping) and "ROOT" in writer:  # its axes are all called regular
        raise InputError(
            f"data {where} was written by ROOT, which leaves out the edges of its bins; expected the ROOT file itself"
        )


def slices_of(item: Mapping[str, Any], where: str) -> dict[str, tuple[int | slice, ...]]:
    """Return the cells of each category by its name, ``/CATEGORY/...``; one of no name where there are none."""
    try:
        axes = _axes(item)
    except _DAMAGE as error:
        raise InputError(f"data {where} is not a UHI histogram: {_why(error)}") from None
    labels = [axis.categories if axis.axis is None else ("",) for axis in axes]
    if math.prod(map(len, labels)) > _MAX_SLICES:
        raise InputError(f"data {where}: more than {_MAX_SLICES} combinations of categories; expected a slice of it")
    found = {}
    for cells in itertools.product(*(range(len(one)) for one in labels)):
        chosen = [
            (k if axis.axis is None else slice(None), axis.categories) for k, axis in zip(cells, axes, strict=True)
        ]
        name = "".join(f"/{check_name(names[k])}" for k, names in chosen if isinstance(k, int))
        found[name] = tuple(k for k, _ in chosen)
    if not found:
        raise InputError(f"data {where}: an axis of no categories; expected contents")
    return found


def _axes(item: Mapping[str, Any]) -> list[_Axis]:
    axes = item["axes"]
    if not 1 <= len(axes) <= _MAX_AXES:
        raise ValueError(f"{len(axes)} axes; expected 1 to {_MAX_AXES}")
    return [_axis(number, axis) for number, axis in enumerate(axes)]


def _axis(number: int, axis: Mapping[str, Any]) -> _Axis:
    about = axis.get("metadata") or {}
    name, label = str(about.get("name") or f"axis{number}"), str(about.get("label") or about.get("metadata") or "")
    label = "" if label == f"Axis {number}" else label  # hist calls axes so that have no label
    kind = axis.get("type") or ("variable" if "edges" in axis else "regular")
    if kind == "boolean":
        return _Axis(name, None, ("False", "True"), False, False)
    if kind in ("category_str", "category_int"):
        return _Axis(name, None, tuple(map(str, axis["categories"])), False, bool(axis.get("flow")))
    if kind == "variable":
        edges = [float(edge) for edge in axis["edges"]]
    elif kind == "regular":
        bins, low, high = int(axis["bins"]), float(axis["lower"]), float(axis["upper"])
        if not (1 <= bins <= MAX_BINS and abs(low) <= LARGEST_NUMBER and abs(high) <= LARGEST_NUMBER):
            raise ValueError(f"{bins} bins from {low:g} to {high:g}")
        edges = np.linspace(low, high, bins + 1).tolist()
    else:
        raise ValueError(f"an axis of the unknown type {kind!r}")
    return _Axis(name, Axis(name, tuple(edges), label), (), bool(axis.get("underflow")), bool(axis.get("overflow")))


def spectrum_of_slice(
    item: Mapping[str, Any], name: str, cells: tuple[int | slice, ...], where: str | Path, own: Any
) -> SpectrumFile:
    """Make a spectrum of a slice; `own` are the metadata of a file of ours."""
    try:
        if item.get("uhi_schema", 1) != 1:
            raise ValueError(f"uhi_schema {item['uhi_schema']!r:.20}; expected 1")
        storage, axes = item["storage"], _axes(item)
        values = _contents(storage, "values", axes, cells)
        stated = "variances" in storage or storage.get("type") == "weighted"
        variances = _contents(storage, "variances", axes, cells) if stated else values
        left = [axis for axis in axes if axis.axis is not None]
        inner = tuple(slice(int(a.underflow), a.n_cells - int(a.overflow)) for a in left)
        about = item.get("metadata") or {}
        unit = check_name(str(about.get("unit") or about.get("units") or about.get("label") or ""))
        metadata = checked_metadata(own or _exposure(about)) | _outside(values, left)
    except InputError:
        raise
    except _DAMAGE as error:
        raise InputError(f"data {where} is not a UHI histogram: {_why(error)}") from None
    found = [axis.axis for axis in left if axis.axis is not None]
    squares = variances[inner] if stated else np.abs(values[inner])
    return SpectrumFile(
        checked_spectrum(name, found, values[inner], squares, Path(where)), metadata, stated, stated_unit=unit
    )


def _contents(storage: Mapping[str, Any], key: str, axes: list[_Axis], cells: tuple[int | slice, ...]) -> Array:
    """Return values or variances of a slice, with the bins outside; of a sparse storage 0 where it holds nothing."""
    kind, given = storage.get("type", "double"), storage.get(key)
    if kind not in _COUNTS:
        raise ValueError(f"a storage of the unknown type {kind!r}")
    if given is None:
        raise ValueError(f"its {kind} storage has no {key}")
    if isinstance(given, str):
        raise ValueError(f"its {key} are in another file, {given!r:.40}; expected them in the JSON file itself")
    numbers, shape = np.asarray(given), tuple(axis.n_cells for axis in axes)
    if numbers.dtype.kind not in "iuf":
        raise ValueError(f"{key} must be numbers")
    if math.prod(shape) > _MAX_CELLS:
        raise ValueError(f"{' x '.join(map(str, shape))} bins")
    if "index" not in storage:
        return numbers.astype(np.float64).reshape(shape)[cells]
    index = np.asarray(storage["index"])
    index = index if index.size else np.zeros((len(shape), 0), np.intp)
    if index.dtype.kind not in "iu" or index.ndim != 2 or len(index) != len(shape):
        raise ValueError("its sparse index is not a row of whole numbers for each axis")
    places = np.ravel_multi_index(tuple(index), shape)  # ValueError outside of the shape
    if np.unique(places).size != places.size or numbers.shape != places.shape:
        raise ValueError(f"its sparse {key} are not one number for each place")
    dense = np.zeros(math.prod(shape))
    dense[places] = numbers
    return np.asarray(dense.reshape(shape)[cells])


def _outside(values: Array, axes: list[_Axis]) -> dict[str, float]:
    """Return the contents below and above the axes, where there are some."""
    below, above = np.zeros(values.shape, bool), np.zeros(values.shape, bool)
    for k, axis in enumerate(axes):
        rows = (slice(None),) * k
        below[(*rows, slice(0, int(axis.underflow)))] = True
        above[(*rows, slice(values.shape[k] - int(axis.overflow), None))] = True
    sums = {"underflow": float(values[below].sum()), "overflow": float(values[above & ~below].sum())}
    return {name: value for name, value in sums.items() if value != 0.0 and math.isfinite(value)}


def _exposure(about: Mapping[str, Any]) -> dict[str, Any]:
    """Return the exposure that the metadata of a foreign histogram state."""
    stated = {name: about[name] for name in ("luminosity_invfb", "decays") if name in about}
    return {"exposure": stated} if stated else {}


def _why(error: BaseException) -> str:
    return f"it has no {error.args[0]!r}" if isinstance(error, KeyError) and error.args else one_line(error)

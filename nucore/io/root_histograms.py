"""Histograms of ROOT files."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from nucore.errors import InputError
from nucore.histograms import Axis
from nucore.io.root_files import RootFile
from nucore.io.root_hepdata import contents_title, errors_beside, is_table, values_of_errors
from nucore.io.root_names import find_histogram
from nucore.io.spectrum_file import MAX_BINS, Array, SpectrumFile, checked_spectrum
from nucore.io.table_readings import OTHER_ERRORS, STATISTICAL
from nucore.text import one_line

#: Largest content by the storage of a class, its last letter; a float has reached it where adding 1 changes nothing.
_LARGEST = {"C": 2**7 - 1, "S": 2**15 - 1, "I": 2**31 - 1, "L": 2**63 - 1, "F": 2**24}
#: Bit of a histogram whose contents ROOT averages where it adds others.
_IS_AVERAGE = 1 << 18
#: Bins of the same content near the largest that are no accident.
_MANY_FULL = 5
#: Bins from which on one entry in each of them is no accident.
_MANY_BINS = 10
_FILLED_ONCE = "each bin was filled once with its content, whose square is no variance: read without variances"
_NUMBERS_ALONE = re.compile(r"[-\d.,+ ]*")


def read_root(file: Path, name: str | None) -> SpectrumFile:
    """Read a TH1, TH2 or TH3; see `nucore.io.readers.read_spectrum`.

    The metadata say of any file: ``underflow`` and ``overflow`` (contents beyond the axes; in several dimensions
    ``underflow`` is all that lies below one of them), ``notes``, ``errors_of`` (name of the values whose errors the
    histogram holds) and, in HEPData tables, ``other_errors``.
    """
    try:
        with np.errstate(all="ignore"), RootFile(file) as root:
            name, cycle = find_histogram(root, name, file)
            found = spectrum_of_root(root.get(name, cycle), root.kind(name, cycle), name, file)
            return _of_table(root, replace(found, metadata=root.metadata() | found.metadata))
    except InputError:
        raise
    except Exception as error:  # a damaged file can make the reader fail in any way
        raise InputError(f"data {file} is not a readable ROOT file: {one_line(error)}") from None


def spectrum_of_root(histogram: Any, kind: str, name: str, source: Path) -> SpectrumFile:
    """Make a spectrum of a TH1, TH2 or TH3.

    Parameters
    ----------
    histogram : uproot.Model
    kind : str
        Its class.
    name : str
    source : Path
        What errors call it, a file or the type of an object.

    Raises
    ------
    InputError
        If it holds no sums of events, or numbers that are not finite.
    """
    where = f"data {source}, histogram {name!r}"
    bins = [axis.member("fNbins") for axis in histogram.axes]
    if min(bins) < 1 or math.prod(bins) > MAX_BINS:
        raise InputError(f"{where}: {' x '.join(map(str, bins))} bins; expected up to {MAX_BINS}")
    _check_contents(histogram, kind, where)
    *titles, unit = _titles(histogram)
    contents = np.asarray(histogram.values(), np.float64)
    stated, metadata = bool(histogram.weighted), _beyond(histogram)
    squares = np.asarray(histogram.variances(), np.float64) if stated else np.abs(contents)
    if stated and _is_filled_once(histogram, contents, squares, is_table(name)):
        squares, stated, metadata = np.abs(contents), False, metadata | {"notes": [_FILLED_ONCE]}
    axes = [
        Axis(_axis_name(k, title), tuple(axis.edges().tolist()), title)
        for k, (title, axis) in enumerate(zip(titles, histogram.axes, strict=True))
    ]
    spectrum = checked_spectrum(name, axes, contents, squares, source)
    return SpectrumFile(spectrum, metadata, stated, stated_unit=unit)


def _axis_name(number: int, title: str) -> str:
    """Name an axis of which only the title is known."""
    return title if title.isidentifier() else f"axis{number}"


def _titles(histogram: Any) -> list[str]:
    """Return the titles of the axes and of the contents, which may stand in that of the histogram: ``;x;y``."""
    members = [*(str(axis.member("fTitle")).strip() for axis in histogram.axes), contents_title(histogram)]
    _, *split = re.split(r"(?<!#);", str(histogram.member("fTitle")))
    return [title or (split[k].strip() if k < len(split) else "") for k, title in enumerate(members)]


def _check_contents(histogram: Any, kind: str, where: str) -> None:
    """Refuse contents that are no sums of events."""
    if histogram.member("@fBits") & _IS_AVERAGE:
        raise InputError(f"{where}: its contents are averages (kIsAverage); expected sums of events")
    buffer = histogram.member("fBuffer", none_if_missing=True)
    if buffer is not None and len(buffer) and buffer[0] > 0:
        raise InputError(
            f"{where}: {buffer[0]:g} entries are not yet in its bins; call BufferEmpty() and write it again"
        )
    for letter, axis in zip("xyz", histogram.axes, strict=False):
        if axis.member("fTimeDisplay", none_if_missing=True):
            raise InputError(f"{where}: its {letter} axis shows times; expected an axis of numbers")
        if labels := _categories(axis):
            shown = ", ".join(repr(label[:20]) for label in labels[:3]) + (", ..." if len(labels) > 3 else "")
            raise InputError(f"{where}: its {letter} axis has categories ({shown}); expected an axis of numbers")
    _check_counters(histogram, kind, where)


def _categories(axis: Any) -> list[str]:
    """Return the labels of the bins; none where they repeat numbers beside edges of their own."""
    labels = [str(label) for label in axis.member("fLabels", none_if_missing=True) or ()]
    if all(map(_NUMBERS_ALONE.fullmatch, labels)) and not np.allclose(np.diff(axis.edges()), 1.0):
        return []
    return labels


def _check_counters(histogram: Any, kind: str, where: str) -> None:
    """Refuse counters that are full: what came after it is lost."""
    largest = _LARGEST.get(kind[-1])
    if largest is None:
        return
    sizes = np.abs(np.asarray(histogram.values(), np.float64))
    top = sizes.max()
    full = sizes == top
    if kind[-1] != "F":
        is_full = top >= largest or (top >= 0.9 * largest and full.sum() >= _MANY_FULL)
    else:  # a content above it may be a sum with full ones
        everything = histogram.values(flow=True).sum(dtype=float)
        is_full = top == largest or (
            top > largest and not histogram.weighted and everything < (1.0 - 1e-6) * _entries(histogram)
        )
    if is_full:
        raise InputError(
            f"{where}: {int(full.sum())} of its bins stop at {top:.9g}; a {kind} counts to {largest}, more is lost: "
            "fill a histogram of doubles (TH1D)"
        )


def _entries(histogram: Any) -> float:
    return float(histogram.member("fEntries"))


def _beyond(histogram: Any) -> dict[str, Any]:
    """Return what lies beyond the axes."""
    everything = np.asarray(histogram.values(flow=True), np.float64)
    below, beyond = np.ones(everything.shape, bool), np.ones(everything.shape, bool)
    below[(slice(1, None),) * everything.ndim] = False
    beyond[(slice(1, -1),) * everything.ndim] = False
    numbers = {
        "underflow": float(everything[below].sum()),
        "overflow": float(everything[beyond & ~below].sum()),
    }
    return {k: x for k, x in numbers.items() if math.isfinite(x)}


def _of_table(root: RootFile, found: SpectrumFile) -> SpectrumFile:
    """Return a histogram with the errors that a HEPData table has beside it, or with the values whose errors it is."""
    spectrum, metadata = found.spectrum, found.metadata
    values = values_of_errors(root, spectrum.name)
    if values:
        return replace(found, metadata={**metadata, "errors_of": values})
    if not is_table(spectrum.name):
        return found
    errors, others = errors_beside(root, spectrum.name)
    if errors is None:
        return replace(found, metadata={**metadata, OTHER_ERRORS: others})
    flat = errors.ravel()
    if flat.size == spectrum.n_bins and np.all((flat != 0.0) | (spectrum.values == 0.0)):
        metadata = {**metadata, OTHER_ERRORS: others}
        return replace(found, spectrum=replace(spectrum, variances=flat**2), metadata=metadata, has_variances=True)
    return replace(found, metadata={**metadata, OTHER_ERRORS: [STATISTICAL, *others]}, has_variances=False)


def _is_filled_once(histogram: Any, contents: Array, squares: Array, table: bool) -> bool:
    """Whether every content is one entry of that weight, whose square is no variance."""
    every = contents.all() or contents.size <= _entries(histogram) <= histogram.member("fNcells")
    likely = table or (contents.size >= _MANY_BINS and bool(every))
    return likely and np.allclose(squares, contents**2, rtol=1e-5, atol=0.0)

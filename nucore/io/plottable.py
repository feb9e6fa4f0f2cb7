"""Data given in Python: histogram objects, arrays and our own results, in place of a file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
from uhi.numpy_plottable import ensure_plottable_histogram
from uhi.typing.plottable import PlottableAxis, PlottableHistogram

from nucore.errors import InputError
from nucore.histograms import Axis, Spectrum
from nucore.io.metadata import checked_metadata
from nucore.io.readers import read_spectrum
from nucore.io.spectrum_file import Array, SpectrumFile, checked_spectrum
from nucore.io.uhi_histograms import spectrum_of_uhi
from nucore.text import one_line


@runtime_checkable
class SpectrumResult(Protocol):
    """A result that holds a spectrum, and what a file of it records, such as `nucore.events.GenerateResult`."""

    @property
    def spectrum(self) -> Spectrum: ...  # noqa: D102

    @property
    def metadata(self) -> dict[str, Any]: ...  # noqa: D102


#: What every function takes as data: a file, or an object in its place, see `read_data`.
Data: TypeAlias = str | Path | Spectrum | SpectrumFile | SpectrumResult | PlottableHistogram | tuple[Any, ...]

#: Classes of histograms that uproot has models of.
_ROOT_CLASS = re.compile("TH[123][CSILFD]")
_ALLOWED = (
    "a file, a histogram (hist, boost_histogram, uproot or any of UHI), (values, edges), a Spectrum, "
    "or a result of generate or analyse"
)


def read_data(data: Data) -> SpectrumFile:
    """Read one spectrum from a file or an object.

    Parameters
    ----------
    data : str, Path or object
        A file (`nucore.io.readers.read_spectrum`); a histogram of ``hist``, ``boost_histogram`` or ``uproot``, or any
        other that follows the protocol of UHI; ``(values, edges)`` or ``(values, edges_x, edges_y)``, as
        `numpy.histogram` and `numpy.histogram2d` return them; a `Spectrum` or `SpectrumFile`; a result of ``generate``
        or ``analyse``, which is read as the file that it writes.

    Returns
    -------
    SpectrumFile

    Raises
    ------
    InputError
        If it is something else, holds means or categories in place of counts in bins, or numbers that are not finite.
    """
    return read_spectrum(data) if isinstance(data, str | Path) else _of_object(data)


def _of_object(data: Any) -> SpectrumFile:
    where = f"{type(data).__module__.partition('.')[0]}.{type(data).__name__}".removeprefix("builtins.")
    if isinstance(data, SpectrumFile):
        return data
    if isinstance(data, Spectrum):
        return SpectrumFile(data, has_variances=True)
    try:
        if isinstance(getattr(data, "spectrum", None), Spectrum):
            return SpectrumFile(data.spectrum, checked_metadata(getattr(data, "metadata", {})), has_variances=True)
        if isinstance(data, tuple | list):
            return _of_arrays(data)
        if hasattr(data, "InheritsFrom"):  # of ROOT itself, whose _to_uhi_ has no edges
            data = ensure_plottable_histogram(data)
        elif hasattr(data, "_to_uhi_"):
            return spectrum_of_uhi(data._to_uhi_(), None, where)
        elif _ROOT_CLASS.fullmatch(str(getattr(data, "classname", ""))) and hasattr(data, "member"):
            from nucore.io.root_histograms import spectrum_of_root  # loads uproot

            return spectrum_of_root(data, data.classname, str(data.member("fName")), Path(where))
        if isinstance(data, PlottableHistogram):
            return _of_plottable(data, where)
    except InputError:
        raise
    except Exception as error:  # code of other packages
        raise InputError(f"data {where} cannot be read: {one_line(error)}") from error
    raise InputError(f"data cannot be of type {where}: expected {_ALLOWED}")


def _of_arrays(data: Sequence[Any]) -> SpectrumFile:
    """Make a spectrum of values and one array of edges an axis; of several axes the arrays may be in a sequence."""
    first, *others = data or [None]
    values = numbers(first, "values")
    if values.ndim > 1 and len(others) == 1 and isinstance(others[0], tuple | list):
        others = list(others[0])
    edges = [numbers(one, "edges") for one in others]
    shape = [one.size - 1 for one in edges]
    if any(one.ndim != 1 for one in edges) or tuple(shape) != values.shape or not edges:
        given = " and ".join(" x ".join(map(str, one.shape)) or "1" for one in (values, *edges))
        raise InputError(
            f"data (values, edges): arrays of {given} numbers; expected values in n bins and n + 1 edges for each axis"
        )
    axes = [Axis(f"axis{k}", tuple(one.tolist())) for k, one in enumerate(edges)]
    return SpectrumFile(checked_spectrum("data", axes, values, np.abs(values), Path("(values, edges)")))


def _of_plottable(data: PlottableHistogram, where: str) -> SpectrumFile:
    """Make a spectrum of a histogram of the protocol of UHI."""
    kind = str(getattr(data.kind, "value", data.kind)).upper()
    if kind != "COUNT":
        raise InputError(
            f"data {where} is of kind {kind}, as a profile: means in each bin, no counts of events; expected COUNT"
        )
    values, stated = numbers(data.values(), "values"), data.variances()
    axes = [_axis(k, axis, where) for k, axis in enumerate(data.axes)]
    if values.shape != tuple(axis.n_bins for axis in axes):
        raise InputError(f"data {where}: its values do not fill its axes")
    variances = np.abs(values) if stated is None else numbers(stated, "variances")
    weighted = bool(getattr(data, "hasWeights", stated is not None))  # a histogram of ROOT has variances in any case
    name, unit = (str(getattr(data, key, None) or "") for key in ("name", "label"))
    return SpectrumFile(
        checked_spectrum(name or "data", axes, values, variances, Path(where)), {}, weighted, stated_unit=unit
    )


def _axis(number: int, axis: PlottableAxis, where: str) -> Axis:
    if axis.traits.discrete:
        labels = ", ".join(str(axis[k]) for k in range(min(3, len(axis))))
        raise InputError(f"data {where}: axis {number} has labels ({labels}, ...) in place of edges; expected bins")
    low, high = numbers([axis[k] for k in range(len(axis))], "edges").T
    if not np.allclose(low[1:], high[:-1], rtol=1e-9, atol=0.0):
        raise InputError(f"data {where}: the bins of axis {number} have gaps or overlap; expected adjacent bins")
    name, title = (str(getattr(axis, key, None) or "") for key in ("name", "label"))
    return Axis(name or f"axis{number}", (*low.tolist(), float(high[-1])), title)


def numbers(given: Any, what: str) -> Array:
    """Return real numbers as an array; `InputError` for anything else.

    Parameters
    ----------
    given : array_like
    what : str
        What errors call them.
    """
    try:
        array = np.asarray(given)
    except (TypeError, ValueError) as error:
        raise InputError(f"invalid {what}: {one_line(error)}; expected an array of numbers") from None
    if array.dtype.kind not in "iuf" or np.ma.is_masked(given):
        raise InputError(f"invalid {what} of type {type(given).__name__}: expected real numbers, none of them masked")
    return array.astype(np.float64)

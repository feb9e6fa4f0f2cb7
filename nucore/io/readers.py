"""Reading a spectrum from a file of any tool."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucore.errors import InputError
from nucore.histograms import Axis, Spectrum
from nucore.io.metadata import checked_metadata, exposure_in
from nucore.text import LARGEST_NUMBER, SMALLEST_NUMBER, check_name, number, one_line, parse_json, parse_yaml, read_text

#: Bins of all axes together, and axes, of a histogram.
MAX_BINS, MAX_AXES = 100_000, 3


@dataclass(frozen=True)
class SpectrumFile:
    """A spectrum with the exposure and metadata of its file.

    Attributes
    ----------
    spectrum : Spectrum
    metadata : dict
        Provenance, experiment, parameters, exposure and so on of our own files.
    covariance : float64[n, n] or None
        Of data that are no counts of events, in their unit squared, bins flattened as in the spectrum.
    """

    spectrum: Spectrum
    metadata: dict[str, Any] = field(default_factory=dict)
    covariance: NDArray[np.float64] | None = None

    @property
    def exposure(self) -> dict[str, float]:
        """``{"luminosity_invfb": L}`` or ``{"decays": N}``; empty if the file records none."""
        return exposure_in(self.metadata)


def read_spectrum(source: str | Path) -> SpectrumFile:
    """Read one spectrum.

    Parameters
    ----------
    source : str or Path
        ``FILE.root:NAME`` (a TH1, TH2 or TH3; the name may be left out if there is only one), ``FILE.json[:NAME]``
        (UHI), ``FILE.csv`` (``low,high,value[,variance]``), ``FILE.yaml`` (HEPData table).

    Returns
    -------
    SpectrumFile

    Raises
    ------
    InputError
        If the file cannot be read, is not what its suffix says, lacks the histogram, or holds numbers that
        are not finite.
    """
    file, name = split_source(str(source))
    readers: dict[str, Callable[[Path, str | None], SpectrumFile]] = {
        ".root": _read_root,
        ".json": _read_uhi,
        ".csv": _read_csv,
        ".yaml": _read_hepdata,
        ".yml": _read_hepdata,
    }
    if file.suffix not in readers:
        raise InputError(f"unknown suffix {file.suffix!r} of data {source}: expected one of {', '.join(readers)}")
    if not file.is_file():
        raise InputError(f"data {file} does not exist or is not a file")
    return readers[file.suffix](file, name)


def read_workspace(source: str | Path) -> dict[str, Any] | None:
    """Return the content of a pyhf workspace, or None for a file of any other kind.

    Parameters
    ----------
    source : str or Path
    """
    file = Path(source)
    if file.suffix not in ("", ".json") or not file.is_file():
        return None
    try:
        content = parse_json(read_text(file))
    except (ValueError, RecursionError):  # InputError is a ValueError: no text
        return None
    return content if is_workspace(content) else None


def is_workspace(content: Any) -> bool:
    """Whether the content of a JSON file looks like a pyhf workspace."""
    return isinstance(content, dict) and {"channels", "measurements", "observations"} <= set(content)


def split_source(source: str) -> tuple[Path, str | None]:
    """Split FILE.suffix:NAME into both; the name may be a path inside the file."""
    head, colon, name = source.rpartition(":")
    while head and not Path(head).suffix:
        head, colon, more = head.rpartition(":")
        name = f"{more}:{name}"
    if not colon or Path(source).is_file() or "." not in Path(head).name:
        return Path(source), None
    return Path(head), name


def _pick(names: list[str], name: str | None, file: Path) -> str:
    if name is None and len(names) == 1:
        return names[0]
    if name is None or name not in names:
        asked = f"histogram {name!r} is not in it" if name else "name the histogram as FILE:NAME"
        raise InputError(f"data {file}: {asked}; it has: {', '.join(names) or 'no histogram'}")
    return name


def _spectrum(
    name: str, axes: Sequence[Axis], values: NDArray[np.float64], variances: NDArray[np.float64], file: Path
) -> Spectrum:
    """Make a spectrum after checking its size and its numbers."""
    n_bins = math.prod(axis.n_bins for axis in axes)
    if not 1 <= len(axes) <= MAX_AXES or n_bins > MAX_BINS or values.size > MAX_BINS:
        raise InputError(f"data {file}: {n_bins} bins on {len(axes)} axes: expected up to {MAX_BINS} on {MAX_AXES}")
    for what, numbers, largest in (
        ("edges", np.concatenate([axis.edges for axis in axes]), LARGEST_NUMBER),
        ("values", values, LARGEST_NUMBER),
        ("variances", variances, LARGEST_NUMBER**2),
    ):
        if not np.all(np.abs(numbers) <= largest):
            raise InputError(f"data {file}, histogram {name!r}: {what} must be finite numbers up to {largest:g}")
    if np.any((values != 0.0) & (np.abs(values) < SMALLEST_NUMBER)):
        raise InputError(f"data {file}, histogram {name!r}: values must be 0 or at least {SMALLEST_NUMBER:g} in size")
    if np.any(variances < 0.0) or any(np.any(np.diff(axis.edges) <= 0.0) for axis in axes):
        raise InputError(f"data {file}, histogram {name!r}: a variance is negative, or the edges do not increase")
    for text in (name, *(axis.name for axis in axes), *(axis.label for axis in axes)):
        check_name(text)
    return Spectrum.on_axes(name, axes, values, variances)


def _read_root(file: Path, name: str | None) -> SpectrumFile:
    from nucore.io.root_files import RootFile
    from nucore.io.root_objects import HISTOGRAMS

    try:
        with np.errstate(all="ignore"), RootFile(file) as root:
            wanted = name and name.split(";")[0]
            name = _pick([k for k, kind in root.kinds.items() if kind in HISTOGRAMS], wanted, file)
            histogram = root.get(name)
            bins = [axis.member("fNbins") for axis in histogram.axes]
            if min(bins) < 1 or math.prod(bins) > MAX_BINS:
                raise ValueError(f"{name!r} has {' x '.join(map(str, bins))} bins: expected up to {MAX_BINS}")
            values, *edges = histogram.to_numpy()
            titles = [str(axis.member("fTitle")) for axis in histogram.axes]
            variances = histogram.variances()
            metadata = root.metadata()
            axes = [
                Axis(_axis_name(k, t), tuple(e.tolist()), t) for k, (t, e) in enumerate(zip(titles, edges, strict=True))
            ]
            contents = np.asarray(values, np.float64)
            squares = contents if variances is None else np.asarray(variances, np.float64)
    except InputError:
        raise
    except Exception as error:  # a damaged file can make the reader fail in any way
        raise InputError(f"data {file} is not a readable ROOT file: {one_line(error)}") from None
    return SpectrumFile(_spectrum(name, axes, contents, squares, file), metadata)


def _axis_name(number: int, title: str) -> str:
    """Name an axis of which only the title is known."""
    return title if title.isidentifier() else f"axis{number}"


def _read_uhi(file: Path, name: str | None) -> SpectrumFile:
    try:
        content = parse_json(read_text(file))
        if "uhi_schema" in content:
            content = {content.get("metadata", {}).get("name") or file.stem: content}
        histograms = {key: item for key, item in content.items() if isinstance(item, dict) and "axes" in item}
        name = _pick([check_name(key) for key in histograms], name, file)
        item = histograms[name]
        axes = [_uhi_axis(number, axis) for number, axis in enumerate(item["axes"])]
        storage = item["storage"]
        flow = [(int(bool(a.get("underflow"))), int(bool(a.get("overflow")))) for a in item["axes"]]
        shape = [axis.n_bins + under + over for axis, (under, over) in zip(axes, flow, strict=True)]
        inner = tuple(slice(under, n - over) for n, (under, over) in zip(shape, flow, strict=True))
        values = np.asarray(storage["values"], float).reshape(shape)
        variances = np.asarray(storage.get("variances", values), float).reshape(shape)
        metadata = checked_metadata(content.get("nuportal") or item.get("metadata") or {})
    except InputError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError) as error:
        raise InputError(f"data {file} is not a UHI histogram: {one_line(error)}") from None
    return SpectrumFile(_spectrum(name, axes, values[inner], variances[inner], file), metadata)


def _uhi_axis(number: int, axis: dict[str, Any]) -> Axis:
    if number >= MAX_AXES:
        raise ValueError(f"more than {MAX_AXES} axes")
    if "edges" in axis:
        edges = [float(edge) for edge in axis["edges"]]
    else:
        bins, low, high = int(axis["bins"]), float(axis["lower"]), float(axis["upper"])
        if not (1 <= bins <= MAX_BINS and abs(low) <= LARGEST_NUMBER and abs(high) <= LARGEST_NUMBER):
            raise ValueError(f"{bins} bins from {low:g} to {high:g}")
        edges = np.linspace(low, high, bins + 1).tolist()
    about = axis.get("metadata") or {}
    return Axis(str(about.get("name") or f"axis{number}"), tuple(edges), str(about.get("label") or ""))


def _contiguous(name: str, rows: list[list[float]], file: Path) -> Spectrum:
    """Make a spectrum of adjacent bins from rows (low, high, value, variance)."""
    if not rows:
        raise InputError(f"data {file} has no bins")
    table = np.asarray(rows, dtype=float)
    low, high = table[:, 0], table[:, 1]
    if not np.allclose(low[1:], high[:-1], rtol=1e-9, atol=0.0):
        raise InputError(f"data {file}: bins must follow one another without gaps or overlaps")
    axis = Axis(name, (*low.tolist(), float(high[-1])))
    return _spectrum(name, [axis], table[:, 2], table[:, 3], file)


#: Longest line of a table.
_MAX_LINE = 10_000


def _read_csv(file: Path, name: str | None) -> SpectrumFile:
    lines = [line for line in read_text(file).splitlines() if line.strip()]
    metadata: dict[str, Any] = {}
    rows: list[list[float]] = []
    for count, line in enumerate(lines, start=1):
        if line.startswith("#"):
            key, _, value = line[1:].partition("=")
            if key.strip() in ("luminosity_invfb", "decays"):
                metadata["exposure"] = {key.strip(): _float(value, f"data {file}, line {count}")}
            elif key.strip() == "name":
                name = name or value.strip()
            continue
        if len(line) > _MAX_LINE or len(rows) >= MAX_BINS:
            raise InputError(f"data {file}, line {count}: more than {MAX_BINS} rows, or {_MAX_LINE} characters")
        cells = next(csv.reader([line]))
        if not rows and not _is_number(cells[0]):
            continue  # the header
        if len(cells) not in (3, 4):
            raise InputError(f"data {file}, line {count}: needs low,high,value or low,high,value,variance")
        numbers = [_float(cell, f"data {file}, line {count}") for cell in cells]
        rows.append(numbers if len(numbers) == 4 else [*numbers, abs(numbers[2])])
    try:
        checked_metadata(metadata)
    except ValueError as error:
        raise InputError(f"data {file}: {error}") from None
    return SpectrumFile(_contiguous(name or file.stem, rows, file), metadata)


def _is_number(text: str) -> bool:
    try:
        number(text)
    except ValueError:
        return False
    return True


def _float(text: str, where: str) -> float:
    try:
        value = number(text)
    except ValueError:
        raise InputError(f"{where}: {text.strip()!r} is not a number") from None
    if not math.isfinite(value):
        raise InputError(f"{where}: {text.strip()!r} is not a finite number")
    return value


def _read_hepdata(file: Path, name: str | None) -> SpectrumFile:
    import yaml

    try:
        table = parse_yaml(read_text(file))
        (independent,) = table["independent_variables"]
        dependents = {str(d["header"]["name"]): d for d in table["dependent_variables"]}
        name = _pick([check_name(key) for key in dependents], name, file)
        rows = []
        for bin_, entry in zip(independent["values"], dependents[name]["values"], strict=True):
            value = float(entry["value"])
            errors = [float(e["symerror"]) for e in entry.get("errors", []) if e.get("label", "stat") == "stat"]
            rows.append([float(bin_["low"]), float(bin_["high"]), value, errors[0] ** 2 if errors else abs(value)])
        if not np.all(np.isfinite(rows)):
            raise ValueError("a number is not finite")
    except InputError:
        raise
    except (yaml.YAMLError, ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError) as error:
        raise InputError(f"data {file} is not a HEPData table with binned values: {one_line(error)}") from None
    return SpectrumFile(_contiguous(name, rows, file))

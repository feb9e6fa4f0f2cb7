"""Reading a spectrum from a file of any tool."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nuportal.errors import InputError
from nuportal.histograms import Axis, Spectrum

_MAX_TEXT_BYTES = 20_000_000


@dataclass(frozen=True)
class SpectrumFile:
    """A spectrum with what its file says of it.

    Attributes
    ----------
    spectrum : Spectrum
    exposure : dict
        ``{"luminosity_invfb": L}`` or ``{"decays": N}``; empty where the file does not tell.
    metadata : dict
        Whatever else our own files carry (provenance, experiment, parameters).
    """

    spectrum: Spectrum
    exposure: dict[str, float] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)


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
    file, name = _split(str(source))
    readers: dict[str, Callable[[Path, str | None], SpectrumFile]] = {
        ".root": _read_root,
        ".json": _read_uhi,
        ".csv": _read_csv,
        ".yaml": _read_hepdata,
        ".yml": _read_hepdata,
    }
    if file.suffix not in readers:
        raise InputError(f"data {source}: suffix {file.suffix!r} is not known; allowed: {', '.join(readers)}")
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
        content = json.loads(_text(file))
    except (ValueError, RecursionError):  # InputError is a ValueError: no text
        return None
    keys = {"channels", "measurements", "observations"}
    return content if isinstance(content, dict) and keys <= set(content) else None


def _split(source: str) -> tuple[Path, str | None]:
    """Split FILE.suffix:NAME; the name may be a path inside the file."""
    head, colon, name = source.rpartition(":")
    while head and not Path(head).suffix:
        head, colon, more = head.rpartition(":")
        name = f"{more}:{name}"
    if not colon or Path(source).is_file() or "." not in Path(head).name:
        return Path(source), None
    return Path(head), name


def _text(file: Path) -> str:
    if file.stat().st_size > _MAX_TEXT_BYTES:
        raise InputError(f"data {file} has more than {_MAX_TEXT_BYTES} bytes: not a histogram")
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"data {file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"data {file} is not a text file") from None


def _pick(names: list[str], name: str | None, file: Path) -> str:
    if name is None and len(names) == 1:
        return names[0]
    if name is None or name not in names:
        asked = f"histogram {name!r} is not in it" if name else "name the histogram as FILE:NAME"
        raise InputError(f"data {file}: {asked}; it has: {', '.join(names) or 'no histogram'}")
    return name


def _exposure(metadata: dict[str, Any]) -> dict[str, float]:
    given = metadata.get("exposure") or {}
    return {k: float(v) for k, v in given.items() if k in ("luminosity_invfb", "decays")}


def _read_root(file: Path, name: str | None) -> SpectrumFile:
    import uproot

    try:
        with uproot.open(file) as root:
            if file.stat().st_size < root.file.fEND:
                raise InputError(f"data {file} is truncated: {file.stat().st_size} of {root.file.fEND} bytes")
            kinds = {key.split(";")[0]: kind for key, kind in root.classnames().items()}
            wanted = name and name.split(";")[0]
            name = _pick([k for k, kind in kinds.items() if kind.startswith(("TH1", "TH2", "TH3"))], wanted, file)
            histogram = root[name]
            values, *edges = histogram.to_numpy()
            titles = [axis.member("fTitle") for axis in histogram.axes]
            variances = histogram.variances()
            metadata = json.loads(str(root["provenance"])) if kinds.get("provenance") == "TObjString" else {}
    except InputError:
        raise
    except Exception as error:  # a damaged file can make the reader fail in any way
        reason = str(error).strip().splitlines()[0][:120] if str(error).strip() else type(error).__name__
        raise InputError(f"data {file} is not a readable ROOT file: {reason}") from None
    axes = [Axis(_axis_name(k, t), tuple(e.tolist()), t) for k, (t, e) in enumerate(zip(titles, edges, strict=True))]
    spectrum = Spectrum.on_axes(name, axes, values, values if variances is None else variances)
    return SpectrumFile(spectrum, _exposure(metadata), metadata)


def _axis_name(number: int, title: str) -> str:
    """Name of an axis of a histogram that has titles alone."""
    return title if title.isidentifier() else f"axis{number}"


def _read_uhi(file: Path, name: str | None) -> SpectrumFile:
    try:
        content = json.loads(_text(file))
        if "uhi_schema" in content:
            content = {content.get("metadata", {}).get("name") or file.stem: content}
        histograms = {key: item for key, item in content.items() if isinstance(item, dict) and "axes" in item}
        name = _pick(list(histograms), name, file)
        item = histograms[name]
        axes = [_uhi_axis(number, axis) for number, axis in enumerate(item["axes"])]
        storage = item["storage"]
        flow = [(int(bool(a.get("underflow"))), int(bool(a.get("overflow")))) for a in item["axes"]]
        shape = [axis.n_bins + under + over for axis, (under, over) in zip(axes, flow, strict=True)]
        inner = tuple(slice(under, n - over) for n, (under, over) in zip(shape, flow, strict=True))
        values = np.asarray(storage["values"], float).reshape(shape)
        variances = np.asarray(storage.get("variances", values), float).reshape(shape)
        metadata = content.get("nuportal") or item.get("metadata") or {}
    except InputError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise InputError(f"data {file} is not a UHI histogram: {_reason(error)}") from None
    return SpectrumFile(Spectrum.on_axes(name, axes, values[inner], variances[inner]), _exposure(metadata), metadata)


def _uhi_axis(number: int, axis: dict[str, Any]) -> Axis:
    edges = axis["edges"] if "edges" in axis else np.linspace(axis["lower"], axis["upper"], axis["bins"] + 1)
    about = axis.get("metadata") or {}
    return Axis(about.get("name") or f"axis{number}", tuple(float(edge) for edge in edges), about.get("label") or "")


def _reason(error: Exception) -> str:
    text = str(error).strip().splitlines()
    return f"{type(error).__name__} {text[0][:100] if text else ''}".strip()


def _contiguous(name: str, rows: list[list[float]], file: Path) -> Spectrum:
    """Spectrum from rows (low, high, value, variance) that follow one another."""
    if not rows:
        raise InputError(f"data {file} has no bins")
    table = np.asarray(rows, dtype=float)
    low, high = table[:, 0], table[:, 1]
    if not np.allclose(low[1:], high[:-1], rtol=1e-9, atol=0.0):
        raise InputError(f"data {file}: bins must follow one another without gaps or overlaps")
    return Spectrum(name, np.append(low, high[-1]), table[:, 2], table[:, 3])


def _read_csv(file: Path, name: str | None) -> SpectrumFile:
    lines = [line for line in _text(file).splitlines() if line.strip()]
    metadata: dict[str, Any] = {}
    rows: list[list[float]] = []
    for number, line in enumerate(lines, start=1):
        if line.startswith("#"):
            key, _, value = line[1:].partition("=")
            if key.strip() in ("luminosity_invfb", "decays"):
                metadata["exposure"] = {key.strip(): _float(value, f"data {file}, line {number}")}
            elif key.strip() == "name":
                name = name or value.strip()
            continue
        cells = next(csv.reader([line]))
        if not rows and not _is_number(cells[0]):
            continue  # the header
        if len(cells) not in (3, 4):
            raise InputError(f"data {file}, line {number}: needs low,high,value or low,high,value,variance")
        numbers = [_float(cell, f"data {file}, line {number}") for cell in cells]
        rows.append(numbers if len(numbers) == 4 else [*numbers, abs(numbers[2])])
    return SpectrumFile(_contiguous(name or file.stem, rows, file), _exposure(metadata), metadata)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _float(text: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise InputError(f"{where}: {text.strip()!r} is not a number") from None
    if not math.isfinite(value):
        raise InputError(f"{where}: {text.strip()!r} is not a finite number")
    return value


def _read_hepdata(file: Path, name: str | None) -> SpectrumFile:
    import yaml

    try:
        table = yaml.safe_load(_text(file))
        (independent,) = table["independent_variables"]
        dependents = {str(d["header"]["name"]): d for d in table["dependent_variables"]}
        name = _pick(list(dependents), name, file)
        rows = []
        for bin_, entry in zip(independent["values"], dependents[name]["values"], strict=True):
            value = float(entry["value"])
            errors = [float(e["symerror"]) for e in entry.get("errors", []) if e.get("label", "stat") == "stat"]
            rows.append([float(bin_["low"]), float(bin_["high"]), value, errors[0] ** 2 if errors else abs(value)])
    except InputError:
        raise
    except (yaml.YAMLError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise InputError(f"data {file} is not a HEPData table with binned values: {_reason(error)}") from None
    return SpectrumFile(_contiguous(name, rows, file))


def read_branches(file: Path) -> dict[str, NDArray[Any]]:
    """Read all events of a ROOT TTree ``events`` or of a Parquet file: one array a branch.

    Raises
    ------
    InputError
        If the file cannot be read or holds no events.
    """
    if not file.is_file():
        raise InputError(f"events {file} does not exist or is not a file")
    try:
        if file.suffix == ".parquet":
            import pyarrow.parquet

            table = pyarrow.parquet.read_table(file)
            return {name: table[name].to_numpy() for name in table.column_names}
        import uproot

        with uproot.open(file) as root:
            branches: dict[str, NDArray[Any]] = root["events"].arrays(library="np")
            return branches
    except Exception as error:  # a damaged file can make the reader fail in any way
        raise InputError(f"events {file} cannot be read as ROOT or Parquet events: {_reason(error)}") from None

"""Histograms in JSON of the UHI schema."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from nucore.errors import InputError
from nucore.histograms import Axis
from nucore.io.metadata import checked_metadata
from nucore.io.spectrum_file import MAX_AXES, MAX_BINS, SpectrumFile, checked_spectrum, pick
from nucore.text import LARGEST_NUMBER, check_name, one_line, parse_json, read_text


def read_uhi(file: Path, name: str | None) -> SpectrumFile:
    """Read a histogram of a UHI file; see `nucore.io.readers.read_spectrum`."""
    try:
        content = parse_json(read_text(file))
        if "uhi_schema" in content:
            content = {content.get("metadata", {}).get("name") or file.stem: content}
        histograms = {key: item for key, item in content.items() if isinstance(item, dict) and "axes" in item}
        name = pick([check_name(key) for key in histograms], name, file)
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
    spectrum = checked_spectrum(name, axes, values[inner], variances[inner], file)
    return SpectrumFile(spectrum, metadata, "variances" in storage)


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

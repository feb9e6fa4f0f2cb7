"""Histograms of ROOT files."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from nucore.errors import InputError
from nucore.histograms import Axis
from nucore.io.root_files import RootFile
from nucore.io.root_objects import HISTOGRAMS
from nucore.io.spectrum_file import MAX_BINS, SpectrumFile, checked_spectrum, pick
from nucore.text import one_line


def read_root(file: Path, name: str | None) -> SpectrumFile:
    """Read a TH1, TH2 or TH3; see `nucore.io.readers.read_spectrum`."""
    try:
        with np.errstate(all="ignore"), RootFile(file) as root:
            wanted = name and name.split(";")[0]
            name = pick([k for k, kind in root.kinds.items() if kind in HISTOGRAMS], wanted, file)
            histogram = root.get(name)
            bins = [axis.member("fNbins") for axis in histogram.axes]
            if min(bins) < 1 or math.prod(bins) > MAX_BINS:
                raise ValueError(f"{name!r} has {' x '.join(map(str, bins))} bins: expected up to {MAX_BINS}")
            values, *edges = histogram.to_numpy()
            titles = [str(axis.member("fTitle")) for axis in histogram.axes]
            variances, weighted = histogram.variances(), bool(histogram.weighted)
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
    return SpectrumFile(checked_spectrum(name, axes, contents, squares, file), metadata, weighted)


def _axis_name(number: int, title: str) -> str:
    """Name an axis of which only the title is known."""
    return title if title.isidentifier() else f"axis{number}"

"""From a generator to a summary and a file: what the pseudo-data of both searches share."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nuportal.events import compact
from nuportal.histograms import Spectrum
from nuportal.io import EventWriter, open_writer

Arrays = dict[str, NDArray[Any]]
Counts = Any  # whatever the generator counts; chunks add up with +


@dataclass(frozen=True)
class Source:
    """A generator of events, ready to run.

    Attributes
    ----------
    count : callable () -> counts
        Generate everything and keep the counts alone.
    blocks : callable () -> iterator of (arrays, counts)
        Generate the same events chunk by chunk, in order; arrays have the branch ``selected``.
    spectrum : callable (counts) -> Spectrum or tuple of Spectrum
    """

    count: Callable[[], Counts]
    blocks: Callable[[], Iterator[tuple[Arrays, Counts]]]
    spectrum: Callable[[Counts], Spectrum | tuple[Spectrum, ...]]


def produce(
    source: Source,
    metadata: Callable[[Counts], dict[str, Any]],
    out: str | Path | None,
    histogram_only: bool,
    all_events: bool,
) -> tuple[Counts, list[str], float]:
    """Run a generator and write its file, whole or not at all.

    Parameters
    ----------
    source : Source
    metadata : callable (counts) -> dict
        What the file says of itself.
    out : str or Path, optional
        Nothing is written without it.
    histogram_only, all_events : bool
        Write no events; write also those that fail the selection.

    Returns
    -------
    counts
    outputs : list of str
    seconds : float
        Wall-clock time.
    """
    start = time.perf_counter()
    opened = nullcontext() if out is None else open_writer(out, events=not histogram_only)
    with opened as writer:
        counts = source.count() if writer is None or histogram_only else _stream(source, writer, all_events)
        if writer is not None:
            found = source.spectrum(counts)
            writer.finish([found] if isinstance(found, Spectrum) else list(found), metadata(counts))
    return counts, [] if out is None else [str(out)], time.perf_counter() - start


def _stream(source: Source, writer: EventWriter, all_events: bool) -> Counts:
    total: Counts = None
    for arrays, counts in source.blocks():
        keep = None if all_events else np.asarray(arrays["selected"], dtype=bool)
        writer.extend(compact(arrays, keep))
        total = counts if total is None else total + counts
    return source.count() if total is None else total


def fraction_of(progress: Callable[[float], None] | None, total: int) -> Callable[[int], None] | None:
    """Turn a callback of the fraction done into one of the number of events done."""
    if progress is None:
        return None
    report = progress
    return lambda done: report(done / total)

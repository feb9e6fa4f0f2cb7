"""From the pieces of a generator to a summary and a file: what the pseudo-data of both searches share."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucore.histograms import Spectrum
from nucore.io import open_writer

Piece = dict[str, Any]
"""Arrays of whole numbers that add up, and under ``arrays`` the branches of the events, where they are written."""
Counts = dict[str, NDArray[np.int64]]

#: Events in a piece of counts: some tenths of a second. Fewer, where workers would have nothing to do.
COUNT_CHUNK, LEAST_COUNT_CHUNK = 16 * 2**20, 2**20


@dataclass(frozen=True)
class Output:
    """What is made of the counts, and where it goes.

    Attributes
    ----------
    path : str or Path, optional
        Nothing is written without it.
    spectra : callable (counts) -> Spectrum or tuple of Spectrum
    metadata : callable (counts) -> dict
        What the file says of itself.
    events : bool
        Whether the pieces hold events.
    """

    path: str | Path | None
    spectra: Callable[[Counts], Spectrum | tuple[Spectrum, ...]]
    metadata: Callable[[Counts], dict[str, Any]]
    events: bool


def produce(pieces: Iterator[Piece], empty: Counts, output: Output) -> tuple[Counts, list[str], float]:
    """Add up pieces and write the file, whole or not at all.

    Parameters
    ----------
    pieces : iterator of dict
        In order.
    empty : dict of arrays
        Counts of no events.
    output : Output

    Returns
    -------
    counts : dict of arrays
    outputs : list of str
    seconds : float
        Wall-clock time.
    """
    start = time.perf_counter()
    total = empty
    opened = nullcontext() if output.path is None else open_writer(output.path, events=output.events)
    with opened as writer:
        for piece in pieces:
            if writer is not None and output.events:
                writer.extend(piece["arrays"])
            total = add(total, piece)
        if writer is not None:
            found = output.spectra(total)
            writer.finish([found] if isinstance(found, Spectrum) else list(found), output.metadata(total))
    return total, [] if output.path is None else [str(output.path)], time.perf_counter() - start


def add(counts: Counts, piece: Piece) -> Counts:
    """Add the counts of a piece."""
    return {name: counts[name] + piece[name] for name in counts}

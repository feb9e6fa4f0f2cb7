"""A generation run: its pieces, and the summary and file that are made of them; what both searches share."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from nucore.card_files import ExperimentModel
from nucore.errors import InputError
from nucore.events import MAX_EVENTS, GenerateResult, check_count
from nucore.histograms import Spectrum
from nucore.io.writers import open_writer
from nucore.model.parameters import PortalParameters
from nucore.random_streams import Stream, generator
from nucore.rng import BLOCK
from nucore.run.chunks import Chunk, cut
from nucore.run.engine import run_chunks
from nucore.run.executors import Execution, open_workers
from nucore.run.job import Job
from nucore.run.provenance import provenance

Piece = dict[str, Any]
"""Arrays of whole numbers that add up, and under ``arrays`` the branches of the events, where they are written."""
Counts = dict[str, NDArray[np.int64]]
Result = TypeVar("Result")

DEFAULT_EVENTS = 100_000
#: Most and fewest events in a piece of counts: the most take some tenths of a second.
COUNT_CHUNK, LEAST_COUNT_CHUNK = 16 * 2**20, 2**20


@dataclass(frozen=True)
class GenerationRequest:
    """What is to be generated.

    Attributes
    ----------
    events : int, optional
        Parents before selection; 100,000 if neither this nor an exposure is given.
    exposure : float, optional
        fb^-1, or parent decays: the number of parents is Poisson distributed, and background is added.
    out : Path, optional
        Event or histogram file; its suffix is its format.
    histogram_only, all_events : bool
        Write no events; write also those that fail the selection.
    seed : int
    """

    events: int | None = None
    exposure: float | None = None
    out: Path | None = None
    histogram_only: bool = False
    all_events: bool = False
    seed: int = 1

    @property
    def n_events(self) -> int | None:
        """Number of events asked for; None for an exposure.

        Raises
        ------
        InputError
            If it is not positive, or too large.
        """
        if self.events is None and self.exposure is not None:
            return None
        return check_count(DEFAULT_EVENTS if self.events is None else self.events)

    @property
    def writes_events(self) -> bool:
        """Whether the output holds events."""
        return self.out is not None and not self.histogram_only


@dataclass(frozen=True)
class EventPieces:
    """How the pieces of a run that keeps events are made.

    Attributes
    ----------
    task : callable (Chunk) -> Piece
        Picklable.
    chunk : int
        Events in a piece.
    bytes_per_event, least_disk_bytes_per_event : float
        Memory while a piece is made, and size of the output, at least.
    variant : str
        What the pieces hold.
    """

    task: Callable[[Chunk], Piece]
    chunk: int
    bytes_per_event: float
    least_disk_bytes_per_event: float = 0.0
    variant: str = "events"


@dataclass(frozen=True)
class Summary:
    """What the counts of a run say.

    Attributes
    ----------
    spectra : tuple of Spectrum
        The main one first.
    n_selected : int
        Events in the main spectrum.
    cutflow : dict
        Events left after each step.
    """

    spectra: tuple[Spectrum, ...]
    n_selected: int
    cutflow: dict[str, int]


@dataclass(frozen=True)
class Generation:
    """A run that generates the pseudo-data of an experiment.

    Attributes
    ----------
    process : str
    experiment : ExperimentModel
    parameters : PortalParameters
    request : GenerationRequest
    events : Chunk
        All events of the run, possibly none.
    exposure : dict
        ``{"luminosity_invfb": L}`` or ``{"decays": N}`` that the sample stands for.
    count : callable (Chunk) -> Piece
        Counts of a range of events; picklable.
    empty : Counts
        Counts of no events.
    summarise : callable (Counts) -> Summary
    cross_section_pb, branching_ratio : float or None
        Of the generated final states; the one that applies.
    about : dict
        Other fields of the metadata.
    """

    process: str
    experiment: ExperimentModel
    parameters: PortalParameters
    request: GenerationRequest
    events: Chunk
    exposure: dict[str, float]
    count: Callable[[Chunk], Piece]
    empty: Counts
    summarise: Callable[[Counts], Summary]
    cross_section_pb: float | None = None
    branching_ratio: float | None = None
    about: dict[str, Any] = field(default_factory=dict)

    def metadata(self) -> dict[str, Any]:
        """What an output file says of its origin."""
        return {
            "process": self.process,
            "experiment": self.experiment.name,
            **self.about,
            "exposure": self.exposure,
            "n_generated": self.events.n,
            "parameters": self.parameters.to_dict(),
            "provenance": provenance(seed=self.request.seed, **self.experiment.origin),
        }

    def job(
        self,
        kept: EventPieces | None,
        open_output: Callable[[], AbstractContextManager[Any]] | None = None,
        **choices: Any,
    ) -> Job[GenerateResult]:
        """Describe the run.

        Parameters
        ----------
        kept : EventPieces or None
            Write events too.
        open_output : callable () -> context manager of a writer, optional
            Opens the output; by default `nucore.io.writers.open_writer` does.
        **choices
            Other fields of `nucore.run.job.Job`.
        """
        path = self.request.out
        if path is None:
            opened: Callable[[], AbstractContextManager[Any]] = nullcontext
        else:
            opened = open_output or partial(open_writer, path, events=kept is not None)
        return generation_job(self.count, self.events, partial(self._finish, opened), kept, out=path, **choices)

    def _finish(self, opened: Callable[[], AbstractContextManager[Any]], pieces: Iterator[Piece]) -> GenerateResult:
        """Add up the pieces and write the file, whole or not at all."""
        start = time.perf_counter()
        path, total = self.request.out, self.empty
        with opened() as writer:
            for piece in pieces:
                if writer is not None and "arrays" in piece:
                    writer.extend(piece["arrays"])
                total = add(total, piece)
            summary, metadata = self.summarise(total), self.metadata()  # which names the processors of the pieces
            if writer is not None and path is not None:
                n_spectra = 1 if path.suffix == ".csv" else None  # a CSV file holds one
                writer.finish(list(summary.spectra[:n_spectra]), metadata)
        return GenerateResult(
            process=self.process,
            experiment=self.experiment.name,
            n_requested=self.request.n_events,
            n_generated=self.events.n,
            n_selected=summary.n_selected,
            exposure=self.exposure,
            cross_section_pb=self.cross_section_pb,
            branching_ratio=self.branching_ratio,
            events_per_second=self.events.n / (time.perf_counter() - start),
            cutflow=summary.cutflow,
            outputs=[] if path is None else [str(path)],
            spectrum=summary.spectra[0],
            parameters=self.parameters.to_dict(),
            metadata=metadata,
        )


def generation_job(
    count: Callable[[Chunk], Piece],
    events: Chunk,
    finish: Callable[[Iterator[Piece]], Result],
    kept: EventPieces | None = None,
    **choices: Any,
) -> Job[Result]:
    """Describe a run over a range of events.

    Parameters
    ----------
    count : callable (Chunk) -> Piece
        Used where no events are kept.
    events : Chunk
    finish : callable (iterator of pieces) -> Result
    kept : EventPieces, optional
        Keep events too.
    **choices
        Other fields of `nucore.run.job.Job`.
    """
    pieces = kept or EventPieces(count, COUNT_CHUNK, 0.0, variant="counts")
    return Job(
        pieces.task, events, finish, "events",
        chunk=pieces.chunk, least_chunk=min(pieces.chunk, LEAST_COUNT_CHUNK), grain=BLOCK, local="threads",
        bytes_per_item=pieces.bytes_per_event, least_disk_bytes_per_item=pieces.least_disk_bytes_per_event,
        variant=pieces.variant, **choices,
    )  # fmt: skip


def in_order(
    task: Callable[[Chunk], Result], events: Chunk, chunk: int, execution: Execution | None = None
) -> Iterator[Result]:
    """Yield what a task makes of each chunk of a range of events, in order."""
    execution = execution or Execution()
    with open_workers(execution, "threads") as workers:
        yield from run_chunks(task, cut(events, chunk, BLOCK), execution, workers)


def add(counts: Counts, piece: Piece) -> Counts:
    """Add the counts of a piece."""
    return {name: counts[name] + piece[name] for name in counts}


def draw_events(expected: float, seed: int, exposure: str) -> int:
    """Draw the number of events of an exposure.

    Parameters
    ----------
    expected : float
        Mean of the Poisson distribution.
    seed : int
    exposure : str
        Words for it in a message.

    Raises
    ------
    InputError
        If more than `nucore.events.MAX_EVENTS` are expected.
    """
    if not expected <= MAX_EVENTS:
        raise InputError(f"invalid {exposure}: {expected:.3g} events expected, at most {MAX_EVENTS:g} are allowed")
    return int(generator(seed, Stream.EXPOSURE).poisson(expected))

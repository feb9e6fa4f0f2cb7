"""Event files of any generator, read in blocks: the hardest charged lepton of a flavour in every event.

Readers hold one block of events at a time and refuse files they cannot read completely.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucore.errors import InputError
from nucore.io.lepton_origin import Origin

#: Events in a block.
BLOCK_EVENTS = 10_000
#: Weights in pb and momenta in GeV are smaller.
LARGEST = 1e30
#: Cross sections in pb and nonzero weights are larger.
_SMALLEST = 1e-30

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class LeptonBlock:
    """The hardest charged lepton of a flavour in each of n events.

    Attributes
    ----------
    weight : float64[n]
    charge : int8[n]
        Of the lepton; 0 where there is none.
    lepton : float64[4, n]
        (E, px, py, pz) in GeV; zero where there is none.
    boson : float64[4, n] or None
        Sum of all colourless final-state particles, the lepton included; None where the format does not record it.
    measured_bin : int64[n] or None
        Where the experiment has measured the event already: its bin, -1 if it was not selected.
    standard : bool[n] or None
        Whether the event holds no particle beyond the Standard Model; only of files opened with ``decays``, whose
        leptons are those of a W, and whose boson is that W.
    variations : float64[k, n] or None
        Further weights, named by `EventSource.weights`; only of files opened with ``decays``.
    origin : int8[n] or None
        `nucore.io.lepton_origin.Origin` of the lepton; None where all are those of a W.
    """

    weight: FloatArray
    charge: NDArray[np.int8]
    lepton: FloatArray
    boson: FloatArray | None = None
    measured_bin: NDArray[np.int64] | None = None
    standard: NDArray[np.bool_] | None = None
    variations: FloatArray | None = None
    origin: NDArray[np.int8] | None = None


@dataclass(frozen=True)
class Beams:
    """PDG numbers of the beam particles and their energies in GeV."""

    ids: tuple[int, int]
    energies_GeV: tuple[float, float]


@dataclass
class EventSource:
    """An open event file.

    Attributes
    ----------
    path : Path
    generator : str
        Name and version of the generator, if the file records it.
    beams : Beams or None
        None if the file does not record them.
    metadata : dict
        Metadata of our own files.
    cross_section_pb : float or None
        Of all events; known for certain only when all blocks have been read.
    weighting : int
        What a Les Houches file says about its weights (IDWTUP, of size 1 to 4); 0 where nothing is said.
    luminosity_invfb : float or None
        Integrated luminosity of the events, where the file gives it instead.
    read : callable (flavour, experiment, selection) -> iterator of LeptonBlock
        Reads the file once, from the beginning to its end; the names of experiment and selection let a file that
        holds measured events say whether they are its own.
    radiated : bool
        Whether the leptons have radiated photons already.
    weights : tuple of str
        Names of the weights beside the nominal one; of files opened with ``decays``, known with the first block.
    """

    path: Path
    read: Callable[[str, str, str], Iterator[LeptonBlock]]
    generator: str = ""
    beams: Beams | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    cross_section_pb: float | None = None
    weighting: int = 0
    luminosity_invfb: float | None = None
    radiated: bool = False
    weights: tuple[str, ...] = ()


FourVector = tuple[float, float, float, float]
"""(E, px, py, pz) in GeV."""
NONE: FourVector = (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Lepton:
    """A charged lepton of an event.

    Attributes
    ----------
    pdg_id : int
    momentum : FourVector
    name : bytes or int
        Its number in the event.
    """

    pdg_id: int
    momentum: FourVector
    name: Any = None


def hardest(leptons: Iterable[Lepton]) -> Lepton | None:
    """Return the lepton of the largest transverse momentum; the first that is not a number before all others."""
    found, largest = None, -1.0
    for lepton in leptons:
        _, x, y, _ = lepton.momentum
        pt_sq = x * x + y * y
        if not pt_sq <= largest:  # NaN is refused later
            found, largest = lepton, pt_sq
    return found


def event_row(weight: float, lepton: Lepton | None, origin: Origin, boson: FourVector, where: str) -> tuple[float, ...]:
    """Weight, charge, lepton, boson and origin of the lepton, after a check of their sizes.

    Parameters
    ----------
    weight : float
    lepton : Lepton or None
        The hardest one of the flavour.
    origin : Origin
    boson : FourVector
        Sum of all colourless final-state particles; zero where the format does not record it.
    where : str
        File and event, for messages.

    Raises
    ------
    InputError
        If a number is not finite or too large.
    """
    charge, momentum = (0, NONE) if lepton is None else (-1 if lepton.pdg_id > 0 else 1, lepton.momentum)
    # a sum is finite only if all its terms are; comparisons with NaN are false
    sensible = weight == 0.0 or _SMALLEST < abs(weight) < LARGEST
    if not (sensible and abs(sum(momentum) + sum(boson)) < LARGEST and max(map(abs, momentum)) < LARGEST):
        raise InputError(f"{where}: a weight or momentum is not a finite number below {LARGEST:g}")
    return (weight, charge, *momentum, *boson, origin)


def decay_row(
    row: tuple[float, ...], standard: bool, variations: Iterable[float], source: EventSource, where: str
) -> tuple[float, ...]:
    """Add to an `event_row` whether it is of the Standard Model, and its further weights after a check.

    Raises
    ------
    InputError
        If their number is not that of the names in `source`, or one is not finite or too large.
    """
    more = tuple(variations)
    if len(more) != len(source.weights):
        raise InputError(f"{where}: has {len(more)} weights beside the nominal one: expected {len(source.weights)}")
    if not all(abs(weight) < LARGEST for weight in more):
        raise InputError(f"{where}: a weight is not a finite number below {LARGEST:g}")
    return (*row, float(standard), *more)


def blocks_of(rows: Iterator[tuple[float, ...]], with_boson: bool, decays: bool = False) -> Iterator[LeptonBlock]:
    """Collect the rows of single events, see `event_row` and, with ``decays``, `decay_row`, into blocks."""
    while block := list(islice(rows, BLOCK_EVENTS)):
        table = np.array(block, float).T
        more = {"standard": table[11] != 0.0, "variations": table[12:]} if decays else {}
        boson = table[6:10] if with_boson else None
        charge, origin = table[1].astype(np.int8), table[10].astype(np.int8)
        yield LeptonBlock(table[0], charge, table[2:6], boson, origin=origin, **more)


def checked_cross_section(value: float | None, path: Path) -> float | None:
    """Return a cross section in pb after checking its size; None if it is not positive.

    Raises
    ------
    InputError
        If it is outside the range of any process.
    """
    if value is None or value <= 0.0:
        return None
    if not _SMALLEST < value < LARGEST:
        raise InputError(f"events {path}: invalid cross section {value:g} pb")
    return value

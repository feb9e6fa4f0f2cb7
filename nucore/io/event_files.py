"""Event files of any generator, read in blocks: the hardest charged lepton of a flavour in every event.

Readers hold one block of events at a time and refuse files they cannot read completely.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucore.errors import InputError
from nucore.model.particles import PDG_ID

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
    """

    weight: FloatArray
    charge: NDArray[np.int8]
    lepton: FloatArray
    boson: FloatArray | None = None
    measured_bin: NDArray[np.int64] | None = None


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
    luminosity_invfb : float or None
        Integrated luminosity of the events, where the file gives it instead.
    read : callable (flavour, experiment, selection) -> iterator of LeptonBlock
        Reads the file once, from the beginning to its end; the names of experiment and selection let a file that
        holds measured events say whether they are its own.
    radiated : bool
        Whether the leptons have radiated photons already.
    """

    path: Path
    read: Callable[[str, str, str], Iterator[LeptonBlock]]
    generator: str = ""
    beams: Beams | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    cross_section_pb: float | None = None
    luminosity_invfb: float | None = None
    radiated: bool = False


class BlockFiller:
    """Collects single events into blocks."""

    def __init__(self, flavour: str) -> None:
        self.lepton_id = PDG_ID[flavour]
        self.n_added = 0
        self._rows: list[tuple[float, ...]] = []

    def add(self, weight: float, lepton: Sequence[float], boson: Sequence[float], charge: int) -> None:
        """Append an event; `lepton` and `boson` are (E, px, py, pz)."""
        self.n_added += 1
        self._rows.append((weight, charge, *lepton, *boson))

    @property
    def full(self) -> bool:
        """Whether a block is ready."""
        return len(self._rows) >= BLOCK_EVENTS

    def __len__(self) -> int:
        return len(self._rows)

    def take(self, with_boson: bool) -> LeptonBlock:
        """Return the block and begin the next."""
        table = np.array(self._rows, float).T
        self._rows = []
        return LeptonBlock(table[0], table[1].astype(np.int8), table[2:6], table[6:10] if with_boson else None)


def checked_weight(weight: float) -> bool:
    """Whether a weight is zero or of a sensible size."""
    return weight == 0.0 or _SMALLEST < abs(weight) < LARGEST


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

"""Reading HepMC text files, version 2 or 3, line by line in bounded memory.

Only what an analysis of leptons uses is parsed: of each event its weight, units and cross section, the final-state
leptons, and the beams of the first; where decays are asked for, also all weights and the W that a lepton comes from.

References
----------
M. Dobbs, J. B. Hansen, Comput. Phys. Commun. 134 (2001) 41; A. Buckley et al., arXiv:1912.08005.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from nucore.errors import InputError
from nucore.io.event_files import (
    NONE,
    Beams,
    EventSource,
    FourVector,
    blocks_of,
    checked_cross_section,
    decay_row,
    event_row,
)
from nucore.io.hepmc_lineage import Lineage
from nucore.model.particles import PDG_ID
from nucore.text import number

_HEADER_BYTES = 1024
_END = b"END_EVENT_LISTING"
_MAX_LINE_BYTES = 200_000
_FINAL, _BEAM = b"1", b"4"
#: Particles that a sample of the Standard Model does not hold.
_EXOTIC = frozenset(f"{sign}{PDG_ID[name]}".encode() for name in ("nu4", "chi", "phi") for sign in ("", "-"))
_UNITS = {b"GEV": 1.0, b"MEV": 1e-3}


@dataclass(frozen=True)
class _Format:
    """Positions of PDG number, momentum (px, py, pz, E) and status in the line of a particle."""

    version: int
    pdg_id: int
    momentum: slice
    status: int


_FORMATS = {
    b"HepMC::Asciiv3": _Format(3, 3, slice(4, 8), 9),
    b"HepMC::IO_GenEvent": _Format(2, 2, slice(3, 7), 8),
}


@dataclass
class _Event:
    """One event; ``particles`` are the wanted ones: PDG number and (E, px, py, pz) in the unit of the event."""

    announced: int | None
    weight: float = 1.0
    variations: list[bytes] = field(default_factory=list)
    standard: bool = True
    lineage: Lineage | None = None
    unit: float = 1.0
    cross_section_pb: float | None = None
    n_particles: int = 0
    particles: list[tuple[int, FourVector]] = field(default_factory=list)

    def in_GeV(self) -> list[tuple[int, FourVector]]:
        """Particles with their momenta in GeV."""
        return [(pdg_id, _scaled(momentum, self.unit)) for pdg_id, momentum in self.particles]


def _scaled(momentum: FourVector, unit: float) -> FourVector:
    e, x, y, z = momentum
    return unit * e, unit * x, unit * y, unit * z


@contextlib.contextmanager
def open_hepmc(path: Path, decays: bool = False) -> Iterator[EventSource]:
    """Open a HepMC text file; see `nucore.io.event_readers.open_events`."""
    form, n_events, generator, weights = _scan(path)
    first = next(_events(path, form, n_events, _BEAM))
    source = EventSource(
        path=path,
        read=lambda flavour, *_: blocks_of(_rows(source, form, n_events, flavour, decays), decays, decays),
        generator=generator,
        beams=_beams(first),
        radiated=True,
        weights=tuple(weights or (f"weight_{k}" for k in range(1, len(first.variations) + 1))),
    )
    yield source


def _scan(path: Path) -> tuple[_Format, int, str, list[str]]:
    """Return format, number of events, generator, and names of the weights but the first, of a complete file."""
    with path.open("rb") as stream:
        header = stream.read(_HEADER_BYTES)
        form = next((found for word, found in _FORMATS.items() if word in header), None)
        if form is None:
            raise InputError(f"events {path} is not a HepMC text file of version 2 or 3")
        stream.seek(0)
        n_events, complete, generator, weights = 0, False, "", list[str]()
        while line := stream.readline(_MAX_LINE_BYTES + 1):
            if len(line) > _MAX_LINE_BYTES:
                raise InputError(f"events {path}: a line has more than {_MAX_LINE_BYTES} bytes")
            n_events += line.startswith(b"E ")
            if n_events == 0 and not generator and line.startswith(b"T "):
                generator = _tool(line)
            if n_events == 0 and form.version == 3 and line.startswith(b"W "):
                weights = line.decode("utf-8", "replace")[2:].strip().split("\\|")[1:]
            elif n_events == 1 and form.version == 2 and line.startswith(b"N "):
                weights = line.decode("utf-8", "replace").partition('"')[2].strip().strip('"').split('" "')[1:]
            complete = complete or _END in line
    if not complete:
        raise InputError(f"events {path} is truncated: END_EVENT_LISTING is missing, after event {n_events}")
    if n_events == 0:
        raise InputError(f"events {path} has no events")
    return form, n_events, generator, weights


def _tool(line: bytes) -> str:
    r"""Name and version in a line ``T NAME\|VERSION\|DESCRIPTION``."""
    words = line.decode("ascii", "replace")[2:].strip().split("\\|")
    return " ".join(words[:2]).strip()


def _beams(event: _Event) -> Beams | None:
    if len(event.particles) != 2:
        return None
    (first, one), (second, two) = event.in_GeV()
    return Beams((first, second), (one[0], two[0]))


def _events(
    path: Path,
    form: _Format,
    n_events: int,
    status: bytes,
    pdg_ids: Collection[bytes] | None = None,
    lineage: bool = False,
) -> Iterator[_Event]:
    """Yield events with their particles of a status, of some PDG numbers only if these are given.

    With ``lineage`` those of any status go into that of the event.
    """
    n_read = 0
    event: _Event | None = None
    with path.open("rb") as stream:
        try:
            for raw in stream:
                kind = raw[:2]
                if event is not None and kind == b"P ":
                    words = raw.split()
                    event.n_particles += 1
                    if event.lineage is not None:
                        event.standard = event.standard and words[form.pdg_id] not in _EXOTIC
                        event.lineage.enter_particle(words)
                    elif words[form.status] == status and (pdg_ids is None or words[form.pdg_id] in pdg_ids):
                        x, y, z, energy = map(_number, words[form.momentum])
                        event.particles.append((int(words[form.pdg_id]), (energy, x, y, z)))
                elif kind == b"E " or (event is not None and _END in raw):
                    if event is not None:
                        if event.announced not in (None, event.n_particles):
                            raise ValueError("another number of particles than announced")
                        yield event
                        n_read += 1
                    event = _begun(raw.split(), form) if kind == b"E " else None
                    if event is not None and lineage:
                        event.lineage = Lineage(form.version, tuple(pdg_ids or ()))
                elif event is not None and event.lineage is not None and kind == b"V ":
                    event.lineage.enter_vertex(raw.split())
                elif event is not None and kind in (b"U ", b"W ", b"C ", b"A "):
                    _enter(event, raw.split(), form)
        except (ValueError, IndexError, KeyError):
            raise InputError(f"events {path} is corrupt: event {n_read + 1} of {n_events} cannot be read") from None


def _begun(words: list[bytes], form: _Format) -> _Event:
    """Begin an event: version 3 announces its particles, version 2 holds the weights in its first line."""
    if form.version == 3:
        return _Event(int(words[3]))
    n_random = int(words[11])
    n_weights = int(words[12 + n_random])
    first = 13 + n_random
    return _Event(None, _number(words[first]) if n_weights else 1.0, words[first + 1 : first + n_weights])


def _enter(event: _Event, words: list[bytes], form: _Format) -> None:
    """Enter a line of an event that is not one of a particle."""
    match words[0]:
        case b"U":
            event.unit = _UNITS[words[1]]
        case b"W" if form.version == 3:
            event.weight, event.variations = _number(words[1]), words[2:]
        case b"C":
            event.cross_section_pb = _number(words[1])
        case b"A" if words[2:3] == [b"GenCrossSection"]:
            event.cross_section_pb = _number(words[3])


def _number(word: bytes) -> float:
    return number(word.decode("ascii"))


def _rows(source: EventSource, form: _Format, n_events: int, flavour: str, decays: bool) -> Iterator[tuple[float, ...]]:
    cross_section = None
    wanted = [f"{sign}{PDG_ID[flavour]}".encode() for sign in ("", "-")]
    for count, event in enumerate(_events(source.path, form, n_events, _FINAL, wanted, decays), start=1):
        value, where = event.cross_section_pb, f"events {source.path}, event {count}"
        cross_section = value if value is not None and 0.0 < value < float("inf") else cross_section
        if event.lineage is None:
            yield event_row(event.weight, event.in_GeV(), NONE, where)
        else:
            event.particles, boson = _decay(event.lineage)
            row = event_row(event.weight, event.in_GeV(), _scaled(boson, event.unit), where)
            yield decay_row(row, event.standard, map(_number, event.variations), source, where)
    source.cross_section_pb = checked_cross_section(cross_section, source.path)


def _decay(lineage: Lineage) -> tuple[list[tuple[int, FourVector]], FourVector]:
    """Return the hardest final-state lepton that comes from a W, if there is one, and that W."""
    best, found, boson = -1.0, list[tuple[int, FourVector]](), NONE
    for name, lepton in lineage.particles.items():
        pt_sq = lepton.momentum[1] ** 2 + lepton.momentum[2] ** 2
        if lepton.final and lepton.pdg_id in lineage.leptons and not pt_sq <= best:
            parent = lineage.w_of(name)
            if parent is not None:
                best, found, boson = pt_sq, [(int(lepton.pdg_id), lepton.momentum)], parent
    return found, boson

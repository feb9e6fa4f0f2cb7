"""Reading HepMC text files, version 2 or 3, line by line in bounded memory.

Only what an analysis of leptons uses is parsed: of each event its weight, units and cross section, the final-state
leptons, and the beams of the first.

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
from nucore.io.event_files import NONE, Beams, EventSource, FourVector, blocks_of, checked_cross_section, event_row
from nucore.model.particles import PDG_ID
from nucore.text import number

_HEADER_BYTES = 1024
_END = b"END_EVENT_LISTING"
_MAX_LINE_BYTES = 200_000
_FINAL, _BEAM = b"1", b"4"
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
    unit: float = 1.0
    cross_section_pb: float | None = None
    n_particles: int = 0
    particles: list[tuple[int, FourVector]] = field(default_factory=list)

    def in_GeV(self) -> list[tuple[int, FourVector]]:
        """Particles with their momenta in GeV."""
        unit = self.unit
        return [(pdg_id, (unit * e, unit * x, unit * y, unit * z)) for pdg_id, (e, x, y, z) in self.particles]


@contextlib.contextmanager
def open_hepmc(path: Path) -> Iterator[EventSource]:
    """Open a HepMC text file; see `nucore.io.event_readers.open_events`."""
    form, n_events, generator = _scan(path)
    first = next(_events(path, form, n_events, _BEAM))
    source = EventSource(
        path=path,
        read=lambda flavour, *_: blocks_of(_rows(source, form, n_events, flavour), with_boson=False),
        generator=generator,
        beams=_beams(first),
        radiated=True,
    )
    yield source


def _scan(path: Path) -> tuple[_Format, int, str]:
    """Return format, number of events and generator of a complete file."""
    with path.open("rb") as stream:
        header = stream.read(_HEADER_BYTES)
        form = next((found for word, found in _FORMATS.items() if word in header), None)
        if form is None:
            raise InputError(f"events {path} is not a HepMC text file of version 2 or 3")
        stream.seek(0)
        n_events, complete, generator = 0, False, ""
        while line := stream.readline(_MAX_LINE_BYTES + 1):
            if len(line) > _MAX_LINE_BYTES:
                raise InputError(f"events {path}: a line has more than {_MAX_LINE_BYTES} bytes")
            n_events += line.startswith(b"E ")
            if n_events == 0 and not generator and line.startswith(b"T "):
                generator = _tool(line)
            complete = complete or _END in line
    if not complete:
        raise InputError(f"events {path} is truncated: END_EVENT_LISTING is missing, after event {n_events}")
    if n_events == 0:
        raise InputError(f"events {path} has no events")
    return form, n_events, generator


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
    path: Path, form: _Format, n_events: int, status: bytes, pdg_ids: Collection[bytes] | None = None
) -> Iterator[_Event]:
    """Yield events with their particles of a status, of some PDG numbers only if these are given."""
    n_read = 0
    event: _Event | None = None
    with path.open("rb") as stream:
        try:
            for raw in stream:
                kind = raw[:2]
                if event is not None and kind == b"P ":
                    words = raw.split()
                    event.n_particles += 1
                    if words[form.status] == status and (pdg_ids is None or words[form.pdg_id] in pdg_ids):
                        x, y, z, energy = map(_number, words[form.momentum])
                        event.particles.append((int(words[form.pdg_id]), (energy, x, y, z)))
                elif kind == b"E " or (event is not None and _END in raw):
                    if event is not None:
                        if event.announced not in (None, event.n_particles):
                            raise ValueError("another number of particles than announced")
                        yield event
                        n_read += 1
                    event = _begun(raw.split(), form) if kind == b"E " else None
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
    return _Event(None, _number(words[13 + n_random]) if n_weights else 1.0)


def _enter(event: _Event, words: list[bytes], form: _Format) -> None:
    """Enter a line of an event that is not one of a particle."""
    match words[0]:
        case b"U":
            event.unit = _UNITS[words[1]]
        case b"W" if form.version == 3:
            event.weight = _number(words[1])
        case b"C":
            event.cross_section_pb = _number(words[1])
        case b"A" if words[2:3] == [b"GenCrossSection"]:
            event.cross_section_pb = _number(words[3])


def _number(word: bytes) -> float:
    return number(word.decode("ascii"))


def _rows(source: EventSource, form: _Format, n_events: int, flavour: str) -> Iterator[tuple[float, ...]]:
    cross_section = None
    wanted = [f"{sign}{PDG_ID[flavour]}".encode() for sign in ("", "-")]
    for count, event in enumerate(_events(source.path, form, n_events, _FINAL, wanted), start=1):
        value = event.cross_section_pb
        cross_section = value if value is not None and 0.0 < value < float("inf") else cross_section
        yield event_row(event.weight, event.in_GeV(), NONE, f"events {source.path}, event {count}")
    source.cross_section_pb = checked_cross_section(cross_section, source.path)

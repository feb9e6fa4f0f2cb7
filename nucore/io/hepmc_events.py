"""Reading HepMC text files, version 2 or 3, line by line in bounded memory.

Only what an analysis of leptons uses is parsed: of each event its weight, units and cross section, the final-state
leptons and where they come from, and the beams of the first; where decays are asked for, also all weights.

References
----------
M. Dobbs, J. B. Hansen, Comput. Phys. Commun. 134 (2001) 41; A. Buckley et al., arXiv:1912.08005.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

from nucore.errors import InputError
from nucore.io.event_files import (
    NONE,
    Beams,
    EventSource,
    FourVector,
    Lepton,
    blocks_of,
    checked_cross_section,
    decay_row,
    event_row,
    hardest,
)
from nucore.io.event_streams import open_stream
from nucore.io.hepmc_lineage import BEAM, FINAL, HepmcFormat, Lineage
from nucore.io.lepton_origin import Origin
from nucore.model.particles import PDG_ID
from nucore.text import number

_END, _BEGIN = b"END_EVENT_LISTING", b"\nE "
_READ_BYTES = 1 << 18
#: Of a line and of an event; those of proton collisions have some hundred kB.
_MAX_LINE_BYTES, _MAX_EVENT_BYTES = 200_000, 20_000_000
#: Particles that a sample of the Standard Model does not hold.
_EXOTIC = frozenset(f"{sign}{PDG_ID[name]}".encode() for name in ("nu4", "chi", "phi") for sign in ("", "-"))
_UNITS = {b"GEV": 1.0, b"MEV": 1e-3}
_FORMATS = {
    b"HepMC::Asciiv3": HepmcFormat(version=3, momentum=slice(4, 8), status=9),
    b"HepMC::IO_GenEvent": HepmcFormat(version=2, momentum=slice(3, 7), status=8),
}


@dataclass(frozen=True)
class _Event:
    """One event: the text of its particles and vertices, weights, unit of momenta in GeV, and cross section."""

    text: bytes
    weight: float
    variations: list[bytes]
    unit: float
    cross_section_pb: float | None


def _scaled(momentum: FourVector, unit: float) -> FourVector:
    e, x, y, z = momentum
    return unit * e, unit * x, unit * y, unit * z


@contextlib.contextmanager
def open_hepmc(path: Path, decays: bool = False) -> Iterator[EventSource]:
    """Open a HepMC text file; see `nucore.io.event_readers.open_events`."""
    with contextlib.closing(_texts(path)) as texts:
        header, text = next(texts), next(texts, None)
    if text is None:
        raise InputError(f"events {path} has no events")
    form = next((found for word, found in _FORMATS.items() if word in header), None)
    if form is None:
        raise InputError(f"events {path} is corrupt: an event comes before the header")
    with _as_input_error(path, 1):
        first = _event(text, form)
        beams = _beams(first, form)
    names = _weight_names(header if form.version == 3 else text, form)
    source = EventSource(
        path=path,
        read=lambda flavour, *_: blocks_of(_rows(source, form, flavour, decays), decays, decays),
        generator=_tool(header),
        beams=beams,
        radiated=True,
        weights=tuple(names or (f"weight_{k}" for k in range(1, len(first.variations) + 1))),
    )
    yield source


@contextlib.contextmanager
def _as_input_error(path: Path, count: int) -> Iterator[None]:
    try:
        yield
    except InputError:
        raise
    except (ValueError, IndexError, KeyError):
        raise InputError(f"events {path} is corrupt: event {count} cannot be read") from None


def _texts(path: Path) -> Generator[bytes]:
    """Yield the header, then the text of each event after the letter E."""
    left, n_read = b"", 0
    with open_stream(path) as stream:
        while chunk := stream.read(_READ_BYTES):
            *whole, left = (left + chunk).split(_BEGIN)
            yield from whole
            n_read += len(whole)
            if len(left) > _MAX_EVENT_BYTES:
                raise InputError(f"events {path}: an event has more than {_MAX_EVENT_BYTES} bytes")
    if _END not in left:
        raise InputError(f"events {path} is truncated: END_EVENT_LISTING is missing, after event {max(n_read - 1, 0)}")
    yield left


def _event(text: bytes, form: HepmcFormat) -> _Event:
    """Parse an event but for its particles; a listing may end after it, and another begin."""
    first, _, lines = text.partition(b"\nHepMC::")[0].partition(b"\n")
    lines = b"\n" + lines + b"\n"
    head = first.split()
    if form.version == 3:
        if int(head[2]) != lines.count(b"\nP "):
            raise ValueError("another number of particles than announced")
        weights = _line(lines, b"W")[1:]
        cross_section = _line(lines, b"A 0 GenCrossSection")[3:4]
    else:
        n_random = int(head[10])
        n_weights = int(head[11 + n_random])
        weights = head[12 + n_random : 12 + n_random + n_weights]
        cross_section = _line(lines, b"C")[1:2]
    unit = _line(lines, b"U")
    return _Event(
        text=lines,
        weight=_number(weights[0]) if weights else 1.0,
        variations=weights[1:],
        unit=_UNITS[unit[1]] if unit else 1.0,
        cross_section_pb=_number(cross_section[0]) if cross_section else None,
    )


def _line(lines: bytes, kind: bytes) -> list[bytes]:
    """Words of the first line of a kind; none if there is none."""
    begin = lines.find(b"\n" + kind + b" ")
    return lines[begin : lines.find(b"\n", begin + 1)].split() if begin >= 0 else []


def _number(word: bytes) -> float:
    return number(word.decode("ascii"))


def _tool(header: bytes) -> str:
    r"""Name and version in a line ``T NAME\|VERSION\|DESCRIPTION``."""
    line = header.partition(b"\nT ")[2].partition(b"\n")[0]
    return " ".join(line.decode("ascii", "replace").strip().split("\\|")[:2]).strip()


def _weight_names(text: bytes, form: HepmcFormat) -> list[str]:
    """Names of the weights but the first, from the header (version 3) or the first event."""
    line = text.partition(b"\nW " if form.version == 3 else b"\nN ")[2].partition(b"\n")[0].decode("utf-8", "replace")
    if form.version == 3:
        return line.strip().split("\\|")[1:]
    return line.partition('"')[2].strip().strip('"').split('" "')[1:]


def _beams(event: _Event, form: HepmcFormat) -> Beams | None:
    lineage = Lineage.of(form, event.text)
    found = list(lineage.of_status(BEAM))
    if len(found) != 2:
        return None
    first, second = map(lineage.pdg_id, found)
    one, two = (event.unit * lineage.momentum(name)[0] for name in found)
    return Beams((first, second), (one, two))


def _rows(source: EventSource, form: HepmcFormat, flavour: str, decays: bool) -> Iterator[tuple[float, ...]]:
    cross_section = None
    wanted = [f"{sign}{PDG_ID[flavour]}".encode() for sign in ("", "-")]
    texts = _texts(source.path)
    next(texts)
    for count, text in enumerate(texts, start=1):
        with _as_input_error(source.path, count):
            event = _event(text, form)
            row = _row(event, form, wanted, source, f"events {source.path}, event {count}", decays)
        value = event.cross_section_pb
        cross_section = value if value is not None and 0.0 < value < float("inf") else cross_section
        yield row
    source.cross_section_pb = checked_cross_section(cross_section, source.path)


def _row(
    event: _Event, form: HepmcFormat, wanted: list[bytes], source: EventSource, where: str, decays: bool
) -> tuple[float, ...]:
    """Find the hardest final-state lepton; with ``decays`` the hardest that comes from a W, and that W."""
    lineage = Lineage.of(form, event.text)
    found = (
        Lepton(lineage.pdg_id(name), _scaled(lineage.momentum(name), event.unit), name)
        for name in lineage.of_status(FINAL, wanted)
        if not decays or lineage.w_of(name) is not None
    )
    lepton = hardest(found)
    if not decays:
        origin = Origin.W if lepton is None else lineage.origin_of(lepton.name)
        return event_row(event.weight, lepton, origin, NONE, where)
    name = None if lepton is None else lineage.w_of(lepton.name)
    boson = NONE if name is None else _scaled(lineage.momentum(name), event.unit)
    row = event_row(event.weight, lepton, Origin.W, boson, where)
    standard = not any(pdg_id in _EXOTIC for pdg_id, *_ in lineage.particles.values())
    return decay_row(row, standard, map(_number, event.variations), source, where)

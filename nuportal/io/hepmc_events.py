"""Reading HepMC text files, version 2 or 3, with pyhepmc, in bounded memory."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from nuportal.errors import InputError
from nuportal.io.event_files import LARGEST, Beams, BlockFiller, EventSource, LeptonBlock, one_line

_HEADER_BYTES = 1024
#: What the first lines say of the format, and pyhepmc's name of it.
_FORMATS = {b"HepMC::Asciiv3": "HepMC3", b"HepMC::IO_GenEvent": "HepMC2"}
_END = b"END_EVENT_LISTING"
#: The reader's own buffer of a line is a little longer.
_MAX_LINE_BYTES = 200_000
_FINAL, _BEAM, _ZERO = 1, 4, (0.0, 0.0, 0.0, 0.0)
_MEV_PER_GEV = 1000.0


@contextlib.contextmanager
def open_hepmc(path: Path) -> Iterator[EventSource]:
    """Open a HepMC text file; see `nuportal.io.event_files.open_events`."""
    try:
        import pyhepmc
    except ImportError:
        raise InputError(f"events {path} need pyhepmc: install nuportal[hepmc], or use .lhe") from None
    kind, n_events = _scan(path)
    pyhepmc.Setup.print_errors = pyhepmc.Setup.print_warnings = False  # one line of our own instead
    with pyhepmc.open(path, format=kind) as first:
        event = _next(iter(first), path, 0)
    if event is None:
        raise InputError(f"events {path} has no event that can be read")
    tool = next(iter(event.run_info.tools), None) if event.run_info else None
    with pyhepmc.open(path, format=kind) as file:
        source = EventSource(
            path=path,
            read=lambda flavour, _: _blocks(source, iter(file), n_events, flavour),
            generator=f"{tool.name} {tool.version}".strip() if tool else "",
            beams=_beams(event),
            cross_section_pb=_cross_section(event),
        )
        yield source


def _scan(path: Path) -> tuple[str, int]:
    """Format and number of events of a file that is there to its end.

    The reader takes a damaged event for the end of the file, so the events are counted before.
    """
    with path.open("rb") as stream:
        header = stream.read(_HEADER_BYTES)
        kind = next((name for word, name in _FORMATS.items() if word in header), None)
        if kind is None:
            raise InputError(f"events {path} is not a HepMC text file of version 2 or 3")
        stream.seek(0)
        n_events, complete = 0, False
        while line := stream.readline(_MAX_LINE_BYTES + 1):
            if len(line) > _MAX_LINE_BYTES:
                raise InputError(f"events {path}: a line has more than {_MAX_LINE_BYTES} bytes")
            n_events += line.startswith(b"E ")
            complete = complete or _END in line
    if not complete:
        raise InputError(f"events {path} is truncated: END_EVENT_LISTING is missing, after event {n_events}")
    if n_events == 0:
        raise InputError(f"events {path} has no events")
    return kind, n_events


def _next(events: Iterator[Any], path: Path, n_read: int) -> Any:
    try:
        return next(events, None)
    except Exception as error:  # a damaged file can make the reader fail in any way
        raise InputError(f"events {path} cannot be read after event {n_read}: {one_line(error)}") from None


def _beams(event: Any) -> Beams | None:
    beams = [p for p in event.particles if p.status == _BEAM]
    if len(beams) != 2:
        return None
    scale = _to_gev(event)
    first, second = beams
    return Beams((first.pid, second.pid), (first.momentum.e * scale, second.momentum.e * scale))


def _to_gev(event: Any) -> float:
    return 1.0 / _MEV_PER_GEV if event.momentum_unit.name == "MEV" else 1.0


def _cross_section(event: Any) -> float | None:
    """Cross section in pb as known at this event."""
    value = event.cross_section.xsec() if event.cross_section is not None else 0.0
    return float(value) if np.isfinite(value) and value > 0.0 else None


def _blocks(source: EventSource, events: Iterator[Any], n_events: int, flavour: str) -> Iterator[LeptonBlock]:
    filler = BlockFiller(flavour)
    while (event := _next(events, source.path, filler.n_added)) is not None:
        _add(filler, event, f"events {source.path}, event {filler.n_added + 1}")
        # a generator improves its estimate as it goes: the last one counts
        source.cross_section_pb = _cross_section(event) or source.cross_section_pb
        if filler.full:
            yield filler.take(with_boson=False)
    if filler.n_added != n_events:
        raise InputError(f"events {source.path} is corrupt: event {filler.n_added + 1} of {n_events} cannot be read")
    if len(filler):
        yield filler.take(with_boson=False)


def _add(filler: BlockFiller, event: Any, where: str) -> None:
    particles = event.numpy.particles
    found = np.flatnonzero((particles.status == _FINAL) & (np.abs(particles.pid) == filler.lepton_id))
    lepton, charge = _ZERO, 0
    if found.size:
        momenta = np.array([particles.e, particles.px, particles.py, particles.pz])[:, found] * _to_gev(event)
        hardest = int(np.argmax(np.hypot(momenta[1], momenta[2])))
        lepton, charge = tuple(momenta[:, hardest]), -1 if particles.pid[found[hardest]] > 0 else 1
    weight = float(event.weights[0]) if len(event.weights) else 1.0
    if not np.all(np.abs([weight, *lepton]) < LARGEST):
        raise InputError(f"{where}: a weight or momentum is not a finite number below {LARGEST:g}")
    filler.add(weight, lepton, _ZERO, charge)

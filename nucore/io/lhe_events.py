"""Reading Les Houches event files with pylhe, in bounded memory."""

from __future__ import annotations

import contextlib
import itertools
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from nucore.errors import InputError
from nucore.io.event_files import (
    LARGEST,
    Beams,
    EventSource,
    blocks_of,
    checked_cross_section,
    decay_row,
    event_row,
)
from nucore.io.guarded_stream import GuardedStream
from nucore.io.metadata import checked_metadata
from nucore.model.particles import PDG_ID
from nucore.text import one_line, parse_json

_FINAL = 1
#: Colourless final-state particles of W -> l nu, by the absolute PDG number: leptons and photons.
_STANDARD = frozenset([11, 12, 13, 14, 15, 16, 22])


@contextlib.contextmanager
def open_lhe_events(path: Path, decays: bool = False) -> Iterator[EventSource]:
    """Open a Les Houches event file, packed or not; see `nucore.io.event_readers.open_events`."""
    import pylhe

    with contextlib.closing(GuardedStream(path)) as stream:
        with _as_input_error(path, lambda: "in the header"):
            file = pylhe.LHEFile.frombuffer(stream, with_attributes=decays)
            init = file.init.initInfo
            cross_section = sum(float(process.xSection) for process in file.init.procInfo)
            energies = (float(init.energyA), float(init.energyB))
        if not all(abs(value) < LARGEST for value in (cross_section, *energies)):
            raise InputError(f"events {path}: cross section or beam energies are not finite numbers")
        source = EventSource(
            path=path,
            read=lambda flavour, *_: blocks_of(_rows(source, file, stream, flavour, decays), True, decays),
            generator=", ".join(f"{g.name} {g.version}".strip() for g in file.init.generators),
            beams=Beams((int(init.beamA), int(init.beamB)), energies),
            metadata=_metadata(file),
            cross_section_pb=checked_cross_section(cross_section, path),
        )
        yield source


@contextlib.contextmanager
def _as_input_error(path: Path, where: Callable[[], str]) -> Iterator[None]:
    """Turn any error of the reader on a damaged file into an `InputError`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            yield
    except InputError:
        raise
    except EOFError:
        raise InputError(f"events {path} is truncated: the compressed data end too early, {where()}") from None
    except Exception as error:  # a damaged file can make the reader fail in any way
        what = "is truncated" if "no element found" in str(error) else "is not a readable Les Houches file"
        raise InputError(f"events {path} {what}, {where()}: {one_line(error)}") from None


def _metadata(file: Any) -> dict[str, Any]:
    """Metadata in the tag ``nuportal`` of the header of our own files."""
    for element in file.header.extra_elements if file.header else ():
        if element.tag == "nuportal" and element.text:
            with contextlib.suppress(ValueError, RecursionError):
                return checked_metadata(parse_json(element.text))
    return {}


def _rows(
    source: EventSource, file: Any, stream: GuardedStream, flavour: str, decays: bool
) -> Iterator[tuple[float, ...]]:
    path, events = source.path, iter(file.events)
    for count in itertools.count(1):
        with _as_input_error(path, lambda: f"after event {count - 1}"):  # noqa: B023 - called in this block
            event = next(events, None)
            if event is None:
                stream.drain()
                return
            where = f"events {path}, event {count}"
            row = _row(event, PDG_ID[flavour], where)
            if decays:
                row = _with_weights(row, event, source, where, first=count == 1)
        yield row


def _with_weights(
    row: tuple[float, ...], event: Any, source: EventSource, where: str, first: bool
) -> tuple[float, ...]:
    """Add what `decay_row` does; the first event tells the names of the weights."""
    if first:
        source.weights = tuple(event.weights)
    if set(event.weights) != set(source.weights):
        raise InputError(f"{where}: other weights than in the first event: expected {', '.join(source.weights)}")
    colourless = (abs(p.id) for p in event.particles if p.status == _FINAL and not p.color1 and not p.color2)
    standard = all(pdg_id in _STANDARD for pdg_id in colourless)
    return decay_row(row, standard, (event.weights[name] for name in source.weights), source, where)


def _row(event: Any, lepton_id: int, where: str) -> tuple[float, ...]:
    """Find the leptons of an event and add up its colourless particles."""
    particles = event.particles
    if len(particles) != event.eventinfo.nparticles:
        raise InputError(f"{where}: {len(particles)} particles where {event.eventinfo.nparticles} are announced")
    leptons = []
    e = x = y = z = 0.0
    for p in particles:
        if p.status != _FINAL:
            continue
        if not p.color1 and not p.color2:
            e, x, y, z = e + p.e, x + p.px, y + p.py, z + p.pz
        if abs(p.id) == lepton_id:
            leptons.append((p.id, (p.e, p.px, p.py, p.pz)))
    return event_row(event.eventinfo.weight, leptons, (e, x, y, z), where)

"""Reading Les Houches event files, in bounded memory.

Their XML is often none: headers hold run cards with ``&``, ``<`` and control characters. So nothing but the blocks
``<init>`` and ``<event>`` is looked for, line by line, as Pythia 8 does.

References
----------
E. Boos et al., hep-ph/0109068 (the numbers); J. Alwall et al., hep-ph/0609017 (the file).
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Generator, Iterator
from pathlib import Path

from nucore.errors import InputError
from nucore.io.event_files import (
    EventSource,
    Lepton,
    blocks_of,
    checked_cross_section,
    decay_row,
    event_row,
    hardest,
)
from nucore.io.event_streams import open_stream
from nucore.io.lepton_origin import Origin, has_top_or_w_pair, lepton_charge, vertex_origin
from nucore.io.lhe_header import Words, data_rows, event_weights, integer, read_header, real
from nucore.model.particles import PDG_ID
from nucore.text import one_line

_FINAL = 1
_PARTICLE_WORDS = 13
#: Colourless final-state particles of W -> l nu, by the absolute PDG number: leptons and photons.
_STANDARD = frozenset([11, 12, 13, 14, 15, 16, 22])
#: Largest stretch without the end of an event; a header of run cards is far smaller.
MAX_SILENT_BYTES = 8_000_000
_READ_BYTES = 1 << 16
_BEGIN = re.compile(rb"<event[\s>]")
_END, _INIT_END, _LAST = b"</event>", b"</init>", b"</LesHouchesEvents>"


@contextlib.contextmanager
def open_lhe_events(path: Path, decays: bool = False) -> Iterator[EventSource]:
    """Open a Les Houches event file; see `nucore.io.event_readers.open_events`."""
    with contextlib.closing(_parts(path)) as parts:
        with _as_input_error(f"events {path}"):
            header = read_header(next(parts))
        source = EventSource(
            path=path,
            read=lambda flavour, *_: blocks_of(_rows(source, header.weight_ids, flavour, decays), True, decays),
            generator=header.generator,
            beams=header.beams,
            metadata=header.metadata,
            cross_section_pb=checked_cross_section(header.cross_section_pb, path),
            weighting=header.weighting,
        )
    yield source


@contextlib.contextmanager
def _as_input_error(where: str) -> Iterator[None]:
    try:
        yield
    except InputError:
        raise
    except (ValueError, OverflowError, IndexError) as error:
        raise InputError(f"{where}: not readable as Les Houches events: {one_line(error)}") from None


def _pieces(path: Path) -> Iterator[tuple[bytes, bool]]:
    """Yield the text up to the end of each event, and at last what follows; with whether an event ends there."""
    left = b""
    with open_stream(path) as stream:
        while chunk := stream.read(_READ_BYTES):
            *whole, left = (left + chunk).split(_END)
            yield from ((piece, True) for piece in whole)
            if len(left) > MAX_SILENT_BYTES:
                raise InputError(f"events {path}: {MAX_SILENT_BYTES} bytes without an event: not an event file")
    yield left, False


def _parts(path: Path) -> Generator[bytes]:
    """Yield what comes before the events, then the text of each event, its attributes first.

    What follows the end of the document is read only for the checksum of a compressed file.
    """
    n_events, in_head, ended = 0, True, False
    for text, complete in _pieces(path):
        piece = text
        if in_head:
            head, end, piece = text.rpartition(_INIT_END)
            if not end:
                what = "has no <init> block" if complete or _LAST in text else "is truncated, in the header"
                raise InputError(f"events {path} {what}")
            in_head = False
            yield head + end
        begin = _BEGIN.search(piece)
        before = piece if begin is None else piece[: begin.start()]
        ended = ended or _LAST in before
        if ended or before.rfind(b"<!--") > before.rfind(b"-->"):
            continue
        if not complete:
            raise InputError(f"events {path} is truncated, after event {n_events}: expected {_LAST.decode()}")
        event = b"" if begin is None else piece[begin.end() - 1 :]
        n_events += 1
        if not event or b"<event" in event:
            raise InputError(f"events {path}, event {n_events}: <event> and </event> do not match")
        yield event


def _rows(source: EventSource, weight_ids: list[str], flavour: str, decays: bool) -> Iterator[tuple[float, ...]]:
    events = _parts(source.path)
    next(events)
    for count, event in enumerate(events, start=1):
        where = f"events {source.path}, event {count}"
        with _as_input_error(where):
            text = event.partition(b">")[2]
            rows = data_rows(text)
            row = _row(rows, PDG_ID[flavour], where)
            if decays:
                weights = event_weights(text, weight_ids)
                source.weights = source.weights if count > 1 else tuple(weights)
                if set(weights) != set(source.weights):
                    raise InputError(
                        f"{where}: other weights than in the first event: expected {', '.join(source.weights)}"
                    )
                row = decay_row(row, _is_standard(rows), (weights[name] for name in source.weights), source, where)
        yield row


def _particles(rows: list[Words]) -> list[Words]:
    """Lines of the particles of an event; further lines are of the generator's own.

    Raises
    ------
    ValueError
        If they are not as many as announced, or one is too short.
    """
    n = integer(rows[0][0]) if rows else 0
    particles = rows[1:]
    found = len(particles) if len(particles) < n else n + sum(len(w) >= _PARTICLE_WORDS for w in particles[n:])
    if found != n:
        raise ValueError(f"{found} particles where {n} are announced")
    short = next((len(words) for words in particles[:n] if len(words) < _PARTICLE_WORDS), None)
    if short is not None:
        raise ValueError(f"a particle has {short} numbers: expected {_PARTICLE_WORDS}")
    return particles[:n]


def _is_colourless(words: Words) -> bool:
    return integer(words[4]) == 0 and integer(words[5]) == 0


def _is_standard(rows: list[Words]) -> bool:
    """Whether all colourless final-state particles of an event are leptons and photons."""
    colourless = (w for w in _particles(rows) if integer(w[1]) == _FINAL and _is_colourless(w))
    return all(abs(integer(w[0])) in _STANDARD for w in colourless)


def _row(rows: list[Words], lepton_id: int, where: str) -> tuple[float, ...]:
    """Find the hardest lepton of an event and add up its colourless particles."""
    particles = _particles(rows)
    ids, status = [integer(words[0]) for words in particles], [integer(words[1]) for words in particles]
    leptons = []
    e = x = y = z = 0.0
    for k, words in enumerate(particles):
        if status[k] != _FINAL:
            continue
        is_lepton, colourless = abs(ids[k]) == lepton_id, _is_colourless(words)
        if not (is_lepton or colourless):
            continue
        px, py, pz, energy = map(real, words[6:10])
        if colourless:
            e, x, y, z = e + energy, x + px, y + py, z + pz
        if is_lepton:
            leptons.append(Lepton(ids[k], (energy, px, py, pz), k))
    lepton = hardest(leptons)
    origin = Origin.W if lepton is None else _origin(particles, ids, status, lepton.name)
    return event_row(real(rows[0][2]), lepton, origin, (e, x, y, z), where)


def _origin(particles: list[Words], ids: list[int], status: list[int], k: int) -> Origin:
    """Classify the lepton in line k."""
    if has_top_or_w_pair([pdg_id for pdg_id, code in zip(ids, status, strict=True) if code >= 0]):
        return Origin.TOP
    if lepton_charge(pdg_id for pdg_id, code in zip(ids, status, strict=True) if code == _FINAL) == 0:
        return Origin.PAIR
    seen: set[int] = set()
    while True:  # back over copies of the lepton, which has radiated
        seen.add(k)
        mothers = particles[k][2:4]
        parents = {m - 1 for m in map(integer, mothers) if 0 < m <= len(ids)}
        copy = next((m for m in parents - seen if ids[m] == ids[k]), None)
        if copy is None:
            break
        k = copy
    siblings = (ids[j] for j, w in enumerate(particles) if j not in seen and status[j] >= 0 and w[2:4] == mothers)
    return vertex_origin(ids[k], [ids[m] for m in parents], siblings)

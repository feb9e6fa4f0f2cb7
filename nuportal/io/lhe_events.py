"""Reading Les Houches event files with pylhe, in bounded memory."""

from __future__ import annotations

import contextlib
import gzip
import json
import math
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from nuportal.errors import InputError
from nuportal.io.event_files import LARGEST, Beams, BlockFiller, EventSource, LeptonBlock, one_line

_GZIP_MAGIC = b"\x1f\x8b"
#: Longest stretch of a file without the end of an event; a header of run cards is far shorter.
_MAX_SILENT_BYTES = 16_000_000
_READ_BYTES = 1 << 16
_EVENT_END, _END = b"</event", b"</LesHouchesEvents>"
#: Longer than any word that is looked for.
_TAIL_BYTES = 32
_FORBIDDEN = (b"<!DOCTYPE", b"<!ENTITY")
_FINAL, _ZERO = 1, (0.0, 0.0, 0.0, 0.0)


class _GuardedStream:
    """Bytes of a file, as long as they look like a Les Houches file: no document types, no endless element."""

    def __init__(self, stream: BinaryIO, path: Path) -> None:
        self._stream = stream
        self._path = path
        self._silent = 0
        self._tail = b""
        self._ended = False

    def __enter__(self) -> _GuardedStream:
        return self

    def __exit__(self, *_: object) -> None:
        """Stay open: what follows the last event is still to be read."""

    def read(self, size: int = -1) -> bytes:
        """Read up to the end of the document; some generators write more after it."""
        if self._ended:
            return b""
        data = self._stream.read(_READ_BYTES if size < 0 else min(size, _READ_BYTES))
        window = self._tail + data
        end = window.find(_END)
        if end >= 0:
            self._ended = True
            window = window[: end + len(_END)]
            data = window[len(self._tail) :]
        self._check(window, len(data))
        self._tail = window[-_TAIL_BYTES:]
        return data

    def _check(self, window: bytes, n_new: int) -> None:
        if any(word in window for word in _FORBIDDEN):
            raise InputError(f"events {self._path}: document types and entities are not allowed in a Les Houches file")
        last = window.rfind(_EVENT_END)
        self._silent = len(window) - last if last >= 0 else self._silent + n_new
        if self._silent > _MAX_SILENT_BYTES:
            raise InputError(f"events {self._path}: {_MAX_SILENT_BYTES} bytes without an event: not an event file")

    def drain(self) -> None:
        """Read what follows the document, at whose end a compressed file is checked."""
        n_more = 0
        while data := self._stream.read(_READ_BYTES):
            n_more += len(data)
            if n_more > _MAX_SILENT_BYTES:
                raise InputError(f"events {self._path}: more than {_MAX_SILENT_BYTES} bytes after the last event")


def _open_stream(path: Path) -> BinaryIO:
    with path.open("rb") as stream:
        packed = stream.read(2) == _GZIP_MAGIC
    return gzip.open(path, "rb") if packed else path.open("rb")  # type: ignore[return-value]


@contextlib.contextmanager
def open_lhe_events(path: Path) -> Iterator[EventSource]:
    """Open a Les Houches event file, packed or not; see `nuportal.io.event_files.open_events`."""
    import pylhe

    with contextlib.closing(_open_stream(path)) as opened:
        stream = _GuardedStream(opened, path)
        with _as_input_error(path, lambda: "in the header"):
            file = pylhe.LHEFile.frombuffer(stream, with_attributes=False)
            init = file.init.initInfo
            cross_section = sum(float(process.xSection) for process in file.init.procInfo)
            energies = (float(init.energyA), float(init.energyB))
        if not all(map(math.isfinite, (cross_section, *energies))):
            raise InputError(f"events {path}: cross section or beam energies are not finite numbers")
        yield EventSource(
            path=path,
            read=lambda flavour, *_: _blocks(path, file, stream, flavour),
            generator=", ".join(f"{g.name} {g.version}".strip() for g in file.init.generators),
            beams=Beams((int(init.beamA), int(init.beamB)), energies),
            metadata=_metadata(file),
            cross_section_pb=cross_section if cross_section > 0.0 else None,
        )


@contextlib.contextmanager
def _as_input_error(path: Path, where: Callable[[], str]) -> Iterator[None]:
    """Turn whatever a damaged file makes the reader do into one line."""
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
    """What our own files say in the tag ``nuportal`` of the header."""
    for element in file.header.extra_elements if file.header else ():
        if element.tag == "nuportal" and element.text:
            with contextlib.suppress(ValueError):
                content = json.loads(element.text)
                return content if isinstance(content, dict) else {}
    return {}


def _blocks(path: Path, file: Any, stream: _GuardedStream, flavour: str) -> Iterator[LeptonBlock]:
    filler = BlockFiller(flavour)
    events, more = iter(file.events), True
    while more:
        with _as_input_error(path, lambda: f"after event {filler.n_added}"):
            while not filler.full:
                event = next(events, None)
                if event is None:
                    more = False
                    stream.drain()
                    break
                _add(filler, event, f"events {path}, event {filler.n_added + 1}")
        if len(filler):
            yield filler.take(with_boson=True)


def _add(filler: BlockFiller, event: Any, where: str) -> None:
    """Find the lepton of an event and add up its colourless particles."""
    particles = event.particles
    if len(particles) != event.eventinfo.nparticles:
        raise InputError(f"{where}: {len(particles)} particles where {event.eventinfo.nparticles} are announced")
    lepton, charge, hardest = _ZERO, 0, -1.0
    e = x = y = z = 0.0
    for p in particles:
        if p.status != _FINAL:
            continue
        if not p.color1 and not p.color2:
            e, x, y, z = e + p.e, x + p.px, y + p.py, z + p.pz
        if abs(p.id) == filler.lepton_id:
            pt_sq = p.px * p.px + p.py * p.py
            if pt_sq > hardest:
                lepton, charge, hardest = (p.e, p.px, p.py, p.pz), -1 if p.id > 0 else 1, pt_sq
    # a sum is finite only if all its terms are; comparisons with NaN are false
    if not (abs(event.eventinfo.weight) < LARGEST and abs(e + x + y + z + sum(lepton)) < LARGEST):
        raise InputError(f"{where}: a weight or momentum is not a finite number below {LARGEST:g}")
    filler.add(event.eventinfo.weight, lepton, (e, x, y, z), charge)

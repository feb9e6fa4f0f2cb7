"""Reads a HepMC file in a process of its own, which `nucore.io.hepmc_events` starts.

The reader of the HepMC library can crash the process it runs in on a damaged file, and prints what it thinks of it.
Here it takes only this process along, which is held to an amount of memory and to a time for each event. Messages go
to standard output: the first `FileHead`, blocks, and at the end the number of events read and the last cross section;
or a string that says what is wrong. A message is a line of JSON, that of a block followed by its numbers.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import IO, Any

import numpy as np

from nucore.errors import InputError
from nucore.io.event_files import LARGEST, Beams, BlockFiller, LeptonBlock, checked_weight
from nucore.text import one_line

_FINAL, _BEAM, _ZERO = 1, 4, (0.0, 0.0, 0.0, 0.0)
_MEV_PER_GEV = 1000.0
#: Address space of this process beyond what it starts with, and its processor time for one event.
_MEMORY_BYTES, _EVENT_SECONDS = 800_000_000, 2.0
_MAX_LINE_BYTES = 10_000


@dataclass(frozen=True)
class FileHead:
    """What the first event says of all: the tool that made them and the beams, where it tells."""

    generator: str
    beams: Beams | None


@dataclass(frozen=True)
class FileEnd:
    """Number of events read, and the cross section in pb as known at the last that gives one."""

    n_events: int
    cross_section_pb: float | None


Message = FileHead | LeptonBlock | FileEnd | str


def messages(
    path: str, kind: str, flavour: Callable[[], str], alive: Callable[[], object] = lambda: None
) -> Iterator[Message]:
    """Read a file and yield what there is to tell of it.

    Parameters
    ----------
    path : str
    kind : str
        ``HepMC3`` or ``HepMC2``.
    flavour : callable () -> str
        Of the charged lepton; asked for after the head has been told.
    alive : callable ()
        Called at every event.
    """
    import pyhepmc

    pyhepmc.Setup.print_errors = pyhepmc.Setup.print_warnings = False
    pyhepmc.Setup.debug_level = 0
    filler, cross_section = None, None
    try:
        with pyhepmc.open(path, format=kind) as file:
            for event in file:
                alive()
                if filler is None:
                    yield _head(event)
                    filler = BlockFiller(flavour())
                _add(filler, event)
                cross_section = _cross_section(event) or cross_section
                if filler.full:
                    yield filler.take(with_boson=False)
    except InputError as error:
        yield str(error)
        return
    except Exception as error:  # a damaged file can make the reader fail in any way
        yield f"cannot be read after event {filler.n_added if filler else 0}: {one_line(error)}"
        return
    if filler is None:
        return
    if len(filler):
        yield filler.take(with_boson=False)
    yield FileEnd(filler.n_added, cross_section)


def _head(event: Any) -> FileHead:
    tool = next(iter(event.run_info.tools), None) if event.run_info else None
    beams = [p for p in event.particles if p.status == _BEAM]
    name = f"{tool.name} {tool.version}".strip() if tool else ""
    if len(beams) != 2:
        return FileHead(name, None)
    scale = _to_gev(event)
    energies = (float(beams[0].momentum.e * scale), float(beams[1].momentum.e * scale))
    return FileHead(name, Beams((int(beams[0].pid), int(beams[1].pid)), energies))


def _to_gev(event: Any) -> float:
    return 1.0 / _MEV_PER_GEV if event.momentum_unit.name == "MEV" else 1.0


def _cross_section(event: Any) -> float | None:
    value = event.cross_section.xsec() if event.cross_section is not None else 0.0
    return float(value) if np.isfinite(value) and value > 0.0 else None


def _add(filler: BlockFiller, event: Any) -> None:
    """Find the lepton of an event."""
    particles = event.numpy.particles
    found = np.flatnonzero((particles.status == _FINAL) & (np.abs(particles.pid) == filler.lepton_id))
    lepton, charge = _ZERO, 0
    if found.size:
        momenta = np.array([particles.e, particles.px, particles.py, particles.pz])[:, found] * _to_gev(event)
        hardest = int(np.argmax(np.hypot(momenta[1], momenta[2])))
        lepton, charge = tuple(momenta[:, hardest]), -1 if particles.pid[found[hardest]] > 0 else 1
    weight = float(event.weights[0]) if len(event.weights) else 1.0
    if not (checked_weight(weight) and np.all(np.abs(lepton) < LARGEST)):
        raise InputError(f"event {filler.n_added + 1}: a weight or momentum is not a finite number below {LARGEST:g}")
    filler.add(weight, lepton, _ZERO, charge)


def send(message: Message, stream: IO[bytes]) -> None:
    """Write a message."""
    if isinstance(message, LeptonBlock):
        numbers = np.column_stack([message.weight, message.charge, message.lepton.T]).astype("<f8")
        _write(stream, {"events": len(numbers)})
        stream.write(numbers.tobytes())
    else:
        kind = type(message).__name__
        _write(stream, {kind: message if isinstance(message, str) else asdict(message)})
    stream.flush()


def _write(stream: IO[bytes], content: dict[str, Any]) -> None:
    stream.write(json.dumps(content).encode() + b"\n")


def receive(stream: IO[bytes]) -> Message | None:
    """Read a message; None if there is none, or none that can be understood."""
    try:
        ((kind, content),) = json.loads(stream.readline(_MAX_LINE_BYTES)).items()
        if kind == "events":
            numbers = np.frombuffer(stream.read(48 * int(content)), "<f8").reshape(int(content), 6).T
            return LeptonBlock(numbers[0], numbers[1].astype(np.int8), numbers[2:6])
        if kind == "FileHead":
            return FileHead(str(content["generator"]), _beams(content["beams"]))
        return FileEnd(**content) if kind == "FileEnd" else str(content)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _beams(content: dict[str, Any] | None) -> Beams | None:
    if content is None:
        return None
    (first, second), (low, high) = content["ids"], content["energies_GeV"]
    return Beams((int(first), int(second)), (float(low), float(high)))


def _limit_memory() -> None:
    """Bound the address space, on systems that know it."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource
        from pathlib import Path

        used = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + _MEMORY_BYTES, used + _MEMORY_BYTES))


def _one_more_event() -> None:
    """Let the time of an event begin; at its end the system ends this process."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, _EVENT_SECONDS)


def main(path: str, kind: str) -> None:
    """Write the messages to standard output, and nothing else anywhere; the flavour comes from standard input."""
    import pyhepmc  # noqa: F401  before the memory is bounded

    with os.fdopen(os.dup(1), "wb") as pipe, open(os.devnull, "wb") as nowhere:  # noqa: PTH123
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
        _limit_memory()
        _one_more_event()
        for message in messages(path, kind, lambda: sys.stdin.readline().strip(), _one_more_event):
            send(message, pipe)

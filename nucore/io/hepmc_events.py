"""Reading HepMC text files, version 2 or 3, with pyhepmc, in bounded memory."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from nucore.errors import InputError
from nucore.io.event_files import EventSource, LeptonBlock, checked_cross_section
from nucore.io.hepmc_worker import FileEnd, FileHead, Message, receive

_HEADER_BYTES = 1024
#: What the first lines say of the format, and pyhepmc's name of it.
_FORMATS = {b"HepMC::Asciiv3": "HepMC3", b"HepMC::IO_GenEvent": "HepMC2"}
_END = b"END_EVENT_LISTING"
#: The reader's own buffer of a line is a little longer.
_MAX_LINE_BYTES = 200_000
_PROGRAM = "import sys; from nucore.io.hepmc_worker import main; main(*sys.argv[1:])"


@contextlib.contextmanager
def open_hepmc(path: Path) -> Iterator[EventSource]:
    """Open a HepMC text file; see `nucore.io.event_readers.open_events`."""
    if importlib.util.find_spec("pyhepmc") is None:
        raise InputError(f"events {path} need pyhepmc: install nuportal[hepmc], or use .lhe")
    kind, n_events = _scan(path)
    with _worker(path, kind) as worker:
        head = _receive(worker)
        if not isinstance(head, FileHead):
            reason = head if isinstance(head, str) else "event 1 cannot be read"
            raise InputError(f"events {path} is corrupt: {reason}")
        source = EventSource(
            path=path,
            read=lambda flavour, *_: _blocks(source, worker, n_events, flavour),
            generator=head.generator,
            beams=head.beams,
            radiated=True,
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


@contextlib.contextmanager
def _worker(path: Path, kind: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start `nucore.io.hepmc_worker`; end it when the block ends."""
    command = [sys.executable, "-c", _PROGRAM, str(path), kind]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=environment) as process:
        try:
            yield process
        finally:
            process.kill()


def _receive(worker: subprocess.Popen[bytes]) -> Message | None:
    """Next message of the worker; None when it has died."""
    assert worker.stdout is not None
    return receive(worker.stdout)


def _blocks(source: EventSource, worker: subprocess.Popen[bytes], n_events: int, flavour: str) -> Iterator[LeptonBlock]:
    assert worker.stdin is not None
    with contextlib.suppress(BrokenPipeError):  # of a worker that has died: seen at the next message
        worker.stdin.write(f"{flavour}\n".encode())
        worker.stdin.flush()
    n_read = 0
    while isinstance(message := _receive(worker), LeptonBlock):
        n_read += message.weight.size
        yield message
    if isinstance(message, str):
        raise InputError(f"events {source.path}: {message}")
    if not isinstance(message, FileEnd):
        raise InputError(f"events {source.path} is corrupt: the HepMC library fails after event {n_read} or later")
    if message.n_events != n_events:
        raise InputError(f"events {source.path} is corrupt: event {message.n_events + 1} of {n_events} cannot be read")
    source.cross_section_pb = checked_cross_section(message.cross_section_pb, source.path)

"""Opening event files by their suffix."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from nucore.errors import InputError
from nucore.io.event_files import EventSource

#: Module and function that open the files of a suffix.
_READERS = {
    ".lhe": ("lhe_events", "open_lhe_events"),
    ".lhe.gz": ("lhe_events", "open_lhe_events"),
    ".hepmc": ("hepmc_events", "open_hepmc"),
    ".root": ("root_events", "open_root_events"),
}


@contextlib.contextmanager
def open_events(path: str | Path, decays: bool = False) -> Iterator[EventSource]:
    """Open an event file by its suffix.

    Parameters
    ----------
    path : str or Path
        ``.lhe``, ``.lhe.gz`` (read with pylhe), ``.hepmc`` (HepMC2 or HepMC3 text), or a
        ``.root`` file of ``nuportal generate``.
    decays : bool
        Read also what W -> l nu needs to be decayed anew: the W of HepMC files, leptons of no W left out, further
        weights, whether the event is of the Standard Model.

    Yields
    ------
    EventSource

    Raises
    ------
    InputError
        If the file is missing, empty, of another kind, corrupt or truncated; also while blocks are read.
    """
    file = Path(path)
    reader = next((_READERS[s] for s in _READERS if file.name.endswith(s)), None)
    if reader is None:
        raise InputError(f"unknown suffix {file.suffix!r} of events {path}: expected one of {', '.join(_READERS)}")
    if not file.is_file():
        raise InputError(f"events {path} does not exist or is not a file")
    if file.stat().st_size == 0:
        raise InputError(f"events {path} is empty")
    module, name = reader
    with getattr(import_module(f"nucore.io.{module}"), name)(file, decays) as source:
        yield source

"""Opening event files by their suffix."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from nucore.errors import InputError
from nucore.io.event_files import EventSource

EVENT_SUFFIXES = (".lhe", ".lhe.gz", ".hepmc", ".root")


@contextlib.contextmanager
def open_events(path: str | Path) -> Iterator[EventSource]:
    """Open an event file by its suffix.

    Parameters
    ----------
    path : str or Path
        ``.lhe``, ``.lhe.gz`` (read with pylhe), ``.hepmc`` (HepMC2 or HepMC3 text), or a
        ``.root`` file of ``nuportal generate``.

    Yields
    ------
    EventSource

    Raises
    ------
    InputError
        If the file is missing, empty, of another kind, corrupt or truncated; also while blocks are read.
    """
    file = Path(path)
    suffix = next((s for s in EVENT_SUFFIXES if file.name.endswith(s)), None)
    if suffix is None:
        raise InputError(
            f"unknown suffix {file.suffix!r} of events {path}: expected one of {', '.join(EVENT_SUFFIXES)}"
        )
    if not file.is_file():
        raise InputError(f"events {path} does not exist or is not a file")
    if file.stat().st_size == 0:
        raise InputError(f"events {path} is empty")
    with _opened(file, suffix) as source:
        yield source


def _opened(file: Path, suffix: str) -> contextlib.AbstractContextManager[EventSource]:
    if suffix == ".hepmc":
        from nucore.io.hepmc_events import open_hepmc

        return open_hepmc(file)
    if suffix == ".root":
        from nucore.io.root_events import open_root_events

        return open_root_events(file)
    from nucore.io.lhe_events import open_lhe_events

    return open_lhe_events(file)

"""Opening event files: what a file is follows from its contents, not from its suffix."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from nucore.errors import InputError
from nucore.io.event_files import EventSource
from nucore.io.event_streams import open_stream

#: Module and function that open the files of a kind.
_READERS = {
    "lhe": ("lhe_events", "open_lhe_events"),
    "hepmc": ("hepmc_events", "open_hepmc"),
    "root": ("root_events", "open_root_events"),
}
_EXPECTED = "Les Houches events, HepMC text of version 2 or 3 (each plain, gzip or zstd), or .root of nuportal generate"
_HEAD_BYTES, _HEPMC_HEADER_BYTES = 1 << 16, 1024
_HEPMC = (b"HepMC::Asciiv3", b"HepMC::IO_GenEvent")
#: Other kinds of file by their first bytes, and what to do about them.
_NOT_READ = {
    b"hmpb": "is HepMC3 protobuf: write it as HepMC3 text (Asciiv3)",
    b"root": "is a packed ROOT file: unpack it",
    b"\x89HDF": "is HDF5: write it as Les Houches text (.lhe)",
    b"PK\x03\x04": "is a zip archive: unpack it",
    b"BZh": "is packed with bzip2: unpack it with bunzip2",
    b"\xfd7zXZ": "is packed with xz: unpack it with xz -d",
    b"\x1f\x8b": "is packed twice: unpack it once with gunzip",
}
#: Magic of tar archives and where it stands.
_TAR, _TAR_AT = b"ustar", 257


@contextlib.contextmanager
def open_events(path: str | Path, decays: bool = False) -> Iterator[EventSource]:
    """Open an event file by its contents.

    Parameters
    ----------
    path : str or Path
        Les Houches events or HepMC text (version 2 or 3), plain or packed with gzip or zstd, or a ROOT file of
        ``nuportal generate``; of any suffix.
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
    if not file.is_file():
        raise InputError(f"events {path} does not exist or is not a file")
    if file.stat().st_size == 0:
        raise InputError(f"events {path} is empty")
    module, name = _READERS[_kind(file)]
    with getattr(import_module(f"nucore.io.{module}"), name)(file, decays) as source:
        yield source


def _kind(path: Path) -> str:
    """Return the key of `_READERS` of a file."""
    with path.open("rb") as file:
        if file.read(4) == b"root":
            return "root"
    with open_stream(path) as stream:
        head = stream.read(_HEAD_BYTES)
    text = head.lstrip(b"\xef\xbb\xbf \r\n\t")
    what = next((what for magic, what in _NOT_READ.items() if text.startswith(magic)), None)
    if head[_TAR_AT:].startswith(_TAR):
        what = "is a tar archive: unpack it"
    if what is None and b"<LesHouchesEvents" in head:
        return "lhe"
    if what is None and any(word in head[:_HEPMC_HEADER_BYTES] for word in _HEPMC):
        return "hepmc"
    if what is None and text.startswith(b"HepMC::"):
        what = "is HepMC, but not of the formats Asciiv3 (version 3) or IO_GenEvent (version 2): write one of them"
    if what is None:
        first = text[:40].splitlines()[0].decode("utf-8", "replace") if text else ""
        what = f"holds no events, it begins with {first!r}: expected {_EXPECTED}"
    raise InputError(f"events {path} {what}")

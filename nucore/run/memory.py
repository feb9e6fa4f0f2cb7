"""How much memory there is, and how much a run would take."""

from __future__ import annotations

import re
import resource
import sys
from pathlib import Path

from nucore.errors import InputError

_UNITS = {"": 1, "k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12, "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}
_CGROUP = Path("/sys/fs/cgroup")


def parse_memory(text: str) -> int:
    """Read a size as ``2G``, ``500MB`` or ``1.5GiB``, in bytes.

    Raises
    ------
    InputError
        If it is none, or below one byte.
    """
    match = re.fullmatch(r"(\d{1,15}(?:\.\d{1,6})?)\s*([kmgt]?i?)b?", text.strip().lower())
    size = 0 if match is None or match[2] not in _UNITS else int(float(match[1]) * _UNITS[match[2]])
    if size < 1:
        raise InputError(f"memory {text!r} is not allowed: give a size as 2G, 500MB or 1.5GiB")
    return size


def show_memory(n_bytes: float) -> str:
    """Size in decimal units, as people write it."""
    for unit, scale in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if n_bytes >= scale:
            return f"{n_bytes / scale:.3g} {unit}"
    return f"{n_bytes / 1e3:.3g} kB"


def used_memory() -> int:
    """Largest resident size of this process so far, bytes."""
    status = Path("/proc/self/status")
    if status.is_file():  # what `getrusage` tells here begins with the size of the process that started this one
        match = re.search(r"VmHWM:\s*(\d+) kB", status.read_text(encoding="ascii", errors="replace"))
        if match is not None:
            return int(match[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def available_memory() -> int | None:
    """Bytes that this process may still take: of the machine, or of its control group; None if nothing tells."""
    found = [room for room in (_machine(), _control_group()) if room is not None]
    return min(found, default=None)


def _machine() -> int | None:
    info = Path("/proc/meminfo")
    if not info.is_file():
        return None
    match = re.search(r"MemAvailable:\s*(\d+) kB", info.read_text(encoding="ascii", errors="replace"))
    return None if match is None else int(match[1]) * 1024


def _control_group() -> int | None:
    try:
        limit, used = ((_CGROUP / name).read_text(encoding="ascii") for name in ("memory.max", "memory.current"))
        return max(int(limit) - int(used), 0)
    except (OSError, ValueError):  # no such group, or the limit is "max"
        return None

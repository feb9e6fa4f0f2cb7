"""Memory that a process has taken, and may still take."""

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
        raise InputError(f"invalid memory size {text!r}: expected e.g. 2G, 500MB or 1.5GiB")
    return size


def show_memory(n_bytes: float) -> str:
    """Size in decimal units, as people write it."""
    unit, scale = next((u for u in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)) if n_bytes >= u[1]), ("kB", 1e3))
    return f"{n_bytes / scale:.3g} {unit}"


def used_memory() -> int:
    """Largest resident size of this process so far, bytes."""
    # on Linux `getrusage` begins with the size of the parent process
    peak = _kilobytes("/proc/self/status", "VmHWM")
    if peak is None:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform == "darwin" else 1)
    return peak * 1024


def available_memory() -> int | None:
    """Bytes that this process may still take, of the machine and of its control group; None if nothing tells."""
    free = _kilobytes("/proc/meminfo", "MemAvailable")
    found = [] if free is None else [free * 1024]
    try:
        limit, used = ((_CGROUP / name).read_text(encoding="ascii") for name in ("memory.max", "memory.current"))
        found.append(max(int(limit) - int(used), 0))
    except (OSError, ValueError):  # no such group, or the limit is "max"
        pass
    return min(found, default=None)


def _kilobytes(file: str, name: str) -> int | None:
    try:
        match = re.search(rf"{name}:\s*(\d+) kB", Path(file).read_text(encoding="ascii", errors="replace"))
    except OSError:
        return None
    return None if match is None else int(match[1])

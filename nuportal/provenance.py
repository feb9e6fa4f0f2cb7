"""Where a result comes from: recorded in every file and every JSON answer."""

from __future__ import annotations

import datetime
import hashlib
import importlib.metadata
import platform
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import nuportal

_PACKAGES = ("numpy", "scipy", "numba", "iminuit")


@lru_cache(maxsize=1)
def cpu_type() -> str:
    """Name of the processor, as far as the system tells it."""
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def text_digest(text: str) -> str:
    """SHA-256 of a card's text."""
    return hashlib.sha256(text.encode()).hexdigest()


def provenance(
    command: list[str] | None = None,
    seed: int | None = None,
    card: str | None = None,
    card_sha256: str | None = None,
) -> dict[str, Any]:
    """Collect version, command, seed, card, time, processor and library versions.

    Parameters
    ----------
    command : list of str, optional
        The command line; by default that of this process.
    seed : int, optional
        Seed of the run; null where nothing is random.
    card, card_sha256 : str, optional
        Name and hash of the experiment card.
    """
    return {
        "version": nuportal.__version__,
        "command": [Path(sys.argv[0]).name, *sys.argv[1:]] if command is None else command,
        "seed": seed,
        "card": card,
        "card_sha256": card_sha256,
        "time_utc": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "cpu": cpu_type(),
        "python": platform.python_version(),
        "libraries": {name: importlib.metadata.version(name) for name in _PACKAGES},
    }

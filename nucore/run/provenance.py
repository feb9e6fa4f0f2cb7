"""Where a result comes from: recorded in every file and every JSON answer."""

from __future__ import annotations

import datetime
import hashlib
import json
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import nucore

#: Between the types of processor that took part in a run.
CPU_SEPARATOR = " + "
_PACKAGES = ("numpy", "scipy", "numba", "iminuit")


@dataclass
class Run:
    """What the current call of a Python function is about.

    Attributes
    ----------
    request : dict, optional
        Function and arguments, see `nuportal.api.requests`.
    cpus : set of str
        Processors that computed parts of it.
    kept : Path, optional
        Folder of finished pieces, if it was interrupted.
    seed : int, optional
        Where anything is random.
    origin : dict, optional
        ``card``, ``card_sha256`` and ``card_text`` of the experiment.
    going_on : bool
    """

    request: dict[str, Any] | None = None
    cpus: set[str] = field(default_factory=set)
    kept: Path | None = None
    seed: int | None = None
    origin: dict[str, str | None] | None = None
    going_on: bool = False


_current: ContextVar[Run | None] = ContextVar("nuportal_run", default=None)


def current_run() -> Run:
    """Run that goes on, or the last one that ended; an empty one where there is none."""
    return _current.get() or Run()


@contextmanager
def recording(request: dict[str, Any] | None) -> Iterator[Run]:
    """Begin a run; after it the outer one goes on, and a run with no outer one stays for what is told of it."""
    outer, run = current_run(), Run(request, going_on=True)
    _current.set(run)
    try:
        yield run
    finally:
        run.going_on = False
        if outer.going_on:
            _current.set(outer)


def forget_run() -> None:
    """Let what follows belong to no run."""
    _current.set(None)


@lru_cache(maxsize=1)
def cpu_type() -> str:
    """Name of the processor, as far as the system tells it."""
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


@lru_cache(maxsize=1)
def sources_version() -> str:
    """Version of this package with a hash of all code, data and libraries that a result can depend on."""
    digest = hashlib.sha256(json.dumps([platform.python_version_tuple()[:2], _libraries()]).encode())
    for package in ("collider", "mesons", "nucore", "nuportal"):
        _add(digest, files(package))
    return f"{nucore.__version__}+{digest.hexdigest()[:16]}"


def _libraries() -> dict[str, str]:
    import importlib.metadata  # not for --help

    return {name: importlib.metadata.version(name) for name in _PACKAGES}


def _add(digest: Any, folder: Traversable) -> None:
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.is_dir():
            if entry.name not in ("__pycache__", "figures", "plot", "cli"):
                _add(digest, entry)
        elif entry.name.endswith((".py", ".toml", ".npz")):
            digest.update(entry.name.encode())
            digest.update(entry.read_bytes())


def provenance(**known: Any) -> dict[str, Any]:
    """Collect version, command line, request, seed, card, time, processors and library versions.

    Parameters
    ----------
    **known
        ``seed`` (null where nothing is random), ``card``, ``card_sha256`` and ``card_text`` (of a user's card), in
        place of what the current run has recorded.

    Keys
    ----
    version : str
        Of nuportal.
    sources : str
        Hash of all code, data and libraries that a result can depend on.
    command : list of str
        Program and its arguments.
    seed : int or None
        None where nothing is random.
    card, card_sha256, card_text : str or None
        Name and hash of the experiment or parameter card; its text if it is that of a user.
    time_utc : str
        When the answer was made, ISO 8601.
    cpu : str
        Types of the processors that computed it.
    request : dict or None
        Python function and arguments that give the result again: `nuportal reproduce`.
    python : str
        Version of Python.
    libraries : dict
        Versions of numpy, scipy, numba and iminuit.
    """
    run = current_run()
    return {
        "version": nucore.__version__,
        "sources": sources_version().partition("+")[2],
        "command": [Path(sys.argv[0]).name, *sys.argv[1:]],
        "seed": run.seed,
        **(run.origin or dict.fromkeys(("card", "card_sha256", "card_text"))),
        **known,
        "time_utc": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "cpu": CPU_SEPARATOR.join(sorted(run.cpus or {cpu_type()})),
        "request": run.request,
        "python": platform.python_version(),
        "libraries": _libraries(),
    }

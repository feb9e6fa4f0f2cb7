"""``nuportal.doctor``: what is installed, where things are kept, and whether it computes right."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nucore
from nucore.caches import CACHE_VARIABLE, cache_places, chosen_cache, why_unusable
from nucore.errors import InputError
from nucore.results import Result
from nucore.run.executors import Execution
from nucore.run.memory import available_memory, show_memory
from nucore.run.provenance import cpu_type
from nucore.summaries import Table
from nuportal.api.requests import recorded
from nuportal.api.self_test import SelfTest, run_self_tests

#: Of which the versions are told; results depend on the first four.
LIBRARIES = ("numpy", "scipy", "numba", "iminuit", "uproot", "awkward", "hist", "matplotlib", "pydantic", "typer")
#: Extras of developers.
_OF_DEVELOPERS = frozenset({"bench", "docs", "test"})
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class CacheState:
    """A folder that is written without being asked for.

    Attributes
    ----------
    content : str
        What is kept there.
    path : str
        Of the folder.
    size_MB : float
        0 if it is not there.
    problem : str or None
        Why it cannot be written.
    """

    content: str
    path: str
    size_MB: float
    problem: str | None


@dataclass(frozen=True)
class Extra:
    """An optional part of the package.

    Attributes
    ----------
    name : str
        As in ``pip install "nuportal[NAME]"``.
    packages, missing : tuple of str
        Packages that it needs, and those of them that are not installed.
    """

    name: str
    packages: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def command(self) -> str | None:
        """What installs it; None if all of it is there."""
        return f'pip install "nuportal[{self.name}]"' if self.missing else None


@dataclass(frozen=True, repr=False)
class DoctorReport(Result):
    """State of an installation.

    Attributes
    ----------
    versions : dict
        Of nuportal, Python and libraries; None for one that is not there.
    machine : dict
        ``system``, ``cpu``, ``cores``, ``default_workers``, ``free_memory``.
    cache_variable : str or None
        Value of ``NUPORTAL_CACHE``.
    caches : tuple of CacheState
        Of results the last is used, the ones before cannot be written.
    extras : tuple of Extra
        Optional parts of the package.
    places : dict
        ``ufo`` and ``browser``, paths or None; numbers of ``experiments`` and of ``limits``.
    tests : tuple of SelfTest
        Checks of results against known numbers.
    problems : tuple of str
        What is wrong and what to do; empty if all is well.
    """

    versions: dict[str, str | None]
    machine: dict[str, Any]
    cache_variable: str | None
    caches: tuple[CacheState, ...]
    extras: tuple[Extra, ...]
    places: dict[str, Any]
    tests: tuple[SelfTest, ...]
    problems: tuple[str, ...]

    @property
    def healthy(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def to_dict(self) -> dict[str, Any]:
        """Fields as plain Python types, with ``healthy`` and the commands that install extras."""
        fields = super().to_dict()
        fields["extras"] = [one | {"command": e.command} for one, e in zip(fields["extras"], self.extras, strict=True)]
        return {"healthy": self.healthy, **fields}

    def headline(self) -> str:
        """Say whether all is well."""
        passed = sum(test.passed for test in self.tests)
        state = "healthy" if self.healthy else f"{len(self.problems)} problems"
        return f"{state}, {passed} of {len(self.tests)} self-tests passed"

    def rows(self) -> list[dict[str, Any]]:
        """Self-tests."""
        return [dict(test) for test in self.to_dict()["tests"]]

    def tables(self) -> tuple[Table, ...]:
        """Versions, machine, caches, extras, places, self-tests and what to do."""
        caches = tuple((one.content, one.path, one.size_MB, one.problem or "yes") for one in self.caches)
        extras = tuple((one.name, ", ".join(one.packages), one.command or "installed") for one in self.extras)
        tests = tuple((one.name, one.found, one.expected, _verdict(one)) for one in self.tests)
        told = self.problems or ("nothing to do",)
        return (
            Table.of(self.versions, "versions"),
            Table.of(self.machine, "machine"),
            Table(
                caches, ("content", "folder", "size [MB]", "can be written"), "caches",
                (f"{CACHE_VARIABLE} names another folder; now: {self.cache_variable or 'not set'}",),
            ),
            Table(extras, ("extra", "packages", "state"), "optional extras"),
            Table.of(self.places, "found"),
            Table(tests, ("self-test", "found", "expected", "verdict"), "self-tests"),
            Table(tuple((line,) for line in told), title="healthy" if self.healthy else "problems"),
        )  # fmt: skip


@recorded
def doctor() -> DoctorReport:
    """Look at the installation and compute three numbers whose value is known.

    Returns
    -------
    DoctorReport
        ``healthy`` says whether all is well, ``problems`` what is not and what to do.

    Examples
    --------
    >>> import nuportal
    >>> nuportal.doctor().healthy  # seconds  # doctest: +SKIP
    True
    """
    caches, tests = _caches(), run_self_tests()
    places, versions = _places(), _versions()
    problems = [f"{name} is not installed: pip install {name}" for name, found in versions.items() if found is None]
    ours = [one for one in caches if one.content == "results"]
    if all(one.problem is not None for one in ours):
        reason = "; ".join(f"{one.path}: {one.problem}" for one in ours)
        problems.append(f"no cache can be written ({reason}): set {CACHE_VARIABLE} to a folder that can")
    if places["ufo"] is None:
        problems.append("the UFO model is missing: install nuportal again")
    problems += [
        f"self-test failed: {one.name}: {_verdict(one)}; install nuportal again" for one in tests if not one.passed
    ]
    return DoctorReport(
        versions, _machine(), str(chosen_cache() or "") or None, caches, _extras(), places, tests, tuple(problems)
    )


def _verdict(test: SelfTest) -> str:
    return "passed" if test.passed else f"failed: {test.reason or f'off by more than {test.tolerance:g}'}"


def _versions() -> dict[str, str | None]:
    return {"nuportal": nucore.__version__, "python": platform.python_version()} | {n: _version(n) for n in LIBRARIES}


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _machine() -> dict[str, Any]:
    memory = available_memory()
    return {
        "system": platform.platform(),
        "cpu": cpu_type(),
        "cores": os.cpu_count(),
        "default_workers": Execution().local_workers,
        "free_memory": None if memory is None else show_memory(memory),
    }


def _caches() -> tuple[CacheState, ...]:
    sources = Path(nucore.__file__).resolve().parents[1]
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    kernels = Path(chosen) if chosen else sources / "nucore" / "__pycache__"
    within = [kernels] if chosen else [sources / name for name in ("nucore", "collider", "mesons")]
    size = sum(_size_mb(folder, ".nb[ic]") for folder in within)
    found: list[CacheState] = []
    for place in cache_places():  # trying one makes its folder
        found.append(CacheState("results", str(place), _size_mb(place), why_unusable(place)))
        if found[-1].problem is None:
            break
    return (*found, CacheState("compiled kernels", str(kernels), size, why_unusable(kernels)))


def _size_mb(folder: Path, suffix: str = "") -> float:
    files = [p for p in folder.rglob("*") if not suffix or re.fullmatch(suffix, p.suffix)] if folder.is_dir() else []
    return sum(p.stat().st_size for p in files if p.is_file()) / 1e6


def _extras() -> tuple[Extra, ...]:
    found: dict[str, list[str]] = {}
    for line in importlib.metadata.requires("nuportal") or ():
        name, extra = re.match(r"[\w.-]+", line), re.search(r"extra == ['\"]([\w-]+)['\"]", line)
        if name and extra and extra[1] not in _OF_DEVELOPERS:
            found.setdefault(extra[1], []).append(name[0])
    return tuple(
        Extra(name, tuple(packages), tuple(p for p in packages if _version(p) is None))
        for name, packages in sorted(found.items())
    )


def _places() -> dict[str, Any]:
    from nucore.limits.catalogue import catalogue
    from nuportal.api.experiments import experiments
    from nuportal.api.ufo import ufo_path

    try:
        ufo: str | None = str(ufo_path())
    except InputError:
        ufo = None
    browser = next((path for path in map(shutil.which, _BROWSERS) if path), None)
    return {"experiments": len(experiments()), "limits": len(catalogue()), "ufo": ufo, "browser": browser}

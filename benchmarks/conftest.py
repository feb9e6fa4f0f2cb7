"""What the page of a run says beside the times: versions, and the load of the machine before it."""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError, version
from typing import Any

PACKAGES = ("nuportal", "numpy", "scipy", "numba", "iminuit", "pyhf", "pythia8mc")
LOAD_BEFORE = os.getloadavg()[0]


def pytest_benchmark_update_machine_info(config: object, machine_info: dict[str, Any]) -> None:
    """Add them to the JSON file."""
    machine_info["load_before"] = LOAD_BEFORE
    machine_info["versions"] = {name: _version(name) for name in PACKAGES}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"

"""Thermal dark matter through the Dirac neutrino portal (arXiv:1709.07001)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

__all__ = [
    "Execution",
    "InputError",
    "PortalParameters",
    "Shard",
    "decay",
    "fit",
    "generate",
    "load_card",
    "load_events",
    "merge",
    "model",
    "project",
    "reproduce",
    "scan",
    "toys",
]

if TYPE_CHECKING:
    from nuportal.api import (
        decay,
        fit,
        generate,
        load_events,
        merge,
        model,
        project,
        reproduce,
        scan,
        toys,
    )
    from nuportal.card import load_card
    from nuportal.errors import InputError
    from nuportal.execution import Execution, Shard
    from nuportal.parameters import PortalParameters


def __getattr__(name: str) -> Any:
    """Load the public names on first use, so that ``import nuportal`` stays light."""
    if name not in __all__:
        raise AttributeError(f"module 'nuportal' has no attribute {name!r}")
    from nuportal import api

    return getattr(api, name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])

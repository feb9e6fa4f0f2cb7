"""Thermal dark matter through the Dirac neutrino portal (arXiv:1709.07001)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nucore import __version__ as __version__

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
    from nucore.errors import InputError
    from nucore.model.card import load_card
    from nucore.model.parameters import PortalParameters
    from nucore.run.chunks import Shard
    from nucore.run.executors import Execution
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


def __getattr__(name: str) -> Any:
    """Load the public names on first use, so that ``import nuportal`` stays light."""
    if name not in __all__:
        raise AttributeError(f"module 'nuportal' has no attribute {name!r}")
    from nuportal import api

    return getattr(api, name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])

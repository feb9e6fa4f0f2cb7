"""Thermal dark matter through the Dirac neutrino portal (arXiv:1709.07001).

``nuportal.X`` is a function for every command X, with the options of the command as keyword arguments; hyphens in names
are underscores.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from nucore import __version__ as __version__

#: Public names that are no commands, and where they are.
_OTHERS = {
    "Card": "nucore.card_files",
    "Execution": "nucore.run.executors",
    "InputError": "nucore.errors",
    "PortalParameters": "nucore.model.parameters",
    "Shard": "nucore.run.chunks",
    "expected_spectrum": "nuportal.api.spectrum",
    "load_card": "nucore.model.card",
    "load_events": "nucore.events",
    "plot": "nuportal.api.pictures",
}
__all__ = [
    "Card",
    "Execution",
    "InputError",
    "PortalParameters",
    "Shard",
    "analyse",
    "check",
    "cite",
    "decay",
    "doctor",
    "expected_spectrum",
    "experiments",
    "explore",
    "export",
    "figure",
    "fit",
    "flavours",
    "generate",
    "limits",
    "load_card",
    "load_events",
    "merge",
    "model",
    "plot",
    "project",
    "quickstart",
    "reproduce",
    "reproduce_result",
    "scan",
    "toys",
    "ufo",
]
#: Functions of the commands, each in a module of its name.
COMMANDS = tuple(name for name in __all__ if name not in _OTHERS)

if TYPE_CHECKING:
    from nucore.card_files import Card
    from nucore.errors import InputError
    from nucore.events import load_events
    from nucore.model.card import load_card
    from nucore.model.parameters import PortalParameters
    from nucore.run.chunks import Shard
    from nucore.run.executors import Execution
    from nuportal.api.analyse import analyse
    from nuportal.api.check import check
    from nuportal.api.cite import cite
    from nuportal.api.decay import decay
    from nuportal.api.doctor import doctor
    from nuportal.api.experiments import experiments
    from nuportal.api.explore import explore
    from nuportal.api.export import export
    from nuportal.api.figure import figure
    from nuportal.api.fit import fit
    from nuportal.api.flavours import flavours
    from nuportal.api.generate import generate
    from nuportal.api.limits import limits
    from nuportal.api.merge import merge
    from nuportal.api.model import model
    from nuportal.api.pictures import plot
    from nuportal.api.project import project
    from nuportal.api.quickstart import quickstart
    from nuportal.api.reproduce import reproduce
    from nuportal.api.reproduce_result import reproduce_result
    from nuportal.api.scan import scan
    from nuportal.api.spectrum import expected_spectrum
    from nuportal.api.toys import toys
    from nuportal.api.ufo import ufo


def __getattr__(name: str) -> Any:
    """Load the public names on first use, so that ``import nuportal`` stays light."""
    if name in COMMANDS:
        return getattr(import_module(f"nuportal.api.{name}"), name)
    if name in _OTHERS:
        return getattr(import_module(_OTHERS[name]), name)
    raise AttributeError(f"module 'nuportal' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])

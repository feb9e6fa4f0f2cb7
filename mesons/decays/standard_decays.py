"""Measured numbers of Standard Model decays, from ``data/standard-decays.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Measured:
    """A number with its uncertainty and source; `verified` is false where the source could not be read."""

    value: float
    uncertainty: float
    reference: str
    verified: bool


@cache
def _table() -> dict[str, dict[str, Measured]]:
    text = (files("mesons.decays") / "data" / "standard-decays.toml").read_text(encoding="utf-8")
    return {
        group: {name: Measured(**entry) for name, entry in entries.items()}
        for group, entries in tomllib.loads(text).items()
    }


def measured(group: str, name: str) -> Measured:
    """Number of a group (``form_factors``, ``slopes``, ``branching_ratios``)."""
    return _table()[group][name]


def value(group: str, name: str) -> float:
    """Value of `measured`, in GeV where it has a unit."""
    return measured(group, name).value

"""Experiment cards as files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Card:
    """An experiment card."""

    name: str
    text: str


CardSource = str | Path | Card

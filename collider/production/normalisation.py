"""Published cross sections of W and Z production, to which our rates are normalised."""

from __future__ import annotations

import math
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from nucore.errors import InputError

Boson = Literal["w", "z"]


@cache
def published_cross_sections(boson: Boson) -> tuple[dict[str, Any], ...]:
    """Return the entries of data/w_cross_sections.toml or data/z_cross_sections.toml, one per collision energy."""
    text = (files("collider.production") / "data" / f"{boson}_cross_sections.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(text)["energy"])


def published_cross_section(boson: Boson, sqrt_s_TeV: float, beams: str) -> dict[str, Any]:
    """Return the entry of a collision energy (TeV) and beams.

    Raises
    ------
    InputError
        If there is none.
    """
    for entry in published_cross_sections(boson):
        if math.isclose(float(entry["sqrt_s_TeV"]), sqrt_s_TeV, rel_tol=1e-9) and entry.get("beams", "pp") == beams:
            return entry
    entries = published_cross_sections(boson)
    known = ", ".join(f"{entry.get('beams', 'pp')} {entry['sqrt_s_TeV']:g}" for entry in entries)
    raise InputError(f"no {boson.upper()} normalisation for {beams} at {sqrt_s_TeV:g} TeV: expected one of {known}")

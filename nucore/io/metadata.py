"""Metadata that our own files carry."""

from __future__ import annotations

from typing import Any

#: Luminosity (fb^-1) and number of decays of any file lie between these.
_SMALLEST_EXPOSURE, _LARGEST_EXPOSURE = 1e-15, 1e30
#: What readers find and say of any file, which no file says of itself.
_OF_READERS = {"notes", "other_errors", "underflow", "overflow", "errors_of"}


def checked_metadata(metadata: Any) -> dict[str, Any]:
    """Return metadata after checking the type of the fields that are used, without those that readers fill.

    Raises
    ------
    ValueError
        If a field has another type or the metadata are not an object.
    """
    if not isinstance(metadata, dict):
        raise ValueError("the metadata are not an object")
    for name in ("experiment", "flavour", "selection", "process"):
        if not isinstance(metadata.get(name, ""), str | None):
            raise ValueError(f"{name} in the metadata is not a text")
    for name, value in exposure_in(metadata).items():
        if not _SMALLEST_EXPOSURE < value < _LARGEST_EXPOSURE:
            raise ValueError(f"invalid {name} = {value:g} in the metadata")
    return {name: value for name, value in metadata.items() if name not in _OF_READERS}


def exposure_in(metadata: dict[str, Any]) -> dict[str, float]:
    """Return the recorded exposure, ``luminosity_invfb`` or ``decays``; empty if there is none."""
    given = metadata.get("exposure") or {}
    return {name: float(given[name]) for name in ("luminosity_invfb", "decays") if name in given}

"""Answers of commands: one JSON object each."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any


def answer_object(command: str, fields: Mapping[str, Any], provenance: Mapping[str, Any]) -> dict[str, Any]:
    """Object that a command prints: its schema, where it comes from, and its fields."""
    found: dict[str, Any] = plain({"schema": f"nuportal/{command}/1", "provenance": dict(provenance), **fields})
    return found


def plain(value: Any) -> Any:
    """Plain Python types that JSON can hold; numbers that are not finite become None."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float) and not isinstance(value, bool):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Path):
        return str(value)
    return value


def fields_of(function: str, result: Any) -> dict[str, Any]:
    """Fields of a result as the command of a function prints them, plain.

    Parameters
    ----------
    function : str
        Names the only field of a result that is a list.
    result : object with ``to_dict``, mapping, or list of dataclasses
    """
    if isinstance(result, list):
        return {function: [plain(asdict(item)) for item in result]}
    return dict(plain(result if isinstance(result, Mapping) else result.to_dict()))

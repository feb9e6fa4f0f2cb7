"""Answers of commands: one JSON object each."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def answer_object(command: str, fields: Mapping[str, Any], **known: Any) -> dict[str, Any]:
    """Object that a command prints: its schema, where it comes from, and its fields.

    Parameters
    ----------
    command : str
    fields : mapping
    **known
        As in `nucore.run.provenance.provenance`.
    """
    from nucore.run.provenance import provenance

    content = {"schema": f"nuportal/{command}/1", "provenance": provenance(**known), "warnings": [], **fields}
    found: dict[str, Any] = plain(content)
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

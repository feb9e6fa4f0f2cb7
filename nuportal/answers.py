"""Answers of commands: one JSON object each."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nucore.model.parameters import PortalParameters


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


def fields_of(function: str, result: Any, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of an answer, plain: of the result, and of what was asked for where the result does not say it.

    Parameters
    ----------
    function : str
        Of `nuportal.api`.
    result : object with ``to_dict``, mapping, or list of dataclasses
    arguments : mapping
        Of the call.
    """
    if function == "limits":
        about = {"flavour": arguments.get("flavour") or "mu", "m4_GeV": arguments.get("m4")}
        return {**about, "limits": [plain(asdict(item)) for item in result]}
    fields = dict(plain(result if isinstance(result, Mapping) else result.to_dict()))
    point = (arguments.get("parameters") or PortalParameters()).to_dict()
    if function in ("generate", "check"):
        fields["parameters"] = point
    if function == "fit":
        fields["point"] = point if fields["experiment"] else None
    return fields

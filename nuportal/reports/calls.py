"""The call behind a result, as a command and as Python."""

from __future__ import annotations

import inspect
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nuportal
from nucore.model.parameters import PortalParameters

_PROGRAM = "nuportal"
#: Measured constants, which a call does not name where they are the default.
_CONSTANTS = {name: getattr(PortalParameters(), name) for name in ("m_W", "m_Z", "m_h", "G_F")}


def command_of(provenance: Mapping[str, Any]) -> str | None:
    """Command line, for a shell; None of a call from Python."""
    words = [str(word) for word in provenance.get("command") or ()]
    if not words or Path(words[0]).name not in (_PROGRAM, "__main__.py"):
        return None
    return shlex.join([_PROGRAM, *words[1:]])


def python_of(request: Mapping[str, Any] | None) -> str | None:
    """Python that repeats a call; None where an argument was an object that was not recorded."""
    if request is None:
        return None
    usual = defaults_of(request)
    lines = [
        f"    {name}={_text(value)},"
        for name, value in request["arguments"].items()
        if name not in usual or usual[name] != value
    ]
    return "\n".join(["import nuportal", "", f"nuportal.{request['function']}(", *lines, ")"])


def defaults_of(request: Mapping[str, Any] | None) -> dict[str, Any]:
    """Defaults of the function of a call, as a record has them."""
    if request is None:
        return {}
    parameters = inspect.signature(getattr(nuportal, request["function"])).parameters.values()
    found = {p.name: p.default for p in parameters if p.default is not p.empty}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}


def plain_arguments(request: Mapping[str, Any] | None) -> dict[str, Any]:
    """Arguments of a call by name, as text or plain values."""
    return {name: _plain(value) for name, value in (request or {}).get("arguments", {}).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if not isinstance(value, Mapping):
        return value
    for key in ("$file", "$path"):
        if key in value:
            return value[key]
    if "$card" in value:
        return f"./{value['$card']['name']}.toml"
    if value.keys() == {"name", "files"}:  # of a variation
        return f"{value['name']}={','.join(map(str, _plain(value['files'])))}"
    return value["fields"] if "$type" in value else {name: _plain(one) for name, one in value.items()}


def _text(value: Any) -> str:
    if isinstance(value, Mapping) and "$type" in value:
        fields = {name: one for name, one in value["fields"].items() if _CONSTANTS.get(name) != one}
        return f"nuportal.{value['$type']}({', '.join(f'{name}={one!r}' for name, one in fields.items())})"
    return repr(_plain(value))

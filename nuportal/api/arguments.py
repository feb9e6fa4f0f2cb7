"""Arguments of a call as plain data, and back: what a record holds, checked as input of a stranger."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, Unpack, get_args, get_origin, get_type_hints

import numpy as np

from nucore.errors import InputError
from nucore.io.readers import split_source

#: Arguments that name a file that is read.
SOURCES = frozenset({"data", "data_e", "data_mu", "events"})
#: Dataclasses that an argument may be.
_RECORDABLE = frozenset({"PortalParameters", "VerdictOptions"})
_PLAIN = (bool, int, float, str, NoneType)


class NotRecordableError(TypeError):
    """An argument that is an object of the caller's."""


def encode(name: str, value: Any) -> Any:
    """Encode an argument as JSON has it; `NotRecordableError` if it cannot be."""
    if name in SOURCES and isinstance(value, str | Path):
        return {"$file": str(value), "sha256": _digest(str(value))}
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, Path):
        return {"$path": str(value)}
    if isinstance(value, np.ndarray | np.generic):
        return encode("", value.tolist())
    if isinstance(value, tuple | list | range):
        return [encode("", part) for part in value]
    if isinstance(value, Mapping):
        return {str(key): encode("", part) for key, part in value.items()}
    if is_dataclass(value) and type(value).__name__ in _RECORDABLE:
        content = {f.name: encode("", getattr(value, f.name)) for f in fields(value)}
        return {"$type": type(value).__name__, "fields": content}
    raise NotRecordableError(f"{name} is an object that cannot be recorded: {type(value).__name__}")


def decode(function: Callable[..., Any], arguments: Mapping[str, Any], read_files: bool) -> dict[str, Any]:
    """Make the arguments of a call of what `encode` made of them.

    Parameters
    ----------
    function : callable
        With annotations; nothing is built that they do not name.
    arguments : mapping
        From a file, of which nothing is believed.
    read_files : bool
        Whether arguments that name inputs are allowed; no other file is opened.

    Raises
    ------
    InputError
        For arguments that the function does not have, of other types, or that name a file which has changed.
    """
    hints, others = _hints(function)
    decoded = {}
    for name, value in arguments.items():
        hint = hints.get(name, others)
        if hint is None:
            raise InputError(f"the record names an argument {name!r} that {function.__name__} does not have")
        if read_files and name in SOURCES and isinstance(value, dict):
            decoded[name] = _unchanged(value)
            continue
        try:
            decoded[name] = _as(value, hint)
        except TypeError:
            raise InputError(f"the record has {name} = {value!r}, which {function.__name__} does not take") from None
    return decoded


def _hints(function: Callable[..., Any]) -> tuple[dict[str, Any], Any]:
    """Types of the arguments by name, and of all other names; None where there are no others."""
    hints, others = get_type_hints(function), None
    hints.pop("return", None)
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            others = hints.pop(name)
            if get_origin(others) is Unpack:
                hints |= get_type_hints(get_args(others)[0])
                others = None
    return hints, others


def _as(value: Any, hint: Any) -> Any:
    """Value as an annotation asks for it; `TypeError` if it is none."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return _as_one_of(value, parts)
    if hint is Any:
        fits = isinstance(value, _PLAIN)
    elif origin is Literal:
        fits = value in parts
    elif origin is tuple and isinstance(value, list):
        kinds = parts[:1] * len(value) if parts[1:] == (...,) else parts
        if len(kinds) == len(value):
            return tuple(map(_as, value, kinds))
        fits = False
    elif origin in (Sequence, Collection, list) and isinstance(value, list):
        return [_as(part, parts[0]) for part in value]
    elif origin in (Mapping, dict) and isinstance(value, dict):
        return {_as(key, parts[0]): _as(part, parts[1]) for key, part in value.items()}
    elif is_dataclass(hint) and isinstance(value, dict):
        return _built(value, hint)
    else:
        fits = isinstance(value, bool) if hint is bool else hint in _PLAIN and _is_number_or_text(value, hint)
    if not fits:
        raise TypeError
    return value


def _as_one_of(value: Any, hints: Sequence[Any]) -> Any:
    for hint in hints:
        try:
            return _as(value, hint)
        except TypeError:
            continue
    raise TypeError


def _is_number_or_text(value: Any, hint: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, int | float if hint is float else hint)


def _built(value: dict[str, Any], kind: Any) -> Any:
    """Dataclass of its record; it checks the numbers itself."""
    name, content = value.get("$type"), value.get("fields")
    hints = get_type_hints(kind)
    if kind.__name__ not in _RECORDABLE or name != kind.__name__ or not isinstance(content, dict):
        raise TypeError
    if not set(content) <= set(hints):
        raise TypeError
    return kind(**{key: _as(part, hints[key]) for key, part in content.items()})


def _unchanged(value: dict[str, Any]) -> str:
    """Name of an input that is still what it was."""
    source, digest = value.get("$file"), value.get("sha256")
    if not isinstance(source, str) or digest is None or _digest(source) != digest:
        raise InputError(f"input {source} is not there, or is not the file it was")
    return source


def _digest(source: str) -> str | None:
    file, _ = split_source(source)
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest() if file.is_file() else None
    except OSError:  # the function that reads it says why
        return None

"""Arguments of a call as plain data, and back: what a record holds, checked as untrusted input."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import is_dataclass
from pathlib import Path
from types import NoneType
from typing import Any, get_type_hints

import numpy as np
from pydantic import ConfigDict, TypeAdapter, ValidationError

from nucore.card_files import Card, is_path
from nucore.errors import InputError
from nucore.io.readers import split_source
from nucore.model.parameters import PortalParameters
from nuportal.api.parameter_point import Point
from nuportal.api.prediction_options import POISSON, VARIANCES
from nuportal.api.prediction_sources import variations_of
from nuportal.searches import card_of

#: Arguments that name a file that is read.
SOURCES = frozenset(
    {"data", "data_e", "data_mu", "events", "prediction", "background", "covariance", "band", "data_covariance"}
)
#: Argument with files by the names of variations, ``NAME=UP[,DOWN]``.
_VARIATIONS = "variation"
#: What such an argument may be in place of a file.
_WORDS = (VARIANCES, POISSON)
_PLAIN = (bool, int, float, str, NoneType)


class NotRecordableError(TypeError):
    """An argument that is an object of the caller's."""


def encode(name: str, value: Any) -> Any:
    """Encode an argument as JSON has it; `NotRecordableError` if it cannot be.

    Parameters
    ----------
    name : str
        An input file is recorded with its hash, the experiment card of a user with its text.
    value : object
    """
    if name in SOURCES and isinstance(value, str | Path) and str(value) not in _WORDS:
        return {"$file": str(value), "sha256": _digest(str(value))}
    if name in SOURCES and isinstance(value, Mapping):
        raise NotRecordableError(f"cannot record {name}: the content of a workspace")
    if name == _VARIATIONS:
        parts = variations_of(value)
        if not all(isinstance(one, str | Path) for _, sources in parts for one in sources):
            raise NotRecordableError(f"cannot record {name}: objects")
        return [{"name": key, "files": [encode("data", file) for file in files]} for key, files in parts]
    if name == "experiment" and _names_a_file(value):
        value = card_of(value)
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
    if isinstance(value, Card):
        return {"$card": {"name": value.name, "text": value.text, "sha256": value.sha256}}
    if isinstance(value, PortalParameters):
        return {"$type": "PortalParameters", "fields": encode("", value.to_dict())}
    raise NotRecordableError(f"cannot record {name}: {type(value).__name__}")


def decode(function: Callable[..., Any], arguments: Mapping[str, Any], read_files: bool) -> dict[str, Any]:
    """Make the arguments of a call of what `encode` made of them.

    Parameters
    ----------
    function : callable
        With annotations; nothing is built that they do not name, but the `Card` of an experiment.
    arguments : mapping
        Untrusted.
    read_files : bool
        Whether arguments that name inputs are allowed; no other file is opened.

    Raises
    ------
    InputError
        For arguments that the function does not have, of other types, or that name a file which has changed.
    """
    hints, others, decoded = get_type_hints(function), None, {}
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            others = hints.pop(name)  # options, which the function checks
    for name, value in arguments.items():
        hint = hints.get(name, others) if name != "return" else None
        if hint is None:
            raise InputError(f"the record names an argument {name!r} that {function.__name__} does not have")
        try:
            decoded[name] = _decoded(name, value, hint, read_files)
        except (KeyError, TypeError, ValidationError):
            raise InputError(f"the record has {name} = {value!r}, which {function.__name__} does not take") from None
    return decoded


def _decoded(name: str, value: Any, hint: Any, read_files: bool) -> Any:
    """Value as an annotation asks for it, without conversion; `TypeError` or `ValidationError` if it is none."""
    if name in SOURCES and isinstance(value, dict):
        if not read_files:
            raise TypeError("a file where none may be read")
        return _unchanged(value)
    if name == _VARIATIONS and read_files and isinstance(value, list):
        return [_variation(part) for part in value]
    if name == "experiment" and isinstance(value, dict):
        return _card(value)
    unrecorded = name == _VARIATIONS or (name in SOURCES and isinstance(value, str) and value not in _WORDS)
    if unrecorded or (name == "experiment" and _names_a_file(value)):
        raise TypeError("a file that is not recorded with its content")
    is_object = isinstance(value, dict) and value.keys() == {"$type", "fields"}
    value = value["fields"] if is_object else value
    if isinstance(value, dict) and hint == Point:  # a point that is not valid is no mapping
        hint = PortalParameters | None if is_object else Mapping[str, float]
    strict = ConfigDict(strict=True, extra="forbid", arbitrary_types_allowed=True)
    made = TypeAdapter(hint, config=strict).validate_json(json.dumps(value))
    if is_dataclass(made) and not isinstance(made, type):
        return type(made)(**value)
    return tuple(value) if isinstance(made, tuple) else value  # an integer that stands for a float stays one


def _names_a_file(experiment: Any) -> bool:
    """Whether an experiment is given by the path of a card."""
    return isinstance(experiment, str | Path) and is_path(experiment)


def _card(value: dict[str, Any]) -> Card:
    """Experiment card of its record."""
    content = value.get("$card")
    if not isinstance(content, dict) or not all(isinstance(content.get(name), str) for name in ("name", "text")):
        raise TypeError
    card = Card(content["name"], content["text"])
    if content.get("sha256") != card.sha256:
        raise InputError(f"experiment card {card.name}: the recorded text does not have the recorded sha256")
    return card


def _variation(value: Any) -> str:
    """Variation of its record, ``NAME=UP[,DOWN]``."""
    if not isinstance(value, dict) or not all(isinstance(file, dict) for file in value["files"]):
        raise TypeError
    return f"{value['name']}={','.join(_unchanged(file) for file in value['files'])}"


def _unchanged(value: dict[str, Any]) -> str:
    """Name of an input that is still what it was."""
    source, digest = value.get("$file"), value.get("sha256")
    if not isinstance(source, str) or digest is None or _digest(source) != digest:
        raise InputError(f"input {source} is missing or has changed")
    return source


def _digest(source: str) -> str | None:
    file, _ = split_source(source)
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest() if file.is_file() else None
    except OSError:  # the function that reads it says why
        return None

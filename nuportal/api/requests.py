"""What was asked for, as plain data: recorded in every output, so that the call can be made again."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass, replace
from functools import update_wrapper, wraps
from pathlib import Path
from typing import Any, Generic, ParamSpec, TypeVar

import numpy as np

from nuportal.api.verdicts import VerdictOptions
from nuportal.errors import InputError
from nuportal.execution import Job, ShardResult, complete, write_shard
from nuportal.execution.chunks import Shard
from nuportal.io.readers import split_source
from nuportal.parameters import PortalParameters
from nuportal.provenance import recording

P = ParamSpec("P")
R = TypeVar("R")

#: How a run is carried out, not what it is.
NOT_RECORDED = frozenset({"execution", "progress"})
#: Where results go: part of the record, but not of what makes two runs the same.
PLACES = frozenset({"out", "report_folder", "folder"})
#: Arguments that name a file that is read.
_SOURCES = frozenset({"data"})
_TYPES: dict[str, type[Any]] = {"PortalParameters": PortalParameters, "VerdictOptions": VerdictOptions}


class _NotRecordableError(TypeError):
    """An argument that is an object of the caller's."""


def encode(name: str, value: Any) -> Any:
    """Encode an argument as JSON has it; `TypeError` if it cannot be."""
    if isinstance(value, bool | int | float | str | None):
        return _source(value) if name in _SOURCES and isinstance(value, str) else value
    if isinstance(value, Path):
        return _source(str(value)) if name in _SOURCES else {"$path": str(value)}
    if isinstance(value, np.ndarray | np.generic):
        return encode(name, value.tolist())
    if isinstance(value, tuple | list | range):
        return [encode("", part) for part in value]
    if isinstance(value, Mapping):
        return {str(key): encode("", part) for key, part in value.items()}
    if is_dataclass(value) and type(value).__name__ in _TYPES:
        content = value.to_dict() if isinstance(value, PortalParameters) else asdict(value)  # type: ignore[arg-type]
        return {"$type": type(value).__name__, "fields": {key: encode("", part) for key, part in content.items()}}
    raise _NotRecordableError(f"{name} is an object that cannot be recorded: {type(value).__name__}")


def decode(value: Any) -> Any:
    """Make an argument of what `encode` made of it.

    Raises
    ------
    InputError
        If a file it names has changed, or it is nothing that `encode` makes.
    """
    if isinstance(value, list):
        return [decode(part) for part in value]
    if not isinstance(value, dict):
        return value
    if "$path" in value:
        return Path(str(value["$path"]))
    if "$file" in value:
        source = str(value["$file"])
        if _digest(source) != value.get("sha256"):
            raise InputError(f"input {source} is not there, or is not the file it was")
        return source
    if "$type" in value:
        if value["$type"] not in _TYPES:
            raise InputError(f"the record names an unknown type {value['$type']!r}")
        return _TYPES[value["$type"]](**{key: decode(part) for key, part in value["fields"].items()})
    return {key: decode(part) for key, part in value.items()}


def _source(source: str) -> dict[str, Any]:
    return {"$file": source, "sha256": _digest(source)}


def _digest(source: str) -> str | None:
    file, _ = split_source(source)
    if not file.is_file():
        return None
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def request_of(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any] | None:
    """Record a call; None if an argument is an object that cannot be recorded."""
    bound = inspect.signature(function).bind(*args, **kwargs)
    bound.apply_defaults()
    arguments: dict[str, Any] = {}
    for name, parameter in bound.signature.parameters.items():
        value = bound.arguments[name]
        arguments |= value if parameter.kind is parameter.VAR_KEYWORD else {name: value}
    try:
        recorded = {
            name: encode(name, value)
            for name, value in arguments.items()
            if name not in NOT_RECORDED and value is not None
        }
    except _NotRecordableError:
        return None
    return {"function": function.__name__, "arguments": recorded}


def identity(request: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return a request without where its results go."""
    if request is None:
        return None
    arguments = {name: value for name, value in request["arguments"].items() if name not in PLACES}
    return {**request, "arguments": arguments}


def recorded(function: Callable[P, R]) -> Callable[P, R]:
    """Make a function record its call, for `nuportal.provenance.provenance`."""

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        with recording(request_of(function, args, kwargs)):
            return function(*args, **kwargs)

    return call


class Runnable(Generic[P, R]):
    """A function that describes a `Job`; calling it carries the job out.

    Parameters
    ----------
    build : callable
        Takes ``execution`` and ``progress``, and puts them into the job.
    """

    def __init__(self, build: Callable[P, Job[R]]) -> None:
        self._build = build
        update_wrapper(self, build)
        self.__signature__ = inspect.signature(build).replace(return_annotation=inspect.Signature.empty)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Carry the job out."""
        request = request_of(self._build, args, kwargs)
        with recording(request):
            return complete(self._job(request, args, kwargs))

    def shard(self, shard: Shard, path: str | Path, /, *args: P.args, **kwargs: P.kwargs) -> ShardResult:
        """Carry out a part of the job, and write its pieces to a file for `nuportal.api.merge`.

        Parameters
        ----------
        shard : Shard
        path : str or Path
        *args, **kwargs
            As for the whole; ``out`` tells what `merge` shall be able to write.
        """
        request = request_of(self._build, args, kwargs)
        if request is None:
            raise InputError("a shard needs arguments that can be recorded: names and numbers, not objects")
        with recording(identity(request)):
            return write_shard(self._job(request, args, kwargs), shard, path)

    def job(self, *args: P.args, **kwargs: P.kwargs) -> Job[R]:
        """Describe the job, and do not begin it."""
        return self._job(request_of(self._build, args, kwargs), args, kwargs)

    def _job(self, request: dict[str, Any] | None, args: Any, kwargs: Any) -> Job[R]:
        return replace(self._build(*args, **kwargs), request=identity(request))

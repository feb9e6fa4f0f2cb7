"""What was asked for, as plain data: recorded in every output, so that the call can be repeated."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, Protocol, TypeVar, cast

import nuportal
from nucore.errors import InputError
from nucore.run.chunks import Shard
from nucore.run.executors import single_threaded_blas
from nucore.run.job import Job, complete
from nucore.run.provenance import recording
from nucore.run.shards import ShardFile, write_shard
from nuportal.api.arguments import NotRecordableError, decode, encode
from nuportal.api.plain_numbers import plain_call
from nuportal.notebook_progress import notebook_progress

P = ParamSpec("P")
R = TypeVar("R", covariant=True)

#: How a run is carried out, not what it is.
NOT_RECORDED = frozenset({"execution", "progress", "workers"})
#: Where results go: part of the record, but not of what makes two runs the same.
PLACES = frozenset({"out", "report", "folder"})

_recorded: dict[str, Any] = {}


def request_of(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any] | None:
    """Record a call; None if an argument is an object that cannot be recorded."""
    bound = inspect.signature(function).bind(*args, **kwargs)
    bound.apply_defaults()
    arguments: dict[str, Any] = {}
    for name, parameter in bound.signature.parameters.items():
        value = bound.arguments[name]
        arguments |= dict(sorted(value.items())) if parameter.kind is parameter.VAR_KEYWORD else {name: value}
    told = {name: value for name, value in arguments.items() if name not in NOT_RECORDED and value is not None}
    try:
        return {"function": function.__name__, "arguments": {name: encode(name, v) for name, v in told.items()}}
    except NotRecordableError:
        return None


def arguments_of(
    function: Callable[..., Any], request: Mapping[str, Any], places: Mapping[str, Path], read_files: bool = False
) -> dict[str, Any]:
    """Arguments of a recorded call, with other `PLACES`; see `nuportal.api.arguments.decode`."""
    arguments = request.get("arguments")
    if not isinstance(arguments, dict) or NOT_RECORDED & arguments.keys():
        raise InputError("the record of the run is not one of nuportal")
    found = decode(function, {k: v for k, v in arguments.items() if k not in PLACES}, read_files) | dict(places)
    try:
        inspect.signature(function).bind(**found)
    except TypeError as error:
        raise InputError(f"the record of {function.__name__} is not complete: {error}") from None
    return found


def recorded_function(request: Mapping[str, Any]) -> Any:
    """Function that a request names; one made by `runnable` has the attributes of `Runnable`.

    Raises
    ------
    InputError
        If it is no function whose calls are recorded.
    """
    name = request.get("function")
    if name in nuportal.COMMANDS:
        getattr(nuportal, name)  # loads its module, which records it
    if not isinstance(name, str) or name not in _recorded:
        raise InputError(
            f"the record names an unknown function {name!r}: expected one of {', '.join(sorted(_recorded))}"
        )
    return _recorded[name]


@contextmanager
def _showing(function: Callable[..., Any], arguments: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Show the progress of a call in a notebook, and give its arguments with the callback among them."""
    if "progress" not in inspect.signature(function).parameters:
        yield arguments
        return
    with notebook_progress(function.__name__, arguments.get("progress")) as progress:
        yield {**arguments, "progress": progress}


def recorded(function: Callable[P, R]) -> Callable[P, R]:
    """Make a function take plain numbers, show its progress in a notebook, and record its call for provenance."""

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        given, named = plain_call(function, args, kwargs)
        with (
            recording(request_of(function, given, named)),
            single_threaded_blas(),
            _showing(function, named) as shown,
        ):
            return function(*given, **shown)

    _recorded[function.__name__] = call
    return call


class Runnable(Protocol[P, R]):
    """A function that carries out a `Job`, made by `runnable`."""

    __name__: str

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Carry the job out."""

    def shard(self, shard: Shard, path: str | Path, /, *args: P.args, **kwargs: P.kwargs) -> ShardFile:
        """Carry out a part of the job, and write its pieces to a file for `nuportal.merge`.

        Parameters
        ----------
        shard : Shard
        path : str or Path
        *args, **kwargs
            As for the whole; ``out`` tells what `merge` shall be able to write.
        """

    def job(self, *args: P.args, **kwargs: P.kwargs) -> Job[R]:
        """Describe the job, and do not begin it; its request tells no `PLACES`."""


def runnable(build: Callable[P, Job[R]]) -> Runnable[P, R]:
    """Make a function that describes a job one that carries it out, with its signature and documentation.

    Parameters
    ----------
    build : callable
        Takes ``execution`` and ``progress``, and puts them into the job.
    """

    def job(*args: P.args, **kwargs: P.kwargs) -> Job[R]:
        given, named = plain_call(build, args, kwargs)
        request = request_of(build, given, named)
        if request is not None:
            told = {name: value for name, value in request["arguments"].items() if name not in PLACES}
            request = {**request, "arguments": told}
        with single_threaded_blas():
            return replace(build(*given, **named), request=request)

    def shard(shard: Shard, path: str | Path, /, *args: P.args, **kwargs: P.kwargs) -> ShardFile:
        if kwargs.get("report") is not None:
            raise InputError("a shard has no report: expected --report with the whole run")
        with recording(None) as run:
            part = job(*args, **kwargs)
            if part.request is None:
                raise InputError("a shard needs arguments that can be recorded: names and numbers, not objects")
            run.request = part.request
            return write_shard(part, shard, path)

    @wraps(build)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        given, named = plain_call(build, args, kwargs)
        with recording(request_of(build, given, named)), _showing(build, named) as shown:
            return complete(job(*given, **shown))

    result = str(build.__annotations__["return"]).removeprefix("Job[").removesuffix("]")
    call.__annotations__ = {**build.__annotations__, "return": result}
    call.__signature__ = inspect.signature(build).replace(return_annotation=result)  # type: ignore[attr-defined]
    call.__dict__.update(shard=shard, job=job)
    _recorded[build.__name__] = call
    return cast(Runnable[P, R], call)

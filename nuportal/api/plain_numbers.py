"""Numbers of NumPy and others in a call, made plain ones of Python before anything is computed or recorded."""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Mapping
from functools import cache, wraps
from numbers import Number
from types import NoneType
from typing import Any, ParamSpec, TypeVar, get_args, get_type_hints

import numpy as np

from nucore.errors import InputError

P = ParamSpec("P")
R = TypeVar("R")

#: Names of the exposure in results, and the argument that takes it.
_ALIASES = {"luminosity_invfb": "luminosity"}
_NUMBERS = {int, float}


def plain_call(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the arguments of a call with plain numbers, as the annotations of the function have them.

    Parameters
    ----------
    function : callable
    args, kwargs
        NumPy scalars become numbers of Python, also in lists; a float that is whole, an integer where one is needed.
        ``luminosity_invfb``, as results have it, stands for ``luminosity``.

    Raises
    ------
    InputError
        For anything else in place of a number.
    TypeError
        If the function does not take such arguments.
    """
    signature, hints = inspect.signature(function), _hints(function)
    bound = signature.bind(*args, **_renamed(kwargs, signature))
    for name, value in bound.arguments.items():
        if signature.parameters[name].kind is inspect.Parameter.VAR_KEYWORD:
            bound.arguments[name] = {key: _without_numpy(one) for key, one in value.items()}
        else:
            bound.arguments[name] = plain_number(name, _without_numpy(value), hints.get(name, Any))
    return bound.args, bound.kwargs


def with_plain_numbers(function: Callable[P, R]) -> Callable[P, R]:
    """Make a function take the arguments of `plain_call`."""

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        given, named = plain_call(function, args, kwargs)
        return function(*given, **named)

    return call


@cache
def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    return get_type_hints(function)


def _renamed(kwargs: Mapping[str, Any], signature: inspect.Signature) -> dict[str, Any]:
    """Arguments under the names of the function."""
    given = dict(kwargs)
    for alias, name in _ALIASES.items():
        if alias in given and name in signature.parameters and alias not in signature.parameters:
            if given.get(name) is not None:
                raise InputError(f"{alias} and {name} are one argument: expected one of them")
            given[name] = given.pop(alias)
    return given


def _without_numpy(value: Any) -> Any:
    """Value without NumPy scalars; arrays with axes are kept."""
    if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.ndim == 0):
        item = value.item()
        return float(item) if isinstance(item, np.floating) else item  # numbers longer than Python's
    if type(value) in (list, tuple):
        return type(value)(map(_without_numpy, value))
    if type(value) is dict:
        return {_without_numpy(key): _without_numpy(one) for key, one in value.items()}
    return value


def plain_number(name: str, value: Any, hint: Any) -> Any:
    """Return an argument whose annotation asks for a number as one, others as they are; `InputError` if it is none."""
    kinds = set(get_args(hint)) or {hint}
    is_number = isinstance(value, Number) or hasattr(value, "__float__")
    if value is None or not kinds & _NUMBERS or (kinds - _NUMBERS - {NoneType} and not is_number):
        return value
    expected = "a number" if float in kinds else "a whole number"
    try:
        if isinstance(value, bool | str | np.ndarray):
            raise TypeError
        if isinstance(value, int) or (float in kinds and isinstance(value, float)):
            return value
        return float(value) if float in kinds else _whole(value)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"invalid {name} = {value!r:.60}: expected {expected}") from None


def _whole(value: Any) -> int:
    if hasattr(value, "__index__"):
        return operator.index(value)
    if not float(value).is_integer():
        raise ValueError
    return int(value)

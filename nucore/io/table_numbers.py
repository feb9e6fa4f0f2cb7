"""Numbers as tables of other programs write them: missing, limits, per cent, luminosities."""

from __future__ import annotations

import math
import re
import sys
from typing import Any

from nucore.errors import InputError
from nucore.text import LARGEST_NUMBER, number

_LARGEST_FLOAT = sys.float_info.max
_MISSING = ("", "-", "--", "nan", "n/a", "none", "null")
_LIMIT = re.compile(r"\s*(<|>|≤|≥|\\leq?|\\geq?|\$<|\$>)")
#: Luminosities in fb^-1 by their units without signs of typesetting.
_INVERSE = {"ab-1": 1e3, "fb-1": 1.0, "pb-1": 1e-3, "nb-1": 1e-6, "ub-1": 1e-9, "mub-1": 1e-9}
_TYPESETTING = re.compile(r"[\s${}^*_()\[\]\\]|text|mathrm|rm")


def is_missing(given: Any) -> bool:
    """Whether a cell states no number: empty, ``-``, nan or null."""
    if isinstance(given, float):
        return math.isnan(given)
    return given is None or (isinstance(given, str) and given.strip().casefold() in _MISSING)


def number_of(given: Any, place: str) -> float:
    """Return the number of a cell, nan where it states none.

    Raises
    ------
    InputError
        If it is a limit, any other text, or not finite.
    """
    if is_missing(given):
        return math.nan
    if isinstance(given, str):
        if _LIMIT.match(given):
            raise InputError(f"{place}: {given.strip()!r} is a limit; expected a measured number")
        try:
            value = number(given)
        except ValueError:
            raise InputError(f"{place}: {given.strip()!r} is not a number{_hint(given)}") from None
    elif isinstance(given, bool) or not isinstance(given, int | float):
        raise InputError(f"{place}: not a number")
    else:
        value = float(given) if abs(given) < _LARGEST_FLOAT else math.inf
    if not math.isfinite(value):
        raise InputError(f"{place}: {str(given)[:40]!r} is not a finite number")
    return value


def _hint(text: str) -> str:
    return " (a comma is no decimal point)" if re.fullmatch(r"\s*[+-]?[\d.]+(,\d+)+\s*", text) else ""


def size_of(given: Any, value: float, place: str) -> float:
    """Return the size of an error, which may be in per cent of a value; nan where it states none."""
    if isinstance(given, str) and given.strip().endswith("%"):
        size = abs(number_of(given.strip().removesuffix("%"), place) * 0.01 * value)
    else:
        size = abs(number_of(given, place))
    if size > LARGEST_NUMBER:
        raise InputError(f"{place}: an error of more than {LARGEST_NUMBER:g}")
    return size


def luminosity_invfb(value: str, unit: str) -> float | None:
    """Return a luminosity in fb^-1; None if the unit is not that of a luminosity, or the value not a number."""
    plain = _TYPESETTING.sub("", unit).replace("\N{MINUS SIGN}", "-").casefold()
    if found := re.fullmatch(r"(?:1/|inv|/)(\w+)", plain):
        plain = f"{found.group(1)}-1"
    if plain not in _INVERSE:
        return None
    try:
        return number(value.strip()) * _INVERSE[plain]
    except ValueError:
        return None

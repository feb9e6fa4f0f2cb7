"""What the columns of a text table are, by their names: bins, values, errors, variances."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from nucore.io.table_columns import without_unit

_UNITS = re.compile(r"\[[^\[\]]*\]|\((?:[kmgt]?ev\S*|[afpnm]b\S*)\)|\b[kmgt]ev$", re.IGNORECASE)
_ENDS = {"low": "high", "lo": "hi", "min": "max", "left": "right", "lower": "upper", "from": "to", "start": "end"}
_LOW = re.compile(rf"(?P<stem>.*?) ?(?P<end>{'|'.join(_ENDS)})(?P<tail>(?: bin)?(?: ?edges?)?)")
_CENTRE = re.compile(r"(.* )?(x|(x ?|bin ?)?(cent(er|re)s?|mid(point)?s?)|x ?val(ue)?|x ?focus)")
_WIDTH = re.compile(r"(.* )?(bin ?)?widths?|dx")
_HALF_WIDTH = re.compile(r"x ?err(or)?|ex|half ?widths?")
_INDEX = ("", "#", "i", "no", "bin", "bins", "index", "bin number", "bin index", "nbin")
_VARIANCE = re.compile(r"(?P<stem>.*?) ?(variances?|var|sum ?w2|w2|err(or)?2)")
_WORD, _BASE = r"errors?|err|unc(?:ertaint(?:y|ies))?|sigma|std ?dev|std", r"stat(?:istical)?|syst?(?:ematics?)?"
#: Words that make an error only together with one for an error.
_WEAK = r"total|tot|lumi(?:nosity)?"
_ABOVE, _BELOW = ("+", "plus", "up", "high", "hi", "pos"), ("-", "minus", "down", "dn", "low", "lo", "neg")
_SIDE = "|".join(map(re.escape, (*_ABOVE, *_BELOW)))
_ERROR = re.compile(
    rf"(?P<stem>.*?)[ .,]*(?P<a>{_WORD}|[de]?y ?(?:{_WORD})|[de]y)?[ .,]*(?P<base>{_BASE}|{_WEAK})?[ .,]*"
    rf"(?P<b>{_WORD})?[ .,]*(?P<side>{_SIDE})?"
)
#: Labels of errors in the tables that hepdata.net writes, with a sign behind.
_SIGNED = re.compile(r"(?P<label>.+) (?P<side>[+-])")


@dataclass(frozen=True)
class Columns:
    """Columns of an independent variable; None where there is none.

    Attributes
    ----------
    name, unit : str
    low, high, centre, width : int or None
    half : bool
        The width is half of that of the bin.
    """

    name: str
    unit: str = ""
    low: int | None = None
    high: int | None = None
    centre: int | None = None
    width: int | None = None
    half: bool = False

    @property
    def used(self) -> set[int]:
        """Numbers of its columns."""
        return {k for k in (self.low, self.high, self.centre, self.width) if k is not None}


@dataclass(frozen=True)
class Roles:
    """What columns are.

    Attributes
    ----------
    variables : tuple of Columns
        Empty where no name tells of bins.
    values : tuple of int
    errors : dict
        Columns of the sizes above and below, by column of the values and label.
    variances : dict
        Column by that of the values.
    others : tuple of int
        Columns of errors and variances, which may also be read as values.
    """

    variables: tuple[Columns, ...]
    values: tuple[int, ...]
    errors: dict[tuple[int, str], list[int | None]] = field(default_factory=dict)
    variances: dict[int, int] = field(default_factory=dict)
    others: tuple[int, ...] = ()


def roles_of(names: Sequence[str], edges_first: bool, signed: bool) -> Roles:
    """Tell columns by their names.

    Parameters
    ----------
    names : sequence of str
    edges_first : bool
        The first two columns are edges of bins that follow one another, whatever their names.
    signed : bool
        Any two names that end in `` +`` and `` -`` are an error, as in tables of hepdata.net.
    """
    keys = [_key(name) for name in names]
    variables = _bins(keys, names)
    if edges_first and not any(variable.high is not None for variable in variables):
        variables = (Columns("", low=0, high=1),)
    used = set().union(*(variable.used for variable in variables))
    used |= {k for k, key in enumerate(keys) if key in _INDEX or (variables and _is_width(key))}
    if not variables and (first := next((k for k in range(len(keys)) if k not in used), None)) is not None:
        variables = (Columns(*_named(names[first]), centre=first),)
        used |= {first}
    left = [k for k in range(len(keys)) if k not in used]
    wrong = [
        k for k in left if _error(keys[k], "") or _variance(keys[k], "") or (signed and _SIGNED.fullmatch(keys[k]))
    ]
    wrong = [k for k in wrong if not (keys[k] == "sigma" and k == left[0])]  # a cross section
    values = [k for k in left if k not in wrong] or wrong
    values = [k for k in values if not any(_belongs(keys[k], keys[j]) for j in values if j != k)]
    errors: dict[tuple[int, str], list[int | None]] = {}
    variances: dict[int, int] = {}
    others = [k for k in left if k not in values]
    for value in values:
        for k in others:
            stems = ("", keys[value]) if len(values) == 1 or (signed and _follows(k, value, values)) else (keys[value],)
            for stem in stems:
                if _variance(keys[k], stem):
                    variances[value] = k
                elif found := (_signed(names[k]) if signed and not stem else None) or _error(keys[k], stem):
                    label, side = found
                    pair = errors.setdefault((value, label), [None, None])
                    for end in (0, 1) if side is None else (side,):
                        pair[end] = k
                    break
    return Roles(tuple(variables), tuple(values), errors, variances, tuple(others))


def _key(name: str) -> str:
    """Return a name without units, in lower case and with blanks only."""
    text = _UNITS.sub(" ", name.replace("_", " ")).replace("$", "")
    return " ".join(text.casefold().split())


def _bins(keys: Sequence[str], names: Sequence[str]) -> tuple[Columns, ...]:
    """Return the columns of the bins that names tell of."""
    found = []
    for low, key in enumerate(keys):
        match = _LOW.fullmatch(key)
        if match is None or _error(key, "") or _error(match["stem"], ""):
            continue
        partner = key[: match.start("end")] + _ENDS[match["end"]] + match["tail"]
        high = keys.index(partner) if keys.count(partner) == 1 else None
        stem = match["stem"].strip()
        centres = [
            k for k, other in enumerate(keys) if other == stem or (stem in ("", "x", "bin") and _is_centre(other))
        ]
        widths = [k for k, other in enumerate(keys) if _WIDTH.fullmatch(other)]
        if high is not None or stem in ("", "x", "bin") or widths:
            name = "" if stem in ("x", "bin", "edge") else names[low][: len(stem)].strip(" _.")
            width = widths[0] if len(widths) == 1 and high is None else None
            centre = centres[0] if len(centres) == 1 else None
            found.append(Columns(name, _named(names[low])[1], low, high, centre, width))
    if found:
        return tuple(found)
    centres = [k for k, key in enumerate(keys) if _is_centre(key)]
    widths = [k for k, key in enumerate(keys) if _is_width(key)]
    if len(centres) != 1:
        return ()
    width = widths[0] if len(widths) == 1 else None
    half = width is not None and _HALF_WIDTH.fullmatch(keys[width]) is not None
    return (Columns("", _named(names[centres[0]])[1], centre=centres[0], width=width, half=half),)


def _named(name: str) -> tuple[str, str]:
    """Return a name, and its unit in brackets or behind ``_``."""
    found = _UNITS.search(name.replace("_", " "))
    return without_unit(name), found.group().strip("[]() ") if found else ""


def _is_centre(key: str) -> bool:
    return _CENTRE.fullmatch(key) is not None


def _is_width(key: str) -> bool:
    return _WIDTH.fullmatch(key) is not None or _HALF_WIDTH.fullmatch(key) is not None


def _error(key: str, stem: str) -> tuple[str, int | None] | None:
    """Return label and side (0 above, 1 below, None for both) of an error of the column ``stem``."""
    match = _ERROR.fullmatch(key)
    if match is None or match["stem"] != stem:
        return None
    base = match["base"] or ""
    if not (match["a"] or match["b"] or re.fullmatch(_BASE, base)):
        return None
    label = "stat" if base.startswith("stat") else "sys" if base.startswith("sys") else base
    return label, None if match["side"] is None else int(match["side"] in _BELOW)


def _signed(name: str) -> tuple[str, int] | None:
    match = _SIGNED.fullmatch(name.strip())
    return None if match is None else ("" if match["label"] == "error" else match["label"], int(match["side"] == "-"))


def _variance(key: str, stem: str) -> bool:
    match = _VARIANCE.fullmatch(key)
    return match is not None and match["stem"] == stem


def _belongs(key: str, value: str) -> bool:
    """Whether a column is an error or variance of another."""
    return bool(value) and (_error(key, value) is not None or _variance(key, value))


def _follows(k: int, value: int, values: Sequence[int]) -> bool:
    """Whether a column stands behind one of values, and before the next."""
    return value < k and not any(value < other < k for other in values)

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
#: Numbers of rows, and of bins where other columns say what these are.
_INDEX, _BINS = ("", "#", "i", "no", "index"), ("bin", "bins", "bin number", "bin index", "nbin")
_VARIANCE = re.compile(r"(?P<stem>.*?) ?(variances?|var|sum ?w2|w2|err(or)?2)")
_WORD, _BASE = r"errors?|err|unc(?:ertaint(?:y|ies))?|sigma|std ?dev|std", r"stat(?:istical)?|syst?(?:ematics?)?"
#: Words that make an error only together with one for an error.
_WEAK = r"total|tot|lumi(?:nosity)?"
_ABOVE, _BELOW = ("+", "plus", "up", "high", "hi", "pos"), ("-", "minus", "down", "dn", "low", "lo", "neg")
_SIDE = "|".join(map(re.escape, (*_ABOVE, *_BELOW)))
_ERROR = re.compile(
    rf"(?P<stem>.*?) ?(?P<a>{_WORD}|[de]?y ?(?:{_WORD})|[de]y)? ?(?P<base>{_BASE}|{_WEAK})? ?(?P<b>{_WORD})? ?"
    rf"(?P<side>{_SIDE})?"
)
#: Labels of errors in the tables that hepdata.net writes, with a sign behind.
_SIGNED = re.compile(r"(?P<label>.+) (?P<side>[+-])")


#: Longest name of which anything is read.
_LONGEST = 200


@dataclass(frozen=True)
class _Error:
    """The values whose error a column is, maybe not named, its label, and its side: 0 above, 1 below, None for both."""

    stem: str
    label: str
    side: int | None


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
    errors = [(_signed(name) if signed else None) or _error(key) for name, key in zip(names, keys, strict=True)]
    variables = _bins(keys, names, errors)
    if edges_first and not any(variable.high is not None for variable in variables):
        variables = (Columns("", low=0, high=1),)
    used = set().union(*(variable.used for variable in variables))
    used |= {k for k, key in enumerate(keys) if key in _INDEX or (variables and (_is_width(key) or key in _BINS))}
    if not variables and (first := next((k for k in range(len(keys)) if k not in used), None)) is not None:
        variables = (Columns(*_named(names[first]), centre=first),)
        used |= {first}
    left = [k for k in range(len(keys)) if k not in used]
    stems = {k: found for k in left if (found := _stem(keys[k], errors[k])) is not None}
    if left and keys[left[0]] == "sigma":  # a cross section
        del stems[left[0]]
    known = {keys[k] for k in left if k not in stems}
    values = [k for k in left if k not in stems or (stems[k] and stems[k] not in known)] or left
    others = [k for k in left if k not in values]
    found_errors: dict[tuple[int, str], list[int | None]] = {}
    variances: dict[int, int] = {}
    for k in others:
        for value in _owners(k, stems[k], keys, values, signed):
            error = errors[k]
            if error is None:
                variances[value] = k
                continue
            pair = found_errors.setdefault((value, error.label), [None, None])
            for end in (0, 1) if error.side is None else (error.side,):
                pair[end] = k
    return Roles(tuple(variables), tuple(values), found_errors, variances, tuple(others))


def _owners(k: int, stem: str, keys: Sequence[str], values: Sequence[int], signed: bool) -> list[int]:
    """Return the columns of values whose error or variance a column is."""
    if stem:
        return [value for value in values if keys[value] == stem]
    if len(values) == 1:
        return list(values)
    before = [value for value in values if value < k]
    return before[-1:] if signed else []


def _stem(key: str, error: _Error | None) -> str | None:
    """Return the name of the values whose error or variance a column is, maybe empty; None for any other."""
    if error is not None:
        return error.stem
    match = _VARIANCE.fullmatch(key)
    return match["stem"] if match else None


def _key(name: str) -> str:
    """Return a name without units, in lower case and with single blanks only; nothing is read from a long one."""
    if len(name) > _LONGEST:
        return name
    text = _UNITS.sub(" ", name.replace("_", " ")).replace("$", "")
    return " ".join(re.sub(r"[.,]", " ", text.casefold()).split())


def _bins(keys: Sequence[str], names: Sequence[str], errors: Sequence[_Error | None]) -> tuple[Columns, ...]:
    """Return the columns of the bins that names tell of."""
    found = []
    centres = [k for k, key in enumerate(keys) if _CENTRE.fullmatch(key)]
    widths = [k for k, key in enumerate(keys) if _is_width(key)]
    for low, key in enumerate(keys):
        match = _LOW.fullmatch(key)
        if match is None or errors[low] or _error(match["stem"]):
            continue
        partner = key[: match.start("end")] + _ENDS[match["end"]] + match["tail"]
        high = keys.index(partner) if keys.count(partner) == 1 else None
        stem = match["stem"].strip()
        is_plain = stem in ("", "x", "bin", "edge")
        if high is not None or is_plain or widths:
            name = "" if is_plain else names[low][: len(stem)].strip(" _.")
            width = widths[0] if len(widths) == 1 and high is None else None
            own = centres if is_plain else [k for k, other in enumerate(keys) if other == stem]
            found.append(Columns(name, _named(names[low])[1], low, high, own[0] if len(own) == 1 else None, width))
    if found:
        return tuple(found)
    if len(centres) != 1:
        return ()
    width = widths[0] if len(widths) == 1 else None
    half = width is not None and _HALF_WIDTH.fullmatch(keys[width]) is not None
    return (Columns("", _named(names[centres[0]])[1], centre=centres[0], width=width, half=half),)


def _named(name: str) -> tuple[str, str]:
    """Return a name, and its unit in brackets or behind ``_``."""
    found = _UNITS.search(name.replace("_", " "))
    return without_unit(name), found.group().strip("[]() ") if found else ""


def _is_width(key: str) -> bool:
    return _WIDTH.fullmatch(key) is not None or _HALF_WIDTH.fullmatch(key) is not None


def _error(key: str) -> _Error | None:
    """Return what error a column is by its name."""
    match = _ERROR.fullmatch(key) if len(key) <= _LONGEST else None
    if match is None:
        return None
    base = match["base"] or ""
    if not (match["a"] or match["b"] or re.fullmatch(_BASE, base)):
        return None
    label = "stat" if base.startswith("stat") else "sys" if base.startswith("sys") else base
    return _Error(match["stem"], label, None if match["side"] is None else int(match["side"] in _BELOW))


def _signed(name: str) -> _Error | None:
    match = _SIGNED.fullmatch(name.strip())
    return match and _Error("", "" if match["label"] == "error" else match["label"], int(match["side"] == "-"))

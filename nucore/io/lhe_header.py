"""Numbers, header and run information of a Les Houches event file.

References
----------
E. Boos et al., hep-ph/0109068; J. R. Andersen et al., arXiv:1405.1067 (weights).
"""

from __future__ import annotations

import contextlib
import html
import re
from dataclasses import dataclass
from typing import Any

from nucore.io.event_files import LARGEST, Beams
from nucore.io.metadata import checked_metadata
from nucore.text import parse_json

Words = list[bytes]
#: A number as Fortran writes it: D for the exponent, or no letter before one of three digits.
_FORTRAN = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+))(?:[dD]([-+]?\d+)|([-+]\d+))")
_RUN_WORDS, _PROCESS_WORDS = 10, 3
_WEIGHT = re.compile(rb"<weight\s([^<>]*)>")
_EVENT_WEIGHT = re.compile(rb"<wgt\s([^<>]*)>([^<]*)<")
_GENERATOR = re.compile(rb"<generator\s([^<>]*)>")
_INIT = re.compile(rb"<init(?:\s[^<>]*)?>")


def real(word: bytes) -> float:
    """Read a number, of Fortran too: ``0.1D+02``, ``1.0-103``.

    Raises
    ------
    ValueError
        If it is none.
    """
    try:
        return float(_plain(word))
    except ValueError:
        return _fortran(word)


def integer(word: bytes) -> int:
    """Read a whole number, which may be written as 2.0; `ValueError` if it is none."""
    try:
        return int(_plain(word))
    except ValueError:
        value = real(word)
    if value != int(value):
        raise ValueError(f"not a whole number: {word.decode('ascii')!r}")
    return int(value)


def _plain(word: bytes) -> bytes:
    if b"_" in word:  # which Python takes
        raise ValueError
    return word


def _fortran(word: bytes) -> float:
    text = word.decode("ascii", "replace")
    found = _FORTRAN.fullmatch(text)
    if found is None:
        raise ValueError(f"invalid number {text!r}")
    return float(f"{found[1]}e{found[2] or found[3]}")


def data_rows(text: bytes) -> list[Words]:
    """Words of the lines before the first tag, but for empty lines and comments."""
    rows = []
    for line in text.split(b"\n"):
        words = line.split()
        if words and not words[0].startswith(b"#"):
            if words[0].startswith(b"<"):
                break
            rows.append(words)
    return rows


@dataclass(frozen=True)
class LheHeader:
    """What comes before the events.

    Attributes
    ----------
    beams : Beams
    cross_section_pb : float
        Sum over the processes (XSECUP).
    weighting : int
        IDWTUP.
    generator : str
    metadata : dict
        Of our own files: that in the tag ``nuportal``.
    weight_ids : list of str
        Names of the weights in ``<weights>`` of the events, from ``<initrwgt>``.
    """

    beams: Beams
    cross_section_pb: float
    weighting: int
    generator: str
    metadata: dict[str, Any]
    weight_ids: list[str]


def read_header(text: bytes) -> LheHeader:
    """Read what comes before the first event.

    Raises
    ------
    ValueError
        If there is no complete block ``<init>``, or a number is not finite.
    """
    start = max((m.end() for m in _INIT.finditer(text)), default=None)
    if start is None or b"</init>" not in text[start:]:
        raise ValueError("no <init> block")
    header, init = text[:start], text[start:].partition(b"</init>")[0]
    run, *processes = data_rows(init) or [[]]
    if len(run) < _RUN_WORDS:
        raise ValueError(f"the first line of <init> has {len(run)} numbers: expected {_RUN_WORDS}")
    n_processes = integer(run[_RUN_WORDS - 1])
    processes = processes[: max(n_processes, 0)]
    if not processes or len(processes) != n_processes or min(map(len, processes)) < _PROCESS_WORDS:
        raise ValueError(f"the <init> block has {len(processes)} processes where {n_processes} are announced")
    energies = (real(run[2]), real(run[3]))
    cross_section = sum(real(words[0]) for words in processes)
    if not all(abs(value) < LARGEST for value in (cross_section, *energies)):
        raise ValueError("cross section or beam energies are not finite numbers")
    return LheHeader(
        beams=Beams((integer(run[0]), integer(run[1])), energies),
        cross_section_pb=cross_section,
        weighting=integer(run[8]),
        generator=", ".join(
            f"{_attribute(tag, b'name')} {_attribute(tag, b'version')}".strip() for tag in _GENERATOR.findall(init)
        ),
        metadata=_metadata(header),
        weight_ids=[_attribute(tag, b"id") for tag in _WEIGHT.findall(_inside(header, b"initrwgt"))],
    )


def event_weights(text: bytes, weight_ids: list[str]) -> dict[str, float]:
    """Weights of an event by their names: those in ``<rwgt>``, or the list in ``<weights>``.

    Raises
    ------
    ValueError
        If one is no number, or of the list more are given than the header names.
    """
    found = {_attribute(tag, b"id"): _only(value) for tag, value in _EVENT_WEIGHT.findall(text)}
    values = _inside(text, b"weights").split()
    if len(values) > len(weight_ids):
        raise ValueError(f"{len(values)} weights in <weights>, but <initrwgt> names {len(weight_ids)}")
    for name, value in zip(weight_ids, values, strict=False):
        found.setdefault(name, real(value))
    return found


def _only(text: bytes) -> float:
    (word,) = text.split() or [b""]
    return real(word)


def _metadata(header: bytes) -> dict[str, Any]:
    """Metadata in the tag ``nuportal`` of the header of our own files."""
    with contextlib.suppress(ValueError, RecursionError):
        return checked_metadata(parse_json(html.unescape(_inside(header, b"nuportal").decode("utf-8"))))
    return {}


def _inside(text: bytes, tag: bytes) -> bytes:
    """Text of the first element of a tag."""
    return text.partition(b"<" + tag + b">")[2].partition(b"</" + tag + b">")[0]


def _attribute(tag: bytes, name: bytes) -> str:
    found = re.search(rb"(?:^|\s)" + name + rb"\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", tag)
    return html.unescape((found[1] or found[2] or b"").decode("utf-8", "replace")) if found else ""

"""Reading SLHA files: the entries of blocks with one index, and the widths of decays (hep-ph/0311123, arXiv:0801.0045).

The file may be packed with gzip, and the card may stand in the header of a Les Houches event file or of a banner of
MadGraph, ``<slha> ... </slha>``.
"""

from __future__ import annotations

import gzip
import io
import math
import re
import zlib
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from nucore.errors import InputError
from nucore.text import number

_MAX_BYTES = 1_000_000
#: Up to the end of the card in the header of an event file, which may hold the weights of a thousand variations too.
_MAX_HEADER_BYTES = 8_000_000
_GZIP_MAGIC = b"\x1f\x8b"
_EMBEDDED = re.compile(r"<slha>(.*?)</slha>", re.DOTALL | re.IGNORECASE)
#: Particle numbers have at most ten digits.
_WHOLE = re.compile(r"[+-]?[0-9]{1,12}", re.ASCII)
#: Sections of other tools, whose lines are no entries of the block before.
_OTHER_SECTIONS = frozenset(["XSECTION", "DECAY1L"])


@dataclass
class Slha:
    """Content of an SLHA file.

    Attributes
    ----------
    blocks : dict
        Value and line of each entry by its index, for each block that was asked for and is in the file.
    names : set of str
        All blocks of the file, in capitals.
    widths : dict of float
        In GeV, by particle number; without those that are ``Auto``.
    """

    blocks: dict[str, dict[int, tuple[float, int]]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    widths: dict[int, float] = field(default_factory=dict)


def parse_slha(text: str, source: str, blocks: Collection[str], particles: Collection[int]) -> Slha:
    """Read blocks and widths from the text of an SLHA file, or of a file with one in its header.

    Parameters
    ----------
    text : str
    source : str
        Origin of the text, for messages.
    blocks : collection of str
        In capitals, each with one index; others are not read.
    particles : collection of int
        Whose widths are read.

    Raises
    ------
    InputError
        If an entry cannot be read, or contradicts another of its block.
    """
    slha = Slha()
    first_line, block = 1, None
    text = text.removeprefix("\ufeff")
    if text.lstrip()[:1] == "<":
        found = _EMBEDDED.search(text)
        if found is None:
            raise InputError(f"card {source}: no <slha> block in its header; expected an SLHA card")
        first_line += text.count("\n", 0, found.start(1))
        text = found[1].replace("<![CDATA[", "", 1)
    for line, raw in enumerate(io.StringIO(text, newline=None), first_line):
        words = raw.split("#", 1)[0].split()
        where = f"card {source}, line {line}"
        head = words[0].upper() if words else ""
        if head == "BLOCK":
            if len(words) < 2:
                raise InputError(f"{where}: BLOCK without a name")
            name = words[1].upper()
            slha.names.add(name)
            block = slha.blocks.setdefault(name, {}) if name in blocks else None
        elif head == "DECAY":
            block = None
            _enter_width(slha, words, particles, where)
        elif head in _OTHER_SECTIONS:
            block = None
        elif words and block is not None:
            _enter(block, words, line, where)
    return slha


def _enter(block: dict[int, tuple[float, int]], words: list[str], line: int, where: str) -> None:
    index = _integer(words[0], where)
    if len(words) < 2 or (len(words) > 2 and not words[1].lower().startswith("scan")):
        raise InputError(
            f"{where}: an entry needs a number and a value; found {len(words)} words (comments begin with #)"
        )
    value = _number(words[1], where)
    if block.setdefault(index, (value, line))[0] != value:
        raise InputError(f"{where}: entry {index} contradicts line {block[index][1]}")


def _enter_width(slha: Slha, words: list[str], particles: Collection[int], where: str) -> None:
    if len(words) < 3:
        raise InputError(f"{where}: DECAY needs a particle number and a width")
    particle = _integer(words[1], where)
    if particle in particles and not words[2].lower().startswith("auto"):
        slha.widths[particle] = _number(words[2], where)


def _number(text: str, where: str) -> float:
    """Read a number, the exponent of which may be written as in Fortran, 1.0D+02."""
    if text.lower().startswith("scan"):
        raise InputError(f"{where}: a scan of MadGraph; expected one value")
    try:
        value = number(text.replace("D", "E").replace("d", "e"))
    except ValueError:
        raise InputError(f"{where}: {text[:40]!r} is not a number") from None
    if not math.isfinite(value):
        raise InputError(f"{where}: {text[:40]!r} is not a finite number")
    return value


def _integer(text: str, where: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise InputError(f"{where}: {text[:40]!r} is not a whole number")
    return int(text)


def read_card_text(file: Path) -> str:
    """Read the text of a card, or of an event file up to the end of the card in its header; packed or not.

    Raises
    ------
    InputError
        If it cannot be read, is too long or no text.
    """
    try:
        with file.open("rb") as plain:
            packed = plain.peek(2)[:2] == _GZIP_MAGIC
            with gzip.GzipFile(fileobj=plain) if packed else plain as stream:
                content = stream.read(_MAX_BYTES + 1)
                if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
                    while b"</slha>" not in content.lower() and len(content) <= _MAX_HEADER_BYTES:
                        if not (more := stream.read(_MAX_BYTES)):
                            break
                        content += more
                elif len(content) > _MAX_BYTES:
                    raise InputError(f"card {file} has more than {_MAX_BYTES} bytes: not a parameter card")
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise InputError(f"card {file} is not a readable gzip file: truncated or damaged") from None
    except OSError as error:
        raise InputError(f"card {file} cannot be read: {error.strerror}") from None
    if b"\0" in content:
        raise InputError(f"card {file} is not a text file in UTF-8")
    return content.decode("utf-8-sig", "replace")  # comments may be in any encoding; entries are ASCII

"""Damage to files: the same seed and number give the same damage."""

from __future__ import annotations

import random
import re
import struct

_INTEGERS = (0, 1, -1, 2, 127, 128, 255, 256, 2**15, 2**16 - 1, 2**24 - 1, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1)
_NUMBERS = (
    "nan", "inf", "-inf", "1e999", "-1", "0", "-0.0", "1e308", "-1e308", "1e-320", "1" + "0" * 400, "9" * 5000, "",
    "1_0", "٣", "0x10", "1e15", "1e16", "2147483648", "18446744073709551616", "true", "null", '"x"', "[]", "{}", "1.5",
    "1e5", "NaN", "Infinity", "-Infinity", "1e12", "100000", "1000000", "-273",
)  # fmt: skip
_WORDS = (
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\x1b]0;x\x07", b"\n", b"\r", b"\n\n", b"\xed\xa0\x80", b"\\ud800", b"&x;",
    b"*a", b"&a", b"<<: *a", b"!!python/object/apply:os.system ['true']", b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
    b"<![CDATA[", b"]]>", b"<!--", b"-->", b"#", b",", b":", b"[" * 300, b"{" * 300, b"<a>" * 300, b"((", b"%s", b"{0}",
    b"$x_{", b"\xe2\x80\xa8",
)  # fmt: skip
_NUMBER = re.compile(rb"[-+]?\d+\.?\d*(?:[eE][-+]?\d+)?")
_TOKEN = re.compile(rb"[A-Za-z_][A-Za-z_0-9]*|[{}\[\]<>/:,\"'=]|\s+")


def mutated(seeds: list[bytes], seed: int, number: int, text: bool) -> bytes:
    """Damage one of some files in one to four places."""
    rng = random.Random(seed * 1_000_003 + number)
    data = rng.choice(seeds)
    ways = [*_ANY, *(_TEXT if text else _BINARY) * 2]
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4))):
        data = rng.choice(ways)(data, rng, seeds)
    return data


def _place(data: bytes, rng: random.Random) -> int:
    return rng.randrange(len(data) + 1)


def _flip(data: bytes, rng: random.Random, _: list[bytes]) -> bytes:
    if not data:
        return b"\x01"
    out = bytearray(data)
    for _n in range(rng.choice((1, 1, 2, 8))):
        out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
    return bytes(out)


def _insert(data: bytes, rng: random.Random, _: list[bytes]) -> bytes:
    at = _place(data, rng)
    return data[:at] + rng.randbytes(rng.choice((1, 2, 4, 16))) + data[at:]


def _delete(data: bytes, rng: random.Random, _: list[bytes]) -> bytes:
    at = _place(data, rng)
    return data[:at] + data[at + rng.choice((1, 2, 4, 8, 64, 512)) :]


def _truncate(data: bytes, rng: random.Random, _: list[bytes]) -> bytes:
    return data[: _place(data, rng)]


def _repeat(data: bytes, rng: random.Random, _: list[bytes]) -> bytes:
    at, n = _place(data, rng), rng.choice((1, 8, 64, 512, 4096))
    return data[: at + n] + data[at : at + n] * rng.choice((1, 1, 2, 20)) + data[at + n :]


def _splice(data: bytes, rng: random.Random, seeds: list[bytes]) -> bytes:
    other = rng.choice(seeds)
    return data[: _place(data, rng)] + other[_place(other, rng) :]


def _integer(data: bytes, rng: random.Random, _: list[bytes]) -> bytes:
    size = rng.choice((1, 2, 4, 4, 4, 8))
    content = (rng.choice(_INTEGERS) + rng.choice((0, 0, 0, 1, -1))) % 256**size
    at = _place(data, rng)
    return data[:at] + content.to_bytes(size, rng.choice(("big", "big", "little"))) + data[at + size :]


def _float(data: bytes, rng: random.Random, _: list[bytes]) -> bytes:
    at = _place(data, rng)
    value = rng.choice((float("nan"), float("inf"), 1e308, -1e308, -1.0, 0.0, 1e-320, 1e16))
    return data[:at] + struct.pack(">d", value) + data[at + 8 :]


def _number(data: bytes, rng: random.Random, _: list[bytes]) -> bytes:
    places = [match.span() for match in _NUMBER.finditer(data)]
    if not places:
        return data
    start, stop = rng.choice(places)
    return data[:start] + rng.choice(_NUMBERS).encode() + data[stop:]


def _token(data: bytes, rng: random.Random, _: list[bytes]) -> bytes:
    places = [match.span() for match in _TOKEN.finditer(data)]
    if not places:
        return data
    start, stop = rng.choice(places)
    other = data[slice(*rng.choice(places))]
    return data[:start] + rng.choice((b"", data[start:stop] * 2, other)) + data[stop:]


def _word(data: bytes, rng: random.Random, _: list[bytes]) -> bytes:
    at = _place(data, rng)
    return data[:at] + rng.choice(_WORDS) + data[at:]


def _line(data: bytes, rng: random.Random, _: list[bytes]) -> bytes:
    lines = data.split(b"\n")
    i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
    match rng.randrange(3):
        case 0:
            del lines[i]
        case 1:
            lines.insert(j, lines[i])
        case _:
            lines[i], lines[j] = lines[j], lines[i]
    return b"\n".join(lines)


_ANY = [_flip, _insert, _delete, _truncate, _repeat, _splice]
_BINARY = [_integer, _integer, _float, _flip]
_TEXT = [_number, _number, _token, _word, _line]

"""Untrusted text files: JSON, YAML and numbers of bounded size; nothing in them is executed."""

from __future__ import annotations

import json
import math
import re
import sys
from pathlib import Path
from typing import Any

from nucore.errors import InputError

MAX_TEXT_BYTES = 10_000_000
_BLOCK_BYTES = 2**20
#: The table of the largest histogram is smaller; parsing more takes seconds.
MAX_YAML_BYTES, MAX_YAML_DEPTH = 2_000_000, 20
#: Largest size of bin contents and edges; smallest of contents that are not 0.
LARGEST_NUMBER, SMALLEST_NUMBER = 1e15, 1e-30
#: Largest number of a workspace, whose normalisations may make it small.
_LARGEST_SHAPE = 1e100
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def read_text(file: Path, what: str = "data", kind: str = "histogram", max_bytes: int = MAX_TEXT_BYTES) -> str:
    """Read a UTF-8 text file; `InputError` if it is too long or not text."""
    try:
        content = bytearray()
        with file.open("rb") as stream:  # in blocks, so that memory grows with the text only
            while len(content) <= max_bytes and (block := stream.read(_BLOCK_BYTES)):
                content += block
    except OSError as error:
        raise InputError(f"{what} {file} cannot be read: {error.strerror}") from None
    if len(content) > max_bytes:
        raise InputError(f"{what} {file} has more than {max_bytes} bytes: not a {kind}")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{what} {file} is not a text file") from None


def number(text: str) -> float:
    """Read a number in ASCII digits; `ValueError` for other scripts, underscores or no number."""
    if not text.isascii() or "_" in text:
        raise ValueError(f"could not convert string to float: {text!r}")
    return float(text)


def parse_json(text: str) -> Any:
    """Read JSON; refuse objects with a repeated key and strings that are not text.

    Raises
    ------
    ValueError or RecursionError
        For anything else.
    """
    content = json.loads(text, object_pairs_hook=_unique)
    if _SURROGATE.search(text):
        json.dumps(content, ensure_ascii=False).encode("utf-8")  # UnicodeEncodeError is a ValueError
    return content


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r} is named twice in one object")
    return content


def parse_yaml(text: str) -> Any:
    """Read one YAML document of plain values; refuse tags, merged mappings and deep nesting.

    Raises
    ------
    yaml.YAMLError or ValueError
        If it is not.
    """
    import yaml

    _check_yaml(text)
    return yaml.load(text, Loader=_yaml_loader())  # a safe loader: plain values only


def parse_yaml_documents(text: str) -> list[Any]:
    """Read all YAML documents of a text, as `parse_yaml` does one."""
    import yaml

    _check_yaml(text)
    return list(yaml.load_all(text, Loader=_yaml_loader()))


def _check_yaml(text: str) -> None:
    import yaml

    if len(text) > MAX_YAML_BYTES:
        raise ValueError(f"more than {MAX_YAML_BYTES} characters")
    depth = 0
    for event in yaml.parse(text, Loader=_yaml_loader()):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_YAML_DEPTH:
            raise ValueError(f"collections nested more than {MAX_YAML_DEPTH} deep")
        if isinstance(event, yaml.ScalarEvent) and (event.value == "<<" or event.tag is not None):
            raise ValueError("merged mappings and tags are not allowed")
        if isinstance(event, yaml.ScalarEvent) and event.implicit[0] and len(event.value) > 1000:
            raise ValueError("a plain value has more than 1000 characters")


def _yaml_loader() -> Any:
    import yaml

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def check_values(content: Any) -> None:
    """Raise `InputError` unless all strings are printable and all numbers of a sensible size."""
    left = [content]
    while left:
        item = left.pop()
        if isinstance(item, dict):
            left.extend(item)
            left.extend(item.values())
        elif isinstance(item, list):
            left.extend(item)
        elif isinstance(item, str):
            check_name(item)
        elif isinstance(item, int | float) and not _computes(abs(item)):
            raise InputError(f"invalid number: expected a normal one of size up to {_LARGEST_SHAPE:g}")


def _computes(size: float) -> bool:
    return size == 0 or size == math.inf or sys.float_info.min <= size <= _LARGEST_SHAPE


def check_name(name: str) -> str:
    """Return a name if it is short and printable."""
    if len(name) > 1000 or not name.isprintable():
        raise InputError(f"invalid name {name[:40]!r}: too long, or with characters that cannot be printed")
    return name


def one_line(error: BaseException) -> str:
    """Return the first line of an error message, shortened."""
    text = str(error).strip().splitlines()
    return (text[0][:120] if text else "") or type(error).__name__

"""JSON files of UHI histograms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nucore.errors import InputError
from nucore.io.spectrum_file import SpectrumFile, pick
from nucore.io.uhi_histograms import category_axes, check_kind, slices_of, spectrum_of_slice, title_of
from nucore.io.uhi_kinds import no_histogram
from nucore.text import check_name, one_line, parse_json, read_text

#: Key of the metadata of our own files.
_OURS = "nuportal"
#: How deep objects with histograms may lie in one another.
_MAX_DEPTH = 5


def read_uhi(file: Path, name: str | None) -> SpectrumFile:
    """Read a histogram of a UHI file; see `nucore.io.readers.read_spectrum`.

    A histogram with axes of categories holds one for each of them, ``NAME/CATEGORY``.
    """
    try:
        content = parse_json(read_text(file))
    except InputError:
        raise
    except (ValueError, RecursionError) as error:
        raise InputError(f"data {file} is not a UHI histogram: {one_line(error)}") from None
    histograms = _histograms(content, file)
    begun = [key for key in histograms if name is not None and (name == key or name.startswith(f"{key}/"))]
    key = max(begun, key=len) if begun else pick(list(histograms), name, file)
    category = (name or key).removeprefix(key)
    check_kind(histograms[key], f"{file}, histogram {key!r}")
    slices = slices_of(histograms[key], f"{file}, histogram {key!r}")
    if not category and len(slices) == 1:
        category = next(iter(slices))
    if category not in slices and "" in slices:
        pick(list(histograms), name, file)  # raises: it has no such histogram
    if category not in slices:
        raise InputError(f"data {file}: {_ask_for_one(key, histograms[key], slices)}")
    own = content.get(_OURS) if isinstance(content, dict) else None
    return spectrum_of_slice(histograms[key], key, slices[category], file, own)


def _histograms(content: Any, file: Path) -> dict[str, dict[str, Any]]:
    """Return the histograms of a file by name."""
    if isinstance(content, list):
        content = {(title_of(item) or str(k)): item for k, item in enumerate(content)}
    if not isinstance(content, dict):
        raise InputError(f"data {file} is not a UHI histogram: it holds {content!r:.40} alone")
    if "uhi_schema" in content or {"axes", "storage"} <= content.keys():
        content = {title_of(content) or file.stem: content}
    found = dict(_within(content, "", 0))
    if not found:
        raise InputError(f"data {file} {no_histogram(content)}")
    return found


def _within(content: Mapping[str, Any], folder: str, depth: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield histograms and their names; in an object in another one ``OUTER/NAME``."""
    for key, item in content.items():
        if isinstance(item, dict) and "axes" in item:
            yield check_name(folder + key), item
        elif isinstance(item, dict) and depth < _MAX_DEPTH and (folder or key != _OURS):
            yield from _within(item, f"{folder}{key}/", depth + 1)


def _ask_for_one(name: str, item: Mapping[str, Any], slices: Mapping[str, Any]) -> str:
    names = ", ".join(category_axes(item))
    choices = [f"{name}{one}" for one in slices]
    more = ", ..." if len(choices) > 20 else ""
    return (
        f"histogram {name!r} has a category axis ({names}); expected FILE:NAME of one: {', '.join(choices[:20])}{more}"
    )

"""What stands for a spectrum, a matrix or variations in the options of a prediction: files, or objects in Python."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nucore.errors import InputError
from nucore.io.plottable import Data, numbers, read_data
from nucore.io.readers import SpectrumFile
from nucore.io.template_files import Templates

Source: TypeAlias = Data | Templates
Matrix: TypeAlias = str | Path | ArrayLike
#: ``NAME=UP[,DOWN]``, or UP or (UP, DOWN) by the names.
Variations: TypeAlias = str | Sequence[str] | Mapping[str, Source | tuple[Source, Source]]

_NAME = re.compile(r"[A-Za-z][\w.+-]*")


def source_of(option: str, given: Source, with_nu4: bool = False) -> str | Path | SpectrumFile | Templates:
    """Return a spectrum or templates of an object; files, which are read where their bins are known, as they are.

    Parameters
    ----------
    option : str
        For errors.
    given : str, Path or object
        As `nucore.io.plottable.read_data` takes it.
    with_nu4 : bool
        Whether templates of nu4 are taken too, or those of a result of ``analyse`` that has some.
    """
    templates = getattr(given, "templates", given)
    if with_nu4 and isinstance(templates, Templates):
        return templates
    if isinstance(given, str | Path):
        return given
    try:
        return read_data(given)
    except InputError as error:
        raise InputError(f"{option}: {error}") from None


def matrix_of(option: str, given: Matrix) -> str | Path | NDArray[np.float64]:
    """Return a matrix of an array or of a histogram with two axes; files and words as they are."""
    if isinstance(given, str | Path):
        return given
    if isinstance(given, list | tuple) or hasattr(given, "__array_interface__") or not hasattr(given, "axes"):
        return numbers(given, option)
    found: Any = source_of(option, given)
    axes = found.spectrum.axes
    if len(axes) != 2:
        raise InputError(f"{option}: a histogram of {len(axes) or 1} axes; expected a matrix, with two")
    return np.asarray(found.spectrum.values.reshape([axis.n_bins for axis in axes]))


def variations_of(given: Variations) -> tuple[tuple[str, tuple[Source, ...]], ...]:
    """Return names of variations with UP, or UP and DOWN, of each.

    Raises
    ------
    InputError
        If a name is not one, or there are no such files.
    """
    if isinstance(given, Mapping):
        found = [(str(name), _up_and_down(sources)) for name, sources in given.items()]
    else:
        found = [_parsed(text) for text in ([given] if isinstance(given, str) else given)]
    for name, _ in found:
        if not _NAME.fullmatch(name):
            raise InputError(f"invalid --variation {name!r}: expected a name of letters, digits or one of _.+-")
    return tuple(found)


def _up_and_down(given: Any) -> tuple[Source, ...]:
    """Return both sides where there are two; a pair of arrays is one side, (values, edges)."""
    pair = isinstance(given, tuple | list) and len(given) == 2
    return tuple(given) if pair and not any(isinstance(one, np.ndarray | list) for one in given) else (given,)


def _parsed(text: str) -> tuple[str, tuple[str, ...]]:
    name, _, sources = text.partition("=") if isinstance(text, str) else ("", "", "")
    files = tuple(sources.split(",", 1))
    if not (_NAME.fullmatch(name) and all(files)):
        raise InputError(f"invalid --variation {text!r}: expected NAME=UP or NAME=UP,DOWN, the latter as FILE[:NAME]")
    return name, files


def name_of(source: Source) -> str:
    """Name of a source for a reader of a result or an error."""
    if isinstance(source, Templates):
        return source.sm.name
    return source.spectrum.name if isinstance(source, SpectrumFile) else str(source)

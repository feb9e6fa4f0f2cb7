"""Tables of HEPData in ROOT files: ``Hist1D_y1`` has values, ``Hist1D_y1_e1`` and so on an error each.

The title of the axis of contents of an error is its label, with ``_plus`` or ``_minus`` where it is asymmetric. The
sums of squared weights in such a file are the squares of the contents, and no variances.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucore.io.root_files import RootFile
from nucore.io.table_readings import STATISTICAL

#: Errors of a table, and bytes by which one may be larger than the values.
_MAX_ERRORS, _MORE_BYTES = 200, 2000
_TABLE = re.compile(r"(?P<values>(?:.*/)?Hist[123]D_y[0-9]+)(?P<error>_e[0-9]+(?:plus|minus)?)?", re.DOTALL)
#: What the converter of HEPData calls an error without a label.
_UNLABELLED = "error"


def is_table(name: str) -> bool:
    """Whether a histogram has the name of values or an error of a HEPData table."""
    return _TABLE.fullmatch(name) is not None


def values_of_errors(root: RootFile, name: str) -> str | None:
    """Return the histogram whose errors a histogram of a HEPData table holds; None for any other."""
    match = _TABLE.fullmatch(name)
    return match["values"] if match and match["error"] and match["values"] in root.kinds else None


def errors_beside(root: RootFile, name: str) -> tuple[NDArray[np.float64] | None, list[str]]:
    """Return the statistical errors of the values of a table, and the labels of all other errors.

    Parameters
    ----------
    root : RootFile
    name : str
        Of the values.

    Returns
    -------
    float64[n] or None
        In the shape of the values; None without one that is symmetric.
    list of str

    Raises
    ------
    ValueError
        If there are too many errors, or one is no histogram like the values.
    """
    names = [other for other in root.kinds if other.startswith(f"{name}_e") and values_of_errors(root, other) == name]
    if len(names) > _MAX_ERRORS:
        raise ValueError(f"{len(names)} errors of {name!r}: expected up to {_MAX_ERRORS}")
    found: dict[str, NDArray[np.float64]] = {}
    for other in names:
        if root.kind(other) != root.kind(name) or root.size(other) > root.size(name) + _MORE_BYTES:
            raise ValueError(f"{other!r} has other bins than {name!r}")
        error = root.get(other)
        found[contents_title(error) or other.removeprefix(f"{name}_")] = np.asarray(error.values(), np.float64)
    if list(found) == [_UNLABELLED]:
        return found[_UNLABELLED], []
    statistical = found.pop(STATISTICAL, None)
    return statistical, sorted({re.sub("_(plus|minus)$", "", label) for label in found})


def contents_title(histogram: Any) -> str:
    """Return the title of the axis of contents, empty where there is none."""
    axes = ("fXaxis", "fYaxis", "fZaxis")[len(histogram.axes) :]
    return str(histogram.member(axes[0]).member("fTitle")).strip() if axes else ""

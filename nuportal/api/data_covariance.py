"""Covariance of data in the user's files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nucore.contents import doubt
from nucore.errors import InputError
from nucore.io.readers import SpectrumFile, read_matrix
from nucore.io.table_readings import OTHER_ERRORS
from nuportal.api.prediction_options import POISSON, VARIANCES
from nuportal.api.prediction_sources import Matrix

Array = NDArray[np.float64]

#: Variances of counts differ from the counts by less than this factor.
_OF_COUNTS = 1.5


def with_covariance(data: SpectrumFile, given: Matrix | None) -> SpectrumFile:
    """Return data with their covariance matrix, if there is one.

    Raises
    ------
    InputError
        If the matrix cannot be read, or the file of the data states no variances where they are asked for.
    """
    if given is None:
        return data
    if isinstance(given, str) and given == POISSON:
        return replace(data, has_variances=False)
    n = data.spectrum.n_bins
    if isinstance(given, str) and given == VARIANCES:
        if not data.has_variances:
            raise InputError("--data-covariance variances: the file of the data states none; expected a matrix")
        if others := data.metadata.get(OTHER_ERRORS):
            raise InputError(
                f"--data-covariance variances: errors {', '.join(others)} of the data are left out; expected "
                f"--data-covariance FILE, a matrix with all of them"
            )
        matrix = np.diag(data.spectrum.variances)
    else:
        matrix = read_square(given, n, "--data-covariance")
    return replace(data, covariance=matrix)


def check_for_prediction(data: SpectrumFile, trusted: bool) -> None:
    """Raise `InputError` for data whose errors are not those of counts: the rate of a prediction does not show it.

    Parameters
    ----------
    data : SpectrumFile
    trusted : bool
        Contents without variances need not look like counts.
    """
    if data.covariance is not None:
        return
    filled, name = data.spectrum.values > 0.0, f"data {data.spectrum.name!r}"
    if data.states_variances:
        ratio = float(np.median(data.spectrum.variances[filled] / data.spectrum.values[filled]))
        if not 1.0 / _OF_COUNTS <= ratio <= _OF_COUNTS:
            raise InputError(
                f"{name}: their variances are {ratio:.3g} times their values, so they are no counts; expected "
                f"--data-covariance FILE, or variances"
            )
    elif not trusted and (what := doubt(data)):
        raise InputError(
            f"{name}: {what}, so they are no counts of events; expected counts in each bin, or --data-covariance FILE, "
            f"variances (of their file), or poisson (as of counts)"
        )


def read_square(given: Matrix, n: int, option: str) -> Array:
    """Return the n x n matrix of an option, read if it is a file; `InputError` for another size."""
    matrix = read_matrix(given, n) if isinstance(given, str | Path) else np.asarray(given, np.float64)
    if matrix.shape != (n, n):
        raise InputError(f"{option}: {' x '.join(map(str, matrix.shape))} numbers; expected {n} x {n}")
    return matrix

"""Covariance of data in the user's files, and whether those without one are counts of events."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nucore.errors import InputError
from nucore.io.hepdata_tables import OTHER_ERRORS
from nucore.io.readers import SpectrumFile, read_matrix
from nuportal.api.prediction_options import POISSON, VARIANCES, Matrix

Array = NDArray[np.float64]

#: Variances of counts differ from the counts by less than this factor.
_OF_COUNTS = 1.5
#: Relative rounding of a whole number, and the largest that is exact.
_WHOLE, _LARGE = 1e-6, 1e15
#: Counts in so many bins are not by chance all multiples of a number, as counts per GeV in bins of 0.5 GeV are.
_MANY_BINS = 20


def with_covariance(data: SpectrumFile, given: Matrix | None) -> SpectrumFile:
    """Return data with their covariance matrix, if there is one.

    Raises
    ------
    InputError
        If the matrix cannot be read, or the file of the data states no variances where they are asked for.
    """
    if given is None or (isinstance(given, str) and given == POISSON):
        return data
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
    return SpectrumFile(data.spectrum, data.metadata, data.has_variances, matrix)


def check_counts(data: SpectrumFile, whole: bool) -> None:
    """Raise `InputError` for data without a covariance matrix that are no counts of events.

    Parameters
    ----------
    data : SpectrumFile
    whole : bool
        Without variances their values must be whole numbers, and in many bins have no common divisor.
    """
    values = data.spectrum.values[data.spectrum.values > 0.0]
    if data.covariance is not None or not values.size:
        return
    name = f"data {data.spectrum.name!r}"
    if data.has_variances:
        variances = data.spectrum.variances[data.spectrum.values > 0.0]
        ratio = float(np.median(variances / values))
        if not 1.0 / _OF_COUNTS <= ratio <= _OF_COUNTS:
            raise InputError(
                f"{name}: their variances are {ratio:.3g} times their values, so they are no counts; expected "
                f"--data-covariance FILE, or variances"
            )
    elif whole and (what := _no_counts(values)):
        raise InputError(
            f"{name}: {what}, so they are no counts of events; expected counts in each bin, or --data-covariance FILE, "
            f"variances (of their file), or poisson (as of counts)"
        )


def _no_counts(values: Array) -> str | None:
    """Return why values above 0 are no counts of events, if it can be seen."""
    broken = np.abs(values - np.rint(values)) > _WHOLE * values
    if broken.any():
        return f"{values[broken][0]:.10g} is not whole"
    if values.size < _MANY_BINS or values.max() > _LARGE:
        return None
    divisor = int(np.gcd.reduce(np.rint(values).astype(np.int64)))
    return f"all are multiples of {divisor}" if divisor > 1 else None


def read_square(given: Matrix, n: int, option: str) -> Array:
    """Return the n x n matrix of an option, read if it is a file; `InputError` for another size."""
    matrix = read_matrix(given, n) if isinstance(given, str | Path) else np.asarray(given, np.float64)
    if matrix.shape != (n, n):
        raise InputError(f"{option}: {' x '.join(map(str, matrix.shape))} numbers; expected {n} x {n}")
    return matrix

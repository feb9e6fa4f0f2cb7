"""What the contents of a user's histogram are: counts of events, weighted events, or no counts at all."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from nucore.errors import InputError
from nucore.histograms import Spectrum
from nucore.io.spectrum_file import SpectrumFile
from nucore.rebinning import axes_of
from nucore.stated_units import no_counts
from nucore.stats.covariance import CountUnit

Array = NDArray[np.float64]

#: Relative rounding of a whole number, and the largest that is exact.
_WHOLE, _LARGE = 1e-6, 1e15
#: Of whole counts n the variances in a table are n within 0.05 n (rounding) and 1.2 sqrt(n) + 1: the mean of both
#: errors of a Poisson number is about sqrt(n) + 1/2.
_ROUNDED, _ASYMMETRIC = 0.05, 1.2
#: Effective counts for each bin of a histogram from which on a mean weight is steady: its fluctuation shifts a rate by
#: less than a tenth of its error. Variances over contents below which these are no data, whose weights are 1 or more
#: but for few events.
_STEADY, _SIMULATED = 100.0, 0.8
#: Error over content from which on a bin says nothing.
_VAGUE = 100.0
#: Counts in so many bins are not by chance all multiples of a number, as counts per GeV in bins of 0.5 GeV are.
_MANY_BINS = 20
#: What to do with contents that are no counts.
_EXPECTED = "expected counts in each bin, or weighted events with their variances"


def check_counts(data: SpectrumFile) -> None:
    """Raise `InputError` for data without a covariance matrix that cannot be counts of events.

    Weighted events with their variances are counts here; see `doubt` of the others.
    """
    spectrum, name = data.spectrum, f"data {data.spectrum.name!r}"
    if values := data.metadata.get("errors_of"):
        raise InputError(f"{name}: the errors of {values!r}, no counts of events; expected {values!r}")
    if not spectrum.integral > 0.0 or np.any(spectrum.values < 0.0):
        raise InputError(f"histogram {spectrum.name!r} has no events, or negative ones: nothing to fit")
    if what := no_counts(data.stated_unit, np.diff(axes_of(spectrum)[-1].edges)):
        raise InputError(f"{name}: the file says {data.stated_unit!r}: {what}, no counts of events; {_EXPECTED}")
    if spectrum.integral < 1.0 + _WHOLE and not _is_whole(spectrum.values):
        raise InputError(f"{name}: normalised to a sum of {spectrum.integral:.4g}, no counts of events; {_EXPECTED}")
    if data.states_variances:
        _check_variances(spectrum, name)


def _check_variances(spectrum: Spectrum, name: str) -> None:
    """Raise `InputError` for a bin whose variance is none of its content."""
    lost = (spectrum.variances == 0.0) & (spectrum.values > 0.0)
    if lost.any():
        raise InputError(
            f"{name}: bin {int(np.argmax(lost)) + 1} holds {spectrum.values[lost][0]:g} with variance 0; expected "
            f"variances of all bins, or none"
        )
    vague = spectrum.variances > _VAGUE**2 * np.maximum(spectrum.values, 1.0) ** 2
    if vague.any():
        raise InputError(
            f"{name}: bin {int(np.argmax(vague)) + 1} holds {spectrum.values[vague][0]:g} with variance "
            f"{spectrum.variances[vague][0]:.3g}, an error of more than {_VAGUE:g} times that; expected a smaller one"
        )
    many = spectrum.values**2 > _LARGE * spectrum.variances
    if many.any():
        raise InputError(
            f"{name}: bin {int(np.argmax(many)) + 1} holds {spectrum.values[many][0]:g} with variance "
            f"{spectrum.variances[many][0]:.3g}, as of more than {_LARGE:g} events; expected variances of events"
        )


def doubt(data: SpectrumFile) -> str | None:
    """Return why data without variances do not look like counts of events; None if they do."""
    values = data.spectrum.values[data.spectrum.values > 0.0]
    broken = np.abs(values - np.rint(values)) > _WHOLE * values
    if data.states_variances:
        return None
    if broken.any():
        return f"{values[broken][0]:.10g} is not whole"
    if values.size < _MANY_BINS or values.max() > _LARGE:
        return None
    divisor = int(np.gcd.reduce(np.rint(values).astype(np.int64)))
    return f"all are multiples of {divisor}" if divisor > 1 else None


def weighted_counts(data: SpectrumFile, spectrum: Spectrum) -> CountUnit | None:
    """Return the effective counts n/w that stand for weighted events of content n, with w = v/n their mean weight.

    Their Poisson error, relative to them, is that of the content. The variance v of a few events fluctuates with their
    content, so that w is that of as many bins beside each as hold `_STEADY` effective counts for each bin of all.

    Parameters
    ----------
    data : SpectrumFile
    spectrum : Spectrum
        The part of it that is fitted.

    Returns
    -------
    CountUnit or None
        None for counts: the file states no variances, or they are the contents.

    Raises
    ------
    InputError
        If the variances are smaller than those of counts, as of a simulation of more events than the data have.
    """
    n, v = spectrum.values, spectrum.variances
    rounding = _ROUNDED * n + _ASYMMETRIC * np.sqrt(n) + 1.0 if _is_whole(n) else _WHOLE * n
    if not data.states_variances or np.all(np.abs(v - n) <= rounding):
        return None
    if v.sum() < _SIMULATED * n.sum():
        raise InputError(
            f"data {spectrum.name!r}: variances are {v.sum() / n.sum():.3g} times their contents, less than those "
            f"of counts, as of a simulation, or of errors in their place; expected data, or --data-covariance poisson "
            f"for an expectation"
        )
    return CountUnit(1.0 / _mean_weights(n, v), np.zeros(n.size))


def _mean_weights(n: Array, v: Array) -> Array:
    """Return v/n of the bins beside each that hold enough effective counts together, at worst of all."""
    sums = np.cumsum(np.r_[[[0.0, 0.0]], np.stack([n, v], axis=1)], axis=0)
    weights, bins, reach = np.full(n.size, math.nan), np.arange(n.size), 0
    while np.isnan(weights).any():
        contents, variances = (sums[np.minimum(bins + reach + 1, n.size)] - sums[np.maximum(bins - reach, 0)]).T
        enough = (contents**2 >= _STEADY * n.size * variances) & (variances > 0.0) | (reach >= n.size)
        found = np.isnan(weights) & enough
        weights[found] = variances[found] / contents[found]
        reach = 2 * reach + 1
    return weights


def _is_whole(values: Array) -> bool:
    return bool(np.all(np.abs(values - np.rint(values)) <= _WHOLE * values))

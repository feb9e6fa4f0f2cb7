"""A Standard Model expectation from the user's files, in place of ours; see `nucore.prediction`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucore.errors import InputError
from nucore.histograms import Axis, Spectrum
from nucore.io.plottable import read_data
from nucore.io.readers import MAX_ROWS, SpectrumFile
from nucore.io.template_files import NU4, Templates, holds_templates, is_templates, read_templates
from nucore.prediction import Prediction, Variation
from nucore.rebinning import rebinning
from nucore.reports.fit_quality import RATES
from nucore.stats.covariance import ErrorSource, smooth_correlation
from nuportal.api.data_covariance import read_square
from nuportal.api.prediction_options import PredictionOptions
from nuportal.api.prediction_sources import Source, name_of, variations_of

Array = NDArray[np.float64]

#: Sums of data and prediction that differ by more than this factor are a mistake in unit or exposure.
_FAR = RATES[1]
#: Sums of a prediction and its variation differ by less than this factor.
_VARIED = 2.0
#: Uncertainties relative to the prediction that no covariance matrix has in all bins.
_TOO_SMALL = 1e-5
#: Variance of a simulation over that of the data that is left out.
_NEGLIGIBLE = 0.01


def read_prediction(
    options: PredictionOptions, axes: Sequence[Axis], data: SpectrumFile | None = None
) -> tuple[Prediction, float]:
    """Read a prediction, and by which factor it was scaled.

    Parameters
    ----------
    options : PredictionOptions
        With a prediction.
    axes : sequence of Axis
        Of the data.
    data : SpectrumFile, optional
        Those that the prediction is for; none are needed for pseudo-experiments.

    Returns
    -------
    prediction : Prediction
        In the flattened bins of the data. Where it differs from the data by more than a factor 10 and its
        normalisation is free, it is scaled to their sum.
    factor : float
        Of that scaling, 1 where there is none.

    Raises
    ------
    InputError
        If a file cannot be read or is in other bins, or its contents make no prediction of the data.
    """
    if isinstance(options.prediction, Prediction):
        return options.prediction, 1.0
    return _Files(options, tuple(axes)).prediction(data)


def described(prediction: Prediction, factor: float, used: Prediction, data: Spectrum) -> dict[str, Any]:
    """Return what a result records of a prediction, as it was read (`read_prediction`) and as it is used for data.

    Keys
    ----
    prediction : str
        Where the Standard Model expectation comes from.
    data_sum : float
        Sum of the data.
    predicted_signal, predicted_background : float
        Sums of the prediction as it was read.
    signal_scaled_by : list of float
        Factor on the predicted signal, of each spectrum.
    normalisation : "free", "constrained" or "fixed"
        Of the predicted signal.
    templates : str
        Where the nu4 histograms come from: ``its own``, or ``ratios of ours``.
    prediction_uncertainties : list of str
        Uncertainties of the prediction that enter the fit.
    """
    groups = _groups(prediction)
    scale = factor * np.bincount(groups, used.signal) / np.bincount(groups, prediction.signal)
    errors = [*(v.name for v in prediction.variations), *(e.name for e in prediction.errors)]
    return {
        "prediction": prediction.origin,
        "data_sum": data.integral,
        "predicted_signal": float(prediction.signal.sum()) / factor,
        "predicted_background": float(prediction.background.sum()) / factor,
        "signal_scaled_by": scale.tolist(),
        "normalisation": prediction.normalisation,
        "templates": "its own" if prediction.nu4 else "ratios of ours",
        "prediction_uncertainties": errors + (["simulation"] if prediction.statistical is not None else []),
    }


def _groups(prediction: Prediction) -> NDArray[np.int64]:
    return np.zeros(prediction.signal.size, np.int64) if prediction.groups is None else prediction.groups


class _Files:
    """Files of a prediction in the bins of the data."""

    def __init__(self, options: PredictionOptions, axes: tuple[Axis, ...]) -> None:
        self.options, self.axes = options, axes
        shape = [axis.n_bins for axis in axes]
        self.n = int(np.prod(shape))
        self.rows = np.arange(self.n) // shape[-1]

    def prediction(self, data: SpectrumFile | None) -> tuple[Prediction, float]:
        options, source = self.options, self.options.prediction
        assert source is not None
        assert not isinstance(source, Prediction)  # is not read
        templates = self.templates(source)
        given = SpectrumFile(templates.sm, has_variances=True) if templates else self.spectrum("--prediction", source)
        first = given.spectrum.values
        beside = None if options.background is None else self.spectrum("--background", options.background)
        signal, background = self.split(first, beside)
        counts = signal + background if data is None else data.spectrum.values
        factor = self.scale(counts.sum(), (signal + background).sum())
        apart = beside is not None and not options.background_included
        added = background if apart else 0.0
        simulated = [given, beside] if beside is not None and apart else [given]
        variations = [self.variation(*one, first) for one in variations_of(options.variation)]
        if templates:
            variations += [Variation(k, 2.0 * first - v.values, v.values) for k, v in templates.variations.items()]
        origin = name_of(source)
        made = Prediction(
            factor * signal,
            factor * background,
            statistical=self.statistical(simulated, factor, data, counts),
            errors=self.errors(factor, signal + background),
            variations=_distinct(
                [Variation(v.name, factor * (v.low + added), factor * (v.high + added)) for v in variations]
            ),
            background_uncertainty=options.background_uncertainty,
            normalisation=options.normalisation,
            groups=self.groups(),
            nu4={} if templates is None else {m4: factor * s.values for m4, s in templates.nu4.items()},
            origin=origin if factor == 1.0 else f"{origin} (scaled by {factor:.4g} to the sum of the data)",
        )
        return made, factor

    def spectrum(self, option: str, source: Source) -> SpectrumFile:
        """Read a spectrum and check its bins."""
        assert not isinstance(source, Templates)  # only a prediction is one
        file = read_data(source)
        if is_templates(file.metadata) and NU4 in file.spectrum.name:
            raise InputError(
                f"{option}: {file.spectrum.name} is the spectrum with nu4 in a file of templates; expected the file "
                f"alone, or its Standard Model {file.metadata.get('observable')}"
            )
        return replace(file, spectrum=self.in_bins(option, file.spectrum))

    def in_bins(self, option: str, given: Spectrum) -> Spectrum:
        """Return a spectrum as `rebinned` does; `InputError` for contents below 0."""
        spectrum = self.rebinned(option, given)
        if np.any(spectrum.values < 0.0):
            k = int(np.argmax(spectrum.values < 0.0))
            raise InputError(
                f"{option} {spectrum.name!r}: bin {k + 1} is {spectrum.values[k]:g}; expected numbers >= 0"
            )
        return spectrum

    def rebinned(self, option: str, given: Spectrum) -> Spectrum:
        """Return a spectrum in the bins of the data; `InputError` if it is in others that cannot be brought to them."""
        try:
            return rebinning(given, self.axes, "as the data it").spectrum(given)
        except InputError as error:
            raise InputError(f"{option}: {error}") from None

    def templates(self, source: Source) -> Templates | None:
        """Read templates, if the prediction is a file of them."""
        if isinstance(source, Templates):
            found = source
        elif isinstance(source, str | Path) and holds_templates(source):
            found = read_templates(source)
        else:
            return None
        nu4 = {m4: self.rebinned("--prediction", s) for m4, s in found.nu4.items()}  # few events make some negative
        variations = {name: self.in_bins("--prediction", s) for name, s in found.variations.items()}
        return replace(found, sm=self.in_bins("--prediction", found.sm), nu4=nu4, variations=variations)

    def split(self, given: Array, beside: SpectrumFile | None) -> tuple[Array, Array]:
        """Return signal and background of a prediction, from its file and that of the background."""
        options = self.options
        if beside is None:
            fraction = 1.0 if options.signal_fraction is None else options.signal_fraction
            return fraction * given, (1.0 - fraction) * given
        background = beside.spectrum.values
        if not options.background_included:
            return given, background
        if np.any(background > given):
            k = int(np.argmax(background > given))
            raise InputError(
                f"--background-included: bin {k + 1} holds {background[k]:g} background of {given[k]:g} in the "
                f"prediction; expected a part of it"
            )
        return given - background, background

    def scale(self, data: float, total: float) -> float:
        """Return the factor on a prediction; 1 unless its sum is far from that of the data."""
        if not total > 0.0:
            raise InputError("--prediction: its sum is 0; expected events")
        if 1.0 / _FAR <= data / total <= _FAR:
            return 1.0
        if self.options.normalisation == "free":
            return data / total
        raise InputError(
            f"--prediction: its sum {total:.4g} is far from that of the data, {data:.4g}: another unit or exposure; "
            f"expected them within a factor {_FAR:g}, or --normalisation free"
        )

    def variation(self, name: str, sources: Sequence[Source], nominal: Array) -> Variation:
        """Read a variation of what the file of the prediction holds."""
        high, *low = (self.varied(name, source, nominal) for source in sources)
        return Variation(name, low[0] if low else 2.0 * nominal - high, high)

    def varied(self, name: str, source: Source, nominal: Array) -> Array:
        """Read one side of a variation of a nominal prediction, and check its sum."""
        values = self.spectrum(f"--variation {name}", source).spectrum.values
        if not 1.0 / _VARIED <= values.sum() / nominal.sum() <= _VARIED:
            raise InputError(
                f"--variation {name}: the sum of {name_of(source)} is {values.sum():.4g}, that of the prediction "
                f"{nominal.sum():.4g}; expected the prediction itself, varied, in the same exposure"
            )
        return values

    def errors(self, factor: float, total: Array) -> tuple[ErrorSource, ...]:
        """Return covariance matrix and band; `total` is not scaled yet."""
        options, found = self.options, []
        if options.covariance is not None:
            matrix = read_square(options.covariance, self.n, "--covariance")
            source = ErrorSource.of("covariance", factor**2 * matrix)
            _check_absolute(source.sigma, factor * total)
            found.append(source)
        if options.band is not None:
            relative = np.full(self.n, options.band) if isinstance(options.band, int | float) else None
            if relative is None:
                relative = self.relative(options.band)
            if not np.all((relative >= 0.0) & (relative < 1.0)):
                raise InputError("--band: expected relative uncertainties, 0 to 1, as fractions and not per cent")
            correlation, length = None, options.band_correlation
            if length is not None and self.n > MAX_ROWS:
                raise InputError(f"--band-correlation: {self.n} bins; expected up to {MAX_ROWS}")
            if length is not None:
                edges = np.asarray(self.axes[-1].edges)
                centres = np.resize(0.5 * (edges[1:] + edges[:-1]), self.n)
                correlation = smooth_correlation(centres, length, self.rows)
            found.append(ErrorSource("band", factor * relative * total, correlation))
        return tuple(found)

    def relative(self, source: Source) -> Array:
        """Read relative uncertainties, which cannot be added up to other bins."""
        assert not isinstance(source, Templates)  # only a prediction is one
        found = read_data(source).spectrum
        try:
            found.require_axes(self.axes, "as the data it")
        except InputError as error:
            raise InputError(f"--band: {error}") from None
        return found.values

    def statistical(
        self, simulated: list[SpectrumFile], factor: float, data: SpectrumFile | None, counts: Array
    ) -> Array | None:
        """Return the uncertainty of finite simulations in the bins where it matters, of the files that state it."""
        variances = factor**2 * sum((s.spectrum.variances for s in simulated if s.has_variances), np.zeros(self.n))
        of_data = np.maximum(counts, 1.0) if data is None or data.covariance is None else np.diag(data.covariance)
        matters = variances > _NEGLIGIBLE * of_data
        return np.where(matters, np.sqrt(variances), 0.0) if matters.any() else None

    def groups(self) -> NDArray[np.int64] | None:
        """Return the number of the charge of each bin, if the data have both apart."""
        if len(self.axes) == 1 or self.axes[0].name != "charge":
            return None
        n_charges = self.axes[0].n_bins
        return np.repeat(np.arange(n_charges), self.n // n_charges)


def _check_absolute(sigma: Array, total: Array) -> None:
    """Raise `InputError` for uncertainties of a covariance matrix that are no absolute ones of a prediction."""
    relative = sigma[total > 0.0] / total[total > 0.0]
    if np.all(relative < _TOO_SMALL) or np.all(relative > 1.0):
        raise InputError(
            f"--covariance: its uncertainties are {relative.min():.2g} to {relative.max():.2g} of the prediction; "
            f"expected an absolute matrix, in the unit of the prediction squared"
        )


def _distinct(variations: list[Variation]) -> tuple[Variation, ...]:
    """Return variations whose names are their own, and not those of the other options."""
    names = [v.name for v in variations]
    for name in names:
        if names.count(name) > 1 or name in ("band", "covariance", "simulation", "data"):
            raise InputError(f"--variation {name}: the name is taken; expected another one")
    return tuple(variations)

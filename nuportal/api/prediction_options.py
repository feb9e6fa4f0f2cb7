"""Options of a Standard Model expectation from the user's files, and what they may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, get_type_hints

import numpy as np

from nucore.errors import InputError
from nucore.prediction import Normalisation, Prediction
from nuportal.api.plain_numbers import plain_number
from nuportal.api.prediction_sources import Matrix, Source, Variations, matrix_of, source_of, variations_of

#: Values of `PredictionOptions.data_covariance`: the variances in the file of the data, and those of counts.
VARIANCES, POISSON = "variances", "poisson"


@dataclass(frozen=True)
class PredictionOptions:
    """What a user may give of a prediction; every spectrum in the bins and the unit of the data.

    A spectrum is a file or an object, as `nucore.io.plottable.read_data` takes it. Objects are read here.

    Attributes
    ----------
    prediction : str, Path, object, Prediction or None
        The Standard Model expectation: the total, or the signal if there is a `background`; or a file, or result, of
        ``analyse --templates``.
    background : str, Path, object or None
        Expected beside the signal; nothing of it changes with nu4.
    background_included : bool
        The background is a part of the prediction, which is the total.
    signal_fraction : float or None
        Share of the signal in the prediction, the same in all bins, where there is no `background`.
    variation : sequence of str, or mapping
        ``NAME=UP[,DOWN]``: the prediction at +1 and -1 standard deviation of a nuisance parameter, as files; without
        DOWN the change is mirrored. A mapping has UP, or (UP, DOWN), of each name, as files or objects.
    covariance : str, Path, float64[n, n], histogram of two axes or None
        Of the prediction, in its unit squared.
    band : str, Path, object, float or None
        Relative uncertainty of the prediction, by bin or the same in all; uncorrelated between bins.
    band_correlation : float or None
        Correlation length of the band within each row of bins, in the unit of the axis (GeV).
    background_uncertainty : float
        Relative, of the rate of the background.
    normalisation : "fixed", "constrained" or "free"
        Of the signal: as it is, known as well as the card says, or fitted, for each charge apart.
    data_covariance : str, Path, float64[n, n], histogram of two axes or None
        Of data that are no counts of events, in their unit squared; ``variances`` for those in their file,
        ``poisson`` for those of counts although the values are not whole, as of an expectation; the latter needs no
        prediction.

    Raises
    ------
    InputError
        For numbers out of range, or what contradicts.
    """

    prediction: Source | Prediction | None = None
    background: Source | None = None
    background_included: bool = False
    signal_fraction: float | None = None
    variation: Variations = ()
    covariance: Matrix | None = None
    band: Source | float | None = None
    band_correlation: float | None = None
    background_uncertainty: float = 0.0
    normalisation: Normalisation = "free"
    data_covariance: Matrix | None = None

    def __post_init__(self) -> None:
        self._read_objects()
        given = [f.name for f in fields(self)[1:] if _differs(getattr(self, f.name), f.default)]
        alone = isinstance(self.data_covariance, str) and self.data_covariance == POISSON
        if isinstance(self.prediction, Prediction) or alone:
            given = [name for name in given if name != "data_covariance"]
        if given and (self.prediction is None or isinstance(self.prediction, Prediction)):
            what = "needs a prediction" if self.prediction is None else "is a part of the Prediction that is given"
            raise InputError(f"{_option(given[0])} {what}; expected {_option('prediction')} FILE beside it")
        if self.signal_fraction is not None and (self.background is not None or not 0.0 < self.signal_fraction <= 1.0):
            raise InputError(
                f"invalid --signal-fraction {self.signal_fraction:g}: expected above 0, up to 1, and no --background"
            )
        if self.background is None and self.background_included:
            raise InputError("--background-included: there is no background; expected --background FILE beside it")
        if self.background_uncertainty and self.background is None and self.signal_fraction in (None, 1.0):
            raise InputError("--background-uncertainty: expected --background FILE or --signal-fraction beside it")
        if not 0.0 <= self.background_uncertainty <= 1.0:
            raise InputError(f"invalid --background-uncertainty {self.background_uncertainty:g}: expected 0 to 1")
        if self.band_correlation is not None and (self.band is None or not self.band_correlation > 0.0):
            raise InputError(
                f"invalid --band-correlation {self.band_correlation:g}: expected a length above 0, and --band"
            )

    def _read_objects(self) -> None:
        """Put plain numbers, and what was read, in the place of what was given in Python."""
        hints = _hints()
        for name in hints:
            value = getattr(self, name)
            if name in ("prediction", "background", "band"):
                is_source = not isinstance(value, Prediction | None) and not (name == "band" and np.isscalar(value))
                value = source_of(_option(name), value, name == "prediction") if is_source else value
            elif name in ("covariance", "data_covariance") and value is not None:
                value = matrix_of(_option(name), value)
            object.__setattr__(self, name, plain_number(name, value, hints[name]))
        given = self.variation if isinstance(self.variation, str | Mapping) else tuple(self.variation)
        object.__setattr__(self, "variation", given or ())
        variations_of(given)  # raises


@cache
def _hints() -> dict[str, Any]:
    return get_type_hints(PredictionOptions)


def split_options(options: Mapping[str, Any]) -> tuple[PredictionOptions, dict[str, Any]]:
    """Return the options of a prediction, and those that are left: of the analysis."""
    names = {f.name for f in fields(PredictionOptions)}
    given = {name: value for name, value in options.items() if name in names and value is not None}
    return PredictionOptions(**given), {name: value for name, value in options.items() if name not in names}


def _differs(value: Any, default: Any) -> bool:
    return isinstance(value, np.ndarray) or value != default


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"

"""A Standard Model expectation from elsewhere, in whose bins our templates enter as ratios.

With S the predicted signal, B the predicted background, L and H our templates of a massless neutrino and of nu4, and
dL the change of L for one standard deviation of a nuisance theta,

    n = S [1 + |U|^2 (H/L - 1) + sum theta dL/L] + B

so that what our templates and the data have in common only to some per cent (efficiencies, acceptance, higher orders)
comes from the prediction, and the rest, which is small, from our templates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nucore.errors import InputError, unknown
from nucore.stats.covariance import CountUnit, ErrorSource, effective_counts, gaussian_data
from nucore.stats.modifiers import HistoSys, LinearNorm, Modifier, NormFactor, Sample

Array = NDArray[np.float64]

Normalisation = Literal["fixed", "constrained", "free"]
NORMALISATIONS: tuple[str, ...] = ("fixed", "constrained", "free")


@dataclass(frozen=True, eq=False)
class Variation:
    """A systematic variation that comes with a prediction.

    Attributes
    ----------
    name : str
        Of its nuisance parameter.
    low, high : float64[n]
        Signal and background together at -1 and +1 standard deviation.
    """

    name: str
    low: Array
    high: Array


@dataclass(frozen=True, eq=False)
class Prediction:
    """Standard Model expectation in the bins of the data, with its uncertainties.

    Attributes
    ----------
    signal, background : float64[n]
        In the unit of the data; the signal is what the new particle distorts.
    statistical : float64[n] or None
        Standard deviation of the sum from the finite simulation.
    errors : tuple of ErrorSource
    variations : tuple of Variation
    background_uncertainty : float
        Relative, of the rate of the background.
    normalisation : "fixed", "constrained" or "free"
        Of the signal: known, known to the uncertainty of the experiment's card, or fitted.
    groups : int[n] or None
        Bins with one normalisation, as of one lepton charge; all bins together where None.
    nu4 : mapping
        Signal with nu4 in place of the massless neutrino, at |U|^2 = 1, float64[n] by mass (GeV), where the prediction
        has its own; ours otherwise.
    origin : str
        Where it comes from, for the record.
    data_variances : float64[n] or None
        What is uncorrelated of the data, where they are no counts of events.
    """

    signal: Array
    background: Array
    statistical: Array | None = None
    errors: tuple[ErrorSource, ...] = ()
    variations: tuple[Variation, ...] = ()
    background_uncertainty: float = 0.0
    normalisation: Normalisation = "free"
    groups: NDArray[np.int64] | None = None
    nu4: Mapping[float, Array] = field(default_factory=dict)
    origin: str = ""
    data_variances: Array | None = None

    def __post_init__(self) -> None:
        if self.normalisation not in NORMALISATIONS:
            raise unknown("normalisation", self.normalisation, NORMALISATIONS)
        if not np.all(self.signal >= 0.0) or not self.signal.any() or not np.all(self.background >= 0.0):
            raise InputError(
                f"prediction {self.origin}: a bin of the signal or of the background is negative, or there is no "
                f"signal; expected the background, if any, to be a part of the prediction"
            )

    @property
    def total(self) -> Array:
        """Signal and background, shape (n,)."""
        return np.asarray(self.signal + self.background)

    def in_bins(self, kept: NDArray[np.bool_] | NDArray[np.intp]) -> Prediction:
        """Return the prediction in some of its bins, or in another order."""
        return replace(
            self,
            signal=self.signal[kept],
            background=self.background[kept],
            statistical=None if self.statistical is None else self.statistical[kept],
            errors=tuple(
                ErrorSource(e.name, e.sigma[kept], None if e.correlation is None else e.correlation[np.ix_(kept, kept)])
                for e in self.errors
            ),
            variations=tuple(Variation(v.name, v.low[kept], v.high[kept]) for v in self.variations),
            groups=None if self.groups is None else self.groups[kept],
            data_variances=None if self.data_variances is None else self.data_variances[kept],
            nu4={m4: template[kept] for m4, template in self.nu4.items()},
        )

    def with_signal_scaled(self, factors: ArrayLike) -> Prediction:
        """Return the prediction with another normalisation of the signal, all but the background going with it.

        Parameters
        ----------
        factors : float64[n]
            By bin.
        """
        f = np.asarray(factors, dtype=np.float64)
        signal = f * self.signal
        total = signal + self.background
        return replace(
            self,
            signal=signal,
            statistical=None if self.statistical is None else f * self.statistical,
            errors=tuple(replace(e, sigma=f * e.sigma) for e in self.errors),
            variations=tuple(
                Variation(v.name, total + f * (v.low - self.total), total + f * (v.high - self.total))
                for v in self.variations
            ),
            nu4={m4: f * template for m4, template in self.nu4.items()},
        )

    def matched(self, data: ArrayLike) -> Prediction:
        """Return the prediction with its signal, if its normalisation is free, making up for the data in each group.

        The fitted factors are near 1 then, so that uncertainties have the size that belongs to these data.

        Raises
        ------
        InputError
            If the data are fewer than the background.
        """
        if self.normalisation != "free":
            return self
        groups = self._groups
        parts = (self.signal, self.background, np.asarray(data, dtype=np.float64))
        signal, background, found = (np.bincount(groups, part) for part in parts)
        present = np.bincount(groups) > 0
        if not np.all((found > background) & (signal > 0.0) | ~present):
            raise InputError(f"prediction {self.origin}: the data leave no room for its signal above its background")
        factors = np.divide(found - background, signal, out=np.ones_like(signal), where=present)
        return self.with_signal_scaled(factors[groups])

    def nu4_at(self, m4: float) -> Array | None:
        """Own nu4 template of a mass, None where there are none.

        Raises
        ------
        InputError
            If there are some, but none of this mass.
        """
        if not self.nu4:
            return None
        for mass, template in self.nu4.items():
            if abs(mass - m4) <= 1e-6 * m4:
                return template
        masses = ", ".join(f"{mass:g}" for mass in sorted(self.nu4))
        raise InputError(f"prediction {self.origin} has no template of m4 = {m4:g} GeV: expected one of {masses}")

    def ratio(self, light: ArrayLike) -> Array:
        """Signal over our own, shape (n,), 0 where both are 0.

        Raises
        ------
        InputError
            If ours is 0 where the prediction is not.
        """
        ours = np.asarray(light, dtype=np.float64)
        empty = ~(ours > 0.0)
        if np.any(empty & (self.signal > 0.0)):
            bins = ", ".join(str(k + 1) for k in np.flatnonzero(empty & (self.signal > 0.0))[:5])
            raise InputError(
                f"prediction {self.origin}: bins {bins} hold signal where the experiment's card allows none: expected "
                f"the selection of the card, or a narrower window"
            )
        return np.divide(self.signal, ours, out=np.zeros_like(ours), where=~empty)

    def samples(self, signal: Sequence[Sample], constraint: float) -> list[Sample]:
        """Return the samples of the expectation, in its unit; uncorrelated uncertainties are left to the counts.

        Parameters
        ----------
        signal : sequence of Sample
            What the signal is without new physics first, then what is added with it; already multiplied by `ratio`.
        constraint : float
            Relative uncertainty of a constrained normalisation.

        Raises
        ------
        InputError
            If an uncertainty has the name of another nuisance, or a constrained normalisation no uncertainty.
        """
        if self.normalisation == "constrained" and not constraint > 0.0:
            raise InputError(
                "normalisation constrained: the experiment's card has no uncertainty of the rate; expected fixed, free"
            )
        first, *added = signal
        shapes = self._shapes(np.asarray(first.values))
        self._check_names(shapes, signal)
        light = Sample(first.name, first.values, [*first.modifiers, *shapes])
        samples = [part for sample in (light, *added) for part in self._normalised(sample, sample is light, constraint)]
        if self.background.any():
            rate = [LinearNorm("background", self.background_uncertainty)] if self.background_uncertainty > 0 else []
            samples.append(Sample("background", self.background, rate))
        return samples

    def _check_names(self, shapes: Sequence[HistoSys], signal: Sequence[Sample]) -> None:
        """Raise `InputError` if two parameters of the fit have one name."""
        taken = {getattr(m, "name", "") for sample in signal for m in sample.modifiers} | {"background"}
        taken |= {f"normalisation{suffix}" for suffix in ("", *(f"_{label + 1}" for label in self._groups.tolist()))}
        for shape in shapes:
            if shape.name in taken:
                raise InputError(
                    f"uncertainty {shape.name!r} of the prediction: the name is taken; expected another one"
                )
            taken.add(shape.name)

    @property
    def _groups(self) -> NDArray[np.int64]:
        """Group of each bin."""
        return np.zeros(self.signal.size, np.int64) if self.groups is None else self.groups

    @property
    def uncorrelated(self) -> Array:
        """Variance of the total that is independent from bin to bin, shape (n,)."""
        parts = [e.sigma for e in self.errors if e.correlation is None]
        if self.statistical is not None:
            parts.append(self.statistical)
        return np.sum(np.square(parts), axis=0) + np.zeros_like(self.signal)

    def effective_counts(self) -> CountUnit | None:
        """Return how counts of events are scaled for the uncorrelated uncertainties; None where there are none."""
        return effective_counts(self.total, self.uncorrelated) if self.uncorrelated.any() else None

    def of_gaussian(self, data: ArrayLike, covariance: ArrayLike) -> tuple[Prediction, CountUnit]:
        """Return the prediction for data with a covariance matrix, and the counts that stand for them."""
        unit, variances, rest = gaussian_data(data, np.asarray(covariance) + np.diag(self.uncorrelated))
        correlated = tuple(e for e in self.errors if e.correlation is not None)
        errors = correlated if rest is None else (*correlated, rest)
        return replace(self, errors=errors, statistical=None, data_variances=variances), unit

    def _shapes(self, values: Array) -> list[HistoSys]:
        """Return variations and correlated uncertainties of the total as changes of the first sample."""
        found = [
            HistoSys(v.name, values + (v.low - self.total), values + (v.high - self.total)) for v in self.variations
        ]
        variances = self.total + self.uncorrelated if self.data_variances is None else self.data_variances
        for source in self.errors:
            found += [] if source.correlation is None else source.shapes(values, variances)
        return found

    def _normalised(self, sample: Sample, is_light: bool, constraint: float) -> list[Sample]:
        """Return a sample with its normalisation, in parts where each group of bins has its own."""
        if self.normalisation == "fixed" or (self.normalisation == "constrained" and not is_light):
            return [sample]
        groups = self._groups
        labels, parts = np.unique(groups).tolist(), []
        for label in labels:
            suffix = "" if len(labels) == 1 else f"_{label + 1}"
            name = f"normalisation{suffix}"
            factor: Modifier = NormFactor(name) if self.normalisation == "free" else LinearNorm(name, constraint)
            part = sample.in_bins(_only(groups == label), f"{sample.name}{suffix}") if suffix else sample
            parts.append(Sample(part.name, part.values, [factor, *part.modifiers]))
        return parts


def _only(chosen: NDArray[np.bool_]) -> Callable[[Array], Array]:
    """Return a map of bins that leaves the chosen ones."""
    return lambda values: values * chosen

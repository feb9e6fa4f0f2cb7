"""A linear model in the words of HistFactory: what pyhf and HS3 documents are made of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nucore.errors import FitError, InputError
from nucore.stats import (
    HistoSys,
    Likelihood,
    LinearNorm,
    LogLinearShape,
    Model,
    NormFactor,
    NormSys,
    Sample,
    StatError,
    fit,
)

Array = NDArray[np.float64]

RANGE_SIGMAS = 100.0
"""Half width, in standard deviations, of the range given to a parameter that has no bounds."""
_LARGEST_RANGE = 1e4  # standard deviations; a physical bound further out is no use to a minimiser
#: Standard deviations of the constraint: Minuit transforms bounded parameters, which changes HESSE by (1/range)^2/6.
_ALPHA_RANGE = 40.0
_STRONGLY_MEASURED = 0.02  # uncertainty after the fit, in units of the constraint


@dataclass(frozen=True)
class Variation:
    """One modifier of a sample: at most one of each `kind` and `name` on a sample.

    Attributes
    ----------
    kind : "normfactor", "normsys", "histosys", "staterror" or "lumi"
    name : str
    arrays : tuple of array
        Low and high factors of a normsys (shape ()) or bin contents of a histosys (shape (n_bins,)); absolute
        uncertainties of a staterror (shape (n_bins,)).
    """

    kind: str
    name: str
    arrays: tuple[Array, ...] = ()


@dataclass(frozen=True)
class ParameterRange:
    """Start value and range of a parameter, for tools that need finite ones."""

    name: str
    initial: float
    low: float
    high: float


def _norm_sys(sample: Sample) -> Iterator[Variation]:
    factors: dict[str, Array] = {}
    for m in sample.modifiers:
        if isinstance(m, NormSys):
            factors[m.name] = factors.get(m.name, np.ones(2)) * (m.low, m.high)
    for name, (low, high) in factors.items():
        yield Variation("normsys", name, (np.asarray(low), np.asarray(high)))


def _histo_sys(sample: Sample) -> Iterator[Variation]:
    """Merge morphing and linear normalisations: shifts of one parameter add."""
    nominal = np.asarray(sample.values)
    shifts: dict[str, Array] = {}
    for m in sample.modifiers:
        if isinstance(m, HistoSys):
            shift = np.stack([np.asarray(m.low) - nominal, np.asarray(m.high) - nominal])
        elif isinstance(m, LinearNorm):
            shift = np.stack([-m.uncertainty * nominal, m.uncertainty * nominal])
        else:
            continue
        shifts[m.name] = shifts.get(m.name, np.zeros_like(shift)) + shift
    for name, (low, high) in shifts.items():
        yield Variation("histosys", name, (nominal + low, nominal + high))


def stat_errors(model: Model) -> dict[str, list[tuple[Sample, StatError]]]:
    """Return the samples that carry each staterror, by its name; the factor of a bin may be on some of them only."""
    carriers: dict[str, list[tuple[Sample, StatError]]] = {}
    for sample in model.samples:
        for m in sample.modifiers:
            if isinstance(m, StatError):
                carriers.setdefault(m.name, []).append((sample, m))
    return carriers


def _absolute_errors(model: Model) -> dict[tuple[str, str], Variation]:
    """Absolute uncertainties per (sample, staterror) that combine to the relative ones of the model."""
    result = {}
    for name, pairs in stat_errors(model).items():
        contents = np.stack([np.asarray(sample.values) for sample, _ in pairs])
        widths = np.stack([np.asarray(m.relative) for _, m in pairs])
        relative, total = widths.max(axis=0), contents.sum(axis=0)
        if np.any((relative > 0.0) & (total <= 0.0)):
            raise InputError(f"StatError {name}: HistFactory has no staterror for a bin without expected events")
        if np.any((widths == 0.0) & (relative > 0.0) & (contents != 0.0)):
            raise InputError(f"StatError {name}: HistFactory scales a bin of all its samples, or of none")
        for sample, _ in pairs:
            result[sample.name, name] = Variation("staterror", name, (relative * total / np.sqrt(len(pairs)),))
    return result


def variations(model: Model, exponentials: bool = False) -> dict[str, list[Variation]]:
    """Modifiers of each sample.

    Parameters
    ----------
    model : Model
    exponentials : bool
        Leave out log-linear shapes, which the caller writes in a way of its own, instead of refusing them.

    Raises
    ------
    InputError
        For what HistFactory cannot hold: a log-linear shape (see `nucore.export.exponentials`), free bins or
        shapes, a constrained factor not called ``lumi``, two samples of one name, or a staterror without expected
        events.
    """
    names = [sample.name for sample in model.samples]
    if len(set(names)) != len(names):
        raise InputError(f"samples {', '.join(names)}: every sample needs a name of its own to be exported")
    errors = _absolute_errors(model)
    result = {}
    for sample in model.samples:
        found: list[Variation] = []
        for m in sample.modifiers:
            if isinstance(m, NormFactor):
                if m.width is not None and m.name != "lumi":
                    raise InputError(f"constrained factor {m.name!r} cannot be exported: only one called lumi can")
                found.append(Variation("normfactor" if m.width is None else "lumi", m.name))
            elif isinstance(m, HistoSys) and not m.constrained:
                raise InputError(f"free shape {m.name!r} cannot be exported: HistFactory constrains every histosys")
            elif not isinstance(m, NormSys | HistoSys | LinearNorm | StatError) and not (
                exponentials and isinstance(m, LogLinearShape)
            ):
                raise InputError(
                    f"sample {sample.name!r}: {type(m).__name__} has no HistFactory equivalent and cannot be exported"
                )
        found += [*_norm_sys(sample), *_histo_sys(sample)]
        found += [variation for (owner, _), variation in errors.items() if owner == sample.name]
        result[sample.name] = found
    return result


def parameter_ranges(likelihood: Likelihood, physical: bool) -> dict[str, ParameterRange]:
    """Finite start values and ranges of all parameters but the factors of staterrors.

    They start at their nominal values: from the minimum itself Minuit would not learn the step sizes its HESSE needs.
    A parameter without bounds gets `RANGE_SIGMAS` standard deviations around the best fit, so that a minimiser
    whose steps scale with the range makes sensible ones.

    Parameters
    ----------
    likelihood : Likelihood
    physical : bool
        Keep the parameter of interest within the model's physical bounds.
    """
    model = likelihood.model
    centres, sigmas = dict(zip(model.names, model.initial.tolist(), strict=True)), dict.fromkeys(model.names, np.nan)
    with suppress(FitError):
        best = fit(likelihood)
        if not best.zero_expectation:
            centres, sigmas = dict(best.best_fit), dict(best.uncertainties)
    stat = {label for s in model.samples for m in s.modifiers if isinstance(m, StatError) for label in m.labels()}
    measured_names = [model.names[k] for k in model.constrained]
    auxiliary = dict(zip(measured_names, likelihood.observation.auxiliary.tolist(), strict=True))
    result = {}
    for parameter in model.parameters:
        name = parameter.name
        if name in stat:
            continue
        value, sigma = centres[name], sigmas[name]
        sigma = float(sigma) if np.isfinite(sigma) and sigma > 0.0 else max(1.0, abs(value)) / 10.0
        if parameter.width is not None and name != "lumi":
            measured = auxiliary[name]
            reach = max(_ALPHA_RANGE, 2.0 * abs(value - measured))
            if sigma < _STRONGLY_MEASURED:
                reach = RANGE_SIGMAS * sigma
            result[name] = ParameterRange(name, measured, measured - reach, measured + reach)
            continue
        low, high = parameter.bounds
        if name == model.poi and physical:
            low, high = max(low, model.poi_bounds[0]), min(high, model.poi_bounds[1])
        if not value - low <= _LARGEST_RANGE * sigma:
            low = value - RANGE_SIGMAS * sigma
        if not high - value <= _LARGEST_RANGE * sigma:
            high = max(value, low, 0.0) + RANGE_SIGMAS * sigma
        start = max(value, sigma) if name == model.poi else parameter.initial
        result[name] = ParameterRange(name, float(np.clip(start, low, high)), float(low), float(high))
    return result

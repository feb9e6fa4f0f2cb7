"""A model whose free log-linear shapes are replaced by their first-order expansion.

HistFactory has no exponential of a free parameter. Around a point c* a sample b exp(sum_k c_k phi_k) becomes
b* (1 + sum_k delta_k phi_k) with b* = b exp(sum_k c*_k phi_k): one more sample b* phi_k per coefficient, scaled by a
free factor delta_k = c_k - c*_k. Expansion about the best fit leaves the best fit where it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nuportal.stats.likelihood import Likelihood
from nuportal.stats.model import Model, Observation
from nuportal.stats.modifiers import HistoSys, LogLinearShape, Modifier, NormFactor, Sample

Array = NDArray[np.float64]

PREFIX = "delta_"
"""The parameter that shifts ``c0`` is called ``delta_c0``."""


def is_linear(model: Model) -> bool:
    """Whether a model has no log-linear shape."""
    return not any(isinstance(m, LogLinearShape) for sample in model.samples for m in sample.modifiers)


def _scaled(modifiers: Sequence[Modifier], weight: Array) -> list[Modifier]:
    """Modifiers of a sample whose contents are multiplied by `weight`."""
    return [
        HistoSys(m.name, np.asarray(m.low) * weight, np.asarray(m.high) * weight) if isinstance(m, HistoSys) else m
        for m in modifiers
    ]


def _expanded(sample: Sample, at: Mapping[str, float]) -> list[Sample]:
    shapes = [m for m in sample.modifiers if isinstance(m, LogLinearShape)]
    if not shapes:
        return [sample]
    others = [m for m in sample.modifiers if not isinstance(m, LogLinearShape)]
    basis = {name: np.asarray(row) for shape in shapes for name, row in zip(shape.names, shape.basis, strict=True)}  # type: ignore[arg-type]
    factor = np.exp(sum(at[name] * row for name, row in basis.items()))
    nominal = np.asarray(sample.values) * factor
    result = [Sample(sample.name, nominal, _scaled(others, factor))]
    for name, row in basis.items():
        free = NormFactor(PREFIX + name, initial=0.0)
        result.append(Sample(f"{sample.name} {name}", nominal * row, [free, *_scaled(others, factor * row)]))
    return result


def linearised(model: Model, parameters: Mapping[str, float] | ArrayLike) -> Model:
    """Expand every log-linear shape to first order about the given parameters.

    Parameters
    ----------
    model : Model
    parameters : parameters of the expansion point, usually the best fit

    Returns
    -------
    Model
        With parameters ``delta_NAME`` in place of the coefficients; the model itself if it has none.
    """
    if is_linear(model):
        return model
    at = dict(zip(model.names, model.vector(parameters).tolist(), strict=True))
    samples = [new for sample in model.samples for new in _expanded(sample, at)]
    return Model(samples, model.poi, model.poi_bounds)


def linearised_likelihood(likelihood: Likelihood, parameters: Mapping[str, float] | ArrayLike) -> Likelihood:
    """Return the likelihood of the linearised model for the same data."""
    model = linearised(likelihood.model, parameters)
    if model is likelihood.model:
        return likelihood
    old = likelihood.model
    measured = dict(zip((old.names[k] for k in old.constrained), likelihood.observation.auxiliary, strict=True))
    auxiliary = [measured[model.names[k]] for k in model.constrained]
    data: Observation = model.observation(likelihood.observation.counts, auxiliary)
    return Likelihood(model, data, likelihood.statistic)

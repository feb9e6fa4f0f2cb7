r"""Free exponential shapes in the words of HistFactory.

HistFactory has no factor :math:`e^{c\varphi}` with a free c, but a normsys (code 4) with ``hi = 1/lo = e^x`` is exactly
:math:`e^{\alpha x}` for :math:`\alpha \ge 1`. So a sample :math:`b_i \exp(\sum_k c_k \varphi_{ki})` is split into one
sample per bin with one normsys per coefficient, :math:`c_k = c^*_k + s_k (\alpha_k - 2)`. The auxiliary measurement of
alpha is 2, at the best fit c*, and s is so many standard deviations of c that its unit width adds nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from nucore.stats import HistoSys, Likelihood, LogLinearShape, Model, NormSys, Sample, fit
from nucore.stats.modifiers import Modifier

Array = NDArray[np.float64]

CENTRE = 2.0
"""alpha at the best fit: far from 1, where code 4 turns into a polynomial."""
FREE_SIGMAS = 1000.0
"""Standard deviations of a coefficient that alpha = 1 stands for: the constraint adds 1e-6 to the information."""
_LARGEST_LOG = 100.0  # of a factor at alpha = 1, far from overflow


def has_exponentials(model: Model) -> bool:
    """Whether a model has log-linear shapes."""
    return any(isinstance(m, LogLinearShape) for sample in model.samples for m in sample.modifiers)


def without_exponentials(likelihood: Likelihood) -> Likelihood:
    """Return the same likelihood with every log-linear shape as constrained factors of single bins.

    Parameters
    ----------
    likelihood : Likelihood

    Returns
    -------
    Likelihood
        The coefficient ``c0`` becomes a parameter of the same name that is 2 at its best fit. The likelihood itself
        if it has no such shape.

    Raises
    ------
    nucore.stats.FitError
        If the fit that gives these units fails.
    """
    old = likelihood.model
    if not has_exponentials(old):
        return likelihood
    best = fit(likelihood)
    scales = {name: _scale(rows, best.uncertainties[name]) for name, rows in _basis(old).items()}
    samples = [new for sample in old.samples for new in _split(sample, best.best_fit, scales)]
    model = Model(samples, old.poi, old.poi_bounds)
    measured = dict(zip((old.names[k] for k in old.constrained), likelihood.observation.auxiliary, strict=True))
    auxiliary = [measured.get(model.names[k], CENTRE) for k in model.constrained]
    return Likelihood(model, model.observation(likelihood.observation.counts, auxiliary), likelihood.statistic)


def _basis(model: Model) -> dict[str, Array]:
    """Largest |phi| of each coefficient, over samples and bins."""
    found: dict[str, Array] = {}
    for sample in model.samples:
        for m in sample.modifiers:
            if isinstance(m, LogLinearShape):
                for name, row in zip(m.names, np.asarray(m.basis), strict=True):
                    found[name] = np.append(found.get(name, np.zeros(0)), row)
    return found


def _scale(phi: Array, uncertainty: float) -> float:
    """Change of a coefficient for alpha = 1."""
    largest = _LARGEST_LOG / max(float(np.abs(phi).max()), 1e-300)
    return min(FREE_SIGMAS * uncertainty, largest) if np.isfinite(uncertainty) and uncertainty > 0.0 else largest


def _scaled(modifier: Modifier, factor: Array) -> Modifier:
    """Modifier of a sample that is multiplied by `factor`."""
    if isinstance(modifier, HistoSys):
        low, high = np.asarray(modifier.low) * factor, np.asarray(modifier.high) * factor
        return HistoSys(modifier.name, low, high, modifier.constrained)
    return modifier


def _split(sample: Sample, at: Mapping[str, float], scales: Mapping[str, float]) -> Iterator[Sample]:
    shapes = [m for m in sample.modifiers if isinstance(m, LogLinearShape)]
    if not shapes:
        yield sample
        return
    basis: dict[str, Array] = {}
    for shape in shapes:
        for name, row in zip(shape.names, np.asarray(shape.basis), strict=True):
            basis[name] = basis.get(name, np.zeros(row.size)) + row
    shape_factor = np.exp(np.sum([at[name] * row for name, row in basis.items()], axis=0))
    others = [m for m in sample.modifiers if not isinstance(m, LogLinearShape)]
    nominal = np.asarray(sample.values)
    for i in range(nominal.size):
        mask = np.zeros(nominal.size)
        mask[i] = 1.0
        logs = {name: scales[name] * row[i] for name, row in basis.items()}
        free = [NormSys(name, float(np.exp(-x)), float(np.exp(x))) for name, x in logs.items()]
        factor = mask * shape_factor * np.exp(-CENTRE * sum(logs.values()))
        yield Sample(f"{sample.name}_bin{i}", nominal * factor, [*free, *(_scaled(m, factor) for m in others)])

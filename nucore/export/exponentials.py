r"""Free exponential shapes in the words of HistFactory.

HistFactory has no factor :math:`e^{c\varphi}` with a free c, but a normsys (code 4) with ``hi = 1/lo = e^x`` is exactly
:math:`e^{\alpha x}` for :math:`\alpha \ge 1`. So a sample :math:`b_i \exp(\sum_k c_k \varphi_{ki})` is split into one
sample per bin with one normsys per coefficient, :math:`c_k = c^*_k + s_k (\alpha_k - 2)`. The auxiliary measurement of
alpha is 2, at the best fit c*, and s is so many standard deviations of c that its unit width adds nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucore.export.pyhf_settings import ParameterSet
from nucore.stats import HistoSys, Likelihood, LogLinearShape, Model, NormSys, Sample, fit
from nucore.stats.modifiers import Modifier

Array = NDArray[np.float64]

CENTRE = 2.0
"""alpha at the best fit: far from 1, where code 4 turns into a polynomial."""
FREE_SIGMAS = 1000.0
"""Standard deviations of a coefficient that alpha = 1 stands for: the constraint adds 1e-6 to the information."""
_ROUNDING = 1e-12
_LARGEST_LOG = 100.0  # of a factor at alpha = 1, far from overflow


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
    if not old.free_shapes:
        return likelihood
    best = fit(likelihood)
    rows = [item for sample in old.samples for item in shape_basis(sample).items()]
    largest = {name: max(float(np.abs(row).max()) for n, row in rows if n == name) for name, _ in rows}
    scales = {name: _scale(phi, best.uncertainties[name]) for name, phi in largest.items()}
    samples = [new for sample in old.samples for new in _split(sample, best.best_fit, scales)]
    model = Model(samples, old.poi, old.poi_bounds)
    measured = dict(zip((old.names[k] for k in old.constrained), likelihood.observation.auxiliary, strict=True))
    auxiliary = [measured.get(model.names[k], CENTRE) for k in model.constrained]
    return Likelihood(model, model.observation(likelihood.observation.counts, auxiliary))


def exponential_coefficients(content: Mapping[str, Any], parameters: Mapping[str, ParameterSet]) -> set[str]:
    """Parameters of a pyhf workspace that are coefficients as `without_exponentials` writes them: free ones.

    They act by normsys with ``hi = 1/lo`` on samples that each fill one of several bins, on more than one of them, and
    their auxiliary measurement is `CENTRE`.
    """
    found = {
        n for n, p in parameters.items() if p.kind == "normsys" and p.auxdata is not None and p.auxdata[0] == CENTRE
    }
    uses = dict.fromkeys(found, 0)
    for sample in (sample for channel in content["channels"] for sample in channel["samples"]):
        single = len(sample["data"]) > 1 and np.count_nonzero(sample["data"]) <= 1
        for item in sample["modifiers"]:
            if item["name"] in found:
                uses[item["name"]] += 1
                data = item["data"]
                if not (single and np.isclose(data["lo"] * data["hi"], 1.0, rtol=_ROUNDING, atol=0.0)):
                    found.discard(item["name"])
    return {name for name in found if uses[name] > 1}


def shape_basis(sample: Sample) -> dict[str, Array]:
    """Basis functions of the log-linear shapes of a sample, by coefficient."""
    found: dict[str, Array] = {}
    for m in sample.modifiers:
        if isinstance(m, LogLinearShape):
            for name, row in zip(m.names, np.asarray(m.basis), strict=True):
                found[name] = found.get(name, np.zeros(row.size)) + row
    return found


def _scale(phi: float, uncertainty: float) -> float:
    """Change of a coefficient for alpha = 1, given the largest |phi| in samples and bins."""
    largest = _LARGEST_LOG / max(phi, 1e-300)
    return min(FREE_SIGMAS * uncertainty, largest) if np.isfinite(uncertainty) and uncertainty > 0.0 else largest


def scaled(modifier: Modifier, factor: Array) -> Modifier:
    """Scale a modifier as its sample: by one factor, or one per bin."""
    if isinstance(modifier, HistoSys):
        low, high = np.asarray(modifier.low) * factor, np.asarray(modifier.high) * factor
        return HistoSys(modifier.name, low, high, modifier.constrained)
    return modifier


def _split(sample: Sample, at: Mapping[str, float], scales: Mapping[str, float]) -> Iterator[Sample]:
    basis = shape_basis(sample)
    if not basis:
        yield sample
        return
    shape_factor = np.exp(np.sum([at[name] * row for name, row in basis.items()], axis=0))
    others = [m for m in sample.modifiers if not isinstance(m, LogLinearShape)]
    nominal = np.asarray(sample.values)
    for i in range(nominal.size):
        mask = np.zeros(nominal.size)
        mask[i] = 1.0
        logs = {name: scales[name] * row[i] for name, row in basis.items()}
        free = [NormSys(name, float(np.exp(-x)), float(np.exp(x))) for name, x in logs.items()]
        factor = mask * shape_factor * np.exp(-CENTRE * sum(logs.values()))
        yield Sample(f"{sample.name}_bin{i}", nominal * factor, [*free, *(scaled(m, factor) for m in others)])

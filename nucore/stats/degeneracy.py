"""Parameters that the data do not determine: the null space of the expected information."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nucore.errors import FitError
from nucore.stats.likelihood import Likelihood

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

_NULL = 1e-10  # eigenvalue of the information, of parameters scaled to unit information, that counts as 0
_PART = 1e-3  # component of a parameter in the null space that counts
_SMALLEST_EXPECTATION = 1e-3  # events: weight of a bin without expectation
_SHOWN = 6


class DegenerateModelError(FitError):
    """Parameters of a model that no data can tell apart.

    Attributes
    ----------
    names : tuple of str
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
        if len(names) == 1:
            super().__init__(
                f"the model is degenerate: parameter {shown} changes no bin; expected it fixed or left out"
            )
        else:
            super().__init__(
                f"the model is degenerate: only combinations of {shown} change the expected events; expected some fixed"
            )


def check_degeneracy(likelihood: Likelihood, theta: Array, free: Mask) -> None:
    """Raise `DegenerateModelError` if parameters are degenerate everywhere, not only at `theta`."""
    model = likelihood.model
    rng = np.random.default_rng(1)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        step = 0.1 * rng.uniform(0.5, 1.5, theta.size) * (1.0 + np.abs(theta))
        inside = np.where(theta + step > model.upper, theta - step, theta + step)
        null = undetermined(likelihood, np.where(free, np.clip(inside, model.lower, model.upper), theta), free)
    if null.any():
        raise DegenerateModelError(tuple(np.array(model.names)[null].tolist()))


def undetermined(likelihood: Likelihood, theta: Array, free: Mask) -> Mask:
    """Free parameters with a part in the null space of the expected information at `theta`, shape (n_parameters,)."""
    model, index = likelihood.model, np.flatnonzero(free)
    at = model.expectation(theta)
    jacobian = at.jacobian()[index] / np.sqrt(np.maximum(at.counts, _SMALLEST_EXPECTATION))
    prior = np.zeros(free.size)
    prior[model.constrained] = 1.0 / model.widths**2
    information = jacobian @ jacobian.T + np.diag(prior[index])
    found = np.zeros_like(free)
    diagonal = np.diag(information)
    if not np.all(np.isfinite(diagonal)):
        return found
    scale = np.sqrt(np.where(diagonal > 0.0, diagonal, 1.0))
    values, vectors = np.linalg.eigh(information / scale / scale[:, None])
    found[index] = np.linalg.norm(vectors[:, values < _NULL], axis=1) > _PART
    return found

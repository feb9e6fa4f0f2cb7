"""nu4 and the W mass: both move the edge of the lepton spectrum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collider.inference.likelihood import W_MASS, Expectation
from collider.templates.systematics import M_W_STEP_GEV
from nucore.stats import FitResult, Likelihood, fit

Array = NDArray[np.float64]

_MEV_PER_STEP = 1000.0 * M_W_STEP_GEV


def kink_GeV(observable: str, m4: float, m_W: float) -> float | None:
    """Return where the observable has its kink for a W at rest; None if nu4 is heavier than the W.

    Lepton pT and missing momentum have it at (mW/2)(1 - m4^2/mW^2), the transverse mass of massless particles at
    twice that.

    References
    ----------
    arXiv:1709.07001, Eq. 13.
    """
    if m4 >= m_W:
        return None
    momentum = 0.5 * m_W * (1.0 - (m4 / m_W) ** 2)
    return 2.0 * momentum if observable == "transverse_mass" else momentum


@dataclass(frozen=True)
class WMassEffect:
    """What a floating W mass does to the reach, and nu4 to a measurement of the W mass.

    Attributes
    ----------
    fixed_U_sq : float or None
        Reach with the W mass fixed.
    uncertainty_MeV : float
        Of the W mass, fitted together with |U_l4|^2 to data without nu4.
    bias_MeV : float or None
        Shift of a W mass fitted without nu4 to data with |U_l4|^2 at the reach with a floating W mass.
    """

    fixed_U_sq: float | None
    uncertainty_MeV: float
    bias_MeV: float | None

    def to_dict(self, name: str, floating_U_sq: float | None) -> dict[str, Any]:
        """Fields of a point of the reach; ``loss`` is the reach with a floating over that with a fixed W mass."""
        both = self.fixed_U_sq is not None and floating_U_sq is not None
        return {
            f"{name}_fixed_m_W": self.fixed_U_sq,
            "loss": floating_U_sq / self.fixed_U_sq if both else None,  # type: ignore[operator]
            "m_W_uncertainty_MeV": self.uncertainty_MeV,
            "m_W_bias_MeV": self.bias_MeV,
        }


def w_mass_effect(expected: Expectation, fixed_U_sq: float | None, floating_U_sq: float | None) -> WMassEffect:
    """Return what a floating W mass and a nu4 do to each other; the arguments are the reaches."""
    model = expected.model()
    joint = fit(Likelihood(model, model.asimov()))
    bias = None
    if floating_U_sq is not None:
        data = model.asimov({expected.parameter: floating_U_sq})
        bias = mass_shift_MeV(fit(Likelihood(model, data), fixed={expected.parameter: 0.0}))
    return WMassEffect(fixed_U_sq, _MEV_PER_STEP * joint.uncertainties[W_MASS], bias)


def mass_shift_MeV(result: FitResult) -> float:
    """Return the fitted W mass minus that of the templates, MeV."""
    return _MEV_PER_STEP * result.best_fit[W_MASS]

"""nu4 and the W mass: both move the edge of the lepton spectrum."""

from __future__ import annotations

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


def w_mass_effect(
    expected: Expectation, fixed_U_sq: float | None, floating_U_sq: float | None
) -> dict[str, float | None]:
    """Return what a floating W mass does to the reach, and nu4 to a measurement of the W mass.

    Parameters
    ----------
    expected : Expectation
    fixed_U_sq, floating_U_sq : float or None
        Reach with the W mass fixed and floating.

    Returns
    -------
    dict
        ``U*4_sq_fixed_m_W``; ``loss``, the ratio of the reaches; ``m_W_uncertainty_MeV``, of a fit together with
        |U_l4|^2 to data without nu4; ``m_W_bias_MeV``, of a fit without nu4 to data with |U_l4|^2 at the reach.
    """
    model = expected.model()
    joint = fit(Likelihood(model, model.asimov()))
    bias = None
    if floating_U_sq is not None:
        data = model.asimov({expected.parameter: floating_U_sq})
        bias = mass_shift_MeV(fit(Likelihood(model, data), fixed={expected.parameter: 0.0}))
    return {
        f"{expected.parameter}_fixed_m_W": fixed_U_sq,
        "loss": None if fixed_U_sq is None or floating_U_sq is None else floating_U_sq / fixed_U_sq,
        "m_W_uncertainty_MeV": _MEV_PER_STEP * joint.uncertainties[W_MASS],
        "m_W_bias_MeV": bias,
    }


def mass_shift_MeV(result: FitResult) -> float:
    """Return the fitted W mass minus that of the templates, MeV."""
    return _MEV_PER_STEP * result.best_fit[W_MASS]

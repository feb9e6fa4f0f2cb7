"""Limits on |U_l4|^2 that follow from one measured number and a formula, the nu4 being invisible.

Every function takes the nu4 masses (GeV), the flavour and the inputs of the curve by name, and returns |U_l4|^2 of the
same shape, NaN where the measurement gives no limit. A limit is that of `nucore.limits.prescription` unless the input
is itself a published upper limit.

References
----------
R. E. Shrock, Phys. Rev. D 24 (1981) 1232 and 1275; the measurements stand in the data file of each curve.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucore.limits.muon_spectrum import michel_response
from nucore.limits.prescription import average, bounded_limit
from nucore.model import constants as c
from nucore.model import widths

Array = NDArray[np.float64]
Inputs = Mapping[str, float]
Formula = Callable[[Array, str, Inputs], Array]

_MASS = {"e": float(c.M_E), "mu": float(c.M_MU), "tau": float(c.M_TAU)}
#: Largest |U|^2 looked for where an equation is solved.
_LARGEST = 0.5
_BISECTIONS = 60


def _over(limit: Any, sensitivity: Array) -> Array:
    """Limit divided by a sensitivity; NaN where there is none, or where it exceeds 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.asarray(limit / sensitivity, dtype=np.float64)
    return np.where((sensitivity > 0.0) & (value <= 1.0), value, np.nan)


def _solve(excess: Callable[[Array], Array], shape: tuple[int, ...]) -> Array:
    """Smallest u in (0, 1/2) at which a rising function crosses zero; NaN where it does not."""
    low, high = np.zeros(shape), np.full(shape, _LARGEST)
    possible = excess(high) > 0.0
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        above = excess(middle) > 0.0
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return np.where(possible, high, np.nan)


def _muon_deficit(m4: Array) -> Array:
    """1 - I(m4^2/m_mu^2): how much a unit of |U_e4|^2 or |U_mu4|^2 lowers the muon decay rate."""
    return np.asarray(1.0 - widths.muon_decay_factor((m4 / float(c.M_MU)) ** 2))


def flat(m4: Array, flavour: str, inputs: Inputs) -> Array:
    """Mass-independent published limit ``U_sq``."""
    return np.full(m4.shape, inputs["U_sq"])


def electron_muon_ratio(m4: Array, flavour: str, inputs: Inputs) -> Array:
    """R = Gamma(M -> e nu)/Gamma(M -> mu nu) over the Standard Model.

    For |U_e4|^2 = u: R/R_SM = 1 - u (1 - rho_e) below ``detected_below_GeV``, where the slow electrons are still
    counted (rho_e = Gamma(M -> e nu4)/(u Gamma(M -> e nu))), and 1 - u above the threshold; no limit between the two.
    For |U_mu4|^2 = u: R/R_SM = 1/[1 - u (1 - rho_mu)].

    Inputs: ``ratio``, ``ratio_uncertainty``, ``ratio_sm``, ``ratio_sm_uncertainty``, ``m_parent_GeV``,
    ``detected_below_GeV``.
    """
    r = inputs["ratio"] / inputs["ratio_sm"]
    s = r * np.hypot(inputs["ratio_uncertainty"] / inputs["ratio"], inputs["ratio_sm_uncertainty"] / inputs["ratio_sm"])
    parent = inputs["m_parent_GeV"]
    rho = widths.two_body_ratio(parent, _MASS[flavour], m4)
    closed = m4 >= parent - _MASS[flavour]
    sensitivity = 1.0 - np.where(closed, 0.0, rho)
    # the sensitivity may be negative: the estimate of u carries its sign
    with np.errstate(divide="ignore"):
        estimate = (1.0 - r if flavour == "e" else r - 1.0) / sensitivity
        limit = bounded_limit(estimate, s / np.abs(sensitivity))
    seen = closed | (m4 < inputs["detected_below_GeV"]) if flavour == "e" else np.ones(m4.shape, dtype=bool)
    return np.where(seen & (limit <= 1.0), limit, np.nan)


def electroweak_fit(m4: Array, flavour: str, inputs: Inputs) -> Array:
    """Muon lifetime against m_W and sin^2 theta_eff: G_F = G_mu (1 + Delta/2), Delta = u (1 - I), for e and mu alike.

    Inputs: ``m_W``, ``m_W_sm`` (GeV), ``sin2``, ``sin2_sm``, each with ``_uncertainty``; ``m_W_response``
    (GeV) and ``sin2_response`` per unit of Delta.
    """
    estimates, variances = [], []
    for name in ("m_W", "sin2"):
        response = inputs[f"{name}_response"]
        estimates.append((inputs[name] - inputs[f"{name}_sm"]) / response)
        spread = np.hypot(inputs[f"{name}_uncertainty"], inputs[f"{name}_sm_uncertainty"])
        variances.append((spread / response) ** 2)
    d, s = average(np.array(estimates), np.diag(variances))
    return _over(bounded_limit(d, s), _muon_deficit(m4))


def muon_decay_spectrum(m4: Array, flavour: str, inputs: Inputs) -> Array:
    """Michel parameter rho of the positron spectrum, for e and mu alike; m4 < m_mu.

    Inputs: ``rho``, ``rho_uncertainty``, ``x_min``, ``x_max`` (range of 2 E/m_mu that was fitted).
    """
    window = (inputs["x_min"], inputs["x_max"])
    response = np.array([michel_response(float(m), window) if m < float(c.M_MU) else 0.0 for m in m4.ravel()])
    response = response.reshape(m4.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        limit = bounded_limit((inputs["rho"] - 0.75) / response, inputs["rho_uncertainty"] / np.abs(response))
    return np.where((response != 0.0) & (limit <= 1.0), limit, np.nan)


def leptonic_decay_of_b(m4: Array, flavour: str, inputs: Inputs) -> Array:
    """Published upper limit on the branching ratio of B+ -> l nu4.

    Inputs: ``branching_ratio`` (the limit), ``f_B_GeV``, ``V_ub``.
    """
    x_l = (_MASS[flavour] / float(c.M_B)) ** 2
    helicity = x_l * (1.0 - x_l) ** 2 * widths.two_body_ratio(float(c.M_B), _MASS[flavour], m4)
    width = (float(c.G_F) * inputs["f_B_GeV"] * inputs["V_ub"]) ** 2 * float(c.M_B) ** 3 / (8.0 * np.pi)
    return _over(inputs["branching_ratio"], width * float(c.TAU_B) / float(c.HBAR_GEV_S) * helicity)


def z_invisible(m4: Array, flavour: str, inputs: Inputs) -> Array:
    """Invisible Z width as a number of neutrinos, N = 3 Gamma_inv/Gamma_inv^SM.

    Inputs: ``number``, ``number_uncertainty``; ``absolute_width`` 1 where Gamma_inv was compared with a width computed
    from the muon lifetime: then |U_e4|^2 and |U_mu4|^2 raise the prediction by (1 - u (1 - I))^(-1/2), which nearly
    cancels their deficit.
    """
    deficit = float(bounded_limit(3.0 - inputs["number"], inputs["number_uncertainty"]))
    feedback = _muon_deficit(m4) if inputs.get("absolute_width", 0.0) and flavour != "tau" else np.zeros(m4.shape)

    def excess(u: Array) -> Array:
        number = widths.invisible_neutrino_number(u, m4) / np.sqrt(1.0 - u * feedback)
        return np.asarray(3.0 - number - deficit)

    return _solve(excess, m4.shape)


def h_invisible(m4: Array, flavour: str, inputs: Inputs) -> Array:
    """Published upper limit on the invisible branching ratio of the Higgs boson; the smaller solution.

    Inputs: ``branching_ratio`` (the limit), ``width_sm_GeV``.
    """

    def excess(u: Array) -> Array:
        width = widths.width_h_to_nu4(u, m4)
        return np.asarray(width / (width + inputs["width_sm_GeV"]) - inputs["branching_ratio"])

    return _solve(excess, m4.shape)


def ckm_unitarity(m4: Array, flavour: str, inputs: Inputs) -> Array:
    """|V_ud|^2 + |V_us|^2 + |V_ub|^2 - 1 = |U_mu4|^2 (1 - I), as G_mu enters the measured elements.

    Inputs: ``V_ud``, ``V_us``, ``V_ub`` and the first two's ``_uncertainty``.
    """
    excess = inputs["V_ud"] ** 2 + inputs["V_us"] ** 2 + inputs["V_ub"] ** 2 - 1.0
    spread = np.hypot(2 * inputs["V_ud"] * inputs["V_ud_uncertainty"], 2 * inputs["V_us"] * inputs["V_us_uncertainty"])
    return _over(bounded_limit(excess, spread), _muon_deficit(m4))


def tau_leptonic(m4: Array, flavour: str, inputs: Inputs) -> Array:
    """Universality of leptonic tau decays: (g_tau/g_mu)^2 = 1 - u (1 - R_e) and (g_tau/g_e)^2 = 1 - u (1 - R_mu).

    Inputs: ``g_tau_over_g_mu``, ``g_tau_over_g_e``, each with ``_uncertainty``; ``correlation``.
    """
    couplings = np.array([inputs["g_tau_over_g_mu"], inputs["g_tau_over_g_e"]])
    spread = 2.0 * couplings * [inputs["g_tau_over_g_mu_uncertainty"], inputs["g_tau_over_g_e_uncertainty"]]
    rho = inputs["correlation"]
    covariance = np.outer(spread, spread) * np.array([[1.0, rho], [rho, 1.0]])
    k = 1.0 - np.stack([widths.tau_leptonic_ratio(m4, _MASS[name]) for name in ("e", "mu")], axis=-1)
    sensitive = np.all(k > 0.0, axis=-1)
    k = np.where(sensitive[..., None], k, 1.0)
    d, s = average((1.0 - couplings**2) / k, covariance / (k[..., :, None] * k[..., None, :]))
    limit = bounded_limit(d, s)
    return np.where(sensitive & (limit <= 1.0), limit, np.nan)


def tau_pion(m4: Array, flavour: str, inputs: Inputs) -> Array:
    """Rate of tau -> pi nu: (g_tau/g_mu)^2 = 1 - u (1 - rho). Inputs: ``g_tau_over_g_mu`` and its ``_uncertainty``."""
    coupling = inputs["g_tau_over_g_mu"]
    spread = 2.0 * coupling * inputs["g_tau_over_g_mu_uncertainty"]
    return _over(bounded_limit(1.0 - coupling**2, spread), 1.0 - np.asarray(widths.tau_hadron_ratio(m4, float(c.M_PI))))


FORMULAS: Mapping[str, Formula] = {
    "flat": flat,
    "electron-muon-ratio": electron_muon_ratio,
    "electroweak-fit": electroweak_fit,
    "muon-decay-spectrum": muon_decay_spectrum,
    "leptonic-decay-of-b": leptonic_decay_of_b,
    "z-invisible": z_invisible,
    "h-invisible": h_invisible,
    "ckm-unitarity": ckm_unitarity,
    "tau-leptonic": tau_leptonic,
    "tau-pion": tau_pion,
}

"""Electroweak, Higgs, flavour-violation and published-limit predictions at parameter points.

Every function takes n parameter points and the inputs of a card by name and returns a
`nuportal.constraints.comparison.Comparison`; the measurements stand in the data file of each curve.

References
----------
R. E. Shrock, Phys. Rev. D 24 (1981) 1232 and 1275; exact mixing of any flavour structure:
docs/explanation/physics/limits.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mesons.decays.boson_decays import boson_rates
from mesons.decays.ratios import rate_factors
from nucore.limits.muon_spectrum import michel_response
from nucore.limits.prescription import average
from nucore.model import constants as c
from nucore.model import widths
from nucore.model.particles import mass
from nucore.model.points import ParameterPoints
from nuportal.constraints.comparison import Comparison, deviation, upper_limit

Array = NDArray[np.float64]
Inputs = Mapping[str, Any]
Prediction = Callable[[ParameterPoints, Inputs], Comparison]


def flat(p: ParameterPoints, inputs: Inputs) -> Comparison:
    """Mass-independent published limit ``U_sq`` on |U_l4|^2 of one flavour."""
    flavour = inputs["flavour"]
    return upper_limit(f"|U_{flavour}4|^2", p.U_sq(flavour), inputs["U_sq"])


def electroweak_fit(p: ParameterPoints, inputs: Inputs) -> Comparison:
    """Muon lifetime against m_W and sin^2 theta_eff: Delta = 1 - Gamma_mu/Gamma_0, G_F = G_mu (1 + Delta/2).

    All decays of the muon count, whatever becomes of nu4. m_W and sin^2 theta are linear in Delta to 0.1 Delta.

    Inputs: ``m_W``, ``m_W_sm`` (GeV), ``sin2``, ``sin2_sm``, each with ``_uncertainty``; ``m_W_response``
    (GeV) and ``sin2_response`` per unit of Delta.
    """
    estimates, variances = [], []
    for name in ("m_W", "sin2"):
        response = inputs[f"{name}_response"]
        estimates.append((inputs[name] - inputs[f"{name}_sm"]) / response)
        spread = np.hypot(inputs[f"{name}_uncertainty"], inputs[f"{name}_sm_uncertainty"])
        variances.append((spread / response) ** 2)
    mean, sigma = average(np.array(estimates), np.diag(variances))
    predicted = 1.0 - muon_rate(p)
    return deviation(("1 - Gamma(mu -> e nu nu)/SM",), predicted[None], [0.0], [mean], [[sigma**2]])


def muon_rate(p: ParameterPoints) -> Array:
    """Total width of the muon over its Standard Model value at fixed G_F, shape (n,): (G_mu/G_F)^2."""
    return np.asarray(rate_factors("mu-", "e", p, inclusive=True))


def muon_decay_spectrum(p: ParameterPoints, inputs: Inputs) -> Comparison:
    """Michel parameter rho of the positron spectrum, linear in |U_e4|^2 + |U_mu4|^2.

    Inputs: ``rho``, ``rho_uncertainty``, ``x_min``, ``x_max`` (range of 2 E/m_mu that was fitted).
    """
    window = (inputs["x_min"], inputs["x_max"])
    masses, where = np.unique(p.m4, return_inverse=True)
    responses = np.array([michel_response(float(m), window) if m < float(c.M_MU) else 0.0 for m in masses])[where]
    predicted = 0.75 + responses * (p.U_sq("e") + p.U_sq("mu"))
    return deviation(
        ("Michel parameter rho",), predicted[None], [0.75], [inputs["rho"]], [[inputs["rho_uncertainty"] ** 2]]
    )


def z_invisible(p: ParameterPoints, inputs: Inputs) -> Comparison:
    """Invisible Z width as a number of neutrinos, N = 3 Gamma_inv/Gamma_inv^SM; visible nu4 do not count.

    Inputs: ``number``, ``number_uncertainty``; ``absolute_width`` 1 where Gamma_inv was compared with a width computed
    from the muon lifetime: then |U_e4|^2 and |U_mu4|^2 raise the prediction by (Gamma_0/Gamma_mu)^(1/2), which nearly
    cancels their deficit.
    """
    unseen, r = 1.0 - p.seen(float(c.M_Z)), (p.m4 / float(c.M_Z)) ** 2
    number = widths.invisible_neutrino_number(
        p.U4_sq, p.weight, _per_mixing(boson_rates("Z", "nu", p), p), widths.z_pair_factor(r) * (p.weight * unseen) ** 2
    )
    if inputs.get("absolute_width", 0.0):
        number = number / np.sqrt(muon_rate(p))
    return deviation(
        ("number of neutrinos",), number[None], [3.0], [inputs["number"]], [[inputs["number_uncertainty"] ** 2]]
    )


def h_invisible(p: ParameterPoints, inputs: Inputs) -> Comparison:
    """Published upper limit on the invisible branching ratio of the Higgs boson.

    Inputs: ``branching_ratio`` (the limit), ``width_sm_GeV``.
    """
    seen, r = p.seen(float(c.M_H)), (p.m4 / float(c.M_H)) ** 2
    pair = widths.h_pair_factor(r)
    single = _per_mixing(boson_rates("h", "nu", p), p)
    unseen = widths.width_h_to_nu4(p.U4_sq, single, pair * (1.0 - seen) ** 2)
    visible = np.where(r < 1.0, r * (1.0 - r) ** 2, 0.0) * seen
    every = widths.width_h_to_nu4(p.U4_sq, single + visible, pair)
    return upper_limit("BR(h -> invisible)", unseen / (every + inputs["width_sm_GeV"]), inputs["branching_ratio"])


def _per_mixing(rate: Array, p: ParameterPoints) -> Array:
    """Rate to one nu4 per unit of s^2."""
    return np.divide(rate, p.U4_sq, out=np.zeros(p.n), where=p.U4_sq > 0.0)


def _w_rate(p: ParameterPoints, flavour: str) -> Array:
    """Rate of W -> l nu over the Standard Model, nu4 and chi phi counted where they are not seen."""
    return np.asarray(1.0 - p.lost(flavour) + boson_rates("W+", flavour, p))


def w_universality(p: ParameterPoints, inputs: Inputs) -> Comparison:
    """Ratio of W -> l nu of two flavours.

    Inputs: ``numerator``, ``denominator`` (flavours), ``ratio``, ``ratio_uncertainty``, ``ratio_sm``.
    """
    over, under, scale = inputs["numerator"], inputs["denominator"], inputs["ratio_sm"]
    predicted = _w_rate(p, over) / _w_rate(p, under)
    name = f"Gamma(W -> {over} nu)/Gamma(W -> {under} nu) over the Standard Model"
    variance = (inputs["ratio_uncertainty"] / scale) ** 2
    return deviation((name,), predicted[None], [1.0], [inputs["ratio"] / scale], [[variance]])


def w_universality_combined(p: ParameterPoints, inputs: Inputs) -> Comparison:
    """Ratios mu/e and tau/e of W -> l nu with their correlation.

    Inputs: ``mu_over_e``, ``tau_over_e``, each with ``_uncertainty`` and ``_sm``; ``correlation``.
    """
    names = ("mu_over_e", "tau_over_e")
    scale = np.array([inputs[f"{name}_sm"] for name in names])
    measured = np.array([inputs[name] for name in names]) / scale
    spread = np.array([inputs[f"{name}_uncertainty"] for name in names]) / scale
    covariance = np.outer(spread, spread) * np.array([[1.0, inputs["correlation"]], [inputs["correlation"], 1.0]])
    predicted = np.stack([_w_rate(p, "mu"), _w_rate(p, "tau")]) / _w_rate(p, "e")
    labels = tuple(f"Gamma(W -> {f} nu)/Gamma(W -> e nu) over the Standard Model" for f in ("mu", "tau"))
    return deviation(labels, predicted, [1.0, 1.0], measured, covariance)


def visible_z_decay(p: ParameterPoints, inputs: Inputs) -> Comparison:
    """Published upper limit on the branching ratio of Z -> nu nu4 (one charge state) with a visible nu4.

    Inputs: ``branching_ratio`` (the limit).
    """
    flavour = float(c.BR_Z_INVISIBLE) / 3.0
    single = p.U4_sq * p.UN4_sq * widths.w_two_body_factor((p.m4 / p.m_Z) ** 2)
    return upper_limit(
        "BR(Z -> nu nu4, nu4 visible)", flavour * single * p.pole * p.seen(float(c.M_Z)), inputs["branching_ratio"]
    )


def leptonic_decay_of_b(p: ParameterPoints, inputs: Inputs) -> Comparison:
    """Published upper limit on the branching ratio of B+ -> l nu4, nu4 unseen.

    Inputs: ``flavour``; ``branching_ratio`` (the limit), ``f_B_GeV``, ``V_ub``.
    """
    flavour, m_B = inputs["flavour"], float(c.M_B)
    m_lepton = mass(flavour)
    x_l = (m_lepton / m_B) ** 2
    helicity = x_l * (1.0 - x_l) ** 2 * widths.two_body_ratio(m_B, m_lepton, p.m4)
    width = (float(c.G_F) * inputs["f_B_GeV"] * inputs["V_ub"]) ** 2 * m_B**3 / (8.0 * np.pi)
    share = width * float(c.TAU_B) / float(c.HBAR_GEV_S) * helicity
    return upper_limit(f"BR(B+ -> {flavour} nu4)", share * p.U_sq(flavour), inputs["branching_ratio"])


PREDICTIONS: Mapping[str, Prediction] = {
    "flat": flat,
    "electroweak-fit": electroweak_fit,
    "muon-decay-spectrum": muon_decay_spectrum,
    "leptonic-decay-of-b": leptonic_decay_of_b,
    "z-invisible": z_invisible,
    "h-invisible": h_invisible,
    "w-universality": w_universality,
    "w-universality-combined": w_universality_combined,
    "visible-nu4": visible_z_decay,
}

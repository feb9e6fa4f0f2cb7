"""Lepton universality and first-row unitarity: ratios of rates with all flavours and all invisible channels.

A rate over its Standard Model value is that of `mesons.decays.ratios.rate_factors`: light neutrinos, nu4, and chi phi
through an off-shell or on-shell nu4. A nu4 that decays visibly leaves the sample (further tracks and photons are
vetoed) but in the muon lifetime.

References
----------
R. E. Shrock, Phys. Rev. D 24 (1981) 1232; arXiv:1709.07001, section on Fig. 2.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mesons.decays.ratios import electron_muon_ratios, rate_factors, tau_muon_ratios, tau_over_pion_ratios
from mesons.decays.semileptonic import semileptonic_rates
from nucore.model.kinematics import two_body_momentum
from nucore.model.particles import mass
from nucore.model.points import ParameterPoints
from nuportal.constraints.comparison import Comparison, deviation
from nuportal.constraints.predictions import Inputs, Prediction, muon_rate

Array = NDArray[np.float64]

#: Below this mass (GeV) a nu4 is emitted in superallowed beta decays, whose endpoints lie at 1-10 MeV
#: (J. C. Hardy, I. S. Towner, Phys. Rev. C 102 (2020) 045501).
_BETA_ENDPOINT = 0.01


def electron_muon_ratio(p: ParameterPoints, inputs: Inputs) -> Comparison:
    """R = Gamma(M -> e nu)/Gamma(M -> mu nu) over the Standard Model.

    Electrons count above the momentum beside a nu4 of mass ``detected_below_GeV``. The measurement says nothing where
    it is not clear whether those beside an on-shell nu4 count: up to ``lost_above_GeV``, or else up to the threshold.

    Inputs: ``parent``; ``ratio``, ``ratio_uncertainty``, ``ratio_sm``, ``ratio_sm_uncertainty``,
    ``detected_below_GeV``, optionally ``lost_above_GeV``.
    """
    parent = inputs["parent"]
    m_parent, m_e = mass(parent), mass("e")
    below, lost = inputs["detected_below_GeV"], inputs.get("lost_above_GeV", m_parent - m_e)
    cut = float(two_body_momentum(m_parent, m_e, below))
    # a cut on the missing mass takes muons too
    muon_cut = float(two_body_momentum(m_parent, mass("mu"), below)) if "lost_above_GeV" in inputs else 0.0
    predicted = electron_muon_ratios(parent, p, cut, muon_cut)
    unclear = (p.m4 >= below) & (p.m4 < lost) & ((p.Ue4 != 0.0) | (muon_cut > 0.0) & (p.Umu4 != 0.0))
    r = inputs["ratio"] / inputs["ratio_sm"]
    s = r * np.hypot(inputs["ratio_uncertainty"] / inputs["ratio"], inputs["ratio_sm_uncertainty"] / inputs["ratio_sm"])
    name = f"Gamma({parent} -> e nu)/Gamma({parent} -> mu nu) over the Standard Model"
    kept = np.where(unclear, np.nan, predicted)
    return deviation(
        (name,), kept[None], [1.0], [r], [[s**2]], lambda _: "whether leptons beside a nu4 this heavy count is unclear"
    )


def tau_leptonic(p: ParameterPoints, inputs: Inputs) -> Comparison:
    """Universality of leptonic tau decays: (g_tau/g_mu)^2 and (g_tau/g_e)^2 from tau -> e, mu over mu -> e.

    Inputs: ``g_tau_over_g_mu``, ``g_tau_over_g_e``, each with ``_uncertainty``; ``correlation``.
    """
    couplings = np.array([inputs["g_tau_over_g_mu"], inputs["g_tau_over_g_e"]])
    spread = 2.0 * couplings * [inputs["g_tau_over_g_mu_uncertainty"], inputs["g_tau_over_g_e_uncertainty"]]
    rho = inputs["correlation"]
    covariance = np.outer(spread, spread) * np.array([[1.0, rho], [rho, 1.0]])
    predicted = tau_muon_ratios(p)
    return deviation(("(g_tau/g_mu)^2", "(g_tau/g_e)^2"), predicted, [1.0, 1.0], couplings**2, covariance)


def tau_pion(p: ParameterPoints, inputs: Inputs) -> Comparison:
    """(g_tau/g_mu)^2 from tau -> pi nu over pi -> mu nu. Inputs: ``g_tau_over_g_mu`` and its ``_uncertainty``."""
    coupling = inputs["g_tau_over_g_mu"]
    spread = 2.0 * coupling * inputs["g_tau_over_g_mu_uncertainty"]
    predicted = tau_over_pion_ratios(p)
    return deviation(("(g_tau/g_mu)^2 from tau -> pi nu",), predicted[None], [1.0], [coupling**2], [[spread**2]])


def _beta_decay(p: ParameterPoints) -> Array:
    """|V_ud|^2 as superallowed beta decays give it with G_mu, over the true one; NaN for a nu4 they emit."""
    emitted = (p.m4 < _BETA_ENDPOINT) & (p.Ue4 != 0.0)
    return np.where(emitted, np.nan, (1.0 - p.lost("e")) / muon_rate(p))


def _in_beta_decays(_: int) -> str:
    return "superallowed beta decays emit a nu4 this light, by how much is not computed"


def _kaon_semileptonic(p: ParameterPoints, electron_share: float) -> Array:
    """|V_us|^2 as K -> pi l nu gives it with G_mu, over the true one."""
    rate = electron_share * semileptonic_rates("e", p) + (1.0 - electron_share) * semileptonic_rates("mu", p)
    return rate / muon_rate(p)


def ckm_unitarity(p: ParameterPoints, inputs: Inputs) -> Comparison:
    """|V_ud|^2 + |V_us|^2 + |V_ub|^2 - 1 with one average of |V_us|, taken as from K -> pi e nu.

    Inputs: ``V_ud``, ``V_us``, ``V_ub`` and the first two's ``_uncertainty``.
    """
    ud, us, ub = inputs["V_ud"], inputs["V_us"], inputs["V_ub"]
    spread = np.hypot(2 * ud * inputs["V_ud_uncertainty"], 2 * us * inputs["V_us_uncertainty"])
    predicted = (1.0 - us**2) * (_beta_decay(p) - 1.0) + us**2 * (_kaon_semileptonic(p, 1.0) - 1.0)
    measured = ud**2 + us**2 + ub**2 - 1.0
    return deviation(("first-row sum - 1",), predicted[None], [0.0], [measured], [[spread**2]], _in_beta_decays)


def ckm_first_row(p: ParameterPoints, inputs: Inputs) -> Comparison:
    """First-row sums minus 1, with |V_us| from K -> pi l nu and with |V_us/V_ud| from K -> mu nu over pi -> mu nu.

    Inputs: ``V_ud``, ``V_us_Kl3``, ``V_us_over_V_ud``, each with ``_uncertainty``; ``V_ub``;
    ``Kl3_electron_weight``, that of K -> pi e nu in ``V_us_Kl3``.
    """
    ud, us, ratio, ub = inputs["V_ud"], inputs["V_us_Kl3"], inputs["V_us_over_V_ud"], inputs["V_ub"]
    beta, semileptonic = _beta_decay(p), _kaon_semileptonic(p, inputs["Kl3_electron_weight"])
    leptonic = rate_factors("K+", "mu", p) / rate_factors("pi+", "mu", p)
    # exact unitarity of the true elements; the apparent ones differ by the three factors
    true_ud, true_us = 1.0 - us**2, us**2
    predicted = np.stack(
        [
            true_ud * (beta - 1.0) + true_us * (semileptonic - 1.0),
            true_ud * (beta - 1.0) + true_us * (beta * leptonic - 1.0),
        ]
    )
    measured = [ud**2 + us**2 + ub**2 - 1.0, ud**2 * (1.0 + ratio**2) + ub**2 - 1.0]
    jacobian = np.array([[2 * ud, 2 * us, 0.0], [2 * ud * (1 + ratio**2), 0.0, 2 * ratio * ud**2]])
    names = ("V_ud", "V_us_Kl3", "V_us_over_V_ud")
    scaled = jacobian * np.array([inputs[f"{name}_uncertainty"] for name in names])
    sums = ("first-row sum - 1 (K_l3)", "first-row sum - 1 (K_l2)")
    return deviation(sums, predicted, [0.0, 0.0], measured, scaled @ scaled.T, _in_beta_decays)


PREDICTIONS: Mapping[str, Prediction] = {
    "electron-muon-ratio": electron_muon_ratio,
    "tau-leptonic": tau_leptonic,
    "tau-pion": tau_pion,
    "ckm-unitarity": ckm_unitarity,
    "ckm-first-row": ckm_first_row,
}

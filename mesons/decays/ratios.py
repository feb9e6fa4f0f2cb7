"""Lepton universality of pion, kaon, tau and muon decays with a nu4, stable or decaying to chi phi.

A rate over its Standard Model value is the share of the light neutrinos, plus decays to a stable nu4, plus
decays to chi phi through an off-shell or on-shell nu4. Where an experiment selects the lepton by its momentum,
only what lies above the cut is counted. Each predicted ratio below is over its Standard Model value and linear in
|U|^2 where limits are of interest. `nucore.limits` has the measured ratios and the limits for an invisible nu4.

References
----------
R. E. Shrock, Phys. Rev. D 24 (1981) 1232.
"""

from __future__ import annotations

from mesons.decays.channels import decay_channel
from mesons.decays.three_body import ratio_in_bins, three_body_ratio
from nucore.errors import InputError
from nucore.model import constants as c
from nucore.model.parameters import PortalParameters
from nucore.model.particles import check_flavour, mass
from nucore.model.widths import three_body_lepton_function

#: Second factor of the correction to L -> l nu nu, after 1 + (3/5) m_L^2/m_W^2: QED, by parent.
_QED_CORRECTION = {"mu-": 1.0 - 42.4e-4, "tau-": 1.0 - 43.2e-4}


def rate_factor(parent: str, lepton: str, parameters: PortalParameters, min_momentum_GeV: float = 0.0) -> float:
    """Rate of a decay to a charged particle and anything invisible, over the Standard Model.

    Parameters
    ----------
    parent, lepton : str
        As in `mesons.decays.spectra.decay`.
    parameters : PortalParameters
        nu4 is invisible: it decays to chi phi where it can, and counts as stable otherwise.
    min_momentum_GeV : float
        Smallest momentum of the charged particle in the rest frame of the parent; 0 for L -> l nu nu.

    Returns
    -------
    float
        1 without mixing.

    Raises
    ------
    InputError
        If a name is not known, or L -> l nu nu is cut.
    """
    channel = decay_channel(parent, lepton)
    decay = channel.dark_decay(parameters)
    if min_momentum_GeV > 0.0:
        if not channel.single_neutrino:
            raise InputError(f"invalid momentum cut on {parent} -> {lepton} nu nu: expected 0")
        dark = float(ratio_in_bins(decay, [min_momentum_GeV, 2.0 * decay.m_parent])[0])
    else:
        dark = three_body_ratio(decay)
    rate = channel.light_share(parameters) + dark
    if decay.pole_width > 0.0:
        return rate
    counted = min_momentum_GeV == 0.0 or (channel.nu4_momentum(parameters.m4) or 0.0) >= min_momentum_GeV
    return rate + (channel.nu4_rate(parameters) if counted else 0.0)


def electron_muon_ratio(parent: str, parameters: PortalParameters, min_momentum_GeV: float = 0.0) -> float:
    """R_e/mu of a meson; electrons count above a momentum in the rest frame of the meson."""
    electron = rate_factor(parent, "e", parameters, min_momentum_GeV)
    return electron / rate_factor(parent, "mu", parameters)


def tau_muon_ratios(parameters: PortalParameters) -> tuple[float, float]:
    """(g_tau/g_mu)^2 from tau -> e nu nu, and (g_tau/g_e)^2 from tau -> mu nu nu, both over mu -> e nu nu."""
    muon = rate_factor("mu-", "e", parameters)
    return rate_factor("tau-", "e", parameters) / muon, rate_factor("tau-", "mu", parameters) / muon


def tau_over_pion_ratio(parameters: PortalParameters) -> float:
    """(g_tau/g_mu)^2 from tau -> pi nu over pi -> mu nu."""
    return rate_factor("tau-", "pi", parameters) / rate_factor("pi+", "mu", parameters)


def tau_coupling_ratio_sq(lepton: str, branching_ratio: float, lifetime_s: float) -> float:
    """(g_tau/g_mu)^2 from tau -> e nu nu, or (g_tau/g_e)^2 from tau -> mu nu nu, and the lifetime of the tau.

    Parameters
    ----------
    lepton : "e" or "mu"
    branching_ratio : float
        Of tau -> l nu nu, soft photons included.
    lifetime_s : float
        Of the tau.

    References
    ----------
    HFLAV, tau report of winter 2022, Eq. 1 and the corrections named there.
    """
    rates = []
    for parent, share, lifetime, product in (
        ("tau-", branching_ratio, lifetime_s, check_flavour(lepton)),
        ("mu-", 1.0, float(c.TAU_MU), "e"),
    ):
        m = mass(parent)
        corrections = (1.0 + 0.6 * (m / float(c.M_W)) ** 2) * _QED_CORRECTION[parent]
        rates.append(share / lifetime / (m**5 * three_body_lepton_function(0.0, mass(product) / m, 0.0) * corrections))
    return rates[0] / rates[1]

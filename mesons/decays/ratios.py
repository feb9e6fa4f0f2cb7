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

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mesons.decays.channel import Channel
from mesons.decays.channels import decay_channel
from mesons.decays.dark_ratios import dark_ratios
from nucore.model import constants as c
from nucore.model.kinematics import two_body_momentum
from nucore.model.particles import check_flavour, mass
from nucore.model.points import ParameterPoints
from nucore.model.widths import three_body_lepton_function

Array = NDArray[np.float64]

#: Second factor of the correction to L -> l nu nu, after 1 + (3/5) m_L^2/m_W^2: QED, by parent.
_QED_CORRECTION = {"mu-": 1.0 - 42.4e-4, "tau-": 1.0 - 43.2e-4}


def rate_factors(
    parent: str, lepton: str, points: ParameterPoints, min_momentum_GeV: float = 0.0, inclusive: bool = False
) -> Array:
    """Rate of a decay to a charged particle and anything invisible, over the Standard Model, of n points.

    Parameters
    ----------
    parent, lepton : str
        As in `mesons.decays.spectra.decay`.
    points : ParameterPoints
        nu4 decays to chi phi where it can, and counts as stable otherwise.
    min_momentum_GeV : float
        Smallest momentum of the charged particle in the rest frame of the parent; 0 for L -> l nu nu.
    inclusive : bool
        Count decays with a visible nu4 too, as a lifetime does.

    Returns
    -------
    array, shape (n,)
        1 without mixing; NaN where decays to chi phi are open and yR is not zero.

    Raises
    ------
    InputError
        If a name is not known, or L -> l nu nu is cut.
    """
    channel = decay_channel(parent, lepton)
    if min_momentum_GeV > 0.0:
        counted = (min_momentum_GeV, channel.masses[0])
        dark = dark_ratios(parent, lepton, points, [counted])[0]
    else:
        counted, dark = None, dark_ratios(parent, lepton, points)
    return np.asarray(channel.light_share(points) + nu4_rates(channel, points, dark, counted, inclusive))


def nu4_rates(
    channel: Channel,
    points: ParameterPoints,
    dark: ArrayLike,
    window: tuple[float, float] | None = None,
    inclusive: bool = False,
) -> Array:
    """Rate of decays with nu4 or chi phi, over the Standard Model.

    Where nu4 is produced and decays to what a detector sees, the decay leaves the sample. An off-shell nu4 that
    turns into chi phi does not.

    Parameters
    ----------
    channel : Channel
    points : ParameterPoints
    dark : array, shape (n,)
        Rate of decays to chi phi in the window, as `mesons.decays.dark_ratios.dark_ratios`.
    window : (low, high), optional
        Momenta (GeV) of the charged particle in the rest frame of the parent that count, of M -> l nu.
    inclusive : bool
        Count visible nu4 too.

    Returns
    -------
    array, shape (n,)
    """
    m_parent, m_lepton = channel.masses
    kept = points.pole * (1.0 if inclusive else 1.0 - points.seen(m_parent))
    produced = points.m4 < m_parent - m_lepton
    turns_dark = (points.m4 > points.m_chi + points.m_phi) & ((points.yL != 0.0) | (points.yR != 0.0))
    counted = produced & ~turns_dark
    if window is not None:
        momentum = two_body_momentum(m_parent, m_lepton, points.m4)
        counted = counted & (momentum >= window[0]) & (momentum <= window[1])
    stable = np.where(counted, channel.nu4_rate(points, kept), 0.0)
    return np.asarray(stable + np.where(produced & turns_dark, kept, 1.0) * dark)


def electron_muon_ratios(
    parent: str, points: ParameterPoints, min_e_GeV: float = 0.0, min_mu_GeV: float = 0.0
) -> Array:
    """R_e/mu of a meson, shape (n,); electrons and muons count above a momentum in the rest frame of the meson."""
    return np.divide(rate_factors(parent, "e", points, min_e_GeV), rate_factors(parent, "mu", points, min_mu_GeV))


def tau_muon_ratios(points: ParameterPoints) -> Array:
    """(g_tau/g_mu)^2 from tau -> e nu nu and (g_tau/g_e)^2 from tau -> mu nu nu, shape (2, n).

    Both are over mu -> e nu nu, of which the lifetime is measured.
    """
    muon = rate_factors("mu-", "e", points, inclusive=True)
    return np.stack([rate_factors("tau-", lepton, points) for lepton in ("e", "mu")]) / muon


def tau_over_pion_ratios(points: ParameterPoints) -> Array:
    """(g_tau/g_mu)^2 from tau -> pi nu over pi -> mu nu, shape (n,)."""
    return rate_factors("tau-", "pi", points) / rate_factors("pi+", "mu", points)


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

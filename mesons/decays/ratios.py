"""Universality ratios of pion, kaon, tau and muon decays with a nu4, stable or decaying to chi phi.

A rate over its Standard Model value is the share of the light neutrinos, plus decays to a stable nu4, plus
decays to chi phi through an off-shell or on-shell nu4. Where an experiment selects the lepton by its momentum,
only what lies above the cut is counted. Measured ratios and their predictions are those of the limit curves
(`nucore.limits`), which hold for an invisible nu4 of any kind; the limits here add the decay to chi phi.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mesons.decays import leptonic_decays, tau_decays, two_body
from mesons.decays.leptonic_decays import LeptonicDecay
from mesons.decays.tau_decays import TauHadronDecay
from mesons.decays.three_body import ThreeBodyDecay, ratio_in_bins, three_body_ratio
from nucore.errors import InputError
from nucore.limits.catalogue import load_curve
from nucore.limits.prescription import TWO_SIDED_90, average, bounded_limit
from nucore.model import constants as c
from nucore.model.kinematics import two_body_momentum
from nucore.model.parameters import PortalParameters
from nucore.model.particles import DECAYING_LEPTONS, check_flavour, mass
from nucore.model.widths import tau_hadron_ratio, three_body_lepton_function

Array = NDArray[np.float64]

#: |U|^2 at which the response of a ratio is taken; ratios are linear in it where limits are of interest.
_SMALL_MIXING = 1e-9
#: Electroweak and QED corrections to L -> l nu nu: 1 + (3/5) m_L^2/m_W^2, and the second factor by parent.
_QED_CORRECTION = {"mu-": 1.0 - 42.4e-4, "tau-": 1.0 - 43.2e-4}


def _meson_factor(parent: str, lepton: str, point: PortalParameters, min_momentum_GeV: float) -> float:
    """Rate of M -> l + invisible above a momentum, over Gamma(M -> l nu)."""
    decay = ThreeBodyDecay.from_parameters(parent, lepton, point)
    light = two_body.light_neutrino_ratio(lepton, point)
    dark = float(ratio_in_bins(decay, [min_momentum_GeV, 2.0 * decay.m_parent])[0])
    if decay.pole_width > 0.0:
        return light + dark
    seen = float(two_body.peak_momentum(parent, lepton, point.m4)) >= min_momentum_GeV
    return light + dark + (two_body.two_body_ratio(parent, lepton, point) if seen else 0.0)


def _leptonic_factor(parent: str, lepton: str, point: PortalParameters) -> float:
    """Rate of L -> l + invisible over Gamma(L -> l nu nu)."""
    decay = LeptonicDecay.from_parameters(parent, lepton, point)
    light = leptonic_decays.neutrino_shares(parent, lepton, point)[0]
    stable = 0.0 if decay.pole_width > 0.0 else leptonic_decays.two_body_ratio(parent, lepton, point)
    return light + three_body_ratio(decay) + stable


def _tau_hadron_factor(hadron: str, point: PortalParameters) -> float:
    """Rate of tau -> h + invisible over Gamma(tau -> h nu)."""
    decay = TauHadronDecay.from_parameters("tau-", hadron, point)
    stable = 0.0 if decay.pole_width > 0.0 else float(tau_hadron_ratio(point.m4, tau_decays.hadron_mass(hadron)))
    return 1.0 - point.U_sq("tau") * (1.0 - stable) + three_body_ratio(decay)


def rate_factor(parent: str, lepton: str, parameters: PortalParameters, min_momentum_GeV: float = 0.0) -> float:
    """Rate of a decay to a charged particle and anything invisible, over the Standard Model.

    Parameters
    ----------
    parent, lepton : str
        As in `mesons.decays.spectra.decay`.
    parameters : PortalParameters
        nu4 is invisible: it decays to chi phi where it can, and counts as stable otherwise.
    min_momentum_GeV : float
        Least momentum of the lepton of a meson decay, in the rest frame of the meson.

    Returns
    -------
    float
        1 without mixing.
    """
    if parent not in DECAYING_LEPTONS:
        return _meson_factor(parent, lepton, parameters, min_momentum_GeV)
    if lepton in tau_decays.HADRON_MASSES:
        return _tau_hadron_factor(lepton, parameters)
    return _leptonic_factor(parent, lepton, parameters)


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


@dataclass(frozen=True)
class RatioTest:
    """One or more measured ratios over the Standard Model that test the same mixing.

    Attributes
    ----------
    name, reference : str
    observed : array, shape (n,)
        Measured over predicted.
    covariance : array, shape (n, n)
    predicted : callable
        Parameters to the ratios with new physics, shape (n,).
    """

    name: str
    reference: str
    observed: Array
    covariance: Array
    predicted: Callable[[PortalParameters], Array]


@dataclass(frozen=True)
class RatioLimit:
    """Upper limit from a ratio at one set of masses and yL.

    Attributes
    ----------
    test, flavour : str
    U_sq : float or None
        On |U_l4|^2; None where the ratio has no sensitivity or allows |U_l4|^2 = 1.
    yL_sq_U_sq : float or None
        On yL^2 |U_l4|^2 (1 - |U_l4|^2) at the yL given.
    response : array, shape (n,)
        Change of each ratio per unit of |U_l4|^2.
    """

    test: str
    flavour: str
    U_sq: float | None
    yL_sq_U_sq: float | None
    response: Array


def _electron_muon_test(curve: str, parent: str) -> RatioTest:
    """R_e/mu of a meson, its electrons counted above the momentum of the heaviest nu4 that is still counted."""
    card = load_curve(curve)
    assert card.formula is not None
    inputs = card.formula.numbers()
    ratio = inputs["ratio"] / inputs["ratio_sm"]
    spread = ratio * np.hypot(
        inputs["ratio_uncertainty"] / inputs["ratio"], inputs["ratio_sm_uncertainty"] / inputs["ratio_sm"]
    )
    cut = float(two_body_momentum(mass(parent), mass("e"), inputs["detected_below_GeV"]))

    def predicted(point: PortalParameters) -> Array:
        return np.array([rate_factor(parent, "e", point, cut) / rate_factor(parent, "mu", point)])

    return RatioTest(curve, card.reference, np.array([ratio]), np.array([[spread**2]]), predicted)


def _tau_leptonic_test(curve: str) -> RatioTest:
    """(g_tau/g_mu)^2 and (g_tau/g_e)^2 from leptonic decays of tau and muon."""
    card = load_curve(curve)
    assert card.formula is not None
    inputs = card.formula.numbers()
    names = ("g_tau_over_g_mu", "g_tau_over_g_e")
    couplings = np.array([inputs[name] for name in names])
    spread = 2.0 * couplings * np.array([inputs[f"{name}_uncertainty"] for name in names])
    covariance = np.outer(spread, spread) * np.array([[1.0, inputs["correlation"]], [inputs["correlation"], 1.0]])

    def predicted(point: PortalParameters) -> Array:
        muon = rate_factor("mu-", "e", point)
        return np.array([rate_factor("tau-", "e", point), rate_factor("tau-", "mu", point)]) / muon

    return RatioTest(curve, card.reference, couplings**2, covariance, predicted)


def _tau_pion_test(curve: str) -> RatioTest:
    """(g_tau/g_mu)^2 from tau -> pi nu over pi -> mu nu."""
    card = load_curve(curve)
    assert card.formula is not None
    inputs = card.formula.numbers()
    coupling = inputs["g_tau_over_g_mu"]
    spread = 2.0 * coupling * inputs["g_tau_over_g_mu_uncertainty"]

    def predicted(point: PortalParameters) -> Array:
        return np.array([rate_factor("tau-", "pi", point) / rate_factor("pi+", "mu", point)])

    return RatioTest(curve, card.reference, np.array([coupling**2]), np.array([[spread**2]]), predicted)


def _tau_lifetime_test() -> RatioTest:
    """Rate of tau -> e nu nu as branching ratio over lifetime of the listings, over the Standard Model's."""
    ratio = tau_coupling_ratio_sq("e", float(c.BR_TAU_ENUNU), float(c.TAU_TAU))
    powers = ((c.BR_TAU_ENUNU, 1.0), (c.TAU_TAU, 1.0), (c.M_TAU, 5.0))
    spread = ratio * float(np.linalg.norm([n * number.uncertainty / float(number) for number, n in powers]))

    def predicted(point: PortalParameters) -> Array:
        return np.array([rate_factor("tau-", "e", point) / rate_factor("mu-", "e", point)])

    return RatioTest("tau-lifetime", c.TAU_TAU.source, np.array([ratio]), np.array([[spread**2]]), predicted)


_TESTS: dict[str, Callable[[], RatioTest]] = {
    "pienu-2015-e": lambda: _electron_muon_test("pienu-2015-e", "pi+"),
    "pi-universality-2026-e": lambda: _electron_muon_test("pi-universality-2026-e", "pi+"),
    "kaon-universality-2026-e": lambda: _electron_muon_test("kaon-universality-2026-e", "K+"),
    "tau-leptonic-2018": lambda: _tau_leptonic_test("tau-leptonic-2018"),
    "tau-leptonic-2022": lambda: _tau_leptonic_test("tau-leptonic-2022"),
    "tau-pion-2018": lambda: _tau_pion_test("tau-pion-2018"),
    "tau-lifetime": _tau_lifetime_test,
}


def ratio_tests() -> tuple[str, ...]:
    """Names of the tests."""
    return tuple(_TESTS)


def ratio_test(name: str) -> RatioTest:
    """Test of a name; `InputError` for an unknown one."""
    if name not in _TESTS:
        raise InputError(f"ratio {name!r} is not known; allowed: {', '.join(_TESTS)}")
    return _TESTS[name]()


def combine(tests: Sequence[RatioTest]) -> RatioTest:
    """Several tests as one, uncorrelated between them."""
    sizes = [t.observed.size for t in tests]
    covariance = np.zeros((sum(sizes), sum(sizes)))
    start = 0
    for t, n in zip(tests, sizes, strict=True):
        covariance[start : start + n, start : start + n] = t.covariance
        start += n
    return RatioTest(
        " + ".join(t.name for t in tests),
        "; ".join(t.reference for t in tests),
        np.concatenate([t.observed for t in tests]),
        covariance,
        lambda point: np.concatenate([t.predicted(point) for t in tests]),
    )


def ratio_limit(
    test: RatioTest, flavour: str, parameters: PortalParameters, threshold: float = TWO_SIDED_90
) -> RatioLimit:
    """Upper limit on the mixing of one flavour at the masses and yL of a point, by the bounded Delta chi2.

    Parameters
    ----------
    test : RatioTest
    flavour : "e", "mu" or "tau"
        The others do not mix.
    parameters : PortalParameters
        m4, m_chi, m_phi and yL are used.
    threshold : float
        Delta chi2 of the limit.

    Returns
    -------
    RatioLimit

    References
    ----------
    R. E. Shrock, Phys. Rev. D 24 (1981) 1232; `nucore.limits.prescription`.
    """
    amplitudes = {f"U{name}4": 0.0 for name in ("e", "mu", "tau")}
    amplitudes[f"U{check_flavour(flavour)}4"] = float(np.sqrt(_SMALL_MIXING))
    response = (test.predicted(parameters.replace(**amplitudes)) - 1.0) / _SMALL_MIXING
    # ratios that do not respond say nothing
    kept = np.abs(response) > 1e-6
    if not kept.any():
        return RatioLimit(test.name, flavour, None, None, response)
    k = response[kept]
    estimates = (test.observed[kept] - 1.0) / k
    value, spread = average(estimates, test.covariance[np.ix_(kept, kept)] / np.outer(k, k))
    limit = float(bounded_limit(value, spread, threshold))
    if limit >= 1.0:
        return RatioLimit(test.name, flavour, None, None, response)
    return RatioLimit(test.name, flavour, limit, parameters.yL**2 * limit * (1.0 - limit), response)

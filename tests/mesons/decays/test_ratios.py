"""Universality ratios: values computed elsewhere, and the three-body limit."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.linalg import block_diag

from mesons.decays.channels import decay_channel
from mesons.decays.ratios import (
    electron_muon_ratios,
    rate_factors,
    tau_coupling_ratio_sq,
    tau_muon_ratios,
    tau_over_pion_ratios,
)
from mesons.decays.three_body import three_body_ratio
from nucore.errors import InputError
from nucore.limits.catalogue import load_curve
from nucore.limits.prescription import TWO_SIDED_90, average, bounded_limit
from nucore.model import constants as c
from nucore.model.kinematics import two_body_momentum
from nucore.model.parameters import PortalParameters
from nucore.model.particles import mass
from nucore.model.points import ParameterPoints


def invisible(m4: float) -> PortalParameters:
    """A stable nu4: the dark particles are too heavy for every decay here."""
    return PortalParameters(m4=m4, m_chi=1e3, m_phi=3e3, yL=1.0)


def one(p: PortalParameters) -> ParameterPoints:
    """A batch of one point."""
    return ParameterPoints.of([p])


def rate_factor(parent: str, lepton: str, p: PortalParameters, cut: float = 0.0) -> float:
    """Rate of one point."""
    return float(rate_factors(parent, lepton, one(p), cut)[0])


#: Names of measured ratios whose inputs are on limit curves, with the parent of R_e/mu.
MESON_RATIOS = {"pienu-2015": "pi+", "pi-universality-2026": "pi+", "kaon-universality-2026": "K+"}


@dataclasses.dataclass(frozen=True)
class Measurement:
    """Ratios over the Standard Model, their covariance, and what predicts them."""

    observed: np.ndarray
    covariance: np.ndarray
    predicted: Callable[[PortalParameters], np.ndarray]


def measurement(name: str) -> Measurement:
    """Ratios of a limit curve of `nucore.limits`."""
    formula = load_curve(name).formula
    assert formula is not None
    n = formula.numbers()
    if name in MESON_RATIOS:
        parent = MESON_RATIOS[name]
        ratio = n["ratio"] / n["ratio_sm"]
        spread = ratio * np.hypot(n["ratio_uncertainty"] / n["ratio"], n["ratio_sm_uncertainty"] / n["ratio_sm"])
        # electrons count above the momentum of the heaviest nu4 that is still counted
        cut = float(two_body_momentum(mass(parent), mass("e"), n["detected_below_GeV"]))
        predicted = lambda p: electron_muon_ratios(parent, one(p), cut)  # noqa: E731
        return Measurement(np.array([ratio]), np.array([[spread**2]]), predicted)
    if "leptonic" in name:
        names = ("g_tau_over_g_mu", "g_tau_over_g_e")
        g = np.array([n[k] for k in names])
        spread = 2 * g * np.array([n[f"{k}_uncertainty"] for k in names])
        correlation = np.array([[1.0, n["correlation"]], [n["correlation"], 1.0]])
        predicted = lambda p: tau_muon_ratios(one(p))[:, 0]  # noqa: E731
        return Measurement(g**2, np.outer(spread, spread) * correlation, predicted)
    g = n["g_tau_over_g_mu"]
    spread = 2 * g * n["g_tau_over_g_mu_uncertainty"]
    return Measurement(np.array([g**2]), np.array([[spread**2]]), lambda p: tau_over_pion_ratios(one(p)))


def limit_of(measured: Measurement, flavour: str, point: PortalParameters) -> tuple[float | None, np.ndarray]:
    """Bounded Delta chi2 limit on |U_l4|^2 where one flavour mixes, and the response of the ratios to it."""
    small = 1e-9
    amplitudes = {f"U{name}4": math.sqrt(small) if name == flavour else 0.0 for name in ("e", "mu", "tau")}
    response = (measured.predicted(point.replace(**amplitudes)) - 1) / small
    kept = np.abs(response) > 1e-6
    if not kept.any():
        return None, response
    k = response[kept]
    covariance = measured.covariance[np.ix_(kept, kept)] / np.outer(k, k)
    limit = float(bounded_limit(*average((measured.observed[kept] - 1) / k, covariance), TWO_SIDED_90))
    return (limit if limit < 1 else None), response


# limits computed with an independent program, given to two digits
@pytest.mark.parametrize(
    ("test", "flavour", "m4", "value"),
    [
        *[("pienu-2015", "e", m, v) for m, v in ((1e-3, 8.9e-4), (0.01, 9.0e-6), (0.05, 4.7e-7), (0.2, 4.6e-3))],
        *[
            ("pi-universality-2026", "e", m, v)
            for m, v in ((1e-3, 4.3e-4), (0.01, 4.3e-6), (0.05, 2.2e-7), (0.2, 5.1e-3))
        ],
        *[("kaon-universality-2026", "e", m, v) for m, v in ((0.1, 3.0e-7), (0.3, 3.0e-3), (0.6, 3.0e-3))],
        *[("pi-universality-2026", "mu", m, v) for m, v in ((0.1, 1.6e-3), (0.03, 4.6e-3))],
        *[
            ("tau-leptonic-2018", "tau", m, v)
            for m, v in ((0.1, 6.7e-2), (0.2, 1.8e-2), (0.3, 8.6e-3), (0.5, 3.8e-3), (1.0, 1.85e-3), (2.0, 1.69e-3))
        ],
        *[("tau-pion-2018", "tau", m, v) for m, v in ((2.0, 1.7e-2), (1.0, 2.5e-2))],
    ],
)
def test_known_limits(test: str, flavour: str, m4: float, value: float) -> None:
    # half a unit of the last digit, 3%
    assert limit_of(measurement(test), flavour, invisible(m4))[0] == pytest.approx(value, rel=0.03)


def test_tau_couplings_from_listings() -> None:
    """PDG 2017 branching ratios gave 1.0010 and 1.0027, those of 2026 give 1.0019 and 1.0021."""
    for lepton, share, coupling in (("e", 0.1782, 1.0010), ("mu", 0.1739, 1.0027), ("e", 0.1785, 1.0019)):
        assert math.sqrt(tau_coupling_ratio_sq(lepton, share, 290.3e-15)) == pytest.approx(coupling, abs=6e-5)
    lifetime = tau_coupling_ratio_sq("e", float(c.BR_TAU_ENUNU), float(c.TAU_TAU))
    assert math.sqrt(lifetime) == pytest.approx(1.0019, abs=6e-5)
    powers = ((c.BR_TAU_ENUNU, 1.0), (c.TAU_TAU, 1.0), (c.M_TAU, 5.0))
    spread = lifetime * float(np.linalg.norm([n * number.uncertainty / float(number) for number, n in powers]))
    assert spread / 2 == pytest.approx(0.0014, abs=5e-5)


def test_no_mixing_changes_nothing() -> None:
    point = PortalParameters(Umu4=0.0)
    pairs = [("pi+", "e"), ("K+", "mu"), ("tau-", "e"), ("tau-", "pi"), ("mu-", "e"), ("D_s+", "tau")]
    for parent, lepton in pairs:
        assert rate_factor(parent, lepton, point) == 1.0
    for name in (*MESON_RATIOS, "tau-leptonic-2018", "tau-leptonic-2022", "tau-pion-2018"):
        np.testing.assert_array_equal(measurement(name).predicted(point), 1.0)


@pytest.mark.parametrize(
    ("parent", "lepton"), [("pi+", "e"), ("K+", "mu"), ("tau-", "mu"), ("tau-", "pi"), ("mu-", "e")]
)
def test_massless_nu4_keeps_the_rate(parent: str, lepton: str) -> None:
    mixed = {"Ue4": 0.05, "Umu4": 0.05, "Utau4": 0.05}
    stable = PortalParameters(m4=1e-7, m_chi=1e3, m_phi=3e3, yL=1.0, **mixed)
    assert rate_factor(parent, lepton, stable) == pytest.approx(1.0, abs=1e-6)
    # a narrow nu4 that decays keeps it too
    narrow = PortalParameters(m4=1e-5, m_chi=1e-6, m_phi=3e-6, yL=1e-4, **mixed)
    assert rate_factor(parent, lepton, narrow) == pytest.approx(1.0, abs=3e-3)


def test_electrons_below_the_cut_are_not_counted() -> None:
    point = PortalParameters(m4=0.08, m_chi=0.008, m_phi=0.024, yL=1e-4, Ue4=1e-4, Umu4=0.0)
    everything = rate_factor("pi+", "e", point)
    cut = rate_factor("pi+", "e", point, 0.052)
    # the peak lies at (m_pi^2 - m4^2)/(2 m_pi) = 47 MeV
    assert cut == pytest.approx(1 - 1e-8, abs=1e-9)
    assert everything == pytest.approx(1 + 1e-8 * 11051, rel=1e-6)
    stable = point.replace(m_chi=1.0, m_phi=3.0)
    assert rate_factor("pi+", "e", stable, 0.052) == pytest.approx(cut, abs=1e-9)
    assert rate_factor("pi+", "e", stable) == pytest.approx(everything, rel=1e-6)


def test_three_body_limit_of_a_heavy_nu4() -> None:
    """R/R_SM = 1 - u + u yL^2 R3: the pion is the better for its helicity."""
    point = PortalParameters(m4=400.0, m_chi=0.01, m_phi=0.03, yL=4 * math.pi)
    measured = measurement("pi-universality-2026")
    limit, response = limit_of(measured, "e", point)
    assert limit is not None
    decay = decay_channel("pi+", "e").dark_decay(point.replace(Ue4=1e-4, Umu4=0.0))
    whole = three_body_ratio(decay) / 1e-8
    assert whole == pytest.approx(16 * math.pi**2 * 38.08, rel=1e-3)  # the contact value of an independent program
    # part of the electrons is below the cut of 52 MeV
    assert 0.05 * whole < response[0] < whole
    spread = math.sqrt(measured.covariance[0, 0])
    best = (measured.observed[0] - 1) / response[0]
    expected = best + math.sqrt(best**2 + 2.706 * (spread / response[0]) ** 2)
    assert limit == pytest.approx(expected, rel=1e-9)
    weak, _ = limit_of(measured, "e", point.replace(yL=1.0))
    assert weak is not None
    # at fixed yL^2 u the rate is the same where the loss of light neutrinos is small against it
    assert weak == pytest.approx(16 * math.pi**2 * limit, rel=0.3)


def test_combination_and_insensitive_ratios() -> None:
    leptonic, pion = measurement("tau-leptonic-2022"), measurement("tau-pion-2018")
    both = Measurement(
        np.concatenate([leptonic.observed, pion.observed]),
        block_diag(leptonic.covariance, pion.covariance),
        lambda p: np.concatenate([leptonic.predicted(p), pion.predicted(p)]),
    )
    # (1 - g^2) is -0.0018, -0.0054 and 0.0084 with standard deviations 0.0028, 0.0028, 0.0052
    limit, _ = limit_of(both, "tau", invisible(3.0))
    weights = np.linalg.inv(both.covariance)
    mean = (weights @ (1 - both.observed)).sum() / weights.sum()
    spread = weights.sum() ** -0.5
    assert limit == pytest.approx(mean + math.sqrt(mean**2 + 2.706 * spread**2), rel=1e-6)
    assert limit_of(measurement("pienu-2015"), "tau", invisible(3.0))[0] is None
    assert limit_of(measurement("tau-pion-2018"), "tau", invisible(1e-3))[0] is None


def test_a_cut_needs_a_single_neutrino() -> None:
    with pytest.raises(InputError, match="window"):
        rate_factor("tau-", "mu", invisible(1.0), 0.1)


def test_visible_nu4_leaves_all_but_a_lifetime() -> None:
    stable = ParameterPoints.single("mu", [0.03, 0.03, 1.0], 0.01)
    at_once = np.full(3, np.inf)
    points = dataclasses.replace(stable, visible=np.array([0.0, 1.0, 1.0]), width=at_once)
    hidden, seen, heavy = rate_factors("mu-", "e", points)
    assert heavy == pytest.approx(0.99)
    assert seen == pytest.approx(0.99, abs=1e-12)
    assert hidden > 0.992
    np.testing.assert_allclose(rate_factors("mu-", "e", points, inclusive=True), [hidden, hidden, heavy])
    # two nu4: either may be seen
    both = dataclasses.replace(points, Utau4=stable.Umu4, m4=np.full(3, 1e-6), visible=np.array([0.0, 0.5, 1.0]))
    np.testing.assert_allclose(rate_factors("tau-", "mu", both), [1.0, (0.99 + 0.005) ** 2, 0.99**2], rtol=1e-9)


def test_batches_are_their_points() -> None:
    rng = np.random.default_rng(1)
    points = [
        PortalParameters(m_chi=m, m_phi=3 * m, m4=m4, yL=y, Ue4=0.01, Umu4=0.02, Utau4=0.03)
        for m, m4, y in np.exp(rng.uniform(np.log([1e-3, 1e-3, 1e-5]), np.log([0.2, 10.0, 12.0]), (30, 3)))
    ]
    batch = ParameterPoints.of(points)
    for predicted in (
        lambda p: electron_muon_ratios("pi+", p, 0.052),
        lambda p: electron_muon_ratios("K+", p),
        tau_muon_ratios,
        tau_over_pion_ratios,
    ):
        single = np.concatenate([np.atleast_2d(predicted(one(p))) for p in points], axis=-1)
        np.testing.assert_allclose(np.atleast_2d(predicted(batch)), single, rtol=1e-12)

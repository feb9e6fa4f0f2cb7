"""L -> l nu nu4 and l nu chi phi: against the phase-space function, mpmath, the massless formulas and limits."""

from __future__ import annotations

import dataclasses
import math

import mpmath
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import chi2

from mesons.decays.channels import decay_channel
from mesons.decays.leptonic_decays import (
    LeptonicDecay,
    dratio_dp,
    lepton_masses,
    neutral_mass_function,
    neutrino_tensor,
    spectrum_shape,
    spin_shape,
)
from mesons.decays.spectra import decay
from mesons.decays.three_body import three_body_ratio
from nucore.errors import InputError
from nucore.limits.muon_spectrum import michel_spectrum
from nucore.model.parameters import PortalParameters
from nucore.model.widths import three_body_lepton_function

M_TAU, M_MU, M_E = 1.77693, 0.1056583755, 0.51099895069e-3
DECAYS = [("tau-", "mu"), ("tau-", "e"), ("mu-", "e")]


@pytest.mark.parametrize(("parent", "lepton"), DECAYS)
@pytest.mark.parametrize("share", [1e-7, 1e-3, 0.05, 0.3, 0.9, 0.99, 0.9999])
def test_rate_is_the_phase_space_function(parent: str, lepton: str, share: float) -> None:
    m_parent, m_lepton = lepton_masses(parent, lepton)
    q = share * (m_parent - m_lepton)
    x, y = q / m_parent, m_lepton / m_parent
    with mpmath.workdps(30):
        lam = lambda a, b, c: (a - b - c) ** 2 - 4 * b * c  # noqa: E731
        ends = mpmath.mpf(y) ** 2, (1 - mpmath.mpf(x)) ** 2
        points = [ends[0]] + [ends[0] + (ends[1] - ends[0]) * mpmath.mpf(2) ** k for k in range(-24, 0)]
        points += [ends[1] - (ends[1] - ends[0]) * mpmath.mpf(2) ** -k for k in range(2, 30)] + [ends[1]]
        exact = 12 * mpmath.quad(
            lambda s: (s - ends[0]) ** 2 / s * (1 + x * x - s) * mpmath.sqrt(abs(lam(1, s, mpmath.mpf(x) ** 2))), points
        )
    value = neutral_mass_function(m_parent, m_lepton, [(m_parent - m_lepton) ** 2 - q**2])[0]
    # near threshold the rounding of M - m_l - Q enters with the power 7/2: 4 * 1e-16/(1 - share)
    assert value == pytest.approx(float(exact), rel=1e-11 + 1e-15 / (1 - share))


@pytest.mark.parametrize(("parent", "lepton"), DECAYS)
@pytest.mark.parametrize("masses", [(0.0, 0.0), (0.3, 0.0), (0.0, 0.7), (0.3, 0.3), (0.2, 0.5)])
def test_spectrum_integrates_to_the_rate(parent: str, lepton: str, masses: tuple[float, float]) -> None:
    m_parent, m_lepton = lepton_masses(parent, lepton)
    m1, m2 = (m * m_parent for m in masses)
    y = m_lepton / m_parent
    # the two neutrinos together are at least as heavy as m1 + m2
    end = math.sqrt(((m_parent**2 + m_lepton**2 - (m1 + m2) ** 2) / (2 * m_parent)) ** 2 - m_lepton**2)
    total = quad(lambda p: float(dratio_dp(parent, lepton, p, m1, m2)), 0, end, epsabs=0, epsrel=1e-9, limit=400)[0]
    expected = three_body_lepton_function(masses[0], y, masses[1]) / three_body_lepton_function(0.0, y, 0.0)
    assert total == pytest.approx(expected, rel=1e-7)  # quad on a square-root end


# 7 mass pairs and 3 decays: 21 points
@pytest.mark.parametrize(("parent", "lepton"), DECAYS)
@pytest.mark.parametrize("masses", [(0, 0), (0.1, 0), (0.3, 0), (0.5, 0), (0.7, 0), (0.2, 0.2), (0.1, 0.4)])
def test_spectrum_against_simulated_decays(parent: str, lepton: str, masses: tuple[float, float]) -> None:
    """Points flat in phase space weighted by (P.k1)(l.k2), with k1 the neutrino of either vertex heavy."""
    m, m_l = lepton_masses(parent, lepton)
    m1, m2 = (x * m for x in masses)
    rng = np.random.default_rng(7)
    n = 400_000
    e_l = rng.uniform(m_l, (m * m + m_l * m_l - (m1 + m2) ** 2) / (2 * m), n)
    e_1 = rng.uniform(m1, (m * m + m1 * m1 - (m_l + m2) ** 2) / (2 * m), n)
    e_2 = m - e_l - e_1
    p = [np.sqrt(np.maximum(e**2 - x**2, 0)) for e, x in ((e_l, m_l), (e_1, m1), (e_2, m2))]
    inside = (e_2 > m2) & (p[2] < p[0] + p[1]) & (p[2] > abs(p[0] - p[1]))
    # 2 l.k2 = (l + k2)^2 - m_l^2 - m2^2 = (P - k1)^2 - ...
    weight = np.where(inside, m * e_1 * 0.5 * (m * m + m1 * m1 - 2 * m * e_1 - m_l**2 - m2**2), 0.0)
    momentum_end = math.sqrt(((m * m + m_l * m_l - (m1 + m2) ** 2) / (2 * m)) ** 2 - m_l**2)
    edges = np.linspace(0, momentum_end, 21)
    counts, variances = (np.histogram(p[0], edges, weights=w)[0] for w in (weight, weight**2))
    fine = np.linspace(0, momentum_end, 20 * 50 + 1)
    middle = 0.5 * (fine[1:] + fine[:-1])
    expected = dratio_dp(parent, lepton, middle, m1, m2).reshape(20, 50).sum(axis=1)
    expected *= counts.sum() / expected.sum()
    hits = np.histogram(p[0][inside], edges)[0]
    used = hits > 50
    assert chi2.sf(np.sum((counts - expected)[used] ** 2 / variances[used]), used.sum() - 1) > 1e-4


@pytest.mark.parametrize("m4", [0.0, 0.01, 0.03, 0.05, 0.07])
def test_massless_electron_gives_the_closed_form(m4: float) -> None:
    """The electron massless, as the limit curve of the Michel parameter has it."""
    x = np.linspace(0.02, 0.999 - (m4 / M_MU) ** 2, 50)
    w = (m4 / M_MU) ** 2 / (1 - x)
    shape = spectrum_shape(M_MU, 0.0, 0.5 * x * M_MU, neutrino_tensor(w, 0.0)) * 0.5 * M_MU
    np.testing.assert_allclose(shape, michel_spectrum(x, m4), rtol=1e-11)


def test_michel_spectrum_of_a_polarised_muon() -> None:
    """V-A: d2Gamma/dx dcos = x^2 [(3 - 2x) + cos (1 - 2x)] for the electron of a mu- along its spin."""
    x = np.linspace(0.05, 0.99, 20)
    massless = neutrino_tensor(0.0, 0.0)
    p = 0.5 * x * M_MU
    isotropic = spectrum_shape(M_MU, 0.0, p, massless)
    np.testing.assert_allclose(spin_shape(M_MU, 0.0, p, massless) / isotropic, (1 - 2 * x) / (3 - 2 * x), rtol=1e-12)
    # integrated over the spectrum the asymmetry of V-A is -1/3
    total = quad(lambda e: float(spin_shape(M_MU, M_E, e, massless)), 0, 0.5 * (M_MU - M_E**2 / M_MU))[0]
    assert total == pytest.approx(-1 / 3, rel=2e-3)  # corrections of order (m_e/m_mu)^2 ln and m_e/m_mu


def test_either_vertex() -> None:
    parent_like = PortalParameters(m4=0.4, Umu4=0.0, Utau4=0.1)
    lepton_like = PortalParameters(m4=0.4, Umu4=0.1, Utau4=0.0)
    forms = (
        lambda parent, lepton, p: decay_channel(parent, lepton).nu4_rate(p),
        lambda parent, lepton, p: three_body_ratio(decay_channel(parent, lepton).dark_decay(p)),
    )
    for form in forms:
        assert form("tau-", "mu", parent_like) == pytest.approx(form("tau-", "mu", lepton_like), rel=1e-14)
        assert form("tau-", "e", lepton_like) == 0.0
    both = PortalParameters(m4=1e-9, Umu4=0.5, Utau4=0.5)
    assert decay_channel("tau-", "mu").nu4_rate(both) == pytest.approx(1.0 - 0.75**2)  # all but two light neutrinos


def reference(d: LeptonicDecay) -> mpmath.mpf:
    """Gamma(l nu chi phi)/Gamma(l nu nu) with the closed form of the phase space and 30 digits."""
    with mpmath.workdps(40):
        m, ml, mc, mf, m4, y, u, s = (
            mpmath.mpf(getattr(d, n)) for n in ("m_parent", "m_lepton", "m_chi", "m_phi", "m4", "yL", "U_sq", "s_sq")
        )
        low, high = (mc + mf) ** 2, (m - ml) ** 2

        def phase_space(r, e):
            # J. L. Cortes, X. Y. Pham and A. Tounsi, Phys. Rev. D 25 (1982) 188
            root = mpmath.sqrt(abs((1 - r - e) ** 2 - 4 * r * e))
            value = root * (1 - 7 * (r + e) - 7 * (r * r + e * e) + r**3 + e**3 + r * e * (12 - 7 * (r + e)))
            for a, b in ((r, e), (e, r)):
                value += 12 * a * a * (1 - b * b) * mpmath.log((1 + a - b + root) ** 2 / (4 * a))
            return value

        def integrand(q_sq):
            root = mpmath.sqrt(abs((q_sq - mf**2 - mc**2) ** 2 - 4 * mf**2 * mc**2)) / q_sq
            gamma = y**2 / (32 * mpmath.pi) * (1 + (mc**2 - mf**2) / q_sq) * root
            rho = u * (1 - s) * gamma / (mpmath.pi * q_sq)
            rho *= m4**4 / abs(q_sq - m4**2 + 1j * gamma * (q_sq - s * m4**2)) ** 2
            return rho * phase_space(q_sq / m**2, (ml / m) ** 2)

        span = high - low
        points = {low, high, m4**2} if low < m4**2 < high else {low, high}
        for anchor, sign in ((low, 1), (high, -1), (m4**2, 1), (m4**2, -1)):
            for k in range(0, 29, 2):
                point = anchor + sign * span * mpmath.mpf(10) ** (-k)
                if low < point < high:
                    points.add(point)
        e = (ml / m) ** 2
        massless = 1 - 8 * e + 8 * e**3 - e**4 - 12 * e * e * mpmath.log(e)
        return mpmath.quad(integrand, sorted(points), maxdegree=4) / massless


TAU_MU = {"m_parent": M_TAU, "m_lepton": M_MU, "m_chi": 0.05, "m_phi": 0.15, "yL": 1.0, "U_sq": 1e-4, "s_sq": 1e-4}


@pytest.mark.parametrize(
    "changes",
    [
        {"m4": 0.5, "yL": 1e-5},  # Gamma4/m4 = 8e-13
        {"m4": 0.2 - 1e-9, "yL": 0.3},  # just below m_chi + m_phi
        {"m4": 0.2 + 1e-9, "yL": 0.3},
        {"m4": M_TAU - M_MU - 1e-6, "yL": 1e-4},  # just below m_tau - m_l
        {"m4": M_TAU - M_MU + 1e-6},
        {"m4": 400.0},
        {"m4": 0.05, "m_chi": 0.02, "m_phi": 0.06, "m_parent": M_MU, "m_lepton": M_E},
        {"m4": 0.5, "yL": 12.0, "s_sq": 0.5, "m_lepton": M_E},
    ],
)
def test_against_30_digits(changes: dict[str, float]) -> None:
    d = LeptonicDecay(**(TAU_MU | changes))
    assert three_body_ratio(d) == pytest.approx(float(reference(d)), rel=1e-9)  # the aim is 1e-6


@pytest.mark.parametrize("m4", [0.3, 0.9, 1.5])
def test_narrow_nu4_is_the_stable_one(m4: float) -> None:
    point = PortalParameters(m_chi=0.05, m_phi=0.15, m4=m4, yL=1e-3, Umu4=0.0, Utau4=1e-3)
    d = decay_channel("tau-", "mu").dark_decay(point)
    stable_rate = decay_channel("tau-", "mu").nu4_rate(point)
    assert three_body_ratio(d) == pytest.approx(stable_rate, rel=1e-6)  # Gamma4/m4 < 1e-8
    p = np.linspace(0.01, 0.99, 30) * d.pole_momentum
    stable = 1e-6 * dratio_dp("tau-", "mu", p, m4)
    # the tail of the resonance below m4 is of order Gamma4/m4
    np.testing.assert_allclose(d.dratio_dp(p), stable, rtol=1e-6, atol=1e-5 * stable.max())


def test_massless_limit() -> None:
    """Light nu4, chi and phi: the spectrum of three light particles is that of one light neutrino."""
    point = PortalParameters(m_chi=1e-6, m_phi=3e-6, m4=1e-4, yL=0.1, Umu4=0.0, Utau4=1e-2)
    d = decay_channel("tau-", "mu").dark_decay(point)
    assert three_body_ratio(d) == pytest.approx(1e-4, rel=1e-3)  # Gamma4/m4 = 1e-4, and a tail ~ yL^2 m4^2/m_tau^2


@pytest.mark.parametrize(("m4", "yL"), [(400.0, 1.0), (0.6, 1.0), (0.6, 1e-5), (0.2, 12.0), (1.67, 0.5)])
def test_spectrum_of_chi_phi(m4: float, yL: float) -> None:
    point = PortalParameters(m_chi=0.05, m_phi=0.15, m4=m4, yL=yL, Umu4=0.0, Utau4=1e-2)
    result = decay("tau-", "mu", point)
    s = result.spectrum
    assert np.trapezoid(s.dratio_dp_per_GeV, s.momentum_GeV) == pytest.approx(result.three_body_ratio, rel=1e-3)
    assert np.trapezoid(s.dratio_dx, s.x) == pytest.approx(result.three_body_ratio, rel=1e-3)
    assert result.sm_branching_ratio == 0.1737


def test_spectrum_against_a_direct_integral() -> None:
    d = LeptonicDecay(**(TAU_MU | {"m4": 0.6, "yL": 6.0}))
    p = np.array([0.1, 0.4, 0.6, 0.75])

    def direct(momentum: float) -> float:
        k_sq = M_TAU**2 + M_MU**2 - 2 * M_TAU * math.hypot(momentum, M_MU)

        def integrand(q_sq: float) -> float:
            g = 36 / (32 * math.pi) * (1 - 0.02 / q_sq) * math.sqrt((q_sq - 0.025) ** 2 - 4 * 0.05**2 * 0.15**2) / q_sq
            rho = 1e-4 * (1 - 1e-4) * g / (math.pi * q_sq) * 0.6**4
            rho /= (q_sq - 0.36) ** 2 + (g * (q_sq - 1e-4 * 0.36)) ** 2
            return rho * float(dratio_dp("tau-", "mu", momentum, math.sqrt(q_sq)))

        return quad(integrand, 0.04, k_sq, epsabs=0, epsrel=1e-9, limit=200)[0]

    np.testing.assert_allclose(d.dratio_dp(p), [direct(v) for v in p], rtol=1e-7)


def test_closed_and_bad_input() -> None:
    closed = dataclasses.replace(LeptonicDecay(**(TAU_MU | {"m4": 1.0})), m_chi=1.0, m_phi=3.0)
    assert three_body_ratio(closed) == 0.0
    assert not closed.dratio_dp([0.1, 0.5]).any()
    assert decay("mu-", "e", PortalParameters(m_chi=0.1, m_phi=0.3)).spectrum.x.size == 0
    assert decay_channel("mu-", "e").nu4_rate(PortalParameters(m4=0.2)) == 0.0
    with pytest.raises(InputError, match="closed"):
        decay("mu-", "mu", PortalParameters())
    with pytest.raises(InputError, match="unknown parent"):
        lepton_masses("pi+", "mu")
    with pytest.raises(InputError, match="yR"):
        decay_channel("mu-", "e").dark_decay(PortalParameters(yR=0.1))

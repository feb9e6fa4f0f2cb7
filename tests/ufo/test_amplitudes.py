"""Squared amplitudes of the UFO model, evaluated by `ufoamp`, against closed forms at random phase-space points."""

from __future__ import annotations

import math
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from mesons.decays.channels import decay_channel
from mesons.decays.quadrature import Offsets
from nucore.cosmology.annihilation import annihilation_sigma_v
from nucore.model import constants as c
from nucore.model.kinematics import boost, two_body_momentum
from nucore.model.parameters import PortalParameters
from tests.ufo.evaluation import (
    LIGHT_QUARKS,
    beams,
    decay_momenta,
    dot,
    numbers,
    process,
    scattering_momenta,
    ufo_values,
)

#: Explicit spinors against closed forms: rounding, larger where a light fermion's helicity flips.
CLOSE = 1e-9
N_POINTS = 6
P = PortalParameters(m_chi=7.0, m_phi=21.0, m4=43.0, yL=0.8, yR=0.35, Ue4=0.11, Umu4=0.27, Utau4=-0.19)
NEUTRINOS = (12, 14, 16)
U = {12: P.Ue4, 14: P.Umu4, 16: P.Utau4}
N4, CHI, PHI = 9990012, 52, 51


def test_quarks_to_muon_and_neutrino(ufo: ModuleType, amplitudes: Any) -> None:
    """u dbar -> mu+ nu4 and mu+ nu: 16 (g^2/2)^2 |V_ud U|^2 (p_u.k)(p_dbar.n)/[(s - mW^2)^2 + mW^2 Gamma^2]/12."""
    rng = np.random.default_rng(11)
    values = ufo_values(P) | LIGHT_QUARKS | {"WW": 2.1}
    v = numbers(ufo, values)
    share = {N4: P.Umu4**2, "light": 1 - P.Umu4**2}
    for final, mass in ((N4, P.m4), ("light", 0.0)):
        states = NEUTRINOS if final == "light" else (final,)
        calculations = [process(amplitudes, [2, -1], [-13, state], values) for state in states]
        for energy in (61.0, 80.0, 300.0):
            p = scattering_momenta(rng, energy, [0, 0], [v["MMU"], mass])
            s = energy**2
            expected = 16 * (v["gw"] ** 2 / 2) ** 2 * v["Vud"] ** 2 * share[final] * dot(p[0], p[2]) * dot(p[1], p[3])
            expected /= ((s - P.m_W**2) ** 2 + (P.m_W * 2.1) ** 2) * 12
            assert sum(each.m2(p) for each in calculations) == pytest.approx(expected, rel=CLOSE)


def test_quark_with_the_wrong_charge_gives_nothing(amplitudes: Any) -> None:
    p = scattering_momenta(np.random.default_rng(3), 90.0, [0, 0], [0, P.m4])
    assert process(amplitudes, [1, -2], [-13, N4], ufo_values(P) | LIGHT_QUARKS).m2(p) == 0.0


def test_w_to_muon_and_nu4(ufo: ModuleType, amplitudes: Any) -> None:
    """Unpolarised: (g^2 U^2/6) [2 mW^2 - m^2 - m4^2 - (m^2 - m4^2)^2/mW^2]; helicity +1: the law of Eq. 13."""
    rng = np.random.default_rng(12)
    values = ufo_values(P)
    v = numbers(ufo, values)
    calculation = process(amplitudes, [24], [-13, N4], values)
    m_sq, m4_sq = v["MMU"] ** 2, P.m4**2
    bracket = 2 * P.m_W**2 - m_sq - m4_sq - (m_sq - m4_sq) ** 2 / P.m_W**2
    for _ in range(N_POINTS):
        p = decay_momenta(rng, P.m_W, [v["MMU"], P.m4])
        assert calculation.m2(p) == pytest.approx(v["gw"] ** 2 * P.Umu4**2 / 6 * bracket, rel=CLOSE)
    massless = process(amplitudes, [24], [-13, N4], values | {"MMU": 0.0})
    r = m4_sq / P.m_W**2
    rates = []
    for cosine in (-0.8, 0.1, 0.9):
        k = P.m_W * (1 - r) / 2
        sine = math.sqrt(1 - cosine**2)
        lepton = np.array([k, k * sine, 0, k * cosine])
        # the evaluator's helicity of a W at rest refers to +z
        p = np.array([[P.m_W, 0, 0, 0], lepton, np.array([P.m_W, 0, 0, 0]) - lepton])
        configurations = [(1, h1, h2) for h1 in (1, -1) for h2 in (1, -1)]
        rates.append(massless.m2_batch(p, configurations).sum() / ((1 + cosine) ** 2 + r * sine**2))
    assert rates == pytest.approx([rates[0]] * 3, rel=CLOSE)


def test_nu4_to_chi_phi(amplitudes: Any) -> None:
    """n4 -> chi phi~: [(yL^2 c^2 + yR^2)(m4^2 + mchi^2 - mphi^2) + 4 c yL yR m4 mchi]/2; n4 -> chi~ phi is absent."""
    rng = np.random.default_rng(13)
    values = ufo_values(P)
    cos = math.sqrt(P.UN4_sq)
    expected = (P.yL**2 * P.UN4_sq + P.yR**2) * (P.m4**2 + P.m_chi**2 - P.m_phi**2) / 2
    expected += 2 * cos * P.yL * P.yR * P.m4 * P.m_chi
    for _ in range(N_POINTS):
        p = decay_momenta(rng, P.m4, [P.m_chi, P.m_phi])
        assert process(amplitudes, [N4], [CHI, -PHI], values).m2(p) == pytest.approx(expected, rel=CLOSE)
        assert process(amplitudes, [-N4], [-CHI, PHI], values).m2(p) == pytest.approx(expected, rel=CLOSE)
        assert process(amplitudes, [N4], [-CHI, PHI], values).m2(p) == 0.0


def test_phi_to_chi_and_antineutrino(amplitudes: Any) -> None:
    """phi -> chi nubar_j: yL^2 U_j^2 (mphi^2 - mchi^2); phi -> chibar nu is absent."""
    rng = np.random.default_rng(14)
    for state in NEUTRINOS:
        p = decay_momenta(rng, P.m_phi, [P.m_chi, 0.0])
        expected = P.yL**2 * U[state] ** 2 * (P.m_phi**2 - P.m_chi**2)
        assert process(amplitudes, [PHI], [CHI, -state], ufo_values(P)).m2(p) == pytest.approx(expected, rel=CLOSE)
        assert process(amplitudes, [PHI], [-CHI, state], ufo_values(P)).m2(p) == 0.0


def test_annihilation_to_neutrinos(amplitudes: Any) -> None:
    """chi chibar -> nu_i nubar_j: yL^4 U_i^2 U_j^2 (2 p.k)^2/(t - mphi^2)^2/4; its s-wave is Eq. 7."""
    rng = np.random.default_rng(15)
    values = ufo_values(P)
    for i in NEUTRINOS:
        for j in NEUTRINOS:
            p = scattering_momenta(rng, 31.0, [P.m_chi, P.m_chi], [0, 0])
            t = P.m_chi**2 - 2 * dot(p[0], p[2])
            expected = P.yL**4 * (U[i] * U[j]) ** 2 * 4 * dot(p[0], p[2]) * dot(p[1], p[3]) / (t - P.m_phi**2) ** 2 / 4
            assert process(amplitudes, [CHI, -CHI], [i, -j], values).m2(p) == pytest.approx(expected, rel=CLOSE)
    velocity = 1e-4  # of each chi; corrections are of order v^2
    energy = 2 * P.m_chi / math.sqrt(1 - velocity**2)
    total = 0.0
    for i in NEUTRINOS:
        for j in NEUTRINOS:
            p = scattering_momenta(rng, energy, [P.m_chi, P.m_chi], [0, 0])
            total += process(amplitudes, [CHI, -CHI], [i, -j], values).m2(p)
    # sigma v_rel = |M|^2/(8 pi) x 1/(4 E1 E2)
    natural = total / (8 * math.pi * energy**2)
    # v = 1e-4 in a t-channel of m_phi = 3 m_chi: linear terms average out over angles, here one angle is left
    expected = annihilation_sigma_v(P.m_chi, P.m_phi, P.yL**2 * P.U4_sq)
    assert natural * c.GEV_M2_TO_CM3_PER_S == pytest.approx(expected, rel=5e-4)


def test_z_to_neutrinos(ufo: ModuleType, amplitudes: Any) -> None:
    """Z -> nu_j n4~ and Z -> n4 n4~ with their left-handed couplings g/(2 cw) times c U_j and s^2."""
    rng = np.random.default_rng(16)
    values = ufo_values(P)
    v = numbers(ufo, values)
    g = v["gw"] / (2 * v["cw"])
    m_sq = P.m4**2
    for state in NEUTRINOS:
        p = decay_momenta(rng, P.m_Z, [0.0, P.m4])
        bracket = 2 * P.m_Z**2 - m_sq - m_sq**2 / P.m_Z**2
        expected = g**2 * P.UN4_sq * U[state] ** 2 * bracket / 3
        assert process(amplitudes, [23], [state, -N4], values).m2(p) == pytest.approx(expected, rel=CLOSE)
    p = decay_momenta(rng, P.m_Z, [P.m4, P.m4])
    expected = g**2 * P.U4_sq**2 * (2 * P.m_Z**2 - 2 * m_sq) / 3
    assert process(amplitudes, [23], [N4, -N4], values).m2(p) == pytest.approx(expected, rel=CLOSE)


def test_higgs_to_neutrinos(amplitudes: Any) -> None:
    """h -> nu_j n4~: (m4 c U_j)^2/(2 v^2) (mh^2 - m4^2); h -> n4 n4~ as a fermion of Yukawa coupling m4 s^2."""
    rng = np.random.default_rng(17)
    values = ufo_values(P)
    for state in NEUTRINOS:
        p = decay_momenta(rng, P.m_h, [0.0, P.m4])
        expected = (P.m4 * U[state]) ** 2 * P.UN4_sq / (2 * P.vev**2) * (P.m_h**2 - P.m4**2)
        assert process(amplitudes, [25], [state, -N4], values).m2(p) == pytest.approx(expected, rel=CLOSE)
    p = decay_momenta(rng, P.m_h, [P.m4, P.m4])
    expected = (P.m4 * P.U4_sq) ** 2 / (2 * P.vev**2) * 2 * (P.m_h**2 - 4 * P.m4**2)
    assert process(amplitudes, [25], [N4, -N4], values).m2(p) == pytest.approx(expected, rel=CLOSE)


# --- mesons -----------------------------------------------------------------------------------------

KAON = PortalParameters(m_chi=0.031, m_phi=0.083, m4=0.21, yL=0.4, yR=0.0, Ue4=0.1, Umu4=0.2, Utau4=0.15)


def _meson_coupling(v: dict[str, Any]) -> float:
    return float(math.sqrt(2) * v["Gf"] * v["fK"] * v["Vus"])


def test_kaon_to_muon_and_neutrinos(ufo: ModuleType, amplitudes: Any) -> None:
    """|M|^2 = 2 G_F^2 f^2 V^2 U^2 [(m^2 + m4^2) mK^2 - (m^2 - m4^2)^2]."""
    rng = np.random.default_rng(18)
    v = numbers(ufo, ufo_values(KAON))
    for state, mass, mixing_sq in ((N4, KAON.m4, KAON.Umu4**2), ("light", 0.0, 1 - KAON.Umu4**2)):
        m_sq, n_sq = v["MMU"] ** 2, mass**2
        expected = _meson_coupling(v) ** 2 * mixing_sq * ((m_sq + n_sq) * v["MK"] ** 2 - (m_sq - n_sq) ** 2)
        p = decay_momenta(rng, v["MK"], [v["MMU"], mass])
        states = NEUTRINOS if state == "light" else (state,)
        total = sum(process(amplitudes, [321], [-13, n], ufo_values(KAON), no_mesons=False).m2(p) for n in states)
        assert total == pytest.approx(expected, rel=CLOSE)


@pytest.mark.parametrize("m4", [0.21, 0.43, 250.0])
def test_kaon_to_muon_chi_phi(ufo: ModuleType, amplitudes: Any, m4: float) -> None:
    """K+ -> mu+ chi phi~ by exchange of nu4 and the light states together.

    The sum of propagators is c U Qslash [1/(Q^2 - m4^2) - 1/Q^2], and the trace
    Tr[pchi Q w Q]/2 with w = 2 (pK.k) pK - mK^2 k.
    """
    rng = np.random.default_rng(19)
    values = ufo_values(KAON.replace(m4=m4))
    v = numbers(ufo, values)
    calculation = process(amplitudes, [321], [-13, CHI, -PHI], values, no_mesons=False)
    for _ in range(N_POINTS):
        p = decay_momenta(rng, v["MK"], [v["MMU"], KAON.m_chi, KAON.m_phi])
        q = p[2] + p[3]
        q_sq = dot(q, q)
        strength = _meson_coupling(v) * KAON.yL * KAON.Umu4 * math.sqrt(KAON.UN4_sq)
        strength *= m4**2 / (q_sq * (q_sq - m4**2))
        w = 2 * dot(p[0], p[1]) * p[0] - v["MK"] ** 2 * p[1]
        expected = strength**2 * 2 * (2 * dot(p[2], q) * dot(w, q) - q_sq * dot(p[2], w))
        # two propagators cancel up to m4^2/Q^2
        assert calculation.m2(p) == pytest.approx(expected, rel=CLOSE * max(1.0, v["MK"] ** 2 / m4**2))


@pytest.mark.parametrize("m4", [0.43, 250.0])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_kaon_spectrum_is_equation_12(ufo: ModuleType, amplitudes: Any, m4: float, share: float) -> None:
    """(1/Gamma_{K -> mu nu}) dGamma/dQ^2 from the amplitudes of the model equals the package's density."""
    point = KAON.replace(m4=m4, yL=1e-3)  # a width of nu4 too small to matter
    values = ufo_values(point)
    v = numbers(ufo, values)
    m, m_mu = v["MK"], v["MMU"]
    decay = decay_channel("K+", "mu").dark_decay(point)
    above = np.array([share * decay.range_sq])
    offsets = Offsets(above, decay.range_sq - above, above - decay.pole_above_min)
    q_mass = math.sqrt((point.m_chi + point.m_phi) ** 2 + above[0])
    k, q = float(two_body_momentum(m, m_mu, q_mass)), float(two_body_momentum(q_mass, point.m_chi, point.m_phi))
    calculation = process(amplitudes, [321], [-13, CHI, -PHI], values, no_mesons=False)
    mean = 0.0
    for cosine in (-1 / math.sqrt(3), 1 / math.sqrt(3)):  # |M|^2 is linear in the cosine
        sine = math.sqrt(1 - cosine**2)
        direction = np.array([sine, 0.0, cosine])
        chi = np.array([math.hypot(q, point.m_chi), *(q * direction)])
        phi = np.array([math.hypot(q, point.m_phi), *(-q * direction)])
        beta = np.array([0.0, 0.0, -k / math.hypot(k, q_mass)])
        lepton = np.array([math.hypot(k, m_mu), 0.0, 0.0, k])
        p = np.array([[m, 0, 0, 0], lepton, boost(chi, beta), boost(phi, beta)])
        mean += calculation.m2(p) / 2
    two_body = (k / (4 * math.pi * m)) * (q / (4 * math.pi * q_mass))
    rate = mean * two_body / (2 * m) / (2 * math.pi)
    standard = _meson_coupling(v) ** 2 / 2 * m_mu**2 * m * (1 - (m_mu / m) ** 2) ** 2 / (8 * math.pi)
    assert rate / standard == pytest.approx(float(decay.density(offsets)[0]), rel=1e-7)


# --- gauge cancellations that need the exact mixing ---------------------------------------------------


@pytest.mark.parametrize("initial", [(N4, -N4), (14, -N4), (12, -16), (14, -14)])
@pytest.mark.parametrize("final", [(24, -24), (23, 23), (23, 25)])
def test_neutrinos_to_bosons_stay_bounded(amplitudes: Any, initial: tuple[int, int], final: tuple[int, int]) -> None:
    """No |M|^2 grows with energy: the W, Z and h couplings of all neutrinos, nu4 included, fit together."""
    values = ufo_values(P.replace(m4=150.0)) | {"WH": 0.0}
    masses = {N4: 150.0, 24: P.m_W, 23: P.m_Z, 25: P.m_h}
    calculation = process(amplitudes, list(initial), list(final), values)
    sizes = []
    for energy in (3e3, 3e4):
        incoming = [masses.get(abs(code), 0.0) for code in initial]
        m1, m2 = (masses[abs(code)] for code in final)
        e1, p = beams(energy, m1, m2)[0][[0, 3]]
        direction = np.array([math.sin(1.1), 0.0, math.cos(1.1)])
        out = np.array([[e1, *(p * direction)], [energy - e1, *(-p * direction)]])
        sizes.append(calculation.m2(np.concatenate([beams(energy, *incoming), out])))
    assert sizes[1] < 1.05 * sizes[0]
    assert sizes[0] > 0.0 or final == (23, 25)

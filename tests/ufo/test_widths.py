"""Two-body widths of decays.py against the package and against the amplitudes of the same model."""

from __future__ import annotations

import math
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from mesons.decays.branching import helicity_factor
from nucore.model import nu4_decays, widths
from nucore.model.kinematics import two_body_momentum
from nucore.model.parameters import PortalParameters
from tests.ufo.evaluation import LIGHT_QUARKS, NO_WIDTHS, decay_momenta, numbers, partial_widths, process, ufo_values

#: Both sides are closed forms in double precision; what is left is rounding in differences of squared masses.
EXACT = 1e-10
#: A sum over helicities by explicit spinors cancels up to 1e-6 of its terms for the lightest fermions.
SPINORS = 2e-8

#: Massless charged leptons where our formulas assume them.
MASSLESS = {"Me": 0.0, "MMU": 0.0, "MTA": 0.0}
LIGHT = PortalParameters(m_chi=0.011, m_phi=0.034, m4=0.12, yL=0.7, yR=0.3, Ue4=0.1, Umu4=0.2, Utau4=-0.15)
HEAVY_PHI = LIGHT.replace(m_phi=0.2)
HEAVY = LIGHT.replace(m4=412.0, m_chi=20.0, m_phi=65.0)
POINTS = {"light": LIGHT, "heavy phi": HEAVY_PHI, "heavy": HEAVY, "middle": LIGHT.replace(m4=33.0, m_phi=2.0)}


@pytest.mark.parametrize("name", ["light", "heavy", "middle"])
def test_nu4_to_the_dark_sector(ufo: ModuleType, name: str) -> None:
    p = POINTS[name]
    partial = partial_widths(ufo, "n4", ufo_values(p))
    assert partial["chi", "phi~"] == pytest.approx(nu4_decays.TwoBodyWidths.of(p).phi, rel=EXACT)


@pytest.mark.parametrize("name", POINTS)
def test_phi(ufo: ModuleType, name: str) -> None:
    """Eq. 9, and phi -> chi nu4bar where it is open."""
    p = POINTS[name]
    partial = partial_widths(ufo, "phi", ufo_values(p))
    assert sum(partial.values()) == pytest.approx(nu4_decays.width_phi(p), rel=EXACT)
    assert (("chi", "n4~") in partial) == (p.m_phi > p.m_chi + p.m4)
    for state, flavour in (("ve~", "e"), ("vm~", "mu"), ("vt~", "tau")):
        light = nu4_decays.width_phi(p.replace(m4=1e6))
        assert partial["chi", state] == pytest.approx(light * p.U_sq(flavour) / p.U4_sq, rel=EXACT)


def test_nu4_to_weak_bosons(ufo: ModuleType) -> None:
    """Eq. 11 and its companions, for massless charged leptons."""
    p = HEAVY
    partial = partial_widths(ufo, "n4", ufo_values(p) | MASSLESS)
    w = sum(value for (_, boson), value in partial.items() if boson == "W+")
    z = sum(value for (_, boson), value in partial.items() if boson == "Z")
    h = sum(value for (_, boson), value in partial.items() if boson == "H")
    ours = nu4_decays.TwoBodyWidths.of(p)
    assert [w, z, h] == pytest.approx([ours.w, ours.z, ours.h], rel=EXACT)
    assert partial["mu-", "W+"] == pytest.approx(ours.w * p.U_sq("mu") / p.U4_sq, rel=EXACT)


def test_w_to_leptons(ufo: ModuleType) -> None:
    """(1 - r)^2 (1 + r/2) for nu4, 1 - |U|^2 for the light states, G_F m_W^3/(6 sqrt2 pi) in all."""
    p = LIGHT.replace(m4=31.0)
    partial = partial_widths(ufo, "W+", ufo_values(p) | MASSLESS)
    standard = p.G_F * p.m_W**3 / (6 * math.sqrt(2) * math.pi)
    for lepton, flavour in (("e+", "e"), ("mu+", "mu"), ("ta+", "tau")):
        light = sum(partial[state, lepton] for state in ("ve", "vm", "vt"))
        assert light == pytest.approx(standard * (1 - p.U_sq(flavour)), rel=EXACT)
        expected = standard * p.U_sq(flavour) * float(widths.w_two_body_factor((p.m4 / p.m_W) ** 2))
        assert partial["n4", lepton] == pytest.approx(expected, rel=EXACT)


def test_z_and_h_to_neutrinos(ufo: ModuleType) -> None:
    p = LIGHT.replace(m4=31.0)
    values = ufo_values(p)
    standard = p.G_F * p.m_Z**3 / (12 * math.sqrt(2) * math.pi)
    z = partial_widths(ufo, "Z", values)
    light = sum(z[a, f"{b}~"] for a in ("ve", "vm", "vt") for b in ("ve", "vm", "vt"))
    # sum_ij (delta_ij - U_i U_j)^2 = 2 + (1 - s^2)^2
    assert light == pytest.approx(standard * (2 + p.UN4_sq**2), rel=EXACT)
    r = (p.m4 / p.m_Z) ** 2
    one = sum(value for (a, b), value in z.items() if (a == "n4") != (b == "n4~"))
    assert one == pytest.approx(2 * standard * p.UN4_sq * p.U4_sq * (1 - r) ** 2 * (1 + r / 2), rel=EXACT)
    two = standard * p.U4_sq**2 * (1 - r) * math.sqrt(1 - 4 * r)
    assert z["n4", "n4~"] == pytest.approx(two, rel=EXACT)
    # nu4 -> nu h turned round: |y|^2 m_h (1 - m4^2/m_h^2)^2/(16 pi), y = m4 c U/(sqrt2 v), nu nu4bar and nubar nu4
    h = partial_widths(ufo, "H", values)
    yukawa_sq = p.m4**2 * p.UN4_sq * p.U4_sq / (2 * p.vev**2)
    expected = 2 * yukawa_sq * p.m_h * (1 - (p.m4 / p.m_h) ** 2) ** 2 / (16 * math.pi)
    assert sum(v for (a, b), v in h.items() if (a == "n4") != (b == "n4~")) == pytest.approx(expected, rel=EXACT)


def test_invisible_z_without_mixing_is_three_neutrinos(ufo: ModuleType) -> None:
    z = partial_widths(ufo, "Z", ufo_values(PortalParameters(Ue4=0, Umu4=0, Utau4=0)))
    invisible = sum(value for (name, _), value in z.items() if name in ("ve", "vm", "vt", "n4"))
    assert invisible == pytest.approx(0.4979, rel=2e-3)  # 3 x 165.9 MeV of the tree relations


@pytest.mark.parametrize("meson", ["pi+", "K+"])
@pytest.mark.parametrize(("lepton", "flavour"), [("e+", "e"), ("mu+", "mu")])
def test_mesons(ufo: ModuleType, meson: str, lepton: str, flavour: str) -> None:
    """nu4 over the massless neutrino against the closed form; the massless one against the textbook width."""
    p = LIGHT.replace(m4=0.021, m_phi=0.015)
    v = numbers(ufo, ufo_values(p))
    partial = partial_widths(ufo, meson, ufo_values(p))
    m, m_l = v["MPI" if meson == "pi+" else "MK"], v["Me" if flavour == "e" else "MMU"]
    decay_constant, ckm = (v["fPI"], v["Vud"]) if meson == "pi+" else (v["fK"], v["Vus"])
    standard = (p.G_F * decay_constant * ckm * m_l) ** 2 * m * (1 - (m_l / m) ** 2) ** 2 / (8 * math.pi)
    light = sum(partial[state, lepton] for state in ("ve", "vm", "vt"))
    assert light == pytest.approx(standard * (1 - p.U_sq(flavour)), rel=EXACT)
    ratio = p.U_sq(flavour) * float(widths.two_body_ratio(m, m_l, p.m4))
    assert partial["n4", lepton] == pytest.approx(standard * ratio, rel=EXACT)


def test_meson_rates_are_the_measured_ones(ufo: ModuleType) -> None:
    """1/lifetime times branching ratio; radiative corrections of 1-2% are not in the tree-level width."""
    hbar = 6.582119569e-25
    for meson, lifetime, branching in (("pi+", 2.6033e-8, 0.999877), ("K+", 1.2380e-8, 0.6356)):
        partial = partial_widths(ufo, meson, ufo_values(PortalParameters(Umu4=0)))
        muon = sum(value for (_, lepton), value in partial.items() if lepton == "mu+")
        assert muon == pytest.approx(hbar / lifetime * branching, rel=0.025)
        electron = sum(value for (_, lepton), value in partial.items() if lepton == "e+")
        expected = helicity_factor(meson, "e") / helicity_factor(meson, "mu")
        assert electron / muon == pytest.approx(expected, rel=EXACT)


def test_standard_model_widths(ufo: ModuleType) -> None:
    """LO textbook values at the model's inputs: within the size of QCD corrections of the measured widths."""
    v = numbers(ufo)
    x = (v["MW"] / v["MT"]) ** 2
    top = v["Gf"] * v["MT"] ** 3 / (8 * math.pi * math.sqrt(2)) * (1 - x) ** 2 * (1 + 2 * x)
    massless_b = partial_widths(ufo, "t", dict.fromkeys(("MB", "MS", "MD"), 0.0))
    assert sum(massless_b.values()) == pytest.approx(top, rel=EXACT)  # all three down quarks: CKM unitarity
    assert sum(partial_widths(ufo, "W+").values()) == pytest.approx(2.085, rel=0.04)
    assert sum(partial_widths(ufo, "Z").values()) == pytest.approx(2.4955, rel=0.04)
    beta = math.sqrt(1 - 4 * (v["MTA"] / v["MH"]) ** 2)
    tau = v["Gf"] * v["MTA"] ** 2 * v["MH"] * beta**3 / (4 * math.sqrt(2) * math.pi)
    assert partial_widths(ufo, "H")["ta-", "ta+"] == pytest.approx(tau, rel=EXACT)


PARENTS = ("Z", "W+", "H", "t", "n4", "phi", "pi+", "K+")


def test_every_decaying_particle_is_listed(ufo: ModuleType) -> None:
    assert sorted(decay.particle.name for decay in ufo.all_decays) == sorted(PARENTS)


@pytest.mark.parametrize("parent", PARENTS)
def test_every_width_follows_from_the_vertices(ufo: ModuleType, amplitudes: Any, parent: str) -> None:
    """Each open channel: |M|^2 of the vertices times two-body phase space; a heavy h opens h -> W W, Z Z, t t."""
    rng = np.random.default_rng(5)
    checked = set()
    for p in (HEAVY, LIGHT.replace(m4=33.0, m_phi=41.0), LIGHT, LIGHT.replace(m4=0.02)):
        for values in (ufo_values(p), ufo_values(p) | {"MH": 410.0}, ufo_values(p) | LIGHT_QUARKS):
            v = numbers(ufo, values)
            codes = {x.name: (x.pdg_code, v[x.mass.name]) for x in ufo.all_particles}
            for products, width in partial_widths(ufo, parent, values).items():
                code, m = codes[parent]
                (a, m1), (b, m2) = (codes[name] for name in products)
                calculation = process(amplitudes, [code], [a, b], values, no_mesons=False)
                m_sq = calculation.m2(decay_momenta(rng, m, [m1, m2]))
                momentum = float(two_body_momentum(m, m1, m2))
                expected = m_sq * momentum / (8 * math.pi * m**2) / (2 if a == b else 1)
                assert width == pytest.approx(expected, rel=SPINORS), (parent, products)
                checked.add(products)
    listed = next(decay for decay in ufo.all_decays if decay.particle.name == parent).partial_widths
    closed = {(a.name, b.name) for a, b in listed} - checked
    assert closed <= {("t", "t~"), ("t", "d~"), ("t", "s~"), ("t", "b~")}


def test_every_two_body_vertex_of_a_parent_is_in_its_decays(ufo: ModuleType) -> None:
    """No channel is missing: each three-leg vertex with the parent is a listed decay unless it never opens."""
    for decay in ufo.all_decays:
        parent = decay.particle
        listed = {frozenset((a.name, b.name)) for a, b in decay.partial_widths}
        for vertex in ufo.all_vertices:
            names = [particle.name for particle in vertex.particles]
            if len(names) != 3 or parent.antiname not in names:
                continue
            names.remove(parent.antiname)
            # a particle does not decay to itself, nor does Z to W W or W to Z W
            if not {parent.name, parent.antiname} & set(names) and not (parent.name == "Z" and "W+" in names):
                assert frozenset(names) in listed, (parent.name, names)


def test_widths_without_values_are_the_defaults(ufo: ModuleType) -> None:
    v = numbers(ufo)
    for name, width in {"Z": "WZ", "W+": "WW", "H": "WH", "t": "WT", "n4": "Wn4", "phi": "Wphi"}.items():
        assert v[width] == pytest.approx(sum(partial_widths(ufo, name).values()), rel=EXACT)
    assert set(NO_WIDTHS) == {p.name for p in ufo.all_parameters if getattr(p, "lhablock", "") == "DECAY"}

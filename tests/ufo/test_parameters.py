"""Masses, couplings and the parameter card of the UFO model against the package."""

from __future__ import annotations

import math
import re
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nucore.model import card
from nucore.model.parameters import PortalParameters
from nucore.model.particles import PDG_ID, mass
from tests.ufo.evaluation import NAMES, numbers, partial_widths, ufo_values

POINT = PortalParameters(m_chi=1.3, m_phi=4.1, m4=11.7, yL=0.73, yR=0.21, Ue4=0.13, Umu4=-0.24, Utau4=0.31)
RESTRICTIONS = ("default", "e", "mu", "tau", "massless")
mixings = st.floats(-0.55, 0.55)


def coupling_of(ufo: ModuleType, names: list[str], values: dict[str, float]) -> list[complex]:
    """Couplings of the vertex of these particles, in the order of its Lorentz structures."""
    namespace = numbers(ufo, values) | {"cmath": __import__("cmath"), "complexconjugate": np.conj}
    (vertex,) = [v for v in ufo.all_vertices if [particle.name for particle in v.particles] == names]
    return [complex(eval(vertex.couplings[key].value, dict(namespace))) for key in sorted(vertex.couplings)]


def test_masses_are_those_of_the_package(ufo: ModuleType) -> None:
    values = numbers(ufo)
    ours = {particle.pdg_code: values[particle.mass.name] for particle in ufo.all_particles}
    for name in ("e", "mu", "tau", "pi+", "K+", "W+", "Z", "h"):
        assert ours[PDG_ID[name]] == pytest.approx(mass(name), rel=1e-10)
    default = PortalParameters()
    assert (ours[9990012], ours[52], ours[51]) == (default.m4, default.m_chi, default.m_phi)
    assert ours[12] == ours[14] == ours[16] == ours[21] == ours[22] == 0.0


def test_tree_relations(ufo: ModuleType) -> None:
    v = numbers(ufo)
    assert v["vev"] == pytest.approx((math.sqrt(2) * v["Gf"]) ** -0.5, rel=1e-12)
    assert v["gw"] ** 2 / (8 * v["MW"] ** 2) == pytest.approx(v["Gf"] / math.sqrt(2), rel=1e-12)
    assert v["MW"] == pytest.approx(v["MZ"] * v["cw"], rel=1e-12)
    assert v["sw"] ** 2 + v["cw"] ** 2 == pytest.approx(1, rel=1e-12)
    (line,) = re.findall(r"^\s*1 (\S+) # 1/alpha", card.card_text(PortalParameters()), re.MULTILINE)
    assert 1 / v["aEW"] == pytest.approx(float(line), rel=1e-10)


def test_ckm_matrix_is_unitary(ufo: ModuleType) -> None:
    v = numbers(ufo)
    ckm = np.array([[v[f"V{up}{down}"] for down in "dsb"] for up in "uct"])
    np.testing.assert_allclose(ckm @ ckm.conj().T, np.eye(3), atol=1e-14)
    assert abs(ckm[0, 1]) == pytest.approx(0.22501, rel=1e-4)  # |V_us|, lambda up to c13
    # the apex of the unitarity triangle is what rhobar + i etabar means
    apex = -(ckm[0, 0] * ckm[0, 2].conj()) / (ckm[1, 0] * ckm[1, 2].conj())
    assert apex == pytest.approx(0.1591 + 0.3523j, rel=1e-12)


def mixing_matrix(*u: float) -> np.ndarray:
    """Orthogonal matrix from (nu_1, nu_2, nu_3, nu4) to (nu_e, nu_mu, nu_tau, N_L), arXiv:1709.07001, Eqs. 3-6.

    nu_l = sum_j [delta_lj - (1 - c) U_l4 U_j4/s^2] nu_j + U_l4 nu4 and N_L = c nu4 - sum_j U_j4 nu_j.
    """
    amplitudes = np.array(u)
    cos = np.sqrt(1.0 - amplitudes @ amplitudes)
    # (1 - c)/s^2 = 1/(1 + c) stays finite at s = 0
    light = np.eye(3) - np.outer(amplitudes, amplitudes) / (1.0 + cos)
    matrix = np.block([[light, amplitudes[:, None]], [-amplitudes, cos]])
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(4), atol=1e-14)
    return matrix


@settings(max_examples=30, deadline=None)
@given(ue=mixings, umu=mixings, utau=mixings)
def test_mixing_is_exact(ufo: ModuleType, ue: float, umu: float, utau: float) -> None:
    """W, Z, h and phi couplings are those of the orthogonal 4x4 matrix, also at zero mixing."""
    p = PortalParameters(m4=33.0, Ue4=ue, Umu4=umu, Utau4=utau, yL=0.8, yR=0.3)
    values = ufo_values(p)
    v = numbers(ufo, values)
    rows = mixing_matrix(ue, umu, utau)
    neutral = rows[:3].T @ rows[:3]
    states = ("ve", "vm", "vt", "n4")
    for i, lepton in enumerate(("e+", "mu+", "ta+")):
        w = [coupling_of(ufo, [lepton, state, "W-"], values)[0] / (1j * v["gw"] / math.sqrt(2)) for state in states]
        np.testing.assert_allclose(w, rows[i], atol=1e-15)
    z = [
        [coupling_of(ufo, [f"{b}~", a, "Z"], values)[0] / (1j * v["gw"] / 2 / v["cw"]) for b in states] for a in states
    ]
    np.testing.assert_allclose(z, neutral, atol=1e-14)
    dark = [coupling_of(ufo, [f"{state}~", "chi", "phi~"], values) for state in states]
    np.testing.assert_allclose([c[0] / 1j for c in dark], p.yL * rows[3], atol=1e-15)
    assert [len(c) for c in dark] == [1, 1, 1, 2]
    assert dark[3][1] == 1j * p.yR
    # h nubar_i P_R nu4: -m4/(sqrt2 174 GeV) sum_l V_li U_l4
    h = [coupling_of(ufo, ["n4~", state, "H"], values)[0] / -1j for state in states]
    yukawa = rows[:3].T @ rows[:3, 3] * p.m4 / (math.sqrt(2) * p.vev)
    np.testing.assert_allclose(h, yukawa, atol=1e-16)


def test_card_of_the_model_is_read_back_as_the_same_point(ufo: ModuleType) -> None:
    write = ufo.write_param_card
    assert card.parse_card(write.card_text(ufo.all_parameters, ufo.all_particles)) == PortalParameters()
    values = ufo_values(POINT)
    values |= {"Wn4": sum(partial_widths(ufo, "n4", values).values())}
    values |= {"Wphi": sum(partial_widths(ufo, "phi", values).values())}
    assert card.parse_card(write.card_text(ufo.all_parameters, ufo.all_particles, values)) == POINT


def test_card_of_the_package_sets_the_model(ufo: ModuleType) -> None:
    """Every entry our card writes in the model's blocks is one of its parameters or follows from them."""
    places = {ufo.write_param_card.key_of(p): p.name for p in ufo.all_parameters if p.nature == "external"}
    block, read = "", {}
    for line in card.card_text(POINT).splitlines():
        words = line.split("#")[0].split()
        if words and words[0] in ("BLOCK", "DECAY"):
            block = words[1] if words[0] == "BLOCK" else ""
            if words[0] == "DECAY" and ("DECAY", (int(words[1]),)) in places:
                read[places["DECAY", (int(words[1]),)]] = float(words[2])
        elif words and block in ("MASS", "NUMIXING", "DARKYUKAWA", "SMINPUTS"):
            place = (block, (int(words[0]),))
            if place not in places:
                assert place in {("SMINPUTS", (1,)), ("SMINPUTS", (4,))}
            else:
                read[places[place]] = float(words[1])
    assert {name: read[name] for name in NAMES.values()} == ufo_values(POINT)
    assert set(read) - set(NAMES.values()) == {"Me", "MMU", "MTA", "Wn4", "Wphi"}


def _restriction(path: Path, name: str) -> dict[tuple[str, tuple[int, ...]], float]:
    block, entries = "", {}
    for line in (path / f"restrict_{name}.dat").read_text().splitlines():
        words = line.split("#")[0].split()
        if words and words[0] == "BLOCK":
            block = words[1]
        elif words and words[0] == "DECAY":
            entries["DECAY", (int(words[1]),)] = float(words[2])
        elif words and block != "QNUMBERS":
            entries[block, tuple(int(i) for i in words[:-1])] = float(words[-1])
    return entries


@pytest.mark.parametrize("name", RESTRICTIONS)
def test_restriction_cards_are_complete_points(ufo: ModuleType, model_path: Path, name: str) -> None:
    """All parameters given, widths those of decays.py at the card's point."""
    entries = _restriction(model_path, name)
    places = {ufo.write_param_card.key_of(p): p.name for p in ufo.all_parameters if p.nature == "external"}
    assert set(places) == set(entries) - {("SMINPUTS", (1,)), ("SMINPUTS", (4,))}
    values = {places[place]: value for place, value in entries.items() if place in places}
    for particle, width in {"n4": "Wn4", "phi": "Wphi", "W+": "WW", "Z": "WZ", "H": "WH", "t": "WT"}.items():
        assert values[width] == pytest.approx(sum(partial_widths(ufo, particle, values).values()), rel=1e-10)
    card.load_card(model_path / f"restrict_{name}.dat")


def test_default_restriction_keeps_every_parameter_free(model_path: Path) -> None:
    """MadGraph freezes parameters that are 0, 1 or equal to another of their block."""
    entries = _restriction(model_path, "default")
    free = [value for (block, _), value in entries.items() if block in ("NUMIXING", "DARKYUKAWA")]
    assert len(free) == 5
    assert len({*free, 0.0, 1.0}) == 7
    masses = [value for (block, _), value in entries.items() if block == "MASS" and value]
    assert len(set(masses)) == len(masses)
    assert all(entries["MASS", (code,)] > 0 for code in (5, 6, 11, 13, 15, 23, 24, 25, 51, 52, 211, 321, 9990012))
    assert all(value > 0 for (block, _), value in entries.items() if block == "DECAY")


def test_single_flavour_and_massless_restrictions(model_path: Path) -> None:
    for index, name in enumerate(("e", "mu", "tau"), start=1):
        entries = _restriction(model_path, name)
        assert [code for code in (1, 2, 3) if entries["NUMIXING", (code,)]] == [index]
    massless = _restriction(model_path, "massless")
    assert [code for code in (1, 2, 3, 4, 11, 13) if massless["MASS", (code,)]] == []
    assert massless["MASS", (15,)] > 0


def test_single_flavour_card_of_madgraph_is_read() -> None:
    """MadGraph leaves parameters that a restriction froze at zero out of its cards, and writes six digits."""
    text = """
Block darkyukawa
    1 9.000000e-01 # yL
    2 0.000000e+00 # yR
Block mass
   11 5.109990e-04 # Me
   23 9.118790e+01 # MZ
   24 8.036250e+01 # MW
   51 9.000000e+00 # Mphi
   52 3.000000e+00 # Mchi
  9990012 3.000000e+01 # Mn4
## Dependent parameters, given by model restrictions.
  1 0.000000 # d : 0.0
Block numixing
    2 3.000000e-01 # Umu4
DECAY  24 2.043571e+00 # WW
DECAY 9990012 Auto # Wn4
"""
    assert card.parse_card(text) == PortalParameters(
        m4=30, m_chi=3, m_phi=9, yL=0.9, Umu4=0.3, m_W=80.3625, m_Z=91.1879
    )

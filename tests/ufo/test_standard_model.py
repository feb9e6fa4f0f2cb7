"""The Standard Model part of the UFO model against textbook cross sections and the good high-energy behaviour."""

from __future__ import annotations

import math
from types import ModuleType
from typing import Any

import numpy as np
import pytest

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

CLOSE = 1e-9
#: No mixing, so that the model is the Standard Model; all light fermions massless.
VALUES = ufo_values(PortalParameters(Umu4=0.0)) | LIGHT_QUARKS | {"Me": 0.0, "MMU": 0.0, "WZ": 2.4}


def at_angle(energy: float, cosine: float, m_in: float, m1: float, m2: float) -> np.ndarray:
    """Momenta of 2 -> 2 in the centre-of-mass frame at a polar angle."""
    e1, p = beams(energy, m1, m2)[0][[0, 3]]
    direction = np.array([math.sqrt(1 - cosine**2), 0.0, cosine])
    out = np.array([[e1, *(p * direction)], [energy - e1, *(-p * direction)]])
    return np.concatenate([beams(energy, m_in, m_in), out])


@pytest.mark.parametrize(
    ("code", "charge", "isospin", "colours"), [(13, -1.0, -0.5, 1), (2, 2 / 3, 0.5, 3), (1, -1 / 3, -0.5, 3)]
)
@pytest.mark.parametrize("energy", [20.0, 91.2, 300.0])
def test_electron_positron_to_fermions(
    ufo: ModuleType, amplitudes: Any, code: int, charge: float, isospin: float, colours: int, energy: float
) -> None:
    """Photon and Z by helicity: |A_ij|^2 = s^2 (1 +- cos)^2 |e^2 Q Q'/s + g_i g_j/(s - mZ^2 + i mZ Gamma)|^2."""
    v = numbers(ufo, VALUES)
    s = energy**2
    pole = s - v["MZ"] ** 2 + 1j * v["MZ"] * 2.4
    left = {"e": -0.5 + v["sw2"], "f": isospin - charge * v["sw2"]}
    right = {"e": v["sw2"], "f": -charge * v["sw2"]}
    for cosine in (-0.7, 0.2, 0.9):
        total = 0.0
        for electron in (left, right):
            for fermion in (left, right):
                strength = -(v["ee"] ** 2) * charge / s + (v["gw"] / v["cw"]) ** 2 * electron["e"] * fermion["f"] / pole
                sign = 1 if electron is fermion else -1
                total += s**2 * (1 + sign * cosine) ** 2 * abs(strength) ** 2
        p = at_angle(energy, cosine, 0.0, 0.0, 0.0)
        assert process(amplitudes, [11, -11], [code, -code], VALUES).m2(p) == pytest.approx(
            colours * total / 4, rel=CLOSE
        )


@pytest.mark.parametrize(
    ("initial", "final"),
    [
        ((2, -2), (24, -24)), ((11, -11), (24, -24)), ((1, -1), (24, -24)), ((2, -1), (24, 23)), ((2, -1), (24, 22)),
        ((6, -6), (24, -24)), ((6, -6), (23, 23)), ((24, -24), (24, -24)), ((24, -24), (23, 23)), ((24, -24), (22, 23)),
        ((24, -24), (25, 25)), ((23, 23), (25, 25)), ((25, 25), (25, 25)), ((3, -6), (-24, 25)),
    ],
)  # fmt: skip
def test_amplitudes_stay_bounded(
    ufo: ModuleType, amplitudes: Any, initial: tuple[int, int], final: tuple[int, int]
) -> None:
    """|M|^2 tends to a constant: triple, quartic, Higgs and Yukawa couplings cancel each other's growth."""
    v = numbers(ufo, VALUES)
    values = VALUES | {"WZ": 0.0}
    mass = {24: v["MW"], 23: v["MZ"], 25: v["MH"], 6: v["MT"]}
    m_in = [mass.get(abs(code), 0.0) for code in initial]
    m1, m2 = (mass.get(abs(code), 0.0) for code in final)
    calculation = process(amplitudes, list(initial), list(final), values)
    sizes = []
    for energy in (5e3, 5e4):
        p = at_angle(energy, 0.3, 0.0, m1, m2)
        p[:2] = beams(energy, *m_in)
        sizes.append(calculation.m2(p))
    assert 0.0 < sizes[1] < 1.05 * sizes[0]


def test_a_wrong_triple_coupling_would_be_seen(ufo: ModuleType, amplitudes: Any) -> None:
    """Changing the W W Z coupling by 1% makes u ubar -> W+ W- grow with energy."""
    (name,) = [
        coupling.name
        for vertex in ufo.all_vertices
        if [particle.name for particle in vertex.particles] == ["Z", "W-", "W+"]
        for coupling in vertex.couplings.values()
    ]
    calculation = process(amplitudes, [2, -2], [24, -24], VALUES)
    calculation.set_couplings(VALUES, {name: 1.01 * calculation.coup[name]})
    mass = numbers(ufo, VALUES)["MW"]
    small, large = (calculation.m2(at_angle(energy, 0.3, 0.0, mass, mass)) for energy in (5e3, 5e4))
    assert large > 50 * small


def test_gluons_to_top_quarks(ufo: ModuleType, amplitudes: Any) -> None:
    """Combridge's LO g g -> t tbar (Nucl. Phys. B151 (1979) 429), spins and colours averaged."""
    rng = np.random.default_rng(21)
    v = numbers(ufo)
    m_sq = v["MT"] ** 2
    for _ in range(4):
        p = scattering_momenta(rng, 800.0, [0, 0], [v["MT"], v["MT"]])
        s, t1, u1 = 800.0**2, 2 * dot(p[0], p[2]), 2 * dot(p[1], p[2])  # t1 = m^2 - t, u1 = m^2 - u
        bracket = t1**2 + u1**2 + 4 * m_sq * s - 4 * m_sq**2 * s**2 / (t1 * u1)
        expected = v["G"] ** 4 * (1 / (6 * t1 * u1) - 3 / (8 * s**2)) * bracket
        value = process(amplitudes, [21, 21], [6, -6], {}).m2(p)
        assert value == pytest.approx(expected, rel=CLOSE)


def test_gluons_to_gluons(ufo: ModuleType, amplitudes: Any) -> None:
    """(9/2) g^4 (3 - tu/s^2 - su/t^2 - st/u^2): the quartic coupling with the triple one."""
    v = numbers(ufo)
    s, cosine = 500.0**2, 0.35
    t, u = -s * (1 - cosine) / 2, -s * (1 + cosine) / 2
    expected = 4.5 * v["G"] ** 4 * (3 - t * u / s**2 - s * u / t**2 - s * t / u**2)
    p = at_angle(500.0, cosine, 0.0, 0.0, 0.0)
    value = process(amplitudes, [21, 21], [21, 21], {}).m2(p)
    assert value == pytest.approx(expected, rel=CLOSE)


def test_top_to_w_and_bottom(ufo: ModuleType, amplitudes: Any) -> None:
    """|M|^2 = (g^2 |V_tb|^2/4) [mt^2 + mb^2 - 2 mW^2 + (mt^2 - mb^2)^2/mW^2]."""
    rng = np.random.default_rng(22)
    v = numbers(ufo)
    top, bottom, w = v["MT"] ** 2, v["MB"] ** 2, v["MW"] ** 2
    expected = v["gw"] ** 2 * v["Vtb"] ** 2 / 4 * (top + bottom - 2 * w + (top - bottom) ** 2 / w)
    p = decay_momenta(rng, v["MT"], [v["MW"], v["MB"]])
    assert process(amplitudes, [6], [24, 5], {}).m2(p) == pytest.approx(expected, rel=CLOSE)

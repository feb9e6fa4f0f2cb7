"""Parton luminosities: tables against direct evaluation, and the shipped tables against their source."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from collider.production import luminosity
from collider.production.luminosity import LuminosityTable, load_table, luminosity_at, parton_pairs, tabulate
from collider.production.partons import FLAVOURS, load_partons, pdf_sets, tabulate_partons
from nucore.errors import InputError

#: Powers of a toy proton: xf = x^a (1-x)^b, different for valence, sea and antiquarks.
_TOY = {2: (0.6, 3.0), 1: (0.6, 4.0), -1: (-0.2, 7.0), -2: (-0.2, 8.0)}


def toy_density(pdg_id: int, x: float, q: float) -> float:
    a, b = _TOY.get(pdg_id, (-0.2, 9.0))
    return (1.0 + 0.05 * np.log(q / 80.0)) * x**a * (1.0 - x) ** b


@pytest.fixture(scope="module")
def toy_table() -> LuminosityTable:
    return tabulate(tabulate_partons(toy_density, "toy"), 7.0)


@settings(deadline=None, max_examples=40)
@given(mass=st.floats(15.0, 1500.0), fraction=st.floats(-0.9, 0.9), charge=st.sampled_from([1, -1]))
def test_interpolation_reproduces_direct_evaluation(mass: float, fraction: float, charge: int) -> None:
    table = tabulate_once()
    y = fraction * math.log(7000.0 / mass)
    direct = luminosity_at(toy_density, 7000.0, charge, mass, y)
    scale = max(luminosity_at(toy_density, 7000.0, charge, mass, f) for f in np.linspace(-2, 2, 9))
    # Bicubic splines on 41 x 121 nodes: 0.1% of the value, 1e-5 of the maximum at that mass in the tails.
    assert float(table(charge, mass, y)) == pytest.approx(direct, rel=1e-3, abs=1e-5 * scale)


_ONCE: list[LuminosityTable] = []


def tabulate_once() -> LuminosityTable:
    if not _ONCE:
        _ONCE.append(tabulate(tabulate_partons(toy_density, "toy"), 7.0))
    return _ONCE[0]


def test_luminosity_is_the_sum_over_flavours_with_ckm() -> None:
    ckm = luminosity.ckm_magnitudes()
    # Second row and second column of a unitary matrix: measured values, so unitary within their errors (1.2%).
    assert ckm[2, 1] ** 2 + ckm[2, 3] ** 2 + ckm[2, 5] ** 2 == pytest.approx(1.0, abs=0.003)
    assert ckm[4, 1] ** 2 + ckm[4, 3] ** 2 + ckm[4, 5] ** 2 == pytest.approx(1.0, abs=0.025)

    def only_u_dbar(pdg_id: int, x: float, q: float) -> float:
        return {2: x, -1: 1.0 - x}.get(pdg_id, 0.0)

    x1, x2 = 80.0 / 7000.0 * math.exp(0.7), 80.0 / 7000.0 * math.exp(-0.7)
    assert luminosity_at(only_u_dbar, 7000.0, 1, 80.0, 0.7, order="lo") == pytest.approx(
        ckm[2, 1] ** 2 * x1 * (1.0 - x2)
    )
    assert luminosity_at(only_u_dbar, 7000.0, -1, 80.0, 0.7, order="lo") == 0.0


def test_rapidity_integral(toy_table: LuminosityTable) -> None:
    for mass in (30.0, 80.4, 700.0):
        y_max = float(toy_table.maximal_rapidity(mass))
        expected = quad(lambda y, m=mass: luminosity_at(toy_density, 7000.0, 1, m, y), -y_max, y_max, limit=200)[0]
        # The spline has a few per mille near the edges, where the toy density falls as a power.
        assert float(toy_table.rapidity_integral(1, mass)) == pytest.approx(expected, rel=1e-3)


def test_vanishes_beyond_the_kinematic_limit(toy_table: LuminosityTable) -> None:
    y_max = math.log(7000.0 / 80.0)
    assert float(toy_table(1, 80.0, 1.001 * y_max)) == 0.0
    assert luminosity_at(toy_density, 7000.0, 1, 80.0, 1.001 * y_max) == 0.0


@pytest.mark.parametrize("sqrt_s", [7.0, 8.0, 13.0, 13.6, 14.0])
def test_valence_quarks_carry_the_w_forward(sqrt_s: float) -> None:
    table = load_table(sqrt_s)
    y = np.linspace(-4.0, 4.0, 401)
    plus, minus = table(1, 80.4, y), table(-1, 80.4, y)
    # The u quark along +z boosts W+ forward; the ubar along +z meets a valence d from the other side.
    assert np.average(y, weights=plus) > 0.3
    assert np.average(y, weights=minus) < -0.2


def test_sets_agree_at_the_w_mass() -> None:
    assert luminosity.DEFAULT_PDF_SET in pdf_sets()
    reference = float(load_table(7.0).rapidity_integral(1, 80.4))
    for name in pdf_sets():
        # Published NLO and NNLO luminosities at the W mass differ by up to 5%.
        assert float(load_table(7.0, name).rapidity_integral(1, 80.4)) == pytest.approx(reference, rel=0.07)


def proton(pdg_id: int, x: float, q: float) -> float:
    return float(load_partons()(pdg_id, x, q)) if x < 1.0 else 0.0


def antiproton(pdg_id: int, x: float, q: float) -> float:
    return proton(-pdg_id, x, q)


@pytest.mark.parametrize("channel", [1, -1, "up", "down"])
def test_proton_antiproton_collisions_seen_in_eta(channel: int | str) -> None:
    """Rate of leptons in |eta| < 1 from W bosons at rest transversely, in the frame of the beams and in ours, at LO.

    Partons of charge q and -q' from either beam; the lepton follows (1-c)^2 from the direction of parton a.
    """
    sqrt_s, mass, eta_max = 1960.0, 80.4, 1.0
    y, c = np.meshgrid(np.linspace(-3.15, 3.15, 127), (np.arange(400) + 0.5) / 200.0 - 1.0, indexing="ij")
    inside = (np.abs(y + np.arctanh(c)) < eta_max) * (1.0 - c) ** 2
    accepted = np.trapezoid(
        inside.sum(axis=1) * load_table(1.96, beams="ppbar", order="lo")(channel, mass, y[:, 0]), y[:, 0]
    )

    def in_beam_frame(rapidity: float) -> float:
        x1, x2 = mass / sqrt_s * math.exp(rapidity), mass / sqrt_s * math.exp(-rapidity)
        total, angle = 0.0, np.abs(rapidity + np.arctanh(c[0])) < eta_max
        for (a, b), weight in parton_pairs(channel).items():
            # a from the proton, that is along +z, then a from the antiproton, along -z.
            total += weight * proton(a, x1, mass) * antiproton(b, x2, mass) * np.sum(angle * (1.0 - c[0]) ** 2)
            total += weight * proton(b, x1, mass) * antiproton(a, x2, mass) * np.sum(angle * (1.0 + c[0]) ** 2)
        return total

    direct = np.trapezoid([in_beam_frame(rapidity) for rapidity in y[:, 0]], y[:, 0])
    # The table is the mean of the two assignments; its bicubic interpolation has 0.1%.
    assert 2.0 * accepted == pytest.approx(direct, rel=1e-3)


def test_w_plus_and_w_minus_are_mirror_images_in_proton_antiproton_collisions() -> None:
    table = load_table(1.96, beams="ppbar")
    y = np.linspace(-3.0, 3.0, 61)
    # CP: seen along the up-type parton they are the same up to exchanging the beams.
    np.testing.assert_allclose(table(1, 80.4, y), table(-1, 80.4, y), rtol=1e-9)
    assert np.average(y, weights=table(1, 80.4, y)) > 0.1


def test_neutral_channels_add_up_to_all_flavours() -> None:
    x, q = 91.2 / 7000.0, 91.2
    pdf = load_partons()
    total = sum(float(load_table(7.0, order="lo")(channel, q, 0.0)) for channel in ("up", "down"))
    expected = sum(float(pdf(i, x, q) * pdf(-i, x, q)) for i in FLAVOURS if i > 0)
    assert total == pytest.approx(expected, rel=1e-3)


def test_bad_input_is_refused(toy_table: LuminosityTable) -> None:
    with pytest.raises(InputError, match=r"0.5 to 20 TeV"):
        load_table(100.0)
    with pytest.raises(InputError, match="pp, ppbar"):
        load_table(7.0, beams="ep")
    with pytest.raises(InputError, match="unknown order 'nnlo': expected one of lo, nlo"):
        load_table(7.0, order="nnlo")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="1, -1, up, down"):
        toy_table(0, 80.0, 0.0)
    with pytest.raises(InputError, match="outside the luminosity table"):
        toy_table(1, 5.0, 0.0)

"""Parton luminosities: tables against direct evaluation, and the shipped tables against their source."""

from __future__ import annotations

import hashlib
import math
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from collider import luminosity
from collider.luminosity import LuminosityTable, load_table, luminosity_at, pdf_sets, save_tables, tabulate
from nuportal.errors import InputError

#: Powers of a toy proton: xf = x^a (1-x)^b, different for valence, sea and antiquarks.
_TOY = {2: (0.6, 3.0), 1: (0.6, 4.0), -1: (-0.2, 7.0), -2: (-0.2, 8.0)}


def toy_density(pdg_id: int, x: float, q: float) -> float:
    a, b = _TOY.get(pdg_id, (-0.2, 9.0))
    return (1.0 + 0.05 * math.log(q / 80.0)) * x**a * (1.0 - x) ** b


@pytest.fixture(scope="module")
def toy_table() -> LuminosityTable:
    return tabulate(toy_density, 7.0, "toy")


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
        _ONCE.append(tabulate(toy_density, 7.0, "toy"))
    return _ONCE[0]


def test_luminosity_is_the_sum_over_flavours_with_ckm() -> None:
    ckm = luminosity.ckm_magnitudes()
    # Second row and second column of a unitary matrix: measured values, so unitary within their errors (1.2%).
    assert ckm[2, 1] ** 2 + ckm[2, 3] ** 2 + ckm[2, 5] ** 2 == pytest.approx(1.0, abs=0.003)
    assert ckm[4, 1] ** 2 + ckm[4, 3] ** 2 + ckm[4, 5] ** 2 == pytest.approx(1.0, abs=0.025)

    def only_u_dbar(pdg_id: int, x: float, q: float) -> float:
        return {2: x, -1: 1.0 - x}.get(pdg_id, 0.0)

    x1, x2 = 80.0 / 7000.0 * math.exp(0.7), 80.0 / 7000.0 * math.exp(-0.7)
    assert luminosity_at(only_u_dbar, 7000.0, 1, 80.0, 0.7) == pytest.approx(ckm[2, 1] ** 2 * x1 * (1.0 - x2))
    assert luminosity_at(only_u_dbar, 7000.0, -1, 80.0, 0.7) == 0.0


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


def test_round_trip(tmp_path: Path, toy_table: LuminosityTable) -> None:
    save_tables(str(tmp_path / "toy.npz"), [toy_table], {"pdf_set": "toy"})
    with np.load(tmp_path / "toy.npz") as content:
        # stored as float32
        np.testing.assert_allclose(content["values"][0], toy_table.values, rtol=1e-7, atol=1e-30)


@pytest.mark.parametrize("name", pdf_sets())
def test_shipped_table_follows_from_its_source(name: str) -> None:
    pytest.importorskip("pythia8mc", exc_type=ImportError)
    import pythia8mc

    metadata = luminosity.table_metadata(name)
    source = str(metadata["source_file"])
    path = next(Path(str(f.locate())) for f in distribution("pythia8mc").files or [] if f.name == source)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == metadata["source_sha256"]
    pythia = pythia8mc.Pythia("", False)
    for line in ("Print:quiet = on", f"PDF:pSet = LHAGrid1:{source}"):
        assert pythia.readString(line)
    pdf = pythia.getPDFPtr(2212)
    rng = np.random.default_rng(1)
    for sqrt_s in (7.0, 13.0):
        table = load_table(sqrt_s, name)
        for mass, y in zip(rng.uniform(60.0, 120.0, 20), rng.uniform(-2.5, 2.5, 20), strict=True):
            direct = luminosity_at(lambda i, x, q: pdf.xf(i, x, q * q), 1000.0 * sqrt_s, 1, mass, y)
            # Bicubic interpolation of the table against the cubic interpolation of the source grid.
            assert float(table(1, mass, y)) == pytest.approx(direct, rel=1e-3)


def test_bad_input_is_refused(toy_table: LuminosityTable) -> None:
    with pytest.raises(InputError, match="allowed 7, 8, 13"):
        load_table(9.0)
    with pytest.raises(InputError, match="not shipped"):
        load_table(7.0, "no-such-set")
    with pytest.raises(InputError, match=r"allowed \+1, -1"):
        toy_table(0, 80.0, 0.0)
    with pytest.raises(InputError, match="outside the luminosity table"):
        toy_table(1, 5.0, 0.0)
    with pytest.raises(InputError, match="luminosity masses"):
        tabulate(toy_density, 7.0, "toy", masses=[100.0, 8000.0])

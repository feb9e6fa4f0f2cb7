"""Parton densities: interpolation, the shipped tables against their source, sets of LHAPDF."""

from __future__ import annotations

import hashlib
import json
import sys
from importlib.metadata import distribution
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from collider.production import partons
from collider.production.luminosity import load_table
from collider.production.partons import FLAVOURS, PARTONS, load_partons, pdf_sets, tabulate_partons
from nucore.errors import InputError


def toy(pdg_id: int, x: float, q: float) -> float:
    return (1.0 + 0.05 * np.log(q / 80.0)) * x ** (0.3 + 0.02 * pdg_id) * (1.0 - x) ** 3


def test_interpolation() -> None:
    table = tabulate_partons(toy, "toy")
    rng = np.random.default_rng(2)
    x, q = np.exp(rng.uniform(np.log(3e-7), np.log(0.9), 500)), np.exp(rng.uniform(np.log(10), np.log(4000), 500))
    for flavour in (-5, 2):
        # Cubic splines on 241 x 15 nodes.
        np.testing.assert_allclose(table(flavour, x, q), toy(flavour, x, q), rtol=1e-4)


def test_momentum_and_number_sum_rules() -> None:
    pdf = load_partons()
    x = np.geomspace(2e-6, 0.98, 4001)
    valence = [np.trapezoid((pdf(i, x, 91.0) - pdf(-i, x, 91.0)) / x, x) for i in (2, 1)]
    # Two valence up and one valence down quark; 1% is missing below x = 2e-6 and in the set itself.
    assert valence == pytest.approx([2.0, 1.0], rel=0.03)
    # Quarks carry about half of the momentum at the Z mass.
    assert sum(np.trapezoid(pdf(i, x, 91.0), x) for i in FLAVOURS) == pytest.approx(0.53, abs=0.03)
    assert sum(np.trapezoid(pdf(i, x, 91.0), x) for i in PARTONS) == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("name", pdf_sets())
def test_shipped_table_follows_from_its_source(name: str) -> None:
    pythia8mc = pytest.importorskip("pythia8mc", exc_type=ImportError)
    with np.load(str(files("collider.production") / "data" / "partons" / f"{name}.npz")) as content:
        metadata = json.loads(str(content["metadata"]))
    source = str(metadata["source_file"])
    path = next(Path(str(f.locate())) for f in distribution("pythia8mc").files or [] if f.name == source)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == metadata["source_sha256"]
    pythia = pythia8mc.Pythia("", False)
    for line in ("Print:quiet = on", f"PDF:pSet = LHAGrid1:{source}"):
        assert pythia.readString(line)
    pdf, table = pythia.getPDFPtr(2212), load_partons(name)
    rng = np.random.default_rng(1)
    x, q = np.exp(rng.uniform(np.log(1e-6), np.log(0.2), 300)), np.exp(rng.uniform(np.log(12), np.log(3000), 300))
    for flavour in PARTONS:
        direct = np.array([pdf.xf(flavour, a, b * b) for a, b in zip(x, q, strict=True)])
        relative = table(flavour, x, q) / direct - 1.0
        # Two cubic interpolations of one grid; the light sea near x = 0.2 is small and steep.
        assert np.std(relative) < 3e-4
        assert np.abs(relative).max() < 5e-3


def test_lhapdf_is_used_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def make(name: str, member: int) -> SimpleNamespace:
        if name == "none":
            raise RuntimeError("Info file not found\nfor PDF set 'none'")
        asked.append((name, member))
        return SimpleNamespace(xfxQ=lambda pdg_id, x, q: (1.0 + 0.1 * member) * toy(pdg_id, x, q))

    load_partons.cache_clear()
    monkeypatch.setitem(sys.modules, "lhapdf", SimpleNamespace(mkPDF=make))
    nominal, member = load_table(7.0, "OtherSet"), load_table(7.0, "OtherSet/3")
    assert asked == [("OtherSet", 0), ("OtherSet", 3)]
    ratio = member.rapidity_integral(1, 80.4) / nominal.rapidity_integral(1, 80.4)
    assert float(ratio) == pytest.approx(1.3**2, rel=1e-9)
    with pytest.raises(InputError, match="MEMBER"):
        load_partons("OtherSet/x")
    with pytest.raises(InputError, match="cannot read it: Info file not found for"):
        load_partons("none")


def test_unknown_set_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lhapdf", None)
    with pytest.raises(InputError, match=r"not shipped .*CT14qed.*install LHAPDF"):
        load_partons("no-such-set")
    assert partons.DEFAULT_PDF_SET in pdf_sets()


def test_densities_at_one_scale_are_those_of_the_table() -> None:
    pdf, x = load_partons(), np.geomspace(1e-6, 1.0, 50)
    at_scale = pdf.at_scale(80.4)(x)
    assert tuple(at_scale) == PARTONS
    for pdg_id, values in at_scale.items():
        np.testing.assert_allclose(values, pdf(pdg_id, x, 80.4), rtol=1e-9, atol=1e-9)

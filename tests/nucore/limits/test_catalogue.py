"""The cards of the catalogue: metadata and published points."""

import math

import numpy as np
import pytest

from nucore.errors import InputError
from nucore.limits.catalogue import catalogue, load_curve, select
from nucore.limits.cosmological import cosmological_bounds
from nucore.limits.curve import LimitCurve
from nucore.limits.prescription import average, bounded_limit
from nucore.limits.revision import superseded, unverified

CURVES = list(catalogue().values())

#: Limits at masses in GeV, read in the published tables or figures independently of the files here.
PUBLISHED = {
    "pienu-2017-e": [(0.0620342, 2.892e-8), (0.0911838, 9.10e-9), (0.12081, 3.365e-8)],
    "kek-1984-e": [(0.1375, 2.3e-6), (0.182, 7.1e-7), (0.226, 5.6e-7), (0.314, 1.2e-6), (0.358, 4.9e-6)],
    "na62-2020-e": [(0.2089, 5.98e-10), (0.3985, 1.66e-9)],
    "e949-2015-mu": [(0.202, 1.2e-8), (0.251, 6.7e-9)],
    "babar-2022-tau": [(0.1, 2.31e-2), (0.3, 9.67e-3), (0.7, 4.85e-4), (0.9, 5.38e-5), (1.2, 5.04e-6), (1.4, None)],
    "lz-2025-light": [(3.0, 2.1e-42), (9.0, 1.11e-46), (10.0, None)],
    "xenonnt-2024-light": [(6.0, 2.53e-45)],
    "xenonnt-2026-light": [(5.0, 6.0e-45)],
}
#: Spin-independent cross section (cm^2) at masses in GeV in the text of the publication or the listings of the Particle
#: Data Group, and the relative difference that the reading of the curve or the digits of the number allow.
IN_TEXT = [
    ("lz-2024", 40.0, 2.18e-48, 0.05),
    ("xenonnt-2025", 30.0, 1.7e-47, 0.05),
    ("xenonnt-2025", 100.0, 3.9e-47, 0.05),
    ("xenonnt-2025", 1000.0, 3.7e-46, 0.05),
    ("pandax-4t-2024", 40.0, 1.6e-47, 0.05),
    ("pandax-4t-2025-light", 3.0, 1.1e-43, 0.06),
    ("xenon1t-2018", 30.0, 4.1e-47, 0.06),
    ("xenon1t-2018", 100.0, 9.12e-47, 0.06),
    ("xenon1t-2018", 1000.0, 8.24e-46, 0.06),
    ("darkside50-2022", 3.0, 3.6e-43, 0.05),
]


@pytest.mark.parametrize("curve", CURVES, ids=lambda c: c.id)
def test_curve_is_complete(curve: LimitCurve):
    assert all([curve.reference, curve.source, curve.obtained, curve.reason, curve.label, curve.experiment])
    assert curve.id == curve.id.lower()
    assert " " not in curve.id
    low, high = curve.mass_range_GeV
    assert (curve.quantity in ("U_sq", "branching_ratio")) == bool(curve.flavours)
    assert "outside" in curve.why_not(2.0 * high)
    if curve.formula is None:
        assert np.isnan(curve.values([low / 1.001, high * 1.001])).all()
        inside = curve.values(np.geomspace(low, high, 50))
        assert np.isfinite(inside).any()
        assert np.nanmin(inside) > 0.0


@pytest.mark.parametrize("name", PUBLISHED)
def test_curve_at_published_points(name):
    curve = load_curve(name)
    for mass, expected in PUBLISHED[name]:
        value = float(curve.values(mass))
        if expected is None:
            assert math.isnan(value)
        else:
            # 3%: two to three digits given
            assert value == pytest.approx(expected, rel=0.03)


@pytest.mark.parametrize(("name", "mass", "expected", "margin"), IN_TEXT)
def test_curve_read_from_a_figure(name, mass, expected, margin):
    assert float(load_curve(name).values(mass)) == pytest.approx(expected, rel=margin)


def test_superseded_curves_have_a_newer_one_of_the_same_kind():
    curves = catalogue()
    old = [curve for curve in CURVES if curve.superseded_by is not None]
    assert {"tau-leptonic-2022", "na62-2018-mu", "electroweak-2016"} <= {curve.id for curve in old}
    for curve in old:
        newer = curves[curve.superseded_by]
        assert newer.year >= curve.year
        assert newer.quantity == curve.quantity
        assert set(curve.flavours) <= set(newer.flavours)
        assert curve.observed == newer.observed
        assert "latest" in newer.inputs
    found = {entry.id: entry for entry in superseded(CURVES)}
    assert set(found) == {curve.id for curve in old}
    assert found["triumf-1992-e"].replaced_range_GeV == (0.0620342, 0.13126)
    assert all(entry.replaced_range_GeV[0] < entry.replaced_range_GeV[1] for entry in found.values())


def test_unverified_numbers_are_listed():
    found = {(entry.id, entry.input): entry for entry in unverified(CURVES)}
    assert found["pi-universality-2026", "ratio_sm"].value == 1.23524e-4
    assert ("pi-universality-2026", "ratio") not in found
    assert found["sk-iv-2021-line", "table"].value is None
    assert found["omega-2018", "omega_h2"].value == 0.1224
    inputs = sum(not i.verified for c in CURVES if c.formula for i in c.formula.inputs.values())
    tables = sum(c.line is not None and not c.line.verified for c in CURVES)
    resolutions = sum(not c.line.flux.resolution_verified for c in CURVES if c.line is not None and c.line.flux)
    bounds = sum(not b.verified for b in cosmological_bounds())
    assert inputs + tables + resolutions + bounds == len(found)


def test_selection():
    names = {c.id for c in select("mu", inputs="2017")}
    assert {"e949-2015-mu", "z-invisible-lep", "h-invisible-0.24", "twist-2011"} <= names
    assert "na62-2021-mu" not in names
    assert "h-invisible-0.05" not in names
    assert "h-invisible-0.05" in {c.id for c in select("mu", inputs="2017", projections=True)}
    assert all(c.year <= 2000 for c in select("e", observed_by=2000))
    assert all(c.quantity == "sigma_n_cm2" for c in select(quantity="sigma_n_cm2"))


def test_wrong_names_are_refused():
    with pytest.raises(InputError, match="nonsense"):
        load_curve("nonsense")
    with pytest.raises(InputError, match="2017, latest"):
        select("e", inputs="2018")
    with pytest.raises(InputError, match="flavour"):
        select("x")


def test_prescription():
    assert bounded_limit(1.0, 2.0) == pytest.approx(1 + 1.645 * 2, rel=1e-4)
    # the likelihood ratio with respect to the bound u >= 0: (u - d)^2 - d^2 = 2.706 s^2
    u = float(bounded_limit(-1.0, 2.0))
    assert (u + 1) ** 2 - 1 == pytest.approx(2.706 * 4)
    assert bounded_limit(0.0, 1.0, 1.642) == pytest.approx(1.2816, abs=1e-3)
    mean, sigma = average([1.0, 3.0], np.diag([1.0, 4.0]))
    assert (mean, sigma) == (pytest.approx(1.4), pytest.approx(math.sqrt(0.8)))

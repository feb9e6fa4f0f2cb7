"""Transverse momentum of the W: shapes by charge and rapidity against known distributions."""

from __future__ import annotations

import importlib.util
import json
from importlib.resources import files
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from collider.production.w_pt import NOMINAL, PT_RAPIDITY_STEP, pt_models, pt_rows
from nucore.errors import InputError

TABLES = [(1.96, "ppbar"), *((energy, "pp") for energy in (5.02, 7.0, 8.0, 13.0, 13.6, 14.0))]


def recipe(name: str) -> ModuleType:
    path = str(Path(__file__).parents[3] / "tools" / "recipes" / f"{name}.py")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("energy", "beams"), TABLES)
@pytest.mark.parametrize("charge", [1, -1])
def test_rows_are_quantiles_and_fall_with_rapidity(energy: float, beams: str, charge: int) -> None:
    rows = pt_rows(energy, charge, beams=beams)
    assert np.all(rows[:, 0] == 0.0)
    assert np.all(np.diff(rows, axis=1) > 0.0)
    assert np.isfinite(rows).all()
    medians = rows[:, rows.shape[1] // 2]
    # Less room for radiation at large |y|; in the centre the statistical error of a row is 0.5%.
    assert np.all(np.diff(medians) < 0.01 * medians[0])
    assert medians[-1] < 0.6 * medians[0]


def test_momentum_of_the_AZ_tune() -> None:
    # Median near 9.5 GeV at 7 TeV over all |y|; the PDF set of the shower moves it by several per cent.
    medians = pt_rows(7.0, 1)[:, 512]
    weights = [0.5, 1, 1, 1, 1, 0.9, 0.7, 0.4, 0.1, 0.0][: medians.size]
    assert np.average(medians, weights=weights) == pytest.approx(9.5, rel=0.05)


def test_momentum_grows_with_energy() -> None:
    for k in (0, 4):
        medians = [pt_rows(energy, 1)[k, 512] for energy, beams in TABLES if beams == "pp"]
        # 13 to 13.6 TeV is a step of 0.5%, as large as the statistical error of a row.
        assert np.all(np.diff(medians) > -0.01 * medians[0])
    with np.load(str(files("collider.production") / "data" / "w_pt" / "atlas-az-rows.npz")) as content:
        metadata = json.loads(str(content["metadata"]))
    assert all(sample["n_events"] >= 500_000 for sample in metadata["samples"])


@pytest.mark.parametrize(("energy", "beams"), TABLES)
def test_variations_are_smooth_and_different(energy: float, beams: str) -> None:
    models = pt_models(energy, beams)
    assert models[0] == NOMINAL
    assert {"primordial-kt", "isr-alphas"} <= set(models)
    u = np.arange(1, 1024) / 1024
    shifts = {}
    for model in models[1:]:
        ratio = pt_rows(energy, 1, model, beams)[0, 1:-1] / pt_rows(energy, 1, beams=beams)[0, 1:-1]
        # Shifts of quantiles by per cents; smooth: no turns on the scale of a few nodes.
        assert 0.002 < np.abs(ratio - 1.0).max() < 0.05
        assert np.abs(np.diff(ratio[10:-10:8], 2)).max() < 2e-3
        shifts[model] = ratio - 1.0
    # More primordial kT moves small momenta, more radiation the large ones.
    hard = (u > 0.5) & (u < 0.95)  # above, the simulations have too few events
    assert abs(shifts["primordial-kt"][hard]).mean() < 0.3 * shifts["isr-alphas"][hard].mean()
    assert shifts["primordial-kt"][u < 0.2].mean() > 0.004


def test_recipe_recovers_a_mixture_of_rows() -> None:
    reduce = recipe("reduce_w_pt")
    rng = np.random.default_rng(5)
    n = 200_000
    y = 1.5 * np.sqrt(rng.random(n))
    scale = 6.0 - 1.5 * y
    pt = scale * np.sqrt(-2.0 * np.log(rng.random(n))) + rng.exponential(0.5, n)
    coefficients = reduce.fit_rows(pt, y, 4)
    t = np.linspace(0.0, np.log1p(reduce.PT_MAX_GEV / 5.0), 4001)
    density = t * np.exp(coefficients @ reduce.pt_splines(t, reduce.N_SPLINES).T)
    cumulative = np.cumsum(density, axis=1)
    cumulative /= cumulative[:, -1:]
    for low, high in ((0.2, 0.3), (0.7, 0.8), (1.2, 1.3)):
        inside = (y > low) & (y < high)
        weights = reduce.hat_weights(y[inside], 4).mean(axis=0)
        for u in (0.1, 0.5, 0.9):
            expected = np.interp(u, weights @ cumulative, 5.0 * np.expm1(t))
            # Statistical error of a quantile of 10,000 events: 1%.
            assert np.quantile(pt[inside], u) == pytest.approx(expected, rel=0.03)
    assert PT_RAPIDITY_STEP * np.arange(4)[-1] == 1.5


def test_bad_input_is_refused() -> None:
    with pytest.raises(InputError, match="no W pT table .* ppbar 1.96, pp"):
        pt_rows(2.0, 1)
    with pytest.raises(InputError, match="no W pT table"):
        pt_models(7.0, "ppbar")
    with pytest.raises(InputError, match="expected one of nominal"):
        pt_rows(7.0, 1, "other")

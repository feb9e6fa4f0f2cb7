"""Nuisances: what each does to a template, and to the reach; the floating W mass; two flavours."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from collider.experiments.analysis_options import AnalysisOptions
from collider.experiments.measurement import measurement
from collider.experiments.nuisances import Nuisance
from collider.experiments.response import load_experiment
from collider.inference.flavours import fit_flavours, joint_model
from collider.inference.likelihood import Expectation, expectation
from collider.inference.reach import project
from collider.inference.w_mass import kink_GeV
from collider.templates.systematics import Shapes, nominal_inputs, shapes, varied_inputs
from collider.templates.template import lepton_template
from nucore.stats import Likelihood, fit

ATLAS = load_experiment("atlas-2011")
NAMES = [n.name for n in measurement(ATLAS, "mu", AnalysisOptions("full", selection="paper")).nuisances]


def full(**factors: float) -> AnalysisOptions:
    """All nuisances of the card on the quick selection of the paper, scaled by `factors`."""
    return AnalysisOptions("full", selection="paper", nuisance=factors or None)


def reach(options: AnalysisOptions, m4: float = 30.0) -> float:
    value = project(ATLAS, "mu", [m4], **vars(options)).curve[0].value
    assert value is not None
    return value


@pytest.fixture(scope="module")
def light() -> Shapes:
    return shapes(measurement(ATLAS, "mu", full()), 0.0)


@pytest.fixture(scope="module")
def flavours() -> list[Expectation]:
    return [expectation(measurement(ATLAS, flavour, full()), 30.0) for flavour in ("e", "mu")]


def test_without_nuisances_full_is_paper() -> None:
    # The same templates and model: equal but for rounding.
    assert reach(full(all=0.0, normalisation=1.0)) == pytest.approx(reach(AnalysisOptions()), rel=1e-9)


def test_each_nuisance_weakens_the_reach() -> None:
    alone = reach(full(all=0.0))
    for name in NAMES:
        assert reach(full(all=0.0, **{name: 1.0})) >= alone * (1.0 - 1e-6)


def test_the_reach_weakens_with_every_nuisance_added() -> None:
    values = [reach(full(all=0.0, **dict.fromkeys(NAMES[:n], 1.0))) for n in range(len(NAMES) + 1)]
    # Limits are found to 1e-6.
    assert all(b >= a * (1.0 - 1e-6) for a, b in itertools.pairwise(values))
    assert values[-1] == pytest.approx(reach(full()), rel=1e-6)
    assert values[-1] > 2.0 * values[0]


def test_the_reach_weakens_with_their_size() -> None:
    options = [AnalysisOptions("full", selection="paper", scale_systematics=x) for x in (0.0, 0.5, 1.0, 2.0)]
    values = [reach(o) for o in options]
    assert values == sorted(values)


@pytest.mark.parametrize("kind", ["lepton_scale", "lepton_resolution", "m_W", "gamma_W", "spin_A3"])
def test_shifts_are_linear(light: Shapes, kind: str) -> None:
    measured = measurement(ATLAS, "mu", full())
    (nuisance,) = [n for n in measured.nuisances if n.kind == kind]
    inputs = nominal_inputs(measured)
    opposite: Nuisance = nuisance.model_copy(update={"size": -nuisance.size})
    moved = varied_inputs(inputs, opposite)[0]
    down = lepton_template(moved.tables, 0.0, moved.selection)
    change = 4100.0 * down.replicas[0] - light.replicas[0]
    # The finest integration; what is left out is of second order, the largest for 5% of the resolution.
    assert np.abs(change + light.shifts[kind]).max() < 0.06 * np.abs(light.shifts[kind]).max()


def test_scale_and_mass_move_the_edge_alike(light: Shapes) -> None:
    # pT is proportional to the mass: shifts of both by the same fraction move the spectrum alike, but for the rate
    # and for the W pT, which the mass does not scale.
    sizes = {n.kind: n.size for n in measurement(ATLAS, "mu", full()).nuisances}
    of_scale = light.shifts["lepton_scale"] / sizes["lepton_scale"]
    of_mass = light.shifts["m_W"] / (sizes["m_W"] / 80.3692)
    basis = np.stack([of_scale, light.replicas[0]])
    (same, rate), *_ = np.linalg.lstsq(basis.T, of_mass, rcond=None)
    assert same == pytest.approx(1.0, abs=0.03)
    # The cross section grows as m_W^3 times a luminosity that falls as m_W^-0.4.
    assert rate == pytest.approx(2.6, abs=0.2)
    assert np.abs(of_mass - same * of_scale - rate * basis[1]).max() < 0.05 * np.abs(of_mass).max()


def test_efficiency_slope_is_a_factor(light: Shapes) -> None:
    centres = np.linspace(30.25, 49.75, 40)
    size = next(n.size for n in ATLAS.nuisances if n.kind == "efficiency_slope")
    ratio = light.shifts["efficiency_slope"] / light.replicas[0]
    # True and measured pT differ by the resolution: on the falling side the true one is lower.
    np.testing.assert_allclose(ratio, size * (centres - 40.0) / 10.0, atol=0.15 * size)


def test_a_floating_mass_weakens_the_reach_and_is_shifted() -> None:
    grid = [15.0, 30.0, 45.0, 100.0]
    curve = project(ATLAS, "mu", grid, systematics="full", selection="paper", float_mw=True)
    for point in curve.points():
        assert point["loss"] >= 1.0 - 1e-6
        assert point["m_W_uncertainty_MeV"] > 0.0
    # A light nu4 lowers the edge as a lighter W does.
    assert curve.points()[0]["m_W_bias_MeV"] < 0.0
    assert curve.points()[0]["loss"] > 1.5


def test_kinks() -> None:
    assert kink_GeV("lepton_pt", 30.0, 80.379) == pytest.approx((80.379**2 - 900.0) / (2.0 * 80.379))
    assert kink_GeV("transverse_mass", 30.0, 80.379) == pytest.approx((80.379**2 - 900.0) / 80.379)
    assert kink_GeV("lepton_pt", 90.0, 80.379) is None


def test_a_lower_threshold_extends_the_reach() -> None:
    scan = project("atlas-2011", "mu", [46.0], scan_window=[20.0, 30.0]).to_dict()
    low, high = (curve["curve"][0]["Umu4_sq"] for curve in scan["window_scan"])
    # The kink of 46 GeV, at 27 GeV, lies between the two.
    assert high > 3.0 * low


def test_common_nuisances_cancel_between_flavours(flavours: list[Expectation]) -> None:
    counts = np.concatenate([flavours[0].values(0.0), flavours[1].values(0.005)])
    found = fit_flavours(flavours, counts, n_points=8)
    electron, muon = found.limits
    assert (electron.best_fit, muon.best_fit) == pytest.approx((0.0, 0.005), abs=1e-5)
    assert found.correlation is not None
    assert found.correlation > 0.5
    alone = fit(Likelihood(flavours[1].model(), flavours[1].values(0.005)))
    assert muon.uncertainty <= alone.uncertainties["Umu4_sq"]
    assert muon.other_zero.observed is not None
    assert muon.profiled is not None
    assert muon.profiled.observed is not None
    assert muon.other_zero.observed < muon.profiled.observed
    assert {"w_pt_isr-alphas", "lepton_scale_e", "lepton_scale_mu", "luminosity"} <= set(found.pulls)


def test_contour_is_where_the_profile_reaches_its_height(flavours: list[Expectation]) -> None:
    counts = np.concatenate([one.values(0.0) for one in flavours])
    found = fit_flavours(flavours, counts, n_points=8).contour
    assert found is not None
    likelihood = Likelihood(joint_model(flavours, "Ue4_sq"), counts)
    best = fit(likelihood).minimum.value
    for x, y in zip(found.x, found.y, strict=True):
        held = fit(likelihood, fixed={"Ue4_sq": float(x), "Umu4_sq": float(y)}).minimum.value
        assert 2.0 * (held - best) == pytest.approx(found.threshold, rel=5e-3)


def test_a_free_normalisation_leaves_the_ratio() -> None:
    heavy = [expectation(measurement(ATLAS, flavour, full()), 100.0) for flavour in ("e", "mu")]
    counts = np.concatenate([one.values(0.0) for one in heavy])
    found = fit_flavours(heavy, counts, free_normalisation=True, n_points=4)
    # Above the W mass only a difference of the flavours is seen.
    assert found.contour is None
    assert found.reason is not None
    sizes = [next(n.size for n in ATLAS.nuisances_of(f) if n.kind == "lepton_efficiency") for f in ("e", "mu")]
    for one in found.limits:
        assert one.other_zero.observed == pytest.approx(1.645 * np.hypot(*sizes), rel=0.05)

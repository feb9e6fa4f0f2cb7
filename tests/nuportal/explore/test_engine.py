"""The engine of the explorer in a browser, against the package that made its tables."""

from __future__ import annotations

import numpy as np
import pytest

import nuportal
from collider.experiments.analysis_options import AnalysisOptions
from collider.experiments.measurement import measurement
from collider.experiments.response import load_experiment as load_collider
from collider.inference.likelihood import expectation
from mesons.experiments.cards import load_experiment as load_meson
from mesons.inference.templates import templates_of
from nucore.model.parameters import PortalParameters
from nuportal.api.model import quantities
from nuportal.explorer.engine import engine_source
from nuportal.explorer.tables import explorer_tables
from nuportal.figures import coupling
from nuportal.figures.mixing import figure_2
from nuportal.verdicts.judgement import VerdictOptions, judge

#: Largest relative difference of a prediction, limit, margin, derived number or curve.
TOLERANCE = 0.01
N_POINTS, SEED = 200, 20260726


@pytest.fixture(scope="module")
def tables():
    return explorer_tables()


@pytest.fixture(scope="module")
def engine(browser, tables):
    """Calls of a function of the engine with lists of arguments."""
    page = browser.new_page()
    page.add_script_tag(content=engine_source())
    page.evaluate("(tables) => { window.engine = NuportalEngine.create(tables); }", tables)

    def call(function, calls):
        return page.evaluate("([name, calls]) => calls.map((given) => engine[name](...given))", [function, calls])

    yield call
    page.close()


def _random_points():
    """Points over the whole plane, each with its options."""
    rng = np.random.default_rng(SEED)

    def log_uniform(low, high):
        return np.exp(rng.uniform(np.log(low), np.log(high), N_POINTS)).tolist()

    m_chi, ratio, m4 = log_uniform(1e-3, 300.0), log_uniform(1.1, 30.0), log_uniform(1e-2, 1e3)
    yL, U_sq = log_uniform(0.01, 4.0 * np.pi), log_uniform(1e-10, 0.5)
    flavour = rng.choice(["e", "mu", "tau"], N_POINTS).tolist()
    inputs, convention = (rng.choice(names, N_POINTS).tolist() for names in (["2017", "latest"], ["paper", "refined"]))
    points = [
        {"flavour": f, "m_chi": m, "m_phi": m * r, "m4": heavy, "yL": y, "U_sq": u}
        for f, m, r, heavy, y, u in zip(flavour, m_chi, ratio, m4, yL, U_sq, strict=True)
    ]
    # the chi-phi loop makes the light neutrinos miss more than all of a flavour
    points[:3] = [
        {"flavour": f, "m_chi": 0.02, "m_phi": 1.0, "m4": 20.0, "yL": 12.566, "U_sq": 0.6} for f in ("e", "mu", "tau")
    ]
    options = [{"inputs": i, "convention": c} for i, c in zip(inputs, convention, strict=True)]
    return list(zip(points, options, strict=True))


def _parameters(point):
    mixing = {f"U{point['flavour']}4": np.sqrt(point["U_sq"])}
    return PortalParameters(**{name: point[name] for name in ("m_chi", "m_phi", "m4", "yL")}, **mixing)


@pytest.fixture(scope="module")
def verdicts(engine):
    """Points with their options, what the engine says, and what the package says: (judgement, number in it)."""
    points = _random_points()
    found = engine("evaluate", [list(pair) for pair in points])
    judged = [None] * N_POINTS
    for options in ({"inputs": i, "convention": c} for i in ("2017", "latest") for c in ("paper", "refined")):
        chosen = [k for k, pair in enumerate(points) if pair[1] == options]
        parameters = [_parameters(points[k][0]) for k in chosen]
        whole = judge(parameters, VerdictOptions(**options), exact=True)
        for number, k in enumerate(chosen):
            judged[k] = whole, number
    return list(zip(points, found, judged, strict=True))


def _close(found, expected):
    return found == pytest.approx(expected, rel=TOLERANCE)


def test_every_constraint_is_that_of_check(verdicts):
    for pair, found, (judged, k) in verdicts:
        assert found["valid"], pair
        assert {one["id"] for one in found["constraints"]} == set(judged.comparisons)
        for one in found["constraints"]:
            expected, about = judged.comparisons[one["id"]], (one["id"], *pair)
            margin = expected.margin[k]
            assert one["applies"] == (not np.isnan(margin)), about
            assert one["observable"] in (list(expected.observables), *expected.observables), about
            assert one["sense"] == expected.sense
            assert one["confidence_level"] == judged.confidence_levels.get(one["id"])
            assert one["reason"] == (None if one["applies"] else expected.silent(k)), about
            if one["applies"]:
                assert _close(one["margin"], margin), about
            for name in ("prediction", "limit"):
                values = getattr(expected, name)[:, k]
                if np.isfinite(values).all():
                    assert _close(np.ravel(one[name]).tolist(), values.tolist()), (name, *about)
                else:
                    assert one[name] is None, (name, *about)


def test_the_verdict_is_that_of_check(verdicts):
    answers = set()
    for pair, found, (judged, k) in verdicts:
        margins = {name: one.margin[k] for name, one in judged.comparisons.items()}
        if any(abs(margin - 1.0) < TOLERANCE for margin in margins.values()):
            continue
        excluded = sorted((m, name) for name, m in margins.items() if m < 1.0)
        assert set(found["excluded_by"]) == {name for _, name in excluded}, pair
        allowed = None if judged.undecided[k] else not judged.excluded[k]
        assert found["allowed"] is allowed, pair
        assert (found["undecided"] is None) == (allowed is not None), pair
        assert found["joint_delta_chi2"] == pytest.approx(judged.joint_delta_chi2[k], rel=TOLERANCE, abs=1e-6), pair
        answers.add(allowed)
    assert answers == {True, False, None}


def test_constraints_are_sorted_by_margin(verdicts):
    for _, found, _ in verdicts:
        order = [
            (not one["applies"], np.inf if one["margin"] is None else one["margin"]) for one in found["constraints"]
        ]
        assert order == sorted(order)


def test_derived_numbers_are_those_of_model(verdicts):
    for pair, found, (judged, k) in verdicts[::8]:
        one = quantities(judged.points.take(np.arange(judged.points.n) == k), exact=True)
        for name, values in one.items():
            if not name.startswith("lambda_") or name == "lambda_phi_H":
                assert _close(found["derived"][name], values[0]), (name, *pair)
        assert found["derived"]["yukawa"] == pytest.approx(one[f"lambda_{pair[0]['flavour']}"][0])
        assert found["derived"]["dark_matter_share"] == pytest.approx(judged.share[k], rel=TOLERANCE)
        assert _close(found["derived"]["Y_over_thermal"], one["Y"][0] / one["Y_thermal"][0])


def test_names_are_those_of_the_commands(verdicts):
    pair, found, _ = verdicts[0]
    checked = nuportal.check(_parameters(pair[0]), **pair[1]).to_dict()
    assert [one["id"] for one in found["constraints"]][:5] == [one["id"] for one in checked["constraints"]][:5]
    assert set(found["constraints"][0]) == set(checked["constraints"][0])
    model = nuportal.model(_parameters(pair[0])).to_dict()
    assert set(found["derived"]) - set(model) == {"yukawa", "Y_over_thermal", "dark_matter_share"}


def test_nothing_is_greyed_but_the_abundance_outside_its_range(engine, verdicts):
    assert not any(found["greyed"] for _, found, _ in verdicts)
    light = {"flavour": "mu", "m_chi": 5e-4, "m_phi": 2e-3, "m4": 50.0, "yL": 0.1, "U_sq": 1e-9}
    (found,) = engine("evaluate", [[light]])
    assert found["derived"]["relic_abundance_omega_h2"] is None
    assert "0.001 to 10000 GeV" in found["greyed"]["relic_abundance_omega_h2"]
    ignored = nuportal.check(_parameters(light), ignore=tuple(found["excluded_by"]))
    assert ignored.allowed is None


def test_options_change_the_verdict(engine):
    point = {"flavour": "e", "m_chi": 20.0, "m_phi": 60.0, "m4": 300.0, "yL": 3.0, "U_sq": 1e-2}
    elastic, inelastic = engine("evaluate", [[point], [point, {"inelastic": True}]])
    recoil = {one["id"]: one for one in inelastic["constraints"]}["lz-2024"]
    assert not recoil["applies"]
    assert recoil["reason"] == "chi is split in mass"
    assert {one["id"]: one for one in elastic["constraints"]}["lz-2024"]["applies"]
    light = point | {"m_chi": 0.027, "m_phi": 0.081, "m4": 10.0, "yL": 0.5}
    for halo in ("gnfw", "burkert"):
        (found,) = engine("evaluate", [[light, {"halo": halo}]])
        expected = {one.id: one for one in nuportal.check(_parameters(light), halo=halo).constraints}["sk-iv-2021-line"]
        here = {one["id"]: one for one in found["constraints"]}["sk-iv-2021-line"]
        assert _close(here["limit"], expected.limit)


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"m_phi": 0.01}, "m_phi"), ({"U_sq": 1.0}, "below 1"), ({"m4": 1e7}, "table"), ({"yL": -1.0}, "yL")],
)
def test_points_that_are_not_allowed_say_why(engine, change, reason):
    point = {"flavour": "mu", "m_chi": 0.02, "m_phi": 0.06, "m4": 10.0, "yL": 1.0, "U_sq": 1e-4} | change
    (found,) = engine("evaluate", [[point]])
    assert not found["valid"]
    assert reason in found["reason"]
    assert found["allowed"] is None


def _at(curve, masses):
    """Log-log interpolation of a curve of the engine; NaN outside and beside points without a value."""
    x, y = (np.array(curve[name], dtype=np.float64) for name in ("x", "y"))  # None becomes NaN
    found = np.exp(np.interp(np.log(masses), np.log(x), np.log(y)))
    return np.where((masses >= x[0] * (1.0 - 1e-9)) & (masses <= x[-1] * (1.0 + 1e-9)), found, np.nan)


def _compare(drawn, panel):
    """Compare with the curves of a figure: all but a few points beside jumps agree."""
    by_id = {curve["id"]: curve for curve in drawn}
    for expected in panel.curves:
        curve = by_id[expected.id]
        if expected.vertical:
            assert curve["x"] == pytest.approx(expected.x, rel=1e-6)
            continue
        found = _at(curve, expected.x)
        both = np.isfinite(found) & np.isfinite(expected.y)
        assert (np.isfinite(found) == np.isfinite(expected.y)).mean() > 0.97, expected.id
        assert both.any(), expected.id
        near = np.abs(found[both] / expected.y[both] - 1.0) < TOLERANCE
        assert near.mean() > 0.99, (expected.id, 1.0 - near.mean())


@pytest.mark.parametrize(
    ("inputs", "convention", "flavour", "size", "m4"),
    [("latest", "refined", "e", "light", "10x"), ("2017", "paper", "tau", "heavy", 400)],
)
def test_curves_of_the_coupling_plane_are_those_of_the_figure(
    engine, monkeypatch, inputs, convention, flavour, size, m4
):
    monkeypatch.setattr(coupling, "RULES", {size: coupling.RULES[size]})
    (panel,) = coupling.figure_1(inputs, convention, (flavour,)).panels
    settings = {"flavour": flavour, "inputs": inputs, "convention": convention, "ratio": 3, "m4": m4, "yL": "4pi"}
    (drawn,) = engine("curves", [["coupling", settings]])
    assert {curve["id"] for curve in drawn} == {curve.id for curve in panel.curves}
    _compare(drawn, panel)


def test_curves_of_the_mixing_plane_are_those_of_the_figure(engine):
    (panel,) = figure_2("latest", "paper", ("tau",)).panels
    settings = {"flavour": "tau", "inputs": "latest", "convention": "paper", "projections": True}
    (drawn,) = engine("curves", [["mixing", settings]])
    assert {curve["id"] for curve in drawn} == {curve.id for curve in panel.curves}
    _compare(drawn, panel)


def test_curves_say_where_they_come_from(engine):
    settings = [{"flavour": flavour, "m4": m4} for flavour in ("e", "mu", "tau") for m4 in ("10x", "20x")]
    planes = engine("curves", [[plane, s] for plane in ("mixing", "coupling") for s in settings])
    known = {"experiment", "year", "confidence_level", "reference", "arxiv", "observed", "verified", "derived_here"}
    for curve in (curve for plane in planes for curve in plane):
        assert known <= set(curve["metadata"]), curve["id"]
        assert len(curve["x"]) == len(curve["y"])
        assert curve["style"] in {"limit", "projection", "target", "vertical", "reach", "envelope"}
    for plane in planes:
        assert len({curve["id"] for curve in plane}) == len(plane)
    by_id = {curve["id"]: curve for curve in planes[2]}
    assert by_id["e949-2015-mu"]["metadata"]["arxiv"] == "1411.3963"
    kaons = {curve["id"]: curve for curve in planes[9]}["e949-spectrum"]  # mu, m4 = 20 m_chi
    assert kaons["x"] == []
    assert "m_phi/m_chi = 3" in kaons["metadata"]["reason"]


def test_projections_can_be_left_out(engine):
    with_, without = engine("curves", [["mixing", {"projections": p}] for p in (True, False)])
    assert {c["style"] for c in with_} - {c["style"] for c in without} == {"projection", "reach"}


def test_the_strongest_limit_is_that_of_limits(engine):
    (found,) = engine("strongest", [[{"flavour": "mu", "inputs": "latest"}, 0.25]])
    expected = next(one for one in nuportal.limits(0.25, "mu", inputs="latest").limits if one.applies_to_invisible)
    assert found["id"] == expected.id
    assert _close(found["value"], expected.value)


@pytest.mark.parametrize("m4", [3.7, 27.7, 41.3, 66.6])
def test_lepton_pt_is_that_of_the_templates(engine, m4):
    measured = measurement(load_collider("atlas-2011"), "mu", AnalysisOptions(systematics="paper"))
    templates, U_sq = expectation(measured, m4), 0.03
    point = {"flavour": "mu", "m_chi": 1.0, "m_phi": 2.0, "m4": m4, "yL": 1.0, "U_sq": U_sq}
    (found,) = engine("spectrum", [["lepton_pt", point]])
    assert found["x"] == list(measured.axes[0].edges)
    signal = U_sq * templates.nu4.values
    np.testing.assert_allclose(found["signal"], signal, rtol=1e-3, atol=1e-3 * signal.max())
    np.testing.assert_allclose(found["standard_model"], templates.standard_model, rtol=1e-5)
    np.testing.assert_allclose(found["total"], templates.values(U_sq), rtol=1e-4)
    assert found["mark"] == pytest.approx(0.5 * (80.3625**2 - m4**2) / 80.3625, rel=1e-3)


@pytest.mark.parametrize(
    ("m_chi", "m_phi", "m4"),
    [(0.01, 0.03, 400.0), (0.01, 0.03, 0.22), (0.005, 0.015, 0.05), (0.03, 0.07, 0.25), (0.004, 0.1, 0.3)],
)
def test_muon_momentum_is_that_of_the_experiment(engine, m_chi, m_phi, m4):
    templates = templates_of(load_meson("e949"))
    experiment = templates.experiment
    point = {"flavour": "mu", "m_chi": m_chi, "m_phi": m_phi, "m4": m4, "yL": 3.0, "U_sq": 1e-4}
    (found,) = engine("spectrum", [["muon_momentum", point]])
    signal = 1e-4 * templates.counts_per_mixing(_parameters(point), experiment.decays)
    np.testing.assert_allclose(found["x"], experiment.edges)
    np.testing.assert_allclose(found["signal"], signal, rtol=TOLERANCE, atol=1e-3 * signal.max())
    np.testing.assert_allclose(found["standard_model"], templates.background(experiment.decays), rtol=1e-5)


def test_a_spectrum_that_cannot_be_shown_says_why(engine):
    point = {"flavour": "tau", "m_chi": 1.0, "m_phi": 2.0, "m4": 10.0, "yL": 1.0, "U_sq": 1e-3}
    heavy = point | {"flavour": "mu"}
    found = engine("spectrum", [["lepton_pt", point], ["muon_momentum", point], ["muon_momentum", heavy]])
    for one in found:
        assert one["x"] == []
        assert one["reason"]


def test_the_shipped_reach_is_that_of_project(tables):
    rules = {rule["m4"]: rule["curves"] for rule in tables["kaon_reach"]}
    for m4, curves in rules.items():
        shipped = next(curve for curve in curves if curve["id"] == "e949-spectrum")
        k = len(shipped["x"]) // 2
        found = nuportal.project("e949", grid=(shipped["x"][k],), m4=m4, ratio=3.0).to_dict()["curve"][0]["Y"]
        assert found == pytest.approx(shipped["y"][k], rel=1e-3)


def test_an_evaluation_is_fast(browser, engine):
    """Generous: 1 ms on an idle machine."""
    point = {"flavour": "mu", "m_chi": 20.0, "m_phi": 30.0, "m4": 40.0, "yL": 1.0, "U_sq": 1e-3}
    engine("evaluate", [[point]] * 20)
    page = browser.contexts[-1].pages[-1]
    script = """(point) => {
      const start = performance.now();
      for (let i = 0; i < 20; i++) engine.evaluate(point);
      return (performance.now() - start) / 20;
    }"""
    assert page.evaluate(script, point) < 50.0

"""Exported workspaces against pyhf itself: likelihood, best fit, uncertainties and limits."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from nucore.errors import InputError
from nucore.export.exponentials import exponential_coefficients
from nucore.export.pyhf_reader import read_pyhf_workspace
from nucore.export.pyhf_writer import pyhf_workspace
from nucore.io.readers import is_workspace
from nucore.stats import (
    HistoSys,
    Likelihood,
    LimitChoice,
    LinearNorm,
    LogLinearShape,
    Model,
    NormFactor,
    NormSys,
    Sample,
    StatError,
    fit,
    upper_limit,
)
from nucore.stats.modifiers import BinFactor
from nucore.stats.toys import draw

pytestmark = pytest.mark.filterwarnings("ignore")


def _model_with(n_nuisances: int) -> tuple[Model, np.ndarray]:
    """Random model with 1-10 nuisances of all kinds, asymmetric ones too, and negative signal bins."""
    rng = np.random.default_rng(1000 + n_nuisances)
    n_bins = int(rng.integers(6, 15))
    x = np.linspace(0.0, 1.0, n_bins)
    light = rng.uniform(300.0, 4000.0) * np.exp(-rng.uniform(0.5, 2.0) * x)
    difference = light * (np.exp(-((x - rng.uniform(0.3, 0.7)) ** 2) / 0.05) - 0.4)
    own: list[Any] = [LinearNorm("linear", float(rng.uniform(0.01, 0.05)))]
    shared: list[Any] = []
    for k in range(n_nuisances - 1):
        if k % 3 == 0:
            shared.append(NormSys(f"norm{k}", 1 - rng.uniform(0.01, 0.08), 1 + rng.uniform(0.01, 0.08)))
        elif k % 3 == 1:
            tilt = rng.uniform(0.01, 0.05) * np.sin((k + 1) * 2.0 * x + rng.uniform(0, 6))
            own.append(HistoSys(f"shape{k}", light * (1 - tilt), light * (1 + rng.uniform(0.5, 1.5) * tilt)))
        else:
            shared.append(NormSys(f"norm{k - 1}b", 0.97, 1.02))
    samples = [
        Sample("light", light, [*own, *shared]),
        Sample("difference", difference, [NormFactor("u"), *shared]),
    ]
    model = Model(samples, "u", (0.0, 1.0))
    return model, rng.poisson(model.expected({"u": 0.05}))


def _pyhf(likelihood: Likelihood, measurement: str | None = None) -> tuple[Any, Any]:
    import pyhf

    content = json.loads(json.dumps(pyhf_workspace(likelihood)))
    pyhf.schema.validate(content, "workspace.json")
    workspace = pyhf.Workspace(content)
    model = workspace.model(measurement_name=measurement)
    return model, workspace.data(model)


def _same_likelihood(likelihood: Likelihood, model: Any, data: Any, seed: int) -> None:
    """Differences of both likelihoods between random points near the best fit."""
    import pyhf

    best, rng = fit(likelihood), np.random.default_rng(seed)
    names = likelihood.model.names
    offsets = []
    for _ in range(6):
        point = {
            n: best.best_fit[n] + 0.7 * rng.normal() * np.nan_to_num(best.uncertainties[n], nan=1.0) for n in names
        }
        point[likelihood.model.poi] = abs(point[likelihood.model.poi])
        theirs = pyhf.infer.mle.twice_nll([point[n] for n in model.config.par_names], data, model)
        offsets.append(0.5 * float(np.asarray(theirs).item()) - likelihood.value(likelihood.model.vector(point)))
    # rounding of sums of 1e4 in log-factorials
    np.testing.assert_allclose(offsets, offsets[0], atol=1e-8)


@pytest.fixture(autouse=True)
def _minimiser() -> None:
    """pyhf with Minuit as it comes."""
    import pyhf

    pyhf.set_backend("numpy", pyhf.optimize.minuit_optimizer())


@pytest.mark.parametrize("n_nuisances", range(1, 11))
def test_fits_and_limits_equal_pyhf(n_nuisances: int) -> None:
    import pyhf

    model, counts = _model_with(n_nuisances)
    likelihood = Likelihood(model, counts)
    theirs, data = _pyhf(likelihood, "unbounded")
    fitted = np.asarray(pyhf.infer.mle.fit(data, theirs, return_uncertainties=True))
    ours = fit(likelihood)
    for k, name in enumerate(theirs.config.par_names):
        # Minuit stops at an estimated distance of 2e-4, that is 2e-2 standard deviations
        assert ours.best_fit[name] == pytest.approx(fitted[k, 0], abs=2e-2 * ours.uncertainties[name])
    poi = theirs.config.poi_index
    assert ours.best_fit["u"] == pytest.approx(fitted[poi, 0], abs=2e-3 * ours.uncertainties["u"])
    # HESSE by finite differences: 5e-4 for the parameter of interest, per cents for correlated nuisances
    assert ours.uncertainties["u"] == pytest.approx(fitted[poi, 1], rel=1e-3)
    _same_likelihood(likelihood, theirs, data, n_nuisances)

    physical, data = _pyhf(likelihood, "physical")
    for level in (0.10, 0.05):
        limit = upper_limit(likelihood, LimitChoice(1.0 - level))
        for value, expected in ((limit.observed, False), (limit.expected, True)):
            # CLs falls faster than the value: 1e-2 in CLs is less than 1e-2 in the limit
            found = pyhf.infer.hypotest(value, data, physical, return_expected=True)
            assert float(found[int(expected)]) == pytest.approx(level, rel=1e-2)


def test_limit_equals_a_scan_with_the_default_minimiser() -> None:
    import pyhf

    pyhf.set_backend("numpy", pyhf.optimize.minuit_optimizer())
    likelihood = Likelihood(*_model_with(4))
    model, data = _pyhf(likelihood)
    for level in (0.10, 0.05):
        ours = upper_limit(likelihood, LimitChoice(1.0 - level)).observed
        assert ours is not None
        scan = np.linspace(0.9, 1.1, 5) * ours
        theirs, _ = pyhf.infer.intervals.upper_limits.upper_limit(data, model, scan=scan, level=level)
        # linear interpolation over 5%, and minimiser tolerance
        assert ours == pytest.approx(float(theirs), rel=1e-2)


@pytest.mark.parametrize("seed", [0, 3, 6])
def test_staterror_survives(seed: int, random_model: Callable[[int], Any]) -> None:
    reference = random_model(seed)
    likelihood = Likelihood(reference.model, reference.counts)
    _same_likelihood(likelihood, *_pyhf(likelihood, "unbounded"), seed)


def test_shared_staterror_and_merged_modifiers() -> None:
    relative = np.array([0.05, 0.0, 0.1])
    error = StatError("mc", relative)
    a, b, s = np.array([50.0, 40.0, 30.0]), np.array([20.0, 10.0, 5.0]), np.array([-3.0, 2.0, 6.0])
    twice = [NormSys("n", 0.9, 1.1), NormSys("n", 0.95, 1.04), LinearNorm("l", 0.03), HistoSys("l", a * 0.9, a * 1.2)]
    model = Model([Sample("a", a, [*twice, error]), Sample("b", b, [error]), Sample("s", s, [NormFactor("u")])], "u")
    likelihood = Likelihood(model, [75.0, 48.0, 40.0])
    workspace, data = _pyhf(likelihood, "unbounded")
    fixed = [n for n, held in zip(workspace.config.par_names, workspace.config.suggested_fixed(), strict=True) if held]
    assert fixed == ["mc[1]"]  # no uncertainty there: pyhf keeps it at 1
    import pyhf

    theirs = dict(zip(workspace.config.par_names, np.asarray(pyhf.infer.mle.fit(data, workspace)), strict=True))
    ours = fit(likelihood)
    for name in model.names:  # Minuit stops at 2e-2 standard deviations
        assert ours.best_fit[name] == pytest.approx(theirs[name], abs=2e-2 * ours.uncertainties[name])


def _power_law(size: float) -> Likelihood:
    p = np.linspace(0.131, 0.199, 18)
    signal = 0.4 * size * np.exp(-0.5 * ((p - 0.165) / 0.004) ** 2)
    shape = LogLinearShape.log_polynomial("c", p, 1, reference=0.165)
    background = size * (p / 0.165) ** 3
    model = Model([Sample("b", background, [shape]), Sample("s", signal, [NormFactor("u")])], "u")
    return Likelihood(model, np.random.default_rng(5).poisson(background + 0.1 * signal))


@pytest.mark.parametrize("size", [20.0, 900.0])
def test_power_law_is_exported_exactly(size: float) -> None:
    likelihood = _power_law(size)
    import pyhf

    theirs, data = _pyhf(likelihood, "unbounded")
    fitted = np.asarray(pyhf.infer.mle.fit(data, theirs, return_uncertainties=True))
    ours, poi = fit(likelihood), theirs.config.poi_index
    assert ours.best_fit["u"] == pytest.approx(fitted[poi, 0], abs=1e-3 * ours.uncertainties["u"])
    assert ours.uncertainties["u"] == pytest.approx(fitted[poi, 1], rel=1e-3)
    # coefficients are 2 at the best fit
    names = theirs.config.par_names
    assert fitted[names.index("c0"), 0] == pytest.approx(2.0, abs=1e-5)
    physical, data = _pyhf(likelihood, "physical")
    limit = upper_limit(likelihood)
    assert float(pyhf.infer.hypotest(limit.observed, data, physical)) == pytest.approx(0.1, rel=1e-2)
    back = read_pyhf_workspace(pyhf_workspace(likelihood)).likelihood
    assert upper_limit(back).observed == pytest.approx(limit.observed, rel=1e-3)


def test_coefficients_of_a_workspace_are_free_as_those_it_was_made_of() -> None:
    likelihood = _power_law(900.0)
    workspace = pyhf_workspace(likelihood)
    back, ours = read_pyhf_workspace(workspace).likelihood, fit(likelihood)
    again = fit(back)
    assert ours.degrees_of_freedom == likelihood.model.n_bins - 3  # u, c0, c1
    assert again.degrees_of_freedom == ours.degrees_of_freedom
    assert again.p_value == pytest.approx(ours.p_value, rel=1e-6)
    assert again.pulls == again.constraints == {}
    # before the fit they lie at the best one, not where nothing is expected
    background = likelihood.model.expected({**ours.best_fit, "u": 0.0})
    np.testing.assert_allclose(back.model.expected(back.before_fit()), background, rtol=1e-6)
    toy = draw(back.model, back.before_fit(), background, np.random.default_rng(1))
    np.testing.assert_array_equal(toy.auxiliary, [2.0, 2.0])
    # a normsys of many bins with the same auxiliary measurement is a measurement
    sample = workspace["channels"][0]["samples"][0]
    sample["data"] = [1.0] * len(sample["data"])
    other = read_pyhf_workspace(workspace).likelihood
    assert other.model.measured.all()
    assert len(fit(other).pulls) == 2


def test_auxiliary_measurements_and_lumi() -> None:
    light = np.array([500.0, 400.0, 300.0])
    lumi = NormFactor("lumi", 1.0, (0.5, 1.5), 0.02)
    samples = [
        Sample("b", light, [lumi, NormSys("n", 0.9, 1.1), StatError("mc", [0.02, 0.0, 0.03])]),
        Sample("s", light / 20.0 * [1.0, 2.0, 3.0], [NormFactor("u"), lumi]),
    ]
    model = Model(samples, "u")
    auxiliary = dict(zip(model.names[1:], (1.0, 0.0, 1.0, 1.0), strict=True)) | {"n": 0.6, "lumi": 1.01, "mc[2]": 1.02}
    observation = model.observation([505.0, 430.0, 330.0], [auxiliary[model.names[k]] for k in model.constrained])
    likelihood = Likelihood(model, observation)
    theirs, data = _pyhf(likelihood, "unbounded")
    import pyhf

    found = dict(zip(theirs.config.par_names, np.asarray(pyhf.infer.mle.fit(data, theirs)), strict=True))
    ours = fit(likelihood)
    for name in model.names:
        assert ours.best_fit[name] == pytest.approx(found[name], abs=2e-2 * ours.uncertainties[name])
    back = read_pyhf_workspace(pyhf_workspace(likelihood), "unbounded").likelihood
    assert fit(back).best_fit == pytest.approx(ours.best_fit, abs=1e-6)


def test_what_histfactory_cannot_hold_is_refused() -> None:
    signal = Sample("s", [1.0, 2.0], [NormFactor("u")])
    bins = Sample("b", [5.0, 6.0], [BinFactor("f", [0, 1])])
    with pytest.raises(InputError, match="BinFactor has no HistFactory equivalent"):
        pyhf_workspace(Likelihood(Model([bins, signal], "u"), [5, 6]))
    constrained = Sample("b", [5.0, 6.0], [NormFactor("rate", 1.0, width=0.1)])
    with pytest.raises(InputError, match="only one called lumi"):
        pyhf_workspace(Likelihood(Model([constrained, signal], "u"), [5, 6]))
    twins = Model([Sample("b", [5.0, 6.0]), Sample("b", [1.0, 1.0]), signal], "u")
    with pytest.raises(InputError, match="a name of its own"):
        pyhf_workspace(Likelihood(twins, [5, 6]))
    empty = Model([Sample("b", [5.0, 0.0], [StatError("mc", [0.1, 0.1])]), signal], "u")
    with pytest.raises(InputError, match="without expected events"):
        pyhf_workspace(Likelihood(empty, [5, 6]))


# -- workspaces of others --------------------------------------------------------------------------------------------


def _foreign() -> dict[str, Any]:
    """Two channels with every modifier type of pyhf."""

    def data(kind: str, name: str, content: Any = None) -> dict[str, Any]:
        return {"type": kind, "name": name, "data": content}

    signal = [8.0, 12.0, 5.0]
    one = [
        {
            "name": "signal",
            "data": signal,
            "modifiers": [data("normfactor", "mu"), data("lumi", "lumi"), data("staterror", "mc1", [0.5, 0.6, 0.4])],
        },
        {
            "name": "bkg",
            "data": [50.0, 60.0, 0.0],
            "modifiers": [
                data("shapesys", "uncorrelated", [5.0, 7.0, 1.0]),
                data("normsys", "scale", {"lo": 0.9, "hi": 1.15}),
                data("lumi", "lumi"),
            ],
        },
        {
            "name": "tail",
            "data": [5.0, 8.0, 20.0],
            "modifiers": [
                data("histosys", "shape", {"lo_data": [4.0, 8.5, 19.0], "hi_data": [6.5, 7.8, 22.0]}),
                data("staterror", "mc1", [0.8, 1.0, 2.0]),
                data("normfactor", "held"),
            ],
        },
    ]
    two = [
        {"name": "signal", "data": [0.5, 1.0], "modifiers": [data("normfactor", "mu"), data("lumi", "lumi")]},
        {
            "name": "bkg",
            "data": [100.0, 90.0],
            "modifiers": [data("shapefactor", "free"), data("normsys", "scale", {"lo": 0.95, "hi": 1.02})],
        },
    ]
    parameters = [
        {"name": "lumi", "auxdata": [1.0], "sigmas": [0.03], "bounds": [[0.5, 1.5]], "inits": [1.0]},
        {"name": "mu", "bounds": [[0.0, 8.0]], "inits": [1.0]},
        {"name": "held", "fixed": True, "inits": [1.2]},
    ]
    return {
        "channels": [{"name": "one", "samples": one}, {"name": "two", "samples": two}],
        "observations": [{"name": "one", "data": [62.0, 85.0, 33.0]}, {"name": "two", "data": [97.0, 99.0]}],
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": parameters}}],
        "version": "1.0.0",
    }


def test_a_foreign_workspace_equals_pyhf() -> None:
    import pyhf

    content = _foreign()
    workspace = pyhf.Workspace(content)
    model = workspace.model()
    data = workspace.data(model)
    read = read_pyhf_workspace(content)
    assert read.spectrum.values.tolist() == [62.0, 85.0, 33.0, 97.0, 99.0]
    theirs = dict(
        zip(model.config.par_names, np.asarray(pyhf.infer.mle.fit(data, model, return_uncertainties=True)), strict=True)
    )
    ours = fit(read.likelihood)
    assert {"uncorrelated[0]", "uncorrelated[1]", "free[0]", "mc1[2]", "lumi"} <= set(ours.best_fit)
    for name, value in ours.best_fit.items():
        assert value == pytest.approx(theirs[name][0], abs=2e-2 * ours.uncertainties[name]), name
    # Minuit transforms a bounded parameter; 1.5 standard deviations from its bound that changes HESSE by a per cent
    assert ours.uncertainties["mu"] == pytest.approx(theirs["mu"][1], rel=2e-2)
    for level in (0.1, 0.05):
        limit = upper_limit(read.likelihood, LimitChoice(1.0 - level))
        observed = pyhf.infer.hypotest(limit.observed, data, model)
        expected = pyhf.infer.hypotest(limit.expected, data, model, return_expected=True)[1]
        assert [float(observed), float(expected)] == pytest.approx([level, level], rel=1e-2)


def test_poi_without_settings_has_no_upper_bound() -> None:
    content = _foreign()
    content["measurements"][0]["config"]["parameters"] = content["measurements"][0]["config"]["parameters"][:1]
    assert read_pyhf_workspace(content).likelihood.model.poi_bounds == (0.0, np.inf)


def _broken(**changes: Any) -> dict[str, Any]:
    return {**_foreign(), **changes}


def _with_setting(**setting: Any) -> dict[str, Any]:
    content = _foreign()
    content["measurements"][0]["config"]["parameters"].append(setting)
    return content


def _with_modifier(modifier: dict[str, Any]) -> dict[str, Any]:
    content = _foreign()
    content["channels"][0]["samples"][1]["modifiers"].append(modifier)
    return content


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"channels": []}, "not a pyhf workspace"),
        (_broken(measurements=[]), "no measurement"),
        (_broken(observations=[{"name": "one", "data": [1, 2, 3]}]), "no observation for channel 'two'"),
        (_broken(observations=[{"name": n, "data": [1]} for n in ("one", "two")]), "3 bins, its observation 1"),
        (_broken(channels=[{"name": "one"}]), "not a valid pyhf workspace: KeyError"),
        (_broken(channels="text"), "not a valid pyhf workspace"),
        (_with_setting(name="scale", sigmas=[2.0]), "'scale' \\(normsys\\): it has no sigmas"),
        (_with_setting(name="free", auxdata=[1.0, 1.0]), "it has no auxdata"),
        (_with_setting(name="mu", fixed=True), "'mu' is set twice"),
        (_with_setting(name="free", inits=[1.0]), "expected 2 finite numbers as inits in the measurement, got 1"),
        (_with_setting(name="free", bounds=[[-1.0, 2.0]] * 2), "factors of single bins are not negative"),
        (_with_setting(name="scale", bounds=[[2.0, 1.0]]), r"expected 1 bounds \[low, high\]"),
        (_with_setting(name="free", fixed=[True]), "expected fixed to be true or false, or 2 of them"),
        (_with_modifier({"type": "spline", "name": "x", "data": None}), "spline"),
        (_with_modifier({"type": "shapesys", "name": "x", "data": [1.0]}), "has 1 bins; its channel has 3"),
        (_with_modifier({"type": "normsys", "name": "scale", "data": {"lo": 0.9, "hi": 1.1}}), "'scale' twice"),
        (_with_modifier({"type": "shapesys", "name": "uncorrelated", "data": [1.0] * 3}), "'uncorrelated' twice"),
        (_with_modifier({"type": "normfactor", "name": "free", "data": None}), "of types normfactor and shapefactor"),
        (_with_setting(name="uncorrelated", auxdata=[1.0, 2.0]), "expected 3 finite numbers as auxdata"),
    ],
)
def test_bad_workspaces_are_one_line(content: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        read_pyhf_workspace(content)
    assert "\n" not in str(error.value)


def test_measurements_by_name_and_fixed_parameters() -> None:
    content = _foreign()
    more = {"name": "scale", "fixed": True}
    second = {
        "name": "fixed",
        "config": {"poi": "mu", "parameters": [*content["measurements"][0]["config"]["parameters"], more]},
    }
    content["measurements"].append(second)
    assert "scale" in read_pyhf_workspace(content).likelihood.model.names
    assert "scale" not in read_pyhf_workspace(content, "fixed").likelihood.model.names
    with pytest.raises(InputError, match="no measurement 'other'; it has: m, fixed"):
        read_pyhf_workspace(content, "other")
    assert is_workspace(content)
    assert not is_workspace([1])


@pytest.mark.parametrize(
    ("samples", "ours"), [([[50.0], [80.0], [20.0]], False), ([[5.0, 0.0], [0.0, 3.0]], True), ([[5.0, 0.0]], False)]
)
def test_normsys_centred_at_two_is_ours_only_where_it_shapes_bins(samples, ours):
    """One bin a channel with a common log-normal uncertainty is anybody's counting experiment."""
    modifiers = [{"name": "c", "type": "normsys", "data": {"lo": 0.8, "hi": 1.25}}]
    channels = [{"samples": [{"data": data, "modifiers": modifiers}]} for data in samples]
    found = exponential_coefficients({"channels": channels}, {"c": SimpleNamespace(kind="normsys", auxdata=[2.0])})
    assert found == ({"c"} if ours else set())

"""Settings of measurements, and workspaces without background, without a signal or without a solution."""

from __future__ import annotations

import copy
import json
from typing import Any

import numpy as np
import pytest

from nucore.errors import InputError
from nucore.export.pyhf_reader import read_pyhf_workspace
from nucore.reports.fit_report import FitReport
from nucore.stats import LimitChoice, fit
from nucore.stats.global_minimum import ImpossibleDataError
from nucore.stats.test_statistics import ProfileLikelihood

pytestmark = pytest.mark.filterwarnings("ignore")


def _modifier(kind: str, name: str, data: Any = None) -> dict[str, Any]:
    return {"type": kind, "name": name, "data": data}


MU = _modifier("normfactor", "mu")


def _workspace(samples: dict[str, tuple[list[float], list[Any]]], data: list[float], *parameters: Any) -> Any:
    rows = [{"name": n, "data": values, "modifiers": modifiers} for n, (values, modifiers) in samples.items()]
    return {
        "channels": [{"name": "SR", "samples": rows}],
        "observations": [{"name": "SR", "data": data}],
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": list(parameters)}}],
        "version": "1.0.0",
    }


def _report(content: Any) -> FitReport:
    return read_pyhf_workspace(content).report(LimitChoice())


def _fixed_shape(kind: str, data: Any) -> Any:
    """Background with factors of its bins fixed at 1.3 and 1.5."""
    samples = {"sig": ([10.0, 5.0], [MU]), "bkg": ([50.0, 50.0], [_modifier(kind, "f", data)])}
    return _workspace(samples, [75, 80], {"name": "f", "inits": [1.3, 1.5], "fixed": True})


SIGNAL_ONLY = _workspace(
    {"sig": ([51.8], [_modifier("staterror", "st", [2.6]), MU])}, [475], {"name": "st", "fixed": True, "inits": [1.1]}
)
EMPTY_BIN = _workspace({"sig": ([3.0, 2.0], [MU]), "bkg": ([10.0, 0.0], [])}, [10, 0])
_EMPTY_BINS = ([12.0, 0.0, 4.0, 0.0], [1.5, 0.0, 0.9, 0.0], _modifier("normsys", "n", {"hi": 1.1, "lo": 0.92}))
EMPTY_BINS = _workspace(
    {
        "sig": ([0.0, 2.0, 6.0, 1.0], [MU]),
        "bkg": (_EMPTY_BINS[0], [_modifier("staterror", "st", _EMPTY_BINS[1]), _EMPTY_BINS[2]]),
    },
    [10, 0, 5, 0],
)
NO_BACKGROUND_IN_A_BIN = _workspace(
    {
        "sig": ([0.0, 2.0, 6.0, 1.0], [MU]),
        "bkg": (_EMPTY_BINS[0], [_modifier("shapesys", "sh", _EMPTY_BINS[1]), _EMPTY_BINS[2]]),
    },
    [10, 1, 5, 0],
)
NOMINALLY_NO_BACKGROUND = _workspace(
    {
        "sig": ([0.0, 2.0, 6.0], [MU]),
        "bkg": (
            [12.0, 0.0, 4.0],
            [_modifier("histosys", "h", {"hi_data": [13.0, 0.5, 4.4], "lo_data": [11.0, 0.0, 3.5]})],
        ),
    },
    [10, 1, 5],
)
INTERFERENCE = _workspace(
    {
        "interference": ([-50.0, -12.0], [_modifier("staterror", "stat", [40.0, 12.0])]),
        "sig": ([30.0, 60.0], [MU]),
        "bkg": ([500.0, 200.0], []),
    },
    [470, 230],
)
DEGENERATE = _workspace({"sig": ([20.0, 18.0], [MU, _modifier("shapefactor", "sf")])}, [25, 15])


@pytest.mark.parametrize(
    ("content", "best", "observed", "expected"),
    [  # of pyhf 0.7.6; the interference from a fit with the constraint |uncertainty / content|, which pyhf leaves out
        (SIGNAL_ONLY, 475 / (51.8 * 1.1), None, None),
        (EMPTY_BIN, 0.0, 0.6032, 0.6032),
        (EMPTY_BINS, 0.0, 0.3948, 0.3392),
        (NOMINALLY_NO_BACKGROUND, 0.3490, 0.8334, 0.5669),
        (NO_BACKGROUND_IN_A_BIN, 0.279, None, None),
        (INTERFERENCE, 0.699, 1.1101, 0.5065),
        (_fixed_shape("shapefactor", None), 1.0, 2.0889, 1.2693),
        (_fixed_shape("staterror", [5.0, 5.0]), 1.0, 2.0889, 1.2693),
        (_fixed_shape("shapesys", [5.0, 5.0]), 1.0, 2.0889, 1.2693),
    ],
)
def test_best_fits_and_limits(content: Any, best: float, observed: float | None, expected: float | None) -> None:
    report = _report(content)
    assert report.fit.best_fit["mu"] == pytest.approx(best, abs=5e-4)
    assert report.limit.observed == (observed and pytest.approx(observed, abs=1e-4))
    assert report.limit.expected == (expected and pytest.approx(expected, abs=1e-4))
    fields = json.loads(report.to_json())
    if observed is None:
        assert "impossible without signal: at mu = 0, bin " in fields["upper_limit_reason"]
        assert fields["discovery_significance"] is None
        assert fields["discovery_significance_reason"] == "the data are impossible without signal"
        assert fields["p_value_background"] == 0.0


def test_fixed_values_are_those_of_pyhf_in_every_modifier() -> None:
    import pyhf

    pyhf.set_backend("numpy")
    kinds = [
        _modifier("normsys", "n", {"lo": 0.8, "hi": 1.1}),
        _modifier("histosys", "h", {"lo_data": [40.0, 55.0, 28.0], "hi_data": [60.0, 75.0, 37.0]}),
        _modifier("histosys", "h2", {"lo_data": [48.0, 59.0, 30.0], "hi_data": [54.0, 60.0, 33.0]}),
        _modifier("staterror", "st", [2.0, 0.0, 3.0]),
        _modifier("shapesys", "sh", [4.0, 0.0, 5.0]),
        _modifier("normfactor", "k"),
        _modifier("lumi", "lumi"),
    ]
    content = _workspace({"sig": ([5.0, 9.0, 2.0], [MU]), "bkg": ([50.0, 60.0, 30.0], kinds)}, [60, 70, 30])
    free = [_modifier("staterror", "other", [3.0, 4.0]), _modifier("shapefactor", "sf")]
    content["channels"].insert(0, {"name": "Z", "samples": [{"name": "b", "data": [20.0, 30.0], "modifiers": free}]})
    content["observations"].append({"name": "Z", "data": [23.0, 31.0]})
    lumi = {"name": "lumi", "auxdata": [1.1], "sigmas": [0.03], "bounds": [[0.5, 2.0]], "inits": [1.1]}
    settings = [
        {"name": "n", "fixed": True, "inits": [-1.4]},
        {"name": "h", "fixed": True, "inits": [0.7]},
        {"name": "st", "inits": [1.1, 1.2, 0.9], "auxdata": [1.02, 1.0, 0.97], "sigmas": [0.05, 1.0, 0.2]},
        {"name": "sh", "fixed": [True, True, False], "inits": [1.3, 0.8, 1.0], "factors": [90.0, 1.0, 40.0]},
        {"name": "k", "fixed": True, "inits": [1.07]},
        {"name": "other", "fixed": [False, True], "inits": [1.0, 0.9]},
        lumi,
    ]
    auxdata = {**settings[3], "auxdata": [88.0, 1.0, 43.0]}
    content["measurements"][0]["config"]["parameters"] = [*settings[:3], auxdata, *settings[4:]]
    spec = {"channels": content["channels"], "parameters": content["measurements"][0]["config"]["parameters"]}
    theirs = pyhf.Model(spec, poi_name="mu", validate=False)
    data = pyhf.Workspace(content, validate=False).data(theirs)
    found = read_pyhf_workspace(content)
    model, names = found.likelihood.model, theirs.config.par_names
    held = np.array(theirs.config.suggested_fixed())
    assert {name for name, fixed in zip(names, held, strict=True) if not fixed} == set(model.names)
    assert found.analysis["fixed_parameters"]["sh[1]"] == 0.8
    assert "st[1]" not in model.names  # no uncertainty: held at its start, as by pyhf
    start, rng, offsets = np.array(theirs.config.suggested_init()), np.random.default_rng(3), []
    for _ in range(5):
        point = np.where(held, start, start * rng.uniform(0.9, 1.1, start.size) + 0.3 * (start == 0.0))
        ours = found.likelihood.value(
            model.vector({n: v for n, v in zip(names, point, strict=True) if n in model.names})
        )
        offsets.append(ours - 0.5 * float(np.asarray(pyhf.infer.mle.twice_nll(point.tolist(), data, theirs)).item()))
    np.testing.assert_allclose(offsets, offsets[0], atol=1e-9)


COUNTING = _workspace(
    {"sig": ([10.0], [MU]), "bkg": ([100.0], [_modifier("normsys", "n", {"lo": 0.9, "hi": 1.1})])}, [160]
)


def _with(content: Any, *parameters: Any, **config: Any) -> Any:
    changed = copy.deepcopy(content)
    changed["measurements"][0]["config"] |= {"parameters": list(parameters), **config}
    return changed


@pytest.mark.parametrize(
    ("content", "reason", "mu"),
    [
        (_with(COUNTING, {"name": "mu", "bounds": [[0.0, 20.0]]}, poi=""), "'m' has no parameter of interest", 6.0),
        (_with(COUNTING, poi="nu"), "'nu' is not in the model", 6.0),
        (_with(COUNTING, poi="n"), "'n' is a normsys, no signal strength", 6.0),
        (_with(COUNTING, {"name": "mu", "fixed": True, "inits": [1.5]}), "fixed at 1.5 in the measurement", None),
        (_with(COUNTING, {"name": "mu", "bounds": [[1.0, 9.0]]}), "1 to 9, leave out 0", 6.0),
    ],
)
def test_plain_fits_have_no_limit(content: Any, reason: str, mu: float | None) -> None:
    report = _report(content)
    fields = json.loads(report.to_json())
    assert fields["best_fit"].get("mu") == (mu and pytest.approx(mu, abs=1e-4))
    assert (fields["upper_limit"], fields["expected_limit"], fields["parameter"]) == (None, None, None)
    assert reason in fields["upper_limit_reason"]
    assert (fields["discovery_significance"], fields["impacts"]) == (None, {})
    if mu is None:
        # at mu = 1.5 the background has to be 145: (145 - 100)/10 standard deviations, less for its constraint
        assert fields["fixed_parameters"] == {"mu": 1.5}
        assert 2.0 < fields["pulls"]["n"] < 4.5
        assert 0.0 < fields["p_value"] < 0.05


def test_everything_fixed_is_a_p_value() -> None:
    fixed = [{"name": "mu", "fixed": True, "inits": [0.0]}, {"name": "n", "fixed": True}]
    report = _report(_with(COUNTING, *fixed))
    assert report.fit.parameters == ()
    assert report.fit.goodness_of_fit == pytest.approx(2.0 * (100.0 - 160.0 + 160.0 * np.log(1.6)))


def test_bounds_are_honoured_and_named() -> None:
    bounded = _report(_with(COUNTING, {"name": "mu", "bounds": [[0.0, 2.0]]}, {"name": "n", "bounds": [[-1.0, 0.5]]}))
    assert (bounded.fit.best_fit["mu"], bounded.fit.best_fit["n"]) == (2.0, 0.5)
    assert bounded.warnings[0] == "the best fit lies at bounds of its parameters: mu = 2, n = 0.5"
    # defaults of pyhf: 5 for a normsys, 10 for a normfactor; none above for the parameter of interest
    far = _report(_with(COUNTING | {"observations": [{"name": "SR", "data": [1160]}]}))
    assert far.fit.best_fit["mu"] == pytest.approx(106.0)
    held = _report(_with(COUNTING | {"observations": [{"name": "SR", "data": [1160]}]}, poi=""))
    assert (held.fit.best_fit["mu"], held.fit.best_fit["n"]) == (10.0, 5.0)


def test_starting_values_lead_to_the_lowest_minimum() -> None:
    """Both variations are above the nominal, so there is a minimum on either side of 0; the lower one is returned."""
    samples = {
        "sig": ([0.0, 5.0], [MU]),
        "bkg": ([100.0, 50.0], [_modifier("histosys", "h", {"lo_data": [130.0, 50.0], "hi_data": [124.0, 50.0]})]),
    }
    content = _workspace(samples, [140, 50])
    for start in (-1.0, 1.0):
        best = fit(read_pyhf_workspace(_with(content, {"name": "h", "inits": [start]})).likelihood).best_fit["h"]
        assert best == pytest.approx(-1.25, abs=0.1), start


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (DEGENERATE, "only combinations of mu, sf.0., sf.1. change the expected events"),
        (
            _workspace({"sig": ([5.0, 9.0], [MU]), "bkg": ([50.0, 60.0], [_modifier("shapefactor", "sf")])}, [50, 70]),
            "only combinations of mu, sf.0., sf.1.",
        ),
        (_workspace({"sig": ([0.0], [MU]), "bkg": ([50.0], [])}, [50]), "parameter mu changes no bin"),
        (  # at mu = 0, where k has no effect
            _workspace({"sig": ([9.0], [MU, _modifier("normfactor", "k")]), "bkg": ([50.0], [])}, [40]),
            "only combinations of mu, k",
        ),
        (
            _workspace({"sig": ([0.0, 3.0], [MU]), "bkg": ([0.0, 50.0], [])}, [3, 50]),
            "no parameters of the model give the data: bin 1 of the data holds 3 events, where the model expects none",
        ),
    ],
)
def test_models_without_a_solution_say_why(content: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        _report(content)


def test_a_parameter_that_only_this_fit_leaves_open_has_no_uncertainty() -> None:
    """The factor k is of the signal in one bin only: mu = 0 leaves it open, but the model is not degenerate."""
    samples = {"a": ([9.0, 0.0], [MU]), "b": ([0.0, 9.0], [MU, _modifier("normfactor", "k")]), "c": ([50.0, 50.0], [])}
    report = _report(_workspace(samples, [30, 40]))
    assert report.fit.best_fit["mu"] == 0.0
    assert np.isnan(report.fit.uncertainties["k"])
    assert report.limit.observed is not None


def test_uncertainties_at_a_bound() -> None:
    """Nuisance parameters keep theirs where the signal is held at 0 in bins without events."""
    found = _report(EMPTY_BINS).fit
    assert found.zero_expectation
    assert np.isnan(found.uncertainties["mu"])
    pulled = [name for name in found.parameters if name != "mu"]
    assert all(0.05 < found.uncertainties[name] <= 1.0 for name in pulled)
    signal_in_empty_bins = _workspace({"sig": ([0.0, 2.0], [MU]), "bkg": ([10.0, 1.0], [])}, [10, 0])
    report = _report(signal_in_empty_bins)  # no curvature in mu: linear in an empty bin
    assert report.fit.best_fit["mu"] == 0.0
    assert np.isnan(report.fit.uncertainties["mu"])


def test_an_empty_start_is_left_where_a_nuisance_can() -> None:
    likelihood = read_pyhf_workspace(NOMINALLY_NO_BACKGROUND).likelihood
    without = ProfileLikelihood(likelihood).conditional(0.0)
    assert likelihood.model.expected(without.theta)[1] > 0.0
    # stationary in h: the derivative of the negative log-likelihood by the background alone
    assert abs(likelihood.gradient(without.theta)[1]) < 1e-4
    with pytest.raises(ImpossibleDataError, match="bin 2 of the data holds 1 events"):
        ProfileLikelihood(read_pyhf_workspace(NO_BACKGROUND_IN_A_BIN).likelihood).conditional(0.0)


def test_uncertainties_of_negative_and_of_empty_bins() -> None:
    assert _report(INTERFERENCE).fit.uncertainties["mu"] == pytest.approx(0.315, abs=1e-3)
    shapesys = json.loads(json.dumps(INTERFERENCE).replace("staterror", "shapesys"))
    assert _report(shapesys).fit.uncertainties["mu"] > 0.3  # a Poisson constraint of the same width
    for kind in ("staterror", "shapesys"):
        samples = {"sig": ([3.0, 2.0], [MU]), "bkg": ([10.0, 0.0], [_modifier(kind, "x", [1.0, 0.8])])}
        (told,) = _report(_workspace(samples, [10, 0])).warnings
        assert told == f"{kind} x: the uncertainty of bins without content has no effect (as in pyhf)"


def test_what_needs_a_limit_is_left_out_or_refused() -> None:
    from nucore.export.hepdata import hepdata_submission
    from nucore.export.pyhf_writer import pyhf_workspace
    from nucore.plot.fit import fit_figure
    from nucore.plot.reports import impacts_figure, scan_figure
    from nucore.reports.fit_toys import with_toys
    from nucore.reports.report_content import report_content

    plain = _report(_with(COUNTING, poi=""))
    content = report_content(plain)
    assert content.scan is None
    for figure in (impacts_figure(plain), scan_figure(content)):
        assert [text.get_text() for text in figure.axes[0].texts] == ["no parameter of interest"]
    assert fit_figure(plain).axes[0].get_title(loc="left") == "pyhf workspace"
    assert set(hepdata_submission(plain)) == {"submission.yaml", "spectrum.yaml", "correlation.yaml"}
    again = read_pyhf_workspace(pyhf_workspace(plain.source.likelihood)).likelihood
    assert fit(again).best_fit == pytest.approx(plain.fit.best_fit, abs=1e-6)
    for content, reason in ((plain, "no parameter of interest"), (_report(SIGNAL_ONLY), "impossible without signal")):
        with pytest.raises(InputError, match=f"no (toys without a limit|limit to look for): .*{reason}"):
            with_toys(content, 100, np.random.default_rng(1))

"""A prediction of the user's in place of ours: closure, uncertainties against linear algebra, and what is refused."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

import nuportal
from nucore.errors import InputError
from nucore.histograms import Spectrum
from nucore.io.readers import SpectrumFile, read_spectrum
from nucore.io.writers import write_spectra
from nucore.prediction import Prediction
from nucore.stats.covariance import smooth_correlation
from nuportal.api.prediction_files import described, read_prediction
from nuportal.api.prediction_options import PredictionOptions
from nuportal.searches import experiment_of

POINT = nuportal.PortalParameters(m4=30.0, Ue4=0.0, Umu4=0.0)
CHOICES = {"experiment": "atlas-2011", "flavour": "mu", "window": (35.0, 45.0)}
MIXING = 0.02


@dataclasses.dataclass(frozen=True)
class Case:
    """A prediction 3% steeper than ours, and Asimov data with nu4 in it."""

    edges: np.ndarray
    predicted: np.ndarray
    ratio: np.ndarray
    """Change of the spectrum for |U|^2 = 1."""

    @property
    def data(self):
        """Of the mixing."""
        return self.predicted * (1.0 + MIXING * self.ratio)

    def file(self, values, variances=None):
        """Values as a spectrum."""
        squares = values if variances is None else variances
        return SpectrumFile(Spectrum("lepton_pt", self.edges, values, squares), has_variances=variances is not None)

    def fit(self, data=None, predicted=None, **options):
        """Fit with a prediction."""
        counts = self.file(self.data) if data is None else data
        given = self.file(self.predicted) if predicted is None else predicted
        return nuportal.fit(counts, POINT, prediction=given, **CHOICES, **options)

    def sigma(self, covariance, *, free=True):
        """Uncertainty of |U|^2 by linear algebra."""
        rows = [self.predicted * self.ratio, self.predicted * (1.0 + MIXING * self.ratio)]
        jacobian = np.stack(rows if free else rows[:1])
        information = jacobian @ np.linalg.solve(np.diag(self.data) + covariance, jacobian.T)
        return float(np.sqrt(np.linalg.inv(information)[0, 0]))


@pytest.fixture(scope="module")
def case():
    sm = nuportal.expected_spectrum(parameters=POINT, **CHOICES)
    half = nuportal.expected_spectrum(parameters=POINT.replace(Umu4=0.5**0.5), **CHOICES)
    x = (sm.centers - 40.0) / 5.0
    return Case(sm.edges, sm.values * (1.0 + 0.03 * x), 2.0 * (half.values / sm.values - 1.0))


def results(report):
    return report.fit.best_fit["Umu4_sq"], report.fit.uncertainties["Umu4_sq"]


@pytest.mark.parametrize("normalisation", ["free", "constrained", "fixed"])
def test_the_injected_mixing_comes_back(case, normalisation):
    best, sigma = results(case.fit(normalisation=normalisation))
    assert abs(best - MIXING) < 0.01 * sigma
    if normalisation != "constrained":  # of 2% on the card
        assert sigma == pytest.approx(case.sigma(0.0 * case.predicted, free=normalisation == "free"), rel=0.01)


def test_our_own_templates_would_miss_it(case):
    """The slope is worth many standard deviations: closure is not for free."""
    best, sigma = results(nuportal.fit(case.file(case.data), POINT, luminosity="card", allow_bad_fit=True, **CHOICES))
    assert abs(best - MIXING) > 5.0 * sigma


def test_a_background_does_not_change_with_nu4(case, tmp_path):
    background = np.full(case.predicted.size, 0.1 * case.predicted.mean())
    data = case.file(case.data + background)
    apart = case.fit(data, background=case.file(background))
    whole = case.file(case.predicted + background)
    included = case.fit(data, whole, background=case.file(background), background_included=True)
    assert results(apart) == pytest.approx(results(included), rel=1e-6)
    assert abs(results(apart)[0] - MIXING) < 0.01 * results(apart)[1]
    loose = case.fit(data, background=case.file(background), background_uncertainty=0.3)
    assert results(loose)[1] > 1.05 * results(apart)[1]
    assert "background" in loose.fit.parameters


def test_a_signal_fraction_dilutes_nu4(case):
    whole = case.predicted / 0.8
    data = case.file(whole + MIXING * case.predicted * case.ratio)
    best, sigma = results(case.fit(data, case.file(whole), signal_fraction=0.8))
    assert abs(best - MIXING) < 0.01 * sigma


@pytest.mark.parametrize("source", ["variation", "covariance", "band", "smooth band", "simulation"])
def test_uncertainties_are_those_of_linear_algebra(case, source, tmp_path):
    s, n = case.predicted, case.predicted.size
    x = np.linspace(-1.0, 1.0, n)
    options, predicted = {}, None
    if source == "variation":
        shift = 0.01 * s * np.cos(3.0 * x)
        names = [str(tmp_path / f"{side}.json") for side in ("up", "down")]
        for name, sign in zip(names, (1.0, -1.0), strict=True):
            write_spectra(name, [case.file(s + sign * shift).spectrum], {})
        one_sided = case.fit(variation=f"tilt={names[0]}")
        options, matrix = {"variation": [f"tilt={names[0]},{names[1]}"]}, np.outer(shift, shift)
        assert results(one_sided) == pytest.approx(results(case.fit(**options)), rel=1e-6)
    elif source == "covariance":
        matrix = np.outer(s, s) * (1e-5 * np.eye(n) + 1e-4 * np.exp(-np.abs(x[:, None] - x)))
        options = {"covariance": matrix}
    elif source == "band":
        options, matrix = {"band": 0.004}, np.diag((0.004 * s) ** 2)
    elif source == "smooth band":
        centres = 0.5 * (case.edges[1:] + case.edges[:-1])
        matrix = np.outer(0.004 * s, 0.004 * s) * smooth_correlation(centres, 3.0)
        options = {"band": case.file(np.full(n, 0.004)), "band_correlation": 3.0}
    else:
        predicted, matrix = case.file(s, 3.0 * s), np.diag(3.0 * s)
    best, sigma = results(case.fit(predicted=predicted, **options))
    assert sigma == pytest.approx(case.sigma(matrix), rel=0.01)
    assert sigma > 1.05 * case.sigma(0.0 * matrix)
    assert abs(best - MIXING) < 0.01 * sigma


def test_a_large_simulation_is_exact(case):
    report = case.fit(predicted=case.file(case.predicted, 1e-3 * case.predicted))
    assert report.source.unit is None
    assert report.to_dict()["prediction_uncertainties"] == []


def test_a_simulation_of_another_luminosity(case):
    """Four times that of the data: its variance is a quarter of theirs, whatever the normalisation is at first."""
    report = case.fit(predicted=case.file(4.0 * case.predicted, 4.0 * case.predicted))
    assert results(report)[1] == pytest.approx(case.sigma(np.diag(case.predicted / 4.0)), rel=0.01)
    assert report.to_dict()["signal_scaled_by"] == pytest.approx([0.25 * case.data.sum() / case.predicted.sum()])
    with pytest.raises(InputError, match="leave no room for its signal"):
        case.fit(background=case.file(2.0 * case.data))


def test_data_in_another_unit(case):
    """A cross-section with a covariance matrix, against the same counts; the prediction is a shape."""
    unit = 1e-4
    matrix = np.diag(case.data)
    report = case.fit(case.file(unit * case.data), data_covariance=unit**2 * matrix)
    counts = case.fit()
    assert results(report) == pytest.approx(results(counts), rel=0.01)
    found = report.to_dict()
    assert "scaled by" in found["prediction"]
    assert found["predicted_signal"] == pytest.approx(case.predicted.sum())  # as it is in the file
    assert found["signal_scaled_by"] == pytest.approx([unit * case.data.sum() / case.predicted.sum()])
    np.testing.assert_allclose(report.expected, unit * case.data, rtol=1e-6)
    stated = case.fit(case.file(unit * case.data, unit**2 * case.data), data_covariance="variances")
    assert results(stated) == pytest.approx(results(report), rel=1e-9)


def test_each_charge_apart(tmp_path):
    """Bins flattened in a file, as a CSV has them, are those of the card."""
    card = tmp_path / "apart.toml"
    card.write_text(
        'extends = "atlas-2011"\n[selections.paper]\ncharges = ["+", "-"]\nseparate_charges = true\n'
        "window_GeV = [36.0, 44.0]\nbin_width_GeV = 2.0\n"
    )
    search, experiment = experiment_of(card)
    values = np.linspace(100.0, 170.0, 8)
    file = SpectrumFile(Spectrum.from_counts("lepton_pt", np.arange(9.0), values))
    axes = search.data_axes(experiment, "mu", POINT, search.AnalysisOptions())
    assert [axis.name for axis in axes] == ["charge", "lepton_pt"]
    found, factor = read_prediction(PredictionOptions(file, band=0.01, band_correlation=3.0), axes, file)
    assert found.groups.tolist() == [0, 0, 0, 0, 1, 1, 1, 1]
    used = found.matched(values * np.repeat([1.2, 0.9], 4))
    assert described(found, factor, used, file.spectrum)["signal_scaled_by"] == pytest.approx([1.2, 0.9])
    np.testing.assert_allclose(used.errors[0].sigma, 0.01 * used.signal, rtol=1e-12)
    matrix = smooth_correlation(np.tile([37.0, 39.0, 41.0, 43.0], 2), 3.0, found.groups)
    np.testing.assert_allclose(found.errors[0].covariance, 1e-4 * np.outer(values, values) * matrix, rtol=1e-12)


def test_templates_of_the_users_own(case, tmp_path):
    """nu4 and a weight of the sample come from the file, and only masses that are in it can be fitted."""
    nu4 = case.predicted * (1.0 + 0.5 * case.ratio)
    spectra = {
        "lepton_pt": case.predicted,
        "lepton_pt_nu4_30": nu4,
        "lepton_pt_weight_up": case.predicted * (1.0 + 0.01 * np.cos(np.arange(20.0))),
        "lepton_pt_nu4_30_weight_up": nu4,
    }
    name = str(tmp_path / "templates.json")
    metadata = {"process": "templates", "observable": "lepton_pt", "m4_GeV": [30.0], "variations": ["up"]}
    write_spectra(name, [Spectrum(k, case.edges, v, 1e-3 * v) for k, v in spectra.items()], metadata)
    report = nuportal.fit(case.file(case.data), POINT, prediction=name, **CHOICES)
    best, sigma = results(report)
    assert abs(best - 2.0 * MIXING) < 0.02 * sigma  # half the change of ours
    assert report.to_dict()["templates"] == "its own"
    assert "up" in report.fit.parameters
    with pytest.raises(InputError, match="lepton_pt_nu4_30 is the spectrum with nu4 .*; expected the file alone"):
        nuportal.fit(case.file(case.data), POINT, prediction=f"{name}:lepton_pt_nu4_30", **CHOICES)
    with pytest.raises(InputError, match="no template of m4 = 35 GeV: expected one of 30"):
        nuportal.fit(case.file(case.data), POINT.replace(m4=35.0), prediction=name, **CHOICES)


def test_a_prediction_made_in_python(case):
    prediction = Prediction(case.predicted, 0.0 * case.predicted, origin="here")
    report = nuportal.fit(case.file(case.data), POINT, prediction=prediction, **CHOICES)
    assert results(report) == pytest.approx(results(case.fit()), rel=1e-9)


BAD = [
    ({"band": 0.01, "prediction": None}, "--band needs a prediction; expected --prediction"),
    ({"normalisation": "loose"}, "unknown normalisation 'loose'"),
    ({"signal_fraction": 1.5}, "invalid --signal-fraction 1.5: expected above 0, up to 1"),
    ({"background_included": True}, "there is no background"),
    ({"background_uncertainty": 0.1}, "--background-uncertainty: expected --background FILE or --signal-fraction"),
    ({"band": 1.5}, "--band: expected relative uncertainties, 0 to 1, as fractions and not per cent"),
    ({"band_correlation": 3.0}, "invalid --band-correlation 3: expected a length above 0, and --band"),
    ({"covariance": np.eye(3)}, "--covariance: 3 x 3 numbers; expected 20 x 20"),
    (
        {"covariance": 1e-4 * np.eye(20)},
        "--covariance: its uncertainties are .* expected an absolute matrix, in the unit",
    ),
    (
        {"covariance": 1e20 * np.eye(20)},
        "--covariance: its uncertainties are .* expected an absolute matrix, in the unit",
    ),
    ({"covariance": -np.eye(20)}, "covariance of covariance: expected a square matrix"),
    ({"variation": "tilt"}, "invalid --variation 'tilt': expected NAME=UP or NAME=UP,DOWN"),
    ({"variation": "tilt=a.csv,"}, "invalid --variation"),
    ({"data_covariance": "variances"}, "the file of the data states none"),
    ({"no_such_option": 1}, "option no_such_option does not apply"),
]


@pytest.mark.parametrize(
    ("options", "words"), BAD, ids=[f"{next(iter(options))}-{words[:20]}" for options, words in BAD]
)
def test_options_that_are_wrong(case, options, words):
    given = {"prediction": case.file(case.predicted), **options}
    with pytest.raises(InputError, match=words):
        nuportal.fit(case.file(case.data), POINT, **given, **CHOICES)


def test_published_data_have_their_own_prediction(case):
    given = {"spectrum": "mu-pt", "prediction": case.file(case.predicted), "experiment": "atlas-2011"}
    with pytest.raises(InputError, match="--prediction is of DATA, a file; published data of a card have their own"):
        nuportal.fit(parameters=POINT, **given)


def test_files_that_do_not_fit_the_data(case, tmp_path):
    wider = SpectrumFile(Spectrum.from_counts("lepton_pt", case.edges[::2], case.predicted[::2]))
    negative = case.file(np.where(np.arange(20) == 4, -1.0, case.predicted), case.predicted)
    with pytest.raises(InputError, match="--prediction: histogram 'lepton_pt' has 10 bins, .* needs 20 bins"):
        case.fit(predicted=wider)
    with pytest.raises(InputError, match="--background: histogram 'lepton_pt' has 10 bins"):
        case.fit(background=wider)
    with pytest.raises(InputError, match="--prediction 'lepton_pt': bin 5 is -1; expected numbers >= 0"):
        case.fit(predicted=negative)
    with pytest.raises(InputError, match="bin 1 holds .* background of .*; expected a part of it"):
        case.fit(background=case.file(2.0 * case.predicted), background_included=True)
    with pytest.raises(InputError, match=r"its sum .* is far from that of the data, .*: another unit or exposure"):
        case.fit(predicted=case.file(1e-3 * case.predicted), normalisation="fixed")
    with pytest.raises(InputError, match="variances are 0.01 times their values, so they are no counts"):
        case.fit(case.file(case.data, 0.01 * case.data))
    name = str(tmp_path / "up.json")
    write_spectra(name, [case.file(case.predicted).spectrum], {})
    for taken in ("normalisation", "background", "band"):
        with pytest.raises(InputError, match=f"{taken}.*expected another"):
            case.fit(variation=f"{taken}={name}")
    with pytest.raises(InputError, match="tilt: the name is taken"):
        case.fit(variation=[f"tilt={name}", f"tilt={name}"])
    relative = str(tmp_path / "relative.json")
    write_spectra(relative, [case.file(np.full(20, 1.01)).spectrum], {})
    for sources in (relative, f"{name},{relative}"):
        with pytest.raises(InputError, match=r"the sum of .*relative.json is 20.2, that of the prediction .* varied"):
            case.fit(variation=f"tilt={sources}")


def test_data_in_files_must_be_counts(case, tmp_path):
    """Without variances or a covariance matrix; multiples of 2 are counts per GeV in bins of 0.5 GeV."""
    counts = np.rint(case.data)
    columns = {"counts": counts, "per_GeV": 2.0 * counts, "pb": counts / 500.0, "asimov": case.data}
    table = np.stack([case.edges[:-1], case.edges[1:], *columns.values()], axis=1)
    names = ",".join(["low", "high", *columns])
    np.savetxt(tmp_path / "t.csv", table, delimiter=",", header=names, comments="", fmt="%.17g")
    given = {name: f"{tmp_path}/t.csv:{name}" for name in columns}
    with pytest.raises(InputError, match="all are multiples of 2, so they are no counts of events; expected counts in"):
        case.fit(given["per_GeV"])
    with pytest.raises(InputError, match=r"is not whole, so they are no counts .* --data-covariance FILE, var.*pois"):
        case.fit(given["asimov"])
    with pytest.raises(InputError, match="the file says 'pb': cross sections, no counts of events"):
        case.fit(given["pb"])
    assert results(case.fit(given["counts"])) == pytest.approx(results(case.fit()), rel=0.01)
    assert results(case.fit(given["asimov"], data_covariance="poisson")) == results(case.fit())


def test_all_errors_of_a_hepdata_table_are_needed(case, tmp_path):
    lines = ["independent_variables:", "- header: {name: pt}", "  values:"]
    lines += [f"  - {{low: {a}, high: {b}}}" for a, b in zip(case.edges[:-1], case.edges[1:], strict=True)]
    lines += ["dependent_variables:", "- header: {name: A}", "  values:"]
    rows = [f"  - {{value: {v}, errors: [{{symerror: {0.01 * v}, label: stat}}]}}" for v in case.data]
    more = [row.replace("stat}]", "stat}, {symerror: 1%, label: lumi}]") for row in rows]
    for name, values in {"stat": rows, "both": more}.items():
        (tmp_path / f"{name}.yaml").write_text("\n".join([*lines, *values]) + "\n")
    options = {"data_covariance": "variances"}
    assert case.fit(f"{tmp_path}/stat.yaml", **options).source.unit is not None
    with pytest.raises(InputError, match="errors lumi of the data are left out; expected --data-covariance FILE"):
        case.fit(f"{tmp_path}/both.yaml", **options)


def test_a_result_can_be_reproduced(case, tmp_path, monkeypatch):
    """The record holds every file with its hash."""
    monkeypatch.chdir(tmp_path)
    for name, values in {"data": case.data, "sm": case.predicted, "up": 1.01 * case.predicted}.items():
        write_spectra(f"{name}.json", [case.file(values).spectrum], {})
    np.savetxt("matrix.csv", 1e-6 * np.diag(case.predicted**2), delimiter=",")
    options = {"prediction": "sm.json", "variation": ["tilt=up.json"], "covariance": "matrix.csv", "band": 0.001}
    nuportal.export("data.json", POINT, to="uhi", out="out.json", **options, **CHOICES)
    request = json.loads((tmp_path / "out.json").read_text())["nuportal"]["provenance"]["request"]
    arguments = request["arguments"]
    assert all(len(arguments[name]["sha256"]) == 64 for name in ("data", "prediction", "covariance"))
    assert arguments["variation"][0]["name"] == "tilt"
    assert nuportal.reproduce("out.json").identical
    write_spectra("up.json", [case.file(1.02 * case.predicted).spectrum], {})
    with pytest.raises(InputError, match=r"input up.json is missing or has changed"):
        nuportal.reproduce("out.json")


def test_toys_around_a_prediction(case, tmp_path):
    name = str(tmp_path / "sm.json")
    write_spectra(name, [case.file(case.predicted).spectrum], {})
    point = POINT.replace(Umu4=MIXING**0.5)
    report = nuportal.toys(parameters=point, n=60, limit=None, prediction=name, **CHOICES)
    found = report.to_dict()
    # 60 toys: the mean pull has an uncertainty of 0.13, its width one of 0.09
    assert abs(found["pull_mean"]) < 0.5
    assert abs(found["pull_width"] - 1.0) < 0.35
    assert read_spectrum(name).spectrum.n_bins == 20

"""Objects and numbers of NumPy in Python calls: the result of files and plain numbers, or refused at the start."""

import json
from decimal import Decimal

import hist
import numpy as np
import pytest

import nuportal
from nucore.errors import InputError
from nucore.io.readers import SpectrumFile, read_spectrum
from nucore.model.parameters import PortalParameters
from nucore.run.chunks import Shard
from nuportal.api.plain_numbers import plain_call
from nuportal.api.prediction_options import PredictionOptions
from nuportal.api.requests import arguments_of, request_of

POINT = PortalParameters(m4=30.0, Umu4=0.2)
EDGES = np.linspace(30.0, 50.0, 41)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Pseudo-data, and the file that they write."""
    file = tmp_path_factory.mktemp("data") / "w.root"
    return nuportal.generate("w", POINT, luminosity=np.float64(0.02), seed=np.int64(7), out=file), file


@pytest.fixture(scope="module")
def standard_model():
    return nuportal.expected_spectrum("atlas-2011", POINT.replace(Umu4=0.0), luminosity=np.float64(0.02))


def fitted(*args, **kwargs):
    found = json.loads(nuportal.fit(*args, **kwargs).to_json())
    return {name: value for name, value in found.items() if name not in ("data", "prediction", "notes")}


def test_numpy_numbers_give_the_same_run_and_record(data, tmp_path):
    made, file = data
    other = nuportal.generate("w", POINT, luminosity=0.02, seed=7, out=tmp_path / "w.root")
    assert np.array_equal(other.spectrum.values, made.spectrum.values)
    first, second = read_spectrum(f"{file}:lepton_pt").metadata, read_spectrum(f"{tmp_path}/w.root:lepton_pt").metadata
    for metadata in (first, second):
        metadata["provenance"] |= {"time_utc": None}
        metadata["provenance"]["request"]["arguments"]["out"] = None
    assert first == second
    assert first["provenance"]["seed"] == 7
    assert json.loads(made.to_json())["exposure"] == {"luminosity_invfb": 0.02}


def test_a_result_is_fitted_as_its_file(data):
    made, file = data
    of_file = fitted(f"{file}:lepton_pt")
    assert fitted(made) == of_file
    assert fitted(SpectrumFile(made.spectrum, made.metadata, has_variances=True)) == of_file
    assert read_spectrum(f"{file}:lepton_pt").metadata.items() >= made.metadata.items()


def test_an_analysis_carries_what_its_file_records(tmp_path):
    nuportal.generate("w", POINT, events=300, all_events=True, out=tmp_path / "w.root")
    found = nuportal.analyse(tmp_path / "w.root", out=tmp_path / "h.json", seed=np.int32(3))
    assert found.metadata == read_spectrum(tmp_path / "h.json").metadata
    assert found.metadata["exposure"] == found.exposure
    assert json.loads(found.to_json())["n_events"] == 300
    assert "metadata" not in found.to_dict()


def test_a_histogram_is_fitted_as_its_file(data, tmp_path):
    counts = data[0].spectrum.values
    (tmp_path / "h.csv").write_text(
        "\n".join(f"{a},{b},{n}" for a, b, n in zip(EDGES, EDGES[1:], counts, strict=False))
    )
    options = {"parameters": POINT, "luminosity": 0.02}
    of_file = fitted(tmp_path / "h.csv", **options)
    made = hist.Hist.new.Var(EDGES, name="lepton_pt").Int64()
    made.view()[:] = counts
    assert fitted(made, **options) == of_file
    assert fitted((counts, EDGES), **options) == of_file
    assert fitted(made, POINT, luminosity_invfb=np.float64(0.02)) == of_file
    assert fitted(data[0].to_hist(), **options)["best_fit"] == of_file["best_fit"]
    with pytest.raises(InputError, match="do not say their luminosity"):
        nuportal.fit(made, POINT)


def test_a_prediction_of_objects_is_one_of_files(data, standard_model, tmp_path):
    made, _ = data
    v = standard_model.values
    parts = {"p": v, "b": 0.05 * v, "up": 1.01 * v, "down": 0.99 * v, "band": np.full(40, 0.01)}
    for name, values in parts.items():
        rows = [f"{a},{b},{n!r}" for a, b, n in zip(EDGES, EDGES[1:], values.tolist(), strict=False)]
        (tmp_path / f"{name}.csv").write_text("\n".join(rows))
    matrix = np.diag((0.02 * v) ** 2)
    np.savetxt(tmp_path / "m.csv", matrix, delimiter=",", fmt="%.17g")
    square = hist.Hist.new.Reg(40, 0, 40).Reg(40, 0, 40).Double()
    square.view()[:] = matrix
    files = {name: str(tmp_path / f"{name}.csv") for name in [*parts, "m"]}
    objects = {name: (values, EDGES) for name, values in parts.items()} | {"m": square}
    objects["up"] = hist.Hist.new.Var(EDGES).Double()
    objects["up"].view()[:] = parts["up"]

    def result(given, variation):
        chosen = {"prediction": given["p"], "background": given["b"], "band": given["band"], "covariance": given["m"]}
        return fitted(made, variation=variation, normalisation="constrained", **chosen)

    of_files = result(files, [f"x={files['up']},{files['down']}", f"y={files['up']}"])
    assert result(objects, {"x": (objects["up"], objects["down"]), "y": objects["up"]}) == of_files
    assert result(objects | {"m": matrix}, {"x": (files["up"], objects["down"]), "y": files["up"]}) == of_files
    toys = nuportal.toys("atlas-2011", POINT, n=np.int16(2), seed=np.uint8(3), prediction=standard_model, limit=None)
    assert json.loads(toys.to_json())["n"] == 2


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"prediction": 3}, "--prediction: data cannot be of type int: expected a file, a histogram"),
        ({"prediction": "p.csv", "background": [1.0]}, "--background: data (values, edges)"),
        ({"prediction": "p.csv", "variation": {"1": "u.csv"}}, "invalid --variation '1': expected a name"),
        ({"prediction": "p.csv", "variation": [3]}, "invalid --variation 3: expected NAME=UP"),
        ({"prediction": "p.csv", "covariance": object()}, "invalid --covariance of type object: expected real numbers"),
        ({"prediction": "p.csv", "covariance": hist.Hist.new.Reg(4, 0, 1).Double()}, "a histogram of 1 axes"),
        ({"prediction": "p.csv", "signal_fraction": "half"}, "invalid signal_fraction = 'half': expected a number"),
        ({"prediction": "p.csv", "band": np.ones(3)}, "--band: data cannot be of type numpy.ndarray"),
    ],
)
def test_options_of_a_prediction_are_checked_at_the_start(options, words):
    with pytest.raises(InputError) as caught:
        PredictionOptions(**options)
    assert words in str(caught.value)


def call(*, seed: int = 1, toys: int | None = None, luminosity: float | None = None, grid=None, **options):
    """Take numbers."""


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        ({"seed": np.int64(7)}, {"seed": 7}),
        ({"seed": 7.0}, {"seed": 7}),
        ({"seed": np.array(7)}, {"seed": 7}),
        ({"toys": np.uint8(200)}, {"toys": 200}),
        ({"toys": 1e3}, {"toys": 1000}),
        ({"toys": None}, {"toys": None}),
        ({"luminosity": np.float32(0.5)}, {"luminosity": 0.5}),
        ({"luminosity": np.longdouble(0.5)}, {"luminosity": 0.5}),
        ({"luminosity": Decimal("0.5")}, {"luminosity": 0.5}),
        ({"luminosity": 4}, {"luminosity": 4}),
        ({"luminosity_invfb": np.float64(4.1)}, {"luminosity": 4.1}),
        ({"grid": [np.float32(0.5), (np.int8(1),)]}, {"grid": [0.5, (1,)]}),
        (
            {"window": (np.float32(32), np.int64(48)), "float_mw": np.bool_(True)},
            {"window": (32.0, 48), "float_mw": True},
        ),
    ],
)
def test_numbers_become_plain(given, plain):
    args, kwargs = plain_call(call, (), given)
    assert (args, kwargs) == ((), plain)
    assert repr(kwargs) == repr(plain)  # no number of NumPy looks like one of Python


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"seed": 1.5}, "invalid seed = 1.5: expected a whole number"),
        ({"seed": "1"}, "invalid seed = '1': expected a whole number"),
        ({"seed": True}, "invalid seed = True: expected a whole number"),
        ({"seed": np.bool_(True)}, "invalid seed = True: expected a whole number"),
        ({"toys": float("nan")}, "invalid toys = nan: expected a whole number"),
        ({"toys": np.arange(3)}, "invalid toys = array.*: expected a whole number"),
        ({"luminosity": "4.1"}, "invalid luminosity = '4.1': expected a number"),
        ({"luminosity": 1j}, "invalid luminosity = 1j: expected a number"),
        ({"luminosity": np.ones(1)}, "invalid luminosity = array.*: expected a number"),
        ({"luminosity": 1.0, "luminosity_invfb": 1.0}, "luminosity_invfb and luminosity are one argument"),
    ],
)
def test_what_is_no_number_is_refused(given, words):
    with pytest.raises(InputError, match=words):
        plain_call(call, (), given)


def test_arrays_are_recorded_and_objects_are_not():
    request = request_of(nuportal.fit, ((np.ones(2), np.arange(3.0)),), {})
    assert request["arguments"]["data"] == [[1.0, 1.0], [0.0, 1.0, 2.0]]
    decoded = arguments_of(nuportal.fit, json.loads(json.dumps(request)), {})
    assert decoded["data"] == ([1.0, 1.0], [0.0, 1.0, 2.0])
    made = hist.Hist.new.Reg(2, 0, 2).Double()
    assert request_of(nuportal.fit, (made,), {}) is None
    assert request_of(nuportal.fit, ("h.csv",), {"prediction": "p.csv", "variation": {"x": made}}) is None
    by_name = request_of(nuportal.fit, ("h.csv",), {"prediction": "p.csv", "variation": {"x": ("u.csv", "d.csv")}})
    assert by_name == request_of(nuportal.fit, ("h.csv",), {"prediction": "p.csv", "variation": "x=u.csv,d.csv"})
    for forged in (5, {"spectrum": 1}, True):
        with pytest.raises(InputError):
            arguments_of(nuportal.fit, {"function": "fit", "arguments": {"data": forged}}, {}, read_files=True)


def test_a_shard_of_numpy_numbers_can_be_written(tmp_path):
    part = Shard(np.int64(1), np.int64(1))
    assert repr(part) == "Shard(number=1, count=1)"
    nuportal.generate.shard(part, tmp_path / "w.shard", "w", POINT, events=np.int64(500), out="w.root")
    assert nuportal.merge([tmp_path / "w.shard"], tmp_path / "w.root").n_generated == 500


def test_two_flavours_take_objects(data, monkeypatch):
    """What is given to the search is what it is given of files."""
    made, file = data
    given = []
    for source in (made, f"{file}:lepton_pt", (made.spectrum.values, EDGES)):
        monkeypatch.setattr("collider.search.fit_flavours", lambda *args, **about: given.append((args, about)) or 1 / 0)
        with pytest.raises(ZeroDivisionError):
            nuportal.flavours("atlas-2011", POINT, data_mu=source, luminosity=np.float64(0.02), systematics="paper")
    files = [args[2]["mu"] for args, _ in given]
    assert all(np.array_equal(one.spectrum.values, made.spectrum.values) for one in files)
    assert [about["names"]["mu"] for _, about in given] == ["lepton_pt", f"{file}:lepton_pt", "data"]
    assert files[0].exposure == files[1].exposure == {"luminosity_invfb": 0.02}
    assert all(args[3] == 0.02 for args, _ in given)

"""UHI JSON: every axis and storage of the schema, against boost-histogram; what other JSON files are."""

import json

import hist
import numpy as np
import pytest
import uhi.io
import uhi.io.json

from nucore.errors import InputError
from nucore.io.readers import read_spectrum

RNG = np.random.default_rng(7)
VALUES, WEIGHTS = RNG.normal(1.0, 1.5, (2, 500)), RNG.uniform(0.5, 2.0, 500)
FLAVOURS = RNG.choice(["e", "mu", "tau"], 500)


def saved(folder, content):
    file = folder / "h.json"
    file.write_text(json.dumps(content, default=uhi.io.json.default))
    return file


def refusal(folder, content, name=None):
    file = saved(folder, content)
    with pytest.raises(InputError) as caught:
        read_spectrum(file if name is None else f"{file}:{name}")
    text = str(caught.value)
    assert text.isprintable()
    assert text.startswith(f"data {file}")
    return text.removeprefix(f"data {file}").lstrip(": ")


def test_a_category_is_chosen_by_its_name(tmp_path):
    made = hist.Hist.new.Reg(4, 0, 2, name="pt").StrCat(["e", "mu", "tau"], name="flavour").IntCat([11, 12]).Weight()
    made.fill(VALUES[0], FLAVOURS, np.where(VALUES[1] > 1.0, 11, 12), weight=WEIGHTS)
    file = saved(tmp_path, {"w": made, "z": made[:, 0, 0]})
    found = read_spectrum(f"{file}:w/mu/12").spectrum
    assert found.values == pytest.approx(made[:, 1, 1].values(), rel=1e-14)
    assert found.variances == pytest.approx(made[:, 1, 1].variances(), rel=1e-14)
    assert found.axes == ()
    assert read_spectrum(f"{file}:z").spectrum.integral == made[:, 0, 0].sum().value
    assert "category axis (flavour, axis2); expected FILE:NAME of one: w/e/11, w/e/12, w/mu/11" in refusal(
        tmp_path, {"w": made}, "w"
    )
    assert "w/e/11" in refusal(tmp_path, {"w": made})
    assert "w/e/11" in refusal(tmp_path, {"w": made}, "w/e/13")
    assert "histogram 'z/e' is not in it; it has: w, z" in refusal(tmp_path, {"w": made, "z": made[:, 0, 0]}, "z/e")


def test_the_only_category_needs_no_name(tmp_path):
    made = hist.Hist.new.Reg(4, 0, 2).StrCat(["data"], growth=True).Double().fill(VALUES[0], "data")
    assert read_spectrum(saved(tmp_path, made)).spectrum.values == pytest.approx(made[:, 0].values())


def test_true_and_false_are_categories(tmp_path):
    made = hist.Hist.new.Reg(4, 0, 2).Boolean().Int64().fill(VALUES[0], VALUES[1] > 0)
    file = saved(tmp_path, {"h": made})
    assert read_spectrum(f"{file}:h/True").spectrum.values == pytest.approx(made[:, 1].values())
    assert "h/False, h/True" in refusal(tmp_path, {"h": made})


@pytest.mark.parametrize(
    "axis",
    [
        hist.axis.Regular(5, 0, 2, name="x", label="p"),
        hist.axis.Regular(5, 0, 2, underflow=False),
        hist.axis.Regular(5, 0, 2, circular=True),
        hist.axis.Regular(5, 1, 10, transform=hist.axis.transform.log),
        hist.axis.Regular(5, 0, 2, growth=True),
        hist.axis.Variable([0, 1, 1.5, 4], overflow=False),
        hist.axis.Integer(-1, 3),
    ],
)
@pytest.mark.parametrize("sparse", [False, True])
def test_axes_of_numbers(axis, sparse, tmp_path):
    label = axis.label
    made = hist.Hist(axis, storage=hist.storage.Weight(), name="h", label="events")
    made.fill(np.floor(VALUES[0]).astype(int) if isinstance(axis, hist.axis.Integer) else VALUES[0], weight=WEIGHTS)
    form = made._to_uhi_()
    back = read_spectrum(saved(tmp_path, uhi.io.to_sparse(form) if sparse else form))
    found = back.spectrum
    assert found.name == "h"
    assert found.edges == pytest.approx(made.axes[0].edges, rel=1e-14)
    assert found.label == label
    assert found.values == pytest.approx(made.values(), rel=1e-14)
    assert found.variances == pytest.approx(made.variances(), rel=1e-14)
    assert back.has_variances
    assert back.stated_unit == "events"
    flow = made.values(flow=True)
    outside = back.metadata.get("underflow", 0.0) + back.metadata.get("overflow", 0.0)
    assert outside == pytest.approx(flow.sum() - made.values().sum(), abs=1e-12)
    if axis.traits.underflow and not axis.traits.growth:
        assert back.metadata["underflow"] == pytest.approx(flow[0])


def test_two_sparse_axes(tmp_path):
    made = hist.Hist.new.Reg(3, 0, 2, name="x").Reg(4, 0, 2, name="y").Int64().fill(VALUES[0][:20], VALUES[1][:20])
    back = read_spectrum(saved(tmp_path, {"h": uhi.io.to_sparse(made._to_uhi_())}))
    assert back.spectrum.values.reshape(3, 4) == pytest.approx(made.values())
    assert not back.has_variances
    assert [axis.name for axis in back.spectrum.axes] == ["x", "y"]
    outside = made.values(flow=True).sum() - made.values().sum()
    assert back.metadata["underflow"] + back.metadata["overflow"] == outside > 0


@pytest.mark.parametrize("storage", [hist.storage.Mean(), hist.storage.WeightedMean()])
def test_means_are_no_counts(storage, tmp_path):
    made = hist.Hist(hist.axis.Regular(4, 0, 2), storage=storage, name="p").fill(VALUES[0], sample=VALUES[1])
    assert "as a profile: means in each bin, no counts of events" in refusal(tmp_path, made)


def test_an_exposure_in_the_metadata_of_a_histogram(tmp_path):
    made = hist.Hist.new.Reg(4, 0, 2, name="x").Double().fill(VALUES[0])
    made.luminosity_invfb, made.experiment = 0.0041, "ATLAS"
    back = read_spectrum(saved(tmp_path, made))
    assert back.exposure == {"luminosity_invfb": 0.0041}
    assert "experiment" not in back.metadata  # a word of others is no card of ours


def test_several_histograms_in_a_list(tmp_path):
    made = [hist.Hist.new.Reg(4, 0, 2).Double(name=name).fill(VALUES[0]) for name in ("one", None)]
    made[1].reset()
    file = saved(tmp_path, made)
    assert read_spectrum(f"{file}:one").spectrum.values == pytest.approx(made[0].values())
    assert read_spectrum(f"{file}:1").spectrum.values == pytest.approx(made[1].values())


def test_histograms_of_several_samples_in_one_another(tmp_path):
    made = {k: hist.Hist.new.Reg(4, 0, 2).Double().fill(values) for k, values in zip("ab", VALUES, strict=True)}
    file = saved(tmp_path, {"mc": {"pt": made["a"]}, "data": {"pt": made["b"]}, "nuportal": {"pt": made["a"]}})
    assert read_spectrum(f"{file}:data/pt").spectrum.values == pytest.approx(made["b"].values())
    assert "it has: mc/pt, data/pt" in refusal(tmp_path, {"mc": {"pt": made["a"]}, "data": {"pt": made["b"]}})


FORM = hist.Hist.new.Reg(2, 0, 2, flow=False).Double()._to_uhi_()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"storage": {"type": "double"}}, "is a description alone, without contents"),
        ({"storage": {"type": "double", "values": "/data/h"}}, "its values are in another file, '/data/h'"),
        ({"storage": {"type": "double", "values": ["1", "2"]}}, "values must be numbers"),
        ({"storage": {"type": "double", "values": [True, False]}}, "values must be numbers"),
        ({"storage": {"type": "weighted", "values": [1, 2]}}, "its weighted storage has no variances"),
        (
            {"storage": {"type": "weighted", "values": [1, 2], "variances": [1e-300, 1]}},
            "variances must be 0 or at least",
        ),
        ({"storage": {"type": "other", "values": [1, 2]}}, "a storage of the unknown type 'other'"),
        ({"storage": {"type": "double", "index": [[0, 2]], "values": [1, 2]}}, "not a UHI histogram: invalid entry"),
        ({"storage": {"type": "double", "index": [[-1]], "values": [1]}}, "not a UHI histogram: invalid entry"),
        ({"storage": {"type": "double", "index": [[1, 1]], "values": [1, 2]}}, "are not one number for each place"),
        ({"storage": {"type": "double", "index": [[0.0, 1.0]], "values": [1, 2]}}, "a row of whole numbers"),
        ({"storage": {"type": "double", "index": [[0], [1]], "values": [1]}}, "a row of whole numbers"),
        ({"axes": []}, "has no axes, it is a single number"),
        ({"axes": [{"type": "polar"}]}, "an axis of the unknown type 'polar'"),
        ({"axes": [{"type": "regular", "lower": 0, "upper": 1}]}, "it has no 'bins'"),
        ({"axes": [{"type": "category_str", "categories": []}]}, "an axis of no categories"),
        ({"writer_info": {"ROOT": {"class": "TH1D"}}}, "was written by ROOT, which leaves out the edges of its bins"),
        ({"uhi_schema": 2}, "uhi_schema 2; expected 1"),
    ],
)
def test_what_is_wrong_is_named(changes, words, tmp_path):
    assert words in refusal(tmp_path, {**FORM, **changes})


@pytest.mark.parametrize(
    "axes",
    [
        [{"type": "category_int", "categories": list(range(200))}] * 3,
        [{"type": "regular", "lower": 0, "upper": 1, "bins": 99_999}] * 2,
        [{"type": "regular", "lower": 0, "upper": 1, "bins": 10}] * 9,
    ],
)
def test_more_than_can_be_meant(axes, tmp_path):
    index = [[0]] * len(axes)
    refusal(tmp_path, {"h": {"axes": axes, "storage": {"type": "double", "index": index, "values": [1.0]}}})


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"channels": [], "observations": []}, "resembles a pyhf workspace, but has no measurements"),
        (
            {"channels": [], "observations": [], "measurements": []},
            "is a pyhf workspace, no histogram: expected it alone",
        ),
        ({"h": {"uhi_schema": 1, "storage": {}}}, "resembles a UHI histogram, but has no axes"),
        ({"patches": [], "version": "1.0.0"}, "is a pyhf patch set"),
        ({"_typename": "TH1D"}, "is a ROOT object in JSON"),
        ({"distributions": []}, "is an HS3 model"),
        ({"a": 1, "b": 2}, "has no histogram: it is neither a UHI histogram (uhi_schema, axes, storage) nor a pyhf"),
        ([1, 2], "has no histogram"),
        (3, "is not a UHI histogram: it holds 3 alone"),
    ],
)
def test_other_json_is_told_what_it_is(content, words, tmp_path):
    assert words in refusal(tmp_path, content)

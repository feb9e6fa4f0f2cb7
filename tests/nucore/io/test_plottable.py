"""Objects in place of files: each is read as the file that it writes, or refused with what is allowed."""

import json
from types import SimpleNamespace

import boost_histogram as bh
import hist
import numpy as np
import pytest
import uhi.io.json
import uproot
from uhi.numpy_plottable import NumPyPlottableHistogram

from nucore.errors import InputError
from nucore.histograms import Spectrum
from nucore.io.plottable import SpectrumResult, numbers, read_data
from nucore.io.readers import SpectrumFile, read_spectrum

RNG = np.random.default_rng(3)
X, Y, WEIGHTS = *RNG.uniform(-0.1, 1.1, (2, 300)), RNG.uniform(0.5, 2.0, 300)
EDGES = np.array([0.0, 0.2, 0.5, 1.0])


def histogram(storage=hist.storage.Double, library=hist.Hist, **about):
    axes = [bh.axis.Variable(EDGES)] if library is bh.Histogram else [hist.axis.Variable(EDGES, name="pt", label="p")]
    weight = WEIGHTS if storage is hist.storage.Weight else None
    return library(*axes, storage=storage(), **about).fill(X, weight=weight)


def assert_same(one, other):
    for name in ("values", "variances", "edges"):
        assert np.array_equal(getattr(one.spectrum, name), getattr(other.spectrum, name))
    assert (one.has_variances, one.stated_unit) == (other.has_variances, other.stated_unit)


@pytest.mark.parametrize("storage", [hist.storage.Double, hist.storage.Int64, hist.storage.Weight])
@pytest.mark.parametrize("about", [{}, {"name": "h", "label": "events"}])
def test_a_histogram_of_hist_is_read_as_its_file(storage, about, tmp_path):
    made = histogram(storage, **about)
    (tmp_path / "pt.json").write_text(json.dumps(made, default=uhi.io.json.default))
    read, of_file = read_data(made), read_spectrum(tmp_path / "pt.json")
    assert_same(read, of_file)
    assert read.spectrum.name == of_file.spectrum.name == about.get("name", "pt")
    assert read.metadata == of_file.metadata
    assert read.spectrum.values == pytest.approx(made.values())
    assert read.spectrum.variances == pytest.approx(made.variances())


def test_histograms_of_other_libraries():
    made, weighted = histogram(), histogram(hist.storage.Weight)
    for other in (
        histogram(library=bh.Histogram),
        NumPyPlottableHistogram(made.values(), EDGES),
        made.to_numpy(),
        np.histogram(X, EDGES),
        list(np.histogram(X, EDGES)),
        (made.values().tolist(), EDGES.tolist()),
    ):
        assert np.array_equal(read_data(other).spectrum.values, made.values())
        assert read_data(other).spectrum.edges == pytest.approx(EDGES, rel=1e-12)  # boost moves the last edge
        assert not read_data(other).has_variances
    plain = NumPyPlottableHistogram(weighted.values(), EDGES, variances=weighted.variances())
    assert np.array_equal(read_data(plain).spectrum.variances, weighted.variances())
    assert read_data(plain).has_variances


def test_several_axes():
    made = hist.Hist.new.Var(EDGES, name="x").Reg(2, 0, 1, name="y").Double().fill(X, Y)
    arrays = np.histogram2d(X, Y, [EDGES, [0.0, 0.5, 1.0]])
    for other in (made, arrays, (arrays[0], list(arrays[1:])), made.to_numpy()):
        found = read_data(other).spectrum
        assert np.array_equal(found.values, arrays[0].ravel())
        for axis, edges in zip(found.axes, (EDGES, [0.0, 0.5, 1.0]), strict=True):
            assert axis.edges == pytest.approx(edges, rel=1e-12)


@pytest.mark.parametrize("storage", [hist.storage.Double, hist.storage.Weight])
def test_a_histogram_of_uproot_is_read_as_its_file(storage, tmp_path):
    made = histogram(storage, name="h", label="Events / GeV")
    two = hist.Hist.new.Var(EDGES, name="x").Reg(2, 0, 1, name="y").Double().fill(X, Y)
    with uproot.recreate(tmp_path / "h.root") as file:
        file["h"], file["two"] = made, two
    with uproot.open(tmp_path / "h.root") as file:
        assert_same(read_data(file["h"]), read_spectrum(f"{tmp_path}/h.root:h"))
        assert np.array_equal(read_data(file["h"]).spectrum.values, made.values())
        assert_same(read_data(file["two"]), read_spectrum(f"{tmp_path}/h.root:two"))


def test_our_own():
    spectrum = Spectrum.from_counts("lepton_pt", EDGES, [1.0, 2.0, 3.0])
    about = {"experiment": "atlas-2011", "exposure": {"luminosity_invfb": 0.1}}
    assert read_data(spectrum).spectrum is spectrum
    whole = SpectrumFile(spectrum, about)
    assert read_data(whole) is whole
    result = SimpleNamespace(spectrum=spectrum, metadata=about)
    assert isinstance(result, SpectrumResult)
    assert read_data(result).exposure == {"luminosity_invfb": 0.1}
    assert read_data(result).has_variances
    assert np.array_equal(read_data(spectrum.to_hist()).spectrum.values, spectrum.values)


MEANS = hist.Hist(hist.axis.Regular(3, 0, 1), storage=hist.storage.Mean()).fill(X, sample=Y)
GAPS = NumPyPlottableHistogram(np.ones(2), np.array([[0.0, 1.0], [2.0, 3.0]]))
LABELS = hist.Hist.new.StrCat(["e", "mu"], name="flavour").Reg(3, 0, 1).Double()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (MEANS, "hist.Hist has mean storage, as a profile: means in each bin, no counts"),
        (NumPyPlottableHistogram(np.ones(2), np.arange(3.0), kind="MEAN"), "is of kind MEAN, as a profile"),
        (LABELS, "hist.Hist has a category axis, flavour; expected one category of it, h[{'flavour': ...}]"),
        (GAPS, "the bins of axis 0 have gaps or overlap"),
        (
            (EDGES, [1.0, 2.0, 3.0]),
            "arrays of 4 and 3 numbers; expected values in n bins and n + 1 edges for each axis",
        ),
        (([1.0, 2.0, 3.0], EDGES, EDGES), "arrays of 3 and 4 and 4 numbers"),
        ((3.0, EDGES), "arrays of 1 and 4 numbers"),
        (([1.0, 2.0, 3.0],), "arrays of 3 numbers"),
        ([], "invalid values of type NoneType"),
        (([1.0, 2.0, np.nan], EDGES), "values must be finite numbers"),
        (([1.0, 2.0, 3.0], EDGES[::-1]), "the edges do not increase"),
        ((np.array([1, 2, 3j]), EDGES), "invalid values of type ndarray: expected real numbers"),
        ((["1", "2", "3"], EDGES), "invalid values of type list: expected real numbers"),
        ((np.ma.masked_equal([1.0, 2.0, 3.0], 2.0), EDGES), "none of them masked"),
        (([[1.0], [2.0, 3.0]], EDGES), "invalid values: setting an array element"),
        (np.ones(3), "data cannot be of type numpy.ndarray: expected a file, a histogram (hist,"),
        ({"values": [1.0]}, "data cannot be of type dict: expected"),
        (None, "or a result of generate or analyse"),
    ],
)
def test_what_is_no_data_is_refused(data, words):
    with pytest.raises(InputError) as caught:
        read_data(data)
    assert words in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_failure_of_another_package_is_named():
    class Broken:
        def _to_uhi_(self):
            raise TypeError("Unsupported storage type: MultiCell(2)")

    with pytest.raises(InputError, match=r"Broken cannot be read: Unsupported storage type: MultiCell\(2\)"):
        read_data(Broken())


def test_labels_of_root_are_no_edges():
    axis = type(
        "Axis",
        (),
        {"traits": SimpleNamespace(discrete=True), "__len__": lambda _: 2, "__getitem__": lambda _, k: "ab"[k]},
    )
    made = SimpleNamespace(
        kind="COUNT", axes=[axis()], values=lambda: np.ones(2), variances=lambda: None, counts=np.ones
    )
    with pytest.raises(InputError, match=r"axis 0 has labels \(a, b, ...\) in place of edges"):
        read_data(made)


def test_numbers_are_real():
    assert numbers(np.float32([1, 2]), "values").dtype == np.float64
    with pytest.raises(InputError, match="invalid edges of type list"):
        numbers([True], "edges")

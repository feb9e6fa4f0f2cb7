"""Histograms of ROOT files: which one is meant, what it holds, and what is none."""

import struct

import numpy as np
import pytest
import uproot
from uproot.writing.identify import to_TAxis, to_TH1x, to_TH2x, to_THashList, to_TObjString, to_TProfile

from nucore.errors import InputError
from nucore.io.readers import read_spectrum
from nucore.io.root_files import RootFile
from nucore.io.root_names import find_histogram

EDGES = np.linspace(30.0, 50.0, 41)
COUNTS = np.arange(100.0, 140.0)


def axis(letter, title="", n=40, low=30.0, high=50.0, **more):
    return to_TAxis(f"{letter}axis", title, n, low, high, **more)


def th1(values=COUNTS, squares=None, *, flow=(0, 0), dtype=">f8", entries=None, title="", unit="", x=None, **more):
    """A TH1 of the storage of a type of numbers."""
    data = np.concatenate([flow[:1], values, flow[1:]]).astype(dtype)
    x = axis("x", "pT [GeV]", len(values)) if x is None else x
    sums = np.array([]) if squares is None else np.concatenate([[0.0], squares, [0.0]]).astype(">f8")
    entries = float(np.sum(values)) if entries is None else entries
    y = axis("y", unit, 1, 0, 1)
    return to_TH1x(None, title, data, entries, 0.0, 0.0, 0.0, 0.0, sums, x, y, axis("z", "", 1, 0, 1), **more)


def written(tmp_path, **objects):
    file = tmp_path / "f.root"
    with uproot.recreate(file, compression=None) as root:
        for name, content in objects.items():
            root[name.replace("__", "/")] = content
    return file


def refused(source, *words):
    with pytest.raises(InputError) as caught:
        read_spectrum(source)
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 2500
    for word in words:
        assert word in message
    return message


def replaced(file, old, new):
    content = file.read_bytes()
    assert old in content
    file.write_bytes(content.replace(old, new))


# -- names ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def cycles(tmp_path):
    file = tmp_path / "cycles.root"
    with uproot.recreate(file) as root:
        for k in (1, 2, 3):
            root["h"] = th1(COUNTS * k)
        for k in (4, 5):
            root["plots/mu/pt"] = th1(COUNTS * k)
    return file


@pytest.mark.parametrize(
    ("name", "factor"),
    [
        ("h", 3), ("h;1", 1), ("h;2", 2), ("h;3", 3), ("/h;2", 2),
        ("plots/mu/pt", 5), ("/plots/mu/pt", 5), ("plots/mu/pt;1", 4), ("plots;1/mu;1/pt;1", 4), ("plots;1/mu/pt", 5),
    ],
)  # fmt: skip
def test_the_cycle_that_is_named_or_the_newest(cycles, name, factor):
    found = read_spectrum(f"{cycles}:{name}").spectrum
    assert found.values.tolist() == (COUNTS * factor).tolist()
    assert found.name == ("h" if "h" in name else "plots/mu/pt")


def test_a_cycle_that_the_file_lacks(cycles):
    refused(f"{cycles}:h;7", "no cycle 7 of 'h'", "it has: 1, 2, 3")
    refused(f"{cycles}:plots/mu/pt;3", "no cycle 3 of 'plots/mu/pt'", "it has: 1, 2")
    refused(f"{cycles}:plots;2/mu/pt", "'plots;2/mu/pt' is not in it")
    refused(f"{cycles}:h;first", "'h;first' is not in it", "it has: h,")
    with RootFile(cycles) as root:
        assert root.kinds["plots/mu/pt"] == "TH1D"
        assert root.cycles("h") == [1, 2, 3]


def test_an_older_cycle_of_a_folder(tmp_path):
    file = tmp_path / "f.root"
    with uproot.recreate(file, compression=None) as root:
        root["aa/h"] = th1()
        root["bb/h"] = th1(COUNTS + 1.0)
    with uproot.open(file) as root:
        place = root.key("bb").fSeekKey
    replaced(file, b"\x02bb", b"\x02aa")
    replaced(file, struct.pack(">hi", 1, place), struct.pack(">hi", 2, place))
    for name, first in (("aa/h", 101.0), ("aa;2/h", 101.0), ("aa;1/h", 100.0)):
        assert read_spectrum(f"{file}:{name}").spectrum.values[0] == first


def test_a_name_that_the_file_lacks_gets_those_most_like_it(tmp_path):
    names = [f"mu_eta_sys{k}" for k in range(60)]
    file = written(tmp_path, **dict.fromkeys([*names, "plots__lepton_pt"], th1()))
    message = refused(
        f"{file}:Lepton_pT", "'Lepton_pT' is not in it; it has: plots/lepton_pt, mu_eta_sys", "and 41 more"
    )
    assert message.count("mu_eta") == 19
    refused(f"{file}:plots", "'plots' is a TDirectory, a folder; name a histogram in it: plots/lepton_pt")
    refused(file, "name the histogram as FILE:NAME; it has: mu_eta_sys0, mu_eta_sys1")


# -- other objects ----------------------------------------------------------------------------------------------------


def test_a_profile_is_no_histogram_of_counts(tmp_path):
    sums = np.ones(42, ">f8")
    profile = to_TProfile(None, "", sums, 40.0, 40.0, 40.0, 1.0, 1.0, 1.0, 1.0, sums, sums, np.array([]), axis("x"))
    file = written(tmp_path, prof=profile)
    refused(f"{file}:prof", "'prof' is a TProfile: means of a quantity", "no counts; expected a TH1")
    refused(file, "no TH1, TH2 or TH3 in it", "'prof', a TProfile: means")
    refused(f"{file}:other", "'other' is not in it", "'prof', a TProfile")
    beside = written(tmp_path, prof=profile, h=th1())
    assert read_spectrum(beside).spectrum.name == "h"


class Names:
    """What is asked of an open file, of objects that uproot cannot write."""

    def __init__(self, **kinds):
        self.kinds = {name.replace("__", "/"): kind for name, kind in kinds.items()}

    def find(self, asked):
        return asked, None

    def kind(self, name, _):
        return self.kinds[name]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("TProfile2D", "means"), ("TEfficiency", "passed or its total"), ("TGraphAsymmErrors", "points"),
        ("TF1", "function"), ("THStack", "sum"), ("THnSparseT<TArrayD>", "projection"), ("TH2Poly", "polygons"),
        ("TH1K", "no counts"), ("TCanvas", "drawing"), ("RooWorkspace", "pyhf workspace"), ("TList", "collection"),
        ("ROOT::RNTuple", "not binned"), ("TTree", "not binned"), ("TMatrixTSym<double>", "numbers without bins"),
        ("MyClass", "MyClass; "),
    ],
)  # fmt: skip
def test_an_object_is_named_for_what_it_is(kind, words, tmp_path):
    with pytest.raises(InputError, match=f"'x' is a {kind}.*expected a TH1, TH2 or TH3 of events") as caught:
        find_histogram(Names(x=kind, h="TH1F"), "x", tmp_path)
    assert words in str(caught.value)


def test_points_of_a_hepdata_table_name_the_histogram_beside_them(tmp_path):
    names = {"Table 1__Graph1D_y1": "TGraphAsymmErrors", "Table 1__Hist1D_y1": "TH1F"}
    with pytest.raises(InputError, match="points, not contents of bins; expected a histogram, as Table 1/Hist1D_y1"):
        find_histogram(Names(**names), "Table 1/Graph1D_y1", tmp_path)


def test_names_of_strangers_are_shown_short_and_printable(tmp_path):
    with pytest.raises(InputError) as caught:
        find_histogram(Names(**{"a\nb\x1b[2J": "TTree\n", "c" * 5000: "TH1D"}), "a\nb\x1b[2J", tmp_path)
    assert str(caught.value).isprintable()
    with pytest.raises(InputError) as caught:
        find_histogram(Names(**{"c" * 5000: "TH1D"}), "d" * 5000, tmp_path)
    assert len(str(caught.value)) < 400


# -- contents ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("storage", [">i1", ">i2", ">i4", ">f4", ">f8"])
@pytest.mark.parametrize("weighted", [False, True])
def test_every_storage(tmp_path, storage, weighted):
    values = COUNTS - 90.0
    file = written(
        tmp_path, h=th1(values, 9.0 * values if weighted else None, flow=(3, 5), dtype=storage, entries=77.0)
    )
    found = read_spectrum(file)
    assert found.spectrum.values.tolist() == values.tolist()
    assert found.spectrum.variances.tolist() == (values * (9.0 if weighted else 1.0)).tolist()
    assert found.has_variances is weighted
    assert found.metadata == {"underflow": 3.0, "overflow": 5.0}
    assert found.spectrum.edges == pytest.approx(EDGES)
    assert found.spectrum.label == "pT [GeV]"


def test_long_counters_of_a_class_that_only_the_file_describes(tmp_path):
    longs = COUNTS.astype(">i8").view(">f8")
    file = written(tmp_path, h=th1(longs))
    replaced(file, b"\x04TH1D", b"\x04TH1L")
    replaced(file, b"\x07TArrayD\x10Array of doubles", b"\x09TArrayL64\x0eArray of longs")
    with RootFile(file) as root:
        assert root.kinds == {"h": "TH1L"}
    assert read_spectrum(file).spectrum.values.tolist() == COUNTS.tolist()


def test_what_readers_find_is_not_taken_from_the_provenance_of_a_file(tmp_path):
    about = '{"experiment": "e949", "notes": 5, "other_errors": {}, "errors_of": "h", "underflow": "many"}'
    found = read_spectrum(written(tmp_path, h=th1(), provenance=about))
    assert found.metadata == {"experiment": "e949", "underflow": 0.0, "overflow": 0.0}


def test_bins_of_any_width_and_negative_contents(tmp_path):
    edges = np.array([30.0, 31.0, 35.0, 50.0])
    file = written(tmp_path, h=th1([-2.0, 0.0, 4.0], x=axis("x", "", 3, fXbins=edges)))
    found = read_spectrum(file).spectrum
    assert found.edges.tolist() == edges.tolist()
    assert found.variances.tolist() == [2.0, 0.0, 4.0]


@pytest.mark.parametrize(
    ("titles", "label", "unit"),
    [
        ({"unit": "d#sigma/dp_{T} [pb/GeV]"}, "pT [GeV]", "d#sigma/dp_{T} [pb/GeV]"),
        ({"title": "Muons;ignored;Events / 0.5 GeV"}, "pT [GeV]", "Events / 0.5 GeV"),
        ({"title": "a #; b"}, "pT [GeV]", ""),
        ({"title": "Muons;p_{T} [MeV];Events", "x": axis("x")}, "p_{T} [MeV]", "Events"),
    ],
)
def test_titles_tell_what_the_axes_and_the_contents_are(tmp_path, titles, label, unit):
    found = read_spectrum(written(tmp_path, h=th1(**titles)))
    assert (found.spectrum.label, found.stated_unit) == (label, unit)


def test_two_axes(tmp_path):
    inside = np.arange(8.0).reshape(2, 4)  # y, x
    cells = np.full((4, 6), 100.0)
    cells[1:-1, 1:-1], cells[0, :], cells[:, 0] = inside, 1.0, 1.0
    z = to_TAxis("zaxis", "fb", 1, 0, 1)
    of_both = to_TH2x(
        None, "", cells.ravel().astype(">f8"), 28.0, *7 * [0.0], np.array([]), axis("x", "pt", 4),
        axis("y", "abs eta", 2, 0, 2.4), z,
    )  # fmt: skip
    found = read_spectrum(written(tmp_path, h=of_both))
    assert [(a.name, a.label, a.n_bins) for a in found.spectrum.axes] == [("pt", "pt", 4), ("axis1", "abs eta", 2)]
    assert found.spectrum.values.tolist() == inside.T.ravel().tolist()
    assert found.stated_unit == "fb"
    assert (found.metadata["underflow"], found.metadata["overflow"]) == (9.0, 700.0)


def full(dtype, *contents, **more):
    return th1(np.array([1.0, 2.0, *contents, 3.0]), dtype=dtype, **more)


@pytest.mark.parametrize(
    ("histogram", "words"),
    [
        (full(">i1", 127), "1 of its bins stop at 127; a TH1C counts to 127"),
        (full(">i1", -127), "stop at 127"),
        (full(">i1", *[120] * 6), "6 of its bins stop at 120; a TH1C counts to 127"),
        (full(">i2", 32767, 32767), "2 of its bins stop at 32767; a TH1S"),
        (full(">i4", 2**31 - 1), "a TH1I counts to 2147483647"),
        (full(">f4", 2**24), "1 of its bins stop at 16777216; a TH1F counts to 16777216"),
        (full(">f4", 2**24, squares=np.ones(4)), "a TH1F counts to"),
        (full(">f4", 2**24 + 2000, entries=3e7), "a TH1F counts to"),
    ],
)
def test_full_counters(tmp_path, histogram, words):
    refused(written(tmp_path, h=histogram), "histogram 'h'", words, "fill a histogram of doubles (TH1D)")


@pytest.mark.parametrize(
    "histogram",
    [
        full(">i1", 126, 126),
        full(">i2", 127),
        full(">f4", 2**24 + 2000),  # a sum of several: all entries are there
        full(">f4", 2**24 + 2000, entries=0.0),  # of contents that were set
        full(">f4", 2**25, entries=9e7, squares=np.ones(4)),
        full(">f8", 2**24),
    ],
)
def test_counters_that_are_not_full(tmp_path, histogram):
    assert read_spectrum(written(tmp_path, h=histogram)).spectrum.n_bins in (4, 5)


def labelled(*labels, **edges):
    texts = []
    for k, label in enumerate(labels):
        texts.append(to_TObjString(label))
        texts[-1]._bases[0]._members["@fUniqueID"] = k + 1
    return axis("x", "", len(labels), fLabels=to_THashList(texts), **edges)


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (labelled("e", "mu", "tau"), ("x axis has categories ('e', 'mu', 'tau')", "expected an axis of numbers")),
        (labelled("1", "2", "3", low=0.5, high=3.5), ("categories ('1', '2', '3')",)),
        (labelled("a", "b", "c", "d"), ("categories ('a', 'b', 'c', ...)",)),
        (axis("x", "", 3, fTimeDisplay=True), ("x axis shows times",)),
    ],
)
def test_axes_that_are_none_of_numbers(tmp_path, x, words):
    refused(written(tmp_path, h=th1(np.ones(x.member("fNbins")), x=x)), *words)


def test_labels_that_repeat_the_edges(tmp_path):
    file = written(tmp_path, h=th1(np.ones(2), x=labelled("30 - 40", "40 - 50")))
    assert read_spectrum(file).spectrum.edges.tolist() == [30.0, 40.0, 50.0]


def test_averages_and_entries_that_are_not_filled(tmp_path):
    average = written(tmp_path, h=th1())
    replaced(average, b"\x03\x00\x00\x08", b"\x03\x04\x00\x08")
    refused(average, "its contents are averages (kIsAverage)")
    buffer = np.array([2.0, 1.0, 31.0, 1.0, 32.0], ">f8")
    refused(
        written(tmp_path, h=th1(fBufferSize=5, fBuffer=buffer)), "2 entries are not yet in its bins", "BufferEmpty()"
    )
    read_spectrum(written(tmp_path, h=th1(fBufferSize=5, fBuffer=0.0 * buffer)))


def test_contents_that_were_set_by_one_weighted_entry_each(tmp_path):
    """The sum of squared weights is then the square of the content: no variance."""
    found = read_spectrum(written(tmp_path, h=th1(COUNTS, COUNTS**2)))
    assert not found.has_variances
    assert "filled once" in found.metadata["notes"][0]
    assert found.spectrum.variances.tolist() == COUNTS.tolist()
    empty = np.where(COUNTS > 120, 0.0, COUNTS)
    assert not read_spectrum(written(tmp_path, h=th1(empty, empty**2, entries=40.0))).has_variances
    # but a few events of a simulation are
    assert read_spectrum(written(tmp_path, h=th1(empty, empty**2, entries=21.0))).has_variances
    assert read_spectrum(written(tmp_path, h=th1(COUNTS[:4], COUNTS[:4] ** 2))).has_variances


# -- tables of HEPData ------------------------------------------------------------------------------------------------


def table(tmp_path, **errors):
    """Values with errors beside them, as HEPData writes them: errors by name, the title being the label."""
    beside = {f"Table 1__Hist1D_y1_{n}": th1(e, np.square(e), unit=title) for n, (title, e) in errors.items()}
    return written(tmp_path, **{"Table 1__Hist1D_y1": th1([4.0, 9.0], [16.0, 81.0], unit="Events")}, **beside)


@pytest.mark.parametrize(
    ("errors", "variances", "others"),
    [
        ({}, None, []),
        ({"e1": ("stat", [3.0, 4.0])}, [9.0, 16.0], []),
        ({"e1": ("error", [3.0, 4.0])}, [9.0, 16.0], []),
        ({"e1": ("sys,lumi", [1.0, 1.0]), "e2": ("stat", [3.0, 4.0])}, [9.0, 16.0], ["sys,lumi"]),
        ({"e1": ("error_1", [1.0, 1.0]), "e2": ("error_2", [3.0, 4.0])}, None, ["error_1", "error_2"]),
        ({"e1plus": ("stat_plus", [1.0, 1.0]), "e1minus": ("stat_minus", [-3.0, -4.0])}, None, ["stat"]),
        ({"e1": ("stat", [3.0, 0.0])}, None, ["stat"]),
    ],
)
def test_errors_of_a_hepdata_table(tmp_path, errors, variances, others):
    found = read_spectrum(table(tmp_path, **errors))
    assert found.spectrum.values.tolist() == [4.0, 9.0]
    assert found.has_variances is (variances is not None)
    assert found.spectrum.variances.tolist() == (variances or [4.0, 9.0])
    assert found.metadata["other_errors"] == others
    assert found.stated_unit == "Events"


def test_an_error_says_of_what_it_is_one(tmp_path):
    file = table(tmp_path, e1=("stat", [3.0, 4.0]))
    found = read_spectrum(f"{file}:Table 1/Hist1D_y1_e1")
    assert found.metadata["errors_of"] == "Table 1/Hist1D_y1"
    assert not found.has_variances
    with pytest.raises(InputError, match="'Table 1/Hist1D_y1_e2' has other bins than 'Table 1/Hist1D_y1'"):
        read_spectrum(table(tmp_path, e1=("stat", [3.0, 4.0]), e2=("sys", [1.0] * 200)))

"""Published spectra of experiment cards: the shipped ones, those of users, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from collider.experiments.published_data import data_names, load_data
from collider.experiments.response import load_experiment, parse_card
from nucore.card_files import Card
from nucore.errors import InputError


@pytest.mark.parametrize(
    ("name", "minus", "plus", "n_bins"),
    [("e-pt", 2.347e6, 3.225e6, 40), ("mu-pt", 3.045e6, 4.367e6, 40), ("e-mt", None, None, 30)],
)
def test_the_spectra_of_atlas(name: str, minus: float | None, plus: float | None, n_bins: int) -> None:
    """Sums: those of the figures' bins that were noted when they were read."""
    observed = load_data(load_experiment("atlas-2011"), name)
    prediction = observed.prediction
    assert prediction is not None
    assert (observed.unit, observed.covariance, observed.block.normalisation) == ("events", None, "free")
    assert [axis.name for axis in observed.spectrum.axes] == ["charge", observed.block.observable]
    sums = observed.spectrum.values.reshape(2, n_bins).sum(axis=1)
    if minus is not None:
        assert sums == pytest.approx([minus, plus], rel=2e-4)
    np.testing.assert_array_equal(observed.spectrum.variances, observed.spectrum.values)
    # normalised to the data
    totals = prediction.total.reshape(2, n_bins).sum(axis=1)
    assert totals == pytest.approx(sums, rel=2e-3)
    (band,) = prediction.errors
    assert band.correlation is None
    assert 0.002 < np.min(band.sigma / prediction.total) < np.max(band.sigma / prediction.total) < 0.02
    np.testing.assert_array_equal(prediction.groups, np.repeat([0, 1], n_bins))


def test_the_cards_data_are_where_its_selections_are() -> None:
    for name in ("atlas-2011", "lhcb-5"):
        experiment = load_experiment(name)
        for block in experiment.data:
            selection = experiment.analysis(block.selection)
            assert selection.observable == block.observable
            np.testing.assert_allclose(load_data(experiment, block.name).edges, selection.edges)


def test_the_cross_sections_of_lhcb() -> None:
    """Totals and their uncertainties: abstract of arXiv:2509.18817."""
    observed = load_data(load_experiment("lhcb-5"), "mu-pt")
    values = observed.spectrum.values.reshape(2, 12)
    assert observed.unit == "pb"
    assert values.sum(axis=1) == pytest.approx([236.9, 300.9], abs=0.05)
    assert observed.covariance is not None
    blocks = observed.covariance.reshape(2, 12, 2, 12).sum(axis=(1, 3))
    published = [np.hypot(np.hypot(2.1, 2.7), 4.7), np.hypot(np.hypot(2.4, 3.8), 6.0)]
    assert np.sqrt(np.diag(blocks)) == pytest.approx(published, rel=0.03)
    np.testing.assert_array_equal(observed.spectrum.variances, np.diag(observed.covariance))
    assert list(observed.origin["files_sha256"]) == [
        "lhcb-5/mu-pt-minus.csv", "lhcb-5/mu-pt-plus.csv", "lhcb-5/correlation-stat-minus.csv",
        "lhcb-5/correlation-stat-plus.csv", "lhcb-5/correlation-syst.csv",
    ]  # fmt: skip


PLUS = "low,high,xs,stat\n20,25,1,0.1\n25,35,2,0.2\n35,40,3,0.3\n"
MINUS = "low,high,xs,stat\n20,25,4,0.4\n25,35,5,0.5\n35,40,6,nan\n"
BLOCK = """
extends = "atlas-2011"

[[data]]
name = "mine"
flavour = "mu"
observable = "lepton_pt"
level = "dressed"
unit = "fb/GeV"
window_GeV = [20.0, 35.0]
data = { "+" = "d/plus.csv:xs", "-" = "d/minus.csv:xs" }
reference = "test"
origin = "test"

[[data.uncertainties]]
name = "statistical"
files = { "+" = "d/plus.csv:stat", "-" = "d/minus.csv:stat" }
correlation = "none"
statistical = true

[[data.uncertainties]]
name = "shape"
size = 0.1
relative = true
correlation = "d/matrix.csv"
"""


def _matrix(seed: int, n: int) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(n, 8))
    vectors /= np.linalg.norm(vectors, axis=1)[:, None]
    return np.asarray(vectors @ vectors.T)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "plus.csv").write_text(PLUS)
    (tmp_path / "d" / "minus.csv").write_text(MINUS)
    np.savetxt(tmp_path / "d" / "matrix.csv", _matrix(1, 6), delimiter=",")
    for k, charge in enumerate(("plus", "minus")):
        np.savetxt(tmp_path / "d" / f"matrix-{charge}.csv", _matrix(2 + k, 3), delimiter=",")
    return tmp_path


def _card(folder: Path, *changes: tuple[str, str], name: str = "mine.toml") -> Path:
    text = BLOCK
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / name).write_text(text)
    return folder / name


def test_a_cross_section_per_bin_with_its_covariance(folder: Path) -> None:
    observed = load_data(load_experiment(_card(folder)), "mine")
    values = 1e-3 * np.array([4 * 5, 5 * 10, 1 * 5, 2 * 10])  # W- first, fb/GeV times width in pb, 35-40 cropped
    np.testing.assert_allclose(observed.spectrum.values, values)
    np.testing.assert_allclose(observed.edges, [20, 25, 35])
    rho = _matrix(1, 6)
    place = [3, 4, 0, 1]  # of the bins in the matrix, where W+ is first
    expected = np.empty((4, 4))
    for i in range(4):
        for j in range(4):
            expected[i, j] = 0.1 * values[i] * 0.1 * values[j] * rho[place[i], place[j]]
            if i == j:
                expected[i, j] += (1e-3 * [0.4 * 5, 0.5 * 10, 0.1 * 5, 0.2 * 10][i]) ** 2
    np.testing.assert_allclose(observed.covariance, expected, rtol=1e-12)
    assert observed.block.normalisation == "constrained"
    assert observed.prediction is None


def test_the_order_of_charges_in_a_matrix(folder: Path) -> None:
    card = _card(folder, ('unit = "fb/GeV"', 'unit = "pb"\ncharge_order = ["-", "+"]'))
    covariance = load_data(load_experiment(card), "mine").covariance
    assert covariance is not None
    assert covariance[0, 3] == pytest.approx(0.4 * 0.2 * _matrix(1, 6)[0, 4])


def test_one_matrix_for_each_charge(folder: Path) -> None:
    files = 'correlation_files = { "+" = "d/matrix-plus.csv", "-" = "d/matrix-minus.csv" }'
    card = _card(folder, ('correlation = "d/matrix.csv"', files), ("fb/GeV", "1"))
    observed = load_data(load_experiment(card), "mine")
    assert observed.covariance is not None
    assert observed.covariance[0, 1] == pytest.approx(0.4 * 0.5 * _matrix(3, 3)[0, 1])
    assert observed.covariance[2, 3] == pytest.approx(0.1 * 0.2 * _matrix(2, 3)[0, 1])
    assert np.abs(observed.covariance[:2, 2:]).max() == 0.0
    assert (observed.unit, observed.block.normalisation) == ("1", "free")


@pytest.mark.parametrize(("across", "between"), [("", 0.0), ("\nacross_charges = [true]", 1.0)])
def test_a_band_is_uncorrelated_or_smooth(folder: Path, across: str, between: float) -> None:
    length = ('correlation = "d/matrix.csv"', f"correlation_GeV = [0.0, 5.0]{across}")
    experiment = load_experiment(_card(folder, length, ("fb/GeV", "pb")))
    apart = load_data(experiment, "mine").covariance
    smooth = load_data(experiment, "mine", correlation_GeV=5.0).covariance
    assert apart is not None
    assert smooth is not None
    np.testing.assert_allclose(apart, np.diag(np.diag(smooth)))
    rho = np.exp(-0.5 * ((30.0 - 22.5) / 5.0) ** 2)
    assert smooth[0, 1] == pytest.approx(0.4 * 0.5 * rho)
    assert smooth[0, 3] == pytest.approx(0.4 * 0.2 * rho * between)
    assert smooth[0, 2] == pytest.approx(0.4 * 0.1 * between)


COUNTS = """
extends = "atlas-2011"

[[data]]
name = "both"
flavour = "e"
observable = "transverse_mass"
level = "detector"
unit = "events/GeV"
data = { both = "d/plus.csv:xs" }
prediction = { both = "d/plus.csv:xs" }
background = { both = "d/plus.csv:stat" }
background_uncertainty = 0.1
reference = "test"
origin = "test"

[[data.uncertainties]]
name = "lumi"
on = "prediction"
size = 0.05
relative = true
correlation = "full"

[[data.uncertainties]]
name = "floor"
on = "prediction"
size = 0.5
correlation = "none"
"""


def test_events_of_both_charges_with_a_prediction(folder: Path) -> None:
    (folder / "counts.toml").write_text(COUNTS)
    observed = load_data(load_experiment(folder / "counts.toml"), "both")
    prediction = observed.prediction
    assert prediction is not None
    assert (observed.covariance, observed.spectrum.axes, prediction.groups) == (None, (), None)
    np.testing.assert_allclose(observed.spectrum.values, [5, 20, 15])
    np.testing.assert_allclose(prediction.signal, [4.5, 18, 13.5])
    np.testing.assert_allclose(prediction.background, [0.5, 2, 1.5])
    lumi, floor = prediction.errors
    np.testing.assert_allclose(lumi.covariance, np.outer(0.05 * prediction.total, 0.05 * prediction.total))
    np.testing.assert_allclose(floor.sigma, [2.5, 5, 2.5])  # per GeV, as the data


def test_files_are_sought_where_the_block_is_written(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    base = _card(folder)
    other = tmp_path_factory.mktemp("other")
    (other / "more.toml").write_text(f'extends = "{base}"\ntitle = "more"\n')
    experiment = load_experiment(other / "more.toml")
    assert data_names(experiment) == ("mine",)
    assert data_names(experiment, "e") == ()
    assert load_data(experiment, "mine").spectrum.n_bins == 4
    # of a shipped card
    (other / "atlas.toml").write_text('extends = "atlas-2011"\n')
    assert load_data(load_experiment(other / "atlas.toml"), "mu-pt").spectrum.n_bins == 80
    # the same text in another folder has other files
    (other / "mine.toml").write_text(base.read_text())
    with pytest.raises(InputError, match="does not exist"):
        load_data(load_experiment(other / "mine.toml"), "mine")
    assert load_data(load_experiment(base), "mine").spectrum.n_bins == 4


def test_a_card_from_a_record_has_no_files(folder: Path) -> None:
    card = load_experiment(_card(folder)).card
    assert card is not None
    with pytest.raises(InputError, match="no folder is known for its files"):
        load_data(parse_card(Card(card.name, card.text)), "mine")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"d/minus.csv:xs" }', '"d/minus.csv:xs", both = "d/plus.csv:xs" }', "data.0.data: expected files for"),
        ('flavour = "mu"', 'flavour = "mu"\nselection = "half"', "no selection 'half' of mine; expected one of paper"),
        ('correlation = "none"\nstatistical = true', 'correlation = "none"', "uncertainties: none is statistical"),
        ('correlation = "none"', 'correlation = "none"\nsize = 0.1', "uncertainties.0.size: expected either size"),
        ('correlation = "d/matrix.csv"', "", "uncertainties.1.correlation: expected one of"),
        ('name = "shape"', 'name = "statistical"', "uncertainties: a name is given twice"),
        ('name = "shape"', 'name = "shape"\non = "prediction"', "expected a prediction with it"),
        ('unit = "fb/GeV"', 'unit = "nb"', "data.0.unit: got 'nb'; expected 'events'"),
        ('unit = "fb/GeV"', 'unit = "pb"\nluminosity_invfb = 1.0', "expected it with numbers of events alone"),
        ('"+" = "d/plus.csv:stat", ', "", "files of statistical: expected files for the charges of data"),
        ('reference = "test"', "", "data.0.reference: missing; expected a text"),
        ("window_GeV = [20.0, 35.0]", "window_GeV = [35.0, 20.0]", "window_GeV: got"),
        ("window_GeV", "windov_GeV", "data.0.windov_GeV: unknown key; expected window_GeV"),
        ('flavour = "mu"', 'flavour = "mu"\nbackground = { "+" = "a", "-" = "b" }', "prediction: missing"),
    ],
)
def test_bad_blocks_are_refused_by_key(folder: Path, old: str, new: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        load_experiment(_card(folder, (old, new)))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("window_GeV = [20.0, 35.0]", "", "minus.csv, line 4: 'nan' is not a finite number"),
        ("[20.0, 35.0]", "[20.0, 30.0]", "no bin edge at 30; expected one of 20, 25, 35, 40"),
        ("d/plus.csv:xs", "d/plus.csv:x", "no columns 'x'; expected FILE:COLUMN, one of xs, stat"),
        ("d/plus.csv:xs", "d/none.csv:xs", "none.csv does not exist"),
        ("d/plus.csv:xs", "d/short.csv:xs", "other bins in d/short.csv:xs; expected those of the data"),
        ("d/matrix.csv", "d/matrix-plus.csv", "3 x 3 numbers; expected 6 x 6"),
        ('"d/minus.csv:stat" }', '"d/minus.csv:stat" }\nlabel = "stat"', "no error 'stat'; expected one of none"),
        (
            '"d/minus.csv:stat" }',
            '"d/minus.csv:xs" }\nrelative = true',
            "'statistical' of up to .*; expected fractions",
        ),
    ],
)
def test_bad_files_are_refused(folder: Path, old: str, new: str, words: str) -> None:
    (folder / "d" / "short.csv").write_text("low,high,xs\n20,25,1\n25,35,2\n")
    experiment = load_experiment(_card(folder, (old, new)))
    with pytest.raises(InputError, match=words) as caught:
        load_data(experiment, "mine")
    assert "\n" not in str(caught.value)


def test_bad_choices(folder: Path) -> None:
    experiment = load_experiment(_card(folder))
    with pytest.raises(InputError, match="unknown published data 'other' of mine: expected one of mine"):
        load_data(experiment, "other")
    with pytest.raises(InputError, match="no uncertainty has correlation_GeV"):
        load_data(experiment, "mine", correlation_GeV=2.0)
    with pytest.raises(InputError, match="invalid correlation length"):
        load_data(load_experiment("atlas-2011"), "mu-pt", correlation_GeV=-1.0)

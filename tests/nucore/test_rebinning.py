from __future__ import annotations

import numpy as np
import pytest

from nucore.errors import InputError
from nucore.histograms import Axis, Spectrum
from nucore.rebinning import change_of, rebinning

PT = Axis("lepton_pt", (30.0, 31.0, 32.0, 34.0))
ETA = Axis("abs_eta", (0.0, 1.0, 2.5))


def spectrum(edges: list[float], values: list[float]) -> Spectrum:
    return Spectrum("h", np.array(edges), np.array(values, float), 2.0 * np.array(values, float))


def test_the_same_bins_stay() -> None:
    given = spectrum([30, 31, 32, 34], [1, 2, 3])
    found = rebinning(given, (PT,), "the fit")
    assert found.is_identity
    assert change_of(given, found) is None
    assert found.spectrum(given).values.tolist() == [1.0, 2.0, 3.0]


def test_finer_and_wider_bins_are_added_up_and_cropped() -> None:
    given = spectrum([29, 30, 30.5, 31, 31.25, 32, 33, 34, 40], [100, 1, 2, 4, 8, 16, 32, 200])
    found = rebinning(given, (PT,), "the fit")
    made = found.spectrum(given)
    assert made.edges.tolist() == [30.0, 31.0, 32.0, 34.0]
    assert made.values.tolist() == [3.0, 12.0, 48.0]
    assert made.variances.tolist() == [6.0, 24.0, 96.0]
    assert change_of(given, found) == (
        "histogram 'h', 8 bins, h from 29 to 40: used in 3 bins, lepton_pt from 30 to 34; 2 bins with 300 are outside"
    )


def test_a_covariance_matrix_follows() -> None:
    rng = np.random.default_rng(1)
    root = rng.normal(size=(8, 8))
    given = spectrum([29, 30, 30.5, 31, 31.25, 32, 33, 34, 40], [1] * 8)
    found = rebinning(given, (PT,), "the fit")
    linear = np.stack([found.values(row) for row in np.eye(8)])  # each bin of the histogram alone
    np.testing.assert_allclose(found.covariance(root @ root.T), linear.T @ root @ root.T @ linear, rtol=1e-12)


@pytest.mark.parametrize("transposed", [False, True])
def test_axes_in_either_order(transposed: bool) -> None:
    values = np.arange(12.0).reshape(2, 6)
    fine = Axis("pt", (30.0, 30.5, 31.0, 31.5, 32.0, 33.0, 34.0))
    axes, contents = ((fine, ETA), values.T) if transposed else ((ETA, fine), values)
    given = Spectrum.on_axes("h", axes, contents, contents)
    made = rebinning(given, (ETA, PT), "the fit").spectrum(given)
    assert made.values.reshape(2, 3).tolist() == [[1.0, 5.0, 9.0], [13.0, 17.0, 21.0]]


def test_negative_eta_is_not_left_out_of_its_size() -> None:
    values = np.ones((4, 3))
    signed = Axis("eta", (-2.5, -1.0, 0.0, 1.0, 2.5))
    with pytest.raises(InputError, match="eta from -2.5 to 2.5.*needs 2 x 3 bins, abs_eta from 0 to 2.5"):
        rebinning(Spectrum.on_axes("h", (signed, PT), values, values), (ETA, PT), "the fit")


def test_flattened_axes_count_the_bins() -> None:
    given = Spectrum.from_counts("h", np.arange(7.0), np.arange(6.0))
    assert rebinning(given, (ETA, PT), "the fit").spectrum(given).axes == (ETA, PT)


@pytest.mark.parametrize(
    ("edges", "words"),
    [
        ([30, 32, 34], "has 2 bins, h from 30 to 34; the fit needs 3 bins, lepton_pt from 30 to 34, or finer bins"),
        ([30.1, 31, 32, 34], "has 3 bins, h from 30.1 to 34; the fit needs 3 bins"),
        ([31, 32, 34], "has 2 bins, h from 31 to 34"),
    ],
)
def test_other_bins_are_refused_with_both_grids(edges: list[float], words: str) -> None:
    with pytest.raises(InputError, match=words):
        rebinning(spectrum(edges, [1.0] * (len(edges) - 1)), (PT,), "the fit")


def test_another_number_of_axes_is_told() -> None:
    values = np.ones((2, 3))
    with pytest.raises(InputError, match="has 2 axes, 2 x 3 bins, abs_eta from 0 to 2.5, lepton_pt from 30 to 34; the"):
        rebinning(Spectrum.on_axes("h", (ETA, PT), values, values), (PT,), "the fit")


def test_mev_is_pointed_at() -> None:
    given = Spectrum("h", np.array([30e3, 34e3]), np.ones(1), np.ones(1), "pT [MeV]")
    with pytest.raises(InputError, match=r"its axis says 'pT \[MeV\]'"):
        rebinning(given, (PT,), "the fit")

"""Spectra: validation and conversion."""

import numpy as np
import pytest

from nucore.errors import InputError
from nucore.histograms import Axis, Spectrum
from nucore.io.readers import read_spectrum
from nucore.io.writers import write_spectra


def test_conversion_keeps_values_variances_and_the_axis():
    spectrum = Spectrum("lepton_pt", [30.0, 40.0, 60.0], [5.0, 7.0], [6.0, 8.0], label="lepton pT (GeV)")
    histogram = spectrum.to_hist()
    assert histogram.axes[0].name == "lepton_pt"
    assert histogram.values() == pytest.approx([5.0, 7.0])
    assert histogram.variances() == pytest.approx([6.0, 8.0])
    assert spectrum.integral == 12.0
    assert spectrum.centers == pytest.approx([35.0, 50.0])


@pytest.mark.parametrize(
    ("edges", "values", "words"),
    [
        ([0, 1, 1], [1, 2], "increasing"),
        ([0, 1, 2], [1, np.nan], "finite"),
        ([0, 1, 2], [1], "2 bins by its edges, but 1 values"),
        ([0], [], "at least one bin"),
    ],
)
def test_a_bad_histogram_is_refused(edges, values, words):
    with pytest.raises(InputError, match=words):
        Spectrum.from_counts("x", edges, values)
    with pytest.raises(InputError, match="variances must not be negative"):
        Spectrum("x", [0, 1], [1], [-1])


def test_binning_is_compared_within_rounding():
    spectrum = Spectrum.from_counts("x", np.linspace(30, 50, 41), np.ones(40))
    spectrum.require_edges(np.arange(41) * 0.5 + 30 + 1e-12, "the card")
    with pytest.raises(InputError, match="40 bins from 30 to 50; the card needs 20 bins from 30 to 50"):
        spectrum.require_edges(np.linspace(30, 50, 21), "the card")
    with pytest.raises(InputError, match="needs 40 bins from 31 to 51"):
        spectrum.require_edges(np.linspace(31, 51, 41), "the card")


AXES = (Axis("charge", (-2.0, 0.0, 2.0)), Axis("abs_eta", (0.0, 1.0, 2.4)), Axis("lepton_pt", (30.0, 35.0, 40.0, 50.0)))


def test_several_axes_are_flattened_with_the_last_fastest():
    values = np.arange(12.0).reshape(2, 2, 3)
    spectrum = Spectrum.on_axes("lepton_pt", AXES, values, 2.0 * values)
    assert spectrum.values.tolist() == list(range(12))
    assert spectrum.edges.tolist() == list(range(13))
    histogram = spectrum.to_hist()
    assert histogram[{"charge": 1, "abs_eta": 0, "lepton_pt": 2}].value == values[1, 0, 2]
    assert histogram.project("abs_eta").values().tolist() == values.sum(axis=(0, 2)).tolist()
    spectrum.require_axes(AXES, "the card")
    Spectrum.from_counts("flat", np.arange(13), np.ones(12)).require_axes(AXES, "the card")
    with pytest.raises(InputError, match="3 axes; the card needs 2"):
        spectrum.require_axes(AXES[1:], "the card")
    with pytest.raises(InputError, match="axis abs_eta"):
        spectrum.require_axes((AXES[0], Axis("abs_eta", (0.0, 1.0, 2.5)), AXES[2]), "the card")
    with pytest.raises(InputError, match="do not fill"):
        Spectrum("x", np.arange(12), np.ones(11), np.ones(11), axes=AXES)


@pytest.mark.parametrize("suffix", [".root", ".json", ".csv"])
@pytest.mark.parametrize("axes", [AXES, AXES[1:], AXES[2:]])
def test_spectra_in_several_dimensions_survive_a_file(tmp_path, suffix, axes):
    shape = [axis.n_bins for axis in axes]
    values = np.random.default_rng(3).uniform(1.0, 9.0, shape)
    spectrum = Spectrum.on_axes("lepton_pt", axes, values, 2.0 * values, "lepton pT [GeV]")
    write_spectra(tmp_path / f"s{suffix}", [spectrum], {"exposure": {"luminosity_invfb": 2.0}, "selection": "full"})
    found = read_spectrum(tmp_path / f"s{suffix}")
    np.testing.assert_allclose(found.spectrum.values, values.ravel(), rtol=1e-9)  # CSV: ten digits
    np.testing.assert_allclose(found.spectrum.variances, 2.0 * values.ravel(), rtol=1e-9)
    found.spectrum.require_axes(axes, "what was written")
    assert found.exposure == {"luminosity_invfb": 2.0}
    if suffix != ".csv":
        assert found.metadata["selection"] == "full"

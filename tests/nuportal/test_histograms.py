"""Spectra: validation and conversion."""

import numpy as np
import pytest

from nuportal.errors import InputError
from nuportal.histograms import Spectrum


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

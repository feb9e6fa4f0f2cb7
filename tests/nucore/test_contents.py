from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from nucore.contents import check_counts, doubt, weighted_counts
from nucore.errors import InputError
from nucore.histograms import Spectrum
from nucore.io.spectrum_file import SpectrumFile

COUNTS = np.array([0.0, 1.0, 4.0, 100.0, 2500.0])


def file(values: object, variances: object = None, unit: str = "") -> SpectrumFile:
    contents = np.asarray(values, float)
    squares = np.abs(contents) if variances is None else np.asarray(variances, float)
    spectrum = Spectrum("h", np.arange(30.0, 31.0 + contents.size), contents, squares)
    return SpectrumFile(spectrum, has_variances=variances is not None, stated_unit=unit)


def unit_of(data: SpectrumFile) -> np.ndarray | None:
    found = weighted_counts(data, data.spectrum)
    return None if found is None else found.counts(data.spectrum.values)


def garwood(n: np.ndarray) -> np.ndarray:
    """Variances of a table that gives the mean of both asymmetric errors of counts (sqrt(n + 3/4) + 1, about)."""
    return (0.5 * (np.sqrt(n + 0.75) + 1.0 + np.sqrt(n))) ** 2


def test_counts_are_counts() -> None:
    for data in (
        file(COUNTS), file(COUNTS, COUNTS), file(COUNTS, 0.0 * COUNTS), file(COUNTS, np.round(np.sqrt(COUNTS), 1) ** 2),
        file(COUNTS, garwood(COUNTS)), file(COUNTS, unit="Events / GeV"),
    ):  # fmt: skip
        check_counts(data)
        assert doubt(data) is None
        assert unit_of(data) is None


def test_weighted_events_have_the_relative_error_of_their_effective_counts() -> None:
    values, weights = np.array([12e4, 30e4, 7e4]), np.array([3.0, 1.5, 4.0])
    data = file(values, weights * values)
    check_counts(data)
    counts = unit_of(data)
    assert counts is not None
    np.testing.assert_allclose(counts, values / weights)
    np.testing.assert_allclose(1.0 / np.sqrt(counts), np.sqrt(weights * values) / values)


def test_the_weight_of_few_events_is_that_of_their_neighbours() -> None:
    values, variances = np.array([12.0, 30.0, 0.0, 7.5]), np.array([36.0, 45.0, 0.0, 22.5])
    data = file(values, variances)
    found = weighted_counts(data, data.spectrum)
    assert found is not None
    np.testing.assert_allclose(found.scale, values.sum() / variances.sum())


def test_the_scatter_of_weights_shifts_no_rate() -> None:
    """Of exponential weights, 90 events a bin: bins with heavy events must not count less."""
    rng, shifts = np.random.default_rng(3), []
    for _ in range(200):
        weights = rng.exponential(1.0, (40, 150)) * (np.arange(150) < rng.poisson(90.0, (40, 1)))
        values, variances = weights.sum(axis=1), (weights**2).sum(axis=1)
        data = file(values, variances)
        found = weighted_counts(data, data.spectrum)
        assert found is not None
        rate = (found.scale * values).sum() / (found.scale * 90.0).sum()  # the fit of a Poisson rate
        shifts.append((rate - 1.0) / np.sqrt(2.0 / 3600.0))
    assert abs(np.mean(shifts)) < 0.25
    assert 0.8 < np.std(shifts) < 1.2


def test_a_simulation_scaled_down_is_no_data() -> None:
    data = file(COUNTS * 1.5, COUNTS * 0.015)
    with pytest.raises(InputError, match="variances are 0.01 times their contents, less than those of counts"):
        weighted_counts(data, data.spectrum)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (file([1.0, -1.0]), "no events, or negative ones"),
        (file([0.0, 0.0]), "no events"),
        (file([0.25, 0.75]), "normalised to a sum of 1"),
        (file([0.25, 0.5], [0.1, 0.1]), "normalised to a sum of 0.75"),
        (file(COUNTS, unit="PB/GEV"), "'PB/GEV': cross sections, no counts of events"),
        (file(COUNTS, np.where(COUNTS == 4.0, 0.0, COUNTS)), "bin 3 holds 4 with variance 0"),
        (
            file(COUNTS, np.where(COUNTS == 4.0, 1e24, COUNTS)),
            "bin 3 holds 4 with variance 1e.24, an error of more than",
        ),
        (file(COUNTS, 1e-16 * COUNTS), "bin 2 holds 1 with variance 1e-16, as of more than 1e.15 events"),
        (replace(file(COUNTS), metadata={"errors_of": "y1"}), "the errors of 'y1'"),
    ],
)
def test_what_cannot_be_counts(data: SpectrumFile, words: str) -> None:
    with pytest.raises(InputError, match=words):
        check_counts(data)


def test_what_does_not_look_like_counts() -> None:
    assert doubt(file(COUNTS + 0.5)) == "0.5 is not whole"
    assert doubt(file(np.arange(1.0, 25.0) * 7.0)) == "all are multiples of 7"
    assert doubt(file(np.arange(1.0, 11.0) * 7.0)) is None  # too few bins to tell
    assert doubt(file(COUNTS + 0.5, COUNTS + 0.5)) is None


def test_one_event_is_one_event() -> None:
    check_counts(file([0.0, 1.0]))
    assert math.isclose(file([0.0, 1.0]).spectrum.integral, 1.0)

"""Backgrounds in the likelihood and in pseudo-data."""

from __future__ import annotations

import numpy as np
import pytest

from collider.backgrounds.background_samples import background_samples, expected_backgrounds
from collider.experiments.analysis_options import AnalysisOptions
from collider.experiments.measurement import Measurement, measurement
from collider.experiments.response import load_experiment
from collider.templates.systematics import SHIFT_GRID, all_bins, nominal_inputs

ATLAS = load_experiment("atlas-2011")


@pytest.fixture(scope="module")
def measured() -> Measurement:
    return measurement(ATLAS, "mu", AnalysisOptions("full", charge="+"))


@pytest.fixture(scope="module")
def light(measured: Measurement) -> np.ndarray:
    return all_bins(measured, nominal_inputs(measured), 0.0, SHIFT_GRID)[0]


def test_sizes(measured: Measurement, light: np.ndarray) -> None:
    found = {b.name: b for b in background_samples(measured, light, grid=SHIFT_GRID)}
    card = measured.selection.backgrounds
    assert card.multijet is not None
    assert found["multijet"].values.sum() == pytest.approx(card.multijet.fraction * light.sum(), rel=1e-9)
    # B(tau -> mu nu nu) = 17.4% times an acceptance of 5 to 7%: the lepton has 2/5 of the momentum on average
    assert 0.005 < found["tau"].values.sum() / light.sum() < 0.02
    assert 0.01 < found["z"].values.sum() / light.sum() < 0.08
    assert found["tau"].of_luminosity
    assert not found["multijet"].of_luminosity
    # A steeper or flatter exponential keeps the number of events.
    assert abs(found["multijet"].shifts["multijet_shape"].sum()) < 1e-9 * light.sum()
    total = sum(b.values for b in found.values())
    np.testing.assert_allclose(expected_backgrounds(measured), total, rtol=1e-9)


def test_none_in_the_selection_of_the_paper_or_where_left_out() -> None:
    paper = measurement(ATLAS, "mu")
    assert not expected_backgrounds(paper).any()
    without = measurement(ATLAS, "mu", AnalysisOptions("full", backgrounds=False))
    assert background_samples(without, np.ones(1)) == ()

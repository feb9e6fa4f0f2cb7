"""The validation: measured rates and asymmetry, Pythia 8, and what is written of them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import chi2, norm

from nucore.errors import InputError
from tools.validation.comparison import Comparison
from tools.validation.pythia_comparison import pythia_comparisons
from tools.validation.pythia_w import simulate_w
from tools.validation.validation import lepton_eta_comparisons, rate_pulls, validate


def comparison(ours: np.ndarray, reference: np.ndarray, errors: np.ndarray, normalised: bool = False) -> Comparison:
    edges = np.arange(ours.size + 1.0)
    return Comparison("n", "t", "x", "y", edges, reference, errors, ours, 0.5 * errors, normalised)


def test_chi2_of_a_comparison() -> None:
    rng = np.random.default_rng(1)
    errors = rng.uniform(0.1, 0.2, 5000)
    c = comparison(10.0 + 0.5 * errors * rng.standard_normal(5000), 10.0 + errors * rng.standard_normal(5000), errors)
    # Independent Gaussian errors of both: chi2 of 5000 degrees of freedom, pulls of unit width.
    assert 1e-3 < chi2.sf(c.chi2, c.n_dof) < 1.0 - 1e-3
    assert c.pulls.std() == pytest.approx(1.0, abs=0.04)
    assert c.n_dof == 5000
    assert comparison(errors, errors, errors, normalised=True).n_dof == 4999
    assert comparison(errors * 1.1, errors, errors).largest_deviation == pytest.approx(0.1)


def test_predicted_rates_agree_with_the_measured_ones() -> None:
    pulls = rate_pulls()
    assert {p.sqrt_s_TeV for p in pulls} >= {1.96, 7.0, 8.0, 13.0}
    for p in pulls:
        # A prediction is uncertain by 3% (PDF, scale, extrapolated factor); that of a ratio by 1.5%.
        theory = (0.015 if "/" in p.quantity else 0.03) * p.predicted
        assert abs(p.predicted - p.measured) < 2.0 * np.hypot(p.uncertainty, theory), p
    verified = [p for p in pulls if p.verified]
    assert {p.quantity for p in verified} == {"W", "W+", "W-", "W+/W-", "Z"}
    # The components are added in quadrature: CMS at 13 TeV, 10, 170 and 470 pb.
    cms = next(p for p in pulls if (p.experiment, p.sqrt_s_TeV, p.quantity) == ("CMS", 13.0, "W"))
    assert cms.uncertainty == pytest.approx(499.9, abs=0.1)


def test_lepton_eta_of_atlas() -> None:
    plus, minus, asymmetry = lepton_eta_comparisons(n_events=40_000_000)
    for c in (plus, minus):
        # Leading order times one factor for each charge, whose value (about 1.01) is in the title; errors without those
        # of the prediction.
        assert c.chi2 < 3.0 * c.n_dof
        assert c.largest_deviation < 0.02
        assert c.ours.sum() == pytest.approx(c.reference.sum(), rel=0.01)
    assert asymmetry.chi2 < 4.0 * asymmetry.n_dof
    assert asymmetry.largest_deviation < 0.05
    assert np.all(np.diff(asymmetry.ours) > 0.0)


@pytest.mark.parametrize("shower", [False, True])
def test_pythia_shapes(shower: bool) -> None:
    pytest.importorskip("pythia8mc", exc_type=ImportError)
    comparisons = pythia_comparisons(7.0, shower=shower, n_events=12_000)
    assert len(comparisons) == (10 if shower else 8)
    for c in comparisons:
        assert np.sum(c.reference * np.diff(c.edges)) == pytest.approx(1.0)
        assert np.sum(c.ours * np.diff(c.edges)) == pytest.approx(1.0)
        if not (shower and "rapidity" in c.name):  # the shower makes the W more central, up to 20%
            # 5,000 to 7,000 events of a charge: differences of a few per cent between the models stay hidden.
            assert c.chi2 < chi2.isf(norm.sf(4.5), c.n_dof), c.name


def test_pythia_refuses_what_it_does_not_know() -> None:
    pytest.importorskip("pythia8mc", exc_type=ImportError)
    with pytest.raises(InputError, match="Pythia refuses the setting 'No:such = 1'"):
        simulate_w(7.0, 10, 1, settings=("No:such = 1",))


def test_pythia_is_optional(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pythia8mc", None)
    with pytest.raises(InputError, match=r"pip install 'nuportal\[pdf\]'"):
        simulate_w(7.0, 10, 1)


def test_results_are_written(tmp_path: Path) -> None:
    paths = validate(tmp_path / "v", n_pythia=0, n_atlas=1_000_000)
    assert sorted(p.suffix for p in paths) == [".json", *[".png"] * 11, ".txt"]
    assert all(p.stat().st_size > 1000 for p in paths)
    table = (tmp_path / "v" / "results.txt").read_text(encoding="utf-8").splitlines()
    # Every line of a table has as many cells as its head.
    assert {line.count(" | ") for line in table if line.startswith("| ") and "TeV" not in line} >= {4, 6}
    assert any("CMS | W+/W- | 1.421 ± 0.033" in line for line in table)
    numbers = json.loads((tmp_path / "v" / "results.json").read_text(encoding="utf-8"))
    assert len(numbers["shapes"]) == 9
    assert len(numbers["shapes"][0]["ours"]) == 11
    assert numbers["rates"][0]["pull"] == pytest.approx(rate_pulls()[0].pull)

"""Warnings of bad fits and the mixing of each charge: on models small enough to work out by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest

from nucore.histograms import Spectrum
from nucore.plot.fit import fit_figure
from nucore.plot.reports import charges_figure, write_report
from nucore.reports.fit_input import FitInput
from nucore.reports.fit_quality import fit_warnings
from nucore.reports.fit_report import FitReport
from nucore.reports.per_charge import NO_CHARGES, PerCharge, of_charge
from nucore.stats import Likelihood, LimitChoice, LinearNorm, Model, NormFactor, Sample

N = 10
BACKGROUND, SIGNAL = np.full(2 * N, 1e4), np.tile(np.linspace(-500.0, 1000.0, N), 2)
MINUS, PLUS = np.arange(2 * N) < N, np.arange(2 * N) >= N


def background() -> Sample:
    return Sample("b", BACKGROUND, [LinearNorm("rate", 0.02)])


def charge_model(plus: np.ndarray = SIGNAL) -> Model:
    parts = [("-", SIGNAL * MINUS), ("+", plus * PLUS)]
    samples = [Sample(f"s{c}", values, [NormFactor(of_charge("u", c), 0.0)]) for c, values in parts]
    return Model([background(), *samples], of_charge("u", "+"))


def report(counts: np.ndarray, *, apart: bool = True, plus: np.ndarray = SIGNAL) -> FitReport:
    model = Model([background(), Sample("s", SIGNAL, [NormFactor("u")])], "u")
    edges = np.arange(2.0 * N + 1.0)
    likelihood = Likelihood(charge_model(plus), counts) if apart else None
    data = Spectrum.from_counts("bin", edges, counts)
    return FitInput(Likelihood(model, counts), data, by_charge=likelihood).report(LimitChoice())


def mixed(plus: float, minus: float) -> np.ndarray:
    return BACKGROUND + SIGNAL * (plus * PLUS + minus * MINUS)


def test_a_good_fit_has_no_warning() -> None:
    found = report(mixed(0.3, 0.3)).to_dict()
    assert found["warnings"] == []
    assert found["per_charge_reason"] is None
    assert found["per_charge"]["+"]["value"] == pytest.approx(0.3, abs=1e-6)
    assert found["per_charge"]["difference_pull"] == pytest.approx(0.0, abs=1e-4)


def test_counts_that_no_parameters_reach() -> None:
    zigzag = 300.0 * (-1.0) ** np.arange(2 * N)  # three standard deviations a bin: chi2 = 180 of 19
    (warning,) = report(BACKGROUND + zigzag).warnings
    assert "does not describe the data" in warning
    assert "below 0.001" in warning


def test_a_pulled_parameter() -> None:
    # 9% is 4.5 prior standard deviations; of chi2 the pull is 20, with 19 degrees of freedom
    result = report(1.09 * BACKGROUND)
    (warning,) = result.warnings
    assert f"rate {result.fit.pulls['rate']:+.1f}" in warning
    assert "more than 3" in warning
    assert report(1.05 * BACKGROUND).warnings == ()


def test_charges_that_disagree() -> None:
    result = report(mixed(0.15, -0.15))
    found = result.per_charge
    assert found is not None
    assert found.difference_pull > 3.0
    assert [found.best_fit[c] for c in "+-"] == pytest.approx([0.15, -0.15], abs=1e-6)
    (warning,) = result.warnings
    assert f"disagree by {found.difference_pull:.1f} standard deviations" in warning
    assert "0.15 +- " in warning
    assert "-0.15 +- " in warning
    # the same the other way round, and less of it
    (warning,) = report(mixed(-0.15, 0.15)).warnings
    assert "W+ and W- disagree" in warning
    assert report(mixed(0.05, -0.05)).warnings == ()


def test_warnings_start_at_their_thresholds() -> None:
    def charges(pull: float) -> PerCharge:
        return PerCharge({"+": 1.0, "-": 0.0}, {"+": 0.3, "-": 0.3}, 0.0, pull)

    assert fit_warnings(1.1e-3, {"a": 2.9, "b": -2.9}, 2.9, charges(-2.9)) == ()
    assert len(fit_warnings(0.9e-3, {"a": 3.1, "b": -3.1, "c": 0.0}, 3.1, charges(-3.1))) == 4
    assert "a +3.1, b -3.1" in fit_warnings(0.9e-3, {"a": 3.1, "b": -3.1, "c": 0.0})[1]
    # no degrees of freedom, and a fit at the edge of positive expectation
    assert fit_warnings(None, {}, 0.0, charges(float("nan"))) == ()


def test_data_of_one_charge() -> None:
    found = report(mixed(0.3, 0.3), apart=False).to_dict()
    assert (found["per_charge"], found["per_charge_reason"]) == (None, NO_CHARGES)


def test_a_charge_without_a_signal() -> None:
    found = report(BACKGROUND, plus=np.zeros(2 * N)).to_dict()
    assert found["per_charge"] is None
    assert "u(+) changes no bin" in found["per_charge_reason"]


def test_pictures_carry_the_warnings(tmp_path) -> None:
    good, bad = report(mixed(0.3, 0.3)), report(mixed(0.15, -0.15))
    assert fit_figure(good).get_suptitle() == ""
    assert "disagree" in fit_figure(bad).get_suptitle()
    assert fit_figure(bad).get_figheight() > fit_figure(good).get_figheight()
    assert bad.per_charge is not None
    (axes,) = charges_figure(bad, bad.per_charge).axes
    assert [t.get_text() for t in axes.get_yticklabels()] == ["$W^+$", "$W^-$"]
    written = write_report(bad, tmp_path / "r")
    assert str(tmp_path / "r" / "charges.png") in written
    numbers = json.loads((tmp_path / "r" / "report.json").read_text(encoding="utf-8"))
    assert numbers["fit"]["warnings"] == list(bad.warnings)
    assert numbers["fit"]["per_charge"] == bad.per_charge.to_dict()

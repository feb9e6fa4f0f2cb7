"""Reach: published expectations, independent statistics, limits, systematics, a floating W mass."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar

from collider.experiments.analysis_options import AnalysisOptions
from collider.experiments.measurement import measurement
from collider.experiments.response import load_experiment
from collider.inference.likelihood import expectation, gaussian_uncertainty
from collider.inference.reach import project
from nucore.errors import InputError
from nucore.reports.reach import Reach
from nucore.run.executors import Execution

ATLAS = load_experiment("atlas-2011")


@pytest.fixture(scope="module")
def curve() -> Reach:
    return project("atlas-2011", "mu")


def median(curve: Reach) -> tuple[np.ndarray, np.ndarray]:
    points = [(p.mass_GeV, p.value) for p in curve.curve]
    return np.array([m for m, _ in points]), np.array([u for _, u in points], dtype=float)


def test_minimum(curve: Reach) -> None:
    mass, u = median(curve)
    best = np.argmin(u)
    # Independent estimates for this selection: 1-2e-3 at 25-38 GeV.
    assert 1e-3 < u[best] < 2e-3
    assert 25.0 <= mass[best] <= 38.0


def test_shape(curve: Reach) -> None:
    mass, u = median(curve)
    low = mass <= 20.0
    slope = np.polyfit(np.log(mass[low]), np.log(u[low]), 1)[0]
    # nu4 minus light is proportional to m4^2 at small m4; the edge is resolved from about 20 GeV on.
    assert slope == pytest.approx(-2.0, abs=0.15)
    at = dict(zip(mass, u, strict=True))
    assert at[5.0] * 25.0 == pytest.approx(at[10.0] * 100.0, rel=0.06)
    # The kink of a 42 GeV nu4 is at 29 GeV, outside the window.
    assert at[50.0] / at[42.0] > 4.0
    assert at[42.0] / at[38.0] > 1.5


def test_rate_alone_above_the_w_mass(curve: Reach) -> None:
    mass, u = median(curve)
    # 1.645 x 2%; statistics and the off-shell rate to nu4 are below 1e-3.
    np.testing.assert_allclose(u[mass > 80.4], 1.645 * 0.02, rtol=2e-3)


def test_numerical_uncertainty_and_bands(curve: Reach) -> None:
    for point in curve.curve:
        uncertainty = point.others["uncertainty"]
        assert uncertainty is not None
        assert 0.0 < uncertainty < 0.02
        band = [point.band["minus2"], point.band["minus1"], point.value, point.band["plus1"], point.band["plus2"]]
        assert band == sorted(band)  # type: ignore[type-var]


def test_nothing_excluded_at_tiny_masses() -> None:
    point = project("atlas-2011", "mu", [0.5]).curve[0]
    assert point.value is None
    assert point.others["uncertainty"] is None
    assert point.reason is not None
    assert "1" in point.reason


@pytest.mark.parametrize("m4", [10.0, 32.0, 50.0])
def test_against_profiled_chi2(curve: Reach, m4: float) -> None:
    templates = expectation(measurement(ATLAS, "mu"), m4)
    light, nu4 = templates.light.values, templates.nu4.values

    def profile(u: float) -> float:
        def total(alpha: float) -> float:
            expected = light * (1.0 + 0.02 * alpha) + u * (nu4 - light)
            return float(2.0 * np.sum(expected - light + light * np.log(light / expected)) + alpha**2)

        return float(minimize_scalar(total, bounds=(-5.0, 5.0), method="bounded", options={"xatol": 1e-9}).fun)

    independent = brentq(lambda u: profile(u) - 2.705543, 1e-5, 0.5, xtol=1e-9)
    # Different minimiser and root finder on the same likelihood.
    found = project("atlas-2011", "mu", [m4]).curve[0].value
    assert found == pytest.approx(independent, rel=1e-4)
    sigma = gaussian_uncertainty(light, nu4 - light, {"normalisation": 0.02 * light})
    assert found == pytest.approx(1.644854 * sigma, rel=0.02)


def test_limit_conventions_and_confidence_levels() -> None:
    def limit(**choice: object) -> float:
        value = project("atlas-2011", "e", [30.0], **choice).curve[0].value  # type: ignore[arg-type]
        assert value is not None
        return value

    # Asimov data, large counts: CLs and Delta chi2 agree, the plain one-sided limit is 1.2816/1.6449 of them.
    assert limit(limit="delta-chi2") == pytest.approx(limit(), rel=1e-6)
    assert limit(limit="clsb") / limit() == pytest.approx(1.2816 / 1.6449, rel=2e-3)
    assert limit(confidence_level=0.95) / limit() == pytest.approx(1.9600 / 1.6449, rel=2e-3)
    # Shape-limited, so the reach improves as the square root of the exposure.
    assert limit(exposure=41.0) / limit() == pytest.approx(10.0**-0.5, rel=0.02)


def test_workers_do_not_change_the_result() -> None:
    one, two = (project("atlas-2011", "mu", [20.0, 30.0, 40.0, 50.0], execution=Execution(n)) for n in (1, 2))
    assert one == two


def test_fields_of_the_command_line(curve: Reach) -> None:
    fractions: list[float] = []
    result = project("atlas-2011", "e", [20.0, 30.0], progress=fractions.append)
    assert fractions == [0.5, 1.0]
    plain = json.loads(result.to_json())
    assert plain["limit"] == "cls"
    assert plain["systematics"] == "paper"
    assert set(plain["curve"][0]) == {
        "m4_GeV", "Ue4_sq", "minus2", "minus1", "plus1", "plus2", "uncertainty", "reason",
    }  # fmt: skip
    assert "Umu4_sq" in curve.points()[0]


def test_bad_input_is_refused() -> None:
    with pytest.raises(InputError, match="flavour 'tau'"):
        project("atlas-2011", "tau")
    with pytest.raises(InputError, match="no values"):
        project("atlas-2011", "mu", [])
    with pytest.raises(InputError, match="m4"):
        project("atlas-2011", "mu", [-1.0])
    with pytest.raises(InputError, match="m4"):
        project("atlas-2011", "mu", [float("nan")])
    with pytest.raises(InputError, match="luminosity"):
        project("atlas-2011", "mu", [30.0], exposure=0.0)
    with pytest.raises(InputError, match="expected one of atlas-2011"):
        project("nowhere", "mu")
    with pytest.raises(InputError, match="lower edge"):
        project("atlas-2011", scan_window=[])
    with pytest.raises(InputError, match="systematics 'half'"):
        AnalysisOptions("half")

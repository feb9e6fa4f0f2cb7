"""Reach of the three-body search: size, ends, scalings, and an independent sensitivity estimate."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from mesons.decays.three_body import three_body_ratio
from mesons.decays.three_body_decay import ThreeBodyDecay
from mesons.decays.three_neutrinos import standard_model_fraction
from mesons.experiments.calibration import calibrate
from mesons.experiments.cards import Experiment, load_experiment
from mesons.inference.meson_templates import build_model, signal_fractions
from mesons.inference.reach import project
from mesons.inference.scan import DarkScan, mixing_of_branching_ratio
from mesons.inference.window import standard_model_fractions
from nucore.errors import InputError
from nucore.model.widths import two_body_ratio
from nucore.reports.reach import Reach
from nucore.stats import LimitChoice

M_K, M_MU = 0.493677, 0.1056583755
FOUR_PI = 4 * math.pi


def values(reach: Reach) -> list[float | None]:
    return [point["Y"] for point in reach.points()]


def enlarged(name: str, factor: float) -> Experiment:
    card = load_experiment(name)
    acceptance = card.acceptance.model_copy(update={"value": card.acceptance.value * factor})
    return card.model_copy(update={"acceptance": acceptance})


@pytest.mark.parametrize(("name", "end"), [("e949", 0.0748), ("na62-2021", 0.0960)])
@pytest.mark.parametrize("m4", ["400", "10x"])
def test_curve_ends_with_the_window(name: str, end: float, m4: str) -> None:
    reach = project(name, m4=m4, grid=[0.02, 0.04, end - 2e-4, end + 2e-4, 0.2])
    *inside, beyond, closed = reach.points()
    for point in inside:
        assert point["Y"] > 0
        band = [point[k] for k in ("minus2", "minus1", "plus1", "plus2")]
        assert band == sorted(band)
        assert band[1] < point["Y"] < band[2]
        assert point["Y"] == pytest.approx(point["yL_sq_Umu4_sq"] ** 2 / 81)
        # 3e-26 cm^3/s: Y = 3.1896e-7 (m_chi/GeV)^2
        assert point["Y_thermal"] == pytest.approx(3.1896e-7 * point["m_chi_GeV"] ** 2, rel=1e-4)
    for point in (beyond, closed):
        assert all(point[k] is None for k in ("br", "Y", "yL_sq_Umu4_sq", "minus2", "plus2", "Y_observed"))
        assert point["reason"]


@pytest.mark.parametrize("name", ["e949", "na62-2021"])
def test_size_at_10_mev(name: str) -> None:
    """Between 1.4e-11 and 1e-9, the range the choices of range, window and background form allow."""
    (y,) = values(project(name, grid=[0.01]))
    assert y is not None
    assert 1.4e-11 < y < 1e-9


@pytest.mark.parametrize(("name", "degree"), [("e949", 1), ("e949", 2), ("na62-2021", 3)])
def test_against_an_independent_fisher_estimate(name: str, degree: int) -> None:
    """Unsmeared spectrum by quadrature in p, background of the calibration, covariance of a linear fit."""
    card = enlarged(name, 100.0)  # counts so large that the likelihood is Gaussian
    calibration = calibrate(card)
    edges = np.linspace(*card.momentum_GeV, 401)
    p, dp = 0.5 * (edges[1:] + edges[:-1]), edges[1] - edges[0]
    background = calibration.background_density(p) * dp
    decay = ThreeBodyDecay(M_K, M_MU, 0.02, 0.06, 400.0, 1.0, 1.0, 0.0)
    signal = decay.dratio_dp(p) / three_body_ratio(decay) * dp * card.decays * card.acceptance.value
    slopes = np.stack([signal, *(background * np.log(p / 0.1) ** k for k in range(degree + 1))])
    fisher = (slopes / background) @ slopes.T
    scale = np.sqrt(np.diag(fisher))
    covariance = np.linalg.inv(fisher / scale / scale[:, None])
    expected = 1.645 * math.sqrt(covariance[0, 0]) / scale[0]
    (point,) = project(card, grid=[0.02], background_degree=degree).points()
    # smearing is left out of the estimate, and the rounding of 1.645
    assert point["br"] == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize("name", ["e949", "na62-2021"])
@pytest.mark.parametrize("m4", ["400", "10x"])
def test_size_of_counts_does_not_matter(name: str, m4: str) -> None:
    grid = [0.003, 0.01, 0.03, 0.06, 0.07]
    small, large = (values(project(enlarged(name, f), m4=m4, grid=grid)) for f in (1.0, 10.0))
    for a, b in zip(small, large, strict=True):
        assert a is not None
        assert a == pytest.approx(b, rel=0.05)


def test_ten_times_the_kaons_is_a_tenth_in_y() -> None:
    grid = [0.01, 0.03, 0.06]
    e949, paper = (values(project(name, grid=grid)) for name in ("e949", "na62-full"))
    # |U|^2 improves as the square root, Y as its square; 2% is left of the Poisson tails
    assert np.array(e949, dtype=float) / np.array(paper, dtype=float) == pytest.approx([10.0] * 3, rel=0.02)
    trigger = values(project("na62-full", grid=grid, scaling="trigger"))
    na62 = values(project("na62-2021", grid=grid))
    assert np.array(na62, dtype=float) / np.array(trigger, dtype=float) == pytest.approx([2.27] * 3, rel=0.02)


def test_freedom_of_the_background_costs_reach() -> None:
    br = {d: project("e949", grid=[0.01], background_degree=d).points()[0]["br"] for d in (0, 1, 2)}
    known = project("e949", grid=[0.01], background_model="known").points()[0]["br"]
    assert known < br[0] < br[1] < br[2]
    assert 3.5 < br[1] / br[0] < 6.5  # a floating index against a known shape: about 4 to 6


def test_limit_conventions() -> None:
    br = {
        method: project("e949", grid=[0.02], limit=method).points()[0]["br"] for method in ("cls", "delta-chi2", "clsb")
    }
    assert br["cls"] == pytest.approx(br["delta-chi2"], rel=1e-3)
    assert br["clsb"] / br["cls"] == pytest.approx(1.2816 / 1.6449, rel=0.01)  # Gaussian quantiles
    # a downward fluctuation of more than 1.28 sigma excludes every positive value in the plain one-sided limit
    assert project("e949", grid=[0.02], limit="clsb").points()[0]["minus2"] == 0.0
    weaker = project("e949", grid=[0.02], confidence_level=0.95).points()[0]["br"]
    assert weaker / br["cls"] == pytest.approx(1.95996 / 1.6449, rel=0.01)


def test_heavy_nu4_does_not_know_the_coupling() -> None:
    one, four_pi = (values(project("e949", grid=[0.02], yL=y)) for y in (1.0, FOUR_PI))
    assert one == pytest.approx(four_pi, rel=1e-4)


def test_light_nu4_with_small_coupling_is_the_peak_search() -> None:
    """On shell and narrow, |U|^2 of the three-body scan is that of the two-body search for the same m4."""
    (three,) = project("e949", m4="10x", grid=[0.025], yL=0.01).points()
    (two,) = project("e949", two_body=True, grid=[0.25]).points()
    assert three["yL_sq_Umu4_sq"] / 1e-4 == pytest.approx(two["Umu4_sq"], rel=1e-3)


@pytest.mark.parametrize("name", ["e949", "na62-2021"])
def test_two_body_reach_is_the_published_sensitivity(name: str) -> None:
    """A fit of the peak shape beats a window count by 5 to 20%, and pays for the floating background.

    The price is highest where the background polynomial can bend most within the width of the peak: at the low end
    of NA62, where the resolution is a tenth of the momentum.
    """
    reach = project(name, two_body=True)
    calibration = calibrate(load_experiment(name))
    points = [p for p in reach.points() if p["Umu4_sq"] is not None]
    assert len(points) == 60
    middle = points[10:-10]
    m4 = np.array([p["m4_GeV"] for p in middle])
    energy = (M_K**2 + M_MU**2 - m4**2) / (2 * M_K)
    smooth = calibration.smooth_limit(np.sqrt(energy**2 - M_MU**2))
    ratio = np.array([p["br"] for p in middle]) / smooth
    assert np.all((ratio > 0.8) & (ratio < 1.3))
    mixing = np.array([p["Umu4_sq"] for p in middle])
    assert mixing == pytest.approx(np.array([p["br"] for p in middle]) / (0.6356 * two_body_ratio(M_K, M_MU, m4)))


def test_two_body_outside_the_window() -> None:
    for point in project("e949", two_body=True, grid=[0.1, 0.35, 0.45]).points():
        assert point["Umu4_sq"] is None
        closed = point["m4_GeV"] == 0.45  # above m_K - m_mu
        assert ("closed" if closed else "outside") in point["reason"]


def test_nothing_is_excluded_below_the_window_of_a_narrow_peak() -> None:
    (point,) = project("e949", m4="10x", grid=[0.002], yL=1.0).points()
    assert point["Y"] is None
    assert "1/4" in point["reason"]


def test_mixing_solves_the_rate() -> None:
    card = load_experiment("e949")
    scan = DarkScan("0.25", 3.0, 9.0)
    for target in (1e-3, 0.1, 0.3):
        br = 0.6356 * three_body_ratio(ThreeBodyDecay(M_K, M_MU, 0.02, 0.06, 0.25, 9.0, target, target))
        assert mixing_of_branching_ratio(card, scan, 0.02, br) == pytest.approx(target, rel=1e-6)
    assert mixing_of_branching_ratio(card, scan, 0.02, 100.0) is None


# Computed independently (log-log digits of the recast table): Y of the window recast.
@pytest.mark.parametrize(
    ("name", "m4", "expected"),
    [
        ("e949", "400", [4.01e-10, 6.37e-10, 2.16e-9, 1.03e-8, None]),
        ("na62-2021", "400", [5.60e-10, 7.25e-10, 1.31e-9, 2.14e-9, 1.95e-8]),
        ("e949", "10x", [7.7e-6, 5.39e-10, 6.58e-10, 4.10e-9, None]),
        ("na62-2021", "10x", [1.1e-4, 7.3e-9, 3.52e-10, 5.80e-10, 8.28e-9]),
    ],
)
def test_window_recast(name: str, m4: str, expected: list[float | None]) -> None:
    reach = project(name, m4=m4, grid=[0.01, 0.03, 0.05, 0.06, 0.08], method="window")
    for point, y in zip(reach.points(), expected, strict=True):
        assert point["Y"] is None
        if y is None:
            assert point["Y_observed"] is None
        else:
            assert point["Y_observed"] == pytest.approx(y, rel=0.025)  # two or three digits, window ends to 0.2 MeV
    assert reach.limit == "published"


def test_standard_model_spectrum_in_bins() -> None:
    # smearing over a smooth spectrum moves little
    inside = standard_model_fractions(load_experiment("e949")).sum()
    assert inside == pytest.approx(standard_model_fraction(M_K, M_MU, 0.130, 0.200), rel=5e-3)


def test_window_recast_needs_a_published_limit() -> None:
    with pytest.raises(InputError, match="na62-full"):
        project("na62-full", method="window", grid=[0.02])


def test_result_is_plain_json() -> None:
    seen: list[float] = []
    reach = project("e949", grid=[0.02, 0.09], progress=seen.append)
    content = json.loads(reach.to_json())
    assert seen[-1] == 1.0
    assert content["experiment"] == "e949"
    assert content["limit"] == "cls"
    assert content["confidence_level"] == 0.90
    assert content["curve"][1]["Y"] is None
    two_body = json.loads(project("e949", grid=[0.25], two_body=True).to_json())
    assert {"m4_GeV", "Umu4_sq", "minus2", "plus2"} <= two_body["curve"][0].keys()
    assert two_body["yL"] is None


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"m4": "heavy"}, "m4"),
        ({"m4": "-3"}, "m4"),
        ({"ratio": 1.0}, "ratio"),
        ({"yL": 0.0}, "yL"),
        ({"grid": [-0.01]}, "m_chi"),
        ({"grid": []}, "grid"),
        ({"grid": [float("nan")]}, "m_chi"),
        ({"method": "guess"}, "method"),
        ({"background_model": "none"}, "background model"),
        ({"background_degree": 10}, "degree"),
        ({"two_body": True, "method": "window"}, "two-body"),
        ({"limit": "bayes"}, "limit"),
        ({"confidence_level": 1.5}, "confidence"),
        ({"scaling": "paper"}, "scaling"),
    ],
)
def test_bad_options(options: dict[str, object], text: str) -> None:
    with pytest.raises(InputError, match=text):
        project("e949", **options)


@pytest.mark.parametrize("m_chi", [0.0012, 0.0015, 0.003])
def test_a_large_mixing_is_limited_with_its_own_spectrum(m_chi: float) -> None:
    experiment = load_experiment("e949")
    (point,) = project("e949", m4="10x", grid=[m_chi]).curve
    decay = DarkScan("10x", 3.0, FOUR_PI).decay(experiment, m_chi, point.others["yL_sq_Umu4_sq"] / (4 * math.pi) ** 2)
    counts = experiment.decays * experiment.acceptance.value * signal_fractions(experiment, decay)[0]
    model = build_model(experiment, counts, calibrate(experiment).background_counts(), poi="br", degree=1)
    # interpolation between five shapes
    assert LimitChoice().expected(model).expected == pytest.approx(point.others["br"], rel=1e-3)

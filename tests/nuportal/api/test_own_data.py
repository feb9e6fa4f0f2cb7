"""Spectra as users bring them: their own bins, weights, point and exposure, and contents that describe nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import nuportal
from nucore.errors import BadFitError, InputError
from nucore.histograms import Spectrum
from nucore.io.spectrum_file import SpectrumFile
from nucore.io.writers import write_spectra
from nuportal import PortalParameters

LUMINOSITY = 0.05
SM = PortalParameters(m4=30.0, Umu4=0.0)
OPTIONS = {"parameters": SM, "luminosity": LUMINOSITY}


def expected(point: PortalParameters = SM, **options: object) -> Spectrum:
    return nuportal.expected_spectrum("atlas-2011", point, luminosity=LUMINOSITY, **options)


@pytest.fixture(scope="module")
def counts() -> Spectrum:
    mean = expected()
    return Spectrum.from_counts("h", mean.edges, np.random.default_rng(5).poisson(mean.values))


def table(folder: Path, values: object, edges: object, variances: object = None) -> str:
    columns = [edges[:-1], edges[1:], values, *([] if variances is None else [variances])]
    file = folder / "t.csv"
    np.savetxt(file, np.column_stack(columns), delimiter=",", fmt="%.12g")
    return str(file)


def answers(report: object) -> tuple[float, float, float]:
    return report.fit.best_fit["Umu4_sq"], report.fit.uncertainties["Umu4_sq"], report.limit.observed


def test_finer_and_wider_bins_give_the_same(counts, tmp_path) -> None:
    rng, n = np.random.default_rng(1), counts.n_bins
    half = rng.binomial(counts.values.astype(int), 0.4)
    fine = np.ravel([half, counts.values - half], order="F")
    edges = np.r_[np.linspace(30.0, 50.0, 2 * n + 1), 55.0, 60.0]
    report = nuportal.fit(table(tmp_path, np.r_[fine, 5e5, 3e5], edges), **OPTIONS)
    assert answers(report) == answers(nuportal.fit(table(tmp_path, counts.values, counts.edges), **OPTIONS))
    (note,) = report.to_dict()["notes"]
    assert "82 bins, t from 30 to 60: used in 40 bins, lepton_pt from 30 to 50; 2 bins with 800000 are outside" in note


def test_own_bins_take_the_place_of_the_cards(counts, tmp_path) -> None:
    """Bins of other widths that end inside the window; the same data in a card with these bins."""
    kept = np.array([0, 3, 4, 10, 20, 22, 31])
    values, edges = np.add.reduceat(counts.values, kept)[:-1], counts.edges[kept]
    found = nuportal.fit(table(tmp_path, values, edges), **OPTIONS)
    card = tmp_path / "own.toml"
    card.write_text(f'extends = "atlas-2011"\n\n[selections.paper]\nedges_GeV = {edges.tolist()}\n')
    assert answers(found) == answers(nuportal.fit(table(tmp_path, values, edges), experiment=str(card), **OPTIONS))
    assert found.source.spectrum.edges.tolist() == edges.tolist()
    card.write_text('extends = "atlas-2011"\n\n[selections.paper]\nfixed_bins = true\n')
    with pytest.raises(InputError, match="has 6 bins, t from 30 to 45.5; selection paper of own needs 40 bins"):
        nuportal.fit(table(tmp_path, values, edges), experiment=str(card), **OPTIONS)


def test_a_window_inside_the_histogram(counts, tmp_path) -> None:
    file = table(tmp_path, counts.values, counts.edges)
    found = nuportal.fit(file, window=(34.0, 46.0), **OPTIONS)
    inside = slice(8, 32)
    cropped = table(tmp_path, counts.values[inside], counts.edges[8:33])
    assert answers(found) == answers(nuportal.fit(cropped, window=(34.0, 46.0), **OPTIONS))
    assert found.source.spectrum.n_bins == 24


def test_weighted_events(counts, tmp_path) -> None:
    """Events of weight 3 at a luminosity are a third of the events at a third of it."""
    weighted = table(tmp_path, counts.values, counts.edges, 3.0 * counts.values)
    found = nuportal.fit(weighted, **OPTIONS)
    plain = table(tmp_path, counts.values / 3.0, counts.edges, counts.values / 3.0)
    assert answers(found) == pytest.approx(answers(nuportal.fit(plain, SM, luminosity=LUMINOSITY / 3.0)), rel=1e-6)
    assert "weighted events" in found.to_dict()["notes"][-1]
    assert found.expected == pytest.approx(expected().values, rel=0.05)


@pytest.mark.parametrize("suffix", ["root", "json"])
def test_a_file_brings_its_point_and_exposure(suffix, tmp_path) -> None:
    file = tmp_path / f"w.{suffix}"
    point = PortalParameters(m4=30.0, Umu4=0.3, m_chi=1.0, m_phi=3.0)
    nuportal.generate("w", point, luminosity=LUMINOSITY, out=file, histogram_only=True)
    found = nuportal.fit(file)
    fields = json.loads(found.to_json())
    assert (fields["point"]["m4"], fields["point"]["m_phi"], fields["point_origin"]) == (30.0, 3.0, "data file")
    assert (fields["exposure"], fields["exposure_origin"]) == ({"luminosity_invfb": LUMINOSITY}, "data file")
    assert fields["best_fit"]["Umu4_sq"] == pytest.approx(0.09, abs=4.0 * fields["uncertainties"]["Umu4_sq"])
    changed = nuportal.fit(file, {"m4": 25.0}).to_dict()
    assert (changed["point"]["m4"], changed["point"]["m_phi"]) == (25.0, 3.0)
    assert nuportal.fit(file, point.replace(m4=25.0)).to_dict()["best_fit"] == changed["best_fit"]
    for contradiction in ({"luminosity": "card"}, {"flavour": "e"}, {"selection": "full"}):
        with pytest.raises(InputError, match="contradicts the data file"):
            nuportal.fit(file, **contradiction)


def test_the_exposure_is_never_guessed(counts, tmp_path) -> None:
    file = table(tmp_path, counts.values, counts.edges)
    for function in (nuportal.fit, lambda *a: nuportal.export(*a, to="pyhf", out=tmp_path / "w.json")):
        with pytest.raises(
            InputError, match=r"'t' do not say their luminosity: .* or --luminosity card for the 4.1 fb"
        ):
            function(file, SM)
    with pytest.raises(InputError, match="do not say their decays: .* --decays card"):
        nuportal.fit(SpectrumFile(nuportal.expected_spectrum("e949", SM)), SM, experiment="e949")
    with pytest.raises(BadFitError, match=r"luminosity_invfb = 4.1 \(card of atlas-2011\)"):
        nuportal.fit(file, SM, luminosity="card")


def test_an_expectation_is_fitted_and_doubted(tmp_path) -> None:
    point = SM.replace(Umu4=0.2)
    mean = expected(point)
    file = table(tmp_path, mean.values, mean.edges)
    found = nuportal.fit(file, **OPTIONS)
    assert found.fit.best_fit["Umu4_sq"] == pytest.approx(0.04, rel=1e-3)
    assert "is not whole" in found.warnings[0]
    assert nuportal.fit(file, data_covariance="poisson", **OPTIONS).warnings == ()
    assert nuportal.fit(SpectrumFile(mean), **OPTIONS).warnings == ()


def shape(values: np.ndarray, sum_: float) -> np.ndarray:
    return np.rint(values / values.sum() * sum_)


#: What is done to counts n, with their bin centres x and the expected counts m, that no limit may follow.
WRONG: dict[str, Callable[[np.ndarray, np.ndarray, np.ndarray], object]] = {
    "normalised to 1": lambda n, x, m: n / n.sum(),
    "in per cent": lambda n, x, m: 100.0 * n / n.sum(),
    "per GeV": lambda n, x, m: n / 0.5,
    "in pb": lambda n, x, m: n / (1e3 * LUMINOSITY),
    "in fb": lambda n, x, m: n / LUMINOSITY,
    "in thousands": lambda n, x, m: n / 1000.0,
    "of half the luminosity": lambda n, x, m: np.rint(n / 2.0),
    "of ten times the luminosity": lambda n, x, m: 10.0 * n,
    "of 60% efficiency": lambda n, x, m: np.rint(0.6 * n),
    "of weight 0.1": lambda n, x, m: 0.1 * n,
    "cumulated": lambda n, x, m: np.cumsum(n),
    "cumulated from above": lambda n, x, m: np.cumsum(n[::-1])[::-1],
    "their logarithm": lambda n, x, m: np.log10(n),
    "their errors": lambda n, x, m: np.sqrt(n),
    "times the bin centre": lambda n, x, m: np.rint(n * x),
    "reversed": lambda n, x, m: n[::-1],
    "sorted": lambda n, x, m: np.sort(n),
    "shifted by a bin": lambda n, x, m: np.roll(n, 1),
    "scaled by 1%": lambda n, x, m: np.rint(np.interp(x / 1.01, x, m) / 1.01),
    "one bin lost": lambda n, x, m: np.where(x == 38.75, 0.0, n),
    "one bin too high": lambda n, x, m: np.where(x == 38.75, 10.0 * n, n),
    "cut off above": lambda n, x, m: np.where(x > 47.5, 0.0, n),
    "saturated": lambda n, x, m: np.minimum(n, np.rint(np.median(n))),
    "flat": lambda n, x, m: np.full_like(n, np.rint(n.mean())),
    "an exponential": lambda n, x, m: shape(np.exp(-x / 8.0), n.sum()),
    "leptons of a Z": lambda n, x, m: shape(np.exp(-0.5 * ((x - 45.6) / 4.0) ** 2), n.sum()),
    "not smeared": lambda n, x, m: shape((x < 40.0) * np.maximum(1.0 - (x / 40.19) ** 2, 1e-3) ** -0.5, n.sum()),
    "over the expectation": lambda n, x, m: n / m,
    "less the expectation": lambda n, x, m: n - m,
    "noise": lambda n, x, m: np.random.default_rng(2).integers(0, 2 * int(n.mean()), n.size),
    "empty": lambda n, x, m: 0.0 * n,
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
def test_no_limit_on_what_is_not_described(wrong, counts, tmp_path) -> None:
    contents = np.asarray(wrong(counts.values, counts.centers, expected().values))
    with pytest.raises((InputError, BadFitError)):
        nuportal.fit(table(tmp_path, contents, counts.edges), **OPTIONS)


@pytest.mark.parametrize(
    ("charge", "edges"),
    [("-", 1.0), ("both", 1.0), ("+", 1e3), ("+", 1e-3), ("+", 2.0)],
    ids=["W-", "both charges", "in MeV", "in TeV", "transverse mass"],
)
def test_no_limit_on_other_spectra(charge, edges, tmp_path) -> None:
    other = expected(charge=charge)
    with pytest.raises((InputError, BadFitError)):
        nuportal.fit(table(tmp_path, np.rint(other.values), edges * other.edges), **OPTIONS)


def test_wrong_variances_are_no_errors(counts, tmp_path) -> None:
    for variances in (np.sqrt(counts.values), 1.0 / counts.values):
        with pytest.raises((InputError, BadFitError)):
            nuportal.fit(table(tmp_path, counts.values, counts.edges, variances), **OPTIONS)


def test_variances_that_are_too_large_are_told(counts, tmp_path) -> None:
    found = nuportal.fit(table(tmp_path, counts.values, counts.edges, 25.0 * counts.values), **OPTIONS)
    assert "scatter less than their variances say" in found.warnings[0]


def test_templates_and_spectra_are_written_as_before(counts, tmp_path) -> None:
    """A bad fit leaves nothing behind."""
    write_spectra(tmp_path / "flat.json", [Spectrum.from_counts("h", counts.edges, np.full(40, 7.0))], {})
    with pytest.raises(BadFitError):
        nuportal.fit(tmp_path / "flat.json", report=tmp_path / "report", **OPTIONS)
    with pytest.raises(BadFitError):
        nuportal.export(tmp_path / "flat.json", SM, luminosity=LUMINOSITY, to="pyhf", out=tmp_path / "w.json")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["flat.json"]


def test_the_content_of_a_workspace() -> None:
    sample = {"name": "s", "data": [10.0, 5.0], "modifiers": [{"name": "mu", "type": "normfactor", "data": None}]}
    background = {"name": "b", "data": [50.0, 60.0], "modifiers": []}
    workspace = {
        "channels": [{"name": "c", "samples": [sample, background]}],
        "observations": [{"name": "c", "data": [60.0, 65.0]}],
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        "version": "1.0.0",
    }
    assert nuportal.fit(workspace).fit.best_fit["mu"] == pytest.approx(1.0, rel=1e-4)
    with pytest.raises(InputError, match="data cannot be of type dict"):
        nuportal.fit({"channels": []})


@pytest.mark.parametrize("name", ["e949", "belle-ii-tau-mu"])
def test_a_free_background_does_not_hide_another_unit(name, tmp_path) -> None:
    """The rate of a meson background is fitted; that of the card tells numbers that are no counts."""
    point = PortalParameters(m4=0.2 if name == "e949" else 0.5, m_chi=0.02, m_phi=0.06, Umu4=0.0)
    mean = nuportal.expected_spectrum(name, point)
    options = {"parameters": point, "experiment": name, "decays": "card", "data_covariance": "poisson"}
    assert nuportal.fit(table(tmp_path, mean.values, mean.edges), **options).warnings == ()
    third = nuportal.fit(table(tmp_path, 0.3 * mean.values, mean.edges), **options)
    assert "farther than a factor 3" in third.warnings[0]
    for wrong in (
        100.0 * mean.values / mean.integral,
        np.sqrt(mean.values),
        mean.values * 1e-6 + 1.0,
        20.0 * mean.values,
    ):
        with pytest.raises(BadFitError, match="farther than a factor 10: another unit or exposure"):
            nuportal.fit(table(tmp_path, wrong, mean.edges), **options)

"""Probability that the recoil lets an event pass: two integrations against each other, and against simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2

from collider.experiments.selection import Cuts, LeptonSelection, Recoil
from collider.templates.recoil_acceptance import pass_probability, recoil_modes
from collider.templates.recoil_bins import bin_probability
from nucore.smearing import Resolution

RECOIL = Recoil(
    response=0.757, response_rise=0.055, response_scale_GeV=15.0,
    resolution_GeV=11.4, resolution_slope=0.08, resolution_spread=0.34,
)  # fmt: skip
PLAIN = RECOIL.model_copy(update={"resolution_spread": 0.0})
CUTS = Cuts(
    missing_momentum_min_GeV=30.0, transverse_mass_min_GeV=60.0, transverse_mass_max_GeV=120.0, recoil_max_GeV=30.0
)
LOOSE = Cuts(transverse_mass_min_GeV=40.0)
LEPTONS, BOSONS, COSINES = np.array([25.0, 31.0, 38.0, 60.0]), np.array([0.0, 5.0, 15.0, 60.0]), np.linspace(-1, 1, 7)


@pytest.mark.parametrize("recoil", [RECOIL, PLAIN])
@pytest.mark.parametrize(("cuts", "edges"), [(CUTS, (60.0, 120.0)), (LOOSE, (40.0, 400.0))])
def test_bins_of_the_transverse_mass_add_up_to_what_passes(recoil: Recoil, cuts: Cuts, edges: tuple) -> None:
    expected = pass_probability(LEPTONS, BOSONS, COSINES, recoil, cuts)
    found = bin_probability(LEPTONS, BOSONS, COSINES, recoil, cuts, np.linspace(*edges, 31), True)
    np.testing.assert_allclose(found.sum(axis=0), expected, atol=3e-4)
    assert expected.max() > 0.1


@pytest.mark.parametrize("recoil", [RECOIL, PLAIN])
@pytest.mark.parametrize(("cuts", "low"), [(CUTS, 25.0), (LOOSE, 1e-3)])
def test_bins_of_the_missing_momentum_add_up_to_what_passes(recoil: Recoil, cuts: Cuts, low: float) -> None:
    expected = pass_probability(LEPTONS, BOSONS, COSINES, recoil, cuts)
    found = bin_probability(LEPTONS, BOSONS, COSINES, recoil, cuts, np.linspace(low, 300.0, 40), False)
    np.testing.assert_allclose(found.sum(axis=0), expected, atol=3e-4)


@pytest.mark.parametrize("of_mass", [True, False])
@pytest.mark.parametrize("cuts", [CUTS, LOOSE])
def test_bins_agree_with_a_simulation(cuts: Cuts, of_mass: bool) -> None:
    n, lepton, q, cosine = 400_000, 37.0, 12.0, 0.3
    edges = np.linspace(40.0, 100.0, 31) if of_mass else np.linspace(25.0, 60.0, 36)
    rng = np.random.default_rng(8)
    sigma = (11.4 + 0.08 * q) * np.exp(0.34 * rng.standard_normal(n))
    response = 0.757 + 0.055 * (1.0 - np.exp(-q / 15.0))
    u = sigma * rng.standard_normal((2, n)) - response * q * np.array([[cosine], [np.sqrt(1.0 - cosine**2)]])
    recoil, missing = np.hypot(*u), np.hypot(u[0] + lepton, u[1])
    mass = np.sqrt(2.0 * lepton * (missing + u[0] + lepton))
    passed = (missing >= (cuts.missing_momentum_min_GeV or 0.0)) & (mass >= (cuts.transverse_mass_min_GeV or 0.0))
    passed &= (mass < (cuts.transverse_mass_max_GeV or np.inf)) & (recoil < (cuts.recoil_max_GeV or np.inf))
    counts = np.histogram((mass if of_mass else missing)[passed], edges)[0]
    arguments = (np.array([lepton]), np.array([q]), np.array([cosine]), RECOIL, cuts)
    expected = n * bin_probability(*arguments, edges, of_mass)[:, 0, 0, 0]
    assert counts.sum() > 1e4
    filled = expected > 10.0
    assert np.all(counts[expected == 0.0] == 0)
    statistic = np.sum((counts - expected)[filled] ** 2 / expected[filled])
    assert chi2.sf(statistic, filled.sum()) > 1e-3


def test_a_sum_of_few_products_replaces_the_probability() -> None:
    edges = tuple(np.linspace(60.0, 100.0, 41).tolist())
    cuts = CUTS.model_copy(update={"pt_min_GeV": 30.0})
    selection = LeptonSelection(
        edges, (0.0, 2.4), Resolution(0.02), observable="transverse_mass", recoil=RECOIL, cuts=cuts
    )
    modes = recoil_modes(selection)
    assert modes is not None
    boson, cosines = np.array([2.0, 8.0, 25.0]), np.linspace(-1.0, 1.0, 9)
    found = np.einsum(
        "bml,qcm->blqc", modes.at_lepton(LEPTONS[1:]), modes.at_boson(boson)[:, :: 192 // (cosines.size - 1)]
    )
    exact = bin_probability(LEPTONS[1:], boson, cosines, RECOIL, cuts, np.asarray(edges), True)
    np.testing.assert_allclose(found, exact, atol=2e-3)
    np.testing.assert_allclose(found.mean(axis=(2, 3)), exact.mean(axis=(2, 3)), atol=3e-4)

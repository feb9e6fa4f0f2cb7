"""W production against closed forms, direct integrals, Pythia 8 and measured cross sections."""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import trapezoid
from scipy.stats import norm

from collider.production.luminosity import load_table
from collider.production.normalisation import published_cross_sections
from collider.production.quantiles import quantile_nodes
from collider.production.w_production import (
    GAMMA_W,
    M_W,
    breit_wigner,
    decay_factor,
    fixed_order_cross_section_pb,
    k_factor,
    mass_spectrum,
    w_component,
)
from nucore.errors import InputError
from nucore.model import constants

ENERGIES = (7.0, 8.0, 13.0, 13.6, 14.0)
TABLES = [("ppbar", 1.96), *(("pp", energy) for energy in (5.02, *ENERGIES))]


def test_spectrum_is_the_rapidity_integral_of_the_double_differential_rate() -> None:
    table = load_table(7.0)
    mass, rate = mass_spectrum(table, 1, 30.0)
    for k in np.searchsorted(mass, [35.0, 60.0, 79.0, 80.4, 95.0, 300.0, 2000.0]):
        y = np.linspace(-1.0, 1.0, 8001) * float(table.maximal_rapidity(mass[k]))
        direct = (
            trapezoid(table(1, mass[k], y), y) * 2.0 * mass[k] * breit_wigner(mass[k]) * decay_factor(mass[k], 30.0)
        )
        direct *= 4.0 * math.pi * float(constants.HBARC_SQ_GEV2_PB)
        direct *= (float(constants.G_F) * M_W**2 / (6.0 * math.sqrt(2.0) * math.pi)) ** 2
        # Both beam assignments in the spectrum; the rapidity integral is interpolated between 81 masses.
        assert rate[k] == pytest.approx(2.0 * direct, rel=3e-4)


def test_narrow_width_limit() -> None:
    # sigma = pi sqrt2 G_F/3 BR (integral of both luminosities over y), BR = Gamma_l/Gamma_W at leading order.
    gamma = 1e-3
    leptonic = float(constants.G_F) * M_W**3 / (6.0 * math.sqrt(2.0) * math.pi)
    luminosity = 2.0 * float(load_table(7.0).rapidity_integral(1, M_W))
    narrow = math.pi * math.sqrt(2.0) * float(constants.G_F) / 3.0 * leptonic / gamma * luminosity
    narrow *= float(constants.HBARC_SQ_GEV2_PB)
    # The tails of a propagator of relative width 1e-5 are 1e-5 of the rate.
    assert fixed_order_cross_section_pb(7.0, 1, gamma_W=gamma) == pytest.approx(narrow, rel=1e-3)


def test_breit_wigner_running_width() -> None:
    # At the pole, and far above it where the running width dominates over the fixed one.
    assert breit_wigner(M_W) == pytest.approx(1.0 / (M_W * GAMMA_W) ** 2)
    assert breit_wigner(1000.0) == pytest.approx(1.0 / ((1e6 - M_W**2) ** 2 + (1e6 * GAMMA_W / M_W) ** 2))


@pytest.mark.parametrize(
    ("sqrt_s", "charge", "pythia_pb"),
    [(7.0, 1, 5246.4), (7.0, -1, 3685.0), (13.0, 1, 9945.8), (13.0, -1, 7462.0)],
)
def test_leading_order_rate_agrees_with_pythia(sqrt_s: float, charge: int, pythia_pb: float) -> None:
    # Pythia 8.317, f fbar' -> W -> mu nu without showers, NNPDF3.1 NNLO (PDF:pSet = 20), 300,000 events,
    # sigmaGen (+-0.1%) times the charge fraction (+-0.15%).  Its inputs: mW = 80.385, Gamma_W = 2.0922939,
    # alpha_em(mZ) = 0.00781751, sin^2(theta_W) = 0.2312, mass range 10 GeV to 4 TeV.
    m_W = 80.385
    g_f = math.pi * 0.00781751 / (math.sqrt(2.0) * m_W**2 * 0.2312)
    ours = fixed_order_cross_section_pb(sqrt_s, charge, m_W=m_W, gamma_W=2.0922939, order="lo")
    ours *= (g_f / float(constants.G_F)) ** 2
    # Other CKM elements (|V_cs| 0.2% higher here), running of alpha_em: up to 0.5%.
    assert ours == pytest.approx(pythia_pb, rel=0.008)


def test_leading_order_rate_at_7_TeV() -> None:
    # About 5.3 nb for an NNLO set with the width of 2.085 GeV (arXiv:1709.07001 used the world average of 2016).
    assert fixed_order_cross_section_pb(7.0, 1, gamma_W=2.085, order="lo") == pytest.approx(5300.0, rel=0.02)


def test_normalisation_of_every_energy() -> None:
    assert [(entry["beams"], entry["sqrt_s_TeV"]) for entry in published_cross_sections("w")] == TABLES
    for beams, energy in TABLES:
        # With an NNLO set and Gamma_W = 2.14 GeV: NNLO over LO 15-25%, over NLO within a few per cent.
        assert 1.1 < k_factor(energy, beams, order="lo") < 1.3
        assert 0.97 < k_factor(energy, beams) < 1.1
    # Half of the measured rate each at the Tevatron, where the charges are mirror images.
    assert w_component(1.96, 1, 0.0, beams="ppbar").cross_section_pb == pytest.approx(1343.5)
    # With the factor of 7 TeV, against CMS at 5.02 TeV: 7300 pb for both charges, 2% (arXiv:2408.03744).
    total = sum(w_component(5.02, charge, 0.0).cross_section_pb for charge in (1, -1))
    assert total == pytest.approx(7300.0, rel=0.04)


def test_order_moves_mass_and_rapidity_but_not_the_rate() -> None:
    lo, nlo = ([w_component(7.0, -1, m4, order=order) for m4 in (0.0, 500.0)] for order in ("lo", "nlo"))
    assert nlo[0].cross_section_pb == pytest.approx(lo[0].cross_section_pb, rel=0.01)  # of both charges it is equal
    # The K-factor is 1.16 at the W mass and larger nearer to the threshold, where soft gluons take over.
    assert 1.02 < nlo[1].cross_section_pb / lo[1].cross_section_pb < 1.1
    row = int(np.argmin(np.abs(nlo[0].rapidity_masses - M_W)))
    mean, mean_lo = (np.abs(one[0].rapidity_quantiles[row]).mean() for one in (nlo, lo))
    assert 0.0005 < mean - mean_lo < 0.003


def test_all_masses_of_nu4_at_the_tevatron() -> None:
    assert 0.0 < w_component(1.96, 1, 200.0, beams="ppbar").cross_section_pb < 1.0
    with pytest.raises(InputError, match="at 1.96 TeV: expected 0 to"):
        w_component(1.96, 1, 1800.0, beams="ppbar")


@settings(deadline=None, max_examples=25)
@given(m4=st.floats(1.0, 60.0))
def test_rate_to_nu4_on_shell(m4: float) -> None:
    gamma = 0.01
    light, heavy = (fixed_order_cross_section_pb(7.0, 1, mass, gamma_W=gamma) for mass in (0.0, m4))
    # Width formula at the pole: the tails of a propagator of relative width 1e-4 are about 1e-4 of the rate.
    assert heavy / light == pytest.approx(float(decay_factor(M_W, m4)), rel=1e-3)
    # With the real width the low-mass tail, which a massive nu4 cannot use, takes up to 3%.
    real = w_component(7.0, 1, m4).cross_section_pb / w_component(7.0, 1, 0.0).cross_section_pb
    assert 0.96 < real / float(decay_factor(M_W, m4)) < 1.0


def test_rate_to_a_light_nu4_differs_by_three_halves_r() -> None:
    light, m4 = w_component(7.0, 1, 0.0), 1.0
    heavy = w_component(7.0, 1, m4)
    mass, rate = mass_spectrum(load_table(7.0), 1, 0.0)
    mean_r = trapezoid(rate * (m4 / mass) ** 2, mass) / trapezoid(rate, mass)
    # (1-r)^2 (1+r/2) = 1 - 3r/2 + O(r^3) and r = 1.6e-4 at the pole, up to 0.01 at the lowest mass.
    assert 1.0 - heavy.cross_section_pb / light.cross_section_pb == pytest.approx(1.5 * mean_r, rel=2e-3)


@pytest.mark.parametrize("m4", [79.0, 85.0, 200.0, 1000.0])
def test_off_shell_w_above_threshold(m4: float) -> None:
    component = w_component(13.0, 1, m4)
    assert component.mass_quantiles[0] >= m4
    assert component.mass_quantiles[-1] <= 4000.0
    assert 0.0 < component.cross_section_pb < w_component(13.0, 1, 70.0).cross_section_pb


@pytest.mark.parametrize("m4", [0.0, 30.0, 100.0])
@pytest.mark.parametrize("charge", [1, -1])
def test_tables_are_quantiles_of_the_spectrum(m4: float, charge: int) -> None:
    component = w_component(7.0, charge, m4)
    nodes = component.mass_quantiles
    assert np.all(np.diff(nodes) > 0.0)
    mass, rate = mass_spectrum(load_table(7.0), charge, m4)
    mean = trapezoid(rate * mass, mass) / trapezoid(rate, mass)
    # The outermost cells keep their mean; inside, 4096 cells are fine enough.
    assert np.mean(0.5 * (nodes[1:] + nodes[:-1])) == pytest.approx(mean, rel=1e-4)
    median = nodes[nodes.size // 2]
    below = mass <= median
    assert trapezoid(rate[below], mass[below]) / trapezoid(rate, mass) == pytest.approx(0.5, abs=1e-3)
    row = np.interp(np.log(median), np.log(component.rapidity_masses), np.arange(component.rapidity_masses.size))
    assert component.rapidity_row[nodes.size // 2] == pytest.approx(row, abs=1e-6)
    assert np.all(np.diff(component.rapidity_quantiles, axis=1) > 0.0)


def test_rapidity_table_is_the_rapidity_distribution() -> None:
    component, table = w_component(13.0, -1, 0.0), load_table(13.0)
    row = 28
    mass = component.rapidity_masses[row]
    y = np.linspace(-1.0, 1.0, 20001) * float(table.maximal_rapidity(mass))
    density = table(-1, mass, y)
    cumulative = np.concatenate([[0.0], np.cumsum(0.5 * (density[1:] + density[:-1]))])
    found = np.interp(component.rapidity_quantiles[row, 1:-1], y, cumulative / cumulative[-1])
    np.testing.assert_allclose(found, np.linspace(0.0, 1.0, found.size + 2)[1:-1], atol=2e-6)


def test_arrays_are_shared_and_read_only() -> None:
    first, second = w_component(7.0, 1, 30.0), w_component(7.0, 1, 30.0)
    assert first is second
    with pytest.raises(ValueError, match="read-only"):
        first.mass_quantiles[0] = 1.0
    assert first.rapidity_quantiles is w_component(7.0, 1, 40.0).rapidity_quantiles


@settings(deadline=None, max_examples=25)
@given(mean=st.floats(-3.0, 3.0), sigma=st.floats(0.1, 2.0))
def test_quantile_nodes_of_a_gaussian(mean: float, sigma: float) -> None:
    x = mean + sigma * np.linspace(-8.0, 8.0, 20001)
    nodes = quantile_nodes(x, norm.pdf(x, mean, sigma), 257)
    u = np.linspace(0.0, 1.0, 257)[1:-1]
    np.testing.assert_allclose((nodes[1:-1] - mean) / sigma, norm.ppf(u), atol=1e-5)
    # Mean of the last cell: sigma times density at its lower end over its probability.
    tail = norm.pdf(norm.ppf(u[-1])) * 256.0
    assert 0.5 * (nodes[-1] + nodes[-2]) == pytest.approx(mean + sigma * tail, abs=3e-3 * sigma)


def _recipe(name: str) -> ModuleType:
    path = str(Path(__file__).parents[3] / "tools" / "recipes" / f"{name}.py")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_bad_input_is_refused() -> None:
    with pytest.raises(InputError, match="m4"):
        w_component(7.0, 1, -1.0)
    with pytest.raises(InputError, match="0 to 2000"):
        w_component(7.0, 1, 3000.0)
    with pytest.raises(InputError, match="no W pT table"):
        w_component(10.0, 1, 0.0)
    with pytest.raises(InputError, match="W charge"):
        w_component(7.0, 2, 0.0)
    with pytest.raises(InputError, match="no W normalisation"):
        k_factor(2.0)

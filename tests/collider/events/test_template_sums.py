"""Templates from Standard Model events against decays to nu4 that are generated directly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from collider.events import pseudodata
from collider.events.analyse import w_pt_tables
from collider.events.event_response import EventResponse
from collider.events.generator import generate_events, generate_histogram
from collider.events.sample_templates import TemplateRequest
from collider.events.template_sums import N_TEMPLATE_UNIFORMS, W_PT_FROM_GEV
from collider.experiments.analysis_options import AnalysisOptions
from collider.experiments.measurement import measurement
from collider.experiments.response import load_experiment
from collider.production.partons import DEFAULT_PDF_SET
from collider.production.spin import DEFAULT_SPIN, spin_table
from collider.production.w_production import w_component
from nucore.errors import InputError
from nucore.io.event_files import EventSource, LeptonBlock
from nucore.random_streams import uniforms

ATLAS = load_experiment("atlas-2011")
FULL = measurement(ATLAS, "mu", AnalysisOptions(selection="full", backgrounds=False))
MASSES = [20.0, 40.0]
N, BLOCK = 70_000, 35_000


def blocks(measured, n, seed):
    """Truth of Standard Model events of the generator, as a reader gives it."""
    components = [w_component(7.0, c, 0.0) for c in measured.selection.charge_signs]
    rates = [c.cross_section_pb for c in components]
    for events in generate_events(components, rates, measured.lepton_selection, n, seed, chunk_events=BLOCK):
        a = {key: np.asarray(value, float) for key, value in events.arrays.items()}
        eta, phi, y = a["lepton_eta"], a["lepton_phi"], a["w_rapidity"]
        lepton = a["lepton_pt"] * np.array([np.cosh(eta), np.cos(phi), np.sin(phi), np.sinh(eta)])
        mt, q = np.hypot(a["w_mass"], a["w_pt"]), a["w_pt"] * np.array([np.cos(a["w_phi"]), np.sin(a["w_phi"])])
        boson = np.array([mt * np.cosh(y), *q, mt * np.sinh(y)])
        yield LeptonBlock(np.ones(eta.size), events.arrays["charge"], lepton, boson, standard=np.ones(eta.size, bool))


def summed(measured, request, found, seed):
    """Sums over blocks."""
    response = EventResponse(measured.charge_groups, measured.lepton_selection, w_pt_tables(ATLAS), seed)
    sums = request.sums(response, measured, EventSource("here", read=None))
    first = 0
    for block in found:
        sums.add(block, uniforms(seed, 19, first, block.weight.size, N_TEMPLATE_UNIFORMS), boost=False)
        first += block.weight.size
    return sums


@pytest.fixture(scope="module")
def sums():
    return summed(FULL, TemplateRequest(MASSES), blocks(FULL, N, 11), seed=11)


def direct(measured, m4, n, n_sm, seed):
    """Contents and variances expected of n_sm Standard Model W bosons that decay to nu4, from n generated decays."""
    components = [w_component(7.0, c, m4) for c in measured.selection.charge_signs]
    rates = [c.cross_section_pb for c in components]
    sample = generate_histogram(components, rates, measured.lepton_selection, n, seed)
    counts = pseudodata.measured_counts(measured, np.array([c.charge for c in components]), sample)
    light = sum(w_component(7.0, c, 0.0).cross_section_pb for c in measured.selection.charge_signs)
    scale = n_sm / n * sum(rates) / light
    return scale * counts, scale**2 * counts


def test_closure_with_the_generator(sums):
    """Shape and rate, in both charges, with recoil cuts, radiation and resolution."""
    for row, m4 in enumerate([0.0, *MASSES]):
        expected, variances = direct(FULL, m4, 2 * N, N, seed=12)
        difference, variances = sums.values[row, 0] - expected, variances + sums.variances[row, 0]
        for part in np.split(np.arange(expected.size), len(FULL.charge_groups)):
            many = part[expected[part] > 15.0]
            assert many.size > 15
            assert stats.chi2.sf((difference[many] ** 2 / variances[many]).sum(), many.size) > 1e-3
            assert abs(difference[part].sum()) < 4.0 * np.sqrt(variances[part].sum())


def test_given_coefficients_replace_the_spin_of_the_sample():
    """Lepton and neutrino exchanged, which reverses A3 and A4, and redrawn: what the generator makes."""
    wrong = [replace(b, lepton=b.boson - b.lepton) for b in blocks(FULL, N // 2, 13)]
    redrawn, as_it_is = (summed(FULL, TemplateRequest([30.0], a), wrong, seed=13) for a in ("nominal", "sample"))
    for row, m4 in enumerate((0.0, 30.0)):
        expected, variances = direct(FULL, m4, 2 * N, N // 2, seed=14)
        many = expected > 15.0
        chi2 = [
            ((s.values[row, 0] - expected)[many] ** 2 / (variances + s.variances[row, 0])[many]).sum()
            for s in (redrawn, as_it_is)
        ]
        assert stats.chi2.sf(chi2[0], many.sum()) > 1e-3
        assert stats.chi2.sf(chi2[1], many.sum()) < 1e-3


def test_coefficients_of_the_sample_are_those_put_in(sums):
    found = sums.coefficient_table()
    charge, boson = (np.concatenate([getattr(b, a) for b in blocks(FULL, N, 11)], axis=-1) for a in ("charge", "boson"))
    pt = np.hypot(boson[1], boson[2])
    mass, y = np.sqrt(boson[0] ** 2 - boson[3] ** 2 - pt**2), np.arctanh(boson[3] / boson[0])
    for sign, name in ((1, "W+"), (-1, "W-")):
        put_in = spin_table(7.0, sign, DEFAULT_PDF_SET, "pp", DEFAULT_SPIN).along_rapidity(mass, pt, y)
        for j, low in enumerate(W_PT_FROM_GEV):
            here = (charge == sign) & (pt >= low) & (pt < (*W_PT_FROM_GEV, np.inf)[j + 1])
            for k in range(8):
                value, error = (found[name][f"A{k}"][what][j] for what in ("value", "error"))
                expected = put_in[k, here].mean() if k < 5 else 0.0
                # 0.01: the generator cuts off negative densities
                assert abs(value - expected) < 4.0 * error + 0.01, (name, k, j)
                assert 0.0 < error < 0.3


def test_entries_of_one_event_in_one_bin_are_one():
    sums = summed(FULL, TemplateRequest([30.0]), [], 1)
    sums._fill(1, np.array([[2.0, 1.0]]), np.array([[3, 3], [3, 4], [-1, 5]]), np.array([[0.5, 1.0]] * 3))
    assert sums.values[1, 0, 3:6].tolist() == [2.0 + 1.0, 1.0, 1.0]
    assert sums.variances[1, 0, 3:6].tolist() == [4.0 + 1.0, 1.0, 1.0]


def test_weights_and_variations_multiply_every_decay():
    (block,) = blocks(FULL, 5000, 17)
    up = np.linspace(-1.0, 3.0, 5000)
    plain, varied = (
        summed(FULL, TemplateRequest([30.0]), [b], 17)
        for b in (replace(block, weight=up), replace(block, variations=np.array([up, 2.0 * up])))
    )
    np.testing.assert_allclose(varied.values[:, 1], plain.values[:, 0])
    np.testing.assert_allclose(varied.variances[:, 2], 4.0 * plain.variances[:, 0])
    source = EventSource("here", read=None, weights=("muR=2", "b"))
    made = TemplateRequest([30.0]).templates(varied, FULL, source, scale=0.5)
    assert [s.name for s in made.spectra()][::2] == ["lepton_pt", "lepton_pt_weight_muR_2", "lepton_pt_weight_b"]
    assert made.metadata["weights"] == {"muR_2": "muR=2", "b": "b"}
    np.testing.assert_allclose(made.sm.values, 0.5 * varied.values[0, 0])
    np.testing.assert_allclose(made.nu4_variations["b"][30.0].values, plain.values[1, 0])
    np.testing.assert_allclose(made.nu4[30.0].variances, 0.25 * varied.variances[1, 0], atol=1e-12)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"standard": np.array([True, False])}, "here, event 2: holds a particle beyond"),
        ({"boson": np.array([[50.0, 90.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]])}, "event 1: holds a lepton with more"),
    ],
)
def test_events_that_are_no_decays(change, message):
    lepton = np.array([[40.0, 40.0], [40.0, 40.0], [0.0, 0.0], [0.0, 0.0]])
    boson = np.array([[80.0, 80.0], *[[0.0, 0.0]] * 3])
    good = LeptonBlock(np.ones(2), np.array([1, -1], np.int8), lepton, boson, standard=np.ones(2, bool))
    with pytest.raises(InputError, match=message):
        summed(FULL, TemplateRequest([30.0]), [replace(good, **change)], 1)


def test_requests():
    with pytest.raises(InputError, match="expected one of sample, nominal"):
        TemplateRequest([30.0], "ours")
    with pytest.raises(InputError, match="masses must increase"):
        TemplateRequest("30,20")

"""Meson events: conservation, mass shells, distributions, and independence of workers and chunks."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, kstest

from mesons.decays.channels import decay_channel
from mesons.decays.three_body import ratio_in_bins
from mesons.decays.three_body_decay import ThreeBodyDecay
from mesons.events import kernel
from mesons.events.generator import (
    EventChunk,
    count_chunk,
    generate_events,
    generate_histogram,
    histogram_of_counts,
)
from mesons.events.sample import COMPONENTS, Sample, prepare
from mesons.events.sampling import MomentumTable
from mesons.experiments.cards import Experiment, load_experiment
from mesons.inference.meson_templates import signal_fractions
from nucore.errors import InputError
from nucore.model.kinematics import kallen
from nucore.model.parameters import PortalParameters
from nucore.random_streams import Stream, uniforms
from nucore.rng import BLOCK
from nucore.run.executors import Execution

M_K, M_MU = 0.493677, 0.1056583755
E949, NA62 = load_experiment("e949"), load_experiment("na62-2021")
#: A sample agrees with its formula unless this happens by chance; seeds are fixed, so it never will.
P_VALUE = 1e-4


def all_events(sample: Sample, **options: Any) -> EventChunk:
    chunks = list(generate_events(sample, **options))
    names = ("component", "momentum_truth", "momentum_reco", "selected", "lepton", "chi", "phi")
    joined = {name: np.concatenate([getattr(c, name) for c in chunks]) for name in names}
    return EventChunk(0, **joined)


def mass_sq(p: np.ndarray) -> np.ndarray:
    return p[:, 0] ** 2 - (p[:, 1:] ** 2).sum(axis=1)


def lab_energy(experiment: Experiment) -> float:
    return float(np.hypot(M_K, experiment.beam_momentum_GeV))


@settings(deadline=None, max_examples=25)
@given(
    m_chi=st.floats(0.001, 0.08),
    ratio=st.floats(1.2, 3.5),
    m4=st.floats(0.02, 1.0),
    log_y=st.floats(-4.0, 1.0),
    seed=st.integers(0, 2**64 - 1),
    in_flight=st.booleans(),
)
def test_conservation_and_mass_shells(
    m_chi: float, ratio: float, m4: float, log_y: float, seed: int, in_flight: bool
) -> None:
    point = PortalParameters(m_chi=m_chi, m_phi=ratio * m_chi, m4=m4, yL=10**log_y, Umu4=0.01)
    experiment = NA62 if in_flight else E949
    events = all_events(prepare(experiment, point, n_events=500, signal_fraction=0.7, seed=seed))
    total = events.lepton + events.chi + events.phi
    energy = lab_energy(experiment)
    # rounding of momenta of up to 75 GeV
    np.testing.assert_allclose(mass_sq(total), M_K**2, atol=1e-13 * energy**2)
    np.testing.assert_allclose(total[:, 1:3], 0.0, atol=1e-14 * energy)
    spread = 0.01 * experiment.beam_momentum_GeV
    # five standard deviations of a mean of 500
    np.testing.assert_allclose(total[:, 3].mean(), experiment.beam_momentum_GeV, atol=5 * spread / 500**0.5 + 1e-12)
    signal = events.component == kernel.SIGNAL
    # m^2 = E^2 - p^2 of particles of up to E = energy
    tolerance = 1e-14 * energy**2
    np.testing.assert_allclose(mass_sq(events.lepton), M_MU**2, atol=tolerance)
    np.testing.assert_allclose(mass_sq(events.chi[signal]), m_chi**2, atol=tolerance)
    np.testing.assert_allclose(mass_sq(events.phi[signal]), (ratio * m_chi) ** 2, atol=tolerance)
    np.testing.assert_allclose(mass_sq(events.chi[~signal]), 0.0, atol=tolerance)
    assert not events.phi[~signal].any()


POINTS = [
    PortalParameters(m_chi=0.02, m_phi=0.06, m4=400.0, yL=1.0),
    PortalParameters(m_chi=0.02, m_phi=0.06, m4=0.2, yL=12.0),
    PortalParameters(m_chi=0.02, m_phi=0.06, m4=0.25, yL=1.0),
    PortalParameters(m_chi=0.02, m_phi=0.06, m4=0.2, yL=1e-4),
    PortalParameters(m_chi=0.005, m_phi=0.02, m4=0.3, yL=0.5),
    PortalParameters(m_chi=0.05, m_phi=0.055, m4=0.35, yL=5.0),
    PortalParameters(m_chi=0.07, m_phi=0.21, m4=0.3, yL=2.0),
    PortalParameters(m_chi=0.001, m_phi=0.003, m4=0.01, yL=10.0),
]


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("experiment", [E949, NA62])
def test_true_momentum_follows_eq_12(experiment: Experiment, point: PortalParameters) -> None:
    n = 200_000
    events = all_events(prepare(experiment, point, n_events=n, signal_fraction=1.0, seed=11))
    decay = decay_channel("K+", "mu").dark_decay(point)
    edges = np.linspace(0.0, decay.max_momentum * (1 + 1e-12), 41)
    expected = ratio_in_bins(decay, edges)
    expected *= n / expected.sum()
    counts = np.histogram(events.momentum_truth, edges)[0]
    used = expected > 10
    assert counts[~used].sum() <= expected[~used].sum() + 6 * np.sqrt(expected[~used].sum()) + 6
    statistic = ((counts - expected)[used] ** 2 / expected[used]).sum()
    assert chi2.sf(statistic, used.sum()) > P_VALUE
    # in flight or at rest, the invisible mass belongs to the momentum in the rest frame
    invisible = events.chi + events.phi
    q_sq = M_K**2 + M_MU**2 - 2 * M_K * np.hypot(events.momentum_truth, M_MU)
    np.testing.assert_allclose(mass_sq(invisible), q_sq, atol=1e-14 * lab_energy(experiment) ** 2)


SEARCHES = ("e949", "na62-2021", "pienu-2017-e", "pienu-2019-mu", "na62-2020-e", "belle-2016-mu", "na62-2007")


@pytest.mark.parametrize("index", range(21))
def test_spectra_of_many_searches_in_both_frames(index: int) -> None:
    """Rest frame: momenta follow Eq. 12. Laboratory: E = gamma (E* + beta p* cos) with cos uniform."""
    experiment = load_experiment(SEARCHES[index % len(SEARCHES)])
    random = np.random.default_rng(100 + index)
    m_parent, m_lepton = experiment.masses
    room = m_parent - m_lepton
    m_chi, m_phi = np.sort(random.uniform(0.02, 0.4, 2)) * room
    couplings = {f"U{experiment.lepton}4": 0.01}
    point = PortalParameters(
        m_chi=m_chi, m_phi=m_phi, m4=room * 10 ** random.uniform(-0.5, 2.0), yL=10 ** random.uniform(-3.0, 1.0)
    ).replace(**couplings)
    n = 50_000
    events = all_events(prepare(experiment, point, n_events=n, signal_fraction=1.0, seed=index))
    decay = decay_channel(experiment.parent, experiment.lepton).dark_decay(point)
    edges = np.linspace(0.0, decay.max_momentum * (1 + 1e-12), 31)
    expected = ratio_in_bins(decay, edges)
    expected *= n / expected.sum()
    used = expected > 10
    counts = np.histogram(events.momentum_truth, edges)[0]
    assert chi2.sf(((counts - expected)[used] ** 2 / expected[used]).sum(), used.sum()) > P_VALUE
    total = events.lepton + events.chi + events.phi
    gamma, gamma_beta = total[:, 0] / m_parent, total[:, 3] / m_parent
    p = events.momentum_truth
    if experiment.beam_momentum_GeV > 0.0:
        cosine = (events.lepton[:, 0] - gamma * np.hypot(p, m_lepton)) / (gamma_beta * p)
    else:
        cosine = events.lepton[:, 3] / p
    assert kstest(cosine, "uniform", args=(-1.0, 2.0)).pvalue > P_VALUE


@pytest.mark.parametrize("experiment", [E949, NA62])
@pytest.mark.parametrize("point", POINTS[:4])
def test_smeared_histogram_is_the_template(experiment: Experiment, point: PortalParameters) -> None:
    n = 3_000_000
    result = generate_histogram(prepare(experiment, point, n_events=n, signal_fraction=1.0, seed=5))
    fractions, _ = signal_fractions(experiment, decay_channel("K+", "mu").dark_decay(point))
    expected = n * fractions
    used = expected > 20
    statistic = ((result.spectrum.values - expected)[used] ** 2 / expected[used]).sum()
    assert chi2.sf(statistic, used.sum()) > P_VALUE
    assert result.n_selected == pytest.approx(expected.sum(), abs=5 * np.sqrt(n * 0.25) + 5)


# --- angular correlation: explicit Dirac spinors ---------------------------------------------------

_SIGMA = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]], dtype=complex)
_GAMMA = np.zeros((4, 4, 4), dtype=complex)
_GAMMA[0, :2, 2:] = _GAMMA[0, 2:, :2] = np.eye(2)
for _k in range(3):
    _GAMMA[_k + 1, :2, 2:], _GAMMA[_k + 1, 2:, :2] = _SIGMA[_k], -_SIGMA[_k]
_LEFT = np.diag([1, 1, 0, 0]).astype(complex)  # chiral basis


def slash(p: np.ndarray) -> np.ndarray:
    return p[0] * _GAMMA[0] - sum(p[k] * _GAMMA[k] for k in (1, 2, 3))


def squared_amplitude(parent: np.ndarray, lepton: np.ndarray, chi: np.ndarray, m_chi: float) -> float:
    """Sum over spins of |ubar(chi) P_L Qslash pslash v(lepton)|^2, spin sums built from spinors."""
    q = parent - lepton
    vertex = _LEFT @ slash(q) @ slash(parent)
    out = spinor_sum(chi, m_chi, +1)
    lep = spinor_sum(lepton, M_MU, -1)
    bar = _GAMMA[0] @ vertex.conj().T @ _GAMMA[0]
    return float(np.real(np.trace(out @ vertex @ lep @ bar)))


def spinor_sum(p: np.ndarray, m: float, sign: int) -> np.ndarray:
    """Sum over helicities of w wbar from explicit chiral spinors (sign -1: antiparticle)."""
    root = np.linalg.norm(p[1:])
    direction = p[1:] / root
    total = np.zeros((4, 4), dtype=complex)
    helicity = sum(direction[k] * _SIGMA[k] for k in range(3))
    _, states = np.linalg.eigh(helicity)
    for column, h in ((0, -1), (1, +1)):
        xi = states[:, column]
        low, high = np.sqrt(p[0] - h * root), np.sqrt(p[0] + h * root)
        w = np.concatenate([low * xi, sign * high * xi])
        total += np.outer(w, w.conj() @ _GAMMA[0])
    return total


def test_spinor_sums_are_complete() -> None:
    p = np.array([0.5, 0.1, -0.2, 0.3])
    m = float(np.sqrt(p[0] ** 2 - (p[1:] ** 2).sum()))
    for sign in (1, -1):
        np.testing.assert_allclose(spinor_sum(p, m, sign), slash(p) + sign * m * np.eye(4), atol=1e-14)


@pytest.mark.parametrize("momentum", [0.03, 0.1, 0.2])
def test_dark_angle_follows_the_amplitude(momentum: float) -> None:
    m_chi, m_phi = 0.03, 0.05
    q_sq = M_K**2 + M_MU**2 - 2 * M_K * np.hypot(momentum, M_MU)
    m_q = np.sqrt(q_sq)
    # rest frame of Q, lepton and parent along z
    k = np.sqrt(kallen(M_K**2, M_MU**2, q_sq)) / (2 * m_q)
    lepton = np.array([np.hypot(k, M_MU), 0.0, 0.0, k])
    parent = np.array([np.hypot(k, M_K), 0.0, 0.0, k])
    p_chi = np.sqrt(kallen(q_sq, m_chi**2, m_phi**2)) / (2 * m_q)
    cosines = np.array([-1.0, -0.3, 0.4, 1.0])
    weights = []
    for c in cosines:
        s = np.sqrt(1 - c * c)
        chi = np.array([np.hypot(p_chi, m_chi), p_chi * s, 0.0, p_chi * c])
        weights.append(squared_amplitude(parent, lepton, chi, m_chi))
    slope = np.polyfit(cosines, weights, 1)
    np.testing.assert_allclose(np.polyval(slope, cosines), weights, rtol=1e-10)  # linear in the cosine
    alpha = slope[0] / slope[1]
    # the sampler maps u to the cosine at which (1 + c)/2 + alpha (c^2 - 1)/4 = u
    for u in (0.0, 0.2, 0.5, 0.9, 1.0):
        c = kernel.dark_cosine(u, M_K, M_MU, m_chi, m_phi, q_sq)
        assert (1 + c) / 2 + alpha * (c * c - 1) / 4 == pytest.approx(u, abs=1e-12)


def test_angles_in_the_sample() -> None:
    """Lepton isotropic; chi correlated with it as the amplitude says, from the four-vectors at rest."""
    point = PortalParameters(m_chi=0.03, m_phi=0.05, m4=0.25, yL=1e-3)
    events = all_events(prepare(E949, point, n_events=100_000, signal_fraction=1.0, seed=3))
    cos_lepton = events.lepton[:, 3] / events.momentum_truth
    azimuth = np.arctan2(events.lepton[:, 2], events.lepton[:, 1])
    assert kstest((cos_lepton + 1) / 2, "uniform").pvalue > P_VALUE
    assert kstest((azimuth / (2 * np.pi)) % 1.0, "uniform").pvalue > P_VALUE
    q = events.chi + events.phi
    m_q = np.sqrt(mass_sq(q))
    direction = events.lepton[:, 1:] / events.momentum_truth[:, None]
    e_star = (q * events.chi * [1, -1, -1, -1]).sum(axis=1) / m_q
    along = (events.chi[:, 1:] * direction).sum(axis=1)
    # invert the boost along the lepton direction
    gamma, gamma_beta = q[:, 0] / m_q, np.linalg.norm(q[:, 1:], axis=1) / m_q
    c = (gamma * along + gamma_beta * events.chi[:, 0]) / np.sqrt(e_star**2 - 0.03**2)
    expected = np.array([kernel.dark_cosine(u, M_K, M_MU, 0.03, 0.05, 0.25**2) for u in np.linspace(0.0, 1.0, 20_001)])
    assert kstest(c, lambda x: np.interp(x, expected, np.linspace(0.0, 1.0, 20_001))).pvalue > P_VALUE


# --- bookkeeping -----------------------------------------------------------------------------------


def test_reference_implementation_event_by_event() -> None:
    """numpy at the same random numbers."""
    point = PortalParameters(m_chi=0.02, m_phi=0.06, m4=0.2, yL=1.0)
    sample = prepare(E949, point, n_events=5000, signal_fraction=0.6, seed=77)
    events = all_events(sample)
    choice, u, radius, angle = uniforms(77, Stream.KAON, 0, 5000, 4)
    np.testing.assert_array_equal(events.component == kernel.SIGNAL, choice < 0.6)
    table = sample.signal_table
    cell = np.clip(np.searchsorted(table.cumulative, u, side="right") - 1, 0, table.momentum.size - 2)
    low, high = table.momentum[cell], table.momentum[cell + 1]
    signal = events.component == kernel.SIGNAL
    assert np.all((events.momentum_truth >= low * (1 - 1e-12))[signal])
    assert np.all((events.momentum_truth <= high * (1 + 1e-12))[signal])
    np.testing.assert_allclose(events.momentum_truth[~signal], decay_channel("K+", "mu").nu4_momentum(0.0), rtol=1e-14)
    gauss = np.sqrt(-2 * np.log(radius)) * np.cos(2 * np.pi * angle)
    reco = events.momentum_truth + gauss * E949.resolution.sigma(events.momentum_truth)
    np.testing.assert_allclose(events.momentum_reco, reco, rtol=1e-12)


@pytest.mark.parametrize("experiment", [E949, NA62])
def test_workers_and_chunks_change_nothing(experiment: Experiment) -> None:
    sample = prepare(experiment, POINTS[0], decays=experiment.decays * 0.02, seed=9)
    one = generate_histogram(sample, execution=Execution(workers=1))
    for workers, chunk in ((2, None), (8, BLOCK), (3, 3 * BLOCK), (2, 12_345)):
        two = generate_histogram(sample, execution=Execution(workers=workers, chunk=chunk))
        np.testing.assert_array_equal(one.counts, two.counts)
    events = all_events(sample, chunk_events=BLOCK, execution=Execution(workers=2))
    again = all_events(sample, execution=Execution(workers=1))
    np.testing.assert_array_equal(events.momentum_reco, again.momentum_reco)
    np.testing.assert_array_equal(events.phi, again.phi)
    np.testing.assert_array_equal(count_chunk(sample, events), one.counts)
    assert histogram_of_counts(sample, one.counts).n_selected == int(events.selected.sum())


def test_exposure_mode() -> None:
    point = POINTS[0].replace(Umu4=0.01)
    sample = prepare(E949, point, decays=1.7e10, seed=4)
    result = generate_histogram(sample)
    signal, light, background = sample.expected
    assert light == 0.0
    assert signal == pytest.approx(1.7e10 * 0.03 * sample.branching_ratio)
    # Poisson: 5 standard deviations
    assert sample.n_events == pytest.approx(signal + background, abs=5 * np.sqrt(signal + background))
    assert result.selected["background"] == pytest.approx(background, abs=5 * np.sqrt(background))
    assert result.selected["signal"] < signal
    assert result.spectrum.to_hist().sum().value == result.n_selected
    assert list(result.selected) == list(COMPONENTS)


def test_tiny_exposure_may_be_empty() -> None:
    sample = prepare(E949, POINTS[0], decays=1e-9)
    assert sample.n_events == 0
    assert generate_histogram(sample).n_selected == 0
    assert list(generate_events(sample)) == []


def test_rates_mix_signal_and_light_neutrinos() -> None:
    point = PortalParameters(m_chi=0.02, m_phi=0.06, m4=0.2, yL=1.0, Umu4=0.4)
    sample = prepare(E949, point, n_events=100_000, seed=2)
    share = sample.expected[0] / 100_000
    ratio = sample.branching_ratio / 0.6356
    assert share == pytest.approx(ratio / (ratio + 1 - 0.16))
    events = all_events(sample)
    assert (events.component == kernel.SIGNAL).mean() == pytest.approx(share, abs=5 * np.sqrt(0.25 / 1e5))
    assert sample.decays == pytest.approx(100_000 / (0.03 * (sample.branching_ratio + 0.6356 * 0.84)))


def test_two_body_signal() -> None:
    point = PortalParameters(m_chi=0.2, m_phi=0.6, m4=0.25)
    events = all_events(prepare(NA62, point, n_events=1000, signal="two-body", signal_fraction=1.0))
    np.testing.assert_allclose(mass_sq(events.chi), 0.25**2, atol=1e-14 * 75**2)
    assert not events.phi.any()


def test_bad_requests() -> None:
    point = POINTS[0]
    for options, text in [
        ({}, "either"),
        ({"n_events": 10, "decays": 10.0}, "either"),
        ({"n_events": 0}, "number of events"),
        ({"decays": -1.0}, "decays"),
        ({"decays": float("nan")}, "decays"),
        ({"decays": 1e30}, r"1e\+13"),
        ({"n_events": 10, "signal_fraction": 1.5}, "fraction"),
        ({"n_events": 10, "signal": "four-body"}, "signal"),
        ({"n_events": 10, "seed": -1}, "seed"),
    ]:
        with pytest.raises(InputError, match=text):
            prepare(E949, point, **options)
    closed = point.replace(m_chi=0.2, m_phi=0.6)
    with pytest.raises(InputError, match="fraction"):
        prepare(E949, closed, n_events=10, signal_fraction=0.5)
    assert prepare(E949, closed, n_events=10).expected[0] == 0.0
    assert decay_channel("K+", "mu").dark_cells(ThreeBodyDecay(M_K, M_MU, 0.2, 0.6, 1.0, 1.0, 1.0, 0.0)).ratio == 0.0
    with pytest.raises(InputError, match="yR"):
        prepare(E949, point.replace(yR=1.0), n_events=10)


def test_kernels_as_plain_python() -> None:
    """The compiled and the interpreted kernel agree on a block."""
    mixed = PortalParameters(m_chi=0.02, m_phi=0.06, m4=0.2, yL=1.0, Umu4=0.1)
    for experiment in (E949, NA62):
        sample = prepare(experiment, mixed, decays=experiment.decays * 1e-3, seed=6)
        arguments = sample.kernel_arguments()
        binning = sample.binning
        with np.errstate(over="ignore"):
            plain = kernel.histogram_range.py_func(0, 300, *arguments, *binning)
        np.testing.assert_array_equal(plain, kernel.histogram_range(0, 300, *arguments, *binning))
        arrays = [(np.empty(300, np.int8), np.empty(300), np.empty(300)) for _ in range(2)]
        kernel.sample_range(0, 300, *arguments, *arrays[0])
        kernel.sample_range.py_func(0, 300, *arguments, *arrays[1])
        vectors = [np.empty((3, 4, 300)) for _ in range(2)]
        for fill, (component, truth, _), out in zip(
            (kernel.fill_vectors, kernel.fill_vectors.py_func), arrays, vectors, strict=True
        ):
            fill(0, 300, arguments[0], arguments[1], component, truth, sample.masses, sample.beam, out)
        np.testing.assert_allclose(vectors[0], vectors[1], rtol=1e-9, atol=1e-12)
        words = np.arange(16 * BLOCK, dtype=np.uint32).reshape(16, BLOCK) * np.uint32(104729)
        outputs = [(np.empty(BLOCK, np.int8), np.empty(BLOCK), np.empty(BLOCK)) for _ in range(2)]
        kernel.sample_block(words, *arguments[2:], *outputs[0])
        kernel.sample_block.py_func(words, *arguments[2:], *outputs[1])
        for compiled, interpreted in zip(*outputs, strict=True):
            np.testing.assert_allclose(compiled, interpreted, rtol=1e-12)
    table = sample.signal_table
    parts = (table.momentum, table.cumulative, table.density, table.guide)
    smear = sample.kernel_arguments()[-2]
    for u in (1e-9, 0.1, 0.5, 0.999999999):
        assert kernel.look_up.py_func(u, *parts) == pytest.approx(kernel.look_up(u, *parts), rel=1e-14)
        p = 0.25 * u
        assert kernel.resolution.py_func(p, *smear) == pytest.approx(float(NA62.resolution.sigma(p)))
        assert kernel.dark_cosine.py_func(u, M_K, M_MU, 0.02, 0.06, 0.04) == pytest.approx(
            kernel.dark_cosine(u, M_K, M_MU, 0.02, 0.06, 0.04)
        )
    assert kernel.resolution.py_func(0.1, 0.011, *smear[1:]) == pytest.approx(0.0011)


def test_resolution_table_with_several_points() -> None:
    p, sigma = np.array([0.0, 0.1, 0.2, 0.4]), np.array([1.0, 3.0, 2.0, 8.0])
    for x in (-1.0, 0.05, 0.1, 0.17, 0.35, 0.9):
        for function in (kernel.resolution, kernel.resolution.py_func):
            assert function(x, 0.0, p, sigma) == pytest.approx(np.interp(x, p, sigma))


def test_table_of_one_momentum() -> None:
    table = MomentumTable.at(0.1)
    parts = (table.momentum, table.cumulative, table.density, table.guide)
    assert {kernel.look_up(u, *parts) for u in (0.0, 0.3, 0.9999)} == {0.1}


def test_seeds_and_streams_differ() -> None:
    histograms = [
        generate_histogram(prepare(E949, POINTS[0], n_events=5000, signal_fraction=1.0, seed=s)).spectrum.values
        for s in (1, 2)
    ]
    assert any(a != b for a, b in itertools.zip_longest(*histograms))

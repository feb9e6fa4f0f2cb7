"""Events through response and selection: closure with the generator, other formats, weights, and what is refused."""

import gzip
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import uproot
from scipy import stats

from collider.decay.w_decay import decay_momenta
from collider.events import pseudodata
from collider.events.analyse import analyse, w_pt_tables
from collider.events.event_response import N_UNIFORMS, EventResponse, transverse_boost
from collider.events.event_sums import EventSums
from collider.events.generator import generate_events, generate_histogram
from collider.events.les_houches import hard_process
from collider.experiments.analysis_options import AnalysisOptions
from collider.experiments.measurement import measurement
from collider.experiments.response import load_experiment, parse_card
from nucore.errors import InputError
from nucore.io import lhe_events
from nucore.io.event_files import LeptonBlock
from nucore.io.readers import read_spectrum
from nucore.model.parameters import PortalParameters
from nucore.random_streams import uniforms
from nuportal import fit, generate
from tests.collider.experiments.test_response import rising

ATLAS = load_experiment("atlas-2011")
POINT = PortalParameters(m_chi=1.0, m_phi=3.0, m4=30.0, Umu4=0.3)
SAMPLE = Path(__file__).parents[3] / "samples" / "madgraph-w-mu-n4.lhe.gz"
N = 20_000

INIT = """<init>
{beams} -1 -1 -1 -1 {strategy} 1
{sigma} 0.0 1.0 1
<generator name='g' version='1'>x</generator>
</init>
"""
PROTONS = "2212 2212 3.5e3 3.5e3"


def lhe(events, beams=PROTONS, sigma=5000.0, strategy=2, end="</LesHouchesEvents>\n", header=""):
    """Text of a Les Houches file."""
    first = f'<LesHouchesEvents version="3.0">\n{header}'
    return first + INIT.format(beams=beams, strategy=strategy, sigma=sigma) + "".join(events) + end


def event(pt=40.0, eta=0.5, lepton=-13, weight=1.0, recoil=(0.0, 0.0), others=()):
    """q qbar -> lepton neutrino, with a gluon that takes the recoil."""
    e, pz = pt * np.cosh(eta), pt * np.sinh(eta)
    nu = (-pt + recoil[0], recoil[1])
    e_nu, e_gluon = np.hypot(*nu), np.hypot(*recoil)
    rows = [
        (2, -1, 501, 0, 0.0, 0.0, e, e), (-1, -1, 0, 501, 0.0, 0.0, -e_nu, e_nu),
        (lepton, 1, 0, 0, pt, 0.0, pz, e), (14, 1, 0, 0, *nu, 0.0, e_nu), *others,
    ]  # fmt: skip
    if e_gluon:
        rows.append((21, 1, 501, 502, -recoil[0], -recoil[1], 0.0, e_gluon))
    lines = [f"{i} {s} 0 0 {c} {a} {x} {y} {z} {t} 0. 0. 9." for i, s, c, a, x, y, z, t in rows]
    return f"<event>\n{len(rows)} 1 {weight} 80. 0.0075 -1\n" + "\n".join(lines) + "\n</event>\n"


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    folder = tmp_path_factory.mktemp("events")
    for name in ("w.lhe", "w.root"):
        generate("w", POINT, events=N, out=folder / name, seed=4, all_events=True)
    generate("w", POINT, events=N, out=folder / "selected.root", seed=4)
    return folder


def chi2(first, second):
    """Of two independent histograms of counts, and the number of bins."""
    total = first.values + second.values
    used = total > 0
    return float(((first.values - second.values)[used] ** 2 / total[used]).sum()), int(used.sum())


def test_the_boost_is_that_of_the_generator():
    rng = np.random.default_rng(1)
    n = 500
    mass, y, phi = 80.0 + 5.0 * rng.standard_normal(n), rng.normal(0.0, 2.0, n), rng.uniform(-3.0, 3.0, n)
    x, phi_star, w_pt = rng.uniform(0.0, 2.0, n), rng.uniform(-3.0, 3.0, n), rng.exponential(15.0, n)
    m4 = np.full(n, 30.0)
    still = decay_momenta(mass, m4, np.zeros(n), y, phi, x, phi_star)
    moving = decay_momenta(mass, m4, w_pt, y, phi, x, phi_star)
    boosted = transverse_boost(still.lepton, still.lepton + still.neutrino, w_pt, phi)
    np.testing.assert_allclose(boosted, moving.lepton, rtol=1e-9, atol=1e-9 * moving.lepton[0].max())


def test_closure_with_the_generator(ours):
    """LHE -> analyse -> fit gives what generate -> fit gives: the same truth with other noise."""
    direct = generate("w", POINT, events=N, seed=5)
    result = analyse(ours / "w.lhe", ATLAS, "mu", out=ours / "a.root", seed=2)
    assert result.w_pt == "table"
    assert result.n_events == N
    assert result.n_selected == result.spectrum.integral
    # independent samples: twice the binomial variance of each step, four standard errors
    for ours_step, step in (("abs_eta", "abs_eta"), ("pt_window", "pt_window")):
        assert abs(result.cutflow[ours_step] - direct.cutflow[step]) < 4.0 * np.sqrt(0.5 * N)
    value, bins = chi2(result.spectrum, direct.spectrum)
    assert value < bins + 4.0 * np.sqrt(2.0 * bins)
    assert result.exposure["luminosity_invfb"] == pytest.approx(direct.exposure["luminosity_invfb"], rel=1e-9)
    report = fit(ours / "a.root", POINT)
    assert report.source.experiment == "atlas-2011"
    assert report.fit.minimum.valid
    pull = (report.fit.best_fit["Umu4_sq"] - 0.09) / report.fit.uncertainties["Umu4_sq"]
    assert abs(pull) < 4.0
    # without the W transverse momentum the edge is too sharp for the templates
    bare = analyse(ours / "w.lhe", ATLAS, "mu", w_pt="file")
    assert bare.w_pt == "file"
    assert chi2(bare.spectrum, direct.spectrum)[0] > 500.0


@pytest.mark.parametrize(
    ("experiment", "name", "flavour"),
    [
        ("atlas-2011", "full", "e"), ("atlas-2011", "transverse-mass", "mu"), ("atlas-2011", "missing-momentum", "mu"),
        ("cdf-2", "full", "mu"), ("lhcb-2016", "full", "mu"),
    ],
)  # fmt: skip
def test_closure_of_the_response(experiment, name, flavour):
    """float64 response of the hard process, with other random numbers, against the kernel's."""
    measured = measurement(load_experiment(experiment), flavour, AnalysisOptions(selection=name, spin="lo"))
    components, rates = pseudodata.final_states(measured, replace(POINT, Ue4=0.3))
    n, share = 200_000, 0.2
    direct = generate_histogram(components, rates, measured.lepton_selection, int(n / share), 5)
    (events,) = generate_events(components, rates, measured.lepton_selection, n, 6, chunk_events=n)
    lepton, neutrino = hard_process(events.arrays)
    block = LeptonBlock(np.ones(n), events.arrays["charge"], lepton, lepton + neutrino)
    response = EventResponse(
        measured.charge_groups, measured.lepton_selection, w_pt_tables(measured.experiment), seed=7
    )
    sums = EventSums(response.n_bins, len(response.steps))
    sums.add(block.weight, *response.pass_through(block, uniforms(7, 19, 0, n, N_UNIFORMS), True, True))
    assert sums.passed[:3].tolist() == [n, n, n]
    for passed, expected in zip(sums.passed[3:], list(direct.cutflow.values())[1:], strict=True):
        error = np.sqrt(share * expected * (1.0 + share))  # of both numbers; four of them
        assert abs(passed - share * expected) < 4.0 * error
    counts = pseudodata.measured_counts(measured, np.array([c.charge for c in components]), direct) * share
    used = counts >= 4.0
    value = ((sums.contents[0] - counts)[used] ** 2 / (counts * (1.0 + share))[used]).sum()
    assert used.sum() > 50
    assert stats.chi2.sf(value, used.sum()) > 1e-3


@pytest.mark.parametrize("name", ["full", "transverse-mass", "missing-momentum"])
def test_the_response_with_all_its_terms_is_that_of_the_generator(name):
    """The same leptons and W, measured with other random numbers, so that only half of the variance differs."""
    measured = measurement(parse_card(rising()), "mu", AnalysisOptions(selection=name))
    components, rates = pseudodata.final_states(measured, POINT)
    n = 200_000
    (events,) = generate_events(components, rates, measured.lepton_selection, n, 6, chunk_events=n)
    a = {key: value.astype(float) for key, value in events.arrays.items()}
    direction = np.array([np.cosh(a["lepton_eta"]), np.cos(a["lepton_phi"]), np.sin(a["lepton_phi"]),
                          np.sinh(a["lepton_eta"])])  # fmt: skip
    boson = np.array([np.hypot(a["w_mass"], a["w_pt"]), a["w_pt"] * np.cos(a["w_phi"]), a["w_pt"] * np.sin(a["w_phi"]),
                      np.zeros(n)])  # fmt: skip
    block = LeptonBlock(np.ones(n), events.arrays["charge"], a["lepton_pt"] * direction, boson)
    response = EventResponse(
        measured.charge_groups, measured.lepton_selection, w_pt_tables(measured.experiment), seed=7
    )
    sums = EventSums(response.n_bins, len(response.steps))
    sums.add(block.weight, *response.pass_through(block, uniforms(7, 19, 0, n, N_UNIFORMS), False, True))
    for passed, expected in zip(sums.passed[3:], list(events.sample.cutflow.values())[1:], strict=True):
        assert abs(passed - expected) < 4.0 * np.sqrt(2.0 * expected)
    counts = pseudodata.measured_counts(measured, np.array([c.charge for c in components]), events.sample)
    used = counts >= 10.0
    value = ((sums.contents[0] - counts)[used] ** 2 / (2.0 * counts)[used]).sum()
    assert used.sum() > 50
    assert stats.chi2.sf(value, used.sum()) > 1e-3


def test_our_events_in_the_full_selection(tmp_path):
    made = generate_full(tmp_path / "w.root", 10 * N)
    again = analyse(tmp_path / "w.root", ATLAS, selection="full")
    assert (again.selection, again.flavour) == ("full", "mu")
    assert again.spectrum.axes == made.spectrum.axes
    assert again.spectrum.values.tolist() == made.spectrum.values.tolist()
    assert read_spectrum(tmp_path / "w.root").spectrum.values.tolist() == made.spectrum.values.tolist()
    # the same truth, measured for another selection, and from the hard process
    paper = analyse(tmp_path / "w.root", ATLAS)
    assert paper.cutflow["charge"] < again.cutflow["charge"] == made.n_generated
    generate_full(tmp_path / "w.lhe", N)
    foreign = analyse(tmp_path / "w.lhe", ATLAS, selection="full")
    assert list(foreign.cutflow)[3:] == list(made.cutflow)[1:]
    value, bins = chi2(replace(foreign.spectrum, values=10.0 * foreign.spectrum.values), made.spectrum)
    # of n and N / 10 events the difference of 10 n and N has the variance 100 n + N = 5.5 (10 n + N)
    assert value / 5.5 < bins + 4.0 * np.sqrt(2.0 * bins)


def generate_full(path, n):
    common = {"selection": "full", "events": n, "all_events": True, "seed": n}
    return generate("w", POINT, experiment="atlas-2011", flavour="mu", out=path, **common)


def test_proton_antiproton_beams(tmp_path):
    cdf = load_experiment("cdf-2")
    beams = "2212 -2212 980. 980."
    result = analyse(write(tmp_path, lhe([event()] * 20, beams=beams)), cdf, "mu", selection="paper")
    assert result.n_events == 20
    with pytest.raises(InputError, match=r"cdf-2 needs protons \(2212\) and antiprotons \(-2212\) of 980 GeV"):
        analyse(write(tmp_path, lhe([event()], beams="2212 2212 980. 980.")), cdf, "mu")
    with pytest.raises(InputError, match=r"tell the beam of a quark"):
        generate("w", POINT, experiment="cdf-2", events=10, out=tmp_path / "w.lhe")
    made = generate("w", POINT, experiment="cdf-2", events=N, out=tmp_path / "w.root", all_events=True)
    assert analyse(tmp_path / "w.root", cdf, "mu").spectrum.values.tolist() == made.spectrum.values.tolist()


def test_madgraph_and_our_events_of_one_point_agree(ours):
    """Events of the UFO model from MadGraph 2.6 at the same point, with another PDF set."""
    theirs = analyse(SAMPLE, ATLAS, "mu", seed=3)
    mine = analyse(ours / "w.lhe", ATLAS, "mu", seed=4)
    assert theirs.w_pt == mine.w_pt == "table"
    assert theirs.generator.startswith("MadGraph5_aMC@NLO")
    share = theirs.n_events / mine.n_events
    for step in ("abs_eta", "pt_window"):
        n, expected = theirs.cutflow[step], share * mine.cutflow[step]
        # binomial error of the small sample; leading-order parton densities lower the steps by 1.3% and 2.9%
        assert abs(n - expected) < 4.0 * np.sqrt(expected * (1.0 - expected / theirs.n_events)) + 0.03 * expected
    small, large = (r.spectrum.values.reshape(-1, 4).sum(1) for r in (theirs, mine))
    expected = large * small.sum() / large.sum()
    value = float(((small - expected) ** 2 / (expected * (1.0 + small.sum() / large.sum()))).sum())
    assert value < stats.chi2.isf(1e-4, small.size - 1)


def test_our_root_events_give_back_their_histogram(ours):
    stored = read_spectrum(ours / "w.root").spectrum.values
    for name, n in (("w.root", N), ("selected.root", int(stored.sum()))):
        result = analyse(ours / name, ATLAS, "mu")
        assert result.spectrum.values.tolist() == stored.tolist()
        assert result.n_events == n
        assert result.exposure == read_spectrum(ours / name).exposure
    other = ATLAS.model_copy(update={"name": "other"})
    again = analyse(ours / "w.root", other, "mu", seed=8)
    assert again.w_pt == "file"
    assert 0 < np.abs(again.spectrum.values - stored).sum() < 0.1 * stored.sum()  # the same truth, smeared anew
    with pytest.raises(InputError, match=r"--all-events"):
        analyse(ours / "selected.root", other, "mu")
    with pytest.raises(InputError, match=r"none of the .* has a charged lepton e"):
        analyse(ours / "w.root", ATLAS, "e")


def test_our_files_say_their_flavour(tmp_path):
    generate("w", POINT, events=200, out=tmp_path / "e.lhe", flavour="e")
    assert analyse(tmp_path / "e.lhe", ATLAS).flavour == "e"
    with pytest.raises(InputError, match=r"charged lepton mu"):
        analyse(tmp_path / "e.lhe", ATLAS, "mu")
    assert analyse(write(tmp_path, lhe([event()]), "other.lhe"), ATLAS).flavour == "mu"


def test_the_events_are_not_overwritten(ours):
    before = (ours / "selected.root").read_bytes()
    with pytest.raises(InputError, match=r"is the event file itself"):
        analyse(ours / "selected.root", ATLAS, out=ours / ".." / ours.name / "selected.root")
    assert (ours / "selected.root").read_bytes() == before


def test_seed_and_noise(ours):
    first = analyse(ours / "w.lhe", ATLAS, "mu", seed=2)
    assert analyse(ours / "w.lhe", ATLAS, "mu", seed=2).to_json() == first.to_json()
    assert analyse(ours / "w.lhe", ATLAS, "mu", seed=3).spectrum.values.tolist() != first.spectrum.values.tolist()
    assert first.to_hist().sum().value == first.n_selected


def test_blocks_and_compression_change_nothing(ours, monkeypatch):
    whole = analyse(ours / "w.lhe", ATLAS, "mu")
    (ours / "w.lhe.gz").write_bytes(gzip.compress((ours / "w.lhe").read_bytes(), 1))
    monkeypatch.setattr("nucore.io.event_files.BLOCK_EVENTS", 777)
    packed = analyse(ours / "w.lhe.gz", ATLAS, "mu")
    assert packed.spectrum.values.tolist() == whole.spectrum.values.tolist()
    assert packed.cutflow == whole.cutflow


def write(tmp_path, text, name="e.lhe"):
    path = tmp_path / name
    path.write_text(text)
    return path


def test_every_step_of_the_cutflow(tmp_path):
    events = [
        event(40.0), event(40.2), event(45.0, eta=3.0), event(20.0), event(40.0, lepton=13), event(40.0, lepton=-11),
        event(5.0, others=[(-13, 1, 0, 0, 0.0, 44.0, 0.0, 44.0)]),
    ]  # fmt: skip
    result = analyse(write(tmp_path, lhe(events)), ATLAS, "mu", w_pt="file")
    assert result.cutflow == {
        "events": 7, "lepton": 6, "charge": 5, "abs_eta": 4, "efficiency": 4, "pt_window": 3,
    }  # fmt: skip
    assert result.exposure == {"luminosity_invfb": pytest.approx(7 / 5000.0 / 1000.0)}
    assert result.spectrum.variances.tolist() == result.spectrum.values.tolist()
    assert result.generator == "g 1"


def test_what_generators_add_to_the_format(tmp_path):
    """Comments, weights, headers with character data, and text after the end, as POWHEG and MadGraph write them."""
    header = "<!--\nfile of a generator\n-->\n<header>\n<card><![CDATA[ a < b & c ]]></card>\n</header>\n"
    weights = "<mgrwt>\n<pdfrwt beam='1'> 1 2 0.1 80. </pdfrwt>\n</mgrwt>\n<rwgt>\n<wgt id='1'> 2.0 </wgt>\n</rwgt>\n"
    events = [event(40.0).replace("</event>", "#rwgt 1 2 3\n" + weights + "</event>")] * 3
    text = lhe(events, header=header) + "# random numbers at exit: 12 <34\n"
    end = text.index("</LesHouchesEvents>")
    for place in (end, 16_384 - 19, 16_384 - 7, 16_384):  # the parser reads 16 kB at a time
        path = write(tmp_path, text[:end] + " " * (place - end) + text[end:])
        result = analyse(path, ATLAS, "mu", w_pt="file")
        assert result.n_events == result.n_selected == 3
    path = tmp_path / "e.lhe.gz"
    path.write_bytes(gzip.compress(text.encode()))
    assert analyse(path, ATLAS, "mu").n_events == 3


def test_memory_does_not_grow_with_the_file(tmp_path, monkeypatch):
    monkeypatch.setattr("nucore.io.event_files.BLOCK_EVENTS", 200)
    peaks = []
    for n in (1000, 4000):
        path = write(tmp_path, lhe([event()] * n))
        analyse(path, ATLAS, "mu")
        tracemalloc.start()
        analyse(path, ATLAS, "mu")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert path.stat().st_size > 1_000_000
    assert peaks[1] < peaks[0] + 200_000  # 3000 events more as objects would be 10 MB


def test_efficiency_and_resolution(tmp_path):
    lepton = ATLAS.analysis().lepton_response("mu")
    lepton = lepton.model_copy(update={"efficiency": (0.5,), "resolution_relative": 0.1})
    selection = ATLAS.analysis().model_copy(update={"response": {"l": lepton}})
    experiment = ATLAS.model_copy(update={"selections": {"paper": selection}})
    path = write(tmp_path, lhe([event(40.0)] * 4000))
    result = analyse(path, experiment, "mu", w_pt="file")
    assert abs(result.cutflow["efficiency"] - 2000) < 5.0 * np.sqrt(1000)
    centres = 0.5 * (result.spectrum.edges[1:] + result.spectrum.edges[:-1])
    mean = np.average(centres, weights=result.spectrum.values)
    width = np.sqrt(np.average((centres - mean) ** 2, weights=result.spectrum.values))
    # a Gaussian of sigma = 4 cut at 2.5 sigma: its width is 0.9111 sigma, plus half-GeV bins
    assert mean == pytest.approx(40.0, abs=5.0 * 4.0 / np.sqrt(2000))
    assert width == pytest.approx(4.0 * np.sqrt(0.9111), rel=0.05)


def test_weights_are_respected(tmp_path):
    rng = np.random.default_rng(3)
    weights = rng.choice([2.0, 1.0, -1.0], 2000, p=[0.3, 0.6, 0.1])
    pts = np.where(rng.random(2000) < 0.5, 35.0, 45.0)
    path = write(tmp_path, lhe([event(float(p), weight=float(w)) for p, w in zip(pts, weights, strict=True)]))
    result = analyse(path, ATLAS, "mu", w_pt="file", out=tmp_path / "a.json")
    n_equivalent = weights.sum() ** 2 / (weights**2).sum()
    assert result.n_negative_weights == np.count_nonzero(weights < 0)
    assert result.spectrum.integral == pytest.approx(n_equivalent)
    low = result.spectrum.edges[:-1] < 40.0
    scale = n_equivalent / weights.sum()
    assert result.spectrum.values[low].sum() == pytest.approx(weights[pts < 40].sum() * scale)
    assert result.spectrum.variances[low].sum() == pytest.approx((weights[pts < 40] ** 2).sum() * scale**2)
    assert result.exposure["luminosity_invfb"] == pytest.approx(n_equivalent / 5e6)
    assert read_spectrum(tmp_path / "a.json").spectrum.variances == pytest.approx(result.spectrum.variances)
    # the same weight everywhere, whatever it is, leaves counts
    same = analyse(write(tmp_path, lhe([event(weight=0.3)] * 7), "s.lhe"), ATLAS, "mu", w_pt="file")
    assert same.spectrum.integral == 7.0


def test_exposure(tmp_path):
    path = write(tmp_path, lhe([event()] * 5))
    assert analyse(path, ATLAS, "mu", k_factor=1.25).exposure == {"luminosity_invfb": pytest.approx(5 / 6.25e6)}
    assert analyse(path, ATLAS, "mu", luminosity_invfb=2.0).exposure == {"luminosity_invfb": 2.0}
    unknown = analyse(write(tmp_path, lhe([event()], sigma=0.0), "u.lhe"), ATLAS, "mu")
    assert unknown.exposure is None
    assert unknown.cross_section_pb is None
    for choice in ({"k_factor": 2.0, "luminosity_invfb": 1.0}, {"k_factor": 0.0}, {"luminosity_invfb": np.inf}):
        with pytest.raises(InputError, match=r"exclude|expected a positive number"):
            analyse(path, ATLAS, "mu", **choice)
    with pytest.raises(InputError, match=r"expected one of auto, table, file"):
        analyse(path, ATLAS, "mu", w_pt="none")
    with pytest.raises(InputError, match=r"not measured"):
        analyse(path, ATLAS, "tau")


def test_w_pt_by_the_events(tmp_path, monkeypatch):
    moving = [event(40.0, recoil=(3.0, 4.0))] * 3
    assert analyse(write(tmp_path, lhe(moving)), ATLAS, "mu").w_pt == "file"
    # events without a lepton do not decide
    assert analyse(write(tmp_path, lhe([event(lepton=-11), event()])), ATLAS, "mu").w_pt == "table"
    # a sample of several multiplicities has its own
    assert analyse(write(tmp_path, lhe([event(), *moving])), ATLAS, "mu").w_pt == "file"
    with pytest.raises(InputError, match=r"event 2 has transverse momentum.*--w-pt file"):
        analyse(write(tmp_path, lhe([event(), *moving])), ATLAS, "mu", w_pt="table")
    monkeypatch.setattr("nucore.io.event_files.BLOCK_EVENTS", 2)
    with pytest.raises(InputError, match=r"event 3 has transverse momentum"):
        analyse(write(tmp_path, lhe([event(), event(), *moving])), ATLAS, "mu")


GOOD = lhe([event()] * 3)
BAD_LHE = {
    "empty": ("", "is empty"),
    "no_events": (lhe([]), "has no events"),
    "not_xml": ("low,high,value\n1,2,3\n", "holds no events, it begins with 'low,high,value'"),
    "other_xml": ("<html><body>x</body></html>", "holds no events, it begins with '<html>"),
    "no_init": ('<LesHouchesEvents version="3.0">\n' + event() + "</LesHouchesEvents>", "has no <init> block"),
    "truncated": (GOOD[: len(GOOD) - 30], "is truncated"),
    "cut_between_events": (GOOD.replace("</LesHouchesEvents>\n", ""), "is truncated"),
    "cut_in_header": (GOOD[:60], "is truncated, in the header"),
    "word_for_number": (lhe([event(), event().replace("40.0 0.0", "forty 0.0")]), "event 2: .* invalid number 'forty'"),
    "nan": (lhe([event(float("nan"))]), "event 1: a weight or momentum"),
    "huge": (lhe([event(weight=1e200)]), "event 1: a weight or momentum"),
    "nan_cross_section": (lhe([event()], sigma="nan"), "not finite"),
    "missing_particle": (lhe([event().replace("4 1 1.0", "5 1 1.0")]), "4 particles where 5 are announced"),
    "short_line": (lhe([event().replace("0. 0. 9.", "")]), "a particle has 10 numbers: expected 13"),
    "electrons": (lhe([event()], beams="11 -11 3.5e3 3.5e3"), "beams 11 of 3500 GeV and -11 .* needs two protons"),
    "energy": (lhe([event()], beams="2212 2212 6.5e3 6.5e3"), "beams 2212 of 6500 GeV"),
    "no_lepton": (lhe([event(lepton=-11)] * 2), "none of the 2 events has a charged lepton mu"),
    "weights_cancel": (lhe([event(weight=1.0), event(weight=-1.0)]), "invalid sum of weights 0"),
}


@pytest.mark.parametrize("kind", BAD_LHE)
def test_bad_les_houches_files(tmp_path, kind):
    text, message = BAD_LHE[kind]
    path = write(tmp_path, text)
    for file in (path, tmp_path / "e.lhe.gz"):
        if file != path:
            if not text:
                continue
            file.write_bytes(gzip.compress(text.encode()))
        with pytest.raises(InputError, match=message) as refused:
            analyse(file, ATLAS, "mu", out=tmp_path / "a.root")
        assert "\n" not in str(refused.value)
        assert not list(tmp_path.glob("*a*.root"))


def test_damaged_compression(tmp_path):
    path = tmp_path / "e.lhe.gz"
    packed = gzip.compress(lhe([event(float(30 + 0.01 * i)) for i in range(1000)]).encode())
    for data in (packed[: len(packed) // 2], packed[:-4], packed[:2], packed[:500] + b"\0" * 50 + packed[550:]):
        path.write_bytes(data)
        with pytest.raises(InputError, match=r"is truncated|is damaged"):
            analyse(path, ATLAS, "mu")


def test_no_endless_element(tmp_path, monkeypatch):
    monkeypatch.setattr(lhe_events, "MAX_SILENT_BYTES", 100_000)
    path = tmp_path / "bomb.lhe.gz"
    start = lhe([event()], end="")
    for filling in (b"\0" * 300_000, b" " * 300_000, b"<a>" * 100_000, b"<!--" + b"x" * 300_000):
        path.write_bytes(gzip.compress(start.encode() + filling))
        with pytest.raises(InputError, match=r"100000 bytes without an event"):
            analyse(path, ATLAS, "mu")
    # as many bytes with events in between are fine
    path.write_bytes(gzip.compress(lhe([event()] * 500).encode()))
    assert analyse(path, ATLAS, "mu").n_events == 500


@pytest.mark.parametrize(
    ("name", "message"),
    [("absent.lhe", "does not exist"), (".", "not a file"), ("e.txt", "begins with 'x': expected Les Houches")],
)
def test_paths(tmp_path, name, message):
    (tmp_path / "e.txt").write_text("x")
    with pytest.raises(InputError, match=message):
        analyse(tmp_path / name, ATLAS, "mu")


def test_bad_root_files(tmp_path, ours):
    whole = (ours / "w.root").read_bytes()
    path = tmp_path / "e.root"
    for data in (b"root", b"x" * 1000, whole[: len(whole) // 2]):
        path.write_bytes(data)
        with pytest.raises(InputError, match=r"not a readable ROOT file|truncated|begins with 'xxx"):
            analyse(path, ATLAS, "mu")
    with uproot.recreate(path) as file:
        file["events"] = {"x": np.arange(3.0)}
    with pytest.raises(InputError, match=r"not a file of `nuportal generate w`"):
        analyse(path, ATLAS, "mu")
    with pytest.raises(InputError, match=r"hl-lhc needs two protons \(2212\) of 7000 GeV"):
        analyse(ours / "w.root", load_experiment("hl-lhc"), "mu")


def test_sums_of_blocks():
    """Two blocks add up to one."""
    whole, parts = EventSums(4, 6), EventSums(4, 6)
    rng = np.random.default_rng(2)
    weight, bins = rng.uniform(0.5, 2.0, 100), rng.integers(0, 4, 100)
    steps = [rng.random(100) < 0.8 for _ in range(5)]
    whole.add(weight, steps, bins)
    for half in (slice(0, 40), slice(40, 100)):
        parts.add(weight[half], [s[half] for s in steps], bins[half])
    assert parts.passed.tolist() == whole.passed.tolist()
    np.testing.assert_allclose(parts.contents[0], whole.contents[0], rtol=1e-12)
    assert not whole.unweighted

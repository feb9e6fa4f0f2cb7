"""Les Houches files of our W events: what the accord asks for, read by pylhe and by Pythia."""

import gzip
from collections import Counter

import numpy as np
import pylhe
import pytest

from collider.events.generator import generate_events
from collider.events.les_houches import hard_process, les_houches_events, les_houches_run, open_les_houches
from collider.experiments.response import load_experiment
from collider.experiments.selection import LeptonSelection
from collider.production.spin import SpinModel
from collider.production.w_production import w_component
from nucore.errors import InputError
from nucore.io.lhe import LheRun, is_lhe, open_lhe
from nucore.model.card import fine_structure_constant, parse_card
from nucore.model.parameters import PortalParameters
from nucore.model.widths import w_two_body_factor
from nucore.smearing import Resolution
from nuportal import generate

POINT = PortalParameters(m_chi=1.0, m_phi=3.0, m4=30.0, Umu4=0.5)
SELECTION = LeptonSelection(tuple(np.linspace(30.0, 50.0, 41).tolist()), (0.0, 2.4), Resolution(0.02))
BOTH = [w_component(7.0, charge, m4, spin=SpinModel("lo")) for charge in (1, -1) for m4 in (0.0, 30.0)]


@pytest.fixture(scope="module")
def chunk():
    """W+ and W- with light neutrinos and nu4, in equal parts."""
    (events,) = generate_events(BOTH, [1.0] * 4, SELECTION, 20_000, seed=7)
    return events


@pytest.fixture(scope="module")
def both_charges(chunk, tmp_path_factory):
    path = tmp_path_factory.mktemp("lhe") / "both.lhe"
    run = les_houches_run(7.0, BOTH, [4.0, 3.0, 2.0, 1.0], POINT, {"note": "1 < 2 & 3"})
    few = {name: array[:3000] for name, array in chunk.arrays.items()}
    with open_les_houches(path, run, "mu") as writer:
        writer.extend(few)
    return path


def test_the_hard_process_keeps_what_the_production_model_does_not_touch(chunk):
    a = chunk.arrays
    lepton, neutrino = hard_process(a)
    w = lepton + neutrino
    # float64 through boosts of up to cosh(y) = 40
    assert np.abs(w[1:3]).max() < 1e-9
    np.testing.assert_allclose(np.sqrt(w[0] ** 2 - w[3] ** 2), a["w_mass"], rtol=1e-9)
    np.testing.assert_allclose(np.arctanh(w[3] / w[0]), a["w_rapidity"], atol=1e-8)
    np.testing.assert_allclose(np.sqrt((lepton[1:] ** 2).sum(0)), lepton[0], rtol=1e-9)
    mass_sq = neutrino[0] ** 2 - (neutrino[1:] ** 2).sum(0)
    np.testing.assert_allclose(mass_sq, a["neutrino_mass"] ** 2, atol=1e-9 * neutrino[0].max() ** 2)


def test_the_angle_to_the_up_type_quark_is_that_of_the_matrix_element(chunk):
    events = les_houches_events(chunk.arrays, "mu")
    up = events.momenta[np.arange(20_000), np.where(np.abs(events.ids[:, 0]) == 2, 0, 1)]
    lepton = events.momenta[:, 3]
    product = lepton[:, 3] * up[:, 3] - (lepton[:, :3] * up[:, :3]).sum(1)
    r = (events.masses[:, 4] / events.masses[:, 2]) ** 2
    # p_u.k_l = m^2 (1 - r) (1 - c)/4 for massless quark and lepton
    x = 4.0 * product / (events.masses[:, 2] ** 2 * (1.0 - r))
    assert x.min() >= 0.0
    assert x.max() <= 2.0 + 1e-9
    # <1-c> of (1-c)^2 + r (1-c^2): (3/2 + r/2)/(1 + r/2), see collider.decay.w_decay
    expected = (1.5 + 0.5 * r) / (1.0 + 0.5 * r)
    assert abs(np.mean(x - expected)) < 5.0 * np.std(x) / np.sqrt(x.size)  # five standard errors


def test_pylhe_reads_run_and_events(both_charges):
    file = pylhe.LHEFile.fromfile(both_charges)
    assert file.version == "3.0"
    init = file.init.initInfo
    assert (init.beamA, init.beamB, init.energyA, init.energyB) == (2212, 2212, 3500.0, 3500.0)
    assert [p.xSection for p in file.init.procInfo] == [4.0, 3.0, 2.0, 1.0]
    assert init.weightingStrategy == -4
    assert "transverse" in file.comment
    header = {element.tag: element.text for element in file.header.extra_elements}
    assert parse_card(header["slha"]) == POINT
    assert {f"QNUMBERS {i} " in header["slha"] for i in (9990012, 52, 51)} == {True}
    assert '"1 < 2 & 3"' in header["nuportal"]
    events = list(file.events)
    assert len(events) == 3000
    assert {e.eventinfo.weight for e in events} == {10.0}
    kinds = Counter(
        (e.eventinfo.pid, *sorted(p.id for p in e.particles[:2]), *(p.id for p in e.particles[2:])) for e in events
    )
    assert set(kinds) == {
        (1, -1, 2, 24, -13, 14), (2, -1, 2, 24, -13, 9990012),
        (3, -2, 1, -24, 13, -14), (4, -2, 1, -24, 13, -9990012),
    }  # fmt: skip
    for event in events[:300]:
        _check_event(event)


def _check_event(event):
    first, second, w, lepton, neutrino = event.particles
    assert [p.status for p in event.particles] == [-1, -1, 2, 1, 1]
    assert [(p.mother1, p.mother2) for p in event.particles] == [(0, 0), (0, 0), (1, 2), (3, 3), (3, 3)]
    assert first.pz > 0 > second.pz
    assert max(first.e, second.e) < 3500.0
    for parton in (first, second):
        assert (parton.color1, parton.color2) == ((501, 0) if parton.id > 0 else (0, 501))
        assert (parton.px, parton.py, parton.m) == (0.0, 0.0, 0.0)
        assert parton.spin == (-1.0 if parton.id > 0 else 1.0)
    assert lepton.spin == (-1.0 if lepton.id > 0 else 1.0)
    for name in ("px", "py", "pz", "e"):
        incoming, outgoing = (sum(getattr(p, name) for p in pair) for pair in ((first, second), (lepton, neutrino)))
        # thirteen digits are written
        assert incoming == pytest.approx(outgoing, rel=1e-11, abs=1e-9)
        assert getattr(w, name) == pytest.approx(outgoing, rel=1e-11, abs=1e-9)
    assert event.eventinfo.aqed == pytest.approx(fine_structure_constant(POINT), rel=1e-9)
    assert event.eventinfo.scale == pytest.approx(w.m)


def test_pythia_reads_all_events_of_both_charges_and_decays_nu4(both_charges):
    pythia8mc = pytest.importorskip("pythia8mc")
    pythia = pythia8mc.Pythia("", False)
    settings = ["Beams:frameType = 4", f"Beams:LHEF = {both_charges}", "Print:quiet = on", "PartonLevel:MPI = off",
                "HadronLevel:all = off", "TimeShower:QEDshowerByGamma = off"]  # fmt: skip
    assert all(pythia.readString(s) for s in settings)
    assert pythia.init()
    assert pythia.particleData.m0(9990012) == 30.0
    seen, failed, finals = 0, 0, Counter()
    while True:
        if pythia.next():
            seen += 1
            finals.update({p.id() for p in pythia.event if p.isFinal() and p.idAbs() in (13, 51, 52, 9990012)})
        elif pythia.infoPython().atEndOfFile():
            break
        else:
            failed += 1
    assert (seen, failed) == (3000, 0)
    expected = Counter(np.sign(e.particles[2].id) for e in pylhe.LHEFile.fromfile(both_charges).events)
    assert (finals[-13], finals[13]) == (expected[1], expected[-1])
    assert finals[52] > 1000  # nu4 -> chi phi~, phi~ -> chibar nu: nothing of nu4 and phi is left
    assert finals[52] == finals[-52]
    assert finals[51] == finals[9990012] == finals[-9990012] == 0
    assert pythia.infoPython().sigmaGen() * 1e9 == pytest.approx(10.0)  # mb to pb


def test_generate_writes_every_event_and_the_cross_section(tmp_path):
    spectra = []
    for name in ("w.lhe", "w.lhe.gz"):
        result = generate("w", POINT, events=3000, out=tmp_path / name, seed=3)
        spectra.append(result.spectrum.values.tolist())
        assert result.outputs == [str(tmp_path / name)]
        file = pylhe.LHEFile.fromfile(tmp_path / name)
        events = list(file.events)
        assert len(events) == 3000
        assert sum(p.xSection for p in file.init.procInfo) == pytest.approx(result.cross_section_pb, rel=1e-9)
        light, heavy = (p.xSection for p in file.init.procInfo)
        # |U|^2 = 1/4, (1-r)^2(1+r/2) at the W pole; the tail of light masses lowers it by one per cent
        assert heavy / light == pytest.approx(w_two_body_factor((30.0 / POINT.m_W) ** 2) / 3.0, rel=2e-2)
    assert gzip.decompress((tmp_path / "w.lhe.gz").read_bytes()).endswith(b"</LesHouchesEvents>\n")
    assert spectra[0] == spectra[1]
    x = np.array([_one_minus_cos(e.particles) for e in events if e.eventinfo.pid == 1])
    # <1-c> = 3/2 of (1-c)^2, the law without radiation; 1 - A4/4 = 1.46 with the transverse momenta of real W bosons
    assert abs(x.mean() - 1.5) < 3.0 * x.std() / np.sqrt(x.size)
    assert load_experiment("atlas-2011").sqrt_s_TeV * 500.0 == file.init.initInfo.energyA


def _one_minus_cos(particles):
    """1 - cos of lepton and up-type parton in the rest frame of the W, of massless l and nu."""
    up, lepton = (next(p for p in particles if abs(p.id) in ids) for ids in ((2,), (11, 13)))
    return 4.0 * (up.e * lepton.e - up.pz * lepton.pz) / particles[2].m ** 2


def test_refusals_leave_nothing_behind(tmp_path):
    with pytest.raises(InputError, match=r"cannot hold a histogram"):
        generate("w", events=10, out=tmp_path / "w.lhe", histogram_only=True)
    with pytest.raises(InputError, match=r"cannot hold events"):
        generate("kaon", events=10, out=tmp_path / "k.lhe")
    run = LheRun(7000.0, [], {}, "", 1 / 132)
    with pytest.raises(InputError, match=r"expected suffix .lhe"), open_lhe(tmp_path / "w.txt", run):
        pass
    with pytest.raises(RuntimeError), open_lhe(tmp_path / "w.lhe", run):
        raise RuntimeError
    assert not is_lhe(None)
    assert list(tmp_path.iterdir()) == []

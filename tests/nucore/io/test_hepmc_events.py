"""HepMC files of both versions, from pyhepmc and from Pythia, whole and damaged."""

import numpy as np
import pytest

from collider.events.analyse import analyse
from collider.experiments.response import load_experiment
from nucore.errors import InputError
from nucore.io.event_readers import open_events

pyhepmc = pytest.importorskip("pyhepmc")

ATLAS = load_experiment("atlas-2011")


def make_event(number, *, lepton=-13, pt=40.0, beams=(2212, 2212), energy=3500.0, unit="GEV", sigma=5000.0):
    scale = 1000.0 if unit == "MEV" else 1.0
    event = pyhepmc.GenEvent(getattr(pyhepmc.Units, unit), pyhepmc.Units.MM)
    event.event_number = number
    vertex = pyhepmc.GenVertex()
    for side, beam in zip((1, -1), beams, strict=True):
        momentum = (0.0, 0.0, side * energy * scale, energy * scale)
        vertex.add_particle_in(pyhepmc.GenParticle(momentum, beam, 4))
    for x, pdg_id, status in ((pt, lepton, 1), (-pt, 14, 1), (5.0, lepton, 1), (90.0, lepton, 2)):
        momentum = (x * scale, 0.0, 0.0, abs(x) * scale)
        vertex.add_particle_out(pyhepmc.GenParticle(momentum, pdg_id, status))
    event.add_vertex(vertex)
    event.weights = [2.0]
    event.run_info = pyhepmc.GenRunInfo()
    event.run_info.weight_names = ["nominal"]
    cross_section = pyhepmc.GenCrossSection()
    event.cross_section = cross_section
    # the estimate of a running generator
    cross_section.set_cross_section(sigma * (1.0 + 1.0 / (1 + number)), 0.1)
    return event


def write(path, events, version="hepmc3"):
    with pyhepmc.open(path, "w", format=version) as file:
        for event in events:
            file.write(event)
    return path


@pytest.mark.parametrize("version", ["hepmc3", "hepmc2"])
@pytest.mark.parametrize("unit", ["GEV", "MEV"])
def test_both_versions_and_units(tmp_path, version, unit):
    path = write(tmp_path / "e.hepmc", [make_event(i, unit=unit) for i in range(5)], version)
    with open_events(path) as source:
        (block,) = source.read("mu", "atlas-2011")
        assert source.beams.ids == (2212, 2212)
        assert source.beams.energies_GeV == pytest.approx((3500.0, 3500.0))
    assert source.cross_section_pb == pytest.approx(6000.0)  # that of the last event
    np.testing.assert_allclose(block.lepton, np.outer([40.0, 40.0, 0.0, 0.0], np.ones(5)), rtol=1e-12)
    assert block.charge.tolist() == [1] * 5
    result = analyse(path, ATLAS, "mu")
    assert result.w_pt == "file"
    assert result.n_events == result.spectrum.integral == 5
    assert result.exposure == {"luminosity_invfb": pytest.approx(5 / 6e6)}


def test_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr("nucore.io.event_files.BLOCK_EVENTS", 2)
    path = write(tmp_path / "e.hepmc", [make_event(i, pt=31.0 + i) for i in range(5)])
    with open_events(path) as source:
        blocks = list(source.read("mu", "atlas-2011", "paper"))
    assert [len(b.weight) for b in blocks] == [2, 2, 1]
    assert np.concatenate([b.lepton[1] for b in blocks]) == pytest.approx([31.0, 32.0, 33.0, 34.0, 35.0])
    assert np.concatenate([b.weight for b in blocks]).tolist() == [2.0] * 5


@pytest.mark.parametrize("version", ["hepmc3", "hepmc2"])
def test_events_are_those_of_pyhepmc(tmp_path, version):
    rng = np.random.default_rng(2)
    events = [make_event(i, pt=float(pt), lepton=(-1) ** i * 13) for i, pt in enumerate(rng.uniform(1, 99, 40))]
    for event in events:
        event.weights = [float(rng.normal()), 7.0]
        event.run_info.weight_names = ["nominal", "other"]
        event.run_info.tools = [("Made", "1.2", "by hand")]
    path = write(tmp_path / "e.hepmc", events, version)
    with open_events(path) as source:
        (block,) = source.read("mu", "atlas-2011", "paper")
    assert source.generator == ("Made 1.2" if version == "hepmc3" else "")
    with pyhepmc.open(path) as file:
        for k, event in enumerate(file):
            leptons = [p for p in event.particles if p.status == 1 and abs(p.pid) == 13]
            hardest = max(leptons, key=lambda p: p.momentum.perp())
            momentum = [getattr(hardest.momentum, name) for name in ("e", "px", "py", "pz")]
            assert block.lepton[:, k].tolist() == momentum
            assert block.charge[k] == (-1 if hardest.pid > 0 else 1)
            assert block.weight[k] == event.weights[0]
    assert source.cross_section_pb == event.cross_section.xsec()


def test_the_table_is_for_the_hard_process(tmp_path):
    path = write(tmp_path / "e.hepmc", [make_event(0)])
    with pytest.raises(InputError, match=r"transverse momentum"):
        analyse(path, ATLAS, "mu", w_pt="table")


@pytest.mark.parametrize(
    ("events", "message"),
    [
        ([make_event(0, energy=6500.0)], "beams 2212 of 6500 GeV"),
        ([make_event(0, beams=(11, -11))], "beams 11 of 3500 GeV and -11"),
        ([make_event(0, lepton=-11)], "none of the 1 events has a charged lepton mu"),
        ([make_event(0), make_event(1, pt=float("inf"))], "event 2: a weight or momentum"),
    ],
)
def test_wrong_events(tmp_path, events, message):
    path = write(tmp_path / "e.hepmc", events)
    with pytest.raises(InputError, match=message):
        analyse(path, ATLAS, "mu", out=tmp_path / "a.root")
    assert [p.name for p in tmp_path.iterdir()] == ["e.hepmc"]


@pytest.mark.parametrize("version", ["hepmc3", "hepmc2"])
def test_damaged_files(tmp_path, version, monkeypatch):
    monkeypatch.setattr("nucore.io.hepmc_events._MAX_EVENT_BYTES", 100_000)
    path = tmp_path / "e.hepmc"
    text = write(path, [make_event(i) for i in range(4)], version).read_text()
    lines = text.splitlines(keepends=True)
    third = [i for i, line in enumerate(lines) if line.startswith("E ")][2]
    particle = next(i for i in range(third, len(lines)) if lines[i].startswith("P "))
    cases = {
        "truncated": text[: len(text) // 2],
        "truncated: END_EVENT_LISTING is missing": "".join(lines[:third]),
        "is corrupt: event 3 cannot be read": "".join([*lines[:particle], "P 1 zero two\n", *lines[particle + 1 :]]),
        "begins with 'hello'": "hello\n",
        "has no events": "".join([line for line in lines if "HepMC::" in line]),
        "an event has more than": lines[0] + lines[1] + "x" * 300_000 + text,
    }
    for message, content in cases.items():
        path.write_text(content)
        with pytest.raises(InputError, match=message) as refused:
            analyse(path, ATLAS, "mu")
        assert "\n" not in str(refused.value)


def test_pythia_events(tmp_path):
    """Showered W events of Pythia, by way of HepMC, give the spectrum of Pythia's own event record."""
    pythia8mc = pytest.importorskip("pythia8mc")
    pythia = pythia8mc.Pythia("", False)
    for setting in ("Beams:eCM = 7000", "Print:quiet = on", "WeakSingleBoson:ffbar2W = on", "24:onMode = off",
                    "24:onIfAny = 13", "PartonLevel:MPI = off", "HadronLevel:all = off", "Random:setSeed = on",
                    "Random:seed = 5"):  # fmt: skip
        assert pythia.readString(setting)
    assert pythia.init()
    events, pts = [], []
    while len(events) < 200:
        if not pythia.next():
            continue
        finals = [p for p in pythia.event if p.isFinal() and p.idAbs() in (13, 14)]
        event, vertex = pyhepmc.GenEvent(), pyhepmc.GenVertex()
        for side in (1, -1):
            vertex.add_particle_in(pyhepmc.GenParticle((0.0, 0.0, side * 3500.0, 3500.0), 2212, 4))
        for p in finals:
            vertex.add_particle_out(pyhepmc.GenParticle((p.px(), p.py(), p.pz(), p.e()), p.id(), 1))
        event.add_vertex(vertex)
        events.append(event)
        lepton = max((p for p in finals if p.idAbs() == 13), key=lambda p: p.pT())
        pts.append(lepton.pT() if lepton.id() < 0 and abs(lepton.eta()) < 2.4 else 0.0)
    lepton = ATLAS.analysis().lepton_response("mu").model_copy(update={"resolution_relative": 0.0})
    exact = ATLAS.model_copy(
        update={"selections": {"paper": ATLAS.analysis().model_copy(update={"response": {"l": lepton}})}}
    )
    result = analyse(write(tmp_path / "p.hepmc", events), exact, "mu", luminosity_invfb=1.0)
    expected = np.histogram(pts, result.spectrum.edges)[0]
    assert result.spectrum.values.tolist() == expected.tolist()
    assert result.cross_section_pb is None


def test_a_recoil_needs_the_w(tmp_path):
    path = write(tmp_path / "e.hepmc", [make_event(0)])
    with pytest.raises(InputError, match=r"do not tell .* of the W.*selection full needs"):
        analyse(path, ATLAS, "mu", selection="full")

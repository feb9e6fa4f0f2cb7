"""What W decays need of event files: weights, the W that a lepton comes from, and the Standard Model."""

from __future__ import annotations

import re

import numpy as np
import pytest

from nucore.errors import InputError
from nucore.io.event_readers import open_events
from nuportal import PortalParameters, generate
from tests.collider.events.test_analyse import event, lhe

pyhepmc = pytest.importorskip("pyhepmc")

NAMES = ["nominal", "mur 0.5", 'b"c']


def read(path, flavour="mu"):
    with open_events(path, decays=True) as source:
        blocks = list(source.read(flavour, "atlas-2011", "paper"))
    return source, blocks[0]


def with_weights(tag, text):
    return event().replace("</event>", f"<{tag}>{text}</{tag}>\n</event>")


def test_weights_of_les_houches_events(tmp_path):
    path = tmp_path / "e.lhe"
    rwgt = "<wgt id='up'> 1.5 </wgt><wgt id='1002'> -2e-1 </wgt>"
    path.write_text(lhe([with_weights("rwgt", rwgt)] * 2))
    source, block = read(path)
    assert source.weights == ("up", "1002")
    assert block.variations.tolist() == [[1.5, 1.5], [-0.2, -0.2]]
    assert block.standard.all()
    names = (
        "<initrwgt><weightgroup name='g'><weight id='a'>x</weight><weight id='b'>y</weight></weightgroup></initrwgt>"
    )
    path.write_text(lhe([with_weights("weights", "3.0 4.0")], header=f"<header>{names}</header>\n"))
    source, block = read(path)
    assert source.weights == ("a", "b")
    assert block.variations.tolist() == [[3.0], [4.0]]


@pytest.mark.parametrize(
    ("events", "message"),
    [
        ([with_weights("rwgt", "<wgt id='a'>1</wgt>"), event()], "event 2: other weights than in the first"),
        ([with_weights("rwgt", "<wgt id='a'>nan</wgt>")], "event 1: a weight is not a finite number"),
        ([with_weights("rwgt", "<wgt id='a'>x</wgt>")], "event 1: .* invalid number 'x'"),
        ([with_weights("weights", "1.0")], "1 weights in <weights>, but <initrwgt> names 0"),
    ],
)
def test_bad_weights(tmp_path, events, message):
    path = tmp_path / "e.lhe"
    path.write_text(lhe(events))
    with pytest.raises(InputError, match=message):
        read(path)


def test_events_beyond_the_standard_model(tmp_path):
    path = tmp_path / "e.lhe"
    photon = (22, 1, 0, 0, 1.0, 0.0, 0.0, 1.0)
    path.write_text(lhe([event(others=[photon]), event(others=[(9990012, 1, 0, 0, 1.0, 0.0, 0.0, 30.0)])]))
    assert read(path)[1].standard.tolist() == [True, False]
    point = PortalParameters(m_chi=1.0, m_phi=3.0, m4=30.0, Umu4=0.6)
    generate("w", point, events=500, out=tmp_path / "w.root", all_events=True)
    share = read(tmp_path / "w.root")[1].standard.mean()
    assert 0.6 < share < 0.8  # 1 - 0.36 x 0.8
    generate("w", point, events=500, out=tmp_path / "some.root")
    with pytest.raises(InputError, match="--all-events"):
        read(tmp_path / "some.root")


def particle(momentum, pdg_id, status):
    return pyhepmc.GenParticle(momentum, pdg_id, status)


def decay(with_w=True, exotic=False):
    """W with a copy, lepton with a copy after a photon; a harder lepton of the flavour from elsewhere."""
    event = pyhepmc.GenEvent(pyhepmc.Units.GEV, pyhepmc.Units.MM)
    event.run_info = pyhepmc.GenRunInfo()
    event.run_info.weight_names = NAMES

    def vertex(incoming, outgoing):
        made = pyhepmc.GenVertex()
        for p in incoming:
            made.add_particle_in(p)
        for p in outgoing:
            made.add_particle_out(p)
        event.add_vertex(made)

    beams = [particle((0.0, 0.0, side * 3500.0, 3500.0), 2212, 4) for side in (1, -1)]
    first = particle((0.0, 0.0, 0.0, 80.0), 24, 22) if with_w else particle((0.0, 0.0, 0.0, 80.0), 15, 2)
    copy = particle((3.0, 4.0, 10.0, 81.0), 24 if with_w else 15, 62)
    born, neutrino = particle((40.0, 0.0, 5.0, 41.0), -13, 23), particle((-37.0, 4.0, 5.0, 40.0), 14, 1)
    lepton, photon = particle((39.0, 0.0, 5.0, 40.0), -13, 1), particle((1.0, 0.0, 0.0, 1.0), 22, 1)
    hard, other = particle((0.0, 50.0, 0.0, 50.0), 13, 1), particle((0.0, 0.0, 9.0, 9.0), 9990012 if exotic else 12, 1)
    vertex(beams, [first, hard, other])
    vertex([first], [copy])
    vertex([copy], [born, neutrino])
    vertex([born], [lepton, photon])
    event.weights = [1.0, 2.0, -3.0]
    return event


@pytest.mark.parametrize("version", ["hepmc3", "hepmc2"])
def test_the_w_of_a_lepton(tmp_path, version):
    path = tmp_path / "e.hepmc"
    with pyhepmc.open(path, "w", format=version) as file:
        for given in (decay(), decay(with_w=False), decay(exotic=True)):
            file.write(given)
    source, block = read(path)
    assert source.weights == tuple(NAMES[1:])
    assert block.weight.tolist() == [1.0] * 3
    assert block.variations.tolist() == [[2.0] * 3, [-3.0] * 3]
    assert block.standard.tolist() == [True, True, False]
    assert block.charge.tolist() == [1, 0, 1]
    np.testing.assert_allclose(block.lepton[:, 0], [40.0, 39.0, 0.0, 5.0])
    np.testing.assert_allclose(block.boson[:, 0], [81.0, 3.0, 4.0, 10.0])  # the copy, which has taken the recoil
    assert block.boson[:, 1].tolist() == [0.0] * 4
    _, electrons = read(path, "e")
    assert electrons.charge.tolist() == [0] * 3


def test_damaged_lineage(tmp_path):
    path = tmp_path / "e.hepmc"
    with pyhepmc.open(path, "w", format="hepmc3") as file:
        file.write(decay())
    good = path.read_text()
    number = next(line.split()[1] for line in good.splitlines() if line.startswith("P") and "-13 3.9" in line)
    circle = re.sub(rf"P {number} -?\d+ ", f"P {number} {number} ", good)
    assert circle != good
    path.write_text(circle)
    assert not read(path)[1].boson.any()
    path.write_text(good.replace("W 1.0", "W x", 1))
    with pytest.raises(InputError, match="corrupt"):
        read(path)

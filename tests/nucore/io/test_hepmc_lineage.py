"""Where leptons of HepMC events come from, in both versions."""

from __future__ import annotations

import pytest

from nucore.io.event_readers import open_events
from nucore.io.lepton_origin import Origin, vertex_origin

pyhepmc = pytest.importorskip("pyhepmc")

#: Vertices as PDG numbers that enter and leave; names with a letter tell particles of one number apart.
W = [("p p", "24"), ("24", "24b"), ("24b", "-13 14"), ("-13", "-13b 22")]
PROCESSES = {
    "W": (W, Origin.W),
    "W to nu4": ([("p p", "24"), ("24", "-13 9990012"), ("9990012", "52 -51")], Origin.W),
    "no W in the record": ([("p p", "-13 14 21")], Origin.W),
    "W and pions": ([*W, ("p p", "111"), ("111", "13c -13c 22")], Origin.W),
    "Z": ([("p p", "23"), ("23", "-13 13"), ("-13", "-13b 22")], Origin.PAIR),
    "no Z in the record": ([("p p", "-13 13 21")], Origin.PAIR),
    "top": ([("p p", "6 -6"), ("6", "6b 21"), ("6b", "24 5"), ("24", "24b"), ("24b", "-13 14")], Origin.TOP),
    "W pair": ([("p p", "24 -24"), ("24", "-13 14"), ("-24", "1 -2")], Origin.TOP),
    "tau": ([("p p", "24"), ("24", "-15 16"), ("-15", "-15b 22"), ("-15b", "-13 14 -16")], Origin.TAU),
    "b": ([("p p", "521"), ("521", "-13 14 -421")], Origin.HADRON),
    "J/psi": ([("p p", "443"), ("443", "-13 13")], Origin.HADRON),
    "no neutrino": ([("p p", "-13 2 22")], Origin.ALONE),
}


def record(vertices):
    event = pyhepmc.GenEvent(pyhepmc.Units.GEV, pyhepmc.Units.MM)
    left = {name for incoming, _ in vertices for name in incoming.split()}
    made, pt = {}, 50.0
    for side in (1, -1):
        made[side] = pyhepmc.GenParticle((0.0, 0.0, side * 3500.0, 3500.0), 2212, 4)
    protons = pyhepmc.GenVertex()
    for incoming, outgoing in vertices:
        vertex = protons if incoming == "p p" else pyhepmc.GenVertex()
        for parent in (1, -1) if incoming == "p p" else incoming.split():
            if made[parent].end_vertex is None:
                vertex.add_particle_in(made[parent])
        for name in outgoing.split():
            pt -= 1.0
            number = int(name.rstrip("bc"))
            made[name] = pyhepmc.GenParticle((pt, 0.0, 0.0, pt), number, 2 if name in left else 1)
            vertex.add_particle_out(made[name])
        event.add_vertex(vertex)
    event.weights = [1.0]
    event.run_info = pyhepmc.GenRunInfo()
    event.run_info.weight_names = ["nominal"]
    return event


@pytest.mark.parametrize("version", ["hepmc3", "hepmc2"])
def test_origin_of_the_hardest_lepton(tmp_path, version):
    path = tmp_path / "e.hepmc"
    with pyhepmc.open(path, "w", format=version) as file:
        for vertices, _ in PROCESSES.values():
            file.write(record(vertices))
    with open_events(path) as source:
        (block,) = source.read("mu", "", "")
    found = dict(zip(PROCESSES, map(Origin, block.origin), strict=True))
    assert found == {name: origin for name, (_, origin) in PROCESSES.items()}


def test_colour_lines_of_version_2(tmp_path):
    """They stand after the end vertex, and may end as a particle without end does."""
    text = (
        "HepMC::Version 2.06.09\nHepMC::IO_GenEvent-START_EVENT_LISTING\nE 0 -1 -1 -1 -1 0 -1 2 0 0 0 0\n"
        "V -1 0 0 0 0 0 0 1 0\nP 1 {} 0 0 0 80 80 2 0 0 -2 {}\nV -2 0 0 0 0 0 0 2 0\n"
        "P 2 -13 40 0 0 40 0 1 0 0 0 0\nP 3 -2 -40 0 0 40 0 1 0 0 0 2 1 0 0 0\nHepMC::IO_GenEvent-END_EVENT_LISTING\n"
    )
    path = tmp_path / "e.hepmc2"
    for flow in ("0", "1 0 0", "2 1 501 2 0", "2 1 501 2 502"):
        for parent, origin in ((24, Origin.W), (521, Origin.HADRON)):
            path.write_text(text.format(parent, flow))
            with open_events(path) as source:
                (block,) = source.read("mu", "", "")
            assert block.origin.tolist() == [origin]


@pytest.mark.parametrize(
    ("lepton", "parents", "siblings", "origin"),
    [
        (11, [-24], [-12], Origin.W), (11, [], [], Origin.W), (11, [13], [14, -12], Origin.TAU),
        (11, [22], [-11], Origin.PAIR), (11, [111], [-11, 22], Origin.HADRON), (11, [310], [-12, 211], Origin.HADRON),
        (13, [-34], [-14], Origin.W), (13, [-1000024], [1000022, -14], Origin.W), (13, [1, -2], [-14, 21], Origin.W),
        (13, [23], [-15, 22], Origin.ALONE), (-13, [], [111, 5122], Origin.ALONE),
    ],
)  # fmt: skip
def test_vertices(lepton, parents, siblings, origin):
    assert vertex_origin(lepton, parents, siblings) is origin

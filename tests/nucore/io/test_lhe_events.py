"""Les Houches files as generators write them, against pylhe where it reads them."""

from __future__ import annotations

import numpy as np
import pylhe
import pytest

from nucore.errors import InputError
from nucore.io.event_readers import open_events
from nucore.io.lepton_origin import Origin
from nucore.io.lhe_header import integer, real
from tests.collider.events.test_analyse import SAMPLE, event, lhe

CONTROL = bytes(range(1, 9)) + b"\x0b\x0c\x1b[2J\x7f\xff\xe9\0"
BANNER = b"<header>\n<MGRunCard>\n mll < 40 & pt > 5 " + CONTROL + b"\n<not closed\n</MGRunCard>\n</header>\n"


def read(path, flavour="mu"):
    with open_events(path) as source:
        return source, list(source.read(flavour, "", ""))


def of_pylhe(path):
    """Weight, and momentum of the hardest muon and of all colourless particles, of each event."""
    file = pylhe.LHEFile.fromfile(path, with_attributes=False)
    rows = []
    for found in file.events:
        finals = [p for p in found.particles if p.status == 1]
        muon = max((p for p in finals if abs(p.id) == 13), key=lambda p: p.px**2 + p.py**2)
        total = sum(np.array([p.e, p.px, p.py, p.pz]) for p in finals if not p.color1 and not p.color2)
        rows.append([found.eventinfo.weight, muon.e, muon.px, muon.py, muon.pz, *total])
    return np.array(rows), sum(process.xSection for process in file.init.procInfo)


def test_a_whole_sample_of_madgraph_is_that_of_pylhe():
    source, (block,) = read(SAMPLE)
    rows, cross_section = of_pylhe(SAMPLE)
    assert np.array_equal(np.vstack([block.weight, block.lepton, block.boson]).T, rows)
    assert source.cross_section_pb == cross_section


def test_headers_that_are_no_xml(tmp_path):
    path = tmp_path / "e.lhe"
    path.write_bytes(lhe([event()] * 2, header="HEADER").encode().replace(b"HEADER", BANNER))
    source, (block,) = read(path)
    assert block.lepton[1].tolist() == [40.0, 40.0]
    assert source.cross_section_pb == 5000.0


@pytest.mark.parametrize(
    ("word", "value"),
    [(b"0.123D+02", 12.3), (b"-1.0d-3", -1e-3), (b"1.0-103", 1e-103), (b"+.5+100", 0.5e100), (b"1.", 1.0),
     (b"2e1", 20.0), (b"7.D0", 7.0)],
)  # fmt: skip
def test_numbers_of_fortran(word, value):
    assert real(word) == value


@pytest.mark.parametrize("word", [b"", b"1_0", b"*****", b"1.0-", b"1D", b"x", b"0x1", b"\xd9\xa3", b"1.0-10D2"])
def test_what_is_no_number(word):
    with pytest.raises(ValueError, match="invalid number"):
        real(word)


def test_whole_numbers():
    assert (integer(b"-13"), integer(b"+2.0"), integer(b"0.21D+02")) == (-13, 2, 21)
    with pytest.raises(ValueError, match="not a whole number: '2.5'"):
        integer(b"2.5")


def test_fortran_in_a_file(tmp_path):
    plain, fortran = tmp_path / "a.lhe", tmp_path / "b.lhe"
    events = [event(40.0, weight=-2.5), event(35.0)]
    plain.write_text(lhe(events))
    text = lhe(events, beams="2212 2212 0.35D+04 0.35D+04", sigma="0.5D+04")
    fortran.write_text(text.replace("40.0 0.0", "0.4D+02 0.0-100").replace(" -2.5 80.", " -.25D+1 NaN"))
    (source, (block,)), (expected, (other,)) = read(fortran), read(plain)
    assert np.array_equal(block.lepton, other.lepton)
    assert np.array_equal(block.weight, other.weight)
    assert (source.cross_section_pb, source.beams) == (expected.cross_section_pb, expected.beams)


def test_what_events_hold_besides_particles(tmp_path):
    """Comments, tags and attributes of the three versions; pylhe reads the same, apart from lines without #."""
    inside = (
        "# scales < 1 & 2\n#pdf 2 -1 0.1\n\n<mgrwt>\n<rscale> 2 80.</rscale>\n</mgrwt>\n"
        "<rwgt>\n<wgt id='1'> +1.2D+00 </wgt>\n</rwgt>\n<scales muf='80.' mur='1'/>\n"
    )
    path = tmp_path / "e.lhe"
    good = event().replace("<event>", "<event npLO='1' npNLO='-1'>")
    for version in ("1.0", "2.0", "3.0"):
        for tail in (inside.replace(" < 1 & 2", ""), "rwgt 1 2 0.3\n" + inside):
            path.write_text(lhe([good.replace("</event>", f"{tail}</event>")] * 3).replace("3.0", version, 1))
            _, (block,) = read(path)
            assert block.lepton[1].tolist() == [40.0] * 3
            if tail.startswith("#"):
                found = of_pylhe(path)[0]
                assert np.array_equal(np.vstack([block.weight, block.lepton, block.boson]).T, found)
    commented = "<!-- " + event(99.0) + " -->\n"
    path.write_text(lhe([event(), commented, event(41.0)]))
    assert read(path)[1][0].lepton[1].tolist() == [40.0, 41.0]
    path.write_text(lhe([event()]).replace("\n", "\r\n"))
    assert read(path)[1][0].lepton[1].tolist() == [40.0]


@pytest.mark.parametrize("strategy", [*range(-4, 0), *range(1, 5)])
def test_several_processes_and_every_weighting_strategy(tmp_path, strategy):
    path = tmp_path / "e.lhe"
    text = lhe([event(weight=2.0)] * 3, strategy=strategy)
    path.write_text(text.replace(f"{strategy} 1\n5000.0 0.0 1.0 1", f"{strategy} 2\n5000.0 0.0 1.0 1\n250. 0. 1. 2", 1))
    source, _ = read(path)
    assert source.cross_section_pb == 5250.0
    assert source.weighting == strategy


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("5000.0 0.0 1.0 1\n", "", "the <init> block has 0 processes where 1 are announced"),
        (" 2 1\n", " 2\n", "the first line of <init> has 9 numbers: expected 10"),
        ("5000.0", "*****", r"invalid number '\*\*\*\*\*'"),
        ("</event>\n<event>", "", "event 1: .* 8 particles where 4 are announced"),
        ("</event>", "<event>\n</event>", "<event> and </event> do not match"),
        ("<event>", "", "<event> and </event> do not match"),
        ("4 1 1.0", "x 1 1.0", "event 1: .* invalid number 'x'"),
        ("4 1 1.0 80. 0.0075 -1\n", "", "particles where -?2 are announced"),
    ],
)
def test_damaged_blocks(tmp_path, old, new, message):
    path = tmp_path / "e.lhe"
    text = lhe([event()] * 2)
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(InputError, match=message):
        read(path)


def with_mothers(*rows):
    """Event of particles (id, status, first mother, second mother), each with another transverse momentum."""
    lines = [f"{i} {s} {a} {b} 0 0 {10.0 + k} 0. 0. {10.0 + k} 0. 0. 9." for k, (i, s, a, b) in enumerate(rows)]
    return f"<event>\n{len(rows)} 1 1.0 80. 0.0075 -1\n" + "\n".join(lines) + "\n</event>\n"


PARTONS = [(2, -1, 0, 0), (-1, -1, 0, 0)]
ORIGINS = {
    "W": ([(24, 2, 1, 2), (-13, 1, 3, 3), (14, 1, 3, 3)], Origin.W),
    "off-shell W": ([(-13, 1, 1, 2), (14, 1, 1, 2), (21, 1, 1, 2)], Origin.W),
    "W to nu4": ([(24, 2, 1, 2), (-13, 1, 3, 3), (9990012, 1, 3, 3)], Origin.W),
    "off-shell W to nu4": ([(-13, 1, 1, 2), (9990012, 1, 1, 2)], Origin.W),
    "W to chi phi": ([(-13, 1, 1, 2), (52, 1, 1, 2), (-51, 1, 1, 2)], Origin.W),
    "W with a photon": ([(24, 2, 1, 2), (-13, 2, 3, 3), (14, 1, 3, 3), (-13, 1, 4, 4), (22, 1, 4, 4)], Origin.W),
    "W Z": ([(24, 2, 1, 2), (23, 2, 1, 2), (11, 1, 4, 4), (-11, 1, 4, 4), (-13, 1, 3, 3), (14, 1, 3, 3)], Origin.W),
    "no mothers": ([(-13, 1, 0, 0), (14, 1, 0, 0)], Origin.W),
    "Z": ([(23, 2, 1, 2), (-13, 1, 3, 3), (13, 1, 3, 3)], Origin.PAIR),
    "named W": ([(24, 2, 1, 2), (-13, 1, 3, 3), (13, 1, 3, 3)], Origin.PAIR),
    "dark photon": ([(1023, 2, 1, 2), (-13, 1, 3, 3), (13, 1, 3, 3)], Origin.PAIR),
    "off-shell Z": ([(-13, 1, 1, 2), (13, 1, 1, 2)], Origin.PAIR),
    "Z and a lepton": ([(23, 2, 1, 2), (11, 1, 1, 2), (-13, 1, 3, 3), (13, 1, 3, 3)], Origin.PAIR),
    "other flavours": ([(-13, 1, 1, 2), (11, 1, 1, 2), (14, 1, 1, 2), (-12, 1, 1, 2)], Origin.PAIR),
    "top pair": ([(6, 2, 1, 2), (-6, 2, 1, 2), (24, 2, 3, 3), (-13, 1, 5, 5), (14, 1, 5, 5)], Origin.TOP),
    "W pair": ([(24, 2, 1, 2), (-24, 2, 1, 2), (-13, 1, 3, 3), (14, 1, 3, 3)], Origin.TOP),
    "tau": ([(24, 2, 1, 2), (-15, 2, 3, 3), (16, 1, 3, 3), (-13, 1, 4, 4), (14, 1, 4, 4), (-16, 1, 4, 4)], Origin.TAU),
    "no neutrino": ([(-13, 1, 1, 2), (2, 1, 1, 2), (22, 1, 1, 2)], Origin.ALONE),
    "circle": ([(-13, 2, 4, 4), (-13, 1, 3, 3), (14, 1, 3, 3)], Origin.W),
}


@pytest.mark.parametrize("process", ORIGINS)
def test_origin_of_the_lepton(tmp_path, process):
    rows, origin = ORIGINS[process]
    path = tmp_path / "e.lhe"
    path.write_text(lhe([with_mothers(*PARTONS, *rows)]))
    assert Origin(read(path)[1][0].origin[0]) is origin

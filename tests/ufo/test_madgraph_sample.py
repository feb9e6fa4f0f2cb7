"""The events that MadGraph made with the UFO model, in samples/."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from nucore.model import card, nu4_decays
from nucore.model.parameters import PortalParameters
from nucore.model.widths import w_two_body_factor

SAMPLE = Path(__file__).parents[2] / "samples" / "madgraph-w-mu-n4.lhe.gz"


@pytest.fixture(scope="module")
def text() -> str:
    with gzip.open(SAMPLE, "rt") as file:
        return file.read()


def test_header_holds_the_point_and_no_place_of_a_machine(text: str) -> None:
    """A DECAY width that differed from ours by more than 1% would warn, and a warning is an error here."""
    header = text[: text.index("</header>")]
    assert re.findall(r"^import model (.*)$", header, re.MULTILINE) == ["NeutrinoPortal-mu"]
    assert not re.search(r"(^|\s)(/|~/|[A-Z]:\\)", header)
    slha = header[header.index("<slha>") + 6 : header.index("</slha>")]
    point = card.parse_card(slha)
    assert (point.m4, point.m_chi, point.m_phi, point.Umu4, point.yR) == (30.0, 3.0, 9.0, 0.3, 0.0)
    (width,) = re.findall(r"^DECAY 9990012 (\S+)", slha, re.MULTILINE)
    assert float(width) == pytest.approx(nu4_decays.TwoBodyWidths.of(point).phi, rel=1e-5)


def test_events_hold_nu4_in_proportion(text: str) -> None:
    """The share |U|^2 (1-r)^2 (1+r/2), on the W peak, of 1200 events; charge +1; nu4 on its mass shell."""
    events = re.findall(r"<event>\n(.*?)</event>", text, re.DOTALL)
    assert len(events) == 1200
    heavy = 0
    for event in events:
        lines = [line.split() for line in event.splitlines()[1:]]
        final = {int(line[0]): [float(x) for x in line[6:11]] for line in lines if line[1] == "1"}
        assert sorted(final) in ([-13, 14], [-13, 9990012])
        if 9990012 in final:
            px, py, pz, energy, mass = final[9990012]
            heavy += 1
            assert mass == 30.0
            assert energy**2 - px**2 - py**2 - pz**2 == pytest.approx(900.0, rel=1e-4)
    p = PortalParameters(m4=30.0, Umu4=0.3)
    signal = p.U_sq("mu") * float(w_two_body_factor((p.m4 / p.m_W) ** 2))
    expected = len(events) * signal / (signal + 1 - p.U_sq("mu"))
    assert abs(heavy - expected) < 4 * expected**0.5

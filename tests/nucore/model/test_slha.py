"""Cards as other tools write and pack them, and cards that are none of this model."""

import gzip
from pathlib import Path

import pytest

from nucore.errors import InputError
from nucore.model.card import card_text, load_card, parse_card
from nucore.model.parameters import PortalParameters

POINT = PortalParameters(m_chi=1.0, m_phi=3.0, m4=30.0, yL=0.5, Umu4=0.1)
TEXT = card_text(POINT)
SAMPLE = Path(__file__).parents[3] / "samples" / "madgraph-w-mu-n4.lhe.gz"


def event_file(card: str) -> str:
    """A Les Houches event file; what follows the card looks like entries of it."""
    events = "<init>\nBLOCK MASS\n9990012 5.0\n</init>\n<event>\nBLOCK NUMIXING\n2 0.3\n</event>\n"
    return (
        f'<LesHouchesEvents version="3.0">\n<header>\n<slha>\n{card}</slha>\n</header>\n{events}</LesHouchesEvents>\n'
    )


@pytest.mark.parametrize(
    "content",
    [
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        b"\xef\xbb\xbf" + TEXT.encode(),
        TEXT.replace("# m4", "# Masse, größer").encode("latin-1"),
        TEXT.replace("  ", "\t").replace("BLOCK", "block").replace("MASS", "mass").encode(),
        TEXT.replace("BLOCK MASS", "Block MASS Q= 9.11870000E+01").encode(),
        TEXT.replace("9990012 30.0 #", "9990012 3.0D+01 #").encode(),
        TEXT.replace("9990012 30.0 #", "9990012 3000.d-2#").encode(),
        (TEXT + "BLOCK IMNUMIXING\n  2 0.0\nXSECTION 1.3E+04 2212 2212 2\n  0 2 0 0 0 0 1.0\n").encode(),
        TEXT.replace("BLOCK NUMIXING", "DECAY1L 25 4.1E-03\n  0.5 2 5 -5\nBLOCK NUMIXING").encode(),
        (TEXT + "DECAY 25 scan:[1,2]\nDECAY 24 Auto@NLO\n").encode(),
        gzip.compress(TEXT.encode()),
        event_file(TEXT).encode(),
        gzip.compress(event_file(f"<![CDATA[\n{TEXT}]]>\n").encode()),
        event_file(TEXT).replace("<header>", f"<header>\n<!-- {'x' * 2_000_000} -->").encode(),
    ],
    ids=[
        "crlf",
        "cr",
        "bom",
        "latin-1",
        "tabs",
        "scale",
        "fortran",
        "no-space",
        "sections",
        "loops",
        "foreign-decays",
        "gzip",
        "lhe",
        "lhe-gz",
        "long",
    ],
)
def test_the_same_card_in_other_hands(tmp_path, content):
    card = tmp_path / "card.dat"
    card.write_bytes(content)
    assert load_card(card) == POINT


def test_the_card_in_the_header_of_events_of_madgraph():
    p = load_card(SAMPLE)
    assert (p.m4, p.m_chi, p.m_phi, p.yL) == (30.0, 3.0, 9.0, 1.0)
    assert (p.Ue4, p.Umu4, p.Utau4) == (0.0, 0.3, 0.0)


STANDARD_MODEL = "BLOCK SMINPUTS\n 1 1.279e+02\n 2 1.16637e-05\nBLOCK MASS\n 23 9.11876e+01\n 25 1.25e+02\n"
HEAVY_N = (
    STANDARD_MODEL
    + " {n1} 3.0e+02 # mN1\n 9900014 5.0e+02 # mN2\nBLOCK NUMIXING\n"
    + "".join(f" {k} {float(k in (1, 5, 9))} # V\n" for k in range(1, 10))
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (STANDARD_MODEL, "of another model: no NUMIXING and no DARKYUKAWA block; expected MASS 9990012, 52 and 51"),
        (HEAVY_N.format(n1=9900012), r"new particles 9900012, 9900014; NUMIXING of more than one .* no DARKYUKAWA"),
        (HEAVY_N.format(n1=9990012), r"new particles 9900014; NUMIXING of more than one .* no DARKYUKAWA"),
        (STANDARD_MODEL + "".join(f" {1000001 + k} 500.0\n" for k in range(6)), "1000001, 1000002, 1000003, ...[)]"),
        ("DECAY 6 1.5\n", "no block; expected an SLHA parameter card"),
        ("100 = nevents ! of the run card\n", "no block; expected an SLHA parameter card"),
        ("<html><body>404</body></html>", "no <slha> block in its header"),
        (TEXT.replace("  2 0.1 # Umu4", "  2 1 0.1"), "line 18: an entry needs a number and a value; found 3 words"),
        (TEXT.replace("  2 0.1 # Umu4", "  2 scan:[0.1, 0.2]"), "line 18: a scan of MadGraph; expected one value"),
        (TEXT.replace("DECAY 9990012 ", "DECAY 9990012 scan:[1] "), "a scan of MadGraph"),
        (TEXT.replace("  2 0.1 # Umu4", "  2 inf"), "line 18: 'inf' is not a finite number"),
        (TEXT + "BLOCK IMNUMIXING\n  2 0.05\n", "an imaginary part of NUMIXING 2; expected real couplings"),
        (event_file(TEXT.replace("  2 0.1 # Umu4", "  2 x")), "line 21: 'x' is not a number"),
    ],
)
def test_a_card_that_is_refused(text, words):
    with pytest.raises(InputError, match=words):
        parse_card(text, "card")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (gzip.compress(TEXT.encode())[:-20], "not a readable gzip file"),
        (gzip.compress(b" " * 10_000_000), "more than 1000000 bytes"),
        (b"<" + b"x" * 20_000_000, "no <slha> block"),
        (TEXT.encode("utf-16"), "not a text file in UTF-8"),
    ],
    ids=["truncated", "bomb", "long", "utf-16"],
)
def test_a_file_that_is_refused(tmp_path, content, words):
    card = tmp_path / "card.dat"
    card.write_bytes(content)
    with pytest.raises(InputError, match=words):
        load_card(card)

"""Parameter cards: round trips, foreign cards, damaged cards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nucore.errors import CardWarning, InputError
from nucore.model.card import card_text, load_card, parse_card
from nucore.model.nu4_decays import width_nu4_dark, width_nu4_weak, width_phi
from nucore.model.parameters import PortalParameters

small = st.floats(-0.5, 0.5)


@given(st.floats(1e-4, 50), st.floats(1.01, 10), st.floats(1e-3, 1e3), small, small, small, st.floats(-12, 12))
def test_writing_and_reading_gives_back_an_equal_point(m_chi, ratio, m4, ue, umu, utau, y_r):
    p = PortalParameters(m_chi=m_chi, m_phi=ratio * m_chi, m4=m4, Ue4=ue, Umu4=umu, Utau4=utau, yR=y_r, m_W=80.4)
    assert parse_card(card_text(p)) == p


def test_decay_tables_add_up():
    p = PortalParameters(m4=300.0, Ue4=0.1, Umu4=0.2)
    tables, current = {}, None
    for line in card_text(p).splitlines():
        words = line.split("#")[0].split()
        if words[:1] == ["DECAY"]:
            current = tables.setdefault(int(words[1]), {"width": float(words[2]), "ratios": []})
        elif words[:1] == ["BLOCK"]:
            current = None
        elif current is not None and words:
            current["ratios"].append(float(words[0]))
            assert int(words[1]) == len(words) - 2
    assert sum(tables[9990012]["ratios"]) == pytest.approx(1.0)
    assert sum(tables[51]["ratios"]) == pytest.approx(1.0)
    assert tables[9990012]["width"] == pytest.approx(width_nu4_dark(p) + width_nu4_weak(p), rel=1e-12)
    assert tables[51]["width"] == pytest.approx(width_phi(p), rel=1e-12)


def test_a_card_of_another_tool_is_read(tmp_path):
    card = tmp_path / "card.dat"
    card.write_text(
        "Block mass # as written by MadGraph\n 9990012 3.000000D+01\n 52 1.0\n 51 3.0\n 6 172.0\n"
        "block NUMIXING\n 1 0.\n 2 1.0e-01\n 3 0.\nBLOCK darkyukawa\n 1 1.0\n"
        "BLOCK LOOP\n 1 91.188\nDECAY 9990012 Auto\nDECAY 6 1.5\n"
    )
    p = load_card(card)
    assert (p.m4, p.Umu4, p.yR) == (30.0, 0.1, 0.0)


GOOD = card_text(PortalParameters())


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("  9990012 10.0 # m4\n", "", "m4 missing"),
        ("  9990012 10.0 # m4\n", "  9990012 heavy\n", "line 10: 'heavy' is not a number"),
        ("  9990012 10.0 # m4\n", "  9990012 -3\n", "m4 = -3 .* positive"),
        ("  9990012 10.0 # m4\n", "  9900012 0.1\n", "9900012 of block MASS"),
        ("  2 0.01 # Umu4\n", "  2 0.01\n  4 0.2\n", "entry 4 of block NUMIXING"),
        ("  2 0.01 # Umu4\n", "  2\n", "needs a number and a value"),
        ("  4 91.1879 # m_Z\n", "  4 91.0\n", "m_Z = .* contradicts"),
        ("BLOCK DARKYUKAWA", "BLOCK DARKSECTOR", "yL missing"),
        ("BLOCK MASS", "BLOCK", "BLOCK without a name"),
    ],
)
def test_a_damaged_card_is_refused_with_its_line(old, new, words):
    assert old in GOOD
    with pytest.raises(InputError, match=words):
        parse_card(GOOD.replace(old, new))


def test_a_foreign_width_is_reported_and_not_used():
    p = PortalParameters()
    width = f"DECAY 51 {width_phi(p)!r}"
    assert width in GOOD
    with pytest.warns(CardWarning, match="DECAY 51 gives a width of 1 GeV .* not used"):
        assert parse_card(GOOD.replace(width, "DECAY 51 1.0")) == p
    assert parse_card(GOOD.replace(width, f"DECAY 51 {1.005 * width_phi(p)!r}")) == p


def test_files_that_are_no_cards(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        load_card(tmp_path / "absent.dat")
    binary = tmp_path / "binary.dat"
    binary.write_bytes(b"\xff\xfe\x00\x01" * 10)
    with pytest.raises(InputError, match="not a text file"):
        load_card(binary)
    large = tmp_path / "large.dat"
    large.write_text("# comment\n" * 200_000)
    with pytest.raises(InputError, match="not a parameter card"):
        load_card(large)

"""Tables, headlines and records of results agree with their fields."""

import math

import pytest

import nuportal
from nucore.model.parameters import PortalParameters
from nucore.summaries import Table, convention, measured, number, symbol

POINT = PortalParameters(m4=10.0, Umu4=0.05)


def text(result):
    return "\n".join(table.text() for table in result.tables())


@pytest.mark.parametrize(
    ("value", "shown"),
    [(1234567.0, "1.235e6"), (12345.6, "12346"), (1.2e-5, "1.2e-5"), (0.0, "0"), (None, "-"), (math.nan, "-")],
)
def test_numbers_have_sensible_digits(value, shown):
    assert number(value) == shown


@pytest.mark.parametrize(
    ("value", "uncertainty", "shown"),
    [
        (0.0225871, 0.0101, "0.023 +- 0.010"),
        (80.36791, 0.028, "80.368 +- 0.028"),
        (9.9948e-5, 1.3e-7, "9.995e-5 +- 1.3e-7"),
        (0.5, None, "0.5 +- -"),
    ],
)
def test_measured_values_have_the_digits_of_their_uncertainty(value, uncertainty, shown):
    assert measured(value, uncertainty) == shown


def test_names_are_symbols():
    assert symbol("yL_sq_Umu4_sq") == "yL^2 |U_mu4|^2"
    assert symbol("Y") == "Y"
    assert convention("clsb", 0.95) == "95% CL, CLs+b"


def test_long_reasons_are_wrapped_below_themselves():
    lines = Table((("name", "word " * 40),), ("limit", "reason")).text(80).splitlines()
    assert max(map(len, lines)) <= 80
    assert all(line.startswith(" " * len("  limit  ")) for line in lines[2:])


def test_model_shows_every_quantity_with_its_meaning():
    result = nuportal.model(POINT)
    n = sum(len(table.rows) for table in result.tables())
    assert n == len(result.to_dict()) - 1 + len(result.to_dict()["parameters"])
    assert all(row[-1] for table in result.tables() for row in table.rows)
    assert result.rows()[0]["Y"] == result.Y


def test_check_tells_every_constraint_once():
    result = nuportal.check(POINT)
    shown = text(result)
    assert shown.startswith(f"excluded by {', '.join(result.excluded_by)}")
    assert "margin = limit / prediction: below 1 excludes" in shown
    for one in result.constraints:
        assert shown.count(f"  {one.id} ") == 1
    assert result.headline().startswith(f"excluded by {result.excluded_by[0]} (margin ")
    assert [row["id"] for row in result.rows()] == [one.id for one in result.constraints]


def test_limits_tell_values_and_reasons():
    result = nuportal.limits(0.25, "mu", m_chi=0.02)
    shown = " ".join(text(result).split())
    for one in (*result.limits, *result.dark_matter):
        told = one.reason if one.value is None else number(one.value, 3)
        assert f" {one.id} {told} " in f"{shown} "
    assert result.headline().startswith("|U_mu4|^2 < 6.76e-9 at m4 = 0.25 GeV")


def test_decay_rows_are_the_spectrum():
    result = nuportal.decay("K+", "mu", PortalParameters(m_chi=0.02, m_phi=0.06))
    rows = result.rows()
    assert len(rows) == len(result.spectrum.x)
    assert rows[3]["momentum_GeV"] == result.spectrum.momentum_GeV[3]
    assert "BR(K+ -> mu chi phi)" in text(result)


def test_scan_tells_its_points():
    result = nuportal.scan({"m4": [1.0, 10.0], "Umu4": [0.01, 0.1]})
    assert len(result.rows()) == 4
    (_, points) = result.tables()
    assert points.columns[:3] == ("m4 [GeV]", "Umu4", "allowed")
    assert len(points.rows) == 4


def test_reach_tells_its_convention():
    result = nuportal.project("atlas-2011", grid=[30.0])
    shown = text(result)
    assert "expected: median for data without signal, 90% CL, CLs" in shown
    assert result.rows()[0]["Umu4_sq"] == result.curve[0].value
    assert "strongest expected limit |U_mu4|^2 < 0.00162 at m4 = 30 GeV" in result.headline()
    assert "{" not in shown

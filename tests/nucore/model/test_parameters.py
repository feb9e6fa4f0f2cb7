"""The parameter point: validation and changes."""

import dataclasses

import pytest

from nucore.errors import InputError
from nucore.model.parameters import PortalParameters, default_point, read_assignments, require_left_handed


def test_the_default_point_is_the_documented_one():
    p = PortalParameters()
    assert (p.m_chi, p.m_phi, p.m4, p.yL, p.yR) == (0.02, 0.06, 10.0, 1.35, 0.0)
    assert (p.Ue4, p.Umu4, p.Utau4) == (0.0, 0.01, 0.0)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"m4": -1.0}, "m4 = -1 .* positive"),
        ({"m_chi": 0.0}, "m_chi = 0 .* positive"),
        ({"m_chi": float("nan")}, "m_chi = nan .* finite"),
        ({"yL": float("inf")}, "yL = inf.* finite"),
        ({"m_phi": 0.02}, "m_phi must exceed"),
        ({"Ue4": 0.8, "Umu4": 0.7}, "sum of their squares is 1.13"),
        ({"m_W": 95.0}, "below m_Z"),
        ({"m4": 1e9}, "1e\\+06 GeV"),
        ({"m4": "heavy"}, "expected a number"),
    ],
)
def test_a_bad_value_is_named_with_what_is_allowed(changes, words):
    with pytest.raises(InputError, match=words) as caught:
        PortalParameters(**changes)
    assert "\n" not in str(caught.value)


def test_assignments_apply_over_the_point():
    assert read_assignments(["m4=30", " Umu4 = 0.1"]) == {"m4": 30.0, "Umu4": 0.1}
    with pytest.raises(InputError, match="m4 is given twice"):
        read_assignments(["m4=30", "m4=40"])
    with pytest.raises(InputError, match="Umu4 is the amplitude: .* is Umu4=0.01"):
        read_assignments(["Umu4_sq=1e-4"])


@pytest.mark.parametrize("text", ["m4", "mass4=3", "m4=heavy", "=3", "m4=nan"])
def test_a_bad_assignment_is_refused(text):
    with pytest.raises(InputError):
        PortalParameters().replace(**read_assignments([text]))


def test_mixings_that_are_not_named_are_zero_if_one_is():
    assert PortalParameters(m4=30.0).Umu4 == 0.01
    p = PortalParameters(Ue4=0.1)
    assert (p.Ue4, p.Umu4, p.Utau4) == (0.1, 0.0, 0.0)
    assert PortalParameters().replace(Ue4=0.1).Umu4 == 0.01
    assert default_point(["m4", "yL"]).Umu4 == 0.01
    assert default_point(["m4", "Utau4"]).U4_sq == 0.0
    with pytest.raises(InputError, match="Ue4 = nan"):
        PortalParameters(Ue4=float("nan"))


def test_mixing_by_flavour():
    p = PortalParameters(Ue4=0.1, Umu4=0.2, Utau4=0.3)
    assert [p.U(f) for f in ("e", "mu", "tau")] == [0.1, 0.2, 0.3]
    assert p.U4_sq == pytest.approx(0.14)
    assert p.UN4_sq + p.U4_sq == 1.0
    with pytest.raises(InputError, match="flavour 'electron'"):
        p.U_sq("electron")


def test_a_point_is_immutable():
    with pytest.raises(dataclasses.FrozenInstanceError):
        PortalParameters().m4 = 3.0


def test_left_handed_formulas_refuse_yR():
    require_left_handed(PortalParameters(), "decay")
    with pytest.raises(InputError, match="yR = 0.5.* decay"):
        require_left_handed(PortalParameters(yR=0.5), "decay")


def test_yukawa_uses_the_174_gev_vacuum_value():
    assert PortalParameters(m_chi=1, m_phi=3, m4=400, Umu4=0.1).yukawa("mu") == pytest.approx(40 / 174.1036, rel=1e-5)

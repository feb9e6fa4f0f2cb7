"""Limits on mixing recast to dark-matter couplings."""

import math

import numpy as np
import pytest

from nucore.cosmology.annihilation import thermal_target
from nucore.cosmology.naturalness import fine_tuning
from nucore.errors import InputError
from nucore.limits.recast import MassRule, coupling_of_mixing, mixing_of_visible_branching
from nucore.model import nu4_decays
from nucore.model.nu4_decays import branching_nu4_visible
from nucore.model.parameters import PortalParameters


def test_coupling_of_a_mixing():
    light, heavy = MassRule(), MassRule(m4="400")
    assert coupling_of_mixing(2.04e-3, 63.0, light, "perturbative") == pytest.approx(307.861 * 2.04e-3**2, rel=1e-5)
    assert coupling_of_mixing(2.04e-3, 63.0, light, "natural") == pytest.approx(2.49367 * 2.04e-3**2, rel=1e-5)
    assert coupling_of_mixing(0.01, 7.0, heavy, "natural") == pytest.approx(9.7409e-7 * 7.0**4 * 1e-4, rel=1e-4)
    assert coupling_of_mixing(0.01, 7.0, heavy, 1.0) == pytest.approx(1e-4 / 81)
    # the line of the paper crosses the thermal one at 63 GeV for |U|^2 = 2.04e-3
    assert coupling_of_mixing(2.04e-3, 63.0, light, "perturbative") == pytest.approx(
        thermal_target(63.0, 1 / 3), rel=0.02
    )
    # nu4 -> chi phi closes at m_chi = 100 GeV
    assert np.isnan(coupling_of_mixing(0.01, 100.0, heavy, "perturbative"))


def test_natural_coupling_is_where_the_fine_tuning_is_one():
    rule = MassRule(ratio=4.0, m4="20x")
    p = PortalParameters(m_chi=1.0, m_phi=4.0, m4=20.0, yL=float(rule.coupling(1.0, "natural")))
    assert fine_tuning(p) == pytest.approx(1.0)
    assert MassRule(ratio=50.0, m4="10x").coupling(1.0, "natural") == pytest.approx(4 * math.pi)


@pytest.mark.parametrize("which", ["perturbative", "natural"])
@pytest.mark.parametrize(("m_chi", "m4"), [(20.0, "10x"), (100.0, "10x"), (10.0, "400"), (95.0, "400")])
def test_mixing_at_which_a_thousandth_is_visible(m_chi, m4, which):
    rule = MassRule(m4=m4)
    u = float(mixing_of_visible_branching(m_chi, rule, which)[0])
    point = PortalParameters(
        m_chi=m_chi,
        m_phi=3 * m_chi,
        m4=float(rule.nu4_mass(m_chi)),
        yL=float(rule.coupling(m_chi, which)),
        Umu4=math.sqrt(u),
    )
    assert branching_nu4_visible(point) == pytest.approx(1e-3, rel=1e-3)


def test_mixing_at_which_a_thousandth_is_visible_against_the_narrow_formula():
    # s^2 g_vis = 1e-3 Gamma_inv with narrow W, Z and phi: the tails are 1% for W and Z, up to 4% for phi at yL = 4 pi
    expected = {(100.0, "10x"): (2.11e-3, 1.90e-4), (1.0, "400"): (1.65e-2, None), (50.0, "400"): (1.22e-2, 1.73e-3)}
    for (m_chi, m4), values in expected.items():
        for which, value in zip(("perturbative", "natural"), values, strict=True):
            if value is not None:
                found = mixing_of_visible_branching(m_chi, MassRule(m4=m4), which)[0]
                assert found == pytest.approx(value, rel=0.05)
    p = PortalParameters(m_chi=20.0, m_phi=60.0, m4=200.0, yL=4 * np.pi, Umu4=1e-3)
    total = nu4_decays.width_nu4_weak(p) + nu4_decays.width_nu4_dark(p)
    only_w = nu4_decays.width_nu4_w(p) / total
    assert branching_nu4_visible(p) / only_w == pytest.approx(1.5, abs=0.1)


def test_no_line_where_nothing_is_visible():
    assert np.isnan(mixing_of_visible_branching([100.0, 200.0], MassRule(m4="400"), "perturbative")).all()
    light = mixing_of_visible_branching([0.1, 20.0], MassRule(), "perturbative")
    assert np.isnan(light[0]) or light[0] > 0.99
    assert 0.05 < light[1] < 0.06


def test_rules_are_checked():
    for bad in ({"ratio": 0.5}, {"m4": "heavy"}, {"m4": "-3"}, {"m4": "infx"}):
        with pytest.raises(InputError, match="ratio|m4"):
            MassRule(**bad)

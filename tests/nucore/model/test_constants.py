"""Constants against the PDG's own database."""

import copy
import pickle

import pytest

from nucore.model import constants as c

MASSES = {11: "M_E", 13: "M_MU", 15: "M_TAU", 211: "M_PI", 321: "M_K", 411: "M_D", 431: "M_DS", 521: "M_B",
          23: "M_Z", 24: "M_W", 25: "M_H"}  # fmt: skip
LIFETIMES = {13: "TAU_MU", 15: "TAU_TAU", 211: "TAU_PI", 321: "TAU_K", 411: "TAU_D", 431: "TAU_DS", 521: "TAU_B"}


@pytest.fixture(scope="module")
def pdg_api():
    import warnings

    import pdg

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecations inside sqlalchemy, which the database uses
        api = pdg.connect()
        yield api
        api.engine.dispose()


def _particle(api, number):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return api.get_particle_by_mcid(number)


@pytest.mark.parametrize(("number", "name"), MASSES.items())
def test_masses_are_the_pdg_ones(pdg_api, number, name):
    ours = getattr(c, name)
    # within one quoted uncertainty: the installed edition of the database may be newer or older than ours
    assert _particle(pdg_api, number).mass == pytest.approx(float(ours), abs=max(ours.uncertainty, 1e-7 * ours))


@pytest.mark.parametrize(("number", "name"), LIFETIMES.items())
def test_lifetimes_are_the_pdg_ones(pdg_api, number, name):
    ours = getattr(c, name)
    assert _particle(pdg_api, number).lifetime == pytest.approx(float(ours), abs=1.2 * ours.uncertainty)


@pytest.mark.parametrize(
    ("number", "channel", "name"),
    [(321, "mu+ nu_mu", "BR_K_MUNU"), (211, "mu+ nu_mu", "BR_PI_MUNU"), (411, "mu+ nu_mu", "BR_D_MUNU"),
     (431, "mu+ nu_mu", "BR_DS_MUNU")],
)  # fmt: skip
def test_branching_ratios_are_the_pdg_ones(pdg_api, number, channel, name):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = [
            b.value
            for b in _particle(pdg_api, number).exclusive_branching_fractions()
            if b.description.split("--> ")[1] == channel
        ]
    ours = getattr(c, name)
    assert found[0] == pytest.approx(float(ours), abs=ours.uncertainty)


def test_the_fermi_constant_follows_from_the_muon_lifetime():
    # tree width with the phase-space factor and the one-loop QED correction (4e-3); the two-loop term,
    # 6.7 (alpha/pi)^2 in the width, moves G_F by 2e-5
    import math

    x = (c.M_E / c.M_MU) ** 2
    phase_space = 1 - 8 * x + 8 * x**3 - x**4 - 12 * x**2 * math.log(x)
    alpha = 1 / 135.90  # at the muon mass
    qed = 1 + alpha / (2 * math.pi) * (25 / 4 - math.pi**2)
    width = c.HBAR_GEV_S / c.TAU_MU
    g_f = math.sqrt(width * 192 * math.pi**3 / (c.M_MU**5 * phase_space * qed))
    assert g_f == pytest.approx(c.G_F, rel=3e-5)


def test_vev_and_unit_conversions():
    assert pytest.approx(174.10, abs=0.01) == c.VEV
    assert pytest.approx(1.16733e-17, rel=1e-5) == c.GEV_M2_TO_CM3_PER_S


def test_a_constant_keeps_its_origin_through_copies():
    for other in (copy.copy(c.M_W), pickle.loads(pickle.dumps(c.M_W))):
        assert other == c.M_W
        assert (other.source, other.uncertainty, other.unit, other.year) == (
            c.M_W.source, c.M_W.uncertainty, c.M_W.unit, c.M_W.year)  # fmt: skip

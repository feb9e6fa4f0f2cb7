"""Measured numbers behind the newest limits against the listings of the package `pdg`, queried offline."""

import math
import warnings

import numpy as np
import pytest

from nucore.limits.catalogue import catalogue, load_curve
from nucore.limits.revision import listed
from nucore.model import constants as c


def test_inputs_are_those_of_the_listings():
    found = listed(catalogue().values())
    universality, windows, others = {"S008R10", "S010R28"}, {"S008R01", "S008R9", "S010R41"}, {"S043M", "S126R01"}
    assert {n.pdg_id for n in found} == {"S004RHO", "S007NE"} | universality | windows | others
    assert [n for n in found if not n.agrees] == []
    assert all(n.edition.isdigit() for n in found)


def test_another_number_is_reported():
    curve = load_curve("kaon-universality-2026")
    ratio = curve.formula.inputs["ratio"]
    for change in ({"value": ratio.value + 0.2 * ratio.uncertainty}, {"uncertainty": 1.2 * ratio.uncertainty}):
        formula = curve.formula.model_copy(update={"inputs": {"ratio": ratio.model_copy(update=change)}})
        (entry,) = listed([curve.model_copy(update={"formula": formula})])
        assert not entry.agrees
        assert entry.listed_value == pytest.approx(ratio.value, rel=1e-3)
    higgs = load_curve("h-invisible-0.107")
    limit = higgs.formula.inputs["branching_ratio"].model_copy(update={"value": 0.15})
    formula = higgs.formula.model_copy(update={"inputs": {"branching_ratio": limit}})
    assert not listed([higgs.model_copy(update={"formula": formula})])[0].agrees


def test_without_the_package_nothing_is_compared(monkeypatch):
    monkeypatch.setattr("nucore.limits.revision.find_spec", lambda name: None)
    assert listed(catalogue().values()) is None


@pytest.fixture(scope="module")
def tau():
    """Value and uncertainty in the listings by their id."""
    import pdg

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecations inside sqlalchemy, which the database uses
        api = pdg.connect()
        ids = {"B_e": "S035R2", "B_mu": "S035R1", "B_mu/B_e": "S035R5", "lifetime": "S035T", "pi": "S035R6"}
        found = {name: api.get(i).summary_values()[0] for name, i in ids.items()}
        yield {name: (float(v.value), float(v.error_positive)) for name, v in found.items()}
        api.engine.dispose()


def test_leptonic_tau_couplings(tau):
    """g_tau/g_l from Gamma(L -> l nu nu) = g_L^2 g_l^2 m_L^5 f(m_l^2/m_L^2), with the corrections of HFLAV."""

    def rate_over_couplings(m_parent: float, m_lepton: float, qed: float) -> float:
        x = (m_lepton / m_parent) ** 2
        phase_space = 1 - 8 * x + 8 * x**3 - x**4 - 12 * x**2 * math.log(x)
        return m_parent**5 * phase_space * (1 + 0.6 * (m_parent / float(c.M_W)) ** 2) * qed

    m_tau, m_mu, m_e = float(c.M_TAU), float(c.M_MU), float(c.M_E)
    muon = 1 / float(c.TAU_MU) / rate_over_couplings(m_mu, m_e, 1 - 42.4e-4)
    inputs = load_curve("tau-leptonic-2026").formula.numbers()
    relative = {name: spread / value for name, (value, spread) in tau.items()}
    for share, m_lepton, name in (("B_e", m_e, "g_tau_over_g_mu"), ("B_mu", m_mu, "g_tau_over_g_e")):
        rate = tau[share][0] / tau["lifetime"][0] / rate_over_couplings(m_tau, m_lepton, 1 - 43.2e-4)
        assert math.sqrt(rate / muon) == pytest.approx(inputs[name], abs=6e-5)
        assert np.hypot(relative[share], relative["lifetime"]) / 2 == pytest.approx(
            inputs[f"{name}_uncertainty"], abs=6e-5
        )
    # cov(B_e, B_mu) from the uncertainty of their ratio; the lifetime is common
    common = (relative["B_e"] ** 2 + relative["B_mu"] ** 2 - relative["B_mu/B_e"] ** 2) / 2 + relative["lifetime"] ** 2
    norm = np.hypot(relative["B_e"], relative["lifetime"]) * np.hypot(relative["B_mu"], relative["lifetime"])
    assert common / norm == pytest.approx(inputs["correlation"], abs=0.01)


def test_hadronic_tau_coupling(tau):
    """(g_tau/g_mu)^2 from tau -> pi nu over pi -> mu nu, with the radiative correction of arXiv:2107.04603."""
    m_tau, m_mu, m_pi = float(c.M_TAU), float(c.M_MU), float(c.M_PI)
    correction, spread = 0.0018, 0.0057
    pion_lifetime, muon_share = 2.6033e-8, 0.999877
    kinematics = 2 * m_pi * m_mu**2 / m_tau**3 * ((1 - (m_mu / m_pi) ** 2) / (1 - (m_pi / m_tau) ** 2)) ** 2
    rate = tau["pi"][0] / tau["lifetime"][0] * pion_lifetime / muon_share * kinematics / (1 + correction)
    inputs = load_curve("tau-pion-2026").formula.numbers()
    assert math.sqrt(rate) == pytest.approx(inputs["g_tau_over_g_mu"], abs=6e-5)
    relative = [tau["pi"][1] / tau["pi"][0], tau["lifetime"][1] / tau["lifetime"][0], spread]
    assert float(np.linalg.norm(relative)) / 2 == pytest.approx(inputs["g_tau_over_g_mu_uncertainty"], abs=1e-4)

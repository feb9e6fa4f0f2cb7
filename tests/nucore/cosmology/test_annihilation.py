"""Annihilation and the thermal target."""

import math

import numpy as np
import pytest

from nucore.cosmology.annihilation import annihilation_sigma_v, dark_coupling, thermal_target
from nucore.cosmology.naturalness import fine_tuning, perturbative
from nucore.model import constants as c
from nucore.model.parameters import PortalParameters


def test_sigma_v_at_the_papers_example():
    # yL s = 0.2, m_chi = 10 GeV, m_phi = 30 GeV: 0.620 pb (the paper rounds to 1 pb)
    value = annihilation_sigma_v(10.0, 30.0, 0.2**2)
    assert value / c.C_CM_PER_S * 1e36 == pytest.approx(0.620, abs=5e-4)


def test_sigma_v_from_the_amplitude_at_threshold():
    # squared amplitude of the t-channel phi exchange at rest: 4 (p_chi.p_nu)(p_chibar.p_nubar) g^4/(t - m_phi^2)^2
    # with all products m_chi^2, averaged over four spin states; sigma v = |M|^2/(32 pi m_chi^2)
    m_chi, m_phi, g_sq = 0.7, 2.3, 0.3
    squared = g_sq**2 * 4 * m_chi**4 / (m_chi**2 + m_phi**2) ** 2 / 4
    natural = squared / (32 * math.pi * m_chi**2)
    assert annihilation_sigma_v(m_chi, m_phi, g_sq) == pytest.approx(natural * c.GEV_M2_TO_CM3_PER_S, rel=1e-12)


def test_the_target_is_where_sigma_v_is_thermal():
    m_chi = np.array([0.01, 1.0, 100.0])
    target = thermal_target(m_chi, 1 / 3)
    assert target == pytest.approx(3.1896e-7 * m_chi**2, rel=1e-4)
    yl_sq_u_sq = np.sqrt(target) * 9
    assert dark_coupling(yl_sq_u_sq, 1 / 3) == pytest.approx(target)
    assert annihilation_sigma_v(m_chi, 3 * m_chi, yl_sq_u_sq) == pytest.approx(3e-26, rel=1e-12)


def test_naturalness():
    p = PortalParameters(m_phi=0.03, m4=0.1, yL=4 * math.pi * 0.3)
    assert fine_tuning(p) == pytest.approx(1.0)  # the bound yL < 4 pi m_phi/m4
    assert perturbative(p)
    assert not perturbative(p.replace(yL=13.0))
    assert not perturbative(p.replace(m4=4000.0, Umu4=0.6))  # lambda = 13.8

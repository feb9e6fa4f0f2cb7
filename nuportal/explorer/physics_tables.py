"""What the formulas of the engine take as numbers: constants, weak widths, phase space, the plasma of the universe."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mesons.decays.branching import leptonic_branching_ratio
from mesons.decays.leptonic_decays import lepton_masses, neutral_mass_function
from mesons.decays.semileptonic import neutrino_mass_factor
from nucore.cosmology.degrees_of_freedom import TEMPERATURE_RANGE_GEV, entropy_slope, g_energy, g_entropy
from nucore.cosmology.direct_detection import NUCLEI
from nucore.cosmology.kinetic_decoupling import cutoff_mass
from nucore.cosmology.neutrino_lines import HALOS, electron_antineutrino_share, j_factor
from nucore.cosmology.relic_abundance import M_CHI_RANGE_GEV, SIGMA_V_RANGE, relic_sigma_v
from nucore.cosmology.z_annihilation import z_exchange_sigma_v
from nucore.model import constants as c
from nucore.model.particles import FLAVOURS, mass
from nucore.model.points import HBARC_GEV_M
from nucore.model.weak_widths import weak_widths
from nucore.model.widths import three_body_lepton_function
from nuportal.explorer.compact import rounded, thinned
from nuportal.figures.mass_grid import adaptive

Array = NDArray[np.float64]

#: Relative errors of the interpolations.
_WEAK, _RECOIL, _RELIC = 2e-4, 2e-5, 2e-4
_M4_RANGE_GEV = (1e-3, 1e5)
_N_TEMPERATURES, _N_SEMILEPTONIC = 1201, 601
_REFERENCE_GEV = 0.1
_LEPTONIC = (("tau-", "e"), ("tau-", "mu"), ("mu-", "e"))
_PARENTS = ("pi+", "K+", "B+", "tau-")
_WINDOWS = (("pi+", "e"), ("pi+", "mu"), ("K+", "e"), ("K+", "mu"))


def constant_table() -> dict[str, float]:
    """Measured constants by name, in full."""
    named = {name: value for name, value in vars(c).items() if name.isupper() and isinstance(value, float)}
    return {name: float(value) for name, value in named.items()} | {"HBARC_GEV_M": HBARC_GEV_M}


def weak_table() -> dict[str, Any]:
    """Weak widths of nu4 over ``unit m4^5`` for |U_l4|^2 = 1 against m4, None where closed.

    ``charged`` is nu4 -> l W*, ``seen`` all but three neutrinos at |U_N4|^2 = 1: what comes with |U_N4|^2 is their
    difference, which the interference of W* and Z* can make negative.
    """
    unit = float(c.G_F) ** 2 / (192.0 * math.pi**3)

    def widths(m4: Array) -> Array:
        found = weak_widths(m4)
        rows = np.concatenate([found.charged, found.charged + found.neutral + found.higgs, found.invisible[None]])
        return np.where(rows > 0.0, rows, np.nan) / (unit * m4**5)

    m4, rows = adaptive(widths, np.geomspace(*_M4_RANGE_GEV, 161), 4.0 * _WEAK, 1e-4)
    kept = thinned(m4, rows, _WEAK)
    columns = [rounded(row[kept]) for row in rows]
    return {
        "unit": unit,
        "m4_GeV": rounded(m4[kept], 9),
        "charged": dict(zip(FLAVOURS, columns[:3], strict=True)),
        "seen": dict(zip(FLAVOURS, columns[3:6], strict=True)),
        "invisible": columns[6],
    }


def leptonic_tables() -> dict[str, Any]:
    """Rate of L -> l nu X with an X of mass Q over that with a massless one, against Q^2_max - Q^2; logarithms."""
    tables = {}
    for parent, lepton in _LEPTONIC:
        m_parent, m_lepton = lepton_masses(parent, lepton)
        largest = (m_parent - m_lepton) ** 2
        massless = three_body_lepton_function(0.0, m_lepton / m_parent, 0.0)
        shares = np.concatenate([np.geomspace(1e-15, 0.2, 300, endpoint=False), np.linspace(0.2, 1.0, 300)])
        ratio = neutral_mass_function(m_parent, m_lepton, largest * shares) / massless
        kept = thinned(shares, [ratio], _RECOIL)
        tables[f"{parent} {lepton}"] = {
            "log_below": rounded(np.log(largest * shares[kept]), 8),
            "log_ratio": rounded(np.log(ratio[kept]), 8),
        }
    return tables


def semileptonic_tables() -> dict[str, Any]:
    """Rate of K+ -> pi0 l nu with a neutrino of a mass over that with a massless one."""
    tables = {}
    for lepton in ("e", "mu"):
        masses = np.linspace(0.0, float(c.M_K - c.M_PI0) - mass(lepton), _N_SEMILEPTONIC)
        tables[lepton] = {"mass_GeV": rounded(masses, 8), "ratio": rounded(neutrino_mass_factor(lepton, masses), 8)}
    return tables


def plasma_table() -> dict[str, Any]:
    """Plasma against ln(T/GeV): s/(2 H T) (1 + dln g_s/dln T/3), and s/T^3."""
    low, high = TEMPERATURE_RANGE_GEV
    log_t = np.linspace(math.log(low), math.log(high), _N_TEMPERATURES)
    t = np.exp(log_t)
    entropy = 2.0 * math.pi**2 / 45.0 * g_entropy(t)
    hubble = np.sqrt(4.0 * math.pi**3 * g_energy(t) / 45.0) / float(c.M_PLANCK)
    rate = entropy / (2.0 * hubble) * (1.0 + entropy_slope(t) / 3.0)
    return {"log_T": rounded(log_t, 8), "rate": rounded(rate), "entropy": rounded(entropy)}


def relic_table() -> dict[str, Any]:
    """Sigma v that leaves the observed dark matter against m_chi, and the ranges of the abundance."""
    masses = np.geomspace(*M_CHI_RANGE_GEV, 561)
    values = relic_sigma_v(masses)
    kept = thinned(masses, [values], _RELIC)
    return {
        "m_chi_range_GeV": M_CHI_RANGE_GEV,
        "sigma_v_range": SIGMA_V_RANGE,
        "m_chi_GeV": rounded(masses[kept], 8),
        "sigma_v_cm3_per_s": rounded(values[kept]),
    }


def physics_tables() -> dict[str, Any]:
    """All of this module by the names that the engine uses."""
    xenon = NUCLEI["Xe"][1] * float(c.ATOMIC_MASS_UNIT)
    shares = [electron_antineutrino_share(*row) for row in np.eye(len(FLAVOURS))]
    cutoff = {which: float(cutoff_mass(_REFERENCE_GEV, 1.0, which)) for which in ("paper", "refined")}
    return {
        "constants": constant_table(),
        "masses": {name: mass(name) for name in _PARENTS},
        "weak": weak_table(),
        "leptonic": leptonic_tables(),
        "semileptonic": semileptonic_tables(),
        "plasma": plasma_table(),
        "relic": relic_table(),
        "nuclei": NUCLEI,
        "xenon_mass_GeV": xenon,
        "z_fermion_couplings": _z_fermion_couplings(),
        "j_factor": {halo: j_factor(halo) for halo in HALOS},
        "electron_share": dict(zip(FLAVOURS, map(float, shares), strict=True)),
        "cutoff": cutoff | {"reference_GeV": _REFERENCE_GEV},
        "branching_ratios": {
            f"{parent} {lepton}": leptonic_branching_ratio(parent, lepton) for parent, lepton in _WINDOWS
        },
    }


def _z_fermion_couplings() -> float:
    """Sum of N_c (v^2 + a^2) over the fermions that chi chibar -> Z* makes, from the cross section at one mass."""
    m = 10.0
    gauge = math.sqrt(2.0) * float(c.G_F) * float(c.M_Z) ** 2
    distance = (float(c.M_Z) ** 2 - 4.0 * m**2) ** 2 + (float(c.M_Z) * float(c.GAMMA_Z)) ** 2
    natural = float(z_exchange_sigma_v(1.0, m)) / c.GEV_M2_TO_CM3_PER_S
    return natural * math.pi * distance / (gauge**2 * m**2)

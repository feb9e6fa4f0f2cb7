"""A parameter point as tables: each quantity with its unit and meaning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nucore.summaries import Table, cell, number

#: Quantities by group: name of the field, symbol or name shown, unit, meaning.
_PARAMETERS = (
    ("m4", "m4", "GeV", "mass of the heavy neutrino nu4"),
    ("m_chi", "m_chi", "GeV", "mass of the dark matter chi"),
    ("m_phi", "m_phi", "GeV", "mass of the mediator phi"),
    ("yL", "yL", "", "coupling of phi chi to the left-handed sterile neutrino"),
    ("yR", "yR", "", "coupling to the right-handed one"),
    ("Ue4", "Ue4", "", "mixing amplitude with nu_e"),
    ("Umu4", "Umu4", "", "mixing amplitude with nu_mu"),
    ("Utau4", "Utau4", "", "mixing amplitude with nu_tau"),
    ("m_W", "m_W", "GeV", "mass of the W"),
    ("m_Z", "m_Z", "GeV", "mass of the Z"),
    ("m_h", "m_h", "GeV", "mass of the Higgs boson"),
    ("G_F", "G_F", "GeV^-2", "Fermi constant"),
)
_GROUPS = {
    "couplings": (
        ("UN4_sq", "UN4_sq", "", "sterile share of nu4, 1 - sum |U_l4|^2"),
        ("lambda_e", "lambda_e", "", "Yukawa coupling U_e4 m4 / v"),
        ("lambda_mu", "lambda_mu", "", "Yukawa coupling U_mu4 m4 / v"),
        ("lambda_tau", "lambda_tau", "", "Yukawa coupling U_tau4 m4 / v"),
        ("a_Z", "a_Z", "", "loop coupling of chi to the Z; only for yR = 0"),
        ("lambda_phi_H", "lambda_phi_H", "", "coupling |phi|^2 |H|^2, order of magnitude"),
        ("perturbative", "perturbative", "", "no coupling above 4 pi"),
    ),
    "widths": (
        ("width_phi_GeV", "width_phi", "GeV", "phi -> chi nubar"),
        ("width_nu4_dark_GeV", "width_nu4_dark", "GeV", "nu4 -> chi phi~"),
        ("width_nu4_weak_GeV", "width_nu4_weak", "GeV", "nu4 -> Standard Model by W, Z and h"),
        ("br_nu4_visible", "br_nu4_visible", "", "visible branching ratio of nu4; none if stable"),
        ("width_h_phi_GeV", "width_h_phi", "GeV", "h -> phi phi*, order of magnitude"),
    ),
    "dark matter": (
        ("sigma_v_cm3_per_s", "sigma_v", "cm^3/s", "chi chibar -> nu nubar"),
        ("Y", "Y", "", "yL^4 s^4 (m_chi/m_phi)^4, with s^2 = sum |U_l4|^2"),
        ("Y_thermal", "Y_thermal", "", "Y for sigma v = 3e-26 cm^3/s"),
        ("Y_relic", "Y_relic", "", "Y that leaves Omega h^2 = 0.12"),
        ("relic_abundance_omega_h2", "Omega h^2", "", "relic abundance of this point, all channels"),
        ("m_cut_Msun", "m_cut", "Msun", "mass of the smallest haloes; none without mixing"),
        ("sigma_n_cm2", "sigma_n", "cm^2", "cross section per nucleon of xenon; only for yR = 0"),
        ("sigma_v_Z_cm3_per_s", "sigma_v_Z", "cm^3/s", "chi chibar -> Z* -> f fbar at rest; only for yR = 0"),
        ("inelastic_splitting_keV", "splitting", "keV", "mass splitting of chi above which xenon sees no Z exchange"),
        ("N_eff", "N_eff", "", "number of neutrino species, chi and phi coupled to the neutrinos"),
    ),
    "naturalness": (
        ("fine_tuning", "fine_tuning", "", "delta m_phi^2 / m_phi^2 with cutoff m4"),
        ("higgs_mass_shift", "higgs_mass_shift", "", "delta m_phi^2 / m_phi^2 by |phi|^2 |H|^2"),
    ),
}  # fmt: skip
_COLUMNS = ("quantity", "value", "unit", "meaning")


def model_tables(fields: Mapping[str, Any]) -> tuple[Table, ...]:
    """Tables of the fields of a parameter point."""
    point = fields["parameters"]
    given = tuple((shown, number(point[name], 7), unit, told) for name, shown, unit, told in _PARAMETERS)
    derived = (
        Table(tuple((shown, cell(fields[name]), unit, told) for name, shown, unit, told in rows), _COLUMNS, title)
        for title, rows in _GROUPS.items()
    )
    return Table(given, _COLUMNS, "parameters"), *derived

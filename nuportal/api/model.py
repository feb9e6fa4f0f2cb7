"""``nuportal.model``: everything that follows from a parameter point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from nucore.cosmology import annihilation as cosmology
from nucore.cosmology import naturalness
from nucore.cosmology.direct_detection import largest_splitting_seen, nucleon_cross_section, z_coupling
from nucore.cosmology.effective_neutrinos import effective_neutrino_number
from nucore.cosmology.higgs_portal import portal_coupling, relative_mass_shift, width_h_to_phi
from nucore.cosmology.kinetic_decoupling import cutoff_mass
from nucore.cosmology.relic_density import relic_density
from nucore.cosmology.z_annihilation import z_exchange_sigma_v
from nucore.model import nu4_decays
from nucore.model.parameters import PortalParameters
from nucore.model.points import ParameterPoints
from nucore.results import Result, plain
from nucore.summaries import Table, number
from nuportal.api.model_tables import model_tables
from nuportal.api.parameter_point import Point, point_of
from nuportal.api.requests import recorded


@dataclass(frozen=True)
class ModelResult(Result):
    """Quantities of a parameter point.

    Attributes
    ----------
    parameters : PortalParameters
        The parameter point.
    UN4_sq : float
        Sterile share of nu4, 1 - sum |U_l4|^2.
    lambda_e, lambda_mu, lambda_tau : float
        Yukawa couplings U_l4 m4/v.
    width_phi_GeV : float
        Of phi -> chi nu.
    width_nu4_dark_GeV, width_nu4_weak_GeV : float
        Of nu4 -> chi phi, and of nu4 to particles of the Standard Model.
    br_nu4_visible : float or None
        Share of the decays of nu4 with anything visible; None for a stable nu4.
    sigma_v_cm3_per_s : float
        chi chibar -> nu nubar, light states.
    Y : float
        Dark coupling yL^4 s^4 (m_chi/m_phi)^4, with s^2 the sum of |U_l4|^2.
    Y_thermal : float
        Y for a thermal cross section of 3e-26 cm^3/s.
    Y_relic : float or None
        Y that leaves the observed dark matter, Omega h^2 = 0.12, by Eq. 7 alone; None where
        `nucore.cosmology.relic_abundance` has no finite value.
    relic_abundance_omega_h2 : float or None
        Omega h^2 of this point by all channels; None where `nucore.cosmology.relic_density` has no finite value.
    m_cut_Msun : float or None
        Smallest haloes, by the derived Eq. 17; None without mixing.
    a_Z : float or None
        Coupling of chi to the Z by the nu4-phi loop; None for yR != 0.
    sigma_n_cm2 : float or None
        Cross section per nucleon of xenon through that coupling; None for yR != 0.
    sigma_v_Z_cm3_per_s : float or None
        chi chibar -> Z* -> f fbar through that coupling, at rest.
    inelastic_splitting_keV : float
        Mass splitting of chi above which xenon sees no scattering through the Z.
    N_eff : float
        Number of neutrino species with chi and phi in equilibrium with the neutrinos.
    lambda_phi_H : float
        Order of magnitude of the coupling |phi|^2 |H|^2.
    width_h_phi_GeV : float
        Width of h -> phi phi* that it gives.
    higgs_mass_shift : float
        Relative shift delta m_phi^2/m_phi^2 that it gives.
    fine_tuning : float
        delta m_phi^2 / m_phi^2 with cutoff m4.
    perturbative : bool
        Whether no coupling exceeds 4 pi.
    """

    picture: ClassVar[str] = "nucore.plot.model:model_figure"

    parameters: PortalParameters
    UN4_sq: float
    lambda_e: float
    lambda_mu: float
    lambda_tau: float
    width_phi_GeV: float
    width_nu4_dark_GeV: float
    width_nu4_weak_GeV: float
    br_nu4_visible: float | None
    sigma_v_cm3_per_s: float
    Y: float
    Y_thermal: float
    Y_relic: float | None
    relic_abundance_omega_h2: float | None
    m_cut_Msun: float | None
    a_Z: float | None
    sigma_n_cm2: float | None
    sigma_v_Z_cm3_per_s: float | None
    inelastic_splitting_keV: float
    N_eff: float
    lambda_phi_H: float
    width_h_phi_GeV: float
    higgs_mass_shift: float
    fine_tuning: float
    perturbative: bool

    def headline(self) -> str:
        """Give the coupling beside its thermal value, and the relic abundance."""
        relic = "not computed" if self.relic_abundance_omega_h2 is None else number(self.relic_abundance_omega_h2, 3)
        return f"Y = {number(self.Y, 3)} (thermal {number(self.Y_thermal, 3)}), Omega h^2 = {relic}"

    def tables(self) -> tuple[Table, ...]:
        """Parameters, couplings, widths, dark matter and naturalness, each with its meaning."""
        return model_tables(self.to_dict())

    def rows(self) -> list[dict[str, Any]]:
        """Return one record: parameters and quantities."""
        fields = self.to_dict()
        return [fields.pop("parameters") | fields]


@recorded
def model(parameters: Point = None) -> ModelResult:
    """Compute everything that follows from a parameter point.

    Parameters
    ----------
    parameters : PortalParameters or mapping, optional
        The default point if left out.

    Examples
    --------
    >>> import nuportal
    >>> found = nuportal.model(nuportal.PortalParameters(m_chi=0.02, m_phi=0.06, m4=10.0))
    >>> print(f"Y = {found.Y:.3g}, thermal: {found.Y_thermal:.3g}")
    Y = 4.1e-10, thermal: ...
    """
    point = point_of(parameters)[0]
    found = {name: plain(values)[0] for name, values in quantities(ParameterPoints.of([point]), exact=True).items()}
    return ModelResult(parameters=point, **found)


def quantities(p: ParameterPoints, exact: bool = False) -> dict[str, Any]:
    """Compute everything that follows from n parameter points.

    Parameters
    ----------
    p : ParameterPoints
    exact : bool
        Integrate the weak widths, in place of a table good to 1e-3.

    Returns
    -------
    dict
        Fields of `ModelResult` but the parameters, arrays of shape (n,); NaN where there is no value.
    """
    ratio = p.m_chi / p.m_phi
    dark_coupling = cosmology.dark_coupling(p.yL**2 * p.U4_sq, ratio)
    a_Z = np.where(p.yR == 0.0, z_coupling(p.yL**2, p.U4_sq, p.m_chi, p.m_phi, p.m4), np.nan)
    higgs_coupling = portal_coupling(p)
    widths = nu4_decays.nu4_widths(p, exact)
    return {
        "UN4_sq": p.UN4_sq,
        "lambda_e": p.yukawa("e"),
        "lambda_mu": p.yukawa("mu"),
        "lambda_tau": p.yukawa("tau"),
        "width_phi_GeV": nu4_decays.width_phi(p),
        "width_nu4_dark_GeV": widths.dark,
        "width_nu4_weak_GeV": widths.weak,
        "br_nu4_visible": widths.visible_share,
        "sigma_v_cm3_per_s": cosmology.annihilation_sigma_v(p.m_chi, p.m_phi, p.yL**2 * p.U4_sq),
        "Y": dark_coupling,
        "Y_thermal": cosmology.thermal_target(p.m_chi, ratio),
        "Y_relic": cosmology.relic_target(p.m_chi, ratio),
        "relic_abundance_omega_h2": relic_density(p.m_chi, p.m_phi, p.m4, p.yL, p.U4_sq, p.yR),
        "m_cut_Msun": cutoff_mass(p.m_chi, dark_coupling),
        "a_Z": a_Z,
        "sigma_n_cm2": nucleon_cross_section(a_Z, p.m_chi),
        "sigma_v_Z_cm3_per_s": z_exchange_sigma_v(a_Z, p.m_chi),
        "inelastic_splitting_keV": 1e6 * largest_splitting_seen(p.m_chi),
        "N_eff": effective_neutrino_number(p.m_chi, p.m_phi),
        "lambda_phi_H": higgs_coupling,
        "width_h_phi_GeV": width_h_to_phi(p, higgs_coupling),
        "higgs_mass_shift": relative_mass_shift(p, higgs_coupling),
        "fine_tuning": naturalness.fine_tuning(p),
        "perturbative": naturalness.perturbative(p),
    }

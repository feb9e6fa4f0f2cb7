"""``nuportal.model``: everything that follows from a parameter point."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from nucore.cosmology import annihilation as cosmology
from nucore.cosmology import naturalness
from nucore.cosmology.direct_detection import largest_splitting_seen, nucleon_cross_section, z_coupling
from nucore.cosmology.effective_neutrinos import effective_neutrino_number
from nucore.cosmology.higgs_portal import portal_coupling, relative_mass_shift, width_h_to_phi
from nucore.cosmology.kinetic_decoupling import cutoff_mass
from nucore.cosmology.z_annihilation import z_exchange_sigma_v
from nucore.model import nu4_decays
from nucore.model.parameters import PortalParameters
from nucore.results import Result
from nuportal.api.requests import recorded


@dataclass(frozen=True)
class ModelResult(Result):
    """Quantities of a parameter point.

    Attributes
    ----------
    parameters : PortalParameters
    UN4_sq : float
        Sterile share of nu4, 1 - sum |U_l4|^2.
    lambda_e, lambda_mu, lambda_tau : float
        Yukawa couplings U_l4 m4/v.
    width_phi_GeV, width_nu4_dark_GeV, width_nu4_weak_GeV : float
    br_nu4_visible : float or None
        None for a stable nu4.
    sigma_v_cm3_per_s : float
        chi chibar -> nu nubar, light states.
    Y, Y_thermal : float
        yL^4 s^4 (m_chi/m_phi)^4, and its value at 3e-26 cm^3/s.
    Y_relic, relic_abundance_omega_h2 : float or None
        Y that leaves the observed dark matter by Eq. 7 alone, and Omega h^2 of this point by all channels; None where
        `nucore.cosmology.relic_abundance` and `nucore.cosmology.relic_density` have no finite value.
    m_cut_Msun : float or None
        Smallest haloes, by the derived Eq. 17; None without mixing.
    a_Z, sigma_n_cm2 : float or None
        Loop coupling to the Z, and cross section per nucleon of xenon; None for yR != 0.
    sigma_v_Z_cm3_per_s : float or None
        chi chibar -> Z* -> f fbar through that coupling, at rest.
    inelastic_splitting_keV : float
        Mass splitting of chi above which xenon sees no scattering through the Z.
    N_eff : float
        Number of neutrino species with chi and phi in equilibrium with the neutrinos.
    lambda_phi_H, width_h_phi_GeV, higgs_mass_shift : float
        Order of magnitude of the coupling |phi|^2 |H|^2, and the width of h -> phi phi* and delta m_phi^2/m_phi^2
        that it gives.
    fine_tuning : float
        delta m_phi^2 / m_phi^2 with cutoff m4.
    perturbative : bool
        Whether no coupling exceeds 4 pi.
    """

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


@recorded
def model(parameters: PortalParameters | None = None) -> ModelResult:
    """Compute everything that follows from a parameter point.

    Parameters
    ----------
    parameters : PortalParameters, optional
        The default point if left out.
    """
    return quantities(parameters or PortalParameters())


def quantities(p: PortalParameters) -> ModelResult:
    """Compute everything that follows from a parameter point, without a record of the call."""
    ratio = p.m_chi / p.m_phi
    dark_coupling = float(cosmology.dark_coupling(p.yL**2 * p.U4_sq, ratio))
    left_handed = p.yR == 0.0
    a_Z = float(z_coupling(p.yL**2, p.U4_sq, p.m_chi, p.m_phi, p.m4)) if left_handed else None
    higgs_coupling = portal_coupling(p)
    return ModelResult(
        parameters=p,
        UN4_sq=p.UN4_sq,
        lambda_e=p.yukawa("e"),
        lambda_mu=p.yukawa("mu"),
        lambda_tau=p.yukawa("tau"),
        width_phi_GeV=nu4_decays.width_phi(p),
        width_nu4_dark_GeV=nu4_decays.width_nu4_dark(p),
        width_nu4_weak_GeV=nu4_decays.width_nu4_weak(p),
        br_nu4_visible=nu4_decays.branching_nu4_visible(p),
        sigma_v_cm3_per_s=cosmology.sigma_v(p),
        Y=dark_coupling,
        Y_thermal=float(cosmology.thermal_target(p.m_chi, ratio)),
        Y_relic=_finite(cosmology.relic_target(p.m_chi, ratio)),
        relic_abundance_omega_h2=cosmology.omega_h2(p),
        m_cut_Msun=float(cutoff_mass(p.m_chi, dark_coupling)) if dark_coupling > 0.0 else None,
        a_Z=a_Z,
        sigma_n_cm2=None if a_Z is None else float(nucleon_cross_section(a_Z, p.m_chi)),
        sigma_v_Z_cm3_per_s=None if a_Z is None else float(z_exchange_sigma_v(a_Z, p.m_chi)),
        inelastic_splitting_keV=1e6 * largest_splitting_seen(p.m_chi),
        N_eff=effective_neutrino_number(p.m_chi, p.m_phi),
        lambda_phi_H=higgs_coupling,
        width_h_phi_GeV=width_h_to_phi(p, higgs_coupling),
        higgs_mass_shift=relative_mass_shift(p, higgs_coupling),
        fine_tuning=naturalness.fine_tuning(p),
        perturbative=naturalness.perturbative(p),
    )


def _finite(value: Any) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None

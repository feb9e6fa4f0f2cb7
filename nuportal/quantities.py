"""Everything that follows from a parameter point, in one object."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from nuportal import cosmology, naturalness, widths
from nuportal.mixing import lambda_yukawa
from nuportal.parameters import PortalParameters


@dataclass(frozen=True)
class ModelResult:
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
    fine_tuning: float
    perturbative: bool

    def to_dict(self) -> dict[str, Any]:
        """Fields as plain Python types."""
        return asdict(self)

    def to_json(self) -> str:
        """One JSON object."""
        return json.dumps(self.to_dict())


def model(parameters: PortalParameters | None = None) -> ModelResult:
    """Compute everything that follows from a parameter point.

    Parameters
    ----------
    parameters : PortalParameters, optional
        The default point if left out.
    """
    p = PortalParameters() if parameters is None else parameters
    ratio = p.m_chi / p.m_phi
    return ModelResult(
        parameters=p,
        UN4_sq=p.UN4_sq,
        lambda_e=lambda_yukawa(p.Ue4, p.m4, p.vev),
        lambda_mu=lambda_yukawa(p.Umu4, p.m4, p.vev),
        lambda_tau=lambda_yukawa(p.Utau4, p.m4, p.vev),
        width_phi_GeV=widths.width_phi(p),
        width_nu4_dark_GeV=widths.width_nu4_dark(p),
        width_nu4_weak_GeV=widths.width_nu4_weak(p),
        br_nu4_visible=widths.branching_nu4_visible(p),
        sigma_v_cm3_per_s=cosmology.sigma_v(p),
        Y=float(cosmology.dark_coupling(p.yL**2 * p.U4_sq, ratio)),
        Y_thermal=float(cosmology.thermal_target(p.m_chi, ratio)),
        fine_tuning=naturalness.fine_tuning(p),
        perturbative=naturalness.perturbative(p),
    )

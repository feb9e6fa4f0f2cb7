"""Sources of systematic uncertainty as an experiment card lists them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from collider.experiments.cards import Flavour
from collider.experiments.lepton_response import Cited

NuisanceKind = Literal[
    "normalisation", "luminosity", "lepton_efficiency", "lepton_scale", "lepton_resolution", "efficiency_slope", "w_pt",
    "pdf", "m_W", "gamma_W", "fsr", "recoil_response", "recoil_resolution", "recoil_spread", "efficiency_curvature",
    "spin_A0", "spin_A1", "spin_A2", "spin_A3", "spin_A4", "parton_shower_spin",
]  # fmt: skip


class Nuisance(Cited):
    """One source of systematic uncertainty, a constrained parameter of the fit.

    Attributes
    ----------
    kind : str
        ``normalisation`` (of the Standard Model rate), ``luminosity``, ``lepton_efficiency``, ``lepton_scale``,
        ``lepton_resolution``, ``efficiency_slope``, ``w_pt``, ``pdf``, ``m_W``, ``gamma_W``, ``fsr``,
        ``recoil_response``, ``recoil_resolution``, ``recoil_spread``, ``efficiency_curvature``, ``spin_A0`` to
        ``spin_A4``, ``parton_shower_spin``.
    size : float
        One standard deviation: relative; of ``m_W`` and ``gamma_W`` in GeV; of ``efficiency_slope`` and
        ``efficiency_curvature`` the relative change of the efficiency per 10 GeV of lepton pT, and per its square; of
        ``w_pt`` and ``pdf`` a factor on the difference to the variation; of ``fsr`` relative, of its coupling; of
        ``spin_A1`` and ``spin_A2`` the shift of A1 and of A2/A0, of ``spin_A0``, ``spin_A3`` and ``spin_A4`` relative,
        of A0, A3 and 2 + A4; of ``parton_shower_spin`` the share of the difference between a shower Monte Carlo and the
        nominal angular coefficients.
    variation : str or None
        Of ``w_pt`` the name of a deformation, of ``pdf`` that of another set.
    flavours : tuple of str
        That it applies to.
    optional : bool
        Off unless a user names it.
    """

    kind: NuisanceKind
    size: float = Field(gt=0.0)
    variation: str | None = None
    flavours: tuple[Flavour, ...] = ("e", "mu")
    optional: bool = False

    @model_validator(mode="after")
    def _named_variation(self) -> Nuisance:
        if (self.variation is not None) != (self.kind in ("w_pt", "pdf")):
            raise ValueError("variation: w_pt and pdf need a variation; expected none for other kinds")
        if self.kind in ("normalisation", "luminosity", "lepton_efficiency") and self.size >= 1.0:
            raise ValueError(f"size: got {self.size:g}; expected a rate uncertainty below 1")
        return self

    @property
    def of_spin(self) -> bool:
        """Whether it changes the angular coefficients of the W."""
        return self.kind.startswith("spin_") or self.kind == "parton_shower_spin"

    @property
    def of_detector(self) -> bool:
        """Whether it is one of the detector or the luminosity: data that are corrected for them have it already."""
        return self.kind.startswith(("luminosity", "lepton_", "efficiency_", "recoil_"))

    @property
    def name(self) -> str:
        """Name of the parameter."""
        return self.kind if self.variation is None else f"{self.kind}_{self.variation}"

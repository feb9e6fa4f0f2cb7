"""Fields of the experiment cards of the meson searches, validated, every number with its origin."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field, model_validator

from nucore.experiment_cards import CardModel
from nucore.limits.catalogue import load_curve

Array = NDArray[np.float64]


class Sourced(CardModel):
    """A number with its origin; `verified` is false where the origin could not be read.

    Attributes
    ----------
    value : float
        The number.
    """

    value: float = Field(gt=0.0)
    reference: str
    verified: bool


class Resolution(CardModel):
    """Gaussian resolution of the lepton momentum in the rest frame of the parent.

    ``relative`` gives sigma_p / p; otherwise sigma is interpolated linearly between the points of the table
    and constant beyond its ends. A card in flight gives the resolution of the missing mass instead,
    from which `mesons.experiments.cards.Experiment` makes the table.

    Attributes
    ----------
    relative : float
        sigma_p / p.
    momentum_GeV, sigma_GeV : tuple of float
        Table of sigma_p against the momentum.
    missing_mass_MeV, sigma_mass_MeV : tuple of float
        Table of the resolution of the missing mass against it.
    """

    reference: str
    verified: bool
    relative: float | None = Field(default=None, gt=0.0, lt=1.0)
    momentum_GeV: tuple[float, ...] = ()
    sigma_GeV: tuple[float, ...] = ()
    missing_mass_MeV: tuple[float, ...] = ()
    sigma_mass_MeV: tuple[float, ...] = ()

    @model_validator(mode="after")
    def _one_form(self) -> Resolution:
        if (self.relative is None) != bool(self.momentum_GeV) or len(self.momentum_GeV) != len(self.sigma_GeV):
            raise ValueError("expected either relative, or momentum_GeV and sigma_GeV of equal length")
        if any(np.diff(self.momentum_GeV) <= 0.0) or any(s <= 0.0 for s in self.sigma_GeV):
            raise ValueError("expected momentum_GeV to increase and sigma_GeV to be positive")
        return self

    def sigma(self, momentum: ArrayLike) -> Array:
        """Resolution in GeV at true momenta in GeV, shape (n,)."""
        p = np.asarray(momentum, dtype=np.float64)
        if self.relative is not None:
            return self.relative * p
        return np.interp(p, self.momentum_GeV, self.sigma_GeV)


class Tracking(CardModel):
    """How an experiment in flight measures the squared missing mass.

    Attributes
    ----------
    beam_spread : float
        Relative spread of the parents' momenta.
    beam_resolution : float
        Relative resolution of the measured momentum of the parent; 0: not measured, the nominal one is used.
    momentum_constant, momentum_slope_per_GeV : float
        sigma_p / p of the lepton is their quadratic sum, the latter times p.
    angle_rad : float
        Resolution of the angle between parent and lepton, in each of two planes.
    missing_mass_sq_bin_GeV2 : float
        Width of the bins of the histogram of the squared missing mass.
    """

    beam_spread: float = Field(ge=0.0, lt=0.2)
    beam_resolution: float = Field(ge=0.0, lt=0.2)
    momentum_constant: float = Field(ge=0.0, lt=0.2)
    momentum_slope_per_GeV: float = Field(ge=0.0, lt=0.01)
    angle_rad: float = Field(gt=0.0, lt=0.01)
    missing_mass_sq_bin_GeV2: float = Field(gt=0.0)
    reference: str
    verified: bool


class PhotonVeto(CardModel):
    """Probability that a photon is lost, in steps of its energy in the rest frame of the parent.

    Attributes
    ----------
    photon_energy_GeV : tuple of float
        Increasing energies where the probability steps.
    inefficiency : tuple of float
        One more than the steps.
    """

    photon_energy_GeV: tuple[float, ...]
    inefficiency: tuple[Annotated[float, Field(ge=0.0, le=1.0)], ...]
    reference: str
    verified: bool

    @model_validator(mode="after")
    def _steps(self) -> PhotonVeto:
        if len(self.inefficiency) != len(self.photon_energy_GeV) + 1 or any(np.diff(self.photon_energy_GeV) <= 0.0):
            raise ValueError("inefficiency: expected one more entry than photon_energy_GeV, which increases")
        return self


BackgroundForm = Literal["power-law", "log-polynomial", "radiative"]


class Background(CardModel):
    """Form of the background: ln B(p) is a polynomial in ln p, or a calculated shape with free normalisation.

    Attributes
    ----------
    model : "power-law", "log-polynomial" or "radiative"
        What floats in the fit: a polynomial of degree 1, of `degree`, or the shape of M -> l nu gamma.
    degree : int
        Of ln B in ln p in the calibration, and in the fit but for ``radiative``.
    alternative : str
        Model the spurious-signal test takes as the truth: ``radiative``, or ``higher-degree``.
    reference_momentum_GeV : float
        The polynomial is one in ln(p / reference momentum).
    normalisation_uncertainty : float
        Relative, of a background whose form is fixed; 0 fixes its size as well.
    """

    model: BackgroundForm
    degree: int = Field(ge=0, le=9)
    alternative: Literal["radiative", "higher-degree"] = "higher-degree"
    reference_momentum_GeV: float = Field(gt=0.0)
    normalisation_uncertainty: float = Field(ge=0.0)
    reference: str

    @model_validator(mode="after")
    def _power_law(self) -> Background:
        if self.model == "power-law" and self.degree != 1:
            raise ValueError("degree: expected 1 for a power law")
        return self


class BackgroundSystematic(CardModel):
    """Smooth uncertainty of the shape of the background, fitted once to a published limit.

    Attributes
    ----------
    relative : float
        Standard deviation of ln B at a point.
    correlation_length : float
        In ln p, of a squared-exponential correlation.
    fitted_to : str
        What it reproduces.
    reference : str
        How it was fitted.
    """

    relative: float = Field(gt=0.0)
    correlation_length: float = Field(gt=0.0)
    fitted_to: str
    reference: str


class PublishedPeakLimit(CardModel):
    """Published upper limit on |U_l4|^2 (or on the branching ratio of M -> l nu4) against m4.

    Attributes
    ----------
    curve : str, optional
        Id of a curve of `nucore.limits.catalogue`: it gives every field that the card does not.
    flavour : str
        Of the mixing.
    confidence_level : float
        As a fraction.
    obtained_from : str
        How the table was made.
    m4_MeV : tuple of float
        Increasing masses.
    U_sq, branching_ratio : tuple of float
        Limits at these masses; one of the two.
    calibrated_MeV : (float, float), optional
        Range of m4 that enters the calibration; all points by default.
    """

    curve: str | None = None
    flavour: Literal["e", "mu", "tau"]
    confidence_level: float = Field(gt=0.5, lt=1.0)
    reference: str
    obtained_from: str
    verified: bool = True
    m4_MeV: tuple[float, ...]
    U_sq: tuple[float, ...] = ()
    branching_ratio: tuple[float, ...] = ()
    calibrated_MeV: tuple[float, float] | None = None

    @model_validator(mode="before")
    @classmethod
    def _of_curve(cls, content: Any) -> Any:
        if not isinstance(content, dict) or not isinstance(content.get("curve"), str):
            return content
        curve = load_curve(content["curve"])
        if curve.points is None or curve.quantity != "U_sq":
            raise ValueError(f"limit curve {curve.id} has no table of |U_l4|^2")
        given = {
            "flavour": curve.flavours[0],
            "confidence_level": curve.confidence_level,
            "reference": curve.reference,
            "obtained_from": curve.obtained,
            "m4_MeV": tuple(round(m4 * 1e3, 9) for m4 in curve.points.mass_GeV),  # the decimal number of the file
            "U_sq": curve.points.value,
        }
        return given | content

    @model_validator(mode="after")
    def _table(self) -> PublishedPeakLimit:
        values = self.U_sq or self.branching_ratio
        if len(self.m4_MeV) != len(values) or len(values) < 2 or bool(self.U_sq) == bool(self.branching_ratio):
            raise ValueError("m4_MeV: expected equal length of m4_MeV and U_sq (or branching_ratio), at least 2")
        if any(np.diff(self.m4_MeV) <= 0.0) or any(u <= 0.0 for u in values):
            raise ValueError("m4_MeV: expected to increase, and the limits to be positive")
        return self


class WindowLimit(CardModel):
    """Published limit on a branching ratio to invisible particles from one momentum window.

    Attributes
    ----------
    mode : str
        The decay.
    branching_ratio : float
        The limit.
    confidence_level : float
        As a fraction.
    momentum_GeV : (float, float)
        The window of the lepton momentum.
    """

    mode: str
    branching_ratio: float = Field(gt=0.0)
    confidence_level: float = Field(gt=0.5, lt=1.0)
    momentum_GeV: tuple[float, float]
    reference: str
    verified: bool = True


class Scaling(CardModel):
    """Another card with a different exposure.

    Attributes
    ----------
    experiment : str
        Name of the shipped card.
    exposure_factor : float
        On its decays and background.
    """

    experiment: str
    exposure_factor: float = Field(gt=0.0)
    reference: str
    verified: bool = False

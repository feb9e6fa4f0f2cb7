"""Experiment cards of the meson searches: one TOML file each, validated, every number with its origin."""

from __future__ import annotations

from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field, model_validator

from mesons.three_body import parent_and_lepton_mass
from nuportal.errors import InputError
from nuportal.experiment_cards import CardFolder, CardModel, read_toml, validate

Array = NDArray[np.float64]


class Sourced(CardModel):
    """A number with its origin; `verified` is false where the origin could not be read."""

    value: float
    reference: str
    verified: bool


class Resolution(CardModel):
    """Gaussian resolution of the lepton momentum in the rest frame of the parent.

    ``relative`` gives sigma_p / p; otherwise sigma is interpolated linearly between the points of the table
    and constant beyond its ends.
    """

    reference: str
    verified: bool
    relative: float | None = Field(default=None, gt=0.0, lt=1.0)
    momentum_GeV: tuple[float, ...] = ()
    sigma_GeV: tuple[float, ...] = ()

    @model_validator(mode="after")
    def _one_form(self) -> Resolution:
        if (self.relative is None) != bool(self.momentum_GeV) or len(self.momentum_GeV) != len(self.sigma_GeV):
            raise ValueError("give either relative, or momentum_GeV and sigma_GeV of equal length")
        if any(np.diff(self.momentum_GeV) <= 0.0) or any(s <= 0.0 for s in self.sigma_GeV):
            raise ValueError("momentum_GeV must increase and sigma_GeV be positive")
        return self

    def sigma(self, momentum: ArrayLike) -> Array:
        """Resolution in GeV at true momenta in GeV, shape (n,)."""
        p = np.asarray(momentum, dtype=np.float64)
        if self.relative is not None:
            return self.relative * p
        return np.interp(p, self.momentum_GeV, self.sigma_GeV)


class Background(CardModel):
    """Form of the background: ln B(p) is a polynomial of this degree in ln p."""

    degree: int = Field(ge=0, le=6)
    reference_momentum_GeV: float = Field(gt=0.0)
    normalisation_uncertainty: float = Field(ge=0.0)
    reference: str


class PublishedPeakLimit(CardModel):
    """Published upper limit on |U_l4|^2 against m4, the input of the calibration."""

    flavour: Literal["e", "mu", "tau"]
    confidence_level: float = Field(gt=0.5, lt=1.0)
    reference: str
    obtained_from: str
    m4_MeV: tuple[float, ...]
    U_sq: tuple[float, ...]

    @model_validator(mode="after")
    def _table(self) -> PublishedPeakLimit:
        if len(self.m4_MeV) != len(self.U_sq) or len(self.m4_MeV) < 2:
            raise ValueError("m4_MeV and U_sq must have equal length, at least 2")
        if any(np.diff(self.m4_MeV) <= 0.0) or any(u <= 0.0 for u in self.U_sq):
            raise ValueError("m4_MeV must increase and U_sq be positive")
        return self


class WindowLimit(CardModel):
    """Published limit on a branching ratio to invisible particles from one momentum window."""

    mode: str
    branching_ratio: float = Field(gt=0.0)
    confidence_level: float = Field(gt=0.5, lt=1.0)
    momentum_GeV: tuple[float, float]
    reference: str


class Scaling(CardModel):
    """Another card with a different exposure."""

    experiment: str
    exposure_factor: float = Field(gt=0.0)
    reference: str


class Experiment(CardModel):
    """One meson experiment.

    Attributes
    ----------
    name, title : str
    parent, lepton : str
        Decay searched for.
    beam_momentum_GeV : float
        Of the parent along z; 0 for decays at rest.
    n_parent : Sourced
        Decays of the parent behind the published limits.
    exposure_factor : float
        Exposure of this experiment over that of the published limits: 1 unless scaled.
    acceptance : Sourced
        Events counted per decay, constant in momentum. Published limits fix the background only relative to
        the square of (decays times acceptance), so its size is free; it may exceed 1.
    momentum_GeV : (float, float)
        Range of the reconstructed lepton momentum, in the rest frame of the parent.
    bin_width_GeV : float
    window_sigma : float
        Half width of the peak-search window in units of the resolution.
    limit_z : float
        Gaussian quantile of the published limits.
    """

    name: str
    title: str
    parent: str
    lepton: Literal["e", "mu", "tau"]
    beam_momentum_GeV: float = Field(ge=0.0)
    n_parent: Sourced
    exposure_factor: float = Field(default=1.0, gt=0.0)
    acceptance: Sourced
    momentum_GeV: tuple[float, float]
    bin_width_GeV: float = Field(gt=0.0)
    window_sigma: float = Field(gt=0.0)
    limit_z: float = Field(gt=0.0)
    resolution: Resolution
    background: Background
    peak_limit: PublishedPeakLimit
    window_limit: WindowLimit | None = None
    notes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _range(self) -> Experiment:
        if not 0.0 < self.momentum_GeV[0] < self.momentum_GeV[1]:
            raise ValueError("momentum_GeV must be two increasing positive numbers")
        return self

    @property
    def edges(self) -> Array:
        """Edges of the momentum histogram in GeV, shape (n_bins + 1,)."""
        low, high = self.momentum_GeV
        return np.linspace(low, high, round((high - low) / self.bin_width_GeV) + 1)

    @property
    def masses(self) -> tuple[float, float]:
        """Masses of the parent and of the lepton in GeV."""
        return parent_and_lepton_mass(self.parent, self.lepton)

    @property
    def decays(self) -> float:
        """Decays of the parent exposed."""
        return self.n_parent.value * self.exposure_factor

    def scaled(self, factor: float) -> Experiment:
        """Return the same experiment with `factor` times the decays and, in proportion, the background.

        A limit published from the window of the original exposure does not carry over.
        """
        return self.model_copy(update={"exposure_factor": self.exposure_factor * factor, "window_limit": None})


class ScaledExperiment(CardModel):
    """An experiment given as a scaling of another one, in one or more ways."""

    name: str
    title: str
    default: str
    scaling: dict[str, Scaling]
    notes: tuple[str, ...] = ()


_CARDS = CardFolder("mesons")
experiment_names = _CARDS.names
card_text = _CARDS.text


def parse_card(text: str, where: str) -> Experiment | ScaledExperiment:
    """Read a card from TOML text.

    Raises
    ------
    InputError
        If the text is not TOML, a field is unknown or a value is not allowed.
    """
    content = read_toml(text, where)
    if "scaling" in content:
        return validate(ScaledExperiment, content, where)
    return validate(Experiment, content, where)


def experiment_title(name: str) -> str:
    """Title of a card."""
    return parse_card(card_text(name), name).title


@cache
def load_experiment(name: str, scaling: str | None = None) -> Experiment:
    """Experiment of a card.

    Parameters
    ----------
    name : str
        One of `experiment_names`.
    scaling : str, optional
        For a card that scales another one (``na62-full``: ``paper``, the default, or ``trigger``).

    Raises
    ------
    InputError
        If the name or the scaling is not known.
    """
    card = parse_card(card_text(name), name)
    if isinstance(card, Experiment):
        if scaling is not None:
            raise InputError(f"experiment {name} has no scaling; --scaling is for na62-full")
        return card
    choice = card.default if scaling is None else scaling
    if choice not in card.scaling:
        raise InputError(f"scaling {choice!r} of {name} is not known; allowed: {', '.join(card.scaling)}")
    how = card.scaling[choice]
    base = load_experiment(how.experiment).scaled(how.exposure_factor)
    note = f"{choice} scaling: {how.exposure_factor:g} x {how.experiment}; {how.reference}"
    title = f"{card.title} ({choice} scaling)"
    return base.model_copy(update={"name": name, "title": title, "notes": (note, *card.notes)})

"""Experiment cards of the collider half: energy, exposure, lepton response and selections, as data."""

from __future__ import annotations

from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from collider.sample import WSelection
from collider.templates import LeptonSelection
from nuportal.errors import InputError
from nuportal.experiment_cards import CardFolder, CardModel, read_toml, validate
from nuportal.smearing import Efficiency, Resolution

_CHARGES = {"+": 1, "-": -1}


class Selection(CardModel):
    """Lepton response, selection and binning of one analysis.

    Attributes
    ----------
    charges : tuple of "+", "-"
        Of the lepton; their spectra are added.
    abs_eta_max : float
        Cut on the lepton's |eta|.
    pt_min_GeV, pt_max_GeV, bin_width_GeV : float
        Histogram of the reconstructed lepton pT.
    relative_resolution : float
        Gaussian resolution of pT.
    efficiency : float
        For leptons inside the |eta| cut.
    normalisation_uncertainty : float
        Relative, of the Standard Model expectation.
    reference : str
    """

    charges: tuple[Literal["+", "-"], ...] = Field(min_length=1)
    abs_eta_max: float = Field(gt=0.0, le=20.0)
    pt_min_GeV: float = Field(gt=0.0)
    pt_max_GeV: float = Field(gt=0.0, lt=1e4)
    bin_width_GeV: float = Field(gt=0.0)
    relative_resolution: float = Field(ge=0.0, lt=1.0)
    efficiency: float = Field(gt=0.0, le=1.0)
    normalisation_uncertainty: float = Field(gt=0.0, lt=1.0)
    reference: str

    @model_validator(mode="after")
    def _whole_bins(self) -> Selection:
        n_bins = (self.pt_max_GeV - self.pt_min_GeV) / self.bin_width_GeV
        if n_bins < 0.5 or abs(n_bins - round(n_bins)) > 1e-9:
            raise ValueError("the pT window must be a positive whole number of bins")
        if len(set(self.charges)) != len(self.charges):
            raise ValueError("a charge is named twice")
        return self

    @property
    def n_bins(self) -> int:
        """Number of bins of the histogram."""
        return round((self.pt_max_GeV - self.pt_min_GeV) / self.bin_width_GeV)

    @property
    def edges(self) -> NDArray[np.float64]:
        """Bin edges, GeV, shape (n_bins + 1,)."""
        return np.linspace(self.pt_min_GeV, self.pt_max_GeV, self.n_bins + 1)

    @property
    def charge_signs(self) -> tuple[int, ...]:
        """Charges as +1 and -1."""
        return tuple(_CHARGES[charge] for charge in self.charges)

    @property
    def lepton(self) -> LeptonSelection:
        """The same selection as templates take it."""
        return LeptonSelection(
            tuple(float(edge) for edge in self.edges),
            self.abs_eta_max,
            Resolution(relative=self.relative_resolution),
            Efficiency(values=(self.efficiency,)),
        )


class Experiment(CardModel):
    """One collider experiment.

    Attributes
    ----------
    name, title : str
    sqrt_s_TeV : float
        Of proton-proton collisions.
    luminosity_invfb : float
        Integrated luminosity, fb^-1.
    luminosity_reference : str
    flavours : tuple of str
        Lepton flavours it measures.
    selections : dict
        By the name of their systematics: ``paper``.
    notes : tuple of str
    """

    name: str
    title: str
    sqrt_s_TeV: float = Field(gt=0.0)
    luminosity_invfb: float = Field(gt=0.0)
    luminosity_reference: str
    flavours: tuple[Literal["e", "mu"], ...] = Field(min_length=1)
    selections: dict[Literal["paper"], Selection]
    notes: tuple[str, ...] = ()

    def analysis(self, systematics: str = "paper") -> Selection:
        """Return the selection that goes with a choice of systematics, as the card states it."""
        for name, selection in self.selections.items():
            if name == systematics:
                return selection
        raise InputError(
            f"systematics {systematics!r} is not on the card {self.name}; allowed: {', '.join(self.selections)}"
        )

    def selection(self, systematics: str = "paper") -> WSelection:
        """Return the same as the event generator takes it."""
        chosen = self.analysis(systematics)
        return WSelection(
            chosen.abs_eta_max,
            chosen.pt_min_GeV,
            chosen.pt_max_GeV,
            chosen.n_bins,
            chosen.relative_resolution,
            chosen.efficiency,
        )

    @property
    def charges(self) -> tuple[int, ...]:
        """W charges of the selection ``paper``, +1 and -1."""
        return self.analysis().charge_signs

    def check_flavour(self, flavour: str) -> str:
        """Return ``flavour`` if the experiment measures it."""
        if flavour not in self.flavours:
            raise InputError(f"flavour {flavour!r} is not measured by {self.name}; allowed: {', '.join(self.flavours)}")
        return flavour


_CARDS = CardFolder("collider")
experiment_names = _CARDS.names
card_text = _CARDS.text


def parse_card(text: str, where: str) -> Experiment:
    """Read a card from TOML text.

    Raises
    ------
    InputError
        If the text is not TOML, a field is unknown or a value is not allowed.
    """
    return validate(Experiment, read_toml(text, where), where)


@cache
def load_experiment(name: str) -> Experiment:
    """Experiment of a shipped card.

    Raises
    ------
    InputError
        If there is no such card.
    """
    return parse_card(card_text(name), name)

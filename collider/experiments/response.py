"""Experiment cards of the collider half: beams, exposure, selections, nuisances and published yields, as data."""

from __future__ import annotations

from functools import cache
from typing import Literal

from pydantic import Field, model_validator

from collider.experiments.cards import Flavour, Nuisance, Published, Selection
from collider.experiments.selection import LeptonSelection
from nucore.errors import InputError
from nucore.experiment_cards import CardFolder, CardModel, read_toml, validate

#: Choices of systematics: the paper's normalisation alone, or all nuisances of the card.
SYSTEMATICS = ("paper", "full")


class Experiment(CardModel):
    """One collider experiment.

    Attributes
    ----------
    name, title : str
    sqrt_s_TeV : float
    beams : "pp" or "ppbar"
    luminosity_invfb : float
        Integrated luminosity, fb^-1.
    luminosity_reference : str
    flavours : tuple of str
        Lepton flavours it measures.
    selections : dict
        By name: ``paper``, ``full`` and others.
    nuisances : tuple of Nuisance
    published : tuple of Published
    notes : tuple of str
    """

    name: str
    title: str
    sqrt_s_TeV: float = Field(gt=0.0)
    beams: Literal["pp", "ppbar"] = "pp"
    luminosity_invfb: float = Field(gt=0.0)
    luminosity_reference: str
    flavours: tuple[Flavour, ...] = Field(min_length=1)
    selections: dict[str, Selection] = Field(min_length=1)
    nuisances: tuple[Nuisance, ...] = ()
    published: tuple[Published, ...] = ()
    notes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Experiment:
        for name, selection in self.selections.items():
            missing = [f for f in self.flavours if f not in selection.response and "l" not in selection.response]
            if missing:
                raise ValueError(f"selection {name} has no response to {', '.join(missing)}")
        named = [(nuisance.name, flavour) for nuisance in self.nuisances for flavour in nuisance.flavours]
        twice = [name for name, _ in named if named.count((name, _)) > 1]
        if twice:
            raise ValueError(f"nuisance {twice[0]} is named twice")
        if not any(nuisance.kind == "normalisation" for nuisance in self.nuisances):
            raise ValueError("a nuisance of kind normalisation is needed: the selection paper has it alone")
        for yield_ in self.published:
            if yield_.selection not in self.selections:
                raise ValueError(f"published: there is no selection {yield_.selection}")
        return self

    def analysis(self, selection: str = "paper") -> Selection:
        """Return a selection by its name."""
        if selection not in self.selections:
            allowed = ", ".join(self.selections)
            raise InputError(f"selection {selection!r} is not on the card {self.name}; allowed: {allowed}")
        return self.selections[selection]

    def default_selection(self, systematics: str) -> str:
        """Name of the selection that a choice of systematics takes where none is named."""
        return systematics if systematics in self.selections else next(iter(self.selections))

    def luminosity(self, selection: str, flavour: str) -> float:
        """Integrated luminosity of a flavour in a selection, fb^-1."""
        return dict(self.analysis(selection).luminosity_invfb).get(flavour, self.luminosity_invfb)  # type: ignore[call-overload]

    def nuisances_of(self, flavour: str) -> tuple[Nuisance, ...]:
        """Nuisances that apply to a flavour."""
        return tuple(nuisance for nuisance in self.nuisances if flavour in nuisance.flavours)

    @property
    def normalisation_uncertainty(self) -> float:
        """Relative, of the Standard Model rate."""
        return next(nuisance.size for nuisance in self.nuisances if nuisance.kind == "normalisation")

    def selection(self, name: str = "paper", flavour: str = "mu") -> LeptonSelection:
        """Return a selection as templates and event generator take it."""
        return self.analysis(name).lepton_selection(self.check_flavour(flavour))

    @property
    def charges(self) -> tuple[int, ...]:
        """W charges of the selection ``paper``, +1 and -1."""
        return self.analysis().charge_signs

    def check_flavour(self, flavour: str) -> str:
        """Return ``flavour`` if the experiment measures it."""
        if flavour not in self.flavours:
            raise InputError(f"flavour {flavour!r} is not measured by {self.name}; allowed: {', '.join(self.flavours)}")
        return flavour


_CARDS = CardFolder("collider.experiments")
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

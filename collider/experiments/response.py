"""Experiment cards of the collider half: beams, exposure, selections, nuisances and published yields, as data."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from collider.experiments.cards import Flavour, Published, Selection
from collider.experiments.data_blocks import PublishedData
from collider.experiments.nuisances import Nuisance
from nucore.card_files import Card, CardFolder, CardSource, ExperimentModel, experiment_of, inherited
from nucore.errors import InputError, unknown

#: Choices of systematics: the paper's normalisation alone, or all nuisances of the card.
SYSTEMATICS = ("paper", "full")


class Experiment(ExperimentModel):
    """One collider experiment.

    Attributes
    ----------
    sqrt_s_TeV : float
        Energy of the collision, TeV.
    beams : "pp" or "ppbar"
        Protons on protons or on antiprotons.
    luminosity_invfb : float
        Integrated luminosity, fb^-1.
    luminosity_reference : str
        Where the luminosity comes from.
    flavours : tuple of str
        Lepton flavours it measures.
    selections : dict
        By name: ``paper``, ``full`` and others.
    nuisances : tuple of Nuisance
        Systematic uncertainties; one of kind ``normalisation`` at least.
    published : tuple of Published
        Published numbers of candidates, for comparison.
    data : tuple of PublishedData
        Published spectra, for observed limits.
    """

    sqrt_s_TeV: float = Field(gt=0.0)
    beams: Literal["pp", "ppbar"] = "pp"
    luminosity_invfb: float = Field(gt=0.0)
    luminosity_reference: str
    flavours: tuple[Flavour, ...] = Field(min_length=1)
    selections: dict[str, Selection] = Field(min_length=1)
    nuisances: tuple[Nuisance, ...] = ()
    published: tuple[Published, ...] = ()
    data: tuple[PublishedData, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Experiment:
        for name, selection in self.selections.items():
            missing = [f for f in self.flavours if f not in selection.response and "l" not in selection.response]
            if missing:
                raise ValueError(f"selections: no response to {', '.join(missing)} in {name}; expected it or l")
        named = [(nuisance.name, flavour) for nuisance in self.nuisances for flavour in nuisance.flavours]
        twice = [name for name, _ in named if named.count((name, _)) > 1]
        if twice:
            raise ValueError(f"nuisances: {twice[0]} is named twice; expected each once for a flavour")
        if not any(nuisance.kind == "normalisation" for nuisance in self.nuisances):
            raise ValueError("nuisances: expected one of kind normalisation, which --systematics paper uses")
        allowed = ", ".join(self.selections)
        for yield_ in self.published:
            if yield_.selection not in self.selections:
                raise ValueError(f"published: no selection {yield_.selection!r}; expected one of {allowed}")
        self._check_data()
        return self

    def _check_data(self) -> None:
        names = [block.name for block in self.data]
        if len(set(names)) != len(names):
            raise ValueError("data: a name is given twice; expected each once")
        for block in self.data:
            if block.selection not in self.selections:
                allowed = ", ".join(self.selections)
                raise ValueError(f"data: no selection {block.selection!r} of {block.name}; expected one of {allowed}")

    def analysis(self, selection: str = "paper") -> Selection:
        """Return a selection by its name."""
        if selection not in self.selections:
            raise unknown("selection", selection, self.selections, of=self.name)
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

    def check_flavour(self, flavour: str) -> str:
        """Return ``flavour`` if the experiment measures it."""
        if flavour not in self.flavours:
            allowed = ", ".join(self.flavours)
            raise InputError(f"flavour {flavour!r} is not measured by {self.name}: expected one of {allowed}")
        return flavour


CARDS = CardFolder("collider.experiments", frozenset({"sqrt_s_TeV", "beams", "luminosity_invfb", "selections"}))
experiment_names = CARDS.names
card_of = CARDS.card


def load_experiment(source: CardSource) -> Experiment:
    """Experiment of a card.

    Parameters
    ----------
    source : str, Path or Card
        One of `experiment_names`, the path of a card, or a card that was read.

    Raises
    ------
    InputError
        If there is no such card, a key is unknown or a value is not allowed.
    """
    return parse_card(card_of(source))


def parse_card(card: Card) -> Experiment:
    """Check a card, its selections with what they inherit from one another."""
    return _parsed(card, card.folders.get("data"))


@lru_cache(maxsize=32)
def _parsed(card: Card, _folder: Path | None) -> Experiment:
    """Check a card; one of the same text in another folder has other files."""
    content = dict(card.content)
    selections = content.get("selections")
    if isinstance(selections, dict) and all(isinstance(selection, dict) for selection in selections.values()):
        content["selections"] = {name: _inherited(name, selections, card.where) for name in selections}
    return experiment_of(Experiment, card, content)


def _inherited(name: str, selections: dict[str, Any], where: str) -> dict[str, Any]:
    where = f"{where}: selections.{name}"

    def read(base: str) -> dict[str, Any]:
        if base not in selections:
            raise InputError(f"{where}.extends: no selection {base!r}; expected one of {', '.join(selections)}")
        return selections[base]

    return inherited(name, read, where)

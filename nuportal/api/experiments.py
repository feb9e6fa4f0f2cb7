"""Which experiments there are, and what their cards say."""

from __future__ import annotations

from types import ModuleType
from typing import Any, overload

from pydantic import TypeAdapter

import collider.experiments.response
import mesons.experiments.cards
from nucore.card_files import Card, CardSource, read_card
from nucore.errors import InputError
from nucore.model.parameters import PortalParameters
from nucore.model.particles import check_flavour

#: Processes of `generate` and the experiment each takes by default.
PROCESSES = {
    "w": "atlas-2011",
    "kaon": "e949",
    "pion": "pienu-2017-e",
    "b": "belle-ii-b-mu",
    "tau": "belle-ii-tau-mu",
}

#: The two searches; each has `experiment_names`, `card_of`, `load_experiment`, `is_card` and `owns`.
_SEARCHES = (collider.experiments.response, mesons.experiments.cards)
_MODELS = (collider.experiments.response.Experiment, mesons.experiments.cards.Experiment,
           mesons.experiments.cards.ScaledExperiment)  # fmt: skip


@overload
def experiments(name: None = None) -> dict[str, str]: ...
@overload
def experiments(name: CardSource) -> str: ...
def experiments(name: CardSource | None = None) -> dict[str, str] | str:
    """List the experiment cards, or return one, complete with what it inherits.

    Parameters
    ----------
    name : str or Path, optional
        Name of a shipped card, or path of a card.

    Returns
    -------
    dict or str
        Names and titles of the shipped cards; with `name`, a TOML text to start a card from.
    """
    if name is not None:
        return card_of(name).text
    return {
        card: str(search.card_of(card).content["title"]) for search in _SEARCHES for card in search.experiment_names()
    }


def card_of(source: CardSource) -> Card:
    """Card of a shipped name of either search or of a path; a card is returned as it is.

    Raises
    ------
    InputError
        If there is no such card, what it inherits is wrong, or a user's card has the name of a shipped one.
    """
    return read_card(source, *(search.CARDS for search in _SEARCHES))


def search_of(source: CardSource) -> ModuleType:
    """Search that an experiment belongs to.

    Raises
    ------
    InputError
        If a card belongs to neither.
    """
    card = card_of(source)
    for search in _SEARCHES:
        if search.is_card(card.content):
            return search
    keys = " or ".join(
        f"{search.__name__.partition('.')[0]} ({', '.join(sorted(search.CARDS.keys))})" for search in _SEARCHES
    )
    raise InputError(f"{card.where}: a card of no search; expected keys of {keys}")


def card_schema(source: CardSource | None = None) -> dict[str, Any]:
    """JSON Schema of experiment cards, of the search of `source` or of both.

    A card with ``extends`` may leave out any key, so that the schema requires none; descriptions say which are.
    """
    search = None if source is None else search_of(source)
    models = [model for model in _MODELS if search is None or model.__module__ == search.__name__]
    union: Any = models[0]
    for model in models[1:]:
        union = union | model
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **TypeAdapter(union).json_schema()}


def card_origin(source: CardSource) -> dict[str, str | None]:
    """Return ``card``, ``card_sha256`` and ``card_text`` as provenance records them; the text of users' cards alone."""
    return card_of(source).origin


def is_collider(experiment: CardSource) -> bool:
    """Say whether an experiment belongs to the collider search; refuse one that belongs to none."""
    return search_of(experiment) is collider.experiments.response


def experiment_sha256(experiment: CardSource) -> str:
    """SHA-256 of an experiment card, as recorded in results."""
    return card_of(experiment).sha256


def flavour_of(point: PortalParameters) -> str:
    """The one flavour that mixes, else mu."""
    mixing = [flavour for flavour in ("e", "mu", "tau") if point.U(flavour) != 0]
    return mixing[0] if len(mixing) == 1 else "mu"


def check_lepton(card: mesons.experiments.cards.Experiment, flavour: str | None) -> None:
    """Refuse a flavour that a meson experiment does not measure."""
    if flavour is not None and check_flavour(flavour) != card.flavour:
        raise InputError(f"flavour {flavour!r} is not allowed: experiment {card.name} measures {card.flavour}")

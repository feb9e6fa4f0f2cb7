"""``nuportal.experiments``: which experiments there are, and what their cards say."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any, Literal, overload

from nucore.card_files import CardSource
from nucore.summaries import Table
from nuportal.searches import card_of, experiment_of, searches


class ExperimentNames(dict[str, str]):
    """Titles of the experiments by name, listed below each other."""

    def __repr__(self) -> str:
        width = max(map(len, self), default=0)
        return "\n".join(f"{name:<{width}}  {title}" for name, title in self.items())

    def _repr_html_(self) -> str:
        return Table(tuple(self.items()), ("experiment", "title")).html()


@overload
def experiments(name: None = None, *, schema: Literal[False] = False) -> ExperimentNames: ...
@overload
def experiments(name: CardSource, *, schema: Literal[False] = False) -> str: ...
@overload
def experiments(name: CardSource | None = None, *, schema: Literal[True]) -> dict[str, Any]: ...
def experiments(name: CardSource | None = None, *, schema: bool = False) -> dict[str, Any] | str:
    """List the experiment cards, or return one, complete with what it inherits.

    Parameters
    ----------
    name : str, Path or Card, optional
        Name of a shipped card, or path of a card.
    schema : bool
        Return the JSON Schema of cards: of the search of `name`, or of all.

    Returns
    -------
    dict or str
        Names and titles of the shipped cards; with `name`, a TOML text to start a card from; a JSON Schema.

    Examples
    --------
    >>> import nuportal
    >>> nuportal.experiments()["e949"]
    'BNL E949, stopped K+'
    >>> print(nuportal.experiments("e949").splitlines()[2])
    name = "e949"
    """
    if schema:
        return card_schema(name)
    if name is not None:
        card = card_of(name)
        if not card.shipped:
            experiment_of(card)  # refuses a card that is not valid
        return card.text
    return ExperimentNames(
        (card, str(search.CARDS.card(card).content["title"])) for search in searches() for card in search.CARDS.names()
    )


def card_schema(source: CardSource | None = None) -> dict[str, Any]:
    """JSON Schema of experiment cards, of the search of `source` or of all.

    A card with ``extends`` may leave out any key, so the schema requires none; descriptions say which are needed.
    """
    from pydantic import TypeAdapter

    chosen = searches() if source is None else (experiment_of(source)[0],)
    models: Any = reduce(or_, [model for search in chosen for model in search.CARD_MODELS])
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **TypeAdapter(models).json_schema()}

"""The searches behind one interface (`nucore.search.Search`), and which one an experiment belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast, get_type_hints

from nucore.card_files import Card, CardSource, read_card
from nucore.errors import InputError, OptionError
from nucore.run.provenance import current_run

if TYPE_CHECKING:
    from nucore.search import ExposureOption, Search  # loads the fits

#: Modules of the searches: the one place that lists them.
_MODULES = ("collider.search", "mesons.search")

Given = TypeVar("Given", bound="ExposureOption")
Options = Literal["AnalysisOptions", "ReachOptions"]


@cache
def searches() -> tuple[Search, ...]:
    """All searches."""
    return tuple(cast("Search", import_module(name)) for name in _MODULES)


def processes() -> dict[str, str]:
    """Processes of `generate`, each with its default experiment."""
    return {process: name for search in searches() for process, name in search.PROCESSES.items()}


def card_of(source: CardSource) -> Card:
    """Card of a shipped name or of a path; a card is returned as it is.

    Raises
    ------
    InputError
        If there is no such card, what it inherits is wrong, or a user's card has the name of a shipped one.
    """
    return read_card(source, *(search.CARDS for search in searches()))


def experiment_of(source: CardSource, having: str | None = None) -> tuple[Search, Any]:
    """Search that an experiment belongs to, and the experiment; its card is recorded in the provenance of the run.

    Parameters
    ----------
    source : str, Path or Card
    having : str, optional
        Name of a function that the search must have, as ``analyse``.

    Raises
    ------
    InputError
        If the card is not valid, or belongs to no such search.
    """
    card = card_of(source)
    search = max(searches(), key=lambda one: len(one.CARDS.keys & card.content.keys()))
    if search.CARDS.keys.isdisjoint(card.content):
        keys = " or ".join(", ".join(sorted(one.CARDS.keys)) for one in searches())
        raise InputError(f"{card.where}: a card of no search; expected the keys {keys}")
    if having is not None and not hasattr(search, having):
        able = [name for other in searches() if hasattr(other, having) for name in other.CARDS.names()]
        raise InputError(
            f"{having.removeprefix('fit_')} does not apply to {card.name}: expected one of {', '.join(able)}"
        )
    current_run().origin = card.origin
    return search, search.load_experiment(card)


def choose(search: Search, kind: Options, experiment: str, given: Mapping[str, Any]) -> Any:
    """Options of a search from keyword arguments.

    Raises
    ------
    InputError
        For an option that does not exist, is one of another search, or has a value of another type.
    """
    from pydantic import TypeAdapter, ValidationError

    options = getattr(search, kind)
    hints = get_type_hints(options)
    chosen = {}
    for name, value in given.items():
        if name not in hints:
            raise OptionError("option ", name, f" does not apply to {experiment}", hints)
        try:
            chosen[name] = TypeAdapter(hints[name]).validate_python(value)
        except ValidationError as error:
            wanted = error.errors()[0]["msg"].replace("Input should be", "expected")
            raise OptionError("invalid ", name, f" = {value!r}: {wanted}") from None
    return options(**chosen)


def exposure_given(search: Search, experiment: str, luminosity: Given, decays: Given) -> Given:
    """Exposure in the unit of a search: fb^-1 or decays, or ``card``.

    Raises
    ------
    InputError
        If it is given in the unit of another search.
    """
    given = {"luminosity_invfb": luminosity, "decays": decays}
    value = given.pop(search.EXPOSURE)
    for name, other in given.items():
        if other is not None:
            allowed, wrong = (unit.removesuffix("_invfb") for unit in (search.EXPOSURE, name))
            raise InputError(f"--{wrong} does not apply to {experiment}: expected --{allowed}")
    if isinstance(value, str) and value != "card":
        raise InputError(f"invalid exposure {value!r}: expected a number, or card")
    return value

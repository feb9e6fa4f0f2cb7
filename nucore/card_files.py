"""Experiment cards as files: those shipped, those of users, and what they inherit with ``extends``."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, reduce
from importlib.resources import files
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import tomli_w
from pydantic import PrivateAttr

from nucore.errors import InputError, unknown
from nucore.experiment_cards import CardModel, CardName, read_toml, validate
from nucore.text import read_text

MAX_CARD_BYTES = 1_000_000
#: Cards, or selections, that inherit one from the other.
MAX_CHAIN = 10


@dataclass(frozen=True)
class Card:
    """An experiment card, complete with what it inherits.

    Attributes
    ----------
    name : str
        Of the experiment.
    text : str
        TOML, without ``extends`` of other cards.
    where : str
        What errors call it: the name of a shipped card, the path of a user's.
    shipped : bool
        It comes with the package.
    folders : mapping
        Folder of the file that each top-level key comes from; empty for a card rebuilt from its text.

    Examples
    --------
    >>> from nuportal.searches import card_of
    >>> card = card_of("e949")
    >>> card.content["parent"], card.shipped
    ('K+', True)
    """

    name: str
    text: str
    where: str = field(default="experiment card", compare=False)
    shipped: bool = field(default=False, compare=False)
    folders: Mapping[str, Path] = field(default_factory=dict, compare=False, repr=False)

    def __repr__(self) -> str:
        origin = "shipped" if self.shipped else self.where[-120:]
        return f"<Card {self.name}: {origin}, sha256 {self.sha256[:12]}>"

    @property
    def sha256(self) -> str:
        """Hash of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @cached_property
    def content(self) -> dict[str, Any]:
        """The text as Python types."""
        return read_toml(self.text, self.where)

    @property
    def origin(self) -> dict[str, str | None]:
        """What provenance records; the text of a user's card alone, others are shipped."""
        return {"card": self.name, "card_sha256": self.sha256, "card_text": None if self.shipped else self.text}


#: What names an experiment: a shipped name, the path of a card, or a card that was read.
CardSource = str | Path | Card


@dataclass(frozen=True)
class CardFolder:
    """The cards that a search ships in the folder ``data`` of a package.

    Attributes
    ----------
    package : str
        Name of the import package.
    keys : frozenset of str
        Top-level keys of its cards that no other search has.
    """

    package: str
    keys: frozenset[str]

    def names(self) -> tuple[str, ...]:
        """Names of the shipped cards, sorted."""
        return tuple(_texts(self.package))

    def card(self, source: CardSource) -> Card:
        """Card of a shipped name or of a path; a card is returned as it is.

        Raises
        ------
        InputError
            If there is no such card or file, or what it inherits is wrong.
        """
        return read_card(source, self)


def _folder(package: str) -> Path:
    return Path(str(files(package))) / "data"


@cache
def _texts(package: str) -> dict[str, str]:
    entries = [e for e in (files(package) / "data").iterdir() if e.name.endswith(".toml")]
    return {e.name.removesuffix(".toml"): e.read_text(encoding="utf-8") for e in sorted(entries, key=lambda e: e.name)}


def read_card(source: CardSource, *folders: CardFolder) -> Card:
    """Card of a name that a folder ships, or of a path; a card is returned as it is.

    Raises
    ------
    InputError
        If there is no such card or file, what it inherits is wrong, or a user's card has the name of a shipped one.
    """
    if isinstance(source, str) and not is_path(source):
        return _shipped(source, folders)
    card = source if isinstance(source, Card) else _user_card(Path(source), folders)
    if any(card.name in folder.names() for folder in folders) and card != _shipped(card.name, folders):
        raise InputError(f"{card.where}: name: {card.name!r} is a shipped experiment; expected a name of your own")
    return card


def is_path(source: str | Path) -> bool:
    """Say whether an experiment is given by the path of its card."""
    return isinstance(source, Path) or source.endswith(".toml") or any(s in source for s in (os.sep, os.altsep) if s)


@cache
def _shipped(name: str, folders: tuple[CardFolder, ...]) -> Card:
    text = _shipped_text(name, folders, "")
    content = read_toml(text, name)
    if "extends" in content:
        content = inherited(name, lambda base: read_toml(_shipped_text(base, folders, name), base), name)
        text = tomli_w.dumps(content)
    return Card(name, text, name, shipped=True, folders=dict.fromkeys(content, _shipped_folder(name, folders)))


def _shipped_folder(name: str, folders: Iterable[CardFolder]) -> Path:
    return next(_folder(folder.package) for folder in folders if name in folder.names())


def _shipped_text(name: str, folders: Iterable[CardFolder], where: str) -> str:
    texts = {known: text for folder in folders for known, text in _texts(folder.package).items()}
    if name not in texts:
        place = f"{where}: extends: " if where else ""
        raise unknown("experiment", name, texts, where=place, more=", or the path of a card (./mine.toml)")
    return texts[name]


def _user_card(path: Path, folders: tuple[CardFolder, ...]) -> Card:
    """Read a user's card; its name is that of the file where it gives none."""
    where, first = str(path), _file(path, str(path))
    texts: dict[str, str] = {}
    owners: dict[str, Path] = {}  # the first in the chain, which this is read along, has the last word

    def read(place: str) -> dict[str, Any]:
        if not is_path(place):
            content = read_toml(_shipped_text(place, folders, where), place)
            owners.update({key: owners.get(key, _shipped_folder(place, folders)) for key in content})
            return content
        name = where if place == first else place
        texts[place] = read_text(Path(place), "experiment card", "card", MAX_CARD_BYTES)
        content = read_toml(texts[place], name)
        base = content.get("extends")
        if isinstance(base, str) and is_path(base):
            content["extends"] = _file(Path(place).parent / base, f"{name}: extends")
        owners.update({key: owners.get(key, Path(place).parent) for key in content})
        return content

    content = inherited(first, read, where)
    own = read_toml(texts[first], where)
    name = own.get("name", path.stem)
    as_written = "name" in own and "extends" not in own
    text = texts[first] if as_written else tomli_w.dumps({**content, "name": name})
    return Card(str(name), text, where, folders=owners)


def _file(path: Path, where: str) -> str:
    if os.path.isdir(path):  # noqa: PTH112 - as below
        raise InputError(f"{where}: a folder; expected an experiment card in TOML")
    if not os.path.isfile(path):  # noqa: PTH113 - of a name that is too long or has null characters as well
        raise InputError(f"{where}: no such file: {path}; expected an experiment card in TOML")
    return str(path.resolve())


def inherited(first: str, read: Callable[[str], dict[str, Any]], where: str) -> dict[str, Any]:
    """Merge a table with the one that it ``extends``, this with its own, and so on.

    Tables are merged key by key; any other value, lists as well, replaces the inherited one. A table that gives another
    ``value`` does not inherit ``reference`` and ``verified``.

    Parameters
    ----------
    first : str
        Where the table is found, for `read`.
    read : callable
        Returns the table at a place; its key ``extends``, if any, is the place of another.
    where : str
        What errors call it.
    """
    chain: list[str] = []
    tables: list[dict[str, Any]] = []
    place: Any = first
    while place is not None:
        if not isinstance(place, str):
            raise InputError(f"{where}: extends: got {place!r}; expected one name or path")
        if place in chain:
            raise InputError(
                f"{where}: extends: circular: {' -> '.join([*chain, place])}; expected a chain with an end"
            )
        if len(chain) == MAX_CHAIN:
            raise InputError(f"{where}: extends: chain too long; expected at most {MAX_CHAIN} in a row")
        chain.append(place)
        tables.append(dict(read(place)))
        place = tables[-1].pop("extends", None)
    return reduce(_merged, reversed(tables))


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    if "value" in over:  # another number has another origin
        merged = {key: value for key, value in base.items() if key not in ("reference", "verified")}
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(base.get(key), dict)
        merged[key] = _merged(base[key], value) if both else value
    return merged


class ExperimentModel(CardModel):
    """What the experiment cards of all searches have.

    Attributes
    ----------
    name : str
        Of the experiment, in results as well: no name of a shipped card.
    title : str
        What tables and plots call it.
    notes : tuple of str
        What a user of the card should know.
    """

    inherits: ClassVar[bool] = True
    name: CardName
    title: str
    notes: tuple[str, ...] = ()
    _card: Card | None = PrivateAttr(default=None)

    @property
    def card(self) -> Card | None:
        """Card that it was read from."""
        return self._card

    @property
    def origin(self) -> dict[str, str | None]:
        """Name, hash and, of a user's card, text: what provenance records."""
        return {"card": self.name, "card_sha256": None, "card_text": None} if self._card is None else self._card.origin


Model = TypeVar("Model", bound=ExperimentModel)


def experiment_of(model: type[Model], card: Card, content: dict[str, Any]) -> Model:
    """Check the content of a card, in the form that the model takes.

    Raises
    ------
    InputError
        See `validate`.
    """
    experiment = validate(model, content, card.where)
    if experiment.name != card.name:
        raise InputError(f"{card.where}: name: got {experiment.name!r}; expected {card.name!r}")
    experiment._card = card
    return experiment

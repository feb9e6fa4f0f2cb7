"""Experiment cards: TOML files in a package's folder, checked against a pydantic model."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from nucore.errors import InputError
from nucore.io.text import read_text


class CardModel(BaseModel):
    """Base of everything on a card: immutable, and unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Model = TypeVar("Model", bound=CardModel)


@dataclass(frozen=True)
class CardFolder:
    """The cards that a package ships in ``data/experiments``.

    Attributes
    ----------
    package : str
        Name of the import package.
    """

    package: str

    def names(self) -> tuple[str, ...]:
        """Names of the cards, sorted."""
        return tuple(_texts(self.package))

    def text(self, name: str) -> str:
        """Text of a card.

        Raises
        ------
        InputError
            If there is no such card.
        """
        if name not in self.names():
            raise InputError(f"experiment {name!r} is not known; allowed: {', '.join(self.names())}")
        return _texts(self.package)[name]


@cache
def _texts(package: str) -> dict[str, str]:
    entries = [e for e in (files(package) / "data").iterdir() if e.name.endswith(".toml")]
    return {e.name.removesuffix(".toml"): e.read_text(encoding="utf-8") for e in sorted(entries, key=lambda e: e.name)}


def read_toml(text: str, where: str) -> dict[str, Any]:
    """Read the TOML text of a card; `InputError` names `where` and the line."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # a TOMLDecodeError, or a number of too many digits
        raise InputError(f"experiment card {where}: not TOML: {error}") from None


def validate(model: type[Model], content: dict[str, Any], where: str) -> Model:
    """Check the content of a card; `InputError` names `where`, the first wrong field and what is wrong with it."""
    try:
        return model(**content)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "card"
        raise InputError(f"experiment card {where}: {field}: {first['msg'].removeprefix('Value error, ')}") from None
    except ArithmeticError as error:  # in a check of numbers with one another
        raise InputError(f"experiment card {where}: a number has a size that is not allowed: {error}") from None


@dataclass(frozen=True)
class Card:
    """An experiment card, complete in itself.

    Attributes
    ----------
    name, text : str
    """

    name: str
    text: str

    @property
    def sha256(self) -> str:
        """SHA-256 of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def user_card(path: str | Path) -> Card:
    """Read a card of the user's."""
    return Card(Path(path).stem, read_text(Path(path), "experiment card", "card"))

"""Pydantic models of cards: base class, errors that name file and key, JSON Schema with the docstrings."""

from __future__ import annotations

import re
import tomllib
from difflib import get_close_matches
from inspect import cleandoc
from typing import Annotated, Any, ClassVar, TypeVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from nucore.errors import InputError

#: Tables and lists in one another.
MAX_DEPTH = 12
#: Name of an experiment: what files, plots and provenance can hold.
CardName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$")]

_ATTRIBUTE = re.compile(r"^(\w+(?:, \w+)*) : .*\n((?: {4}.*\n|\n)*)", re.MULTILINE)

_COMMON = {
    "reference": "Where the numbers come from.",
    "verified": "False for numbers that were chosen, recalled or not checked against their source.",
}


def _describe(schema: dict[str, Any], model: type[CardModel]) -> None:
    """Put the descriptions of the docstrings into a JSON Schema; an inherited card leaves out any key."""
    properties = schema["properties"]
    for name in _COMMON.keys() & properties.keys():
        properties[name]["description"] = _COMMON[name]
    for parent in reversed(model.__mro__):
        text = cleandoc(parent.__doc__ or "") + "\n"
        for names, lines in _ATTRIBUTE.findall(text.partition("Attributes\n----------\n")[2]):
            for name in names.split(", "):
                if name in properties and lines.strip():
                    properties[name]["description"] = " ".join(lines.split())
    schema["description"] = " ".join(text.partition("\n\n")[0].split())
    for entry in properties.values():
        entry.pop("title", None)  # made of the key
    for name in schema.pop("required", ()):
        text = properties[name].get("description", "")
        properties[name]["description"] = f"{text} Required, unless inherited.".strip()
    if model.inherits:
        properties["extends"] = {"type": "string", "description": "What it inherits from."}


class CardModel(BaseModel):
    """Base of everything on a card: immutable, finite numbers, no unknown keys."""

    #: It may have the key ``extends``, which is resolved before.
    inherits: ClassVar[bool] = False

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, json_schema_extra=_describe)


Model = TypeVar("Model", bound=CardModel)


def read_toml(text: str, where: str) -> dict[str, Any]:
    """Read the TOML text of a card.

    Raises
    ------
    InputError
        Naming `where` and the line, if the text is not TOML or nested too deep.
    """
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # a TOMLDecodeError, or a number of too many digits
        raise InputError(f"{where}: invalid TOML: {error}; expected KEY = VALUE and [TABLE] lines") from None
    level: list[Any] = [content]
    for _ in range(MAX_DEPTH):
        level = [child for item in level for child in (item.values() if isinstance(item, dict) else item)]
        level = [item for item in level if isinstance(item, dict | list)]
    if level:
        raise InputError(f"{where}: tables nested too deep; expected at most {MAX_DEPTH} levels")
    return content


def validate(model: type[Model], content: dict[str, Any], where: str) -> Model:
    """Check the content of a card.

    Raises
    ------
    InputError
        Naming `where`, the key, what is wrong with it and what is expected; of several errors the first.
    """
    try:
        return model.model_validate(_tuples(content), strict=True)
    except ValidationError as error:
        # an unknown key first: it explains the one that is missing
        errors = sorted(error.errors(include_url=False), key=lambda e: e["type"] != "extra_forbidden")
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise InputError(f"{where}: {_explain(model, dict(errors[0]))}{more}") from None
    except ArithmeticError as error:  # in a check of numbers with one another
        raise InputError(f"{where}: a number is too large or too small: {error}; expected realistic sizes") from None


def _tuples(value: Any) -> Any:
    """Turn lists into tuples, which strict models take; a text or a truth value is no number for them."""
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in value.items()}
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _explain(model: type[CardModel], error: dict[str, Any]) -> str:
    """Say ``KEY: what is wrong; expected ...`` of an error of pydantic."""
    place = [str(part) for part in error["loc"] if part != "[key]"]
    kind, message = error["type"], error["msg"].removeprefix("Value error, ")
    fields = _fields_at(model, error["loc"] if kind == "value_error" else error["loc"][:-1])
    key, given = ".".join(place), f"got {_short(error['input'])}; expected"
    if kind == "value_error":
        head, _, rest = message.partition(": ")
        return f"{'.'.join([*place, head])}: {rest}" if head in fields else ": ".join(filter(None, [key, message]))
    if kind == "extra_forbidden":
        near = get_close_matches(place[-1], fields, n=1, cutoff=0.5)
        return f"{key}: unknown key; expected {near[0] if near else 'one of ' + ', '.join(fields)}"
    if kind == "missing":
        return f"{key}: missing; expected {_kind(fields.get(place[-1]))}"
    for pattern, words in _WORDS.items():
        message = re.sub(pattern, words, message)
    return f"{key}: {given} {message}"


#: Terms of pydantic, as a reader of TOML knows them.
_WORDS = {
    "String should match pattern .*": "letters, digits and . _ + - (at most 64)",
    "(Tuple|Dictionary|String) should have ": "",
    "( after validation)?, not [0-9]+$": "",
    "Input should be ": "",
    "a valid tuple": "a list",
    "a valid boolean": "true or false",
    "a valid string": "a text",
    "a valid dictionary.*": "a table",
    "a valid ": "a ",
}
_KINDS = {float: "a number", int: "a whole number", str: "a text", bool: "true or false", tuple: "a list"}


def _kind(field: Any) -> str:
    """Name what a field holds."""
    annotation = float if field is None else field.annotation  # none: an entry of a list of numbers
    if str(annotation).startswith("typing.Literal"):
        return f"one of {', '.join(map(repr, get_args(annotation)))}"
    return _KINDS.get(get_origin(annotation) or annotation, "a table")


def _short(value: Any) -> str:
    text = "a table" if isinstance(value, dict) else repr(list(value) if isinstance(value, tuple) else value)
    return text if len(text) <= 60 else text[:60] + "..."


def _fields_at(model: type[CardModel], place: tuple[int | str, ...]) -> dict[str, Any]:
    """Fields of the table that a key lies in, or that a place without a key is."""
    parts = iter(place)
    for part in parts:
        field = model.model_fields.get(str(part))
        found = None if field is None else _model_in(field.annotation)
        if field is not None and found is not None:
            model = found
            if get_origin(field.annotation) in (dict, tuple):
                next(parts, None)  # the name or number of the entry
    return dict(model.model_fields)


def _model_in(annotation: Any) -> type[CardModel] | None:
    """Return the model that an annotation holds, as in ``dict[str, Model]`` or ``Model | None``."""
    if isinstance(annotation, type) and issubclass(annotation, CardModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)

"""Page of the JSON fields of each command, read from the docstrings and type hints of the results."""

from __future__ import annotations

import inspect
import re
import sys
import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from importlib import import_module
from itertools import groupby
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

import nuportal
from nucore.results import Result
from nucore.run.provenance import provenance
from reference_pages.commands import command_names, function_of
from reference_pages.docstrings import Entry, entries, listed, summary
from reference_pages.markdown import code, prose, section, table, unit

#: Section of the docstring of a ``to_dict`` whose keys are not the fields of its class.
KEYS = "Keys"
_KINDS = {float: "number", int: "whole number", str: "text", bool: "true or false", type(None): "null", Any: "any"}
#: Values of Python that a docstring names, and JSON has not.
_NOT_JSON = re.compile(r"\b(None|NaN)\b")
_DOTTED = re.compile(r"[A-Za-z_][\w.]*")


_PACKAGES = ("nuportal", "collider", "mesons", "nucore")


class Field(NamedTuple):
    """A field of a JSON object: names, type in words, meaning, and the classes of the objects in it."""

    name: str
    kind: str
    meaning: str
    objects: tuple[type, ...]


def answer_class(command: str) -> type | None:
    """Class of the answer of a command; None where it is no dataclass."""
    if not function_of(command):
        return None
    function = getattr(nuportal, function_of(command))
    module = vars(import_module(function.__module__))
    hint = get_type_hints(function, module).get("return")
    if hint is Any:  # a search knows its class, the command its name
        return next(iter(_classes(next(iter(entries(function, "Returns")), ""), module)), None)
    return next((one for one in (hint, *get_args(hint)) if is_dataclass(one)), None)


def fields_of(thing: Any) -> Iterator[Field]:
    """Fields of the JSON object of a class, or those that a function adds to another object."""
    hints = _hints(thing) if isinstance(thing, type) else {}
    module = vars(sys.modules[thing.__module__])
    attributes = (
        {n: e for base in reversed(inspect.getmro(thing)) for n, e in entries(base, "Attributes").items()}
        if hints
        else {}
    )
    for name, entry in _keys(thing):
        if name.startswith("**"):  # fields of another object, among these
            label, chosen = f"{entry.text}: " if entry.text else "", entry.kind.split(", ") if entry.kind else None
            for other in fields_of(_named(name[2:], module)):
                if chosen is None or other.name in chosen:
                    yield other._replace(meaning=label + other.meaning)
            continue
        own = attributes.get(name, Entry("", ""))
        kind = entry.kind or own.kind
        of_hint = () if entry.kind else tuple(_dataclasses(hints.get(name)))
        objects = of_hint or tuple(_classes(kind, module))
        words = _words(hints[name]) if name in hints and not entry.kind else _json_words(kind)
        yield Field(name, words, entry.text or own.text, objects)


def _keys(thing: Any) -> list[tuple[str, Entry]]:
    """Keys of the object, as a docstring names them; else the fields of the class."""
    method = getattr(thing, "to_dict", None)
    places = [thing] if method in (None, Result.to_dict) else [method, thing]
    told = next(filter(None, (listed(place, KEYS) for place in places)), None)
    return told or [(f.name, Entry("", "")) for f in fields(thing)]


def _hints(cls: type) -> dict[str, Any]:
    """Type hints of a class; a name imported for type checking alone is looked for in the modules that are loaded."""
    known: dict[str, Any] = {}
    while True:
        try:
            return get_type_hints(cls, localns=known)
        except NameError as error:
            name = str(error.name)
            modules = [vars(m) for path, m in sys.modules.items() if path.split(".")[0] in _PACKAGES]
            known[name] = next((module[name] for module in modules if name in module), Any)


def _dataclasses(hint: Any) -> Iterator[type]:
    if isinstance(hint, type) and is_dataclass(hint):
        yield hint
    for part in get_args(hint):
        yield from _dataclasses(part)


def _classes(text: str, module: Mapping[str, Any]) -> Iterator[type]:
    """Dataclasses that a type in a docstring names, as in a module or with their own."""
    for name in _DOTTED.findall(text):
        found = _named(name, module)
        if isinstance(found, type) and is_dataclass(found):
            yield found


def _named(name: str, module: Mapping[str, Any]) -> Any:
    """Thing of a dotted name, or of a name of the module; None if there is none."""
    path, _, last = name.rpartition(".")
    return getattr(import_module(path), last, None) if path.split(".")[0] in _PACKAGES else module.get(name)


def _words(hint: Any) -> str:
    """Type of a field in JSON, in words."""
    origin, inside = get_origin(hint), get_args(hint)
    if hint in _KINDS:
        return _KINDS[hint]
    if origin is Literal:
        return " or ".join(f'"{value}"' for value in inside)
    if origin in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(map(_words, inside)))
    name = getattr(origin or hint, "__name__", str(hint))
    is_array = name in ("ndarray", "NDArray")  # the latter of numpy >= 2.5, whose NDArray has a name of its own
    if is_array or origin in (tuple, list, Sequence):
        items = [] if is_array else [item for item in inside if item is not Ellipsis]
        return f"list of {_words(items[0]).replace(' object', ' objects')}" if items else "list of numbers"
    if origin in (dict, Mapping) or issubclass(origin or hint, Mapping):
        return f"object of {_words(inside[1])} by name" if inside else "object"
    return "text" if name == "Path" else f"{name} object"


_DOCUMENTED = (
    (r"\bfloat\b", "number"), (r"\bint\b", "whole number"), (r"\bstr\b", "text"), (r"\bbool\b", "true or false"),
    (r"\bNone\b", "null"), (r"\b(dict|mapping)\b", "object"), (r"\b(tuple|list|array)\b", "list"),
)  # fmt: skip


def _json_words(kind: str) -> str:
    """Type that a docstring writes, in the words of JSON."""
    for pattern, word in _DOCUMENTED:
        kind = re.sub(pattern, word, kind)
    return _DOTTED.sub(lambda found: found[0].rpartition(".")[2], kind)


def answers_page() -> str:
    """Sections of all commands, then those of the objects in their answers."""
    found: dict[type, None] = {}
    commands = [_command_section(name, found) for name in command_names()]
    objects = []
    for cls in (waiting := list(found)):
        objects.append(section(3, cls.__name__, _anchor(cls), prose(summary(cls)), _table(cls)))
        waiting += [one for one in _nested(cls) if one not in waiting]
    common = section(2, "Every answer", "json-common", _rows(_common()))
    inside = section(2, "Provenance", "json-provenance", prose(summary(provenance)), _rows(_provenance()))
    return common + inside + "".join(commands) + section(2, "Objects in answers", "json-objects", *objects)


def _common() -> list[Field]:
    return [
        Field("schema", "text", "`nuportal/COMMAND/1`: the command, and the version of its fields.", ()),
        Field("provenance", "object", "Where the answer comes from, see below.", ()),
        Field("warnings", "list of text", "What to know before the answer is used; empty if nothing.", ()),
    ]


def _provenance() -> list[Field]:
    return [Field(name, _json_words(e.kind), e.text, ()) for name, e in entries(provenance, KEYS).items()]


def _command_section(name: str, found: dict[type, None]) -> str:
    cls = answer_class(name)
    links = f"[Command](#command-{name})"
    if function_of(name):
        links += f", [Python](#python-{name})"
    if cls is None:
        return section(2, name, f"json-{name}", links + ".", _untyped(name))
    found.update(dict.fromkeys(_nested(cls)))
    return section(2, name, f"json-{name}", prose(summary(cls)), f"See also: {links}.", _table(cls))


def _untyped(name: str) -> str:
    """What is said of an answer that is no dataclass: the ``Returns`` of its function."""
    told = entries(getattr(nuportal, function_of(name)), "Returns") if function_of(name) else {}
    return "\n\n".join(prose(entry.text) for entry in told.values())


@cache
def _anchor(cls: type) -> str:
    """Where a class is described: in the section of its command, or among the objects."""
    command = next((name for name in command_names() if answer_class(name) is cls), None)
    return f"object-{cls.__name__.lower()}" if command is None else f"json-{command}"


def _nested(cls: type) -> list[type]:
    return list(dict.fromkeys(one for field in fields_of(cls) for one in field.objects if one is not cls))


def _table(cls: type) -> str:
    return _rows(fields_of(cls))


def _rows(found: Iterable[Field]) -> str:
    """Table of fields; those that one entry of a docstring explains have a row together."""
    grouped = groupby(found, lambda f: (f.meaning or f.name, f.kind, unit(f.name)))
    return table(("Field", "Type", "Unit", "Meaning"), [_row(list(group)) for _, group in grouped])


def _row(group: Sequence[Field]) -> tuple[str, str, str, str]:
    first, kind = group[0], prose(group[0].kind)
    for one in first.objects:
        kind = re.sub(rf"\b{one.__name__}\b", f"[{one.__name__}](#{_anchor(one)})", kind)
    return ", ".join(code(f.name) for f in group), kind, unit(first.name), prose(_NOT_JSON.sub("null", first.meaning))

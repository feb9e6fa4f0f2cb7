"""Page of the experiment cards: those shipped, and the keys of a card."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import nuportal
from nuportal.searches import card_of
from reference_pages.markdown import code, prose, section, table, unit

_REQUIRED = "Required, unless inherited."
_TYPES = {"number": "number", "integer": "whole number", "string": "text", "boolean": "true or false", "null": ""}


def cards_page() -> str:
    """Table of the shipped cards, and of the keys of each table of a card."""
    schema = nuportal.experiments(schema=True)
    tables = dict(_tables(schema["$defs"], schema["anyOf"]))
    keys = (
        section(3, _title(name), _anchor(name), prose(table_["description"]), _keys(table_, schema["$defs"]))
        for name, table_ in tables.items()
    )
    return section(2, "Shipped cards", "cards-shipped", _shipped()) + section(2, "Keys", "cards-keys", *keys)


def _shipped() -> str:
    rows = []
    for name, title in nuportal.experiments().items():
        content = card_of(name).content
        rows.append((code(name), prose(title), _process(content), *_exposure(content)))
    return table(("Name", "Title", "Process", "Exposure", "Source of the exposure"), rows)


def _process(content: Mapping[str, Any]) -> str:
    if "parent" in content:
        lepton = content["lepton"]
        return prose(f"{content['parent']} -> {lepton} + invisible")
    if "sqrt_s_TeV" in content:
        beams = {"pp": "pp", "ppbar": "p pbar"}[content.get("beams", "pp")]
        leptons = ", ".join(content["flavours"])
        return prose(f"{beams} -> W -> {leptons} + invisible, {content['sqrt_s_TeV']:g} TeV")
    return prose("as the card it scales: " + ", ".join(one["experiment"] for one in content["scaling"].values()))


def _exposure(content: Mapping[str, Any]) -> tuple[str, str]:
    if "luminosity_invfb" in content:
        return prose(f"{content['luminosity_invfb']:g} fb^-1"), prose(content["luminosity_reference"])
    if "n_parent" in content:
        number = content["n_parent"]
        mark = "" if number["verified"] else " (not verified)"
        return f"{number['value']:.3g} {prose(content['parent'])}", prose(number["reference"] + mark)
    scaled = content["scaling"]
    return (
        ", ".join(f"{name}: × {one['exposure_factor']:g}" for name, one in scaled.items()),
        prose("; ".join(one["reference"] for one in scaled.values())),
    )


def _tables(definitions: Mapping[str, Any], roots: list[Any]) -> Iterator[tuple[str, Any]]:
    """Definitions in the order in which they are met from the roots."""
    waiting = [name for root in roots for name in _references(root)]
    for name in waiting:
        yield name, definitions[name]
        found = _references(definitions[name].get("properties", {}))
        waiting += [one for one in dict.fromkeys(found) if one not in waiting]


def _references(schema: Any) -> list[str]:
    """Names of the definitions that a schema refers to, in their order."""
    if isinstance(schema, list):
        return [name for item in schema for name in _references(item)]
    if not isinstance(schema, dict):
        return []
    own = [schema["$ref"].rpartition("/")[2]] if "$ref" in schema else []
    return own + [name for item in schema.values() for name in _references(item)]


def _keys(definition: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    rows = []
    for name, about in definition.get("properties", {}).items():
        text = about.get("description", "")
        default = "required" if _REQUIRED in text else _default(about, definitions)
        rows.append((code(name), _kind(about), unit(name), default, prose(text.replace(_REQUIRED, ""))))
    return table(("Key", "Type", "Unit", "Default", "Meaning"), rows)


def _default(about: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    value = about.get("default")
    return "" if value in (None, [], {}) or "$ref" in about else code(json.dumps(value))


def _kind(about: Mapping[str, Any]) -> str:
    """Type of a key, in words, with its range."""
    if "$ref" in about:
        name = about["$ref"].rpartition("/")[2]
        return f"[{_title(name)}](#{_anchor(name)}) table"
    if "const" in about or "enum" in about:
        return " or ".join(code(json.dumps(value)) for value in about.get("enum", [about.get("const")]))
    if "anyOf" in about or "oneOf" in about:
        kinds = dict.fromkeys(_kind(one) for one in about.get("anyOf", about.get("oneOf")))
        return " or ".join(filter(None, kinds))
    if "prefixItems" in about:
        return "list of " + " and ".join(dict.fromkeys(map(_kind, about["prefixItems"])))
    if "items" in about:
        return f"list of {_kind(about['items'])}"
    if isinstance(about.get("additionalProperties"), dict):
        return f"{_kind(about['additionalProperties'])} by name"
    return _TYPES.get(about.get("type", ""), about.get("type", "table")) + _range(about)


def _range(about: Mapping[str, Any]) -> str:
    signs = {"exclusiveMinimum": ">", "minimum": "≥", "exclusiveMaximum": "<", "maximum": "≤"}
    ends = [f"{sign} {about[name]:g}" for name, sign in signs.items() if name in about]
    return " " + prose(f"({', '.join(ends)})") if ends else ""


def _title(name: str) -> str:
    """Name of a table; of two with one name, the search with it."""
    parts = name.split("__")
    return f"{parts[-1]} ({parts[0]})" if len(parts) > 1 else name


def _anchor(name: str) -> str:
    return f"card-{name.lower()}"

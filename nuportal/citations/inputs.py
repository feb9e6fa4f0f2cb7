"""References of the inputs: of the package as a whole, or of those that a result used."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from itertools import islice
from types import ModuleType
from typing import Any, cast

import nucore
from nucore.experiment_cards import read_toml
from nucore.io.outputs import OutputFile, Rows
from nucore.limits.catalogue import catalogue
from nuportal.citations.bibtex import Bibliography, Entry
from nuportal.searches import card_of, searches

PAPER = Entry(
    "arXiv:1709.07001",
    "article",
    {
        "author": "Batell, Brian and Han, Tao and McKeen, David and Shams Es Haghi, Barmak",
        "title": "Thermal dark matter through the Dirac neutrino portal",
        "journal": "Physical Review D",
        "volume": "97",
        "year": "2018",
        "pages": "075016",
        "eprint": "1709.07001",
        "archivePrefix": "arXiv",
    },
    ("the paper that nuportal implements",),
)
PACKAGE = Entry(
    "nuportal",
    "misc",
    {
        "author": "The nuportal developers",
        "title": "nuportal: thermal dark matter through the Dirac neutrino portal",
        "note": f"version {nucore.__version__}",
    },
    ("this package",),
)
#: Data files of each part, beside cards and limits.
_DATA = {
    "collider": (
        ("collider.production", "w_cross_sections.toml"), ("collider.production", "z_cross_sections.toml"),
        ("collider.production", "ckm.toml"), ("collider.production", "references.toml"),
    ),
    "w_mass": (("collider.inference", "w_mass.toml"),),
    "mesons": (("mesons.decays", "standard-decays.toml"), ("mesons.decays", "leptonic-branching-ratios.toml")),
    "cosmology": (("nucore.cosmology", "degrees_of_freedom.toml"),),
    "bounds": (("nucore.limits", "../cosmology_bounds.toml"),),
    "figures": (("nuportal.figures", "figures.toml"),),
}  # fmt: skip
#: Parts that functions use whatever their result says.
_PARTS_OF = {
    "model": ("cosmology",),
    "check": ("cosmology", "mesons"),
    "scan": ("cosmology", "mesons"),
    "decay": ("mesons",),
    "figure": ("cosmology", "mesons", "bounds", "figures"),
    "limits": (),
    "explore": ("cosmology", "mesons", "bounds", "figures"),
}
#: Experiments whose reach and spectra the page of `explore` holds, beside every limit.
_EXPLORED = ("atlas-2011", "e949", "na62-2021", "na62-full")
#: Text of a result that is looked at, and lines of a table.
_MOST_STRINGS, _HEAD_LINES = 100_000, 20


def package_entries() -> tuple[Entry, ...]:
    """The paper, the package, and all its inputs."""
    found = _beginning()
    for name in catalogue():
        _add_limit(found, name)
    for search in searches():
        for name in search.CARDS.names():
            _add_table(found, search.CARDS.card(name).content, name)
    _add_parts(found, _DATA)
    return found.entries()


def entries_used(output: OutputFile) -> tuple[Entry, ...]:
    """The paper, the package, and the inputs that an output says it used: experiment, limits, data of its function.

    Parameters
    ----------
    output : OutputFile
        With an empty provenance where nothing is known of the run.
    """
    found = _beginning()
    known = catalogue()
    names = dict.fromkeys(text.removeprefix("margin:") for text in islice(_strings(output.content), _MOST_STRINGS))
    request = output.provenance.get("request")
    function = str(request.get("function")) if isinstance(request, dict) else ""
    parts = _PARTS_OF.get(function, ())
    if function == "explore":
        names = dict.fromkeys(known)
        for name in _EXPLORED:
            _add_table(found, card_of(name).content, name)
    card = _card_content(output)
    if card is not None:
        name, content = card
        _add_table(found, content, name)
        search = max(searches(), key=lambda one: len(one.CARDS.keys & content.keys()))
        parts = (*parts, cast(ModuleType, search).__name__.partition(".")[0])
    for name in names:
        if name in known:
            _add_limit(found, name)
    _add_parts(found, dict.fromkeys(parts))
    return found.entries()


def _beginning() -> Bibliography:
    found = Bibliography()
    for entry in (PAPER, PACKAGE):
        for use in entry.used_for:
            found.add(entry, use)
    return found


def _card_content(output: OutputFile) -> tuple[str, dict[str, Any]] | None:
    """Name and content of the experiment card of a run."""
    origin = output.provenance
    if isinstance(origin.get("card_text"), str):
        return str(origin.get("card")), read_toml(origin["card_text"], "card in the provenance")
    shipped = {name for search in searches() for name in search.CARDS.names()}
    for name in (origin.get("card"), output.content.get("experiment")):
        if isinstance(name, str) and name in shipped:
            return name, card_of(name).content
    return None


def _strings(content: Any) -> Iterator[str]:
    """All text in a result: names, values, and the heads of long tables."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, Mapping):
        for name, value in content.items():
            yield str(name)
            yield from _strings(value)
    elif isinstance(content, list | tuple):
        for value in content:
            yield from _strings(value)
    elif isinstance(content, Rows):
        for line in next(iter(content.read()), ())[:_HEAD_LINES]:
            if isinstance(line, str):
                yield from line.strip().split(",")


def _add_limit(found: Bibliography, name: str) -> None:
    found.add_reference(catalogue()[name].reference, name, whole=True)
    table = read_toml((files("nucore.limits") / "data" / f"{name}.toml").read_text(encoding="utf-8"), name)
    _add_table(found, table, name)


def _add_parts(found: Bibliography, parts: Iterable[str]) -> None:
    for part in parts:
        for package, name in _DATA[part]:
            file = (files(package) / "data").joinpath(*name.split("/"))
            label, of = (re.sub("[_-]", " ", word) for word in (name.rpartition("/")[2].removesuffix(".toml"), part))
            used_for = label if of in label else f"{of}: {label}"
            _add_table(found, read_toml(file.read_text(encoding="utf-8"), name), used_for)


def _add_table(found: Bibliography, table: Any, used_for: str) -> None:
    """Add all references in a card or data file, wherever they stand."""
    if isinstance(table, Mapping):
        for name, value in table.items():
            if isinstance(value, str) and name.endswith("reference"):
                found.add_reference(value, used_for)
            else:
                _add_table(found, value, used_for)
    elif isinstance(table, list | tuple):
        for value in table:
            _add_table(found, value, used_for)

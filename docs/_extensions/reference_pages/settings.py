"""Pages of parameters and their card, and of exit codes and environment variables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from importlib.resources import files
from pathlib import Path

from nucore.model.card import _ENTRIES
from nucore.model.parameters import PortalParameters
from nucore.model.particles import PDG_ID
from nuportal.cli import main
from reference_pages.docstrings import entries, summary
from reference_pages.markdown import code, prose, section, table

_PACKAGES = ("nuportal", "collider", "mesons", "nucore")
_OWN_VARIABLE = re.compile(r"#: (.+)\n\w+_VARIABLE = \"(\w+)\"")
_FOREIGN_VARIABLE = re.compile(r"\"([A-Z][A-Z_]+)\" in os\.environ")


def parameters_page() -> str:
    """Parameters with their places on an SLHA card, and the particle numbers."""
    places: dict[str, list[str]] = {}
    for (block, index), name in _ENTRIES.items():
        places.setdefault(name, []).append(f"{block} {index}")
    about = entries(PortalParameters, "Attributes")
    names = ("Parameter", "Default", "On the card: block and entry", "Meaning")
    rows = [
        (code(f.name), code(f"{getattr(PortalParameters(), f.name):g}"), ", ".join(map(code, places.get(f.name, []))),
         prose(about[f.name].text))
        for f in fields(PortalParameters)
    ]  # fmt: skip
    ids = [(code(name), str(number)) for name, number in PDG_ID.items()]
    return section(2, "Parameters", "parameters-all", table(names, rows)) + section(
        2, "Particle numbers", "parameters-ids", table(("Particle", "Monte Carlo number"), ids)
    )


def environment_page() -> str:
    """Exit codes, and the environment variables that the code reads."""
    told = summary(main).partition("Exit status: ")[2].rstrip(".")
    codes = [(code(item.split()[0]), prose(item.partition(" ")[2])) for item in _items(told)]
    return section(2, "Exit codes", "exit-codes", table(("Code", "Meaning"), codes)) + section(
        2, "Environment variables", "environment-variables", table(("Variable", "Meaning"), sorted(set(_variables())))
    )


def _items(text: str) -> list[str]:
    """Items of a list such as ``0 done, 2 bad input (one line, and no more), 1 anything else``."""
    return [item.strip() for item in re.split(r", (?=[0-9]+ )", " ".join(text.split()))]


def _variables() -> Iterator[tuple[str, str]]:
    for package in _PACKAGES:
        for path in Path(str(files(package))).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            yield from ((code(name), prose(meaning)) for meaning, name in _OWN_VARIABLE.findall(text))
            for name in _FOREIGN_VARIABLE.findall(text):
                yield code(name), "Where it is set, it is kept; else a folder of our cache is used."

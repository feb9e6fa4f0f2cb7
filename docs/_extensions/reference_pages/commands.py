"""Page of the commands: what each does, its examples, arguments and options, read from the command line itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import typer

import nuportal
from nuportal.cli import app
from nuportal.cli.help_pages import argument_name
from reference_pages.guides import guides_to
from reference_pages.markdown import block, code, prose, section, table

#: What ``--help`` appends to the meaning of an option.
_EXTRAS = re.compile(r"\s*\[([^\[\]]*)\]$")
_TOLD = re.compile(r"\s*\(default: ([^()]*)\)")
_NO_PANEL = "Options"


class Parameter(NamedTuple):
    """An argument or option, as ``--help`` shows it."""

    panel: str
    names: str
    kind: str
    default: str
    meaning: str


@cache
def _cli() -> Any:
    return typer.main.get_command(app)


@cache
def context(name: str) -> typer.Context:
    """Context of a command, which its help is made in."""
    top = typer.Context(_cli(), info_name="nuportal")
    return typer.Context(_cli().get_command(top, name), info_name=name, parent=top)


@cache
def command_names() -> tuple[str, ...]:
    """Names of all commands, in the order of the help."""
    return tuple(_cli().list_commands(typer.Context(_cli())))


def function_of(command: str) -> str:
    """Name of the Python function of a command; empty where it has none."""
    name = command.replace("-", "_")
    return name if name in nuportal.COMMANDS else ""


def parameters(command: str) -> Iterator[Parameter]:
    """Arguments and options of a command, without ``--help``."""
    where = context(command)
    for one in where.command.get_params(where):
        shown = one.get_help_record(where)
        if shown is None or one.name == "help":
            continue
        given, meaning = shown
        is_argument = one.param_type_name == "argument"
        names, _, kind = (argument_name(one), "", "") if is_argument else given.partition(" ")
        while names.endswith(",") or kind.startswith("-"):  # -o, --out PATH
            more, _, kind = kind.partition(" ")
            names = f"{names} {more}"
        panel = "Arguments" if is_argument else getattr(one, "rich_help_panel", None) or _NO_PANEL
        text, default, ranges = _parts(meaning)
        yield Parameter(panel, names, " ".join([kind, *ranges]).strip(), default, text)


def _parts(meaning: str) -> tuple[str, str, list[str]]:
    """Meaning alone, default, and what else is said of the value: its range, or that it is required."""
    extras: list[str] = []
    if found := _EXTRAS.search(meaning):
        meaning, extras = meaning[: found.start()], found[1].split("; ")
    default = next((e.removeprefix("default: ") for e in extras if e.startswith("default: ")), "")
    if not default and (told := _TOLD.search(meaning)):
        meaning, default = _TOLD.sub("", meaning, count=1), told[1]
    return meaning, default, [e for e in extras if not e.startswith("default: ")]


def usage(command: str) -> str:
    """Synopsis of a command, as ``--help`` begins."""
    where = context(command)
    return " ".join(["nuportal", command, *where.command.collect_usage_pieces(where)])


def command_page() -> str:
    """Sections of all commands."""
    rows = [(f"[{code(name)}](#command-{name})", prose(_first_sentence(name))) for name in command_names()]
    return table(("Command", "What it does"), rows) + "".join(map(_section, command_names()))


def _first_sentence(name: str) -> str:
    text = " ".join((context(name).command.help or "").split("\n\n")[0].split())
    return text.partition(". ")[0].rstrip(".") + "."


def _section(name: str) -> str:
    what, examples = _help(name)
    groups: dict[str, list[Parameter]] = {}
    for one in parameters(name):
        groups.setdefault(one.panel, []).append(one)
    tables = [
        f"**{title}**\n\n"
        + table(
            ("Name", "Value", "Default", "Meaning"),
            [(code(p.names), code(p.kind), prose(p.default), prose(p.meaning)) for p in group],
        )
        for title, group in groups.items()
    ]
    shown = f"**Examples**\n\n{block(examples, 'console')}" if examples else ""
    return section(2, name, f"command-{name}", what, f"**Usage:** {code(usage(name))}", _links(name), shown, *tables)


def _help(name: str) -> tuple[str, str]:
    """What a command does, as Markdown, and its examples: the lines of its help and epilogue that begin with ``$``."""
    command = context(name).command
    paragraphs = (command.help or "").replace("\b", "").replace("\f", "").split("\n\n")
    lines = [line.strip() for text in (*paragraphs, command.epilog or "") for line in text.splitlines()]
    examples = [line for line in lines if re.match(r"(\$ )?nuportal ", line)]
    told = [p for p in paragraphs if not re.search(r"^\s*(\$ )?nuportal |^\s*Examples:?\s*$", p, re.MULTILINE)]
    shown = [line if line.startswith("$") else f"$ {line}" for line in examples]
    return "\n\n".join(map(prose, told)), "\n".join(shown)


def _links(name: str) -> str:
    links = [f"[JSON fields](#json-{name})"]
    if function_of(name):
        links.insert(0, f"[Python: {code(f'nuportal.{function_of(name)}')}](#python-{name})")
    return "See also: " + ", ".join([*links, *guides_to(name)]) + "."

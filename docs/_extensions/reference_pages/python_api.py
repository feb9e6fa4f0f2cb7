"""Page of the Python functions: one section each, from its docstring."""

from __future__ import annotations

import inspect

import nuportal
from reference_pages.commands import command_names, function_of
from reference_pages.docstrings import summary
from reference_pages.guides import guides_to
from reference_pages.markdown import code, prose, section, table


def python_page() -> str:
    """Sections of the functions of the commands, then of the other public names."""
    commands = {function_of(name): name for name in command_names() if function_of(name)}
    others = [name for name in nuportal.__all__ if name not in nuportal.COMMANDS]
    names = [*commands, *others]
    anchors = {name: f"python-{commands.get(name, name).lower()}" for name in names}
    overview = table(
        ("Name", "What it does"), [(f"[{code(f'nuportal.{n}')}](#{anchors[n]})", prose(_first(n))) for n in names]
    )
    sections = (section(2, name, anchors[name], _links(commands.get(name)), _documented(name)) for name in names)
    return overview + "".join(sections)


def _first(name: str) -> str:
    return summary(getattr(nuportal, name)).split("\n\n")[0]


def _links(command: str | None) -> str:
    if command is None:
        return ""
    links = [f"[command](#command-{command})", f"[JSON fields](#json-{command})", *guides_to(command)]
    return "See also: " + ", ".join(links) + "."


def _documented(name: str) -> str:
    thing = getattr(nuportal, name)
    is_class = inspect.isclass(thing)
    kind = (
        "autoexception"
        if is_class and issubclass(thing, BaseException)
        else "autoclass"
        if is_class
        else "autofunction"
    )
    members = "   :members:\n" if kind == "autoclass" else ""
    return f"```{{eval-rst}}\n.. {kind}:: nuportal.{name}\n{members}```\n"

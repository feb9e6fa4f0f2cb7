"""Help of the commands: options under headings, choices, defaults, and examples at the end."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import typer
from typer.core import TyperCommand, TyperGroup
from typer.models import OptionInfo

from nuportal.cli import completion

#: Options that people type, and columns that help is wrapped at.
SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
#: Length of a first sentence that is not cut.
_WHOLE = 200
#: How values are written in the help, by type, where an option says nothing more telling.
_METAVARS = {int: "N", float: "X", str: "NAME", Path: "FILE"}
#: Headings in the order of the help; other options stand under the first.
_PANELS = (
    "Options", "Point", "Limits", "Data", "Prediction", "Analysis: LHC", "Analysis: mesons", "Limit", "Run", "Output",
)  # fmt: skip
#: Headings of options that no group of options has, by the start of their help, and by their name.
_BY_HELP = {"LHC: ": "Analysis: LHC", "Mesons: ": "Analysis: mesons"}
_BY_NAME = {
    "Data": (
        "experiment", "flavour", "luminosity", "decays", "spectrum", "correlation", "data_e", "data_mu", "k_factor",
        "selection", "events", "w_pt",
    ),
    "Limit": ("allow_bad_fit", "toys", "feldman_cousins", "minos"),
    "Run": ("seed", "workers", "scheduler"),
    "Output": ("out", "plot", "report", "as_json", "histogram_only", "all_events"),
}  # fmt: skip


def under_heading(name: str, annotation: Any, panel: str = "") -> Any:
    """Return the annotation of an option with the heading it stands under.

    Parameters
    ----------
    name : str
        Of the parameter.
    annotation : Annotated type
    panel : str
        Heading of its group; found from help and name where it is empty.
    """
    if get_origin(annotation) is not Annotated or not isinstance(get_args(annotation)[1], OptionInfo):
        return annotation
    kind, given = get_args(annotation)[:2]
    option = copy.copy(given)
    for start, heading in _BY_HELP.items():
        if (option.help or "").startswith(start):
            panel, told = heading, (option.help or "").removeprefix(start)
            option.help = told[:1].upper() + told[1:] if told.split(" ")[0].isalpha() else told
    if option.autocompletion is None and "|" in (option.metavar or ""):
        option.autocompletion = completion.of(c for c in str(option.metavar).split("|") if not c.isupper())
    if option.metavar is None and option.parser is None:
        kinds = {kind, *get_args(kind)}
        option.metavar = next((word for of, word in _METAVARS.items() if of in kinds), None)
    option.rich_help_panel = panel or next((p for p, names in _BY_NAME.items() if name in names), _PANELS[0])
    return Annotated[kind, option]


class Command(TyperCommand):
    """A command whose help has headings, and its examples line by line."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Arguments as people write them, those that can be left out in brackets."""
        names = [
            (argument_name(one) + "..." * (one.nargs != 1), one) for one in self.get_params(ctx) if _is_argument(one)
        ]
        return ["[OPTIONS]", *(name if one.required else f"[{name}]" for name, one in names)]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments, and options under their headings."""
        found: dict[str, list[tuple[str, str]]] = {"Arguments": [], **{panel: [] for panel in _PANELS}}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                panel = getattr(parameter, "rich_help_panel", None) or _PANELS[0]
                if _is_argument(parameter):
                    panel, record = "Arguments", (argument_name(parameter), record[1])
                found[panel].append(record)
        for panel, records in found.items():
            if records:
                with formatter.section(panel):
                    formatter.write_dl(records)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the examples."""
        if self.epilog:
            with formatter.section("Examples"):
                for line in self.epilog.splitlines():
                    formatter.write(f"{'':>{formatter.current_indent}}{line}\n")


def _is_argument(parameter: Any) -> bool:
    return bool(parameter.param_type_name == "argument")


def argument_name(parameter: Any) -> str:
    """Name of an argument in the help."""
    return str(parameter.metavar or parameter.name.upper()).strip("[].")


class Commands(TyperGroup):
    """The list of commands under headings."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write name and first sentence of each command."""
        panels: dict[str, list[tuple[str, str]]] = {}
        for name, command in self.commands.items():
            told = command.get_short_help_str(_WHOLE)
            panels.setdefault(str(getattr(command, "rich_help_panel", "Commands")), []).append((name, told))
        width = max(map(len, self.commands))
        for panel, rows in panels.items():
            with formatter.section(panel):
                formatter.write_dl([(f"{name:<{width}}", told) for name, told in rows])


def add_command(app: typer.Typer, name: str, panel: str, module: Any) -> None:
    """Add the function ``command`` of a module, with its ``EXAMPLES`` at the end of its help."""
    examples = "\n".join(getattr(module, "EXAMPLES", ()))
    app.command(name, cls=Command, context_settings=SETTINGS, epilog=examples or None, rich_help_panel=panel)(
        module.command
    )

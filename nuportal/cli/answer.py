"""Commands of functions: their options, and how what they answer is told."""

from __future__ import annotations

import inspect
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import partial, wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from nucore.errors import InputError
from nucore.results import Result
from nucore.summaries import TEXT_WIDTH
from nuportal.answers import answer_object
from nuportal.cli.help_pages import under_heading
from nuportal.cli.options import optional
from nuportal.cli.progress import shown_progress

_PlotOption = Annotated[Path | None, optional(help="Draw the result here (.png, .pdf, .svg).")]
_JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@dataclass(frozen=True)
class Answer:
    """What a command says.

    Attributes
    ----------
    result : Result, optional
        Its `tables` are the text, its `to_dict` the fields of the JSON object.
    more : dict
        Fields beside those of the result.
    origin : dict
        Card that its provenance records, if none is that of an experiment.
    status : int
        Exit status.
    warned : bool
        Whether warnings have been told already, on stderr.
    """

    result: Result | None = None
    more: dict[str, Any] = field(default_factory=dict)
    text: str | None = None
    origin: dict[str, Any] = field(default_factory=dict)
    status: int = 0
    warned: bool = False

    def fields(self) -> dict[str, Any]:
        """Fields of the JSON object."""
        return (self.result.to_dict() if self.result is not None else {}) | self.more

    def tell(self) -> None:
        """Print the tables, the files that were written, and warnings."""
        if self.text is not None:
            typer.echo(self.text, nl=False)
            return
        fields = self.fields()
        width = min(TEXT_WIDTH, shutil.get_terminal_size().columns) if sys.stdout.isatty() else TEXT_WIDTH
        for k, table in enumerate(self.result.tables() if self.result is not None else ()):
            typer.echo(("\n" if k else "") + table.text(width))
        if fields.get("outputs"):
            typer.echo(f"  written  {', '.join(fields['outputs'])}")
        for warning in () if self.warned else fields.get("warnings", ()):
            typer.echo(f"warning: {warning}")


def grouped(
    function: Callable[..., Answer | None] | None = None,
    *,
    plot: bool = False,
    drawable: Callable[..., None] | None = None,
) -> Callable[..., Any]:
    """Make a command of a function that gives its `Answer`; None if it has printed all it has to say.

    Each parameter annotated with a dataclass stands for the options that are its fields. ``--json`` is added, and with
    `plot` also ``--plot``, which draws the result; `drawable` takes the same arguments and raises `InputError`, before
    anything is computed, if there would be no picture.
    """
    if function is None:
        return partial(grouped, plot=plot, drawable=drawable)
    hints = get_type_hints(function, include_extras=True)
    groups: dict[str, Any] = {name: hint for name, hint in hints.items() if is_dataclass(hint) and name != "return"}
    name = function.__module__.rpartition(".")[2]

    @wraps(function)
    def command(as_json: bool, plot: Path | None = None, **given: Any) -> None:
        if plot is not None and given.get("shard") is not None:
            raise InputError("--plot draws the whole result, --shard computes a part: merge first")
        chosen = {name: group(**{f.name: given.pop(f.name) for f in fields(group)}) for name, group in groups.items()}
        if plot is not None:
            from nucore.plot.style import check_picture

            check_picture(plot)
            if drawable is not None:
                drawable(**given, **chosen)
        with shown_progress(name.replace("_", "-")):
            answer = function(**given, **chosen)
        if answer is None:
            return
        if plot is not None and answer.result is not None:
            answer.result.plot(plot)
            answer = replace(answer, more={**answer.more, "outputs": [*answer.fields().get("outputs", ()), str(plot)]})
        if as_json:
            typer.echo(json.dumps(answer_object(name, answer.fields(), **answer.origin), allow_nan=False))
        else:
            answer.tell()
        if answer.status:
            raise typer.Exit(answer.status)

    parameters = _parameters(function, hints, groups, plot)
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in parameters}
    return command


def _parameters(
    function: Callable[..., Any], hints: dict[str, Any], groups: dict[str, Any], plot: bool
) -> list[inspect.Parameter]:
    """Return the parameters of a command: those of its function, with the fields of a group in its place."""
    options: list[tuple[str, Any, Any, str]] = []  # name, annotation, default, heading
    for name, parameter in inspect.signature(function).parameters.items():
        if name in groups:
            group = groups[name]
            own, heading = get_type_hints(group, include_extras=True), getattr(group, "heading", "")
            options += [(f.name, own[f.name], f.default, heading) for f in fields(group)]
        else:
            options.append((name, hints[name], parameter.default, ""))
    if plot:
        options.append(("plot", _PlotOption, None, ""))
    options.append(("as_json", _JsonOption, False, ""))
    return [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=default,
            annotation=under_heading(name, annotation, heading),
        )
        for name, annotation, default, heading in options
    ]

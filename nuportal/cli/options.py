"""Options and answers that the commands share: each group of options is defined once."""

from __future__ import annotations

import hashlib
import inspect
import json
import math
import shutil
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import partial, wraps
from pathlib import Path
from typing import Annotated, Any, ClassVar, get_type_hints

import typer

from nucore.errors import InputError
from nucore.model.parameters import PortalParameters, default_point, read_assignments
from nucore.results import Result
from nucore.summaries import TEXT_WIDTH
from nuportal.answers import answer_object
from nuportal.cli import completion
from nuportal.cli.help_pages import under_heading
from nuportal.cli.progress import shown_progress

#: An option without a default of its own.
optional = partial(typer.Option, show_default=False)
SeedOption = Annotated[int, typer.Option(help="Seed of the run.", min=0, max=2**32 - 1)]
FlavourOption = Annotated[
    str | None, optional(metavar="e|mu|tau", help="Flavour of the charged lepton (default: the one that mixes, or mu).")
]
ExperimentArgument = Annotated[
    str,
    typer.Argument(
        metavar="EXPERIMENT",
        autocompletion=completion.experiment,
        help="Name of an experiment, or path of a card (./mine.toml).",
    ),
]
ExperimentOption = Annotated[
    str | None,
    optional(autocompletion=completion.experiment, help="Name of an experiment, or path of a card (./mine.toml)."),
]
LuminosityOption = Annotated[float | None, optional(help="Integrated luminosity in fb^-1 (default: that of the card).")]
DecaysOption = Annotated[float | None, optional(help="Parent decays (default: those of the card).")]
WorkersOption = Annotated[
    int | None, optional(min=1, max=4096, metavar="N", help="Threads or processes (default: all cores).")
]
SchedulerOption = Annotated[str | None, optional(metavar="tcp://HOST:PORT", help="Run on a Dask cluster.")]
DataArgument = Annotated[
    str | None,
    typer.Argument(metavar="DATA", help="FILE.root:NAME, FILE.json (UHI or pyhf), .csv, .yaml or HEPData record."),
]
AllowBadFitOption = Annotated[
    bool, typer.Option("--allow-bad-fit", help="Give the result of a fit that does not describe its data.")
]
SpectrumOption = Annotated[str | None, optional(help="LHC: name of published data on the card of the experiment.")]
CorrelationOption = Annotated[
    float | None, optional(help="Of published data: correlation length in GeV (default: the weakest limit of several).")
]
ReportOption = Annotated[Path | None, optional(metavar="DIR", help="Write a page of the result: DIR/index.html.")]
PlotOption = Annotated[Path | None, optional(help="Draw the result here (.png, .pdf, .svg).")]


def _exposure(text: str) -> Any:  # a number, or card
    if text == "card":
        return text
    try:
        return float(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a number: expected one, or card") from None


_exposure.__name__ = "number or card"
DataLuminosityOption = Annotated[
    Any,
    optional(parser=_exposure, metavar="L|card", help="Luminosity in fb^-1 of data that do not say it; card: its own."),
]
DataDecaysOption = Annotated[
    Any,
    optional(parser=_exposure, metavar="N|card", help="Parent decays of data that do not say it; card: its own."),
]


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
    parameters: list[inspect.Parameter] = []
    for name, parameter in inspect.signature(function).parameters.items():
        if name not in groups:
            annotation = under_heading(name, hints[name])
            parameters.append(parameter.replace(annotation=annotation, kind=inspect.Parameter.KEYWORD_ONLY))
            continue
        own = get_type_hints(groups[name], include_extras=True)
        heading = getattr(groups[name], "heading", "")
        parameters += [
            inspect.Parameter(
                f.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=f.default,
                annotation=under_heading(f.name, own[f.name], heading),
            )
            for f in fields(groups[name])
        ]
    added: dict[str, tuple[Any, Any]] = {"plot": (PlotOption, None)} if plot else {}
    added["as_json"] = (Annotated[bool, typer.Option("--json", help="Print one JSON object.")], False)
    for name, (annotation, default) in added.items():
        parameters.append(
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                default=default,
                annotation=under_heading(name, annotation),
            )
        )

    @wraps(function)
    def command(as_json: bool, **given: Any) -> None:
        path: Path | None = given.pop("plot") if plot else None
        if path is not None and given.get("shard") is not None:
            raise InputError("--plot draws the whole result, --shard computes a part: merge first")
        chosen = {name: group(**{f.name: given.pop(f.name) for f in fields(group)}) for name, group in groups.items()}
        name = function.__module__.rpartition(".")[2]
        if path is not None:
            from nucore.plot.style import check_picture

            check_picture(path)
            if drawable is not None:
                drawable(**given, **chosen)
        with shown_progress(name.replace("_", "-")):
            answer = function(**given, **chosen)
        if answer is None:
            return
        if path is not None and answer.result is not None:
            answer.result.plot(path)
            answer = replace(answer, more={**answer.more, "outputs": [*answer.fields().get("outputs", ()), str(path)]})
        if as_json:
            typer.echo(json.dumps(answer_object(name, answer.fields(), **answer.origin), allow_nan=False))
        else:
            answer.tell()
        if answer.status:
            raise typer.Exit(answer.status)

    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in parameters}
    return command


@dataclass(frozen=True)
class PointGroup:
    """A parameter point: a card or the default point, with ``--set`` over it."""

    heading: ClassVar[str] = "Point"

    card: Annotated[Path | None, typer.Argument(metavar="CARD", help="SLHA parameter card.", show_default=False)] = None
    assignments: Annotated[
        list[str] | None,
        optional(
            "--set",
            metavar="NAME=VALUE",
            autocompletion=completion.parameter,
            help="Set a parameter, masses in GeV, e.g. m4=10 (repeatable).",
        ),
    ] = None

    def point(self, varied: Iterable[str] = ()) -> PortalParameters:
        """Return the parameter point; without a card, mixings that are neither set nor varied are zero if one is.

        Raises
        ------
        InputError
            If a parameter is set that is varied.
        """
        from nucore.model.card import load_card

        changes, varied = read_assignments(self.assignments or []), list(varied)
        if twice := changes.keys() & varied:
            raise InputError(f"--set {min(twice)} has no effect: --grid varies it; expected one of them")
        point = default_point([*changes, *varied]) if self.card is None else load_card(self.card)
        return point.replace(**changes)

    def over_data(self) -> Any:
        """Return the point if a card gives it, else what ``--set`` changes of that of the data, None if nothing."""
        return self.point() if self.card is not None else read_assignments(self.assignments or []) or None

    def origin(self) -> dict[str, Any]:
        """Name and hash of the parameter card, as provenance records them."""
        if self.card is None:
            return {}
        return {"card": str(self.card), "card_sha256": hashlib.sha256(self.card.read_bytes()).hexdigest()}

    def yukawa(self) -> float | None:
        """Return yL if the user named it; a projection scans everything else.

        Raises
        ------
        InputError
            If ``--set`` names another parameter.
        """
        others = [a for a in self.assignments or [] if a.partition("=")[0].strip() != "yL"]
        if others:
            raise InputError(f"--set {others[0]}: project scans the masses and the mixing; expected yL=VALUE")
        return self.point().yL if self.card is not None or self.assignments else None


@dataclass(frozen=True)
class LimitGroup:
    """Convention of the limit."""

    heading: ClassVar[str] = "Limit"

    confidence_level: Annotated[float, typer.Option(help="Confidence level, as a fraction.")] = 0.90
    limit: Annotated[str, typer.Option(metavar="cls|clsb|delta-chi2", help="Method of the limit.")] = "cls"


def whole_number(text: str, option: str) -> int:
    """Read a number of events, as 100000 or 1e5."""
    try:
        value = float(text)
    except ValueError:
        raise InputError(f"{option} {text!r} is not a number: expected 100000 or 1e5") from None
    if not math.isfinite(value) or value != int(value):
        raise InputError(f"{option} {text!r} is not a whole number: expected 100000 or 1e5")
    return int(text) if text.lstrip("+-").isdigit() else int(value)

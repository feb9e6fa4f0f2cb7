"""Options and answers that the commands share."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nucore.errors import InputError
from nucore.model.parameters import PortalParameters
from nuportal.answers import answer_object

if TYPE_CHECKING:
    pass

CardArgument = Annotated[Path | None, typer.Argument(metavar="[CARD]", help="SLHA parameter card.", show_default=False)]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="NAME=VALUE", help="Set a parameter, over the card (repeatable).", show_default=False
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
SeedOption = Annotated[int, typer.Option(help="Seed of the run.", min=0, max=2**32 - 1)]
WorkersOption = Annotated[
    int | None, typer.Option(min=1, max=4096, help="Threads or processes; all cores by default.", show_default=False)
]
SchedulerOption = Annotated[
    str | None, typer.Option(metavar="tcp://HOST:PORT", help="Run on a Dask cluster.", show_default=False)
]
ChunkOption = Annotated[
    int | None, typer.Option(min=1, help="Events, toys, masses or points in a piece of work.", show_default=False)
]
ResumeOption = Annotated[bool, typer.Option("--resume", help="Go on with the same run where it was interrupted.")]
MemoryOption = Annotated[
    str | None, typer.Option("--max-memory", metavar="SIZE", help="As 2G; what is free by default.", show_default=False)
]
ShardOption = Annotated[
    str | None,
    typer.Option(metavar="I/N", help="Do part I of N, into --out; `nuportal merge` joins.", show_default=False),
]
FlavourOption = Annotated[str | None, typer.Option(help="e, mu or tau.", show_default=False)]
ExperimentOption = Annotated[str | None, typer.Option(help="Experiment card; see `nuportal experiments`.")]
ConfidenceOption = Annotated[float, typer.Option("--confidence-level", help="As a fraction.")]
LimitOption = Annotated[str, typer.Option("--limit", help="cls, clsb or delta-chi2.")]
LuminosityOption = Annotated[
    float | None, typer.Option("--luminosity", help="fb^-1, where the file does not tell.", show_default=False)
]
DecaysOption = Annotated[
    float | None, typer.Option("--decays", help="Parent decays, where the file does not tell.", show_default=False)
]
SystematicsOption = Annotated[str, typer.Option(help="LHC: paper (the normalisation) or full (the card's nuisances).")]
SelectionOption = Annotated[
    str | None, typer.Option(help="LHC: selection on the card; that of --systematics by default.", show_default=False)
]
ScaleOption = Annotated[float, typer.Option("--scale-systematics", help="LHC: factor on all nuisances.")]
NuisanceOption = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=X", help="LHC: factor on a nuisance, or on all (repeatable).", show_default=False),
]
WindowOption = Annotated[
    str | None, typer.Option(help="LHC: range of the observable in GeV, 20:60.", show_default=False)
]
ChargeOption = Annotated[list[str] | None, typer.Option(help="LHC: +, - or both (repeatable).", show_default=False)]
FloatOption = Annotated[bool, typer.Option("--float-mw", help="LHC: the W mass is free.")]
ObservableOption = Annotated[
    str | None,
    typer.Option(help="LHC: lepton_pt, transverse_mass or missing_momentum.", show_default=False),
]


def analysis_choices(
    selection: str | None,
    scale_systematics: float,
    nuisance: Sequence[str] | None,
    window: str | None,
    charge: Sequence[str] | None,
    float_mw: bool,
    observable: str | None,
) -> dict[str, Any]:
    """Read the options of a collider measurement as `nuportal.api` takes them."""
    charges = set(charge or [])
    return {
        "selection": selection,
        "scale_systematics": scale_systematics,
        "nuisances": dict(_factor(text) for text in nuisance) if nuisance else None,
        "window_GeV": None if window is None else _window(window),
        "charge": "both" if "both" in charges or {"+", "-"} <= charges else next(iter(sorted(charges)), None),
        "observable": observable,
        "float_mw": float_mw,
    }


def _factor(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        return name.strip(), float(value)
    except ValueError:
        raise InputError(f"--nuisance {text!r} is not allowed: give NAME=X, X a factor on its size") from None


def _window(text: str) -> tuple[float, float]:
    try:
        low, high = (float(part) for part in text.split(":"))
    except ValueError:
        raise InputError(f"--window {text!r} is not a window: give low:high in GeV, as 20:60") from None
    return low, high


def parameters_of(card: Path | None, assignments: Sequence[str] | None) -> PortalParameters:
    """Parameter point of a command: the card or the default point, with ``--set`` over it."""
    from nucore.model.card import load_card

    point = load_card(card) if card is not None else PortalParameters()
    return point.with_assignments(assignments or [])


def card_origin(card: Path | None) -> dict[str, Any]:
    """Name and hash of a parameter card, as provenance records them."""
    from nucore.run.provenance import text_digest

    if card is None:
        return {"card": None, "card_sha256": None}
    return {"card": str(card), "card_sha256": text_digest(card.read_text(encoding="utf-8"))}


def chosen_yukawa(card: Path | None, assignments: Sequence[str] | None) -> float | None:
    """Return yL if the user named it, by a card or by ``--set``; a projection scans everything else.

    Raises
    ------
    InputError
        If ``--set`` names another parameter.
    """
    others = [a for a in assignments or [] if a.partition("=")[0].strip() != "yL"]
    if others:
        raise InputError(f"--set {others[0]}: project scans the masses and the mixing; only yL can be set")
    return parameters_of(card, assignments).yL if card is not None or assignments else None


def whole_number(text: str, option: str) -> int:
    """Read a number of events, as 100000 or 1e5."""
    try:
        value = float(text)
    except ValueError:
        raise InputError(f"{option} {text!r} is not a number") from None
    if not math.isfinite(value) or value != int(value):
        raise InputError(f"{option} {text!r} is not a whole number")
    return int(text) if text.lstrip("+-").isdigit() else int(value)


def answer(command: str, fields: Mapping[str, Any], provenance: Mapping[str, Any]) -> None:
    """Print the one JSON object of a command; numbers that are not finite become null."""
    typer.echo(json.dumps(answer_object(command, fields, provenance), allow_nan=False))


def show(rows: Mapping[str, Any], title: str = "") -> None:
    """Print a table of names and values."""
    if title:
        typer.echo(title)
    width = max((len(name) for name in rows), default=0)
    for name, value in rows.items():
        text = f"{value:.6g}" if isinstance(value, float) else str(value)
        typer.echo(f"  {name:<{width}}  {text}")


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[float], None] | None]:
    """Give a callback (fraction done) that draws a bar on stderr; None where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=1.0)
        yield lambda fraction: bar.update(task, completed=fraction)

"""Options that commands share: each group of them is defined once."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, ClassVar

import typer

from nucore.errors import InputError
from nucore.model.parameters import PortalParameters, default_point, read_assignments
from nuportal.cli import completion

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

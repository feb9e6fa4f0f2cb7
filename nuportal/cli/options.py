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
        """Return the parameter point; without a card, mixings that are neither set nor varied are zero if one is."""
        from nucore.model.card import load_card

        changes = read_assignments(self.assignments or [])
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


SpinOption = Annotated[
    str | None,
    optional(
        metavar="measured|lam-tung|lo",
        help="LHC: angular coefficients: measured (default, A2 = 0.7 A0), lam-tung (A2 = A0), lo.",
    ),
]


@dataclass(frozen=True)
class AnalysisGroup:
    """Choices of an analysis: fields of `collider.search.AnalysisOptions` and `mesons.search.AnalysisOptions`."""

    systematics: Annotated[
        str | None, optional(metavar="paper|full", help="LHC: paper: the normalisation; full: the card's nuisances.")
    ] = None
    selection: Annotated[str | None, optional(help="LHC: selection on the card (default: that of --systematics).")] = (
        None
    )
    scale_systematics: Annotated[float | None, optional(help="LHC: scale all nuisances by this factor.")] = None
    nuisance: Annotated[
        list[str] | None, optional(metavar="NAME=X", help="LHC: scale one nuisance, or all (repeatable).")
    ] = None
    window: Annotated[
        str | None, optional(metavar="LOW:HIGH", help="LHC: fit window of the observable in GeV, as 20:60.")
    ] = None
    charge: Annotated[
        list[str] | None, optional(metavar="+|-|both", help="LHC: charge of the lepton (repeatable).")
    ] = None
    float_mw: Annotated[bool, typer.Option("--float-mw", help="LHC: let the W mass float.")] = False
    spin: SpinOption = None
    observable: Annotated[
        str | None, optional(metavar="lepton_pt|transverse_mass|missing_momentum", help="LHC: fitted observable.")
    ] = None
    two_body: Annotated[bool, typer.Option("--two-body", help="Mesons: signal is the peak of nu4.")] = False
    background_model: Annotated[
        str | None,
        optional(
            metavar="floating|known|PROCESS",
            help="Mesons: background: floating (default), known, or a process, e.g. radiative.",
        ),
    ] = None
    background_degree: Annotated[int | None, optional(help="Mesons: degree of ln B in ln p.")] = None
    background_systematic: Annotated[
        str | None, optional(metavar="none|published", help="Mesons: systematic of the background (default: none).")
    ] = None

    def chosen(self) -> dict[str, Any]:
        """Return what the user gave, as the Python functions take it."""
        given = {name: value for name, value in vars(self).items() if value not in (None, False, [])}
        if "nuisance" in given:
            given["nuisance"] = dict(_factor(text) for text in given["nuisance"])
        if "window" in given:
            given["window"] = _window(given["window"])
        if "charge" in given:
            charges = set(given["charge"])
            given["charge"] = "both" if "both" in charges or {"+", "-"} <= charges else min(charges)
        return given


def _factor(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        return name.strip(), float(value)
    except ValueError:
        raise InputError(f"invalid --nuisance {text!r}: expected NAME=X, with X a factor on its size") from None


def _window(text: str) -> tuple[float, float]:
    try:
        low, high = (float(part) for part in text.split(":"))
    except ValueError:
        raise InputError(f"invalid --window {text!r}: expected LOW:HIGH in GeV, as 20:60") from None
    return low, high


def whole_number(text: str, option: str) -> int:
    """Read a number of events, as 100000 or 1e5."""
    try:
        value = float(text)
    except ValueError:
        raise InputError(f"{option} {text!r} is not a number: expected 100000 or 1e5") from None
    if not math.isfinite(value) or value != int(value):
        raise InputError(f"{option} {text!r} is not a whole number: expected 100000 or 1e5")
    return int(text) if text.lstrip("+-").isdigit() else int(value)

"""Options of an analysis, of which each search has its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from nucore.errors import InputError
from nuportal.cli.options import optional

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
        list[str] | None,
        optional(metavar="+|-|both", help="LHC: charge of the W (repeatable; default: the selection's, paper: +)."),
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
            given["nuisance"] = _factors(given["nuisance"])
        if "window" in given:
            given["window"] = _window(given["window"])
        if "charge" in given:
            charges = set(given["charge"])
            given["charge"] = "both" if "both" in charges or {"+", "-"} <= charges else min(charges)
        return given


def _factors(texts: Iterable[str]) -> dict[str, float]:
    found: dict[str, float] = {}
    for text in texts:
        name, _, value = (part.strip() for part in text.partition("="))
        if name in found:
            raise InputError(f"--nuisance {name} is given twice: expected once")
        try:
            found[name] = float(value)
        except ValueError:
            raise InputError(f"invalid --nuisance {text!r}: expected NAME=X, with X a factor on its size") from None
    return found


def _window(text: str) -> tuple[float, float]:
    try:
        low, high = (float(part) for part in text.split(":"))
    except ValueError:
        raise InputError(f"invalid --window {text!r}: expected LOW:HIGH in GeV, as 20:60") from None
    return low, high

"""``nuportal analyse``: events of any generator as an experiment sees them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nuportal.cli.answer import Answer, grouped
from nuportal.cli.options import SeedOption, optional

EXAMPLES: tuple[str, ...] = (
    "nuportal analyse events.lhe",
    "nuportal analyse events.lhe --flavour mu --out spectrum.json",
    "nuportal analyse events.lhe --luminosity 0.1 --out spectrum.csv",
)


@grouped(plot=True)
def command(
    events: Annotated[
        Path,
        typer.Argument(metavar="EVENTS", help="Les Houches or HepMC 2/3 text, plain, .gz or .zst; or our own .root"),
    ],
    experiment: Annotated[str, typer.Option(help="Name of a collider experiment, or path of a card.")] = "atlas-2011",
    flavour: Annotated[
        str | None, optional(metavar="e|mu", help="Flavour of the lepton (default: that of our own files, else mu).")
    ] = None,
    selection: Annotated[str | None, optional(help="Selection on the card (default: paper).")] = None,
    out: Annotated[Path | None, optional(help="Histogram: .root, .json or .csv")] = None,
    w_pt: Annotated[
        str,
        typer.Option(
            "--w-pt",
            metavar="auto|table|file",
            help="table: add the W transverse momentum that leading-order events lack; file: as they are; auto.",
        ),
    ] = "auto",
    luminosity: Annotated[
        float | None, optional(help="Luminosity of the events in fb^-1 (default: from their cross section).")
    ] = None,
    k_factor: Annotated[float, typer.Option("--k-factor", help="Multiplies the cross section in the file.")] = 1.0,
    templates: Annotated[
        bool, typer.Option("--templates", help="Make templates of nu4 too, from Standard Model events.")
    ] = False,
    grid: Annotated[
        str | None,
        optional(metavar="MASSES", help="Masses of the templates in GeV: 1,2,3 or LOW:HIGH:N or LOW:HIGH:N:log."),
    ] = None,
    angular_coefficients: Annotated[
        str | None,
        optional(
            metavar="sample|nominal",
            help="sample: the W spin of the events (default); nominal: redraw all decays with ours.",
        ),
    ] = None,
    seed: SeedOption = 1,
) -> Answer:
    """Events of any generator through response and selection to the experiment's histogram, ready for `fit`."""
    from nuportal import analyse

    result = analyse(
        events, experiment=experiment, flavour=flavour, selection=selection, out=out, w_pt=w_pt, luminosity=luminosity,
        k_factor=k_factor, seed=seed, templates=templates, grid=grid, angular_coefficients=angular_coefficients,
    )  # fmt: skip
    for warning in result.warnings:
        typer.echo(f"warning: {warning}", err=True)
    return Answer(result, warned=True)

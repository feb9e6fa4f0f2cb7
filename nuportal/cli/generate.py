"""``nuportal generate``: pseudo-data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nuportal.cli.options import (
    Answer,
    ExperimentOption,
    FlavourOption,
    PointGroup,
    SeedOption,
    grouped,
    show_all_but,
    whole_number,
)
from nuportal.cli.running import RunGroup, carry_out

#: Prints all but the histogram and the parameters.
show_result = show_all_but("histogram", "parameters")


@grouped
def command(
    process: Annotated[str, typer.Argument(help="w, kaon, pion, b or tau.")],
    where: PointGroup,
    run: RunGroup,
    experiment: ExperimentOption = None,
    flavour: FlavourOption = None,
    selection: Annotated[
        str | None, typer.Option(help="LHC: selection on the card (default: paper).", show_default=False)
    ] = None,
    events: Annotated[str | None, typer.Option(help="Parents before selection.", show_default=False)] = None,
    luminosity: Annotated[
        float | None, typer.Option(help="Real exposure in fb^-1, Poisson-distributed.", show_default=False)
    ] = None,
    decays: Annotated[
        float | None, typer.Option(help="Real exposure in parent decays, Poisson-distributed.", show_default=False)
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help=".root, .parquet, .json, .csv; w: .lhe too.", show_default=False)
    ] = None,
    histogram_only: Annotated[bool, typer.Option("--histogram-only", help="Write no events.")] = False,
    all_events: Annotated[bool, typer.Option("--all-events", help="Write events that fail the selection too.")] = False,
    seed: SeedOption = 1,
) -> Answer:
    """Pseudo-data of PROCESS at a parameter point, smeared and selected as the experiment does."""
    from nuportal import generate
    from nuportal.api.generate import kernel_compiles

    point = where.point()
    if kernel_compiles(process):
        typer.echo("compiling the event kernel, once per installation ...", err=True)
    return carry_out(
        generate, process, point, title=f"generating {process}", run=run, show=show_result, out=out,
        experiment=experiment, flavour=flavour, selection=selection,
        events=None if events is None else whole_number(events, "--events"), luminosity=luminosity, decays=decays,
        histogram_only=histogram_only, all_events=all_events, seed=seed,
    )  # fmt: skip

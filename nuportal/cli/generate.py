"""``nuportal generate``: pseudo-data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nuportal.cli.analysis_options import SpinOption
from nuportal.cli.answer import Answer, grouped
from nuportal.cli.options import (
    ExperimentOption,
    FlavourOption,
    PointGroup,
    SeedOption,
    optional,
    whole_number,
)
from nuportal.cli.running import RunGroup, carry_out

EXAMPLES: tuple[str, ...] = (
    "nuportal generate w --set m4=30 --set Umu4=0.17 --luminosity 0.1 --histogram-only --out w.root",
    "nuportal generate kaon --set m4=0.25 --set Umu4=0.001 --decays 1e9 --histogram-only --out kaon.root",
    "nuportal generate w --events 1000 --out events.lhe",
)


@grouped(plot=True)
def command(
    process: Annotated[str, typer.Argument(help="w, kaon, pion, b or tau.")],
    where: PointGroup,
    run: RunGroup,
    experiment: ExperimentOption = None,
    flavour: FlavourOption = None,
    selection: Annotated[str | None, optional(help="LHC: selection on the card (default: paper).")] = None,
    spin: SpinOption = None,
    events: Annotated[str | None, optional(metavar="N", help="Parents before selection.")] = None,
    luminosity: Annotated[float | None, optional(help="Real exposure in fb^-1, Poisson-distributed.")] = None,
    decays: Annotated[float | None, optional(help="Real exposure in parent decays, Poisson-distributed.")] = None,
    out: Annotated[Path | None, optional(help=".root, .parquet, .json, .csv; w: .lhe too.")] = None,
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
        generate, process, point, title=f"generating {process}", run=run, out=out,
        experiment=experiment, flavour=flavour, selection=selection, spin=spin,
        events=None if events is None else whole_number(events, "--events"), luminosity=luminosity, decays=decays,
        histogram_only=histogram_only, all_events=all_events, seed=seed,
    )  # fmt: skip

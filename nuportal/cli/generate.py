"""``nuportal generate``: pseudo-data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nuportal.cli.options import (
    CardArgument,
    ChunkOption,
    ExperimentOption,
    FlavourOption,
    JsonOption,
    MemoryOption,
    ResumeOption,
    SchedulerOption,
    SeedOption,
    SetOption,
    ShardOption,
    WorkersOption,
    answer,
    parameters_of,
    show,
    whole_number,
)
from nuportal.cli.running import carry_out, execution_of

if TYPE_CHECKING:
    from nucore.events import GenerateResult


def command(
    process: Annotated[str, typer.Argument(help="w, kaon, pion, b or tau.")],
    card: CardArgument = None,
    assignments: SetOption = None,
    experiment: ExperimentOption = None,
    flavour: FlavourOption = None,
    selection: Annotated[
        str | None, typer.Option(help="LHC: selection on the card; paper by default.", show_default=False)
    ] = None,
    events: Annotated[str | None, typer.Option(help="Parents before selection.", show_default=False)] = None,
    luminosity: Annotated[
        float | None, typer.Option(help="fb^-1: a Poisson-distributed real exposure.", show_default=False)
    ] = None,
    decays: Annotated[
        float | None, typer.Option(help="Parent decays: a Poisson-distributed real exposure.", show_default=False)
    ] = None,
    out: Annotated[Path | None, typer.Option(help=".root, .parquet, .json, .csv; w: .lhe", show_default=False)] = None,
    histogram_only: Annotated[bool, typer.Option("--histogram-only", help="Write no events.")] = False,
    all_events: Annotated[bool, typer.Option("--all-events", help="Write events that fail the selection too.")] = False,
    seed: SeedOption = 1,
    workers: WorkersOption = None,
    scheduler: SchedulerOption = None,
    chunk: ChunkOption = None,
    resume: ResumeOption = False,
    max_memory: MemoryOption = None,
    shard: ShardOption = None,
    as_json: JsonOption = False,
) -> None:
    """Pseudo-data of PROCESS at a parameter point, smeared and selected as the experiment does."""
    from nucore.run.provenance import provenance
    from nuportal.answers import fields_of
    from nuportal.api import experiment_sha256, generate, kernel_compiles

    point = parameters_of(card, assignments)
    if kernel_compiles(process):
        typer.echo("compiling the event kernel, once per installation ...", err=True)
    result = carry_out(
        generate,
        process,
        point,
        title=f"generating {process}",
        shard=shard,
        as_json=as_json,
        out=out,
        experiment=experiment,
        flavour=flavour,
        selection=selection,
        events=None if events is None else whole_number(events, "--events"),
        luminosity_invfb=luminosity,
        decays=decays,
        histogram_only=histogram_only,
        all_events=all_events,
        seed=seed,
        execution=execution_of(workers, scheduler, chunk, resume, max_memory),
    )
    if result is None:
        return
    if as_json:
        digest = experiment_sha256(result.experiment)
        fields = fields_of("generate", result, {"parameters": point})
        answer("generate", fields, provenance(seed=seed, card=result.experiment, card_sha256=digest))
        return
    show_result(result)


def show_result(result: GenerateResult) -> None:
    """Print all but the histogram."""
    rows = result.to_dict()
    rows.pop("histogram")
    show(rows)

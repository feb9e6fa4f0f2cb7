"""``nuportal toys``: coverage and bias from pseudo-experiments."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nuportal.cli.options import (
    CardArgument,
    ChargeOption,
    ChunkOption,
    ConfidenceOption,
    DecaysOption,
    FlavourOption,
    FloatOption,
    JsonOption,
    LimitOption,
    LuminosityOption,
    MemoryOption,
    NuisanceOption,
    ObservableOption,
    ResumeOption,
    ScaleOption,
    SchedulerOption,
    SeedOption,
    SelectionOption,
    SetOption,
    ShardOption,
    SystematicsOption,
    WindowOption,
    WorkersOption,
    analysis_choices,
    answer,
    parameters_of,
    show,
    whole_number,
)
from nuportal.cli.running import carry_out, execution_of

if TYPE_CHECKING:
    from nucore.reports.toy_report import ToyReport


def command(
    experiment: Annotated[str, typer.Option(help="Experiment card; see `nuportal experiments`.")],
    n: Annotated[str, typer.Option("--n", help="Number of pseudo-experiments.")],
    card: CardArgument = None,
    assignments: SetOption = None,
    flavour: FlavourOption = None,
    systematics: SystematicsOption = "paper",
    selection: SelectionOption = None,
    scale_systematics: ScaleOption = 1.0,
    nuisance: NuisanceOption = None,
    window: WindowOption = None,
    charge: ChargeOption = None,
    float_mw: FloatOption = False,
    observable: ObservableOption = None,
    luminosity: LuminosityOption = None,
    decays: DecaysOption = None,
    confidence_level: ConfidenceOption = 0.90,
    limit: LimitOption = "cls",
    out: Annotated[Path | None, typer.Option(help="JSON file of the single results.", show_default=False)] = None,
    seed: SeedOption = 1,
    workers: WorkersOption = None,
    scheduler: SchedulerOption = None,
    chunk: ChunkOption = None,
    resume: ResumeOption = False,
    max_memory: MemoryOption = None,
    shard: ShardOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fit many pseudo-experiments whose truth is the parameter point, and count how often the limit covers it."""
    from nucore.run.provenance import provenance
    from nuportal.api import experiment_sha256, toys

    choices = analysis_choices(selection, scale_systematics, nuisance, window, charge, float_mw, observable)
    result = carry_out(
        toys,
        experiment,
        parameters_of(card, assignments),
        title=f"toys of {experiment}",
        shard=shard,
        as_json=as_json,
        out=out,
        n=whole_number(n, "--n"),
        flavour=flavour,
        systematics=systematics,
        **choices,
        luminosity_invfb=luminosity,
        decays=decays,
        confidence_level=confidence_level,
        limit=limit,
        seed=seed,
        execution=execution_of(workers, scheduler, chunk, resume, max_memory),
    )
    if result is None:
        return
    if as_json:
        digest = experiment_sha256(experiment)
        answer("toys", result.to_dict(), provenance(seed=seed, card=experiment, card_sha256=digest))
        return
    show_result(result)


def show_result(result: ToyReport) -> None:
    """Print bias, pulls and coverage."""
    fields = result.to_dict()
    rows = ("n", "n_failed", "truth", "bias", "pull_mean", "pull_width", "limit", "confidence_level", "coverage")
    show({name: fields[name] for name in rows} | ({"written": ", ".join(result.outputs)} if result.outputs else {}))

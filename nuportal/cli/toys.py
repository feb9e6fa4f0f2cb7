"""``nuportal toys``: coverage and bias from pseudo-experiments."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nuportal.cli.options import (
    CardArgument,
    ChargeOption,
    ConfidenceOption,
    DecaysOption,
    FlavourOption,
    FloatOption,
    JsonOption,
    LimitOption,
    LuminosityOption,
    NuisanceOption,
    ObservableOption,
    ScaleOption,
    SeedOption,
    SelectionOption,
    SetOption,
    SystematicsOption,
    WindowOption,
    WorkersOption,
    analysis_choices,
    answer,
    parameters_of,
    progress_bar,
    show,
    whole_number,
)


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
    out: Annotated[
        Path | None, typer.Option(help="JSON file of the single results, kept up to date.", show_default=False)
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from --out.")] = False,
    seed: SeedOption = 1,
    workers: WorkersOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fit many pseudo-experiments whose truth is the parameter point, and count how often the limit covers it."""
    from nuportal.api import experiment_sha256, toys
    from nuportal.provenance import provenance

    choices = analysis_choices(selection, scale_systematics, nuisance, window, charge, float_mw, observable)
    try:
        with progress_bar(f"toys of {experiment}") as progress:
            result = toys(
                experiment,
                parameters_of(card, assignments),
                n=whole_number(n, "--n"),
                flavour=flavour,
                systematics=systematics,
                **choices,
                luminosity_invfb=luminosity,
                decays=decays,
                confidence_level=confidence_level,
                limit=limit,
                seed=seed,
                workers=workers,
                out=out,
                resume=resume,
                progress=progress,
            )
    except KeyboardInterrupt:
        if out is not None:
            typer.echo(f"what is done is in {out}; go on with the same command and --resume", err=True)
        raise
    fields = result.to_dict()
    if as_json:
        answer("toys", fields, provenance(seed=seed, card=experiment, card_sha256=experiment_sha256(experiment)))
        return
    rows = ("n", "n_failed", "truth", "bias", "pull_mean", "pull_width", "limit", "confidence_level", "coverage")
    show({name: fields[name] for name in rows} | ({"written": out} if out is not None else {}))

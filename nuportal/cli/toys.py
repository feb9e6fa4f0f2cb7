"""``nuportal toys``: coverage and bias from pseudo-experiments."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nuportal.cli import completion
from nuportal.cli.analysis_options import AnalysisGroup
from nuportal.cli.answer import Answer, grouped
from nuportal.cli.options import (
    DecaysOption,
    FlavourOption,
    LimitGroup,
    LuminosityOption,
    PointGroup,
    SeedOption,
    optional,
    whole_number,
)
from nuportal.cli.prediction import PredictionGroup
from nuportal.cli.running import RunGroup, carry_out

EXAMPLES: tuple[str, ...] = (
    "nuportal toys --experiment atlas-2011 --n 50 --set m4=30 --limit delta-chi2",
    "nuportal toys --experiment e949 --n 20 --set m4=0.25",
    "nuportal toys --experiment atlas-2011 --n 20 --set m4=30 --out toys.json",
)


@grouped(plot=True)
def command(
    experiment: Annotated[
        str,
        typer.Option(
            autocompletion=completion.experiment, help="Name of an experiment, or path of a card (./mine.toml)."
        ),
    ],
    n: Annotated[str, typer.Option("--n", metavar="N", help="Number of pseudo-experiments.")],
    where: PointGroup,
    analysis: AnalysisGroup,
    prediction: PredictionGroup,
    limits: LimitGroup,
    run: RunGroup,
    flavour: FlavourOption = None,
    luminosity: LuminosityOption = None,
    decays: DecaysOption = None,
    out: Annotated[Path | None, optional(help="JSON file of the single results.")] = None,
    seed: SeedOption = 1,
) -> Answer:
    """Fit many pseudo-experiments whose truth is the parameter point: bias, pulls and coverage of the limit."""
    from nuportal import toys

    return carry_out(
        toys, experiment, where.point(), title=f"toys of {experiment}", run=run, out=out,
        n=whole_number(n, "--n"), flavour=flavour, luminosity=luminosity, decays=decays, seed=seed, **vars(limits),
        **analysis.chosen(), **prediction.chosen(),
    )  # fmt: skip

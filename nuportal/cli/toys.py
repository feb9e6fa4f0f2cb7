"""``nuportal toys``: coverage and bias from pseudo-experiments."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nuportal.cli.options import (
    AnalysisGroup,
    DecaysOption,
    FlavourOption,
    JsonOption,
    LimitGroup,
    LuminosityOption,
    PointGroup,
    SeedOption,
    answer,
    grouped,
    show,
    whole_number,
)
from nuportal.cli.running import RunGroup, carry_out

if TYPE_CHECKING:
    from nucore.reports.toy_report import ToyReport


@grouped
def command(
    experiment: Annotated[str, typer.Option(help="Name of an experiment, or path of a card (./mine.toml).")],
    n: Annotated[str, typer.Option("--n", help="Number of pseudo-experiments.")],
    where: PointGroup,
    analysis: AnalysisGroup,
    limits: LimitGroup,
    run: RunGroup,
    flavour: FlavourOption = None,
    luminosity: LuminosityOption = None,
    decays: DecaysOption = None,
    out: Annotated[Path | None, typer.Option(help="JSON file of the single results.", show_default=False)] = None,
    seed: SeedOption = 1,
    as_json: JsonOption = False,
) -> None:
    """Fit many pseudo-experiments whose truth is the parameter point: bias, pulls and coverage of the limit."""
    from nuportal import toys

    result = carry_out(
        toys, experiment, where.point(), title=f"toys of {experiment}", run=run, as_json=as_json, out=out,
        n=whole_number(n, "--n"), flavour=flavour, luminosity=luminosity, decays=decays, seed=seed, **vars(limits),
        **analysis.chosen(),
    )  # fmt: skip
    if result is None:
        return
    if as_json:
        answer("toys", result.to_dict(), seed=seed)
    else:
        show_result(result)


def show_result(result: ToyReport) -> None:
    """Print bias, pulls and coverage."""
    fields = result.to_dict()
    rows = ("n", "n_failed", "truth", "bias", "pull_mean", "pull_width", "limit", "confidence_level", "coverage")
    show({name: fields[name] for name in rows} | ({"written": ", ".join(result.outputs)} if result.outputs else {}))

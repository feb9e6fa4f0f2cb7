"""``nuportal generate``: pseudo-data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nuportal.cli.options import (
    ExperimentOption,
    FlavourOption,
    JsonOption,
    PointGroup,
    SeedOption,
    answer,
    grouped,
    show,
    whole_number,
)
from nuportal.cli.running import RunGroup, carry_out

if TYPE_CHECKING:
    from nucore.events import GenerateResult


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
    as_json: JsonOption = False,
) -> None:
    """Pseudo-data of PROCESS at a parameter point, smeared and selected as the experiment does."""
    from nuportal import generate
    from nuportal.api.generate import kernel_compiles

    point = where.point()
    if kernel_compiles(process):
        typer.echo("compiling the event kernel, once per installation ...", err=True)
    result = carry_out(
        generate, process, point, title=f"generating {process}", run=run, as_json=as_json, out=out,
        experiment=experiment, flavour=flavour, selection=selection,
        events=None if events is None else whole_number(events, "--events"), luminosity=luminosity, decays=decays,
        histogram_only=histogram_only, all_events=all_events, seed=seed,
    )  # fmt: skip
    if result is None:
        return
    if as_json:
        answer("generate", result.to_dict(), seed=seed)
    else:
        show_result(result)


def show_result(result: GenerateResult) -> None:
    """Print all but the histogram and the parameters."""
    show({name: value for name, value in result.to_dict().items() if name not in ("histogram", "parameters")})

"""``nuportal limits``: every limit curve at a mass."""

from __future__ import annotations

from typing import Annotated

import typer

from nuportal.cli.options import JsonOption, answer


def command(
    flavour: Annotated[str, typer.Option(help="e, mu or tau.")] = "mu",
    m4: Annotated[float, typer.Option(help="nu4 mass in GeV.")] = 0.25,
    observed_by: Annotated[
        int | None, typer.Option("--observed-by", help="Published in this year or before.", show_default=False)
    ] = None,
    inputs: Annotated[
        str | None, typer.Option(help="2017 or latest (default: the curves of both).", show_default=False)
    ] = None,
    projections: Annotated[bool, typer.Option("--projections", help="Include projected limits.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Every limit on |U|^2 of a flavour at a nu4 mass, the strongest first."""
    from nuportal import limits

    found = limits(m4, flavour, inputs=inputs, observed_by=observed_by, projections=projections)
    if as_json:
        answer("limits", found.to_dict())
        return
    width = max(len(limit.id) for limit in found.limits)
    for limit in found.limits:
        if limit.value is None:
            typer.echo(f"{limit.id:<{width}}  {'-':>9}  {limit.reason}")
        else:
            typer.echo(f"{limit.id:<{width}}  {limit.value:>9.3g}  {limit.confidence_level:.0%} CL  {limit.reference}")

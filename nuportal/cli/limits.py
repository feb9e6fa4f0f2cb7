"""``nuportal limits``: every limit curve at a mass."""

from __future__ import annotations

from typing import Annotated

import typer

from nuportal.cli.options import FlavourOption, JsonOption, answer


def command(
    flavour: FlavourOption = None,
    m4: Annotated[float, typer.Option(help="nu4 mass in GeV.")] = 0.25,
    observed_by: Annotated[
        int | None, typer.Option("--observed-by", help="Published in this year or before.", show_default=False)
    ] = None,
    inputs: Annotated[
        str | None, typer.Option(help="2017 or latest; the curves of both by default.", show_default=False)
    ] = None,
    projections: Annotated[bool, typer.Option("--projections", help="With what has not been observed.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Every limit on |U|^2 of a flavour at a nu4 mass, the strongest first."""
    from nucore.run.provenance import provenance
    from nuportal.answers import fields_of
    from nuportal.api import limits

    found = limits(m4, flavour, inputs=inputs, observed_by=observed_by, projections=projections)
    if as_json:
        answer("limits", fields_of("limits", found, {"flavour": flavour, "m4": m4}), provenance())
        return
    width = max(len(limit.id) for limit in found)
    for limit in found:
        if limit.value is None:
            typer.echo(f"{limit.id:<{width}}  {'-':>9}  {limit.reason}")
        else:
            typer.echo(f"{limit.id:<{width}}  {limit.value:>9.3g}  {limit.confidence_level:.0%} CL  {limit.reference}")

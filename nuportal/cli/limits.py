"""``nuportal limits``: every limit curve at a mass."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from nuportal.cli.options import Answer, grouped, optional


@grouped
def command(
    flavour: Annotated[str, typer.Option(help="e, mu or tau.")] = "mu",
    m4: Annotated[float, typer.Option(help="nu4 mass in GeV.")] = 0.25,
    observed_by: Annotated[int | None, optional("--observed-by", help="Published in this year or before.")] = None,
    inputs: Annotated[str | None, optional(help="2017 or latest (default: the curves of both).")] = None,
    projections: Annotated[bool, typer.Option("--projections", help="Include projected limits.")] = False,
) -> Answer:
    """Every limit on |U|^2 of a flavour at a nu4 mass, the strongest first."""
    from nuportal import limits

    found = limits(m4, flavour, inputs=inputs, observed_by=observed_by, projections=projections)
    return Answer(found.to_dict(), _show)


def _show(fields: dict[str, Any]) -> None:
    width = max(len(limit["id"]) for limit in fields["limits"])
    for limit in fields["limits"]:
        value, level = limit["value"], limit["confidence_level"]
        text = (
            f"{'-':>9}  {limit['reason']}" if value is None else f"{value:>9.3g}  {level:.0%} CL  {limit['reference']}"
        )
        typer.echo(f"{limit['id']:<{width}}  {text}")

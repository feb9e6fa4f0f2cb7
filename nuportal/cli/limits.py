"""``nuportal limits``: every limit curve at a mass."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from nuportal.cli.options import Answer, grouped, optional


@grouped
def command(
    flavour: Annotated[str, typer.Option(help="e, mu or tau.")] = "mu",
    m4: Annotated[float, typer.Option(help="nu4 mass in GeV.")] = 0.25,
    m_chi: Annotated[float | None, optional("--m-chi", help="Also limits on dark matter of this mass (GeV).")] = None,
    halo: Annotated[
        str, typer.Option(help="Halo for annihilation: nfw, gnfw, einasto, burkert or isothermal.")
    ] = "nfw",
    observed_by: Annotated[int | None, optional("--observed-by", help="Published in this year or before.")] = None,
    inputs: Annotated[str | None, optional(help="2017 or latest (default: the curves of both).")] = None,
    projections: Annotated[bool, typer.Option("--projections", help="Include projected limits.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Report replaced curves and unverified numbers instead.")
    ] = False,
) -> Answer:
    """Every limit on |U|^2 of a flavour at a nu4 mass, and on dark matter, the strongest first."""
    from nuportal import limits

    found = limits(
        m4, flavour, m_chi=m_chi, halo=halo, inputs=inputs, observed_by=observed_by, projections=projections,
        check=check,
    )  # fmt: skip
    return Answer(found.to_dict(), _show_revision if check else _show)


def _show(fields: dict[str, Any]) -> None:
    rows = [*fields["limits"], *fields["dark_matter"]]
    width = max(len(limit["id"]) for limit in rows)
    quantity = "U_sq"
    typer.echo(f"|U_{fields['flavour']}4|^2 at m4 = {fields['m4_GeV']:g} GeV")
    for limit in rows:
        if limit["quantity"] != quantity:
            quantity = limit["quantity"]
            told = f", Dirac chi, halo {fields['halo']}" if quantity == "sigma_v_cm3_per_s" else ""
            typer.echo(f"{quantity} at m_chi = {fields['m_chi_GeV']:g} GeV{told}")
        value, level = limit["value"], limit["confidence_level"]
        derived = " (derived here)" if limit["derived_here"] else ""
        text = (
            f"{'-':>9}  {limit['reason']}"
            if value is None
            else f"{value:>9.3g}  {level:.0%} CL  {limit['reference']}{derived}"
        )
        typer.echo(f"{limit['id']:<{width}}  {text}")


def _show_revision(fields: dict[str, Any]) -> None:
    revision = fields["revision"]
    typer.echo("superseded curves")
    for old in revision["superseded"]:
        low, high = old["replaced_range_GeV"]
        sets = ", ".join(old["inputs"]) or "none"
        typer.echo(f"  {old['id']} by {old['superseded_by']} from {low:g} to {high:g} GeV; inputs: {sets}")
    typer.echo("numbers not verified")
    for number in revision["unverified"]:
        value = "" if number["value"] is None else f" = {number['value']:g}"
        typer.echo(f"  {number['id']} {number['input']}{value}: {number['reference']}")
    if revision["listed"] is None:
        typer.echo("not compared with the listings of the Particle Data Group: install the package pdg")
        return
    typer.echo("numbers that differ from the listings of the Particle Data Group")
    different = [number for number in revision["listed"] if not number["agrees"]]
    for number in different:
        typer.echo(
            f"  {number['id']} {number['input']} = {number['value']:g}: {number['listed_value']:g} "
            f"in {number['pdg_id']}, edition {number['edition']}"
        )
    if not different:
        typer.echo(f"  none of {len(revision['listed'])}")

"""``nuportal limits``: every limit curve at a mass."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from nucore.errors import InputError
from nuportal.cli.answer import Answer, grouped
from nuportal.cli.options import optional

EXAMPLES: tuple[str, ...] = (
    "nuportal limits --m4 0.25",
    "nuportal limits --flavour e --m4 0.1 --inputs latest",
    "nuportal limits --m4 30 --m-chi 10 --projections",
)


def _drawable(check: bool, **_: Any) -> None:
    if check:
        raise InputError("--check has no picture: expected --plot or --check")


@grouped(plot=True, drawable=_drawable)
def command(
    flavour: Annotated[str, typer.Option(metavar="e|mu|tau", help="Flavour of the charged lepton.")] = "mu",
    m4: Annotated[float, typer.Option(help="nu4 mass in GeV.")] = 0.25,
    m_chi: Annotated[float | None, optional("--m-chi", help="Also limits on dark matter of this mass (GeV).")] = None,
    halo: Annotated[
        str, typer.Option(metavar="nfw|gnfw|einasto|burkert|isothermal", help="Halo profile, for annihilation.")
    ] = "nfw",
    observed_by: Annotated[
        int | None, optional("--observed-by", metavar="YEAR", help="Published in this year or before.")
    ] = None,
    inputs: Annotated[
        str | None, optional(metavar="2017|latest", help="Published numbers of this input set (default: both).")
    ] = None,
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
    return Answer(found)

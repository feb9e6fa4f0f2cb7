"""``nuportal decay``: rates and spectrum of a decay to a lepton and invisible particles."""

from __future__ import annotations

from typing import Annotated

import typer

from nuportal.cli.answer import Answer, grouped
from nuportal.cli.options import PointGroup

EXAMPLES: tuple[str, ...] = (
    "nuportal decay K+ mu --set m_chi=0.02",
    "nuportal decay pi+ e --set m4=0.05 --set Ue4=0.001",
    "nuportal decay tau- mu --set m4=0.5 --json",
)


@grouped(plot=True)
def command(
    parent: Annotated[str, typer.Argument(help="pi+, K+, D+, D_s+, B+, tau- or mu-.")],
    lepton: Annotated[str, typer.Argument(help="e, mu or tau; pi or K for tau-.")],
    where: PointGroup,
) -> Answer:
    """Rates and lepton spectrum of PARENT -> LEPTON + invisible, relative to PARENT -> LEPTON nu."""
    from nuportal import decay

    return Answer(decay(parent, lepton, where.point()), origin=where.origin())

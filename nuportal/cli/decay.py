"""``nuportal decay``: rates and spectrum of a decay to a lepton and invisible particles."""

from __future__ import annotations

from typing import Annotated

import typer

from nuportal.cli.options import JsonOption, PointGroup, answer, grouped, show


@grouped
def command(
    parent: Annotated[str, typer.Argument(help="pi+, K+, D+, D_s+, B+, tau- or mu-.")],
    lepton: Annotated[str, typer.Argument(help="e, mu or tau; pi or K for tau-.")],
    where: PointGroup,
    as_json: JsonOption = False,
) -> None:
    """Rates and lepton spectrum of PARENT -> LEPTON + invisible, relative to PARENT -> LEPTON nu."""
    from nuportal import decay

    result = decay(parent, lepton, where.point()).to_dict()
    if as_json:
        answer("decay", result, **where.origin())
        return
    show({name: value for name, value in result.items() if name not in ("spectrum", "parameters")})

"""``nuportal decay``: rates and spectrum of a decay to a lepton and invisible particles."""

from __future__ import annotations

from typing import Annotated

import typer

from nuportal.cli.options import CardArgument, JsonOption, SetOption, answer, card_origin, parameters_of, show


def command(
    parent: Annotated[str, typer.Argument(help="pi+, K+, D+, D_s+, B+, tau- or mu-.")],
    lepton: Annotated[str, typer.Argument(help="e, mu or tau; pi or K for tau-.")],
    card: CardArgument = None,
    assignments: SetOption = None,
    as_json: JsonOption = False,
) -> None:
    """Rates and lepton spectrum of PARENT -> LEPTON + invisible, relative to PARENT -> LEPTON nu."""
    from nucore.run.provenance import provenance
    from nuportal.api import decay

    result = decay(parent, lepton, parameters_of(card, assignments)).to_dict()
    if as_json:
        answer("decay", result, provenance(**card_origin(card)))
        return
    result.pop("spectrum")
    result.pop("parameters")
    show(result)

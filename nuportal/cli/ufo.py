"""``nuportal ufo``: where the UFO model lies, and its card."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nucore.errors import InputError
from nuportal.cli.answer import Answer, grouped
from nuportal.cli.options import PointGroup, optional

EXAMPLES: tuple[str, ...] = (
    "nuportal ufo --path",
    "nuportal ufo --set m4=30 --out param_card.dat",
    "nuportal ufo --set m_chi=0.05 --set m_phi=0.15",
)


@grouped
def command(
    path: Annotated[bool, typer.Option("--path", help="Print the folder of the model, for `import model`.")] = False,
    card: Annotated[
        Path | None, typer.Option("--card", metavar="CARD", help="Print the point of this card as a card of the model.")
    ] = None,
    assignments: Annotated[
        list[str] | None, optional("--set", metavar="NAME=VALUE", help="Set a parameter (repeatable).")
    ] = None,
    out: Annotated[Path | None, optional(help="Write the card here instead.")] = None,
) -> Answer:
    """Where the UFO model lies (--path), or its complete SLHA card of a parameter point (--card, --set)."""
    from nuportal import ufo

    if path == (card is not None or bool(assignments) or out is not None):
        raise InputError("expected either --path, or a point: --card CARD, --set NAME=VALUE, --out FILE")
    where = PointGroup(card, assignments)
    result = ufo() if path else ufo(where.point(), out=out)
    fields = {name: value for name, value in result.to_dict().items() if value is not None}
    text = "" if out is not None else result.path + "\n" if path else str(result.card)
    return Answer(more=fields, text=text, origin=where.origin())

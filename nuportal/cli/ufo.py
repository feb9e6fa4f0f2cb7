"""``nuportal ufo``: where the UFO model lies, and its card."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nucore.errors import InputError
from nuportal.cli.options import JsonOption, SetOption, answer, card_origin, parameters_of


def command(
    path: Annotated[bool, typer.Option("--path", help="Print the folder of the model, for `import model`.")] = False,
    card: Annotated[
        Path | None, typer.Option("--card", metavar="CARD", help="Print the point of this card as a card of the model.")
    ] = None,
    assignments: SetOption = None,
    out: Annotated[Path | None, typer.Option(help="Write the card here instead.", show_default=False)] = None,
    as_json: JsonOption = False,
) -> None:
    """Where the UFO model lies (--path), or its complete SLHA card of a parameter point (--card, --set)."""
    from nucore.run.provenance import provenance
    from nuportal.api.ufo import ufo_card, ufo_path

    wants_card = card is not None or bool(assignments) or out is not None
    if path == wants_card:
        raise InputError("give either --path, or a point: --card CARD, --set NAME=VALUE, --out FILE")
    if path:
        folder = str(ufo_path())
        if as_json:
            answer("ufo", {"path": folder}, provenance())
        else:
            typer.echo(folder)
        return
    point = parameters_of(card, assignments)
    text = ufo_card(point)
    if out is not None:
        _write(out, text)
    if as_json:
        fields = {"parameters": point.to_dict(), "card": text, "outputs": [] if out is None else [str(out)]}
        answer("ufo", fields, provenance(**card_origin(card)))
    elif out is None:
        typer.echo(text, nl=False)


def _write(out: Path, text: str) -> None:
    from nucore.io import atomic_path

    with atomic_path(out) as temporary:
        temporary.write_text(text, encoding="utf-8")

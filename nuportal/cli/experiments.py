"""``nuportal experiments``: the experiment cards."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from nuportal.cli.options import JsonOption, answer, show


def command(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME|FILE.toml]", help="Print this card, complete.", show_default=False),
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of cards: of all, or of those like NAME.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List the experiment cards, or print one to start your own from."""
    from nuportal import experiments
    from nuportal.api.experiments import card_schema
    from nuportal.searches import card_of

    if schema:
        typer.echo(json.dumps(card_schema(name), indent=2))
    elif name is None:
        cards = experiments()
        if as_json:
            answer("experiments", {"experiments": cards})
        else:
            show(cards)
    else:
        card = card_of(name)
        if as_json:
            answer("experiments", {"name": card.name, "card": card.text}, **card.origin)
        else:
            typer.echo(card.text, nl=False)

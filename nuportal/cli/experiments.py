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
    from nucore.run.provenance import provenance
    from nuportal.api.experiments import card_of, card_schema, experiments

    if schema:
        typer.echo(json.dumps(card_schema(name), indent=2))
    elif name is None:
        cards = experiments()
        if as_json:
            answer("experiments", {"experiments": cards}, provenance())
        else:
            show(cards)
    else:
        card = card_of(name)
        if as_json:
            origin = provenance(card=card.name, card_sha256=card.sha256)
            answer("experiments", {"name": card.name, "card": card.text}, origin)
        else:
            typer.echo(card.text, nl=False)

"""``nuportal experiments``: the experiment cards."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from nuportal.cli.answer import Answer, grouped

EXAMPLES: tuple[str, ...] = (
    "nuportal experiments",
    "nuportal experiments e949",
    "nuportal experiments atlas-2011 --schema",
)


@grouped
def command(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME|FILE.toml]", help="Print this card, complete.", show_default=False)
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of cards: of all, or of those like NAME.")
    ] = False,
) -> Answer | None:
    """List the experiment cards, or print one to start your own from."""
    from nucore.summaries import Table
    from nuportal import experiments
    from nuportal.api.experiments import card_schema
    from nuportal.searches import card_of

    if schema:
        typer.echo(json.dumps(card_schema(name), indent=2))
        return None
    if name is None:
        listed = experiments()
        return Answer(
            more={"experiments": listed}, text=Table(tuple(listed.items()), ("experiment", "measurement")).text() + "\n"
        )
    card = card_of(name)
    return Answer(more={"name": card.name, "card": card.text}, text=card.text, origin=card.origin)

"""``nuportal experiments``: the experiment cards."""

from __future__ import annotations

from typing import Annotated

import typer

from nuportal.cli.options import JsonOption, answer, show


def command(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Print this card.", show_default=False)] = None,
    as_json: JsonOption = False,
) -> None:
    """List the experiment cards, or print one."""
    from nucore.run.provenance import provenance
    from nuportal.api import experiment_sha256, experiment_text, experiments

    if name is None:
        cards = experiments()
        if as_json:
            answer("experiments", {"experiments": cards}, provenance())
        else:
            show(cards)
        return
    text = experiment_text(name)
    if as_json:
        answer("experiments", {"name": name, "card": text}, provenance(card=name, card_sha256=experiment_sha256(name)))
    else:
        typer.echo(text, nl=False)

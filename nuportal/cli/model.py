"""``nuportal model``: what follows from a parameter point."""

from __future__ import annotations

from nuportal.cli.options import CardArgument, JsonOption, SetOption, answer, card_origin, parameters_of, show


def command(card: CardArgument = None, assignments: SetOption = None, as_json: JsonOption = False) -> None:
    """Couplings, widths, annihilation and thermal target of a parameter point."""
    from nucore.run.provenance import provenance
    from nuportal.api import model

    result = model(parameters_of(card, assignments)).to_dict()
    if as_json:
        answer("model", result, provenance(**card_origin(card)))
        return
    show(result.pop("parameters"), "parameters (GeV)")
    show(result, "follows")

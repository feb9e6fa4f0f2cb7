"""``nuportal model``: what follows from a parameter point."""

from __future__ import annotations

from nuportal.cli.options import JsonOption, PointGroup, answer, grouped, show


@grouped
def command(where: PointGroup, as_json: JsonOption = False) -> None:
    """Couplings, widths, annihilation and thermal target of a parameter point."""
    from nuportal import model

    result = model(where.point()).to_dict()
    if as_json:
        answer("model", result, **where.origin())
        return
    show(result.pop("parameters"), "parameters (GeV)")
    show(result, "derived quantities")

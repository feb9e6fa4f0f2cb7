"""``nuportal model``: what follows from a parameter point."""

from __future__ import annotations

from typing import Any

from nuportal.cli.options import Answer, PointGroup, grouped, show


@grouped
def command(where: PointGroup) -> Answer:
    """Couplings, widths, annihilation and thermal target of a parameter point."""
    from nuportal import model

    return Answer(model(where.point()).to_dict(), _show, where.origin())


def _show(fields: dict[str, Any]) -> None:
    show(fields["parameters"], "parameters (GeV)")
    show({name: value for name, value in fields.items() if name != "parameters"}, "derived quantities")

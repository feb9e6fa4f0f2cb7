"""``nuportal model``: what follows from a parameter point."""

from __future__ import annotations

from nuportal.cli.options import Answer, PointGroup, grouped


@grouped
def command(where: PointGroup) -> Answer:
    """Couplings, widths, annihilation and thermal target of a parameter point."""
    from nuportal import model

    return Answer(model(where.point()), origin=where.origin())

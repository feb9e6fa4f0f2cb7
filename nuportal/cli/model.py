"""``nuportal model``: what follows from a parameter point."""

from __future__ import annotations

from nuportal.cli.answer import Answer, grouped
from nuportal.cli.options import PointGroup

EXAMPLES: tuple[str, ...] = (
    "nuportal model --set m4=10 --set Umu4=0.01",
    "nuportal model --set m_chi=0.05 --set m_phi=0.15 --json",
    "nuportal model --set yL=0.5 --set Ue4=0.02",
)


@grouped
def command(where: PointGroup) -> Answer:
    """Couplings, widths, annihilation and thermal target of a parameter point."""
    from nuportal import model

    return Answer(model(where.point()), origin=where.origin())

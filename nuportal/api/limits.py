"""``nuportal.limits``: every published limit at a nu4 mass."""

from __future__ import annotations

from dataclasses import dataclass

from nucore.errors import InputError
from nucore.limits.catalogue import catalogue
from nucore.limits.revision import ListedInput, SupersededCurve, UnverifiedInput, listed, superseded, unverified
from nucore.results import Result
from nuportal.api.requests import recorded
from nuportal.constraints.combine import LimitAtMass, limits_at
from nuportal.constraints.constraint import constraints


@dataclass(frozen=True)
class CatalogueRevision(Result):
    """What a revision of the whole catalogue has to look at.

    Attributes
    ----------
    superseded : tuple of SupersededCurve
        Curves that a newer one replaces.
    unverified : tuple of UnverifiedInput
        Numbers that were recalled or chosen.
    listed : tuple of ListedInput or None
        Numbers beside the listings of the Particle Data Group; None without the package `pdg`.
    """

    superseded: tuple[SupersededCurve, ...]
    unverified: tuple[UnverifiedInput, ...]
    listed: tuple[ListedInput, ...] | None


@dataclass(frozen=True)
class LimitsResult(Result):
    """Limits on one mixing at one mass.

    Attributes
    ----------
    flavour : str
    m4_GeV : float
    limits : tuple of LimitAtMass
        The strongest first, then those without a value.
    revision : CatalogueRevision or None
        If asked for.
    """

    flavour: str
    m4_GeV: float
    limits: tuple[LimitAtMass, ...]
    revision: CatalogueRevision | None = None


@recorded
def limits(
    m4: float = 0.25,
    flavour: str = "mu",
    *,
    inputs: str | None = None,
    observed_by: int | None = None,
    projections: bool = False,
    check: bool = False,
) -> LimitsResult:
    """Every limit on |U_l4|^2 at a nu4 mass, the strongest first, then those without a value there.

    Parameters
    ----------
    m4 : float
        GeV.
    flavour : "e", "mu" or "tau"
    inputs : "2017" or "latest", optional
        Of one input set; of both by default.
    observed_by : int, optional
        Published in this year or before.
    projections : bool
        With what has not been observed.
    check : bool
        Say also which curves of the catalogue a newer one replaces, which of its numbers are not verified, and, with
        the package `pdg`, which differ from the listings.

    Raises
    ------
    InputError
        For arguments that are not allowed, or if nothing was published by then.
    """
    found = constraints(flavour, inputs=inputs, observed_by=observed_by, projections=projections)
    if not found:
        raise InputError(f"no limit on U{flavour}4_sq was published by {observed_by}: expected a later year")
    return LimitsResult(flavour, m4, tuple(limits_at(found, m4, flavour)), _revision() if check else None)


def _revision() -> CatalogueRevision:
    curves = catalogue().values()
    return CatalogueRevision(superseded(curves), unverified(curves), listed(curves))

"""``nuportal.limits``: every published limit at a nu4 mass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from nucore.cosmology.neutrino_lines import HALOS
from nucore.errors import InputError, unknown
from nucore.limits.catalogue import catalogue
from nucore.limits.revision import ListedInput, SupersededCurve, UnverifiedInput, listed, superseded, unverified
from nucore.results import Result, plain
from nucore.summaries import Table
from nuportal.api.limits_tables import limits_headline, limits_tables
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
    """Limits on one mixing at one mass, and on dark matter.

    Attributes
    ----------
    flavour : str
        Of the mixing.
    m4_GeV : float
        Mass of nu4.
    limits : tuple of LimitAtMass
        The strongest first, then those without a value.
    m_chi_GeV : float or None
        Mass of chi, for limits on dark matter; None without.
    halo : str or None
        Density profile of the Milky Way that limits on annihilation assume.
    dark_matter : tuple of LimitAtMass
        On the cross section per nucleon, and on sigma v of chi chibar -> nu nubar of a Dirac chi for neutrinos of the
        flavour; empty without m_chi.
    revision : CatalogueRevision or None
        If asked for.
    """

    picture: ClassVar[str] = "nucore.plot.limits:strongest_figure"

    flavour: str
    m4_GeV: float
    limits: tuple[LimitAtMass, ...]
    m_chi_GeV: float | None = None
    halo: str | None = None
    dark_matter: tuple[LimitAtMass, ...] = ()
    revision: CatalogueRevision | None = None

    def headline(self) -> str:
        """Give the strongest limit."""
        return limits_headline(plain(self.to_dict()))

    def tables(self) -> tuple[Table, ...]:
        """Limits by strength, those without a value, and the revision of the catalogue if asked for."""
        return limits_tables(plain(self.to_dict()))

    def rows(self) -> list[dict[str, Any]]:
        """Records of the limits, those on dark matter last."""
        found: list[dict[str, Any]] = plain([*self.limits, *self.dark_matter])
        return found


@recorded
def limits(
    m4: float = 0.25,
    flavour: str = "mu",
    *,
    m_chi: float | None = None,
    halo: str = "nfw",
    inputs: str | None = None,
    observed_by: int | None = None,
    projections: bool = False,
    check: bool = False,
) -> LimitsResult:
    """Every limit on |U_l4|^2 at a nu4 mass, and on dark matter; the strongest first, then those without a value.

    Parameters
    ----------
    m4 : float
        GeV.
    flavour : "e", "mu" or "tau"
    m_chi : float, optional
        GeV: with limits on dark matter of this mass.
    halo : str
        For limits on annihilation: one of `nucore.cosmology.neutrino_lines.HALOS`.
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

    Examples
    --------
    >>> import nuportal
    >>> strongest = nuportal.limits(0.25, "mu").limits[0]
    >>> print(f"{strongest.id}: |U_mu4|^2 < {strongest.value:.1e}")
    e949-2015-mu: |U_mu4|^2 < 6.8e-09
    """
    chosen: dict[str, Any] = {"inputs": inputs, "observed_by": observed_by, "projections": projections}
    found = constraints(flavour, **chosen)
    if not found:
        raise InputError(f"no limit on U{flavour}4_sq was published by {observed_by}: expected a later year")
    if halo not in HALOS:
        raise unknown("halo", halo, HALOS)
    dark_matter = []
    if m_chi is not None:
        for quantity in ("sigma_n_cm2", "sigma_v_cm3_per_s"):
            dark_matter += limits_at(constraints(quantity=quantity, **chosen), m_chi, flavour, halo)
    return LimitsResult(
        flavour,
        m4,
        tuple(limits_at(found, m4, flavour)),
        m_chi,
        None if m_chi is None else halo,
        tuple(dark_matter),
        _revision() if check else None,
    )


def _revision() -> CatalogueRevision:
    curves = catalogue().values()
    return CatalogueRevision(superseded(curves), unverified(curves), listed(curves))

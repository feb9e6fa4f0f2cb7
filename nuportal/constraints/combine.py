"""The strongest limit at a mass and the envelope of several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nucore.cosmology.neutrino_lines import electron_antineutrino_share
from nucore.limits.catalogue import select
from nucore.limits.curve import LimitCurve
from nucore.limits.revision import unverified
from nucore.model.parameters import check_mass
from nucore.model.particles import FLAVOURS
from nuportal.constraints.constraint import Constraint

Array = NDArray[np.float64]

_ORIGIN = (
    "id", "label", "quantity", "confidence_level", "reference", "year", "applies_to_invisible", "derived_here",
    "observed", "superseded_by",
)  # fmt: skip


@dataclass(frozen=True)
class LimitAtMass:
    """A limit evaluated at one mass; ``value`` is None, with ``reason``, where it does not apply.

    Attributes
    ----------
    id : str
        In the catalogue, lower case with hyphens, experiment first.
    label : str
        Decay or observable, and experiment.
    quantity : str
        ``U_sq``, ``sigma_n_cm2`` or ``sigma_v_cm3_per_s``.
    value : float or None
        The limit, in the unit of ``quantity``: |U|^2, cm^2 or cm^3/s.
    confidence_level : float
        As a fraction.
    reference : str
        Publication.
    year : int
        Of the publication.
    applies_to_invisible : bool
        To a nu4 that decays invisibly.
    derived_here : bool
        Computed by this package from published data.
    observed : bool
        Not a projection.
    superseded_by : str or None
        Newer curve that replaces it.
    verified : bool
        False if a number it rests on was recalled or chosen: ``limits --check`` lists them.
    reason : str
        Why there is no value; else why it does or does not apply to an invisible nu4.
    """

    id: str
    label: str
    quantity: str
    value: float | None
    confidence_level: float
    reference: str
    year: int
    applies_to_invisible: bool
    derived_here: bool
    observed: bool
    superseded_by: str | None
    verified: bool
    reason: str


def limits_at(
    found: Sequence[Constraint], mass_GeV: float, flavour: str | None = None, halo: str = "nfw"
) -> list[LimitAtMass]:
    """Evaluate limits at a mass: the strongest first, those without a value last.

    Parameters
    ----------
    found : sequence of Constraint
        Of one quantity.
    mass_GeV : float
    flavour : str, optional
    halo : str
        For limits on annihilation.
    """
    check_mass("mass", mass_GeV)
    doubtful = {number.id for number in unverified(one.card for one in found)}
    rows = []
    for one in found:
        value = float(one.values(mass_GeV, flavour))
        if one.card.line is not None:
            amplitudes = [float(name == flavour) for name in FLAVOURS]
            value *= float(one.card.line.factor(electron_antineutrino_share(*amplitudes), halo))
        known = np.isfinite(value)
        reason = one.card.reason if known else one.card.why_not(mass_GeV)
        origin = {name: getattr(one.card, name) for name in _ORIGIN} | {"verified": one.card.id not in doubtful}
        rows.append(LimitAtMass(value=value if known else None, reason=reason, **origin))
    return sorted(rows, key=lambda limit: (limit.value is None, limit.value or 0.0, limit.id))


def envelope(
    found: Sequence[Constraint], masses_GeV: ArrayLike, flavour: str | None = None, convention: str = "paper"
) -> tuple[Array, NDArray[np.str_]]:
    """Strongest limit at each mass and the id of its card (NaN and "" where there is none).

    Parameters
    ----------
    found : sequence of Constraint
        Of one quantity.
    masses_GeV : array, shape (n,)
    flavour : str, optional
    convention : "paper" or "refined"
    """
    masses = np.asarray(masses_GeV, dtype=np.float64)
    if not found:
        return np.full(masses.shape, np.nan), np.full(masses.shape, "", dtype=np.str_)
    return _strongest([one.id for one in found], [one.values(masses, flavour, convention) for one in found])


def line_limit(
    m_chi: ArrayLike, electron_share: ArrayLike, halo: str = "nfw", curves: Sequence[LimitCurve] | None = None
) -> tuple[Array, NDArray[np.str_]]:
    """Strongest limit on <sigma v> (cm^3/s) of chi chibar -> nu nubar today, and the id of its curve.

    Parameters
    ----------
    m_chi : float or array
        GeV.
    electron_share : float or array
        `nucore.cosmology.neutrino_lines.electron_antineutrino_share`.
    halo : str
        One of `nucore.cosmology.neutrino_lines.HALOS`; the band is from ``burkert`` to ``gnfw``.
    curves : sequence of LimitCurve, optional
        Of the quantity ``sigma_v_cm3_per_s``; all observed ones by default.

    Returns
    -------
    array, array
        NaN and "" where there is none.

    Raises
    ------
    InputError
        For an unknown halo.
    """
    masses, share = np.broadcast_arrays(np.asarray(m_chi, dtype=np.float64), np.asarray(electron_share))
    chosen = select(quantity="sigma_v_cm3_per_s") if curves is None else curves
    return _strongest(
        [c.id for c in chosen], [c.values(masses) * c.line.factor(share, halo) for c in chosen if c.line is not None]
    )


def _strongest(ids: Sequence[str], table: Sequence[Array]) -> tuple[Array, NDArray[np.str_]]:
    """Lowest value at each mass and the id of its curve (NaN and "" where there is none)."""
    filled = np.where(np.isnan(table), np.inf, table)
    best = filled.argmin(axis=0)
    lowest = np.take_along_axis(filled, best[None], axis=0)[0]
    names = np.array(ids)[best]
    return np.where(np.isfinite(lowest), lowest, np.nan), np.where(np.isfinite(lowest), names, "")

"""The strongest limit at a mass and the envelope of several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nucore.limits.catalogue import select
from nucore.limits.curve import LimitCurve
from nucore.model.parameters import check_mass

Array = NDArray[np.float64]

_ORIGIN = ("id", "label", "confidence_level", "reference", "year", "applies_to_invisible")


@dataclass(frozen=True)
class LimitAtMass:
    """A curve evaluated at one mass; ``value`` is None, with ``reason``, where it does not apply.

    Attributes
    ----------
    id, label : str
    value : float or None
    confidence_level : float
    reference : str
    year : int
    applies_to_invisible : bool
    reason : str
        Why there is no value; else why it does or does not apply to an invisible nu4.
    """

    id: str
    label: str
    value: float | None
    confidence_level: float
    reference: str
    year: int
    applies_to_invisible: bool
    reason: str


def limits_at(curves: Sequence[LimitCurve], mass_GeV: float, flavour: str | None = None) -> list[LimitAtMass]:
    """Evaluate curves at a mass: the strongest first, those without a value last.

    Parameters
    ----------
    curves : sequence of LimitCurve
        Of one quantity.
    mass_GeV : float
    flavour : str, optional
    """
    check_mass("mass", mass_GeV)
    found = []
    for curve in curves:
        value = float(curve.values(mass_GeV, flavour))
        known = np.isfinite(value)
        reason = curve.reason if known else curve.why_not(mass_GeV)
        origin = {name: getattr(curve, name) for name in _ORIGIN}
        found.append(LimitAtMass(value=value if known else None, reason=reason, **origin))
    return sorted(found, key=lambda limit: (limit.value is None, limit.value or 0.0, limit.id))


def envelope(
    curves: Sequence[LimitCurve], masses_GeV: ArrayLike, flavour: str | None = None, convention: str = "paper"
) -> tuple[Array, NDArray[np.str_]]:
    """Strongest limit at each mass and the id of its curve (NaN and "" where there is none).

    Parameters
    ----------
    curves : sequence of LimitCurve
        Of one quantity.
    masses_GeV : array, shape (n,)
    flavour : str, optional
    convention : "paper" or "refined"
    """
    masses = np.asarray(masses_GeV, dtype=np.float64)
    if not curves:
        return np.full(masses.shape, np.nan), np.full(masses.shape, "", dtype=np.str_)
    return _strongest(curves, [curve.values(masses, flavour, convention) for curve in curves])


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
    return _strongest(chosen, [c.values(masses) * c.line.factor(share, halo) for c in chosen if c.line is not None])


def _strongest(curves: Sequence[LimitCurve], table: Sequence[Array]) -> tuple[Array, NDArray[np.str_]]:
    """Lowest value at each mass and the id of its curve (NaN and "" where there is none)."""
    filled = np.where(np.isnan(table), np.inf, table)
    best = filled.argmin(axis=0)
    lowest = np.take_along_axis(filled, best[None], axis=0)[0]
    names = np.array([curve.id for curve in curves])[best]
    return np.where(np.isfinite(lowest), lowest, np.nan), np.where(np.isfinite(lowest), names, "")

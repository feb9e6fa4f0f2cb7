"""A reach curve of a meson experiment, and its points."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nucore.stats.results import BAND


@dataclass(frozen=True)
class ReachPoint:
    """Reach at one mass; quantities are None, with `reason`, where nothing is excluded.

    Attributes
    ----------
    mass_GeV : float
        m_chi, or m4 for a two-body reach.
    br : float or None
        Limit on the branching ratio of M -> l chi phi (or l nu4), total.
    U_sq : float or None
        Limit on |U_l4|^2 at the yL of the curve.
    value : float or None
        Y of the median (|U_l4|^2 for a two-body reach).
    band : dict
        ``minus2, minus1, plus1, plus2`` of `value`.
    thermal : float or None
        Y of the thermal target.
    observed : float or None
        Y from published data (window method); |U_l4|^2 of the published limit for a two-body reach.
    spurious_signal : float or None
        Signal that the fit finds in the alternative background of the card, in statistical standard deviations.
    reason : str or None
    """

    mass_GeV: float
    br: float | None = None
    U_sq: float | None = None
    value: float | None = None
    band: Mapping[str, float | None] = field(default_factory=lambda: dict.fromkeys(BAND))
    thermal: float | None = None
    observed: float | None = None
    spurious_signal: float | None = None
    reason: str | None = None


@dataclass(frozen=True)
class MesonReach:
    """Reach curve of a meson experiment and the choices behind it.

    Attributes
    ----------
    experiment, title, flavour : str
    method : str
        ``spectrum`` (expected, from the calibrated background) or ``window`` (recast of a published limit).
    two_body : bool
        Scan of m4 for |U_l4|^2 instead of m_chi for Y.
    m4, ratio, yL
        nu4 mass (``"10x"`` or GeV), m_phi / m_chi and coupling of the scan; None for a two-body reach.
    confidence_level : float
    limit : str
        Convention of the limit.
    background_model : str
        ``floating``, ``known`` or ``radiative``.
    background_degree : int
        Of ln B in ln p.
    background_systematic : str
        ``none`` or ``published``.
    curve : tuple of ReachPoint
    notes : tuple of str
    outputs : tuple of str
        Files it was written to.
    """

    experiment: str
    title: str
    flavour: str
    method: str
    two_body: bool
    m4: str | None
    ratio: float | None
    yL: float | None
    confidence_level: float
    limit: str
    background_model: str
    background_degree: int
    background_systematic: str
    curve: tuple[ReachPoint, ...]
    notes: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()

    def points(self) -> list[dict[str, Any]]:
        """Points with the names of the command line."""
        mixing = f"U{self.flavour}4_sq"
        if self.two_body:
            return [
                {
                    "m4_GeV": p.mass_GeV,
                    "br": p.br,
                    mixing: p.value,
                    **p.band,
                    f"{mixing}_observed": p.observed,
                    "spurious_signal": p.spurious_signal,
                    "reason": p.reason,
                }
                for p in self.curve
            ]
        coupling = None if self.yL is None else self.yL**2
        return [
            {
                "m_chi_GeV": p.mass_GeV,
                "br": p.br,
                f"yL_sq_{mixing}": None if p.U_sq is None or coupling is None else coupling * p.U_sq,
                "Y": p.value,
                **p.band,
                "Y_thermal": p.thermal,
                "Y_observed": p.observed,
                "spurious_signal": p.spurious_signal,
                "reason": p.reason,
            }
            for p in self.curve
        ]

    def to_dict(self) -> dict[str, Any]:
        """Fields as plain Python types; the points under ``curve``."""
        plain = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return plain | {"curve": self.points(), "notes": list(self.notes), "outputs": list(self.outputs)}

    def to_json(self) -> str:
        """One JSON object."""
        return json.dumps(self.to_dict(), allow_nan=False)

"""Reach of an experiment against a mass: what ``nuportal project`` answers."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from nucore.reports.reach_tables import reach_headline, reach_tables
from nucore.stats.results import BAND, Result, plain
from nucore.summaries import Table


@dataclass(frozen=True)
class ReachPoint:
    """Reach at one mass; `value` is None, with a `reason`, where nothing is excluded.

    Attributes
    ----------
    mass_GeV : float
    value : float or None
        Median expected upper limit.
    band : mapping
        ``minus2, minus1, plus1, plus2`` of `value`.
    reason : str or None
    others : mapping
        Further quantities at this mass by name, the same names at every point of a curve.
    """

    mass_GeV: float
    value: float | None = None
    band: Mapping[str, float | None] = field(default_factory=lambda: dict.fromkeys(BAND))
    reason: str | None = None
    others: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Reach(Result):
    """Reach curve of an experiment and the choices behind it.

    Attributes
    ----------
    experiment, title, flavour : str
    mass : str
        Name of the mass that is scanned: ``m4_GeV`` or ``m_chi_GeV``.
    quantity : str
        Name of what is limited: ``Umu4_sq`` (|U_mu4|^2) or ``Y``.
    confidence_level : float
    limit : str
        ``cls``, ``clsb``, ``delta-chi2``, or ``published`` for the recast of an observed limit.
    curve : tuple of ReachPoint
    choices : mapping
        Analysis options by name, in plain Python types.
    notes : tuple of str
    window_scan : tuple of Reach
        One curve for each lower edge of the fit window, this one first; empty without a scan.
    outputs : tuple of str
        Files the result was written to.
    """

    picture: ClassVar[str] = "nucore.plot.pictures:reach_picture"

    experiment: str
    title: str
    flavour: str
    mass: str
    quantity: str
    confidence_level: float
    limit: str
    curve: tuple[ReachPoint, ...]
    choices: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    window_scan: tuple[Reach, ...] = ()
    outputs: tuple[str, ...] = ()

    def points(self) -> list[dict[str, Any]]:
        """Points as mappings, with the names of the command line."""
        return [
            {self.mass: p.mass_GeV, self.quantity: p.value, **p.band, **p.others, "reason": p.reason}
            for p in self.curve
        ]

    def headline(self) -> str:
        """Give the strongest limit."""
        return reach_headline(plain(self.to_dict()))

    def tables(self) -> tuple[Table, ...]:
        """Tables of the points, of observed limits with what they assume."""
        return reach_tables(plain(self.to_dict()))

    def rows(self) -> list[dict[str, Any]]:
        """Records of the points."""
        return self.points()

    def to_dict(self) -> dict[str, Any]:
        """Fields as plain Python types; the points under ``curve``."""
        names = [f.name for f in dataclasses.fields(self) if f.name not in ("choices", "window_scan")]
        found = {name: getattr(self, name) for name in names}
        found |= {**self.choices, "curve": self.points(), "notes": list(self.notes), "outputs": list(self.outputs)}
        if self.window_scan:
            found["window_scan"] = [curve.to_dict() for curve in self.window_scan]
        return found

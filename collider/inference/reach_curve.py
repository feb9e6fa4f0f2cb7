"""A reach curve of a collider experiment, and its points."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from collider.inference.w_mass import WMassEffect
from nucore.stats.results import BAND


@dataclass(frozen=True)
class ReachPoint:
    """Reach at one nu4 mass; None, with ``reason``, where no |U_l4|^2 <= 1 is excluded.

    Attributes
    ----------
    m4_GeV : float
    U_sq : float or None
        Median expected upper limit on |U_l4|^2.
    band : dict
        ``minus2, minus1, plus1, plus2``.
    uncertainty : float or None
        Relative numerical uncertainty of the limit.
    reason : str or None
    w_mass : WMassEffect or None
        What a floating W mass does, where it floats.
    """

    m4_GeV: float
    U_sq: float | None
    band: Mapping[str, float | None] = field(default_factory=lambda: dict.fromkeys(BAND))
    uncertainty: float | None = None
    reason: str | None = None
    w_mass: WMassEffect | None = None

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> ReachPoint:
        """Point of what `dataclasses.asdict` makes of it."""
        effect = plain["w_mass"]
        return cls(**{**plain, "w_mass": None if effect is None else WMassEffect(**effect)})


@dataclass(frozen=True)
class ReachCurve:
    """Reach of a collider experiment and the choices behind it.

    Attributes
    ----------
    experiment, title, flavour : str
    systematics, selection, observable : str
    window_GeV : (float, float)
        Of the observable.
    confidence_level : float
    limit : str
        Convention: ``cls``, ``clsb`` or ``delta-chi2``.
    luminosity_invfb : float
    charges : tuple of str
    nuisances : dict
        Sizes of the card's nuisances that were used.
    float_mw : bool
    curve : tuple of ReachPoint
    outputs : tuple of str
        Files it was written to.
    """

    experiment: str
    title: str
    flavour: str
    systematics: str
    selection: str
    observable: str
    window_GeV: tuple[float, float]
    confidence_level: float
    limit: str
    luminosity_invfb: float
    charges: tuple[str, ...]
    nuisances: Mapping[str, float]
    float_mw: bool
    curve: tuple[ReachPoint, ...]
    outputs: tuple[str, ...] = ()

    def points(self) -> list[dict[str, Any]]:
        """Points with the names of the command line."""
        name = f"U{self.flavour}4_sq"
        return [
            {
                "m4_GeV": p.m4_GeV,
                name: p.U_sq,
                **p.band,
                "uncertainty": p.uncertainty,
                "reason": p.reason,
                **({} if p.w_mass is None else p.w_mass.to_dict(name, p.U_sq)),
            }
            for p in self.curve
        ]

    def to_dict(self) -> dict[str, Any]:
        """Fields as plain Python types; the points under ``curve``."""
        plain = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        lists = {"charges": list(self.charges), "window_GeV": list(self.window_GeV), "curve": self.points()}
        return plain | lists | {"nuisances": dict(self.nuisances), "outputs": list(self.outputs)}

    def to_json(self) -> str:
        """One JSON object."""
        return json.dumps(self.to_dict(), allow_nan=False)


@dataclass(frozen=True)
class WindowScan:
    """Reach against the lower edge of the window.

    Attributes
    ----------
    curves : tuple of ReachCurve
        One for each lower edge.
    outputs : tuple of str
        Files it was written to.
    """

    curves: tuple[ReachCurve, ...]
    outputs: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The first curve, and all of them under ``window_scan``."""
        curves = [curve.to_dict() for curve in self.curves]
        return {**curves[0], "window_scan": curves, "outputs": list(self.outputs)}

    def to_json(self) -> str:
        """One JSON object."""
        return json.dumps(self.to_dict(), allow_nan=False)

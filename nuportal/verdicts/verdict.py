"""Are parameter points allowed, by what are they excluded, by how much."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mesons.decays.broad_peak import fraction_in_window
from nucore.cosmology.direct_detection import sigma_n
from nucore.cosmology.naturalness import largest_coupling
from nucore.errors import InputError
from nucore.limits.catalogue import INPUTS, catalogue, select
from nucore.limits.cosmological import cosmological_bounds
from nucore.limits.curve import LimitCurve
from nucore.limits.recast import VISIBLE_BRANCHING
from nucore.model.nu4_decays import branching_nu4_visible
from nucore.model.parameters import PortalParameters
from nucore.model.particles import FLAVOURS
from nucore.results import Result

Array = NDArray[np.float64]
Convention = Literal["paper", "refined"]
CONVENTIONS = ("paper", "refined")
PERTURBATIVITY = "perturbativity"


@dataclass(frozen=True)
class Verdict(Result):
    """What all limits say of a parameter point.

    Attributes
    ----------
    parameters : PortalParameters
    allowed : bool
        No limit excludes the point.
    excluded_by : tuple of str
        Ids, the strongest first.
    margins : dict
        Limit over prediction by id: below 1 excludes.
    not_applicable : dict
        Why a limit does not apply, by id.
    """

    parameters: PortalParameters
    allowed: bool
    excluded_by: tuple[str, ...]
    margins: dict[str, float]
    not_applicable: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class VerdictOptions:
    """Which limits count.

    Attributes
    ----------
    inputs : "2017" or "latest"
    convention : "paper" or "refined"
        ``refined``: a peak search counts for the share of a broad nu4 that it sees, and Eq. 17 as derived.
    inelastic : bool
        chi is split in mass: direct detection does not apply.
    ignore : sequence of str
        Ids left out.
    """

    inputs: str = "latest"
    convention: Convention = "refined"
    inelastic: bool = False
    ignore: Sequence[str] = ()

    def __post_init__(self) -> None:
        if self.inputs not in INPUTS:
            raise InputError(f"unknown inputs {self.inputs!r}: expected one of {', '.join(INPUTS)}")
        if self.convention not in CONVENTIONS:
            raise InputError(f"unknown convention {self.convention!r}: expected one of {', '.join(CONVENTIONS)}")
        known = {*catalogue(), *(b.id for b in cosmological_bounds()), PERTURBATIVITY}
        for name in self.ignore:
            if name not in known:
                raise InputError(f"unknown limit {name!r}: expected one of {', '.join(sorted(known))}")


def verdicts(points: Sequence[PortalParameters], options: VerdictOptions) -> list[Verdict]:
    """Verdict on each of several parameter points; each mixing is compared with limits on it alone.

    Parameters
    ----------
    points : sequence of PortalParameters
    options : VerdictOptions
    """
    margins: list[dict[str, float]] = [{} for _ in points]
    silent: list[dict[str, str]] = [{} for _ in points]
    visible = [branching_nu4_visible(p) for p in points]
    for curve in select(inputs=options.inputs):
        if curve.id not in options.ignore:
            _mixing_margins(curve, points, visible, options, margins, silent)
    for curve in select(quantity="sigma_n_cm2", inputs=options.inputs):
        if curve.id not in options.ignore:
            _recoil_margins(curve, points, options, margins, silent)
    for k, point in enumerate(points):
        _other_margins(point, options, margins[k], silent[k])
    return [_verdict(p, m, s) for p, m, s in zip(points, margins, silent, strict=True)]


def _verdict(point: PortalParameters, margins: dict[str, float], silent: dict[str, str]) -> Verdict:
    excluded = sorted((name for name, margin in margins.items() if margin < 1.0), key=lambda name: margins[name])
    return Verdict(
        point, not excluded, tuple(excluded), dict(sorted(margins.items(), key=lambda item: item[1])), silent
    )


def _mixing_margins(
    curve: LimitCurve,
    points: Sequence[PortalParameters],
    visible: Sequence[float | None],
    options: VerdictOptions,
    margins: list[dict[str, float]],
    silent: list[dict[str, str]],
) -> None:
    masses = np.array([p.m4 for p in points])
    for flavour in (f for f in FLAVOURS if f in curve.flavours):
        mixings = np.array([p.U_sq(flavour) for p in points])
        if not mixings.any():
            continue
        limits_ = curve.values(masses, flavour, options.convention)
        for k in map(int, np.flatnonzero(mixings > 0.0)):
            reason = _why_silent(curve, points[k], visible[k], float(limits_[k]))
            if reason is not None:
                silent[k][curve.id] = reason
                continue
            margin = float(limits_[k] / mixings[k])
            if options.convention == "refined" and curve.peak_parent is not None:
                margin /= _share_in_peak(curve, points[k], flavour)
            margins[k][curve.id] = min(margin, margins[k].get(curve.id, math.inf))
    for k in range(len(points)):
        if curve.id in margins[k]:
            silent[k].pop(curve.id, None)
        else:
            silent[k].setdefault(curve.id, f"no mixing with {', '.join(curve.flavours)}")


def _why_silent(curve: LimitCurve, point: PortalParameters, visible: float | None, limit: float) -> str | None:
    """Why a limit says nothing of a point, None where it does."""
    invisible = visible is None or visible < VISIBLE_BRANCHING
    if not (curve.applies_to_invisible if invisible else curve.applies_to_visible):
        share = 0.0 if visible is None else visible
        kind = "invisibly" if invisible else "visibly"
        return f"nu4 decays {kind} (visible share {share:.3g}); {curve.reason}"
    return curve.why_not(point.m4) if math.isnan(limit) else None


def _share_in_peak(curve: LimitCurve, p: PortalParameters, flavour: str) -> float:
    """Share of the decays that a peak search sees: 1 for a narrow nu4, or where nu4 -> chi phi* is closed."""
    share = fraction_in_window(str(curve.peak_parent), flavour, p.m_chi, p.m_phi, p.m4, p.yL, curve.peak_half_width_GeV)
    return share if share > 0.0 else 1.0


def _recoil_margins(
    curve: LimitCurve,
    points: Sequence[PortalParameters],
    options: VerdictOptions,
    margins: list[dict[str, float]],
    silent: list[dict[str, str]],
) -> None:
    limits_ = curve.values(np.array([p.m_chi for p in points]))
    for k, point in enumerate(points):
        if options.inelastic:
            silent[k][curve.id] = "chi is split in mass"
        elif point.yR != 0.0:
            silent[k][curve.id] = "the loop is known for yR = 0 only"
        elif math.isnan(limits_[k]):
            silent[k][curve.id] = curve.why_not(point.m_chi)
        else:
            predicted = sigma_n(point, curve.nucleus)
            margins[k][curve.id] = math.inf if predicted == 0.0 else float(limits_[k]) / predicted


def _other_margins(
    point: PortalParameters, options: VerdictOptions, margins: dict[str, float], silent: dict[str, str]
) -> None:
    for bound in cosmological_bounds():
        if options.inputs not in bound.inputs or bound.id in options.ignore:
            continue
        predicted = bound.predicted(point, options.convention)
        if predicted is None:
            silent[bound.id] = f"{bound.quantity} is not known at this point"
        else:
            margins[bound.id] = bound.limit / predicted
    if PERTURBATIVITY not in options.ignore:
        largest = largest_coupling(point)
        margins[PERTURBATIVITY] = math.inf if largest == 0.0 else 4.0 * math.pi / largest

"""Are parameter points allowed, by what are they excluded, by how much."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from nucore.model import constants as c
from nucore.model.loop_corrections import mixing_loop_shift
from nucore.model.parameters import PortalParameters
from nucore.results import Result, plain
from nucore.summaries import Table
from nuportal.constraints.comparison import Comparison
from nuportal.verdicts.judgement import Judgement, VerdictOptions, judge
from nuportal.verdicts.verdict_tables import verdict_headline, verdict_tables

#: Size of the one-loop relation between mixings above which a verdict warns.
_LARGE_LOOP = 0.3
_MEASURED = {"m_W": float(c.M_W), "m_Z": float(c.M_Z), "m_h": float(c.M_H), "G_F": float(c.G_F)}


@dataclass(frozen=True)
class Finding:
    """One constraint at a parameter point.

    Attributes
    ----------
    id : str
        Of the constraint, as in `nuportal.limits`.
    observable : str or tuple of str
        What is predicted, with its unit; several are one measurement with correlations.
    prediction, limit : float or tuple of float, or None
        The limit lies on the side of the prediction; None where there is no effect or no limit.
    margin : float or None
        Below 1 excludes; None where the constraint does not apply, infinite without an effect.
    sense : str
        What the margin is.
    confidence_level : float or None
        As a fraction.
    delta_chi2 : float or None
        chi2 minus that of the Standard Model, for measured numbers.
    applies : bool
        Whether it constrains this point.
    reason : str or None
        Why it does not apply.
    """

    id: str
    observable: str | tuple[str, ...]
    prediction: float | tuple[float, ...] | None
    limit: float | tuple[float, ...] | None
    margin: float | None
    sense: str
    confidence_level: float | None
    delta_chi2: float | None
    applies: bool
    reason: str | None


@dataclass(frozen=True)
class Verdict(Result):
    """What all limits say of a parameter point.

    Attributes
    ----------
    parameters : PortalParameters
        The parameter point.
    allowed : bool or None
        No limit excludes the point; None where none does but the point lies where the limits do not reach
        (`nuportal.verdicts.gaps`), as for a nu4 that decays visibly.
    excluded_by : tuple of str
        Ids, the strongest first.
    margins : dict
        By id, the smallest first: below 1 excludes.
    not_applicable : dict
        Why a limit does not apply, by id.
    constraints : tuple of Finding
        All of them, in the order of the margins, then those that do not apply.
    joint_delta_chi2 : float
        chi2 minus that of the Standard Model, summed over the measured numbers that apply (correlations between
        different constraints neglected).
    dark_matter_share : float
        Share of chi in the dark matter, at most 1: direct limits hold for this share, those on annihilation for its
        square.
    halo : str
        Density profile of the Milky Way assumed for annihilation.
    mixing_loop_shift : float or None
        Relative shift of |U_l4|^2 between zero momentum, where universality and electroweak limits measure it, and
        the mass of nu4, by the chi-phi loop: a theory uncertainty of these limits. None for yR != 0.
    warnings : tuple of str
        Where the verdict is uncertain; empty if nowhere.
    """

    picture: ClassVar[str] = "nucore.plot.check:margins_figure"

    parameters: PortalParameters
    allowed: bool | None
    excluded_by: tuple[str, ...]
    margins: dict[str, float]
    not_applicable: dict[str, str]
    constraints: tuple[Finding, ...]
    joint_delta_chi2: float
    dark_matter_share: float
    halo: str
    mixing_loop_shift: float | None
    warnings: tuple[str, ...]

    def headline(self) -> str:
        """Say whether the point is allowed, and what limits it most."""
        return verdict_headline(plain(self.to_dict()))

    def tables(self) -> tuple[Table, ...]:
        """Verdict, constraints by margin, and those that do not apply."""
        return verdict_tables(plain(self.to_dict()))

    def rows(self) -> list[dict[str, Any]]:
        """Records of the constraints."""
        found: list[dict[str, Any]] = plain(self.constraints)
        return found


def verdict(point: PortalParameters, options: VerdictOptions) -> Verdict:
    """Verdict of all constraints on a parameter point."""
    judged = judge([point], options, exact=True)
    findings = sorted((_finding(judged, name) for name in judged.comparisons), key=_order)
    margins = {one.id: one.margin for one in findings if one.margin is not None}
    allowed = None if judged.undecided[0] else not judged.excluded[0]
    loop = None
    if point.yR == 0.0:
        loop = float(mixing_loop_shift(point.m_chi, point.m_phi, point.m4, point.yL)[0])
    return Verdict(
        parameters=point,
        allowed=allowed,
        excluded_by=tuple(name for name, margin in margins.items() if margin < 1.0),
        margins=margins,
        not_applicable={one.id: str(one.reason) for one in findings if not one.applies},
        constraints=tuple(findings),
        joint_delta_chi2=float(judged.joint_delta_chi2[0]),
        dark_matter_share=float(judged.share[0]),
        halo=options.halo,
        mixing_loop_shift=loop,
        warnings=_warnings(judged, allowed, loop),
    )


def _order(finding: Finding) -> tuple[bool, float, str]:
    return not finding.applies, math.inf if finding.margin is None else finding.margin, finding.id


def _finding(judged: Judgement, name: str) -> Finding:
    found = judged.comparisons[name]
    margin = float(found.margin[0])
    applies = not math.isnan(margin)
    return Finding(
        id=name,
        observable=found.observables if len(found.observables) > 1 else found.observables[0],
        prediction=_numbers(found, found.prediction),
        limit=_numbers(found, found.limit),
        margin=margin if applies else None,
        sense=found.sense,
        confidence_level=judged.confidence_levels.get(name),
        delta_chi2=None if found.delta_chi2 is None or not applies else float(found.delta_chi2[0]),
        applies=applies,
        reason=None if applies else found.silent(0),
    )


def _numbers(found: Comparison, table: np.ndarray) -> float | tuple[float, ...] | None:
    values = tuple(map(float, table[:, 0]))
    if not all(map(math.isfinite, values)):
        return None
    return values if len(values) > 1 else values[0]


def _warnings(judged: Judgement, allowed: bool | None, loop: float | None) -> tuple[str, ...]:
    found = []
    if allowed is None:
        found.append(f"undecided: {judged.why_undecided(0)}")
    if loop is not None and abs(loop) > _LARGE_LOOP:
        found.append(
            f"yL is large: the chi-phi loop shifts |U|^2 between zero momentum and m4 by {loop:+.0%}, "
            "a theory uncertainty of the universality and electroweak limits"
        )
    moved = [name for name, value in _MEASURED.items() if getattr(judged.points, name)[0] != value]
    if moved:
        found.append(
            f"{', '.join(moved)} not as measured: decays of W, Z and h and their limits keep the measured values"
        )
    return tuple(found)

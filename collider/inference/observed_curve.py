"""Observed limits of one data block against the nu4 mass, with the whole fit at some masses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from collider.inference.likelihood import Expectation
from collider.inference.observed import observed_point, observed_reach, that_counts
from collider.inference.observed_spectra import ObservedSpectra
from collider.inference.observed_systematics import SystematicEffect, systematic_effects
from nucore.model.parameters import PortalParameters
from nucore.reports.fit_report import FitReport
from nucore.reports.reach import Reach, ReachPoint
from nucore.run.chunks import Chunk, cut
from nucore.run.engine import run_chunks
from nucore.run.executors import Execution, open_workers
from nucore.stats import LimitChoice

Progress = Callable[[float], None]


@dataclass(frozen=True)
class WholeFit:
    """All of a fit at one mass.

    Attributes
    ----------
    spectra : ObservedSpectra
        With the treatment of the uncertainties that counts.
    expected : Expectation
    report : FitReport
    effects : tuple of SystematicEffect
        Empty where they were not asked for.
    """

    spectra: ObservedSpectra
    expected: Expectation
    report: FitReport
    effects: tuple[SystematicEffect, ...] = ()


@dataclass(frozen=True)
class ObservedCurve:
    """Limits of one data block.

    Attributes
    ----------
    reach : Reach
    fits : mapping
        Whole fits by nu4 mass, GeV.
    """

    reach: Reach
    fits: Mapping[float, WholeFit] = field(default_factory=dict)


@dataclass(frozen=True)
class MassGrid:
    """nu4 masses, GeV, and what is computed at each.

    Attributes
    ----------
    limits : tuple of float
    whole : tuple of float
        Those of them at which the whole fit is kept.
    effects : tuple of float
        Those of the latter at which systematic uncertainties are changed in turn.
    """

    limits: tuple[float, ...]
    whole: tuple[float, ...] = ()
    effects: tuple[float, ...] = ()


def observed_curve(
    spectra: Sequence[ObservedSpectra],
    masses: MassGrid,
    limit: LimitChoice,
    execution: Execution,
    progress: Progress | None = None,
) -> ObservedCurve:
    """Compute the limits of a data block; no result depends on the workers.

    Parameters
    ----------
    spectra : sequence of ObservedSpectra
        The same data, one a treatment of its uncertainties.
    masses : MassGrid
    limit : LimitChoice
    execution : Execution
        Threads.
    progress : callable, optional
        Called with the fraction done.
    """

    def task(chunk: Chunk) -> tuple[ReachPoint, WholeFit | None]:
        return _at_mass(spectra, masses, masses.limits[chunk.first], limit)

    n = len(masses.limits)
    points, fits = [], {}
    with open_workers(execution, "threads") as workers:
        for point, whole in run_chunks(task, cut(Chunk(0, n), 1), execution, workers):
            points.append(point)
            if whole is not None:
                fits[point.mass_GeV] = whole
            if progress is not None:
                progress(len(points) / n)
    return ObservedCurve(observed_reach(spectra[0], points, limit), fits)


def _at_mass(
    spectra: Sequence[ObservedSpectra], masses: MassGrid, m4: float, limit: LimitChoice
) -> tuple[ReachPoint, WholeFit | None]:
    """Limit at a mass and, where it is asked for, the whole fit."""
    point = observed_point(spectra, m4, limit)
    if m4 not in masses.whole or spectra[0].no_limit(m4) is not None:
        return point, None
    chosen = that_counts(spectra, point)
    report = chosen.fit_input(PortalParameters(m4=m4)).report(limit)
    effects = systematic_effects(spectra, chosen, m4, limit) if m4 in masses.effects else ()
    return point, WholeFit(chosen, chosen.expectation(m4), report, effects)

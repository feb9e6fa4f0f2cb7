"""Expected reach in |U_l4|^2 of a measurement of W decays, for Standard Model Asimov data."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collider.likelihood import Expectation, expectation, gaussian_uncertainty
from collider.measurement import AnalysisOptions, Measurement, measurement
from collider.response import Experiment, load_experiment
from collider.systematics import shapes
from collider.w_mass import WMassEffect, w_mass_effect
from nuportal.errors import InputError
from nuportal.stats import LimitMethod, expected_limit
from nuportal.stats.results import BAND

Array = NDArray[np.float64]
Progress = Callable[[float], None]

#: nu4 masses of a reach curve, GeV.
DEFAULT_GRID_GEV = (
    5.0, 7.0, 10.0, 13.0, 16.0, 20.0, 23.0, 25.0, 28.0, 30.0, 32.0, 34.0, 36.0, 38.0, 40.0, 42.0, 44.0, 46.0, 48.0,
    50.0, 55.0, 60.0, 65.0, 70.0, 75.0, 80.0, 90.0, 100.0,
)  # fmt: skip
#: nu4 masses of a scan of the window, GeV.
DEFAULT_SCAN_GRID_GEV = (20.0, 30.0, 40.0, 45.0, 50.0)
#: Relative uncertainty of a limit from the finite cells of the template integration, common to all replicas:
#: limits from 5 to 100 GeV change by less than this when all steps are made three times finer.
CELL_UNCERTAINTY = 3e-5


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
    float_m_W : bool
    curve : tuple of ReachPoint
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
    float_m_W: bool
    curve: tuple[ReachPoint, ...]

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
        return plain | lists | {"nuisances": dict(self.nuisances)}

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
    """

    curves: tuple[ReachCurve, ...]

    def to_dict(self) -> dict[str, Any]:
        """The first curve, and all of them under ``window_scan``."""
        return {**self.curves[0].to_dict(), "window_scan": [curve.to_dict() for curve in self.curves]}

    def to_json(self) -> str:
        """One JSON object."""
        return json.dumps(self.to_dict(), allow_nan=False)


def project(
    experiment: str | Experiment,
    flavour: str = "mu",
    grid: Sequence[float] | None = None,
    *,
    options: AnalysisOptions | None = None,
    confidence_level: float = 0.90,
    limit: LimitMethod = "cls",
    luminosity_invfb: float | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> ReachCurve:
    """Return the expected reach in |U_l4|^2 against the nu4 mass, for Standard Model Asimov data.

    Parameters
    ----------
    experiment : str or Experiment
        Name of a card, or a card.
    flavour : str
        ``e`` or ``mu``.
    grid : sequence of float, optional
        nu4 masses, GeV; `DEFAULT_GRID_GEV` by default.
    options : AnalysisOptions, optional
        Selection and systematics; those of the paper by default.
    confidence_level : float
        Fraction.
    limit : str
        ``cls``, ``clsb`` or ``delta-chi2``.
    luminosity_invfb : float, optional
        In place of the card's.
    workers : int, optional
        Threads; all cores by default.  The result does not depend on it.
    progress : callable, optional
        Called with the fraction done.

    Raises
    ------
    InputError
        For arguments that are not allowed.
    """
    card = load_experiment(experiment) if isinstance(experiment, str) else experiment
    options = AnalysisOptions() if options is None else options
    measured = measurement(card, flavour, options, luminosity_invfb)
    masses = [float(m4) for m4 in (DEFAULT_GRID_GEV if grid is None else grid)]
    if not masses:
        raise InputError("the grid of nu4 masses is empty: at least one mass is needed")
    points = _points(measured, masses, confidence_level, limit, workers, progress)
    return ReachCurve(
        card.name, card.title, flavour, options.systematics, measured.name, measured.selection.observable,
        measured.selection.window_GeV, confidence_level, limit, measured.luminosity_invfb,
        measured.selection.charges, {n.name: n.size for n in measured.nuisances}, options.float_m_W, tuple(points),
    )  # fmt: skip


def scan_window(
    experiment: str | Experiment,
    lower_edges_GeV: Sequence[float],
    flavour: str = "mu",
    grid: Sequence[float] | None = None,
    *,
    options: AnalysisOptions | None = None,
    progress: Progress | None = None,
    **choice: Any,
) -> WindowScan:
    """Return the expected reach for several lower edges of the window.

    Parameters
    ----------
    experiment, flavour, options, progress, **choice
        As in `project`.
    lower_edges_GeV : sequence of float
    grid : sequence of float, optional
        nu4 masses, GeV; `DEFAULT_SCAN_GRID_GEV` by default.
    """
    card = load_experiment(experiment) if isinstance(experiment, str) else experiment
    options = AnalysisOptions() if options is None else options
    high = measurement(card, flavour, options).selection.window_GeV[1]
    curves = []
    for k, low in enumerate(lower_edges_GeV):
        shown = None if progress is None else lambda f, k=k: progress((k + f) / len(lower_edges_GeV))
        here = dataclasses.replace(options, window_GeV=(float(low), high))
        masses = DEFAULT_SCAN_GRID_GEV if grid is None else grid
        curves.append(project(card, flavour, masses, options=here, progress=shown, **choice))
    if not curves:
        raise InputError("no lower edge of the window is given: at least one is needed")
    return WindowScan(tuple(curves))


def _points(
    measured: Measurement,
    masses: Sequence[float],
    confidence_level: float,
    limit: LimitMethod,
    workers: int | None,
    progress: Progress | None,
) -> list[ReachPoint]:
    light = shapes(measured, 0.0)

    def point(m4: float) -> ReachPoint:
        return _point(expectation(measured, m4, light=light), m4, confidence_level, limit)

    done: list[ReachPoint] = [point(masses[0])]  # the first mass fills the caches that the others share
    with ThreadPoolExecutor(max_workers=workers or os.cpu_count()) as pool:
        if progress is not None:
            progress(1.0 / len(masses))
        for result in pool.map(point, masses[1:]):
            done.append(result)
            if progress is not None:
                progress(len(done) / len(masses))
    return done


def _point(expected: Expectation, m4: float, confidence_level: float, limit: LimitMethod) -> ReachPoint:
    found = expected_limit(expected.model(), confidence_level=confidence_level, method=limit)
    effect = None
    if expected.measurement.options.float_m_W:
        held = expected_limit(expected.model(fixed_m_W=True), confidence_level=confidence_level, method=limit)
        effect = w_mass_effect(expected, held.expected, found.expected)
    spread = numerical_uncertainty(expected) if found.expected is not None else None
    return ReachPoint(m4, found.expected, dict(found.band), spread, found.expected_reason, effect)


def numerical_uncertainty(expected: Expectation) -> float:
    """Return the relative uncertainty of a limit from the numerical integration of the templates.

    The scatter of the Gaussian sensitivity over the replicas, and `CELL_UNCERTAINTY` in quadrature.
    """
    light, nu4 = expected.light, expected.nu4
    shifts = expected.nuisance_shifts()
    rest = expected.standard_model - light.values
    limits = np.array(
        [
            gaussian_uncertainty(one + rest, other - one, shifts)
            for one, other in zip(light.replicas, nu4.replicas, strict=True)
        ]
    )
    scatter = limits.std(ddof=1) / limits.mean() / np.sqrt(limits.size)
    return float(np.hypot(scatter, CELL_UNCERTAINTY))

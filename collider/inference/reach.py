"""Expected reach in |U_l4|^2 of a measurement of W decays, for Standard Model Asimov data."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collider.backgrounds.background_samples import background_samples
from collider.experiments.measurement import AnalysisOptions, Measurement, measurement
from collider.experiments.response import Experiment, load_experiment
from collider.inference.likelihood import Expectation, check_mass, expectation, gaussian_uncertainty
from collider.inference.reach_curve import ReachCurve, ReachPoint, WindowScan
from collider.inference.w_mass import w_mass_effect
from collider.templates.systematics import Shapes, shapes
from nucore.errors import InputError
from nucore.run.chunks import Chunk
from nucore.run.job import Job, complete
from nucore.run.threads import preparing
from nucore.stats import LimitMethod, expected_limit

Array = NDArray[np.float64]

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
_ABOUT: dict[str, Any] = {"unit": "masses", "chunk": 4, "local": "threads", "kept_bytes_per_item": 2000.0}


def project_job(
    experiment: str | Experiment,
    flavour: str = "mu",
    grid: Sequence[float] | None = None,
    *,
    options: AnalysisOptions | None = None,
    confidence_level: float = 0.90,
    limit: LimitMethod = "cls",
    luminosity_invfb: float | None = None,
    **choices: Any,
) -> Job[ReachCurve]:
    """Describe the expected reach in |U_l4|^2 against the nu4 mass, for Standard Model Asimov data.

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
    **choices
        Other fields of `nucore.run.Job`.

    Raises
    ------
    InputError
        For arguments that are not allowed.
    """
    card = load_experiment(experiment) if isinstance(experiment, str) else experiment
    measured = measurement(card, flavour, options, luminosity_invfb)
    scan = _Scan((measured,), _masses(grid, DEFAULT_GRID_GEV), confidence_level, limit)

    def finish(pieces: Iterator[Any]) -> ReachCurve:
        return scan.curves(pieces)[0]

    return Job(scan, scan.items, finish, **_ABOUT, **choices)


def scan_window_job(
    experiment: str | Experiment,
    lower_edges_GeV: Sequence[float],
    flavour: str = "mu",
    grid: Sequence[float] | None = None,
    *,
    options: AnalysisOptions | None = None,
    confidence_level: float = 0.90,
    limit: LimitMethod = "cls",
    **choices: Any,
) -> Job[WindowScan]:
    """Describe the expected reach for several lower edges of the window.

    Parameters
    ----------
    experiment, flavour, options, confidence_level, limit, **choices
        As in `project_job`.
    lower_edges_GeV : sequence of float
    grid : sequence of float, optional
        nu4 masses, GeV; `DEFAULT_SCAN_GRID_GEV` by default.
    """
    if len(lower_edges_GeV) == 0:
        raise InputError("no lower edge of the window is given: at least one is needed")
    card = load_experiment(experiment) if isinstance(experiment, str) else experiment
    options = AnalysisOptions() if options is None else options
    high = measurement(card, flavour, options).selection.window_GeV[1]
    windows = [dataclasses.replace(options, window_GeV=(float(low), high)) for low in lower_edges_GeV]
    measurements = tuple(measurement(card, flavour, here) for here in windows)
    scan = _Scan(measurements, _masses(grid, DEFAULT_SCAN_GRID_GEV), confidence_level, limit)

    def finish(pieces: Iterator[Any]) -> WindowScan:
        return WindowScan(scan.curves(pieces))

    return Job(scan, scan.items, finish, **_ABOUT, **choices)


def project(
    experiment: str | Experiment, flavour: str = "mu", grid: Sequence[float] | None = None, **choices: Any
) -> ReachCurve:
    """Carry out `project_job`."""
    return complete(project_job(experiment, flavour, grid, **choices))


def scan_window(
    experiment: str | Experiment,
    lower_edges_GeV: Sequence[float],
    flavour: str = "mu",
    grid: Sequence[float] | None = None,
    **choices: Any,
) -> WindowScan:
    """Carry out `scan_window_job`."""
    return complete(scan_window_job(experiment, lower_edges_GeV, flavour, grid, **choices))


def _masses(grid: Sequence[float] | None, default: tuple[float, ...]) -> tuple[float, ...]:
    masses = default if grid is None else tuple(map(float, grid))
    if not masses:
        raise InputError("the grid of nu4 masses is empty: at least one mass is needed")
    for m4 in masses:
        check_mass(m4)
    return masses


@dataclass(frozen=True)
class _Scan:
    """The same masses for one or several measurements, one measurement after the other; the task of a job."""

    measurements: tuple[Measurement, ...]
    masses: tuple[float, ...]
    confidence_level: float
    limit: LimitMethod

    @property
    def items(self) -> Chunk:
        return Chunk(0, len(self.measurements) * len(self.masses))

    def __call__(self, chunk: Chunk) -> list[dict[str, Any]]:
        n, found = len(self.masses), []
        for which, items in groupby(range(chunk.first, chunk.stop), lambda i: i // n):
            measured = self.measurements[which]
            light = _prepared(measured)
            for m4 in (self.masses[i % n] for i in items):
                expected = expectation(measured, m4, light=light)
                found.append(dataclasses.asdict(_point(expected, m4, self.confidence_level, self.limit)))
        return found

    def curves(self, pieces: Iterator[Any]) -> tuple[ReachCurve, ...]:
        """Curve of each measurement from the pieces of all."""
        points = [ReachPoint.of(plain) for piece in pieces for plain in piece]
        n = len(self.masses)
        return tuple(self._curve(m, points[k * n : (k + 1) * n]) for k, m in enumerate(self.measurements))

    def _curve(self, measured: Measurement, points: list[ReachPoint]) -> ReachCurve:
        card, options = measured.experiment, measured.options
        return ReachCurve(
            card.name, card.title, measured.flavour, options.systematics, measured.name, measured.selection.observable,
            measured.selection.window_GeV, self.confidence_level, self.limit, measured.luminosity_invfb,
            measured.selection.charges, {n.name: n.size for n in measured.nuisances}, options.float_mw, tuple(points),
        )  # fmt: skip


def _prepared(measured: Measurement) -> Shapes:
    """Shapes of the massless neutrino; they and the backgrounds take most of the time, and are kept in caches."""
    with preparing():
        light = shapes(measured, 0.0)
        background_samples(measured, light.values)
    return light


def _point(expected: Expectation, m4: float, confidence_level: float, limit: LimitMethod) -> ReachPoint:
    """Reach at a mass from its templates."""
    found = expected_limit(expected.model(), confidence_level=confidence_level, method=limit)
    effect = None
    if expected.measurement.options.float_mw:
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

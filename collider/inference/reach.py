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
from collider.experiments.analysis_options import AnalysisOptions
from collider.experiments.measurement import Measurement, measurement
from collider.experiments.response import Experiment, load_experiment
from collider.inference.likelihood import Expectation, expectation, gaussian_uncertainty
from collider.inference.observed import ObservedScan
from collider.inference.w_mass import w_mass_effect
from collider.production.w_production import MAX_M4_GEV
from collider.templates.systematics import Shapes, shapes
from nucore.errors import InputError
from nucore.grids import GridValues, mass_grid
from nucore.model.parameters import check_mass
from nucore.reports.reach import Reach, ReachPoint
from nucore.run.chunks import Chunk
from nucore.run.engine import Progress
from nucore.run.executors import Execution
from nucore.run.job import Job, complete
from nucore.run.threads import preparing
from nucore.stats import LimitMethod
from nucore.stats.upper_limits import LimitChoice

Array = NDArray[np.float64]

#: nu4 masses of a reach curve, GeV.
DEFAULT_GRID_GEV = (
    5.0, 7.0, 10.0, 13.0, 16.0, 20.0, 23.0, 25.0, 28.0, 30.0, 32.0, 34.0, 36.0, 38.0, 40.0, 42.0, 44.0, 46.0, 48.0,
    50.0, 55.0, 60.0, 65.0, 70.0, 75.0, 80.0, 90.0, 100.0,
)  # fmt: skip
#: nu4 masses of observed limits, GeV.
DEFAULT_OBSERVED_GRID_GEV = tuple(m4 for m4 in DEFAULT_GRID_GEV if m4 <= 50.0)
#: nu4 masses of a scan of the window, GeV.
DEFAULT_SCAN_GRID_GEV = (20.0, 30.0, 40.0, 45.0, 50.0)
#: Relative uncertainty of a limit from the finite cells of the template integration, common to all replicas:
#: limits from 5 to 100 GeV change by less than this when all steps are made three times finer.
CELL_UNCERTAINTY = 3e-5
_ABOUT: dict[str, Any] = {"unit": "masses", "chunk": 4, "local": "threads", "kept_bytes_per_item": 2000.0}


@dataclass(frozen=True)
class ReachOptions(AnalysisOptions):
    """What a user may choose of a reach.

    Attributes
    ----------
    scan_window : sequence of float, optional
        Lower edges of the fit window, GeV: one curve for each.
    yL : float, optional
        Without effect: the rate of W -> l nu4 does not depend on it.
    observed : bool
        Add the observed limit, of published data on the card; the expected one is then that of these data.
    spectrum : str, optional
        Name of the data block; the first of the flavour by default.
    correlation : float, optional
        Length (GeV) over which published uncertainties of unknown correlation are correlated; by default all that the
        card names are tried, and the weakest observed limit counts.
    """

    scan_window: Sequence[float] | None = None
    yL: float | None = None
    observed: bool = False
    spectrum: str | None = None
    correlation: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.observed and (self.spectrum is not None or self.correlation is not None):
            raise InputError("spectrum and correlation are of observed limits: expected --observed with them")
        if self.observed and self.scan_window is not None:
            raise InputError("--scan-window does not apply to observed limits: expected --window")
        if self.scan_window is not None:
            if len(self.scan_window) == 0:
                raise InputError("no lower edge of the window is given: expected at least one")
            object.__setattr__(self, "scan_window", tuple(map(float, self.scan_window)))


def reach_job(
    experiment: Experiment,
    flavour: str = "mu",
    grid: GridValues | None = None,
    options: ReachOptions | None = None,
    limit: LimitChoice | None = None,
    *,
    exposure: float | None = None,
    **run: Any,
) -> Job[Reach]:
    """Describe the expected reach in |U_l4|^2 against the nu4 mass, for Standard Model Asimov data.

    Parameters
    ----------
    experiment : Experiment
    flavour : str
        ``e`` or ``mu``.
    grid : str or sequence of float, optional
        nu4 masses, GeV; `DEFAULT_GRID_GEV`, or `DEFAULT_SCAN_GRID_GEV` with a scan of the window.
    options : ReachOptions, optional
    limit : LimitChoice, optional
    exposure : float, optional
        fb^-1, in place of the card's.
    **run
        Other fields of `nucore.run.job.Job`.

    Raises
    ------
    InputError
        For arguments that are not allowed.
    """
    options = ReachOptions() if options is None else options
    if options.observed:
        if exposure is not None:
            raise InputError("an exposure does not apply to observed limits: that of the data counts")
        return _observed_job(experiment, flavour, grid, options, limit or LimitChoice(), **run)
    measured = measurement(experiment, flavour, options, exposure)
    windows: tuple[Measurement, ...] = (measured,)
    if options.scan_window is not None:
        high = measured.selection.window_GeV[1]
        changed = [dataclasses.replace(options, window=(low, high)) for low in options.scan_window]
        windows = tuple(measurement(experiment, flavour, here, exposure) for here in changed)
    default = DEFAULT_GRID_GEV if options.scan_window is None else DEFAULT_SCAN_GRID_GEV
    masses = mass_grid(default if grid is None else grid, "m4")
    for m4 in masses:
        check_mass("m4", m4, MAX_M4_GEV)
    scan = _Scan(windows, tuple(masses.tolist()), limit or LimitChoice())

    def finish(pieces: Iterator[Any]) -> Reach:
        curves = scan.curves(pieces)
        return curves[0] if options.scan_window is None else dataclasses.replace(curves[0], window_scan=curves)

    return Job(scan, scan.items, finish, **_ABOUT, **run)


def _observed_job(
    experiment: Experiment, flavour: str, grid: GridValues | None, options: ReachOptions, limit: LimitChoice, **run: Any
) -> Job[Reach]:
    """Describe the observed limit in |U_l4|^2 against the nu4 mass."""
    masses = mass_grid(DEFAULT_OBSERVED_GRID_GEV if grid is None else grid, "m4")
    for m4 in masses:
        check_mass("m4", m4, MAX_M4_GEV)
    analysis = AnalysisOptions(**{f.name: getattr(options, f.name) for f in dataclasses.fields(AnalysisOptions)})
    scan = ObservedScan(
        experiment, flavour, analysis, options.spectrum, options.correlation, tuple(masses.tolist()), limit
    )  # fmt: skip
    return Job(scan, Chunk(0, len(masses)), scan.curve, **_ABOUT, **run)


def project(
    experiment: str | Experiment,
    flavour: str = "mu",
    grid: GridValues | None = None,
    *,
    confidence_level: float = 0.90,
    limit: LimitMethod = "cls",
    exposure: float | None = None,
    execution: Execution | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> Reach:
    """Carry out `reach_job`, with the fields of `ReachOptions` as keyword arguments."""
    card = load_experiment(experiment) if isinstance(experiment, str) else experiment
    choice = LimitChoice(confidence_level, limit)
    run = {"execution": execution or Execution(), "progress": progress}
    return complete(reach_job(card, flavour, grid, ReachOptions(**options), choice, exposure=exposure, **run))


@dataclass(frozen=True)
class _Scan:
    """The same masses for one or several measurements, one measurement after the other; the task of a job."""

    measurements: tuple[Measurement, ...]
    masses: tuple[float, ...]
    limit: LimitChoice

    @property
    def items(self) -> Chunk:
        return Chunk(0, len(self.measurements) * len(self.masses))

    def __call__(self, chunk: Chunk) -> list[dict[str, Any]]:
        n, found = len(self.masses), []
        for which, items in groupby(range(chunk.first, chunk.stop), lambda i: i // n):
            measured = self.measurements[which]
            light = _prepared(measured)
            for m4 in (self.masses[i % n] for i in items):
                found.append(dataclasses.asdict(_point(expectation(measured, m4, light=light), m4, self.limit)))
        return found

    def curves(self, pieces: Iterator[Any]) -> tuple[Reach, ...]:
        """Curve of each measurement from the pieces of all."""
        points = [ReachPoint(**plain) for piece in pieces for plain in piece]
        n = len(self.masses)
        return tuple(self._curve(m, points[k * n : (k + 1) * n]) for k, m in enumerate(self.measurements))

    def _curve(self, measured: Measurement, points: list[ReachPoint]) -> Reach:
        card = measured.experiment
        choices = {**measured.to_dict(), "luminosity_invfb": measured.luminosity_invfb}
        return Reach(
            card.name, card.title, measured.flavour, "m4_GeV", measured.parameter, self.limit.confidence_level,
            self.limit.method, tuple(points), choices,
        )  # fmt: skip


def _prepared(measured: Measurement) -> Shapes:
    """Shapes of the massless neutrino; they and the backgrounds take most of the time, and are kept in caches."""
    with preparing():
        light = shapes(measured, 0.0)
        background_samples(measured, light.values)
    return light


def _point(expected: Expectation, m4: float, limit: LimitChoice) -> ReachPoint:
    """Reach at a mass from its templates."""
    found = limit.expected(expected.model())
    others = {"uncertainty": numerical_uncertainty(expected) if found.expected is not None else None}
    if expected.measurement.options.float_mw:
        held = limit.expected(expected.model(fixed_m_W=True))
        others |= w_mass_effect(expected, held.expected, found.expected)
    return ReachPoint(m4, found.expected, dict(found.band), found.expected_reason, others)


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

"""Expected reach of a meson experiment: Y against m_chi, or |U_l4|^2 against m4."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from mesons.experiments.cards import Experiment, load_experiment
from mesons.inference.options import YL_BENCHMARK, ReachOptions
from mesons.inference.scan import DarkScan
from mesons.inference.templates import Templates, templates_of
from mesons.inference.window import recast_window
from nucore.cosmology.annihilation import dark_coupling, thermal_target
from nucore.grids import GridValues, mass_grid
from nucore.reports.reach import Reach, ReachPoint
from nucore.run.chunks import Chunk
from nucore.run.engine import Progress
from nucore.run.executors import Execution
from nucore.run.job import Job, complete
from nucore.stats import LimitMethod
from nucore.stats.upper_limits import LimitChoice

_DEFAULT_POINTS = 60
#: The scan of m_chi ends just beyond threshold, and begins this factor below.
_BEYOND_THRESHOLD, _SCAN_FACTOR = 1.031, 100.0
#: Masses in a piece of work, most and fewest; starting processes takes as long as some hundred masses.
_CHUNK_MASSES, _LEAST_CHUNK, _SERIAL_BELOW = 25, 5, 150
_BYTES_PER_MASS = 2000.0


def reach_job(
    experiment: Experiment,
    grid: GridValues | None = None,
    options: ReachOptions | None = None,
    limit: LimitChoice | None = None,
    **run: Any,
) -> Job[Reach]:
    """Describe the expected reach of a meson experiment.

    The signal is smeared with the resolution of the card and fitted, with its normalisation free, together with a
    background of the card's functional form whose coefficients are free; the data are the Asimov set of the
    calibrated background.

    Parameters
    ----------
    experiment : Experiment
    grid : str or sequence of float, optional
        m_chi (or m4 for a two-body reach) in GeV.
    options : ReachOptions, optional
    limit : LimitChoice, optional
    **run
        Other fields of `nucore.run.job.Job`.

    Raises
    ------
    InputError
        For arguments that are not allowed.

    References
    ----------
    arXiv:1709.07001, section on meson decays; Eq. 12.
    """
    options = ReachOptions() if options is None else options
    if options.scaling is not None:
        experiment = load_experiment(experiment.card or experiment.name, options.scaling)
    templates = templates_of(experiment, options)
    scan = DarkScan(str(options.m4), options.ratio, YL_BENCHMARK if options.yL is None else options.yL)
    default = np.linspace(*templates.two_body_range(), _DEFAULT_POINTS) if options.two_body else None
    if default is None:
        default = _masses_of_scan(experiment, scan.ratio)
    masses = mass_grid(default if grid is None else grid, "m4" if options.two_body else "m_chi")
    points = _Points(templates, options, scan, limit or LimitChoice(), tuple(masses.tolist()))
    return Job(
        points, Chunk(0, masses.size), points.reach, "masses", chunk=_CHUNK_MASSES, least_chunk=_LEAST_CHUNK,
        serial_below=_SERIAL_BELOW, kept_bytes_per_item=_BYTES_PER_MASS, **run,
    )  # fmt: skip


def project(
    experiment: str | Experiment,
    grid: GridValues | None = None,
    *,
    confidence_level: float = 0.90,
    limit: LimitMethod = "cls",
    execution: Execution | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> Reach:
    """Carry out `reach_job`, with the fields of `ReachOptions` as keyword arguments."""
    card = load_experiment(experiment) if isinstance(experiment, str) else experiment
    choice = LimitChoice(confidence_level, limit)
    run = {"execution": execution or Execution(), "progress": progress}
    return complete(reach_job(card, grid, ReachOptions(**options), choice, **run))


def _masses_of_scan(experiment: Experiment, ratio: float) -> Any:
    """m_chi (GeV) up to the threshold of M -> l chi phi: 1 to 100 MeV for a kaon, a muon and ratio 3."""
    m_parent, m_lepton = experiment.masses
    end = _BEYOND_THRESHOLD * (m_parent - m_lepton) / (1.0 + ratio)
    return np.geomspace(end / _SCAN_FACTOR, end, _DEFAULT_POINTS)


@dataclass(frozen=True)
class _Points:
    """Masses of a reach; the task of a job."""

    templates: Templates
    options: ReachOptions
    scan: DarkScan
    limit: LimitChoice
    masses: tuple[float, ...]

    @property
    def mixing(self) -> str:
        return f"U{self.templates.experiment.flavour}4_sq"

    def __call__(self, chunk: Chunk) -> list[dict[str, Any]]:
        point = self._two_body_point if self.options.two_body else self._dark_point
        return [asdict(point(mass)) for mass in self.masses[chunk.first : chunk.stop]]

    def _two_body_point(self, m4: float) -> ReachPoint:
        """Reach in |U_l4|^2 at m4 (GeV), with the published limit beside."""
        found = self.templates.two_body_limits(m4, self.limit)
        band = dict(found.mixings)
        others = {
            "br": found.br,
            f"{self.mixing}_observed": self.templates.published_mixing(m4),
            "spurious_signal": found.spurious_signal,
        }
        return ReachPoint(m4, band.pop("median"), band, found.reason, others)

    def _dark_point(self, m_chi: float) -> ReachPoint:
        """Reach in Y at m_chi (GeV), or the recast of a published limit."""
        window = self.options.method == "window"
        if window:
            found = recast_window(self.templates.experiment, self.scan, m_chi)
        else:
            found = self.templates.dark_limits(self.scan, m_chi, self.limit)
        values = {name: self._coupling(u) for name, u in found.mixings.items()}
        median, u = values.pop("median"), found.mixings["median"]
        others = {
            "br": found.br,
            f"yL_sq_{self.mixing}": None if u is None else self.scan.yL**2 * u,
            "Y_thermal": float(thermal_target(m_chi, 1.0 / self.scan.ratio)),
            "Y_observed": median if window else None,
            "spurious_signal": found.spurious_signal,
        }
        return ReachPoint(m_chi, None if window else median, values, found.reason, others)

    def _coupling(self, u: float | None) -> float | None:
        """Y at |U_l4|^2 = u."""
        return None if u is None else float(dark_coupling(self.scan.yL**2 * u, 1.0 / self.scan.ratio))

    def reach(self, pieces: Iterator[Any]) -> Reach:
        """Curve of all points."""
        experiment, options = self.templates.experiment, self.options
        published = experiment.window_limit if options.method == "window" else None
        dark = not options.two_body
        choices = {
            "decays": experiment.decays if published is None else None,
            "method": options.method,
            "two_body": options.two_body,
            "m4": options.m4 if dark else None,
            "ratio": options.ratio if dark else None,
            "yL": self.scan.yL if dark else None,
            "background_model": options.background_model,
            "background_degree": self.templates.degree,
            "background_systematic": options.background_systematic,
        }
        return Reach(
            experiment.name, experiment.title, experiment.flavour,
            mass="m_chi_GeV" if dark else "m4_GeV",
            quantity="Y" if dark else self.mixing,
            confidence_level=self.limit.confidence_level if published is None else published.confidence_level,
            limit=self.limit.method if published is None else "published",
            curve=tuple(ReachPoint(**plain) for piece in pieces for plain in piece),
            choices=choices,
            notes=experiment.notes,
        )  # fmt: skip

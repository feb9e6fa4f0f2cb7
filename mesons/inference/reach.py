"""Expected reach of an experiment in the three-body decay, as Y against m_chi, and in the two-body decay."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from mesons.backgrounds.background_model import BackgroundModel, floating_degree
from mesons.experiments.calibration import calibrate, peak_table
from mesons.experiments.cards import Experiment, load_experiment
from mesons.inference.background_systematic import SystematicChoice, systematic_of
from mesons.inference.reach_curve import MesonReach, ReachPoint
from mesons.inference.scan import DarkScan
from mesons.inference.search import Search, three_body_point, two_body_point, window_point
from mesons.inference.tau_reach import tau_dark_point, tau_two_body_point
from nucore.errors import InputError
from nucore.run.chunks import Chunk
from nucore.run.job import Job, complete
from nucore.stats import LimitMethod

Array = NDArray[np.float64]
Method = Literal["spectrum", "window"]

#: Benchmark coupling of arXiv:1709.07001.
YL_BENCHMARK = 4.0 * math.pi
_DEFAULT_POINTS = 60
#: The scan of m_chi ends just beyond threshold, and begins this factor below.
_BEYOND_THRESHOLD, _SCAN_FACTOR = 1.031, 100.0
_HIGHEST_DEGREE = 9
#: Smallest m4 of the default scan of a tau, over its mass.
_LOWEST_TAU_M4 = 0.05
#: Masses in a piece of work, most and fewest; starting processes takes as long as some hundred masses.
_CHUNK_MASSES, _LEAST_CHUNK, _SERIAL_BELOW = 64, 8, 200
_BYTES_PER_MASS = 2000.0


def _check_grid(grid: Sequence[float] | None, default: Array, what: str) -> Array:
    values = default if grid is None else np.asarray(grid, dtype=np.float64)
    if values.ndim != 1 or values.size == 0 or not np.all(np.isfinite(values)) or np.any(values <= 0.0):
        raise InputError(f"grid of {what} is not allowed: positive masses in GeV are needed")
    return values


def _masses_of_window(experiment: Experiment) -> Array:
    """Evenly spaced m4 (GeV) whose peak lies within the momentum window."""
    m_parent, m_lepton = experiment.masses
    if experiment.parent == "tau-":
        return np.linspace(_LOWEST_TAU_M4 * m_parent, 0.999 * (m_parent - m_lepton), _DEFAULT_POINTS)
    energy = np.hypot(experiment.momentum_GeV[::-1], m_lepton)
    low, high = np.sqrt(np.maximum(m_parent**2 + m_lepton**2 - 2.0 * m_parent * energy, 0.0))
    low = max(low, 1e-3 * peak_table(experiment).m4_MeV[0])  # a window may hold the line of M -> l nu
    return np.linspace(low * (1.0 + 1e-9), high * (1.0 - 1e-9), _DEFAULT_POINTS)


def _masses_of_scan(experiment: Experiment, ratio: float) -> Array:
    """m_chi (GeV) up to the threshold of M -> l chi phi: 1 to 100 MeV for a kaon, a muon and ratio 3."""
    m_parent, m_lepton = experiment.masses
    end = _BEYOND_THRESHOLD * (m_parent - m_lepton) / (1.0 + ratio)
    return np.geomspace(end / _SCAN_FACTOR, end, _DEFAULT_POINTS)


def project_job(
    experiment: str | Experiment,
    *,
    m4: str = "400",
    ratio: float = 3.0,
    grid: Sequence[float] | None = None,
    yL: float | None = None,
    confidence_level: float = 0.90,
    limit: LimitMethod = "cls",
    two_body: bool = False,
    method: Method = "spectrum",
    scaling: str | None = None,
    background_model: BackgroundModel = "floating",
    background_degree: int | None = None,
    background_systematic: SystematicChoice = "none",
    **choices: Any,
) -> Job[MesonReach]:
    """Describe the reach of a meson experiment.

    The signal is smeared with the resolution of the card and fitted, with its normalisation free, together
    with a background of the card's functional form whose coefficients are free; the data are the Asimov set
    of the calibrated background.

    Parameters
    ----------
    experiment : str or Experiment
        Name of a card, or a card.
    m4 : str
        Mass of nu4: in GeV (``"400"``), or as a multiple of m_chi (``"10x"``).
    ratio : float
        m_phi / m_chi.
    grid : sequence of float, optional
        m_chi (or m4 for `two_body`) in GeV.
    yL : float, optional
        4 pi by default.
    confidence_level : float
        Fraction.
    limit : "cls", "delta-chi2" or "clsb"
    two_body : bool
        Scan m4 for the reach on |U_l4|^2 of an invisible nu4.
    method : "spectrum" or "window"
        ``window`` recasts the published limit on a branching ratio (observed).
    scaling : str, optional
        For ``na62-full``: ``paper`` or ``trigger``.
    background_model : "floating", "known", or a process such as "radiative"
        See `mesons.backgrounds.background_model`.
    background_degree : int, optional
        Of ln B in ln p in the fit; that of the model by default (0: known shape, free normalisation).
    background_systematic : "none" or "published"
        ``none``: statistics alone. ``published``: with the uncertainty of the background's shape that
        reproduces the published limit on M -> l nu nu nubar.
    **choices
        Other fields of `nucore.run.Job`.

    Raises
    ------
    InputError
        For an unknown experiment or an argument that is not allowed.

    References
    ----------
    arXiv:1709.07001, section on meson decays; Eq. 12.
    """
    card = load_experiment(experiment, scaling) if isinstance(experiment, str) else experiment
    if method not in ("spectrum", "window"):
        raise InputError(f"method {method!r} is not allowed; allowed: spectrum, window")
    if background_model not in get_args(BackgroundModel):
        allowed = ", ".join(get_args(BackgroundModel))
        raise InputError(f"background model {background_model!r} is not allowed; allowed: {allowed}")
    if background_degree is not None and not 0 <= background_degree <= _HIGHEST_DEGREE:
        raise InputError(f"background degree = {background_degree} is not allowed: 0 to {_HIGHEST_DEGREE} are")
    systematic = systematic_of(card, background_systematic)
    tau = card.parent == "tau-"
    if tau and (method == "window" or background_model not in ("floating", "known") or background_degree is not None):
        raise InputError(
            f"experiment {card.name} measures a tau: no method window, calculated background or background degree"
        )
    calibration = None if tau else calibrate(card)
    search = Search(card, calibration, confidence_level, limit, background_model, background_degree, systematic)
    scan = DarkScan(m4, ratio, YL_BENCHMARK if yL is None else yL)
    if two_body and method == "window":
        raise InputError("method window is not available for a two-body reach; use spectrum")
    default = _masses_of_window(card) if two_body else _masses_of_scan(card, scan.ratio)
    masses = _check_grid(grid, default, "m4" if two_body else "m_chi")
    points = _Points(search, scan, tuple(masses.tolist()), two_body, method)
    window = card.window_limit if method == "window" else None

    def finish(pieces: Iterator[Any]) -> MesonReach:
        return MesonReach(
            experiment=card.name,
            title=card.title,
            flavour=card.flavour,
            method=method,
            two_body=two_body,
            m4=None if two_body else m4,
            ratio=None if two_body else scan.ratio,
            yL=None if two_body else scan.yL,
            confidence_level=confidence_level if window is None else window.confidence_level,
            limit="published" if method == "window" else limit,
            background_model=background_model,
            background_degree=floating_degree(card, background_model, background_degree),
            background_systematic=background_systematic,
            curve=tuple(ReachPoint(**plain) for piece in pieces for plain in piece),
            notes=card.notes,
        )

    return Job(
        points, Chunk(0, masses.size), finish, "masses", chunk=_CHUNK_MASSES, least_chunk=_LEAST_CHUNK,
        serial_below=_SERIAL_BELOW, kept_bytes_per_item=_BYTES_PER_MASS, **choices,
    )  # fmt: skip


def project(experiment: str | Experiment, **choices: Any) -> MesonReach:
    """Carry out `project_job`."""
    return complete(project_job(experiment, **choices))


@dataclass(frozen=True)
class _Points:
    """Masses of a search; the task of a job."""

    search: Search
    scan: DarkScan
    masses: tuple[float, ...]
    two_body: bool
    method: Method

    def __call__(self, chunk: Chunk) -> list[dict[str, Any]]:
        return [asdict(self._point(mass)) for mass in self.masses[chunk.first : chunk.stop]]

    def _point(self, mass: float) -> ReachPoint:
        search, scan = self.search, self.scan
        if search.experiment.parent == "tau-":
            return tau_two_body_point(search, mass) if self.two_body else tau_dark_point(search, scan, mass)
        if self.two_body:
            return two_body_point(search, mass)
        if self.method == "window":
            return window_point(search.experiment, scan, mass)
        return three_body_point(search, scan, mass)

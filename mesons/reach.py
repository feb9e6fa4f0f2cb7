"""Expected reach of an experiment in the three-body decay, as Y against m_chi, and in the two-body decay."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator
from scipy.optimize import brentq

from mesons.branching import leptonic_branching_ratio
from mesons.calibration import Calibration, calibrate
from mesons.experiments import Experiment, load_experiment
from mesons.templates import BackgroundModel, build_model, peak_fractions, signal_fractions
from mesons.three_body import ThreeBodyDecay, ratio_in_bins, three_body_ratio
from mesons.two_body import peak_momentum
from mesons.window import standard_model_fraction, standard_model_fractions
from nuportal.cosmology import dark_coupling, thermal_target
from nuportal.errors import InputError
from nuportal.stats import LimitMethod, expected_limit
from nuportal.stats.results import BAND
from nuportal.widths import two_body_ratio

Array = NDArray[np.float64]
Method = Literal["spectrum", "window"]

#: Benchmark coupling of arXiv:1709.07001.
YL_BENCHMARK = 4.0 * math.pi
_DEFAULT_POINTS = 60
#: Below this |U|^2 its effect on the shape of the spectrum is neglected; above, the limit is interpolated between
#: shapes at these values of s^2.
_SHAPE_NEGLIGIBLE = 1e-3
_SHAPE_MIXINGS = (0.0, 0.03, 0.1, 0.25, 0.5)
_SMALL_MIXING = 1e-5
_DEFAULT_M_CHI_GEV = (1e-3, 0.1)


@dataclass(frozen=True)
class ReachPoint:
    """Reach at one mass; quantities are None, with `reason`, where nothing is excluded.

    Attributes
    ----------
    mass_GeV : float
        m_chi, or m4 for a two-body reach.
    br : float or None
        Limit on the branching ratio of M -> l chi phi (or l nu4), total.
    U_sq : float or None
        Limit on |U_l4|^2 at the yL of the curve.
    value : float or None
        Y of the median (|U_l4|^2 for a two-body reach).
    band : dict
        ``minus2, minus1, plus1, plus2`` of `value`.
    thermal : float or None
        Y of the thermal target.
    observed : float or None
        Y from published data (window method).
    reason : str or None
    """

    mass_GeV: float
    br: float | None = None
    U_sq: float | None = None
    value: float | None = None
    band: Mapping[str, float | None] = field(default_factory=lambda: dict.fromkeys(BAND))
    thermal: float | None = None
    observed: float | None = None
    reason: str | None = None


@dataclass(frozen=True)
class MesonReach:
    """Reach curve of a meson experiment and the choices behind it.

    Attributes
    ----------
    experiment, title, flavour : str
    method : str
        ``spectrum`` (expected, from the calibrated background) or ``window`` (recast of a published limit).
    two_body : bool
        Scan of m4 for |U_l4|^2 instead of m_chi for Y.
    m4, ratio, yL
        nu4 mass (``"10x"`` or GeV), m_phi / m_chi and coupling of the scan; None for a two-body reach.
    confidence_level : float
    limit : str
        Convention of the limit.
    background_model : str
        ``floating`` or ``known``.
    background_degree : int
        Of ln B in ln p.
    curve : tuple of ReachPoint
    notes : tuple of str
    """

    experiment: str
    title: str
    flavour: str
    method: str
    two_body: bool
    m4: str | None
    ratio: float | None
    yL: float | None
    confidence_level: float
    limit: str
    background_model: str
    background_degree: int
    curve: tuple[ReachPoint, ...]
    notes: tuple[str, ...] = ()

    def points(self) -> list[dict[str, Any]]:
        """Points with the names of the command line."""
        mixing = f"U{self.flavour}4_sq"
        if self.two_body:
            return [
                {"m4_GeV": p.mass_GeV, "br": p.br, mixing: p.value, **p.band, "reason": p.reason} for p in self.curve
            ]
        coupling = None if self.yL is None else self.yL**2
        return [
            {
                "m_chi_GeV": p.mass_GeV,
                "br": p.br,
                f"yL_sq_{mixing}": None if p.U_sq is None or coupling is None else coupling * p.U_sq,
                "Y": p.value,
                **p.band,
                "Y_thermal": p.thermal,
                "Y_observed": p.observed,
                "reason": p.reason,
            }
            for p in self.curve
        ]

    def to_dict(self) -> dict[str, Any]:
        """Fields as plain Python types; the points under ``curve``."""
        plain = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return plain | {"curve": self.points(), "notes": list(self.notes)}

    def to_json(self) -> str:
        """One JSON object."""
        return json.dumps(self.to_dict(), allow_nan=False)


@dataclass(frozen=True)
class DarkScan:
    """How m_phi, m4 and yL follow from m_chi in a scan.

    Attributes
    ----------
    m4 : str
        ``"10x"`` (times m_chi, any positive number) or a mass in GeV.
    ratio : float
        m_phi / m_chi, above 1.
    yL : float
    """

    m4: str
    ratio: float
    yL: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.ratio) and self.ratio > 1.0):
            raise InputError(f"ratio = {self.ratio:g} is not allowed: m_phi/m_chi must be finite and exceed 1")
        if not (math.isfinite(self.yL) and self.yL > 0.0):
            raise InputError(f"yL = {self.yL:g} is not allowed: it must be positive")
        self.nu4_mass(1.0)

    def nu4_mass(self, m_chi: float) -> float:
        """Return m4 in GeV at m_chi in GeV."""
        text = self.m4.strip()
        try:
            value = float(text.removesuffix("x"))
        except ValueError:
            value = math.nan
        if not (math.isfinite(value) and value > 0.0):
            raise InputError(
                f"m4 {self.m4!r} is not allowed: a mass in GeV (400) or a multiple of m_chi (10x) is needed"
            )
        return value * m_chi if text.endswith("x") else value

    def decay(self, experiment: Experiment, m_chi: float, s_sq: float = 0.0) -> ThreeBodyDecay:
        """Decay at m_chi (GeV) with |U_l4|^2 = 1 in the coupling and `s_sq` elsewhere."""
        m_parent, m_lepton = experiment.masses
        return ThreeBodyDecay(m_parent, m_lepton, m_chi, self.ratio * m_chi, self.nu4_mass(m_chi), self.yL, 1.0, s_sq)


def mixing_of_branching_ratio(
    experiment: Experiment, scan: DarkScan, m_chi: float, br: float, br_at: Callable[[float], float] | None = None
) -> float | None:
    """Solve BR(M -> l chi phi) = br for |U_l4|^2.

    Parameters
    ----------
    experiment, scan, m_chi
        What decays.
    br : float
        Target at small |U_l4|^2.
    br_at : callable, optional
        Target at |U_l4|^2 = u in place of a constant one.

    Returns
    -------
    float or None
        The smaller solution; None where |U|^2 (1 - |U|^2) would have to exceed 1/4.
    """
    if br == 0.0:
        return 0.0
    standard = leptonic_branching_ratio(experiment.parent, experiment.lepton)

    def excess(u: float) -> float:
        target = (br if br_at is None else br_at(u)) / standard
        return u * three_body_ratio(scan.decay(experiment, m_chi, u)) / target - 1.0

    first = br / standard / three_body_ratio(scan.decay(experiment, m_chi))
    if first < _SMALL_MIXING:
        # the rate is linear in u but for a relative correction of order u
        return first / (1.0 + excess(first))
    if excess(0.5) < 0.0:
        return None
    return float(brentq(excess, 0.0, 0.5, xtol=1e-15, rtol=1e-12))


def _check_grid(grid: Sequence[float] | None, default: Array, what: str) -> Array:
    values = default if grid is None else np.asarray(grid, dtype=np.float64)
    if values.ndim != 1 or values.size == 0 or not np.all(np.isfinite(values)) or np.any(values <= 0.0):
        raise InputError(f"grid of {what} is not allowed: positive masses in GeV are needed")
    return values


def _masses_of_window(experiment: Experiment) -> Array:
    """Evenly spaced m4 (GeV) whose peak lies within the momentum window."""
    m_parent, m_lepton = experiment.masses
    energy = np.hypot(experiment.momentum_GeV[::-1], m_lepton)
    low, high = np.sqrt(m_parent**2 + m_lepton**2 - 2.0 * m_parent * energy)
    return np.linspace(low * (1.0 + 1e-9), high * (1.0 - 1e-9), _DEFAULT_POINTS)


def _outside(experiment: Experiment, decay: ThreeBodyDecay) -> str | None:
    """Why an experiment has no reach at all in a decay, or None."""
    if decay.energy_release <= 0.0:
        return "the decay is closed"
    if decay.max_momentum <= experiment.momentum_GeV[0]:
        return f"the spectrum ends below the momentum window, which begins at {experiment.momentum_GeV[0] * 1e3:g} MeV"
    return None


@dataclass(frozen=True)
class _Search:
    """What all points of a curve share."""

    experiment: Experiment
    calibration: Calibration
    confidence_level: float
    limit: LimitMethod
    background_model: BackgroundModel
    degree: int | None

    def branching_limits(self, fractions: Array) -> dict[str, float | None]:
        """Median (key ``median``) and band of the limit on a branching ratio with these shares per bin."""
        counts = self.experiment.decays * self.experiment.acceptance.value * fractions
        model = build_model(
            self.experiment,
            counts,
            self.calibration.background_counts(),
            poi="br",
            background_model=self.background_model,
            degree=self.degree,
        )
        result = expected_limit(model, confidence_level=self.confidence_level, method=self.limit)
        return {"median": result.expected, **result.band}


def _limits_at_larger_mixing(search: _Search, scan: DarkScan, m_chi: float) -> list[dict[str, float | None]]:
    """Limits on the branching ratio with the shape of the spectrum at each of `_SHAPE_MIXINGS` but the first, 0."""
    decays = [scan.decay(search.experiment, m_chi, s_sq) for s_sq in _SHAPE_MIXINGS[1:]]
    return [search.branching_limits(signal_fractions(search.experiment, decay)[0]) for decay in decays]


def _self_consistent(
    experiment: Experiment, scan: DarkScan, m_chi: float, limits: Sequence[float | None]
) -> tuple[float | None, float | None]:
    """Limit on the branching ratio and on |U_l4|^2 = u with the shape of the spectrum at s^2 = u.

    `limits` are those at `_SHAPE_MIXINGS`; between them ln(limit) is interpolated.
    """
    known = [(s_sq, math.log(br)) for s_sq, br in zip(_SHAPE_MIXINGS, limits, strict=True) if br]
    if len(known) < len(_SHAPE_MIXINGS):
        return None, None
    log_limit = PchipInterpolator(*zip(*known, strict=True))

    def br_at(u: float) -> float:
        return math.exp(float(log_limit(u)))

    u = mixing_of_branching_ratio(experiment, scan, m_chi, br_at(0.0), br_at)
    br = None if u is None else br_at(u)
    return (br, u) if br is not None and br <= 1.0 else (br, None)


def _three_body_point(search: _Search, scan: DarkScan, m_chi: float) -> ReachPoint:
    experiment = search.experiment
    thermal = float(thermal_target(m_chi, 1.0 / scan.ratio))
    decay = scan.decay(experiment, m_chi)
    reason = _outside(experiment, decay)
    if reason:
        return ReachPoint(m_chi, thermal=thermal, reason=reason)
    fractions, _ = signal_fractions(experiment, decay)
    limits = search.branching_limits(fractions)
    mixings: dict[str, float | None] = {}
    for name, br in limits.items():
        u = None if br is None or br > 1.0 else mixing_of_branching_ratio(experiment, scan, m_chi, br)
        mixings[name] = u
    if any(u is not None and u > _SHAPE_NEGLIGIBLE for u in mixings.values()):
        table = [dict(limits), *_limits_at_larger_mixing(search, scan, m_chi)]
        for name in limits:
            limits[name], mixings[name] = _self_consistent(experiment, scan, m_chi, [row[name] for row in table])
    values = {
        name: None if u is None else float(dark_coupling(scan.yL**2 * u, 1.0 / scan.ratio))
        for name, u in mixings.items()
    }
    median = values.pop("median")
    if median is None:
        return ReachPoint(m_chi, band=values, thermal=thermal, reason="no |U|^2 (1 - |U|^2) <= 1/4 is excluded")
    return ReachPoint(m_chi, limits["median"], mixings["median"], median, values, thermal)


def _window_point(experiment: Experiment, scan: DarkScan, m_chi: float) -> ReachPoint:
    window = experiment.window_limit
    if window is None:
        raise InputError(f"experiment {experiment.name}: no published limit to recast; use the method spectrum")
    thermal = float(thermal_target(m_chi, 1.0 / scan.ratio))
    decay = scan.decay(experiment, m_chi)
    low, high = window.momentum_GeV
    if decay.energy_release <= 0.0 or decay.max_momentum <= low:
        return ReachPoint(m_chi, thermal=thermal, reason="the spectrum ends below the momentum window")
    seen = window.branching_ratio * standard_model_fraction(*experiment.masses, low, high)
    share = float(ratio_in_bins(decay, [low, high])[0]) / three_body_ratio(decay)
    br = seen / share
    u = mixing_of_branching_ratio(experiment, scan, m_chi, br) if br <= 1.0 else None
    if u is None:
        return ReachPoint(m_chi, thermal=thermal, reason="no |U|^2 (1 - |U|^2) <= 1/4 is excluded")
    observed = float(dark_coupling(scan.yL**2 * u, 1.0 / scan.ratio))
    return ReachPoint(m_chi, br, u, thermal=thermal, observed=observed)


def _two_body_point(search: _Search, m4: float) -> ReachPoint:
    experiment = search.experiment
    low, high = experiment.momentum_GeV
    momentum = float(peak_momentum(experiment.parent, experiment.lepton, m4))
    if not low <= momentum <= high:
        return ReachPoint(m4, reason=f"the peak at {momentum * 1e3:.4g} MeV lies outside the momentum window")
    standard = leptonic_branching_ratio(experiment.parent, experiment.lepton)
    per_mixing = standard * float(two_body_ratio(*experiment.masses, m4))
    limits = search.branching_limits(peak_fractions(experiment, m4))
    mixings = {name: None if br is None or br > per_mixing else br / per_mixing for name, br in limits.items()}
    median = mixings.pop("median")
    if median is None:
        return ReachPoint(m4, band=mixings, reason="no |U|^2 <= 1 is excluded")
    return ReachPoint(m4, limits["median"], median, median, mixings)


def predicted_invisible_limit(
    experiment: Experiment, background_model: BackgroundModel = "floating", degree: int | None = None
) -> float | None:
    """Limit on BR(M -> l nu nu nubar) that the calibrated experiment expects, with nothing tuned to it.

    Parameters
    ----------
    experiment : Experiment
    background_model, degree
        As in `project`.

    Returns
    -------
    float or None
        At 90% confidence level, CLs, from the whole momentum range of the card.
    """
    search = _Search(experiment, calibrate(experiment), 0.90, "cls", background_model, degree)
    return search.branching_limits(standard_model_fractions(experiment))["median"]


def project(
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
    progress: Callable[[float], None] | None = None,
) -> MesonReach:
    """Reach of a meson experiment.

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
    background_model : "floating" or "known"
    background_degree : int, optional
        Of ln B in ln p in the fit; that of the card by default (0: known shape, free normalisation).
    progress : callable, optional
        Called with the fraction of points done.

    Returns
    -------
    MesonReach

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
    if background_model not in ("floating", "known"):
        raise InputError(f"background model {background_model!r} is not allowed; allowed: floating, known")
    if background_degree is not None and not 0 <= background_degree <= 6:
        raise InputError(f"background degree = {background_degree} is not allowed: 0 to 6 are")
    search = _Search(card, calibrate(card), confidence_level, limit, background_model, background_degree)
    scan = DarkScan(m4, ratio, YL_BENCHMARK if yL is None else yL)
    if two_body and method == "window":
        raise InputError("method window is not available for a two-body reach; use spectrum")
    default = _masses_of_window(card) if two_body else np.geomspace(*_DEFAULT_M_CHI_GEV, _DEFAULT_POINTS)
    masses = _check_grid(grid, default, "m4" if two_body else "m_chi")
    points = []
    for done, mass in enumerate(map(float, masses), start=1):
        if two_body:
            points.append(_two_body_point(search, mass))
        elif method == "window":
            points.append(_window_point(card, scan, mass))
        else:
            points.append(_three_body_point(search, scan, mass))
        if progress is not None:
            progress(done / masses.size)
    window = card.window_limit if method == "window" else None
    return MesonReach(
        experiment=card.name,
        title=card.title,
        flavour=card.lepton,
        method=method,
        two_body=two_body,
        m4=None if two_body else m4,
        ratio=None if two_body else scan.ratio,
        yL=None if two_body else scan.yL,
        confidence_level=confidence_level if window is None else window.confidence_level,
        limit="published" if method == "window" else limit,
        background_model=background_model,
        background_degree=card.background.degree if background_degree is None else background_degree,
        curve=tuple(points),
        notes=card.notes,
    )

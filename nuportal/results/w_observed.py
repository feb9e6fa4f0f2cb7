"""Limits on a heavy neutrino in W -> l nu from published spectra, as ``reproduce-result w-observed`` makes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from collider.experiments.analysis_options import AnalysisOptions
from collider.experiments.cards import Flavour
from collider.experiments.data_blocks import WMassPrior
from collider.experiments.response import Experiment, load_experiment
from collider.inference.flavours import FlavoursReport
from collider.inference.observed_curve import MassGrid, ObservedCurve, observed_curve
from collider.inference.observed_flavours import EqualMixing, equal_mixing, separate_mixings
from collider.inference.observed_spectra import ObservedSpectra, observed_spectra
from collider.inference.w_mass_limits import WMassLimits, w_mass_limits
from nucore.card_files import CardSource
from nucore.run.executors import Execution
from nucore.run.threads import preparing
from nucore.stats import LimitChoice

Progress = Callable[[float], None]


#: Of the contour of both mixings; each is a fit of all nuisance parameters of both flavours.
CONTOUR_POINTS = 24


@dataclass(frozen=True)
class Plan:
    """What is fitted.

    Attributes
    ----------
    experiment : str, Path or Card
        With the spectra of the result.
    spectra : mapping
        Data blocks of the same events by flavour: of these the one with the lower expected limit counts.
    others : tuple of (str, Path or Card; flavour; data block)
        Of other experiments, beside it.
    masses : tuple of float
        nu4 masses of the curves, GeV.
    compared : tuple of float
        Those at which the data blocks of a flavour are compared, flavours are combined, and whole fits are kept.
    shown : float
        That of `compared` at which systematic uncertainties are changed in turn.
    joint_m_W : WMassPrior
        What is known of the W mass if both flavours may mix.
    w_mass : tuple of str
        Flavours for which published W masses give limits as well.
    catalogue : mapping
        Ids by flavour of the curves of `nucore.limits` that hold the result.
    """

    experiment: CardSource
    spectra: Mapping[str, tuple[str, ...]]
    others: tuple[tuple[CardSource, str, str], ...]
    masses: tuple[float, ...]
    compared: tuple[float, ...]
    shown: float
    joint_m_W: WMassPrior
    w_mass: tuple[Flavour, ...] = ()
    catalogue: Mapping[str, str] = field(default_factory=dict)


W_OBSERVED = Plan(
    experiment="atlas-2011",
    spectra={"mu": ("mu-pt", "mu-mt"), "e": ("e-pt", "e-mt")},
    others=(("lhcb-5", "mu", "mu-pt"),),
    masses=(10.0, 12.0, 15.0, 18.0, 20.0, 23.0, 25.0, 28.0, 30.0, 33.0, 36.0, 38.0, 40.0, 42.0, 44.0, 46.0, 47.5),
    compared=(20.0, 30.0, 40.0),
    shown=30.0,
    joint_m_W=WMassPrior(
        value_GeV=80.376, uncertainty_GeV=0.033, reference="LEP 2, arXiv:1302.3415, abstract: of all decays together"
    ),
    w_mass=("mu", "e"),
    catalogue={"mu": "w-atlas-2011-mu", "e": "w-atlas-2011-e"},
)


@dataclass(frozen=True)
class Comparison:
    """Limit of one data block at one mass, beside others of the same events.

    Attributes
    ----------
    flavour, data : str
    m4_GeV : float
    expected, observed : float or None
    chosen : bool
        Whether the data block counts.
    """

    flavour: str
    data: str
    m4_GeV: float
    expected: float | None
    observed: float | None
    chosen: bool


@dataclass(frozen=True)
class WObserved:
    """The result.

    Attributes
    ----------
    plan : Plan
    curves : mapping
        By flavour.
    others : tuple of ObservedCurve
        Of other experiments.
    comparisons : tuple of Comparison
    separate : FlavoursReport
        Fit of both flavours at the mass that is shown, with a mixing each.
    equal : mapping
        Fits of both flavours with the same mixing by nu4 mass.
    w_mass : mapping
        Limits from published W masses by flavour.
    """

    plan: Plan
    curves: Mapping[str, ObservedCurve]
    others: tuple[ObservedCurve, ...]
    comparisons: tuple[Comparison, ...]
    separate: FlavoursReport
    equal: Mapping[float, EqualMixing]
    w_mass: Mapping[str, WMassLimits] = field(default_factory=dict)


def compute(
    plan: Plan, options: AnalysisOptions, limit: LimitChoice, execution: Execution, progress: Progress | None = None
) -> WObserved:
    """Fit all spectra of a plan.

    Parameters
    ----------
    plan : Plan
    options : AnalysisOptions
    limit : LimitChoice
    execution : Execution
        Threads; no result depends on it.
    progress : callable, optional
        Called with the fraction done.
    """
    n_curves = sum(len(names) + 1 for names in plan.spectra.values()) + len(plan.others)
    steps = _steps(n_curves + 1 + len(plan.w_mass), progress)
    card, whole = load_experiment(plan.experiment), MassGrid(plan.masses, plan.compared, (plan.shown,))
    curves: dict[str, ObservedCurve] = {}
    comparisons: list[Comparison] = []
    for flavour, names in plan.spectra.items():
        loaded = {name: _load(card, flavour, name, options) for name in names}
        few = {
            name: observed_curve(spectra, MassGrid(plan.compared), limit, execution, next(steps))
            for name, spectra in loaded.items()
        }
        best = min(names, key=lambda name: _mean_expected(few[name]))
        comparisons += [row for name in names for row in _compared(few[name], name, name == best)]
        curves[flavour] = observed_curve(loaded[best], whole, limit, execution, next(steps))
    others = []
    for source, flavour, name in plan.others:
        spectra = _load(load_experiment(source), flavour, name, options)
        others.append(observed_curve(spectra, MassGrid(plan.masses), limit, execution, next(steps)))
    separate, equal = _joint(plan, card, curves, options, limit)
    next(steps)(1.0)
    w_mass: dict[str, WMassLimits] = {}
    for lepton in plan.w_mass:
        w_mass[lepton] = w_mass_limits(lepton, plan.masses, limit.confidence_level, limit.method)
        next(steps)(1.0)
    return WObserved(plan, curves, tuple(others), tuple(comparisons), separate, equal, w_mass)


def _steps(n: int, progress: Progress | None) -> Iterator[Progress]:
    """Yield what each of n parts of the work tells its progress to."""

    def tell(k: int, fraction: float) -> None:
        if progress is not None:
            progress((k + fraction) / n)

    return (partial(tell, k) for k in range(n))


def _load(
    card: Experiment, flavour: str, name: str, options: AnalysisOptions, length: float | None = None
) -> tuple[ObservedSpectra, ...]:
    with preparing():
        return observed_spectra(card, flavour, options, name, length)


def _mean_expected(curve: ObservedCurve) -> float:
    """Geometric mean of the expected limits; infinite where there is none."""
    values = [point.value for point in curve.reach.curve]
    return float(np.mean(np.log([np.inf if value is None else value for value in values])))


def _compared(curve: ObservedCurve, name: str, chosen: bool) -> list[Comparison]:
    reach = curve.reach
    return [
        Comparison(reach.flavour, name, point.mass_GeV, point.value, point.others[f"{reach.quantity}_observed"], chosen)
        for point in reach.curve
    ]


def _joint(
    plan: Plan, card: Experiment, curves: Mapping[str, ObservedCurve], options: AnalysisOptions, limit: LimitChoice
) -> tuple[FlavoursReport, dict[float, EqualMixing]]:
    """Fit both flavours together, with what is known of the W mass if both mix."""
    blocks = tuple(block.model_copy(update={"m_W": plan.joint_m_W}) for block in card.data)
    card = card.model_copy(update={"data": blocks})
    equal = {}
    for m4 in plan.compared:
        spectra = [_same(card, curves[flavour].fits[m4].spectra, options) for flavour in sorted(curves)]
        expected, data = [one.expectation(m4) for one in spectra], [one.data.spectrum.values for one in spectra]
        equal[m4] = equal_mixing(expected, data, limit)
        if m4 == plan.shown:
            names = [one.data.block.name for one in spectra]
            separate = separate_mixings(expected, data, m4, names, limit, CONTOUR_POINTS)
    return separate, equal


def _same(card: Experiment, spectra: ObservedSpectra, options: AnalysisOptions) -> ObservedSpectra:
    """Return the same data and treatment of their uncertainties with another card."""
    flavour, name = spectra.measurement.flavour, spectra.data.block.name
    again = _load(card, flavour, name, options, spectra.correlation_GeV)
    return next(one for one in again if one.across_charges == spectra.across_charges)


def points_of(curve: ObservedCurve) -> Sequence[Mapping[str, float | None]]:
    """Points of a curve as rows of a table, without the reasons why there is none."""
    return [{name: value for name, value in row.items() if name != "reason"} for row in curve.reach.points()]

"""What is to be generated of a meson or tau experiment: tables of momenta and expected shares of each component."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mesons.decays.branching import leptonic_branching_ratio
from mesons.decays.leptonic_decays import neutrino_shares
from mesons.decays.three_body import ThreeBodyDecay, three_body_ratio
from mesons.decays.two_body import light_neutrino_ratio, peak_momentum, two_body_ratio
from mesons.events.sampling import MomentumTable, background_table, tau_dark_table, tau_table, three_body_table
from mesons.experiments.calibration import calibrate
from mesons.experiments.cards import Experiment
from mesons.experiments.tracking import missing_mass_sq_edges
from mesons.inference.tau_templates import branching_ratio
from nucore.errors import InputError
from nucore.generation import draw_events
from nucore.model.parameters import PortalParameters
from nucore.rng import Stream, check_seed

Array = NDArray[np.float64]

#: Names of the components, in the order of their codes in the event record.
COMPONENTS = ("signal", "light_neutrino", "background")
Signal = Literal["three-body", "two-body"]
_STREAMS = {"K+": Stream.KAON, "pi+": Stream.PION, "tau-": Stream.TAU}
_LARGEST_SAMPLE = 2**62


@dataclass(frozen=True)
class Sample:
    """What is to be generated: the tables of each component and their expected shares.

    Attributes
    ----------
    experiment : Experiment
    parameters : PortalParameters
    signal : "three-body" or "two-body"
    masses : tuple of 4 floats
        Parent, lepton, chi, phi in GeV; chi and phi 0 for a two-body signal.
    n_requested : float
        Events, or parent decays of an exposure.
    n_events : int
        Events to generate.
    decays : float
        Parent decays the sample stands for.
    branching_ratio : float
        Of the signal.
    expected : tuple of 3 floats
        Expected events of each of `COMPONENTS`.
    seed : int
    signal_table, light_table, background : MomentumTable
        Light: with massless neutrinos alone.
    """

    experiment: Experiment
    parameters: PortalParameters
    signal: Signal
    masses: tuple[float, float, float, float]
    n_requested: float
    n_events: int
    decays: float
    branching_ratio: float
    expected: tuple[float, float, float]
    seed: int
    signal_table: MomentumTable
    light_table: MomentumTable
    background: MomentumTable

    def kernel_arguments(self) -> tuple[Any, ...]:
        """Arguments of the kernels between the event range and the output."""
        total = sum(self.expected)
        cumulative = np.cumsum(self.expected[:2]) / total if total > 0.0 else np.zeros(2)
        if self.expected[2] == 0.0:
            cumulative[1] = 2.0  # no uniform reaches it
        form = self.experiment.resolution
        table = (form.momentum_GeV, form.sigma_GeV) if form.relative is None else ((0.0,), (0.0,))
        smear = (form.relative or 0.0, np.array(table[0], dtype=float), np.array(table[1], dtype=float))
        found = (self.signal_table, self.light_table, self.background)
        tables = [(t.momentum, t.cumulative, t.density, t.guide) for t in found]
        stream = int(_STREAMS.get(self.experiment.parent, Stream.MESON))
        seed = np.uint64(self.seed)
        return seed, stream, cumulative, *tables, smear, self._flight()

    def _flight(self) -> tuple[float, ...]:
        """Tracking of an experiment in flight, as the kernel takes it."""
        tracking = self.experiment.tracking
        measured = (0.0,) * 6
        if tracking is not None:
            lepton = (tracking.momentum_constant, tracking.momentum_slope_per_GeV, tracking.angle_rad)
            measured = (
                self.experiment.beam_momentum_GeV,
                tracking.beam_spread,
                tracking.beam_resolution,
                *lepton,
            )
        return (*measured, *self.experiment.masses)

    @property
    def beam(self) -> tuple[float, float]:
        """Momentum of the parents in GeV and its relative spread."""
        tracking = self.experiment.tracking
        return self.experiment.beam_momentum_GeV, 0.0 if tracking is None else tracking.beam_spread

    @property
    def binning(self) -> tuple[float, float, int, int]:
        """Range of the momentum (GeV), and numbers of bins of the momentum and of the squared missing mass."""
        edges = self.experiment.edges
        mass_edges = missing_mass_sq_edges(self.experiment)
        return float(edges[0]), float(edges[-1]), edges.size - 1, max(mass_edges.size - 1, 0)


def _signal(
    experiment: Experiment, parameters: PortalParameters, signal: Signal
) -> tuple[MomentumTable, float, tuple[float, float]]:
    """Momentum table, rate relative to M -> l nu, and masses of chi and phi of a signal."""
    parent, lepton = experiment.parent, experiment.lepton
    if parent == "tau-":
        return _tau_signal(experiment, parameters, signal)
    if signal == "three-body":
        decay = ThreeBodyDecay.from_parameters(parent, lepton, parameters)
        ratio = three_body_ratio(decay)
        if ratio == 0.0:
            return MomentumTable.at(1.0), 0.0, (0.0, 0.0)
        return three_body_table(decay), ratio, (parameters.m_chi, parameters.m_phi)
    if signal != "two-body":
        raise InputError(f"signal {signal!r} is not allowed; allowed: three-body, two-body")
    momentum = float(peak_momentum(parent, lepton, parameters.m4))
    return MomentumTable.at(momentum), two_body_ratio(parent, lepton, parameters), (0.0, 0.0)


def _light_share(experiment: Experiment, parameters: PortalParameters) -> float:
    """Share of decays with light neutrinos alone."""
    if experiment.parent == "tau-":
        return neutrino_shares(experiment.parent, experiment.lepton, parameters)[0]
    return light_neutrino_ratio(experiment.lepton, parameters)


def _line(experiment: Experiment) -> float:
    """Lepton momentum of M -> l nu in GeV."""
    return float(peak_momentum(experiment.parent, experiment.lepton, 0.0))


def _tau_signal(
    experiment: Experiment, parameters: PortalParameters, signal: Signal
) -> tuple[MomentumTable, float, tuple[float, float]]:
    """The same for a tau; all invisible particles are recorded as one."""
    share = neutrino_shares(experiment.parent, experiment.lepton, parameters)[1]
    if signal == "two-body":
        table, ratio = tau_table(experiment, parameters.m4)
    else:
        table, ratio = tau_dark_table(experiment, parameters)
    return table, share * ratio, (0.0, 0.0)


def prepare(
    experiment: Experiment,
    parameters: PortalParameters,
    *,
    n_events: int | None = None,
    decays: float | None = None,
    signal: Signal = "three-body",
    signal_fraction: float | None = None,
    seed: int = 1,
) -> Sample:
    """Decide what to generate.

    With `n_events`: so many decays M -> l + invisible, signal and light neutrinos mixed by their rates (or by
    `signal_fraction`), before selection. With `decays`: a Poisson-distributed exposure of so many parent
    decays times the acceptance of the card, with the calibrated background of its momentum range and the
    signal; M -> l nu is left out, its peak lies outside the range. For a tau the light neutrinos are the
    background.

    Parameters
    ----------
    experiment : Experiment
    parameters : PortalParameters
    n_events : int, optional
    decays : float, optional
        Exactly one of the two, positive.
    signal : "three-body" or "two-body"
    signal_fraction : float, optional
        Share of the signal among `n_events`, from 0 to 1.
    seed : int

    Raises
    ------
    InputError
        For sizes or names that are not allowed, or yR not zero.
    """
    check_seed(seed)
    table, ratio, dark_masses = _signal(experiment, parameters, signal)
    tau = experiment.parent == "tau-"
    standard = branching_ratio(experiment) if tau else leptonic_branching_ratio(experiment.parent, experiment.lepton)
    light = _light_share(experiment, parameters)
    acceptance = experiment.acceptance.value
    if (n_events is None) == (decays is None):
        raise InputError("size of the sample: give either a number of events or a number of decays")
    if n_events is not None:
        if not 1 <= n_events <= _LARGEST_SAMPLE:
            raise InputError(f"number of events = {n_events} is not allowed: 1 to 2^62 are")
        fraction = ratio / (ratio + light) if signal_fraction is None else signal_fraction
        if not 0.0 <= fraction <= 1.0 or (fraction > 0.0 and ratio == 0.0):
            raise InputError(f"signal fraction = {fraction:g} is not allowed: 0 to 1 is, 0 where the signal is closed")
        expected = (n_events * fraction, n_events * (1.0 - fraction), 0.0)
        total, requested = n_events, float(n_events)
        represented = n_events / (acceptance * standard * (ratio + light))
    else:
        assert decays is not None
        if not (math.isfinite(decays) and decays > 0.0):
            raise InputError(f"number of decays = {decays:g} is not allowed: it must be positive and finite")
        recorded = decays * acceptance * standard
        if tau:
            expected = (recorded * ratio, recorded * light, 0.0)
        else:
            background = float(calibrate(experiment).background_counts().sum()) * decays / experiment.decays
            expected = (recorded * ratio, 0.0, background)
        total = draw_events(sum(expected), seed, f"number of decays {decays:g}")
        requested = represented = decays
    return Sample(
        experiment=experiment,
        parameters=parameters,
        signal=signal,
        masses=(*experiment.masses, *dark_masses),
        n_requested=requested,
        n_events=total,
        decays=represented,
        branching_ratio=standard * ratio,
        expected=expected,
        seed=seed,
        signal_table=table,
        light_table=tau_table(experiment)[0] if tau else MomentumTable.at(_line(experiment)),
        background=MomentumTable.at(1.0) if tau else background_table(calibrate(experiment)),
    )

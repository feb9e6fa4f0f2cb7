"""What is to be generated of a meson or tau experiment: tables of momenta and expected shares of each component."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mesons.decays.channel import Channel, MomentumCells, Signal
from mesons.events.sampling import MomentumTable, background_table
from mesons.experiments.calibration import calibrate
from mesons.experiments.cards import Experiment
from mesons.experiments.tracking import missing_mass_sq_edges
from nucore.errors import InputError
from nucore.generation import draw_events
from nucore.model.parameters import PortalParameters
from nucore.random_streams import Stream, check_seed

Array = NDArray[np.float64]

#: Names of the components, in the order of their codes in the event record.
COMPONENTS = ("signal", "light_neutrino", "background")
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
        experiment, tracking = self.experiment, self.experiment.tracking
        if tracking is None:
            return (*(0.0,) * 6, *experiment.masses)
        return (
            experiment.beam_momentum_GeV,
            tracking.beam_spread,
            tracking.beam_resolution,
            tracking.momentum_constant,
            tracking.momentum_slope_per_GeV,
            tracking.angle_rad,
            *experiment.masses,
        )

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

    With `n_events`: so many decays to lepton + invisible, signal and light neutrinos mixed by their rates (or by
    `signal_fraction`), before selection. With `decays`: a Poisson-distributed exposure of so many parent
    decays times the acceptance of the card. A meson search then has the calibrated background of its momentum
    range beside the signal, without M -> l nu, whose line lies outside the range; the background of a tau is its
    decay to light neutrinos.

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
        For a size or a name that is not allowed, or yR not zero.
    """
    check_seed(seed)
    if (n_events is None) == (decays is None):
        raise InputError("invalid sample size: expected either a number of events or a number of decays")
    channel = experiment.channel
    cells = _signal_cells(channel, parameters, signal)
    ratio = cells.ratio if signal == "three-body" else channel.nu4_share(parameters) * cells.ratio
    light = channel.light_share(parameters)
    per_decay = experiment.acceptance.value * channel.standard_branching_ratio
    if n_events is not None:
        expected = _mixed(n_events, ratio, light, signal_fraction)
        total, represented = n_events, n_events / (per_decay * (ratio + light))
    else:
        assert decays is not None
        expected = _exposed(experiment, decays, ratio, light)
        total, represented = draw_events(sum(expected), seed, f"number of decays {decays:g}"), decays
    # beside a second neutrino chi and phi are not resolved: all invisible particles are recorded as one
    dark = signal == "three-body" and ratio > 0.0 and channel.single_neutrino
    return Sample(
        experiment=experiment,
        parameters=parameters,
        signal=signal,
        masses=(*channel.masses, *((parameters.m_chi, parameters.m_phi) if dark else (0.0, 0.0))),
        n_events=total,
        decays=represented,
        branching_ratio=channel.standard_branching_ratio * ratio,
        expected=expected,
        seed=seed,
        signal_table=MomentumTable.from_cells(cells),
        light_table=MomentumTable.from_cells(channel.nu4_cells(0.0)),
        background=background_table(calibrate(experiment)) if channel.single_neutrino else MomentumTable.at(1.0),
    )


def _signal_cells(channel: Channel, parameters: PortalParameters, signal: Signal) -> MomentumCells:
    if signal == "three-body":
        return channel.dark_cells(channel.dark_decay(parameters))
    if signal != "two-body":
        raise InputError(f"unknown signal {signal!r}: expected one of three-body, two-body")
    return channel.nu4_cells(parameters.m4)


def _mixed(n_events: int, ratio: float, light: float, signal_fraction: float | None) -> tuple[float, float, float]:
    """Expected events by component in a sample of fixed size."""
    if not 1 <= n_events <= _LARGEST_SAMPLE:
        raise InputError(f"invalid number of events {n_events}: expected 1 to 2^62")
    fraction = ratio / (ratio + light) if signal_fraction is None else signal_fraction
    if not 0.0 <= fraction <= 1.0 or (fraction > 0.0 and ratio == 0.0):
        raise InputError(f"invalid signal fraction {fraction:g}: expected 0 to 1, or 0 if the signal is closed")
    return n_events * fraction, n_events * (1.0 - fraction), 0.0


def _exposed(experiment: Experiment, decays: float, ratio: float, light: float) -> tuple[float, float, float]:
    """Expected events by component in a real exposure."""
    if not (math.isfinite(decays) and decays > 0.0):
        raise InputError(f"invalid number of decays {decays:g}: expected a positive, finite number")
    recorded = decays * experiment.acceptance.value * experiment.channel.standard_branching_ratio
    if experiment.channel.single_neutrino:
        background = float(calibrate(experiment).background_counts().sum()) * decays / experiment.decays
        return recorded * ratio, 0.0, background
    return recorded * ratio, recorded * light, 0.0

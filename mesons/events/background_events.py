"""Events of the backgrounds of `mesons.backgrounds.background_spectra`, in the rest frame of the parent or in flight.

Random numbers belong to the event index (`nucore.rng`), so an event is the same in any chunk. Events are
drawn from cells of two variables that are flat within a cell, fine enough (about 10^5 cells) for 10^7 events.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from mesons.backgrounds import semileptonic, three_pions
from mesons.backgrounds.background_spectra import PROCESSES, SOFT_PHOTON_GEV, background_processes
from mesons.backgrounds.dalitz import CellTable, ThreeBody, momentum_table, orientation
from mesons.backgrounds.decay_in_flight import MUON_HELICITY, michel_density
from mesons.backgrounds.lost_particles import LostParticles
from mesons.backgrounds.radiative import RadiativeDecay
from nucore.errors import InputError
from nucore.model.kinematics import boost, two_body_momentum
from nucore.model.particles import mass
from nucore.rng import Stream, uniforms

Array = NDArray[np.float64]

_UNIFORMS = 20
_FIRST_CELLS, _SECOND_CELLS = 1024, 128
#: Streams of the processes lie above those that have names.
_STREAM_STEP = 256


@dataclass(frozen=True)
class BackgroundEvents:
    """Events of one background; the charged particle that is seen comes first.

    Attributes
    ----------
    process, parent, lepton : str
    particles : tuple of str
        Names; ``invisible`` stands for one or two neutrinos.
    momenta : array, shape (n_particles, n, 4)
        (E, px, py, pz) in GeV, in the rest frame of the parent or the laboratory.
    candidates_per_decay : int
        Like particles any of which may be the one that is seen: 2 for the two pi+ of K+ -> pi+ pi+ pi-.
    """

    process: str
    parent: str
    lepton: str
    particles: tuple[str, ...]
    momenta: Array
    candidates_per_decay: int = 1

    def loss(self, lost: LostParticles) -> Array:
        """Probability, shape (n,), that every photon and further charged particle of an event is lost.

        The energies are those of `momenta`; for parents that move, boost the events (`in_flight`) first.
        """
        probability = np.ones(self.momenta.shape[1])
        for name, momentum in zip(self.particles[1:], self.momenta[1:], strict=True):
            if name == "gamma":
                probability *= lost.photon_at_detector(momentum[:, 0])
            elif name != "invisible":
                probability *= lost.charged_inefficiency
        return probability

    def in_flight(self, parent_momentum_GeV: float) -> BackgroundEvents:
        """Return the events of parents that move along z with a momentum (GeV)."""
        energy = np.hypot(parent_momentum_GeV, mass(self.parent))
        moved = boost(self.momenta, np.array([0.0, 0.0, parent_momentum_GeV / energy]))
        return BackgroundEvents(
            self.process, self.parent, self.lepton, self.particles, moved, self.candidates_per_decay
        )


def generate_background(
    process: str,
    parent: str,
    lepton: str,
    n_events: int,
    *,
    seed: int = 1,
    first_event: int = 0,
    min_photon_energy_GeV: float = SOFT_PHOTON_GEV,
) -> BackgroundEvents:
    """Generate decays of one background in the rest frame of the parent; no particle is lost yet.

    Parameters
    ----------
    process, parent, lepton : str
        As in `mesons.backgrounds.background_spectra.background_spectrum`.
    n_events : int
        Positive.
    seed, first_event : int
        Events ``first_event`` to ``first_event + n_events - 1`` of the seed.
    min_photon_energy_GeV : float
        For ``radiative``: smallest energy of the photon, positive.

    Returns
    -------
    BackgroundEvents

    Raises
    ------
    InputError
        If a name is not known or a number not allowed.
    """
    known = background_processes(parent, lepton)
    if process not in known:
        raise InputError(f"background {process!r} of {parent} -> {lepton} is not known; allowed: {', '.join(known)}")
    if n_events < 1:
        raise InputError(f"number of events = {n_events} is not allowed: it must be positive")
    stream = int(Stream.BACKGROUND) + _STREAM_STEP * (1 + PROCESSES.index(process))
    u = np.asarray(uniforms(seed, stream, first_event, n_events, _UNIFORMS), dtype=np.float64)
    if process == "radiative":
        momenta = _radiative(parent, lepton, min_photon_energy_GeV, u)
        return BackgroundEvents(process, parent, lepton, (lepton, "gamma", "invisible"), momenta)
    if process.startswith("muon-decay"):
        momenta = _muon_decay(parent, process.endswith("rest"), u)
        return BackgroundEvents(process, parent, lepton, ("e", "invisible", "invisible"), momenta)
    if process == "semileptonic":
        decay = _three_body_events(semileptonic.kinematics(lepton), _semileptonic_table(lepton), u)
        momenta = np.concatenate([decay[:1], _photons(decay[1], u[6:8]), decay[2:]])
        return BackgroundEvents(process, parent, lepton, (lepton, "gamma", "gamma", "invisible"), momenta)
    events = _pions(process, parent, lepton, u)
    return _with_muon(events, u[18:20]) if process.endswith("-muon") else events


def _pions(process: str, parent: str, lepton: str, u: Array) -> BackgroundEvents:
    """K+ to two or three pions, pi0 decayed."""
    photons = ("gamma", "gamma")
    if process.startswith("pion-pi0"):
        axis, _ = orientation(u[0], u[1], u[2])
        momentum = float(two_body_momentum(mass("K+"), mass("pi+"), mass("pi0")))
        pion, pi0 = _back_to_back(axis, momentum, mass("pi+"), mass("pi0"))
        momenta = np.concatenate([pion[None], _photons(pi0, u[6:8])])
        return BackgroundEvents(process, parent, lepton, ("pi+", *photons), momenta)
    if process.startswith("three"):
        decay = _three_body_events(three_pions.kinematics("three_pions"), _pion_table("three_pions"), u)
        return BackgroundEvents(process, parent, lepton, ("pi+", "pi+", "pi-"), decay, 2)
    decay = _three_body_events(three_pions.kinematics("pion_two_pi0"), _pion_table("pion_two_pi0"), u)
    momenta = np.concatenate([decay[:1], _photons(decay[1], u[6:8]), _photons(decay[2], u[8:10])])
    return BackgroundEvents(process, parent, lepton, ("pi+", *photons, *photons), momenta)


@cache
def _semileptonic_table(lepton: str) -> CellTable:
    return momentum_table(semileptonic.kinematics(lepton), lambda *e: semileptonic.weight(lepton, *e))


@cache
def _pion_table(mode: three_pions.Mode) -> CellTable:
    return momentum_table(three_pions.kinematics(mode), lambda *e: three_pions.weight(mode, *e))


def _three_body_events(plot: ThreeBody, table: CellTable, u: Array) -> Array:
    """Momenta of the three particles, shape (3, n, 4), from six uniforms."""
    momentum, share = table.draw(u[0], u[1], u[2])
    energy = np.hypot(momentum, plot.m1)
    middle, half = plot.second_energy(energy)
    return plot.vectors(energy, middle + half * (2.0 * share - 1.0), u[3:6])


def _back_to_back(axis: Array, momentum: Array | float, m1: float, m2: float) -> tuple[Array, Array]:
    """Four-momenta, shape (n, 4) each, of two particles along and against an axis."""
    p = np.broadcast_to(np.asarray(momentum, dtype=np.float64), axis.shape[:1])
    vector = p[:, None] * axis
    return (
        np.concatenate([np.hypot(p, m1)[:, None], vector], axis=1),
        np.concatenate([np.hypot(p, m2)[:, None], -vector], axis=1),
    )


def _decay_isotropically(momentum: Array, m: float, m1: float, m2: float, u: Array) -> tuple[Array, Array]:
    """Products of the decay in flight of a particle without spin, shape (n, 4) each."""
    axis, _ = orientation(u[0], u[1], u[1])
    first, second = _back_to_back(axis, float(two_body_momentum(m, m1, m2)), m1, m2)
    beta = momentum[:, 1:] / momentum[:, :1]
    return boost(first, beta), boost(second, beta)


def _photons(pi0: Array, u: Array) -> Array:
    """Two photons of a pi0, shape (2, n, 4)."""
    return np.stack(_decay_isotropically(pi0, mass("pi0"), 0.0, 0.0, u))


def _with_muon(events: BackgroundEvents, u: Array) -> BackgroundEvents:
    """The pion that is seen decays in flight."""
    muon, neutrino = _decay_isotropically(events.momenta[0], mass("pi+"), mass("mu"), 0.0, u)
    momenta = np.concatenate([muon[None], events.momenta[1:], neutrino[None]])
    names = ("mu", *events.particles[1:], "invisible")
    return BackgroundEvents(events.process, events.parent, events.lepton, names, momenta, events.candidates_per_decay)


@cache
def _radiative_table(parent: str, lepton: str, min_photon_energy_GeV: float) -> tuple[RadiativeDecay, CellTable]:
    """Table of the lepton momentum and the share of ln d above the cut on the photon."""
    if not min_photon_energy_GeV > 0.0:
        raise InputError(f"smallest photon energy = {min_photon_energy_GeV:g} GeV is not allowed: it must be positive")
    decay = RadiativeDecay.of(parent, lepton)

    def density(momentum: Array, share: Array) -> Array:
        d, length = _photon_variable(decay, momentum, share, min_photon_energy_GeV)
        below_end = decay.d_range(momentum)[2]
        rate: Array = sum(decay.terms(d + below_end, d, below_end), start=np.zeros_like(d))
        return rate * d * length * momentum / np.hypot(momentum, decay.m_lepton)

    coarse = decay.momentum_edges((min_photon_energy_GeV,), (0.0, decay.max_momentum))
    fine = np.interp(np.linspace(0.0, coarse.size - 1.0, 4 * coarse.size), np.arange(coarse.size), coarse)
    uniform = np.linspace(0.0, decay.max_momentum, _FIRST_CELLS + 1)
    return decay, CellTable.from_density(density, np.unique(np.concatenate([fine, uniform])), _SECOND_CELLS)


def _photon_variable(
    decay: RadiativeDecay, momentum: Array, share: Array, min_photon_energy_GeV: float
) -> tuple[Array, Array]:
    """Value of d = 2 (l.gamma)/M^2 at a share of the range of its logarithm, and the length of that range."""
    low, high, below_end = decay.d_range(momentum)
    low = np.clip(2.0 * min_photon_energy_GeV / decay.m_parent - below_end, low, high)
    length = np.log(high / low)
    return low * np.exp(length * share), length


def _radiative(parent: str, lepton: str, min_photon_energy_GeV: float, u: Array) -> Array:
    decay, table = _radiative_table(parent, lepton, min_photon_energy_GeV)
    momentum, share = table.draw(u[0], u[1], u[2])
    d, _ = _photon_variable(decay, momentum, share, min_photon_energy_GeV)
    photon = 0.5 * decay.m_parent * (d + decay.d_range(momentum)[2])
    plot = ThreeBody(decay.m_parent, decay.m_lepton, 0.0, 0.0)
    return plot.vectors(np.hypot(momentum, decay.m_lepton), photon, u[3:6])


@cache
def _michel_table() -> CellTable:
    """Table of the positron momentum in the rest frame of the mu+ and of (1 + cos)/2 to its flight."""
    end = (mass("mu") ** 2 - mass("e") ** 2) / (2.0 * mass("mu"))

    def density(momentum: Array, share: Array) -> Array:
        isotropic, asymmetric = michel_density(momentum)
        return isotropic + MUON_HELICITY * asymmetric * (2.0 * share - 1.0)

    return CellTable.from_density(density, np.linspace(0.0, end, _FIRST_CELLS + 1))


def _muon_decay(parent: str, at_rest: bool, u: Array) -> Array:
    """Positron, its two neutrinos together and the neutrino of the parent, shape (3, n, 4)."""
    m_mu = mass("mu")
    axis, across = orientation(u[3], u[4], u[5])
    muon, neutrino = _back_to_back(axis, float(two_body_momentum(mass(parent), m_mu, 0.0)), m_mu, 0.0)
    if at_rest:
        muon = np.broadcast_to([m_mu, 0.0, 0.0, 0.0], muon.shape)
    momentum, share = _michel_table().draw(u[0], u[1], u[2])
    cosine = 2.0 * share - 1.0
    vector = momentum[:, None] * (cosine[:, None] * axis + np.sqrt(1.0 - cosine**2)[:, None] * across)
    star = np.concatenate([np.hypot(momentum, mass("e"))[:, None], vector], axis=1)
    positron = boost(star, muon[:, 1:] / muon[:, :1])
    return np.stack([positron, muon - positron, neutrino])

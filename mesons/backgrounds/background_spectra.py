"""Standard Model decays that imitate a lepton with invisible particles, as momentum spectra.

A process is named by what happens; the parent and the lepton of the search say the rest:

=========================  ==================================================================================
``radiative``              M+ -> l+ nu gamma, photon lost
``semileptonic``           K+ -> pi0 l+ nu, pi0 lost
``pion-pi0``               K+ -> pi+ pi0, pi0 lost and pi+ taken for the lepton: a line
``pion-pi0-muon``          the same with pi+ -> mu+ nu in flight
``three-pions``            K+ -> pi+ pi+ pi-, two pions lost and a pi+ taken for the lepton
``three-pions-muon``       the same with pi+ -> mu+ nu in flight
``pion-two-pi0``           K+ -> pi+ pi0 pi0, both pi0 lost and pi+ taken for the lepton
``pion-two-pi0-muon``      the same with pi+ -> mu+ nu in flight
``muon-decay``             M+ -> mu+ nu, mu+ -> e+ nu nu in flight
``muon-decay-at-rest``     M+ -> mu+ nu, mu+ stopped, mu+ -> e+ nu nu
=========================  ==================================================================================

K+ alone has the processes with pions; `background_processes` lists those of a parent and a lepton.

A spectrum is a density in the momentum of the charged particle in the rest frame of the parent. It holds
the decay and the loss of the other particles (`LostParticles`); the probability of a pion to be taken for
a lepton or to decay within the detector is a factor that belongs to the experiment.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mesons.backgrounds import semileptonic, three_pions
from mesons.backgrounds.dalitz import ThreeBody, Weight, momentum_density
from mesons.backgrounds.decay_in_flight import (
    MUON_HELICITY,
    electron_from_muon,
    electron_momentum_ends,
    muon_from_pion,
    muon_momentum_range,
    muons_from_pions,
)
from mesons.backgrounds.lost_particles import LostParticles
from mesons.backgrounds.radiative import RadiativeDecay
from mesons.backgrounds.three_pions import Mode
from mesons.decays.branching import leptonic_branching_ratio
from mesons.decays.quadrature import panel_nodes
from mesons.decays.standard_decays import value
from nucore.errors import InputError, unknown
from nucore.model.kinematics import two_body_momentum
from nucore.model.particles import mass

Array = NDArray[np.float64]


@dataclass(frozen=True)
class BackgroundSpectrum:
    """Momentum spectrum of the charged particle of one background, per decay of the parent.

    Attributes
    ----------
    particle : str
        The charged particle: ``e``, ``mu`` or ``pi+``.
    density : callable
        d(branching ratio)/dp in 1/GeV at momenta in GeV, shape (n,) to shape (n,); zero outside the range.
    edges_GeV : tuple of float
        Increasing momenta between which the density is smooth, as panels of an integral over it.
    lines : tuple of (float, float)
        Momenta (GeV) and branching ratios of monochromatic particles.
    """

    particle: str
    density: Callable[[ArrayLike], Array]
    edges_GeV: tuple[float, ...] = ()
    lines: tuple[tuple[float, float], ...] = ()

    @property
    def max_momentum_GeV(self) -> float:
        """End of the spectrum."""
        return max((*self.edges_GeV, *(p for p, _ in self.lines)))

    @cached_property
    def branching_ratio(self) -> float:
        """Branching ratio, times the probability that the other particles are lost; lines included."""
        return float(self.nodes()[1].sum())

    def nodes(self, momentum_GeV: tuple[float, float] = (0.0, math.inf)) -> tuple[Array, Array]:
        """Momenta (GeV) and branching ratios that stand for the spectrum in a range, lines included.

        The sum over a smooth function of the momentum, e.g. a resolution, times the branching ratios is its
        integral over the spectrum.
        """
        low, high = momentum_GeV
        momentum, weight = panel_nodes(np.unique(np.clip(self.edges_GeV, low, high)))
        lines = [(p, ratio) for p, ratio in self.lines if low <= p <= high]
        return (
            np.concatenate([momentum, [p for p, _ in lines]]),
            np.concatenate([weight * self.density(momentum), [ratio for _, ratio in lines]]),
        )


#: Names of the processes, in the order of the table above.
Process = Literal[
    "radiative",
    "semileptonic",
    "pion-pi0",
    "pion-pi0-muon",
    "three-pions",
    "three-pions-muon",
    "pion-two-pi0",
    "pion-two-pi0-muon",
    "muon-decay",
    "muon-decay-at-rest",
]
PROCESSES: tuple[Process, ...] = get_args(Process)
#: Photons below this energy (GeV) belong to M -> l nu.
SOFT_PHOTON_GEV = 1e-3
_PANELS = 16
#: Energies at which the loss of a pi0 is calculated.
_LOSS_POINTS = 2001


def background_processes(parent: str, lepton: str) -> tuple[Process, ...]:
    """Processes known for a parent and a lepton."""
    known = PROCESSES[:1]
    if parent == "K+" and lepton in ("e", "mu"):
        known += tuple(p for p in PROCESSES[1:8] if lepton == "mu" or not p.endswith("-muon"))
    if lepton == "e" and parent in ("pi+", "K+"):
        known += PROCESSES[8:]
    return known


def background_spectrum(
    process: str,
    parent: str,
    lepton: str,
    lost: LostParticles | None = None,
    min_photon_energy_GeV: float = SOFT_PHOTON_GEV,
) -> BackgroundSpectrum:
    """Spectrum of one process.

    Parameters
    ----------
    process : str
        One of `background_processes`.
    parent, lepton : str
        Decay that is searched for: ``pi+``, ``K+``, ``D+``, ``D_s+``, ``B+``; ``e``, ``mu``, ``tau``.
    lost : LostParticles, optional
        Loss of the other particles; everything is lost by default.
    min_photon_energy_GeV : float
        For ``radiative``: softer photons are left out, since they belong to M -> l nu.

    Returns
    -------
    BackgroundSpectrum

    Raises
    ------
    InputError
        If a name is not known, or the parent and lepton do not have this process.
    """
    loss = LostParticles() if lost is None else lost
    known = background_processes(parent, lepton)
    if process not in known:
        raise unknown("background", process, known, of=f"{parent} -> {lepton} nu")
    if process == "radiative":
        return _radiative(RadiativeDecay.of(parent, lepton), lepton, loss, min_photon_energy_GeV)
    if process.startswith("muon-decay"):
        return _muon_decay(parent, at_rest=process.endswith("rest"))
    if process == "semileptonic":
        weight = semileptonic_weight(lepton, loss)
        return _three_body(lepton, semileptonic.kinematics(lepton), weight)
    if process.startswith("pion-pi0"):
        return _two_pions(loss, in_flight=process.endswith("muon"))
    mode: Mode = "three_pions" if process.startswith("three") else "pion_two_pi0"
    pions = _three_body("pi+", three_pions.kinematics(mode), three_pion_weight(mode, loss))
    return _muons_of(pions) if process.endswith("muon") else pions


def pi0_loss(lost: LostParticles) -> Callable[[Array], Array]:
    """Loss of a pi0 of K+ decay as a function of its energy (GeV), linear between 2001 energies."""
    m_pi0 = mass("pi0")
    energy = m_pi0 + (0.5 * mass("K+") + 0.5 * m_pi0**2 / mass("K+") - m_pi0) * np.linspace(0.0, 1.0, _LOSS_POINTS)
    values = lost.pi0(energy, m_pi0)
    return lambda e: np.interp(e, energy, values)


def semileptonic_weight(lepton: str, lost: LostParticles) -> Weight:
    """d2(BR)/dE_l dE_pi of K+ -> pi0 l nu times the loss of the pi0."""
    loss = pi0_loss(lost)
    return lambda energy, pion: semileptonic.weight(lepton, energy, pion) * loss(pion)


def three_pion_weight(mode: Mode, lost: LostParticles) -> Weight:
    """d2(BR)/dE_1 dE_2 of K+ -> 3 pi with either pi+ as particle 1, times the loss of the other two.

    For a K+ in flight the directions of two pi0 are taken as independent.
    """
    if mode == "three_pions":
        factor = 2.0 * lost.charged_inefficiency**2  # either of the two pi+ may be the one that is seen
        return lambda e1, e2: factor * three_pions.weight(mode, e1, e2)
    loss, m_k = pi0_loss(lost), mass("K+")
    return lambda e1, e2: three_pions.weight(mode, e1, e2) * loss(e2) * loss(m_k - e1 - e2)


def _panels(breaks: list[float]) -> tuple[float, ...]:
    """Edges for an integral over momentum between breaks (GeV)."""
    parts = [np.linspace(a, b, _PANELS + 1) for a, b in itertools.pairwise(sorted(breaks))]
    return tuple(np.unique(np.concatenate(parts)).tolist())


def _radiative(
    decay: RadiativeDecay, lepton: str, lost: LostParticles, min_photon_energy_GeV: float
) -> BackgroundSpectrum:
    if not min_photon_energy_GeV > 0.0:
        raise InputError(f"invalid smallest photon energy {min_photon_energy_GeV:g} GeV: expected a positive number")
    density = partial(decay.dbr_dp, min_photon_energy_GeV=min_photon_energy_GeV, lost=lost)
    edges = decay.momentum_edges((min_photon_energy_GeV, *lost.photon_turns_GeV), (0.0, math.inf))
    return BackgroundSpectrum(lepton, density, tuple(edges.tolist()))


def _three_body(particle: str, plot: ThreeBody, weight: Weight) -> BackgroundSpectrum:
    return BackgroundSpectrum(particle, partial(momentum_density, plot, weight), _panels([0.0, plot.max_momentum]))


def _muons_of(pions: BackgroundSpectrum) -> BackgroundSpectrum:
    """Spectrum of muons from the decay in flight of pions."""
    end = pions.max_momentum_GeV
    density = partial(muons_from_pions, pions=pions.density, max_pion_momentum=end)
    return BackgroundSpectrum("mu", density, _panels([0.0, *(float(p) for p in muon_momentum_range(end))]))


def _two_pions(lost: LostParticles, *, in_flight: bool) -> BackgroundSpectrum:
    """K+ -> pi+ pi0 with the pi0 lost."""
    m_k, m_pi, m_pi0 = mass("K+"), mass("pi+"), mass("pi0")
    momentum = float(two_body_momentum(m_k, m_pi, m_pi0))
    total = value("branching_ratios", "pion_pi0") * float(lost.pi0(np.hypot(momentum, m_pi0), m_pi0))
    if not in_flight:
        return BackgroundSpectrum("pi+", lambda p: np.zeros(np.size(p)), lines=((momentum, total),))
    ends = [float(p) for p in muon_momentum_range(momentum)]
    return BackgroundSpectrum("mu", lambda p: total * muon_from_pion(p, momentum), _panels(ends))


def _muon_decay(parent: str, *, at_rest: bool) -> BackgroundSpectrum:
    """M -> mu nu with the muon decaying at rest or in flight; the mu+ is polarised against its flight."""
    total = leptonic_branching_ratio(parent, "mu")
    momentum = 0.0 if at_rest else float(two_body_momentum(mass(parent), mass("mu"), 0.0))
    edges = _panels([0.0, *electron_momentum_ends(momentum)])
    return BackgroundSpectrum("e", lambda p: total * electron_from_muon(p, momentum, MUON_HELICITY), edges)

"""Standard Model decays that imitate a lepton with invisible particles, as momentum spectra and as events.

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

A spectrum is a density in the momentum of the charged particle in the rest frame of the parent. It holds
the decay and the loss of the other particles (`LostParticles`); the probability of a pion to be taken for
a lepton or to decay within the detector is a factor that belongs to the experiment.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class BackgroundSpectrum:
    """Momentum spectrum of the charged particle of one background, per decay of the parent.

    Attributes
    ----------
    process, parent, lepton : str
    particle : str
        The charged particle: ``e``, ``mu`` or ``pi+``.
    branching_ratio : float
        Branching ratio, times the probability that the other particles are lost; lines included.
    max_momentum_GeV : float
        End of the spectrum.
    density : callable
        d(branching ratio)/dp in 1/GeV at momenta in GeV, shape (n,) to shape (n,); zero outside the range.
        Its integral and the lines add up to `branching_ratio`.
    lines : tuple of (float, float)
        Momenta (GeV) and branching ratios of monochromatic particles.
    breaks_GeV : tuple of float
        Momenta within the range where the density has a kink or a step.
    """

    process: str
    parent: str
    lepton: str
    particle: str
    branching_ratio: float
    max_momentum_GeV: float
    density: Callable[[ArrayLike], Array]
    lines: tuple[tuple[float, float], ...] = ()
    breaks_GeV: tuple[float, ...] = ()

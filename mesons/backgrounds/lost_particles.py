"""Probability that the particles beside the charged one escape detection."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nucore.errors import InputError

Array = NDArray[np.float64]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)


@dataclass(frozen=True)
class LostParticles:
    """Inefficiency of a photon veto in steps of the photon energy, and of a veto of charged particles.

    The default loses everything: spectra are then inclusive.

    Attributes
    ----------
    photon_energy_GeV : tuple of n floats
        Energies in the laboratory where the inefficiency steps; positive, increasing.
    photon_inefficiency : tuple of n + 1 floats
        Probability, from 0 to 1, that a photon below the first step, between the first and the second, ...
        is not seen. A threshold E0 with a veto that fails once in 10^4 is ``(E0,)`` and ``(1.0, 1e-4)``.
    charged_inefficiency : float
        Probability that a further charged particle is not seen.
    parent_gamma : float
        Lorentz factor of the parent in the laboratory; 1 at rest. Functions of energies in the rest frame of
        the parent are averaged over the direction of its flight, to which a decay without spin is indifferent.

    Raises
    ------
    InputError
        If the steps do not increase, a probability is not between 0 and 1, or the Lorentz factor is below 1.
    """

    photon_energy_GeV: tuple[float, ...] = ()
    photon_inefficiency: tuple[float, ...] = (1.0,)
    charged_inefficiency: float = 1.0
    parent_gamma: float = 1.0

    def __post_init__(self) -> None:
        if len(self.photon_inefficiency) != len(self.photon_energy_GeV) + 1:
            raise InputError(
                f"invalid photon_inefficiency of {len(self.photon_inefficiency)} values: expected one more than the "
                f"{len(self.photon_energy_GeV)} steps of photon_energy_GeV"
            )
        if any(np.diff((0.0, *self.photon_energy_GeV)) <= 0.0):
            raise InputError(
                f"invalid photon_energy_GeV {self.photon_energy_GeV}: expected increasing positive numbers"
            )
        for probability in (*self.photon_inefficiency, self.charged_inefficiency):
            if not 0.0 <= probability <= 1.0:
                raise InputError(f"invalid inefficiency {probability:g}: expected a probability from 0 to 1")
        if not (math.isfinite(self.parent_gamma) and self.parent_gamma >= 1.0):
            raise InputError(f"invalid Lorentz factor {self.parent_gamma:g}: expected at least 1")

    @property
    def _boost(self) -> tuple[float, float]:
        """Gamma beta, and gamma (1 + beta), of the parent."""
        gamma_beta = math.sqrt((self.parent_gamma - 1.0) * (self.parent_gamma + 1.0))
        return gamma_beta, self.parent_gamma + gamma_beta

    @property
    def photon_turns_GeV(self) -> tuple[float, ...]:
        """Energies in the rest frame of the parent where `photon` steps or has a kink, increasing."""
        if self.parent_gamma == 1.0:
            return self.photon_energy_GeV
        stretch = self._boost[1]
        return tuple(sorted(e * f for e in self.photon_energy_GeV for f in (1.0 / stretch, stretch)))

    def photon_at_detector(self, energy_GeV: ArrayLike) -> Array:
        """Probability that a photon of this energy (GeV) in the laboratory is lost; shape of the argument."""
        step = np.searchsorted(self.photon_energy_GeV, np.asarray(energy_GeV), side="right")
        return np.asarray(self.photon_inefficiency)[step]

    def _photon_between(self, low: Array, high: Array) -> Array:
        """Mean of `photon_at_detector` over energies flat between two ends."""
        ends = np.concatenate([[0.0], self.photon_energy_GeV])
        start = np.concatenate([[0.0], np.cumsum(np.diff(ends) * self.photon_inefficiency[:-1])])

        def integral(energy: Array) -> Array:
            step = np.searchsorted(self.photon_energy_GeV, energy, side="right")
            return start[step] + np.asarray(self.photon_inefficiency)[step] * (energy - ends[step])

        return (integral(high) - integral(low)) / (high - low)

    def photon(self, energy_GeV: ArrayLike) -> Array:
        """Probability that a photon of this energy (GeV) in the rest frame of the parent is lost.

        In the laboratory its energy is flat between E/[gamma (1 + beta)] and E gamma (1 + beta).
        """
        energy = np.asarray(energy_GeV, dtype=np.float64)
        if self.parent_gamma == 1.0:
            return self.photon_at_detector(energy)
        stretch = self._boost[1]
        return self._photon_between(energy / stretch, energy * stretch)

    def pi0(self, energy_GeV: ArrayLike, mass_GeV: float) -> Array:
        """Probability that both photons of a pi0 are lost, averaged over its directions of flight and decay.

        Parameters
        ----------
        energy_GeV : array, shape (n,)
            Energy of the pi0 in the rest frame of the parent.
        mass_GeV : float
            Of the pi0.

        Returns
        -------
        array, shape (n,)
        """
        energy = np.asarray(energy_GeV, dtype=np.float64)
        if self.parent_gamma == 1.0:
            return self._pi0_at_detector(energy, mass_GeV)
        spread = self._boost[0] * np.sqrt(np.maximum(energy**2 - mass_GeV**2, 0.0))
        laboratory = self.parent_gamma * energy[..., None] + spread[..., None] * _NODES
        return self._pi0_at_detector(laboratory, mass_GeV) @ (0.5 * _WEIGHTS)

    def _pi0_at_detector(self, energy: Array, mass_GeV: float) -> Array:
        """The same for an energy in the laboratory.

        The energy of either photon is flat between E (1 - beta)/2 and E (1 + beta)/2, so that the average
        over the steps is a sum.
        """
        energy = energy[..., None]
        momentum = np.sqrt(np.maximum(energy**2 - mass_GeV**2, 0.0))
        # the tiny width keeps the average defined for a pi0 at rest
        low, high = 0.5 * (energy - momentum) * (1.0 - 1e-12), 0.5 * (energy + momentum) * (1.0 + 1e-12)
        steps = np.broadcast_to(self.photon_energy_GeV, (*energy.shape[:-1], len(self.photon_energy_GeV)))
        cuts = np.sort(np.clip(np.concatenate([low, steps, energy - steps, high], axis=-1), low, high), axis=-1)
        middle = 0.5 * (cuts[..., 1:] + cuts[..., :-1])
        both = self.photon_at_detector(middle) * self.photon_at_detector(energy - middle)
        return np.sum(both * np.diff(cuts, axis=-1), axis=-1) / (high - low)[..., 0]

"""Probability that the particles beside the charged one escape detection."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nuportal.errors import InputError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LostParticles:
    """Inefficiency of a photon veto in steps of the photon energy, and of a veto of charged particles.

    The default loses everything: spectra are then inclusive.

    Attributes
    ----------
    photon_energy_GeV : tuple of n floats
        Energies in the rest frame of the parent where the inefficiency steps; positive, increasing.
    photon_inefficiency : tuple of n + 1 floats
        Probability, from 0 to 1, that a photon below the first step, between the first and the second, ...
        is not seen. A threshold E0 with a veto that fails once in 10^4 is ``(E0,)`` and ``(1.0, 1e-4)``.
    charged_inefficiency : float
        Probability that a further charged particle is not seen.

    Raises
    ------
    InputError
        If the steps do not increase or a probability is not between 0 and 1.
    """

    photon_energy_GeV: tuple[float, ...] = ()
    photon_inefficiency: tuple[float, ...] = (1.0,)
    charged_inefficiency: float = 1.0

    def __post_init__(self) -> None:
        if len(self.photon_inefficiency) != len(self.photon_energy_GeV) + 1:
            raise InputError(
                f"photon_inefficiency has {len(self.photon_inefficiency)} values: one more than the "
                f"{len(self.photon_energy_GeV)} steps of photon_energy_GeV is needed"
            )
        if any(np.diff((0.0, *self.photon_energy_GeV)) <= 0.0):
            raise InputError(f"photon_energy_GeV = {self.photon_energy_GeV}: positive increasing energies are needed")
        for probability in (*self.photon_inefficiency, self.charged_inefficiency):
            if not 0.0 <= probability <= 1.0:
                raise InputError(f"inefficiency = {probability:g} is not allowed: 0 to 1 is")

    def photon(self, energy_GeV: ArrayLike) -> Array:
        """Probability that a photon of this energy (GeV) is lost; shape of the argument."""
        step = np.searchsorted(self.photon_energy_GeV, np.asarray(energy_GeV), side="right")
        return np.asarray(self.photon_inefficiency)[step]

    def pi0(self, energy_GeV: ArrayLike, mass_GeV: float) -> Array:
        """Probability that both photons of a pi0 are lost, averaged over the direction of its decay.

        The energy of either photon is flat between E (1 - beta)/2 and E (1 + beta)/2, so that the average
        over the steps is a sum.

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
        energy = np.asarray(energy_GeV, dtype=np.float64)[..., None]
        momentum = np.sqrt(np.maximum(energy**2 - mass_GeV**2, 0.0))
        # the tiny width keeps the average defined for a pi0 at rest
        low, high = 0.5 * (energy - momentum) * (1.0 - 1e-12), 0.5 * (energy + momentum) * (1.0 + 1e-12)
        steps = np.broadcast_to(self.photon_energy_GeV, (*energy.shape[:-1], len(self.photon_energy_GeV)))
        cuts = np.sort(np.clip(np.concatenate([low, steps, energy - steps, high], axis=-1), low, high), axis=-1)
        middle = 0.5 * (cuts[..., 1:] + cuts[..., :-1])
        both = self.photon(middle) * self.photon(energy - middle)
        return np.sum(both * np.diff(cuts, axis=-1), axis=-1) / (high - low)[..., 0]

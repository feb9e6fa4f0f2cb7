"""Three-body decays: Dalitz plot in two energies, and momentum spectra."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mesons.decays.quadrature import panel_nodes
from nucore.model.kinematics import two_body_momentum

Array = NDArray[np.float64]
#: Rate per unit of the energies (GeV) of particles 1 and 2, which are flat in phase space.
Weight = Callable[[Array, Array], Array]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(12)
_PANELS = 8
#: Momenta handled at once, so that memory does not grow with their number.
_BLOCK = 1024


@dataclass(frozen=True)
class ThreeBody:
    """Masses (GeV) of a decay to three particles, the charged one that is seen being the first."""

    m_parent: float
    m1: float
    m2: float
    m3: float

    @property
    def max_momentum(self) -> float:
        """Largest momentum (GeV) of particle 1 in the rest frame of the parent."""
        return float(two_body_momentum(self.m_parent, self.m1, self.m2 + self.m3))

    def second_energy(self, energy: Array) -> tuple[Array, Array]:
        """Middle and half width (GeV) of the range of the energy of particle 2 at energies of particle 1."""
        pair_sq = np.maximum(
            self.m_parent**2 + self.m1**2 - 2.0 * self.m_parent * energy, (self.m2 + self.m3) ** 2 + 1e-300
        )
        pair = np.sqrt(pair_sq)
        recoil = self.m_parent - energy
        momentum = np.sqrt(np.maximum(energy**2 - self.m1**2, 0.0))
        star = (pair_sq + self.m2**2 - self.m3**2) / (2.0 * pair)
        spread = momentum / pair * two_body_momentum(pair, self.m2, self.m3)
        return recoil / pair * star, spread


def momentum_density(kinematics: ThreeBody, weight: Weight, momentum: ArrayLike) -> Array:
    """Rate per unit of the momentum of particle 1, integrated over the energy of particle 2.

    Parameters
    ----------
    kinematics : ThreeBody
    weight : callable
        Piecewise smooth.
    momentum : array, shape (n,)
        GeV.

    Returns
    -------
    array, shape (n,)
        Zero outside the range.
    """
    p = np.atleast_1d(np.asarray(momentum, dtype=np.float64))
    if p.size > _BLOCK:
        blocks = [momentum_density(kinematics, weight, p[i : i + _BLOCK]) for i in range(0, p.size, _BLOCK)]
        return np.concatenate(blocks)
    inside = (p > 0.0) & (p < kinematics.max_momentum)
    energy = np.hypot(np.where(inside, p, 0.5 * kinematics.max_momentum), kinematics.m1)
    middle, half = kinematics.second_energy(energy)
    nodes = ((np.arange(_PANELS)[:, None] + 0.5 * (_NODES + 1.0)) / _PANELS).ravel() * 2.0 - 1.0
    weights = np.tile(_WEIGHTS / _PANELS, _PANELS)
    second = middle[:, None] + half[:, None] * nodes
    rate = weight(np.broadcast_to(energy[:, None], second.shape), second) @ weights * half
    return np.where(inside, rate * p / energy, 0.0)


def dalitz_scale(kinematics: ThreeBody, shape: Weight, branching_ratio: float) -> float:
    """Return the factor that gives a shape the integral of a branching ratio."""
    edges = np.linspace(0.0, kinematics.max_momentum, 33)
    return branching_ratio / integrate_momentum(lambda p: momentum_density(kinematics, shape, p), edges)


def integrate_momentum(density: Callable[[ArrayLike], Array], edges: ArrayLike) -> float:
    """Integral of a momentum density, panel by panel between increasing edges (GeV)."""
    nodes, weights = panel_nodes(edges)
    return float(np.sum(weights * density(nodes)))

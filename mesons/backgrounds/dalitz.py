"""Three-body decays: Dalitz plot in two energies, momentum spectra and events drawn from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nucore.model.kinematics import two_body_momentum

Array = NDArray[np.float64]
#: Rate per unit of the energies (GeV) of particles 1 and 2, which are flat in phase space.
Weight = Callable[[Array, Array], Array]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(12)
_PANELS = 8
_CELLS = (1024, 128)
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

    def vectors(self, energy1: Array, energy2: Array, u: Array) -> Array:
        """Four-momenta of the three particles in random orientation.

        Parameters
        ----------
        energy1, energy2 : array, shape (n,)
            GeV, within the Dalitz plot.
        u : array, shape (3, n)
            Uniforms: direction of particle 1, and the plane of the decay around it.

        Returns
        -------
        array, shape (3, n, 4)
            (E, px, py, pz) in GeV in the rest frame of the parent.
        """
        energy3 = self.m_parent - energy1 - energy2
        p1 = np.sqrt(np.maximum(energy1**2 - self.m1**2, 0.0))
        p2 = np.sqrt(np.maximum(energy2**2 - self.m2**2, 0.0))
        p3_sq = energy3**2 - self.m3**2
        cosine = np.clip((p3_sq - p1**2 - p2**2) / np.maximum(2.0 * p1 * p2, 1e-300), -1.0, 1.0)
        axis, across = orientation(u[0], u[1], u[2])
        vector1 = p1[:, None] * axis
        vector2 = p2[:, None] * (cosine[:, None] * axis + np.sqrt(1.0 - cosine**2)[:, None] * across)
        momenta = np.stack([vector1, vector2, -vector1 - vector2])
        return np.concatenate([np.stack([energy1, energy2, energy3])[..., None], momenta], axis=-1)


def orientation(u_cos: Array, u_phi: Array, u_psi: Array) -> tuple[Array, Array]:
    """Isotropic unit vectors and unit vectors across them, shape (n, 3) each, from uniforms."""
    cos = 2.0 * u_cos - 1.0
    sin = np.sqrt(np.maximum(1.0 - cos**2, 0.0))
    phi, psi = 2.0 * np.pi * u_phi, 2.0 * np.pi * u_psi
    axis = np.stack([sin * np.cos(phi), sin * np.sin(phi), cos], axis=-1)
    polar = np.stack([cos * np.cos(phi), cos * np.sin(phi), -sin], axis=-1)
    azimuth = np.stack([-np.sin(phi), np.cos(phi), np.zeros_like(phi)], axis=-1)
    return axis, np.cos(psi)[:, None] * polar + np.sin(psi)[:, None] * azimuth


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


def panel_nodes(edges: ArrayLike) -> tuple[Array, Array]:
    """Nodes and weights of an integral, panel by panel between increasing edges, shape (n,)."""
    edges = np.asarray(edges, dtype=np.float64)
    half = 0.5 * np.diff(edges)[:, None]
    return (edges[:-1, None] + half * (_NODES + 1.0)).ravel(), (half * _WEIGHTS).ravel()


def integrate_momentum(density: Callable[[ArrayLike], Array], edges: ArrayLike) -> float:
    """Integral of a momentum density, panel by panel between increasing edges (GeV)."""
    nodes, weights = panel_nodes(edges)
    return float(np.sum(weights * density(nodes)))


@dataclass(frozen=True)
class CellTable:
    """Cells of two variables with their probabilities; events are flat within a cell.

    Attributes
    ----------
    first : array, shape (n + 1,)
        Increasing edges of the first variable.
    cumulative : array, shape (n * m,)
        Of the cells, row by row; the second variable has m equal cells from 0 to 1.
    """

    first: Array
    cumulative: Array

    @classmethod
    def from_density(
        cls, density: Callable[[Array, Array], Array], first: Array, n_second: int = _CELLS[1]
    ) -> CellTable:
        """Table of a density in the first variable and in the share, from 0 to 1, of the second one's range."""
        shift = np.array([0.5 - 0.5 / np.sqrt(3.0), 0.5 + 0.5 / np.sqrt(3.0)])
        width = np.diff(first)
        x = (first[:-1, None] + width[:, None] * shift).ravel()
        v = ((np.arange(n_second)[:, None] + shift) / n_second).ravel()
        values = density(*np.meshgrid(x, v, indexing="ij"))
        cells = values.reshape(width.size, 2, n_second, 2).sum(axis=(1, 3)) * width[:, None]
        cumulative = np.cumsum(np.maximum(cells, 0.0).ravel())
        return cls(np.asarray(first, dtype=np.float64), cumulative / cumulative[-1])

    def draw(self, u: Array, u_first: Array, u_second: Array) -> tuple[Array, Array]:
        """Values of both variables for uniforms that choose the cell and the place in it, shape (n,)."""
        cell = np.minimum(np.searchsorted(self.cumulative, u, side="right"), self.cumulative.size - 1)
        n_second = self.cumulative.size // (self.first.size - 1)
        row, column = np.divmod(cell, n_second)
        x = self.first[row] + u_first * (self.first[row + 1] - self.first[row])
        return x, (column + u_second) / n_second


def momentum_table(kinematics: ThreeBody, weight: Weight) -> CellTable:
    """Table of the momentum of particle 1 and the share of the range of the energy of particle 2."""

    def density(momentum: Array, share: Array) -> Array:
        energy = np.hypot(momentum, kinematics.m1)
        middle, half = kinematics.second_energy(energy)
        return weight(energy, middle + half * (2.0 * share - 1.0)) * half * momentum / energy

    return CellTable.from_density(density, np.linspace(0.0, kinematics.max_momentum, _CELLS[0] + 1))

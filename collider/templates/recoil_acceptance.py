r"""Probability that the recoil lets an event pass, and in which bin it falls, at given lepton and W.

With l the measured lepton pT, q the transverse momentum of the W and c the cosine of the angle between them, the
vector w = l + u (minus the missing momentum) is Gaussian around (l - R q c, R q sqrt(1-c^2)), with the spread of the
resolution a mixture of Gaussians, summed over Gauss-Hermite nodes.  At a fixed component across the lepton every cut is
an interval of the component w_par along it,

    transverse mass > M:  w_par > (a^2 - w_perp^2)/(2a), a = M^2/(2l);    missing momentum > E:  |w_par| > r(E),
    recoil < U:           |w_par - l| < r(U),                              r(E)^2 = E^2 - w_perp^2,

so the probability is an integral over w_perp of differences of the Gaussian's cumulative distribution; bins of an
observable of the recoil are integrated in `templates.recoil_bins`.  As a function the probability is smooth and nearly
a sum of few products A_j(l) B_j(q, c): these, found by a singular value decomposition on Chebyshev nodes, are the modes
with which spectra are integrated.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from collider.experiments.selection import Cuts, LeptonSelection, Recoil
from collider.templates.recoil_bins import bin_probability
from collider.templates.recoil_kernel import NO_BOUND, TABLES, fill_passing
from nucore.run.stored import stored_array
from nucore.run.threads import local_map

Array = NDArray[np.float64]

#: Chebyshev nodes in lepton pT, the same for bins of observables of the recoil, whose dependence has square roots, W
#: transverse momentum and cosine.
N_LEPTON, N_LEPTON_BINNED, N_BOSON, N_COSINE = 48, 144, 40, 21
#: The nodes lie in p/(p + scale).
LEPTON_SCALE_GEV, BOSON_SCALE_GEV = 10.0, 30.0
BOSON_MAX_GEV = 1000.0
#: Nodes in the spread of the resolution, per unit of it.
SPREAD_NODES = 16
#: Steps of the cosine at which the modes are tabulated, linear in between.
N_COSINE_STEPS = 192
#: Weight of a W transverse momentum in the choice of modes, 1/(1 + (q/RELEVANT_GEV)^2), and their truncation.
RELEVANT_GEV = 25.0
TRUNCATION, BINNED_TRUNCATION = 1e-4, 3e-4
#: Highest lepton pT, where there is no cut, over the lowest.
PT_RANGE = 8.0


def pass_probability(lepton_pt: Array, boson_pt: Array, cosines: Array, recoil: Recoil, cuts: Cuts) -> Array:
    """Compute the probability to pass the cuts on the recoil.

    Parameters
    ----------
    lepton_pt, boson_pt, cosines : float64[n_l], float64[n_q], float64[n_c]
        Measured lepton pT and W transverse momentum (GeV); cosine of the angle between them.
    recoil : Recoil
    cuts : Cuts
        Those on the lepton pT are not looked at.

    Returns
    -------
    float64[n_l, n_q, n_c]
    """
    limits = (
        cuts.missing_momentum_min_GeV or 0.0, cuts.transverse_mass_min_GeV or 0.0,
        cuts.transverse_mass_max_GeV or NO_BOUND, cuts.recoil_max_GeV or NO_BOUND,
    )  # fmt: skip
    mean, sigma, spread = recoil.response_at(boson_pt) * boson_pt, recoil.sigma_at(boson_pt), _spread_nodes(recoil)

    def fill(lepton: float) -> Array:
        out = np.empty((boson_pt.size, cosines.size))
        fill_passing(out, lepton, mean, sigma, cosines, spread, limits, *TABLES)
        return out

    return np.stack(local_map(fill, lepton_pt.tolist(), "cuts on the recoil"))


def _spread_nodes(recoil: Recoil) -> Array:
    """Return factors on the resolution of the recoil and their probabilities, float64[2, n]: Gauss-Hermite nodes."""
    x, w = np.polynomial.hermite_e.hermegauss(1 + int(np.ceil(SPREAD_NODES * recoil.resolution_spread)))
    return np.stack([np.exp(recoil.resolution_spread * x), w / w.sum()])


@dataclass(frozen=True, eq=False)
class _Chebyshev:
    """Interpolation by a polynomial in p/(p + scale), or in p itself for an infinite scale."""

    low: float
    high: float
    scale: float
    n: int

    def _map(self, p: Array | float) -> Array:
        p = np.asarray(p, dtype=np.float64)
        return p if np.isinf(self.scale) else np.asarray(p / (p + self.scale))

    @property
    def nodes(self) -> Array:
        a, b = self._map(self.low), self._map(self.high)
        z = 0.5 * (a + b) - 0.5 * (b - a) * np.cos(np.pi * (np.arange(self.n) + 0.5) / self.n)
        return z if np.isinf(self.scale) else np.asarray(self.scale * z / (1.0 - z))

    def matrix(self, p: Array) -> Array:
        """Return [n_points, n] weights of the nodes."""
        a, b = self._map(self.low), self._map(self.high)
        x = np.clip((2.0 * self._map(p) - a - b) / (b - a), -1.0, 1.0)
        angles = np.pi * (np.arange(self.n) + 0.5) / self.n
        degrees = np.arange(self.n)
        at_nodes = np.cos(degrees * (np.pi - angles)[:, None]) * np.where(degrees == 0, 1.0, 2.0) / self.n
        return np.asarray(np.cos(degrees * np.arccos(x)[:, None]) @ at_nodes.T)


@dataclass(frozen=True, eq=False)
class RecoilModes:
    """Sum of products A_ij(lepton pT) B_j(q, c) that is the probability of bin i of the observable with all cuts.

    Attributes
    ----------
    lepton, boson, cosine : _Chebyshev
    amplitudes : float64[n_bins, n_modes, n_lepton]
        A at the nodes; one bin where the observable is the lepton pT.
    vectors : float64[n_modes, n_boson, n_cosine]
        B at the nodes.
    """

    lepton: _Chebyshev
    boson: _Chebyshev
    cosine: _Chebyshev
    amplitudes: Array
    vectors: Array

    def at_lepton(self, pt: Array) -> Array:
        """Return A at measured lepton pT (GeV), [n_bins, n_modes, n]."""
        return np.asarray(self.amplitudes @ self.lepton.matrix(pt).T)

    def at_boson(self, pt: Array) -> Array:
        """Return B, [n, n_cosines, n_modes], at W transverse momenta (GeV) and equal steps of the cosine."""
        boson = self.boson.matrix(np.minimum(pt, BOSON_MAX_GEV))
        cosine = self.cosine.matrix(np.linspace(-1.0, 1.0, N_COSINE_STEPS + 1))
        table = np.stack([boson @ vector @ cosine.T for vector in self.vectors], axis=-1)
        return np.ascontiguousarray(table)


def lepton_range(selection: LeptonSelection) -> tuple[float, float]:
    """Return the range of the measured lepton pT (GeV) inside the selection."""
    if selection.observable == "lepton_pt":
        return selection.edges[0], selection.edges[-1]
    low = selection.cuts.pt_min_GeV
    assert low is not None  # checked by the selection
    return low, selection.cuts.pt_max_GeV or PT_RANGE * low


def recoil_modes(selection: LeptonSelection) -> RecoilModes | None:
    """Return the modes of a selection; None where nothing depends on the recoil."""
    if selection.recoil is None or (selection.observable == "lepton_pt" and not selection.cuts.on_recoil):
        return None
    edges = None if selection.observable == "lepton_pt" else selection.edges
    return _modes(
        selection.recoil, selection.cuts, edges, selection.observable == "transverse_mass", *lepton_range(selection)
    )


def _leading(rows: Array, truncation: float) -> Array:
    """Return orthonormal columns whose span has the rows, to ``truncation`` of the root of their sum of squares."""
    if rows.shape[0] < rows.shape[1]:
        _, singular, vectors = np.linalg.svd(rows, full_matrices=False)
        squares, columns = singular**2, vectors.T
    else:  # much faster than a singular value decomposition
        squares, columns = (x[..., ::-1] for x in np.linalg.eigh(rows.T @ rows))
    left_out = np.sqrt(np.cumsum(np.maximum(squares[::-1], 0.0)))
    return np.asarray(columns[:, : max(int(np.sum(left_out > truncation * left_out[-1])), 1)])


@lru_cache(maxsize=16)
def _modes(
    recoil: Recoil, cuts: Cuts, edges: tuple[float, ...] | None, of_mass: bool, low: float, high: float
) -> RecoilModes:
    lepton = _Chebyshev(low, high, LEPTON_SCALE_GEV, N_LEPTON if edges is None else N_LEPTON_BINNED)
    boson = _Chebyshev(0.0, BOSON_MAX_GEV, BOSON_SCALE_GEV, N_BOSON)
    cosine = _Chebyshev(-1.0, 1.0, np.inf, N_COSINE)

    def modes() -> Array:
        nodes = (lepton.nodes, boson.nodes, cosine.nodes, recoil, cuts)
        table = pass_probability(*nodes)[None] if edges is None else bin_probability(*nodes, np.asarray(edges), of_mass)
        importance = np.repeat(1.0 / (1.0 + (boson.nodes / RELEVANT_GEV) ** 2), N_COSINE)
        weighted = table.reshape(-1, importance.size) * importance
        kept = _leading(weighted, TRUNCATION if edges is None else BINNED_TRUNCATION)
        return np.concatenate([(weighted @ kept).T, kept.T / importance], axis=1)

    found = stored_array("recoil_modes", (recoil, cuts, edges, of_mass, low, high), modes)
    amplitudes, vectors = np.split(found, [-N_BOSON * N_COSINE], axis=1)
    amplitudes = amplitudes.reshape(found.shape[0], -1, lepton.n).transpose(1, 0, 2)
    return RecoilModes(
        lepton, boson, cosine, np.ascontiguousarray(amplitudes), vectors.reshape(-1, N_BOSON, N_COSINE).copy()
    )

r"""Distribution of the lepton pT at fixed W mass, integrated over everything but the mass.

A lepton of momentum k in the W rest frame (massless, k = m (1-r)/2) has, after the boost to a W of transverse
momentum q, a transverse momentum pT = k X(theta, phi; b) that is proportional to k, with

    X^2 = (gamma sin(theta) cos(phi) + b)^2 + (sin(theta) sin(phi))^2,   b = q/m,  gamma = sqrt(1 + b^2),

and the decay law is linear in r = m4^2/m^2: (E + O) + r (2 - E) (`collider.decay.w_decay`).  The distributions of
t = ln X under the two terms of that law, in bins of |eta|, therefore serve every nu4 mass; a template is a weighted sum
of shifted copies of them (`templates.template`).  They depend smoothly on m, so few nodes in ln m suffice.  What
depends on the recoil (`templates.recoil_acceptance`) is a sum of products of a function of the lepton pT and one of q
and of the angle between lepton and W: the latter, the modes, multiply the density here, the former enter where the pT
is known.

Integration: the component of the W's transverse momentum along the lepton exactly (`templates.angular_kernel`): it
smears X by about 10%, so the rest is smooth.  The other component by Gauss-Legendre quadrature and, in its tail, by
equal steps; the polar angle by equal steps over its full circle, which converge faster than any power.  Steps have a
random offset, another one for each replica.
The |eta| acceptance is exact: a massless lepton's pseudorapidity adds to the rapidity of the W.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from collider.production.w_production import WComponent
from collider.templates.angular_kernel import fill_edges
from collider.templates.boson_plane import BosonPlane, boson_plane, rapidity_table
from collider.templates.recoil_acceptance import RecoilModes
from nucore.errors import InputError
from nucore.run.threads import local_map

Array = NDArray[np.float64]
#: Points of one replica: component across the lepton (GeV), polar angle in [0, pi/2], weight.
_Points = tuple[Array, Array, Array]

#: Largest t = ln X kept.
LOG_MAX = 3.0
#: From this t on the cumulative distribution is computed at half as many edges.
LOG_CORE = 0.3
#: W masses with all points; outside of them half of the angles and of the tail are enough.
CORE_MASSES_GEV = (75.0, 88.0)
#: Transverse momentum across the lepton, over the least lepton pT, from which the nodes are others.
TAIL_OVER_PT = 1.7


@dataclass(frozen=True)
class IntegrationGrid:
    """Numbers of points of the integration, and how many times it is repeated with other random shifts.

    Attributes
    ----------
    n_angles : int
        Of the decay in [0, pi], which count as twice as many since both hemispheres are folded.
    n_across, n_tail : int
        Nodes of the component of the W's transverse momentum across the lepton: below and above `TAIL_OVER_PT`.
    n_nodes : int
        Nodes of the component along the lepton, odd.
    n_replicas : int
        Independent repetitions, from whose scatter the uncertainty follows.  Replica i has the same points whatever
        their number.
    seed : int
        Of the random shifts.
    refinement : float
        Divides the spacing of the nodes in W mass.
    log_cell, edge_step : float
        Width of the cells in t = ln X and ln pT, and of the steps of t at which the cumulative distribution is
        computed; interpolated between.
    """

    n_angles: int = 48
    n_across: int = 14
    n_tail: int = 36
    n_nodes: int = 81
    n_replicas: int = 4
    seed: int = 20170904
    refinement: float = 1.0
    log_cell: float = 0.0025
    edge_step: float = 0.02

    def __post_init__(self) -> None:
        if self.n_nodes < 9 or self.n_nodes % 2 == 0:
            raise InputError(f"invalid number of nodes {self.n_nodes}: expected an odd number from 9")


#: What is enough where the recoil smears the observable or cuts the tail of the W transverse momentum.
COARSE_GRID = IntegrationGrid(n_angles=36, n_across=10, n_tail=14)


@dataclass(frozen=True, eq=False)
class AngularResponse:
    """Distribution of t = ln(pT/k) at nodes of the W mass.

    Attributes
    ----------
    log_masses : float64[n_nodes]
        ln of the W mass in GeV, increasing.
    log_cell : float
        Width of the cells in t.
    first_cells : int64[n_nodes]
        Cell i of a node covers t from (first + i - 1/2) to (first + i + 1/2) times ``log_cell``.
    density : tuple of float32[n_replicas, 2, n_eta, n_modes, n_cells]
        For each node the probability per cell, for the decay densities E + O and 2 - E (not normalised).
    """

    log_masses: Array
    log_cell: float
    first_cells: NDArray[np.int64]
    density: tuple[NDArray[np.float32], ...]


def mass_nodes(lowest: float, highest: float, pole: float, refinement: float = 1.0) -> Array:
    """Return W masses (GeV) at which the response is computed, dense around the pole."""
    pieces = ((0.2, 0.68, 3), (0.68, 0.9, 3), (0.9, 1.12, 4), (1.12, 2.0, 5), (2.0, 16.0, 5), (16.0, 200.0, 3))
    parts = [pole * np.geomspace(a, b, round(n * refinement) + 1)[:-1] for a, b, n in pieces]
    nodes = np.concatenate(parts)
    inside = nodes[(nodes > lowest * 1.001) & (nodes < highest * 0.999)]
    return np.concatenate([[lowest], inside, [highest]])


def angular_response(
    component: WComponent,
    masses: Array,
    eta_edges: tuple[float, ...],
    pt_low: float,
    grid: IntegrationGrid,
    modes: RecoilModes | None = None,
) -> AngularResponse:
    """Compute the distribution of ln(pT/k) in bins of |eta| at the given W masses.

    Parameters
    ----------
    component : WComponent
        Gives the rapidity and transverse-momentum tables; its mass table and m4 do not matter.
    masses : float64[n_nodes]
        GeV, increasing.
    eta_edges : tuple of float
        Increasing from >= 0; the last may be ``inf``.
    pt_low : float
        Smallest lepton pT (GeV) of interest: t below ln(2 pt_low/m) is not computed, m being the mass of the
        next node but one, to which the interpolation in mass may reach.
    grid : IntegrationGrid
    modes : RecoilModes, optional
        Factors of the density; 1 by default.
    """
    steps = response_steps(component, masses, eta_edges, pt_low, grid, modes)
    return response_of(steps, masses, len(eta_edges) - 1, pt_low, grid)


def response_steps(
    component: WComponent,
    masses: Array,
    eta_edges: tuple[float, ...],
    pt_low: float,
    grid: IntegrationGrid,
    modes: RecoilModes | None = None,
) -> NDArray[np.float32]:
    """Compute what `response_of` makes the response from: arguments are those of `angular_response`.

    Returns
    -------
    float32[n]
        For one node of the W mass after the other [n_replicas, n_edges, 2, n_eta, n_modes]: the probability below the
        first edge in t and between every two.
    """
    plane = boson_plane(component.pt_rows, modes)
    rapidity = [rapidity_table(component, plane, float(mass)) for mass in masses]
    sparse = replace(grid, n_angles=(grid.n_angles + 1) // 2, n_tail=(grid.n_tail + 1) // 2)
    points = [[_points(plane, pt_low, g, replica) for replica in range(grid.n_replicas)] for g in (grid, sparse)]
    edges = np.asarray(eta_edges, dtype=np.float64)

    def fill(task: tuple[int, int]) -> NDArray[np.float32]:
        node, replica = task
        mass = float(masses[node])
        chosen = points[0 if CORE_MASSES_GEV[0] < mass < CORE_MASSES_GEV[1] else 1][replica]
        log_edges, used = _log_edges(masses, node, pt_low, grid)
        content = np.zeros((2, used.size, 2 * (edges.size - 1) * plane.modes.shape[2]))
        fill_edges(
            content, np.exp(2.0 * log_edges[used]), mass, plane.scale, plane.pt_max, *chosen, plane.density,
            *rapidity[node], edges, plane.modes, grid.n_nodes,
        )  # fmt: skip
        content[1] += np.diff(content[0], axis=0, prepend=0.0)
        return content[1].astype(np.float32).ravel()

    tasks = [(node, replica) for node in range(masses.size) for replica in range(grid.n_replicas)]
    return np.concatenate(local_map(fill, tasks, "leptons of W bosons"))


def response_of(
    steps: NDArray[np.float32], masses: Array, n_eta: int, pt_low: float, grid: IntegrationGrid
) -> AngularResponse:
    """Return the response from what `response_steps` computes; the other arguments are as there.

    The cumulative distribution is smooth: it is interpolated between its edges.
    """
    all_edges = [_log_edges(masses, node, pt_low, grid) for node in range(masses.size)]
    n_channels = steps.size // (grid.n_replicas * sum(used.size for _, used in all_edges))
    density, start = [], 0
    for log_edges, used in all_edges:
        stop = start + grid.n_replicas * used.size * n_channels
        below = steps[start:stop].reshape(grid.n_replicas, used.size, n_channels).cumsum(axis=1, dtype=np.float64)
        cells = np.diff(CubicSpline(log_edges[used], below, axis=1)(log_edges), axis=1)
        shape = (grid.n_replicas, 2, n_eta, n_channels // (2 * n_eta), log_edges.size - 1)
        density.append(np.ascontiguousarray(np.moveaxis(cells, 1, 2), dtype=np.float32).reshape(shape))
        start = stop
    first_cells = np.array([_first_cell(masses, node, pt_low, grid) for node in range(masses.size)], dtype=np.int64)
    return AngularResponse(np.log(masses), grid.log_cell, first_cells, tuple(density))


def _first_cell(masses: Array, node: int, pt_low: float, grid: IntegrationGrid) -> int:
    """Return the first cell in t that is computed at a node of the W mass."""
    return int(np.floor(np.log(2.0 * pt_low / masses[min(node + 2, masses.size - 1)]) / grid.log_cell)) - 3


def _log_edges(masses: Array, node: int, pt_low: float, grid: IntegrationGrid) -> tuple[Array, NDArray[np.int64]]:
    """Return the edges of the cells in t at a node, and at which of them the cumulative distribution is computed."""
    first_cell = _first_cell(masses, node, pt_low, grid)
    n_cells = int(np.ceil(LOG_MAX / grid.log_cell)) - first_cell + 1
    log_edges = np.asarray((first_cell - 0.5 + np.arange(n_cells + 1)) * grid.log_cell, dtype=np.float64)
    n_core = min(int(np.searchsorted(log_edges, LOG_CORE)), n_cells)
    stride = max(round(grid.edge_step / grid.log_cell), 1)
    return log_edges, np.unique(np.r_[0:n_core:stride, n_core : n_cells : 2 * stride, n_cells])


def _points(plane: BosonPlane, pt_low: float, grid: IntegrationGrid, replica: int) -> _Points:
    """Return the points of a replica: equal steps of the polar angle, times nodes of z = |p_y|/(|p_y| + p_0).

    From |p_y| = 2 pT on a lepton along the beams gets its pT from the W alone and the integrand has a kink:
    Gauss-Legendre below, equal steps with a random offset of a variable that periodises the integrand above.
    """
    generator = np.random.default_rng(np.random.SeedSequence(grid.seed, spawn_key=(replica,)))
    offset_angle, offset_tail = generator.random(2)
    angles = np.pi * (np.arange(grid.n_angles) + offset_angle) / grid.n_angles
    border = TAIL_OVER_PT * pt_low / (TAIL_OVER_PT * pt_low + plane.scale)
    top = plane.pt_max / (plane.pt_max + plane.scale)
    border = min(border, top)
    x, w = np.polynomial.legendre.leggauss(grid.n_across)
    v = (np.arange(grid.n_tail) + offset_tail) / grid.n_tail
    z = np.concatenate([0.5 * border * (1.0 + x), border + (top - border) * v * v * (3.0 - 2.0 * v)])
    steps = np.concatenate([0.5 * border * w, (top - border) * 6.0 * v * (1.0 - v) / grid.n_tail])
    across, density = plane.scale * z / (1.0 - z), 2.0 * steps * plane.scale / (1.0 - z) ** 2
    # Half of the circle counts once, since both signs of cos(theta) are added; density has both signs of p_y.
    weights = 0.5 * np.pi / grid.n_angles * np.sin(angles)[:, None] * density
    angles = np.repeat(np.minimum(angles, np.pi - angles), across.size)
    return np.tile(across, grid.n_angles), angles, weights.ravel()

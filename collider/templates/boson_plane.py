"""The W as the angular response takes it: density in the plane of its transverse momentum, rapidity at each point.

At given |y| the transverse momentum has the density of the rows of its table (`collider.production.w_pt`); the W goes
to either side, and its lepton in any direction, as the spin table says (`collider.production.spin`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from collider.production.spin import N_PT, N_RAPIDITY, boson_pt
from collider.production.w_production import WComponent
from collider.production.w_pt import row_shares
from collider.templates.recoil_acceptance import RecoilModes

Array = NDArray[np.float64]
#: Integrals of `fill_integrals`, float32[n_q, n_y, 8], at equal steps of |y| from 0, and steps per unit.
RapidityTable = tuple[NDArray[np.float32], float]

#: Steps of |y| in which the rapidity distribution is integrated.
N_RAPIDITY_GRID = 96
#: Steps of the transverse momentum in which it is tabulated, for one of the spin table.
PT_STEPS = 2
#: Steps of the table of the density in the plane of the W transverse momentum, and of the modes there.
N_PLANE, N_MODE_STEPS = 4096, 128
#: Scale p_0 of the nodes in units of the median of the W transverse momentum.
PT_SCALE = 1.5
#: In units of p_0, where the far tail of the transverse momentum begins; the range of means there over the distance.
TAIL_START, TAIL_MEAN = 4.0, 0.1


@dataclass(frozen=True, eq=False)
class BosonPlane:
    """Density in the plane of the W transverse momentum and factors there, against q/(q + scale); GeV.

    ``density`` is the mean of those of the rows of the quantile table, ``rows`` are theirs, [n_grid, n_rows].
    """

    scale: float
    pt_max: float
    density: Array
    rows: Array
    modes: Array


def boson_plane(pt_rows: Array, modes: RecoilModes | None) -> BosonPlane:
    """Return the density p(q)/(2 pi q) of each row of the quantile table.

    It is linear between the middles of the cells.  In the far tail, where few nodes lie and the last cell of the table
    is flat and wide, it is a mean over a range of q.
    """
    scale = PT_SCALE * float(pt_rows[:, pt_rows.shape[1] // 2].mean())
    tail = TAIL_START * scale
    z = np.linspace(0.0, 1.0, N_PLANE + 1)[:-1]
    pt = scale * z / (1.0 - z)
    density = np.zeros((N_PLANE + 1, pt_rows.shape[0]))
    for k, row in enumerate(pt_rows):
        middles, uniform = 0.5 * (row[1:] + row[:-1]), np.linspace(0.0, 1.0, row.size)
        heights = 1.0 / (np.diff(row) * (row.size - 1)) / middles
        column = np.where(pt < row[-1], np.interp(pt, middles, heights), 0.0)
        if row[-1] > tail:
            far = pt >= tail
            column[far] = _mean_density(row, uniform, pt[far], TAIL_MEAN * (pt[far] - tail)) / pt[far]
        density[:-1, k] = column / (2.0 * np.pi * np.trapezoid(column * pt, pt))
    factors = np.ones((1, 1, 1))
    if modes is not None:
        z = np.linspace(0.0, 1.0, N_MODE_STEPS + 1)[:-1]
        factors = modes.at_boson(np.append(scale * z / (1.0 - z), np.inf))
    last = float(pt_rows[:, -1].max())
    end = (last - 0.5 * TAIL_MEAN * tail) / (1.0 - 0.5 * TAIL_MEAN) if last > tail else last
    return BosonPlane(scale, end, density.mean(axis=1), density, factors)


def _mean_density(row: Array, uniform: Array, pt: Array, width: Array) -> Array:
    """Return the derivative of the mean, over a range of this width about each pT, of the cumulative distribution."""
    fine = np.linspace(0.0, pt_end := 2.0 * row[-1], 1 << 15)
    cumulative = np.interp(fine, row, uniform)
    integral = np.concatenate([[0.0], np.cumsum(0.5 * (cumulative[1:] + cumulative[:-1]) * np.diff(fine))])

    def up_to(x: Array) -> Array:
        return np.asarray(np.interp(x, fine, integral) + np.maximum(x - pt_end, 0.0))

    half = np.maximum(0.5 * width, 1e-3 * pt)
    return np.gradient((up_to(pt + half) - up_to(pt - half)) / (2.0 * half), pt)


def rapidity_table(component: WComponent, plane: BosonPlane, mass: float) -> RapidityTable:
    """Return integrals of the rapidity distribution at a W mass and each q, alone and times A0..A4.

    At given |y| the transverse momentum has the density of the rows of its table, relative to their mean, and the W
    goes to either side with the probability of the spin table.
    """
    y, steps = _abs_rapidity(component, mass)
    centres = 0.5 * (y[1:] + y[:-1])
    pt = boson_pt(mass, (1.0 / PT_STEPS) * np.arange(PT_STEPS * (N_PT - 1) + 1))
    at = pt / (pt + plane.scale) * N_PLANE
    k = np.minimum(at.astype(np.int64), N_PLANE - 1)
    rows = plane.rows[k] + (at - k)[:, None] * (plane.rows[k + 1] - plane.rows[k])
    mean = rows.mean(axis=1, keepdims=True)
    relative = np.where(mean > 0.0, rows / np.where(mean > 0.0, mean, 1.0), 1.0)
    probability = steps * (relative @ row_shares(centres, rows.shape[1]))
    integrals = np.zeros((pt.size, y.size, 8), np.float32)
    spin = component.spin
    position = (np.stack([centres, -centres]) + spin.rapidity_max) / spin.rapidity_step
    fill_integrals(integrals, probability, spin.at_mass(mass), np.clip(position, 0.0, N_RAPIDITY - 1.0), PT_STEPS)
    return integrals, float(1.0 / y[1])


def _abs_rapidity(component: WComponent, mass: float) -> tuple[Array, Array]:
    """Return equal steps of |y| at a W mass, and the probability of each step."""
    table, last = component.rapidity_quantiles, component.rapidity_masses.size - 1
    row = np.interp(np.log(mass), np.log(component.rapidity_masses), np.arange(last + 1))
    i = min(int(row), last - 1)
    nodes = (i + 1.0 - row) * table[i] + (row - i) * table[i + 1]
    y = np.linspace(0.0, max(-nodes[0], nodes[-1]), N_RAPIDITY_GRID + 1)
    uniform = np.linspace(0.0, 1.0, nodes.size)
    return y, np.diff(np.interp(y, nodes, uniform) - np.interp(-y, nodes, uniform))


@njit(cache=True, nogil=True)
def fill_integrals(out, probability, spin, position, pt_steps):  # type: ignore[no-untyped-def]
    """Fill integrals from 0 to |y| of the density at y plus, for A1 and A4 minus, that at -y.

    Parameters
    ----------
    out : float32[n_q, n + 1, 8]
        Zeros; the first six are filled: density alone, times A0, A2, A3, A1 and A4.
    probability : float64[n_q, n]
        Of W bosons in steps of |y|.
    spin : float64[n_pt, n_y, 6]
        Values of `collider.production.spin.SpinTable` at a mass.
    position : float64[2, n]
        Of the middles of the steps of |y|, and of -|y|, among the nodes of ``spin``.
    pt_steps : int
        Steps in q for one of ``spin``.
    """
    value, order = np.empty((2, 6)), (0, 2, 3, 1, 4)
    for q in range(out.shape[0]):
        i = min(q // pt_steps, spin.shape[0] - 2)
        f = q / pt_steps - i
        for y in range(probability.shape[1]):
            for side in range(2):
                k = min(int(position[side, y]), spin.shape[1] - 2)
                g = position[side, y] - k
                for a in range(6):
                    low = spin[i, k, a] + g * (spin[i, k + 1, a] - spin[i, k, a])
                    high = spin[i + 1, k, a] + g * (spin[i + 1, k + 1, a] - spin[i + 1, k, a])
                    value[side, a] = low + f * (high - low)
            there, back = probability[q, y] * value[0, 5], probability[q, y] * value[1, 5]
            out[q, y + 1, 0] = out[q, y, 0] + there + back
            for a in range(5):
                mirrored = back * value[1, order[a]]
                out[q, y + 1, a + 1] = (
                    out[q, y, a + 1] + there * value[0, order[a]] + (mirrored if a < 3 else -mirrored)
                )

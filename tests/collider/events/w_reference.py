"""Production and decay of W bosons in float64 with libm, from the same words as `collider.events.kernel`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from collider.decay.w_decay import decay_momenta
from collider.production.spin import PT_RATIO, SpinTable
from collider.production.w_pt import PT_RAPIDITY_STEP
from nucore.random_streams import Stream, uniforms
from tests.collider.w_decay_law import azimuth, one_minus_cos

Array = np.ndarray
N_WORDS = 16


def made_events(
    components: Sequence[Any], weights: Sequence[float], n: int, seed: int, first: int = 0
) -> dict[str, Array]:
    """Make W bosons and their leptons at the azimuth 0 of the W.

    Parameters
    ----------
    components : sequence of WComponent or what has its tables
    weights : sequence of float
    n, seed, first : int

    Returns
    -------
    dict of arrays
        ``component, mass, m4, rapidity, w_pt``, ``lepton`` [4, n] and the uniforms ``u`` [16, n].
    """
    words = np.rint(uniforms(seed, Stream.W, first, n, N_WORDS) * 2.0**32 - 0.5).astype(np.int64)
    u = uniforms(seed, Stream.W, first, n, N_WORDS, np.float32).astype(float)
    component = np.searchsorted(np.cumsum(weights)[:-1] / np.sum(weights), (words[0] + 0.5) / 2.0**32, side="right")
    mass, rapidity, w_pt, m4 = np.empty((4, n))
    coefficients = np.empty((5, n))
    for j, c in enumerate(components):
        s = np.flatnonzero(component == j)
        m4[s] = c.m4
        mass[s] = _interpolate(c.mass_quantiles, u[1, s])
        y = rapidity_of(c, _interpolate(c.rapidity_row, u[1, s]), u[2, s])
        pt_row = np.abs(y) / PT_RAPIDITY_STEP + low_bits(words[10:11, s])
        columns = np.array([_interpolate(line, u[3, s]) for line in c.pt_rows])
        w_pt[s] = columns[np.minimum(pt_row, len(columns) - 1).astype(int), np.arange(s.size)]
        share = c.spin.values[(*_node(c.spin, mass[s], w_pt[s], y, words[1:4, s]), 5)]
        rapidity[s] = np.where(low_bits(words[7:9, s]) < share, y, -y)
        node = _node(c.spin, mass[s], w_pt[s], rapidity[s], words[4:7, s])
        coefficients[:, s] = c.spin.values[node][:, :5].T
    r = (m4 / mass) ** 2
    x = one_minus_cos(u[4:7], (2.0 * u[10]) % 1.0, coefficients, r)
    phi = azimuth(u[7], low_bits(words[[9, 11]]), x, coefficients, r)
    lepton = decay_momenta(mass, m4, w_pt, rapidity, np.zeros(n), x, phi).lepton
    return {
        "component": component,
        "mass": mass,
        "m4": m4,
        "rapidity": rapidity,
        "w_pt": w_pt,
        "lepton": lepton,
        "u": u,
    }


def low_bits(words: Array) -> Array:
    """Uniform numbers of the 9 low bits of each word, the first the highest; words[k, n]."""
    number = np.zeros(words.shape[1])
    for word in words:
        number = 512.0 * number + word % 512
    return np.asarray((number + 0.5) / 512.0 ** len(words))


def _node(spin: SpinTable, mass: Array, w_pt: Array, rapidity: Array, words: Array) -> tuple[Array, ...]:
    """Node that random rounding chooses."""
    b = w_pt / mass
    positions = (
        (np.log(mass) - spin.log_mass_low) / spin.log_mass_step,
        b / (b + PT_RATIO) / spin.pt_step,
        (rapidity + spin.rapidity_max) / spin.rapidity_step,
    )
    return tuple(
        np.floor(np.clip(position, 0, n - 1) + low_bits(word[None])).astype(int)
        for position, n, word in zip(positions, spin.values.shape[:3], words, strict=True)
    )


def _interpolate(table: Array, u: Array) -> Array:
    return np.asarray(np.interp(u, np.linspace(0.0, 1.0, len(table)), table))


def rapidity_of(component: Any, row: Array, u: Array) -> Array:
    """Rapidity at uniforms u and fractional rows of the table."""
    columns = np.array([_interpolate(line, u) for line in component.rapidity_quantiles])
    below = np.minimum(row.astype(int), len(columns) - 2)
    at = np.arange(u.size)
    return np.asarray(columns[below, at] + (row - below) * (columns[below + 1, at] - columns[below, at]))

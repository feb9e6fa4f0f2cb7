r"""Loops of the angular response: exact in one component of the W's transverse momentum.

Let p_x and p_y be the components of the W's transverse momentum along and across the lepton's transverse direction in
the W rest frame, b_x and b_y the same over the mass, and s, c sine and cosine of the polar angle.  In units of its
momentum in the rest frame the lepton has the energy and transverse momentum

    E = gamma + s b_x,  X^2 = E^2 - c^2,  gamma^2 = 1 + b_x^2 + b_y^2,

so X takes a given value at c^2 b_x = -E s +- [E^2 s^2 + c^2 (X^2 - s^2 - b_y^2)]^(1/2).  The density in p_x, acceptance
included, is smooth; it is computed at nodes of z = (1 + p_0/p_max) p_x/(|p_x| + p_0) and integrated by a cubic Hermite
polynomial between them, once for p_x below and once above 0, where it may have a cusp.

The decay law of a nu4 of mass m4 is E + O + r (2 - E), r = m4^2/m^2 (`collider.decay.w_decay`), with the azimuth phi of
the lepton about the W's transverse momentum, cos(phi) = p_x/q.  Its coefficients A0..A4 depend on q and on the rapidity
of the W, over which they are integrated with the acceptance: integrals, at given q, of the distribution of the rapidity
alone and times each coefficient.

All loops are compiled into `fill_edges`: of functions on their own the process that compiles them would link another
version, with sums in another order, than those that find the kernel in the cache.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from collider.production.spin import PT_END, PT_RATIO

#: No assumption on infinities: an |eta| edge may be one.
_FAST = {"contract", "arcp", "nsz", "reassoc"}


@njit(nogil=True, fastmath=_FAST, inline="always")
def integrals_at(out, rapidity, i, f, per_step, abs_y):  # type: ignore[no-untyped-def]
    """Put the integrals over the rapidity up to |y|, bilinear, into the first six of eight.

    Parameters
    ----------
    out : float32[8]
    rapidity : float32[n_q, n_y, 8]
        At equal steps of |y| from 0, see `collider.templates.boson_plane`; the last two are of no use but to vectors.
    i, f : int, float
        Step in q and fraction of it.
    per_step, abs_y : float
        Steps per unit; |y|.
    """
    last = rapidity.shape[1] - 2
    position = abs_y * per_step
    j = int(min(position, last))
    g = min(position - j, 1.0)
    here, there = rapidity[i], rapidity[i + 1]
    a, b = np.float32((1.0 - f) * (1.0 - g)), np.float32((1.0 - f) * g)
    c, d = np.float32(f * (1.0 - g)), np.float32(f * g)
    for k in range(8):
        out[k] = a * here[j, k] + b * here[j + 1, k] + c * there[j, k] + d * there[j + 1, k]


@njit(nogil=True, fastmath=_FAST, inline="always")
def fill_density(  # type: ignore[no-untyped-def]
    density, mass, pt_scale, stretch, across, sine, cosine, plane_density, rapidity, per_step, eta_edges, modes
):
    """Fill the density in z at equal steps of z from -1 to 1, for all channels.

    Parameters
    ----------
    density : float64[n_nodes, 2, n_eta, n_modes]
        For the decay densities E + O and 2 - E, both signs of c added.
    mass, pt_scale, stretch, across : float
        Of the W; p_0; 1 + p_0/p_max; p_y; momenta in GeV.
    sine, cosine : float
    plane_density : float64[n_grid]
        Density (GeV^-2) in the plane of the transverse momentum at equal steps of q/(q + p_0) from 0 to 1.
    rapidity, per_step
        As in `integrals_at`, at equal steps of b/(b + PT_RATIO), b = q/mass, up to PT_END.
    eta_edges : float64[n_eta + 1]
    modes : float64[n_q, n_cosines, n_modes]
        Factors at equal steps of q/(q + p_0) and of the cosine between lepton and W; of size 1 if there are none.
    """
    n_nodes, _, n_eta, n_modes = density.shape
    n_grid, n_q = plane_density.shape[0], rapidity.shape[0]
    factor, near, far = np.ones(n_modes), np.empty(8, np.float32), np.empty(8, np.float32)
    even_0, even_2 = 0.5 * (1.0 - 3.0 * cosine * cosine), 0.5 * sine * sine
    b_y, per_pt = across / mass, (n_q - 1.0) / PT_END
    for n in range(n_nodes):
        z = 2.0 * n / (n_nodes - 1.0) - 1.0
        closeness = stretch - abs(z)
        along = pt_scale * z / closeness
        q = np.sqrt(along * along + across * across)
        z_q = q / (q + pt_scale)
        i = min(int(z_q * (n_grid - 1)), n_grid - 2)
        f = z_q * (n_grid - 1) - i
        weight = plane_density[i] + f * (plane_density[i + 1] - plane_density[i])
        weight *= pt_scale * stretch / (closeness * closeness)
        at = min(q / (q + PT_RATIO * mass) * per_pt, n_q - 1.0)
        i = min(int(at), n_q - 2)
        f = at - i
        b_x = along / mass
        gamma = np.sqrt(1.0 + b_x * b_x + b_y * b_y)
        energy = gamma + sine * b_x
        x = np.sqrt(max(energy * energy - cosine * cosine, 1e-20))
        eta = np.arcsinh(cosine / x)
        if modes.shape[0] > 1:
            _look_up_modes(factor, modes, z_q, (gamma * sine * along + q * q / mass) / (q * x + 1e-30))
        cos_phi = along / (q + 1e-30)
        cos_2phi = 2.0 * cos_phi * cos_phi - 1.0
        odd_1, odd_3 = 2.0 * sine * cosine * cos_phi, sine * cos_phi
        first_before, second_before = 0.0, 0.0
        for e in range(n_eta + 1):
            first, second = 0.0, 0.0
            if eta_edges[e] > 0.0:
                # |eta| is below the edge for W rapidities from -edge -+ eta to edge -+ eta, leptons along +-z.
                integrals_at(near, rapidity, i, f, per_step, abs(eta_edges[e] - eta))
                integrals_at(far, rapidity, i, f, per_step, eta_edges[e] + eta)
                side = np.float32(1.0) if eta_edges[e] > eta else np.float32(-1.0)
                both = side * near[0] + far[0]
                even = (1.0 + cosine * cosine) * both + even_0 * (side * near[1] + far[1])
                even += odd_1 * (near[4] - far[4]) + even_2 * cos_2phi * (side * near[2] + far[2])
                odd = odd_3 * (side * near[3] + far[3]) + cosine * (near[5] - far[5])
                first, second = weight * (even + odd), weight * (2.0 * both - even)
            if e > 0:
                for j in range(n_modes):
                    density[n, 0, e - 1, j] = (first - first_before) * factor[j]
                    density[n, 1, e - 1, j] = (second - second_before) * factor[j]
            first_before, second_before = first, second


@njit(nogil=True, fastmath=_FAST, inline="always")
def _look_up_modes(factor, modes, z_q, cos_psi):  # type: ignore[no-untyped-def]
    """Interpolate the modes bilinearly."""
    n_q, n_cosines, n_modes = modes.shape
    at_q = z_q * (n_q - 1)
    at_c = 0.5 * (min(max(cos_psi, -1.0), 1.0) + 1.0) * (n_cosines - 1)
    i, k = min(int(at_q), n_q - 2), min(int(at_c), n_cosines - 2)
    f, g = at_q - i, at_c - k
    for j in range(n_modes):
        low = modes[i, k, j] + g * (modes[i, k + 1, j] - modes[i, k, j])
        high = modes[i + 1, k, j] + g * (modes[i + 1, k + 1, j] - modes[i + 1, k, j])
        factor[j] = low + f * (high - low)


@njit(nogil=True, fastmath=_FAST, inline="always")
def integrate_nodes(integral, density):  # type: ignore[no-untyped-def]
    """Integrate from the first node to each node, to fourth order on either side of the middle one.

    Parameters
    ----------
    integral, density : float64[n_nodes, n_channels]
        n_nodes odd; equal steps over an interval of length 2.
    """
    n_nodes, n_channels = density.shape
    half = n_nodes // 2
    part = 2.0 / (n_nodes - 1.0) / 24.0
    for a in range(n_channels):
        integral[0, a] = 0.0
    for n in range(n_nodes - 1):
        if n == 0 or n == half:  # at the beginning of a side
            for a in range(n_channels):
                total = 9.0 * density[n, a] + 19.0 * density[n + 1, a] - 5.0 * density[n + 2, a] + density[n + 3, a]
                integral[n + 1, a] = integral[n, a] + part * total
        elif n == half - 1 or n == n_nodes - 2:  # at its end
            for a in range(n_channels):
                total = 9.0 * density[n + 1, a] + 19.0 * density[n, a] - 5.0 * density[n - 1, a] + density[n - 2, a]
                integral[n + 1, a] = integral[n, a] + part * total
        else:
            for a in range(n_channels):
                total = 13.0 * (density[n, a] + density[n + 1, a]) - density[n - 1, a] - density[n + 2, a]
                integral[n + 1, a] = integral[n, a] + part * total


@njit(nogil=True, fastmath=_FAST, inline="always")
def add_integral(content, first, stop, weight, branch, point, x_sq_edges, integral, density, index, scratch):  # type: ignore[no-untyped-def]
    """Add weight * (integral up to where X passes each edge) to the content of the edges.

    Parameters
    ----------
    content : float64[n_edges, n_channels]
    first, stop : int
        Range of edges.
    weight, branch : float
        ``branch`` +1 for the larger and -1 for the smaller of the two b_x.
    point : (float, float, float, float, float)
        Sine, cosine, b_y, p_0 over the mass, 1 + p_0/p_max.
    x_sq_edges : float64[n_edges]
    integral, density : float64[n_nodes, n_channels]
    index : int32[n_edges]
    scratch : float64[4, n_edges]
    """
    n_channels = content.shape[1]
    last = integral.shape[0] - 1
    step = 2.0 / last
    sine, cosine, b_y, scale, stretch = point
    c_sq = cosine * cosine
    at_value, after_value, at_slope, after_slope = scratch[0], scratch[1], scratch[2], scratch[3]
    for i in range(first, stop):
        energy_sine = np.sqrt(x_sq_edges[i] + c_sq) * sine
        excess = x_sq_edges[i] - sine * sine - b_y * b_y
        after_value[i] = np.sqrt(max(energy_sine * energy_sine + c_sq * excess, 0.0)) + energy_sine + 1e-300
        at_value[i] = excess
    if branch > 0.0:  # of the two forms of each root the one without cancellation
        for i in range(first, stop):
            at_value[i] /= after_value[i]
    else:
        for i in range(first, stop):
            at_value[i] = -after_value[i] / (c_sq + 1e-300)
    for i in range(first, stop):
        b_x = at_value[i]
        position = min(max(0.5 * stretch * b_x / (abs(b_x) + scale) + 0.5, 0.0), 1.0) * last
        k = min(np.int32(position), np.int32(last - 1))
        f = position - k
        g = 1.0 - f
        index[i] = k
        at_value[i] = weight * (1.0 + 2.0 * f) * g * g
        after_value[i] = weight * f * f * (3.0 - 2.0 * f)
        at_slope[i] = weight * step * f * g * g
        after_slope[i] = -weight * step * f * f * g
    for i in range(first, stop):
        k = index[i]
        w0, w1, w2, w3 = at_value[i], after_value[i], at_slope[i], after_slope[i]
        for a in range(n_channels):
            content[i, a] += w0 * integral[k, a] + w1 * integral[k + 1, a] + w2 * density[k, a] + w3 * density[k + 1, a]


@njit(cache=True, nogil=True, fastmath=_FAST)
def fill_edges(  # type: ignore[no-untyped-def]
    content, x_sq_edges, mass, pt_scale, pt_max, across, angles, weights, plane_density, rapidity,
    per_step, eta_edges, modes, n_nodes,
):  # fmt: skip
    """Add up, at edges of X, the probability below them at one W mass: ``content[0]`` plus the sum of ``content[1]``.

    Parameters
    ----------
    content : float64[2, n_edges, n_channels]
        Filled: [0] the value at the edge, [1] what all edges from this on have in addition.  Channels are decay
        density, |eta| bin and mode, the last fastest.
    x_sq_edges : float64[n_edges]
        Increasing.
    mass, pt_scale, pt_max : float
        Of the W; p_0; largest transverse momentum; in GeV.
    across, angles, weights : float64[n]
        Points: p_y (GeV), polar angle in [0, pi/2], weight.
    plane_density, rapidity, per_step, eta_edges, modes
        As in `fill_density`.
    n_nodes : int
        Nodes in p_x, odd.
    """
    n_edges, n_channels = content.shape[1], content.shape[2]
    density = np.empty((n_nodes, 2, eta_edges.size - 1, modes.shape[2]))
    flat = density.reshape(n_nodes, n_channels)
    integral = np.empty((n_nodes, n_channels))
    index, scratch = np.empty(n_edges, np.int32), np.empty((4, n_edges))
    b_max, stretch = pt_max / mass, 1.0 + pt_scale / pt_max
    for q in range(across.size):
        if abs(across[q]) >= pt_max:
            continue
        sine, cosine, b_y = np.sin(angles[q]), np.cos(angles[q]), across[q] / mass
        transverse = np.sqrt(1.0 + b_y * b_y)
        # Where X is least, and where p_x ends on either side.
        turn = -min(sine * transverse / (cosine + 1e-300), b_max)
        first = _edge_above(turn, sine, cosine, b_y, x_sq_edges)
        stop = _edge_above(b_max, sine, cosine, b_y, x_sq_edges)
        if stop == 0:
            continue
        middle = first
        if turn > -b_max:
            middle = max(_edge_above(-b_max, sine, cosine, b_y, x_sq_edges), first)
        fill_density(
            density,
            mass,
            pt_scale,
            stretch,
            across[q],
            sine,
            cosine,
            plane_density,
            rapidity,
            per_step,
            eta_edges,
            modes,
        )
        integrate_nodes(integral, flat)
        point = (sine, cosine, b_y, pt_scale / mass, stretch)
        add_integral(content[0], first, stop, weights[q], 1.0, point, x_sq_edges, integral, flat, index, scratch)
        add_integral(content[0], first, middle, -weights[q], -1.0, point, x_sq_edges, integral, flat, index, scratch)
        if stop < n_edges:
            for a in range(n_channels):
                content[1, stop, a] += weights[q] * integral[n_nodes - 1, a]


@njit(nogil=True, inline="always")
def _edge_above(b_x, sine, cosine, b_y, x_sq_edges):  # type: ignore[no-untyped-def]
    """Return the first edge not below the X that belongs to b_x."""
    energy = np.sqrt(1.0 + b_x * b_x + b_y * b_y) + sine * b_x
    return np.searchsorted(x_sq_edges, energy * energy - cosine * cosine)

"""Compiled event kernel: lepton momentum, smearing, histogram, and four-vectors of nu4* -> chi phi*."""

from __future__ import annotations

import numpy as np
from numba import njit

from nucore.rng import BLOCK, fill_words

#: Components of a sample.
SIGNAL, LIGHT_NEUTRINO, BACKGROUND = 0, 1, 2

_TO_UNIT = 2.0**-32
_TWO_PI = 2.0 * np.pi


@njit(nogil=True, cache=True)
def look_up(u, momentum, cumulative, density, guide):  # type: ignore[no-untyped-def]
    """Momentum (GeV) at the cumulative probability u of a `MomentumTable`."""
    cell = guide[int(u * guide.size)]
    while cell < momentum.size - 2 and cumulative[cell + 1] <= u:
        cell += 1
    low, high = cumulative[cell], cumulative[cell + 1]
    share = (u - low) / (high - low) if high > low else 0.5
    f0, f1 = density[cell], density[cell + 1]
    root = np.sqrt(f0 * f0 + (f1 * f1 - f0 * f0) * share)
    step = share * (f0 + f1) / (f0 + root) if f0 + root > 0.0 else share
    return momentum[cell] + step * (momentum[cell + 1] - momentum[cell])


@njit(nogil=True, cache=True)
def resolution(p, relative, table_p, table_sigma):  # type: ignore[no-untyped-def]
    """Resolution (GeV) at momentum p: relative * p where relative > 0, else linear in a table."""
    if relative > 0.0:
        return relative * p
    last = table_p.size - 1
    if p <= table_p[0]:
        return table_sigma[0]
    if p >= table_p[last]:
        return table_sigma[last]
    i = 0
    while table_p[i + 1] < p:
        i += 1
    slope = (table_sigma[i + 1] - table_sigma[i]) / (table_p[i + 1] - table_p[i])
    return table_sigma[i] + slope * (p - table_p[i])


@njit(nogil=True, cache=True)
def normal_pair(first, second):  # type: ignore[no-untyped-def]
    """Two independent standard normal numbers of two random words."""
    radius = np.sqrt(-2.0 * np.log((first + 0.5) * _TO_UNIT))
    angle = _TWO_PI * (second + 0.5) * _TO_UNIT
    return radius * np.cos(angle), radius * np.sin(angle)


@njit(nogil=True, cache=True)
def momentum_in_flight(p, words, flight):  # type: ignore[no-untyped-def]
    """Rest-frame momentum (GeV) that belongs to the measured squared missing mass of a decay in flight.

    Momenta of parent and lepton and the angle between them are measured; minus the modulus of an imaginary
    momentum is given beyond the largest missing mass. Word 4 is the decay angle, as in `fill_vectors`.
    """
    beam, spread, beam_resolution, constant, slope, angle, m_parent, m_lepton = flight
    g_beam, g_measured = normal_pair(words[8], words[9])
    g_lepton, g_x = normal_pair(words[10], words[11])
    g_y, _ = normal_pair(words[12], words[13])
    true_beam = beam * (1.0 + spread * g_beam)
    cos = 2.0 * (words[4] + 0.5) * _TO_UNIT - 1.0
    along = (np.sqrt(true_beam**2 + m_parent**2) * p * cos + true_beam * np.sqrt(p * p + m_lepton**2)) / m_parent
    across = p * np.sqrt(1.0 - cos * cos)
    lab = np.sqrt(along * along + across * across)
    error = np.sqrt(constant**2 + (slope * lab) ** 2)
    measured = lab * (1.0 + error * g_lepton)
    measured_beam = true_beam * (1.0 + beam_resolution * g_measured) if beam_resolution > 0.0 else beam
    theta = np.arctan2(across, along)
    theta = np.sqrt((theta + angle * g_x) ** 2 + (angle * g_y) ** 2)
    product = np.sqrt(measured_beam**2 + m_parent**2) * np.sqrt(measured**2 + m_lepton**2)
    energy = (product - measured_beam * measured * np.cos(theta)) / m_parent
    square = (energy - m_lepton) * (energy + m_lepton)
    return np.sqrt(square) if square >= 0.0 else -np.sqrt(-square)


@njit(nogil=True, cache=True)
def sample_block(  # type: ignore[no-untyped-def]
    words, shares, signal, light, background, smear, flight, component, truth, reco
):
    """Component, true and reconstructed momentum of one block of events.

    Parameters
    ----------
    words : uint32[4 or 16, BLOCK]
        Component, momentum, and the two numbers of the Gaussian; in flight also those of `fill_vectors` and of
        the measurement.
    shares : float64[2]
        Cumulative shares: signal, then signal plus light neutrino; the rest is background.
    signal, light, background : tuples of the four arrays of a `MomentumTable`
        Light: with massless neutrinos alone.
    smear : (relative, table_p, table_sigma)
    flight : (beam, spread, beam_resolution, constant, slope, angle, m_parent, m_lepton)
        Of a decay in flight, which needs 16 words; unused where beam = 0.
    component : int8[BLOCK]
    truth, reco : float64[BLOCK]
        GeV; a background event has no truth (NaN) and is reconstructed as drawn.
    """
    for i in range(BLOCK):
        choice = (words[0, i] + 0.5) * _TO_UNIT
        u = (words[1, i] + 0.5) * _TO_UNIT
        if choice >= shares[1]:
            component[i] = BACKGROUND
            truth[i] = np.nan
            reco[i] = look_up(u, background[0], background[1], background[2], background[3])
            continue
        if choice < shares[0]:
            component[i] = SIGNAL
            p = look_up(u, signal[0], signal[1], signal[2], signal[3])
        else:
            component[i] = LIGHT_NEUTRINO
            p = look_up(u, light[0], light[1], light[2], light[3])
        truth[i] = p
        if flight[0] > 0.0:
            reco[i] = momentum_in_flight(p, words[:, i], flight)
            continue
        reco[i] = p + normal_pair(words[2, i], words[3, i])[0] * resolution(p, smear[0], smear[1], smear[2])


@njit(nogil=True, cache=True)
def histogram_range(  # type: ignore[no-untyped-def]
    first, n_events, seed, stream, shares, signal, light, background, smear, flight, low, high, n_bins, n_mass
):
    """Count a range of events in uniform bins of the momentum, and of the squared missing mass in flight.

    Returns
    -------
    int64[3, n_bins + n_mass + 1]
        By component: bins of the momentum from low to high, bins of the squared missing mass over the same
        range, and events outside.
    """
    counts = np.zeros((3, n_bins + n_mass + 1), np.int64)
    words = np.empty((16 if flight[0] > 0.0 else 4, BLOCK), np.uint32)
    component = np.empty(BLOCK, np.int8)
    truth, reco = np.empty(BLOCK), np.empty(BLOCK)
    scale = n_bins / (high - low)
    # the squared missing mass is a constant minus 2 M E
    highest = np.sqrt(high * high + flight[7] ** 2)
    mass_scale = n_mass / (highest - np.sqrt(low * low + flight[7] ** 2))
    done = 0
    while done < n_events:
        fill_words(words, seed, stream, first + done)
        sample_block(words, shares, signal, light, background, smear, flight, component, truth, reco)
        for i in range(min(BLOCK, n_events - done)):
            if not low <= reco[i] < high:
                counts[component[i], n_bins + n_mass] += 1
                continue
            counts[component[i], min(int((reco[i] - low) * scale), n_bins - 1)] += 1
            if n_mass > 0:
                below = highest - np.sqrt(reco[i] * reco[i] + flight[7] ** 2)
                counts[component[i], n_bins + min(int(below * mass_scale), n_mass - 1)] += 1
        done += BLOCK
    return counts


@njit(nogil=True, cache=True)
def dark_cosine(u, m_parent, m_lepton, m_chi, m_phi, q_sq):  # type: ignore[no-untyped-def]
    """Cosine between chi and the lepton in the rest frame of Q, for a uniform u.

    sum |M|^2 is proportional to p_chi.[2 (Q.V) Q - Q^2 V] with V = 2 (p.k) p - M^2 k, p the parent and k the
    lepton. In the rest frame of Q that is Q^2 (V0 E_chi + V.p_chi), i.e. 1 + alpha cos with V along -k.
    """
    m_q = np.sqrt(q_sq)
    e_parent = (m_parent**2 + q_sq - m_lepton**2) / (2.0 * m_q)
    e_lepton = (m_parent**2 - q_sq - m_lepton**2) / (2.0 * m_q)
    k = np.sqrt(max(e_lepton**2 - m_lepton**2, 0.0))
    e_chi = (q_sq + m_chi**2 - m_phi**2) / (2.0 * m_q)
    p_chi = np.sqrt(max(e_chi**2 - m_chi**2, 0.0))
    v_time = (m_parent**2 + m_lepton**2 - q_sq) * e_parent - m_parent**2 * e_lepton
    alpha = (m_lepton**2 - q_sq) * k * p_chi / (v_time * e_chi)
    # root of the cumulative (1 + c)/2 + alpha (c^2 - 1)/4 = u, in the form without cancellation
    return (4.0 * u - 2.0 + alpha) / (1.0 + np.sqrt(max(1.0 + alpha * (alpha + 4.0 * u - 2.0), 0.0)))


@njit(nogil=True, cache=True)
def fill_vectors(first, n_events, seed, stream, component, truth, masses, beam, out):  # type: ignore[no-untyped-def]
    """Four-vectors of a range of events.

    Parameters
    ----------
    component, truth : int8[n], float64[n]
        As from `sample_block`.
    masses : (m_parent, m_lepton, m_chi, m_phi)
        In GeV; m_chi = m_phi = 0 with `SIGNAL` meaning two-body: then chi takes all invisible momentum.
    beam : (momentum, spread)
        Of the parents along z in GeV, and its relative spread.
    out : float64[3, 4, n]
        (E, px, py, pz) of the lepton, of chi (or the only invisible particle) and of phi; NaN for background,
        zero phi where there is none.
    """
    m_parent, m_lepton, m_chi, m_phi = masses
    words = np.empty((16 if beam[1] > 0.0 else 8, BLOCK), np.uint32)
    for i in range(n_events):
        if i % BLOCK == 0:
            fill_words(words, seed, stream, first + i)
        j = i % BLOCK
        if component[i] == BACKGROUND:
            out[:, :, i] = np.nan
            continue
        p = truth[i]
        e_lepton = np.sqrt(p * p + m_lepton**2)
        cos = 2.0 * (words[4, j] + 0.5) * _TO_UNIT - 1.0
        sin = np.sqrt(1.0 - cos * cos)
        phi = _TWO_PI * (words[5, j] + 0.5) * _TO_UNIT
        nx, ny, nz = sin * np.cos(phi), sin * np.sin(phi), cos
        out[0, 0, i], out[0, 1, i], out[0, 2, i], out[0, 3, i] = e_lepton, p * nx, p * ny, p * nz
        out[1, 0, i] = m_parent - e_lepton
        out[1, 1, i], out[1, 2, i], out[1, 3, i] = -p * nx, -p * ny, -p * nz
        out[2, :, i] = 0.0
        if component[i] == SIGNAL and m_chi > 0.0:
            q_sq = m_parent**2 + m_lepton**2 - 2.0 * m_parent * e_lepton
            q_sq = max(q_sq, (m_chi + m_phi) ** 2)
            m_q = np.sqrt(q_sq)
            c = dark_cosine((words[6, j] + 0.5) * _TO_UNIT, m_parent, m_lepton, m_chi, m_phi, q_sq)
            s = np.sqrt(max(1.0 - c * c, 0.0))
            psi = _TWO_PI * (words[7, j] + 0.5) * _TO_UNIT
            e_chi = (q_sq + m_chi**2 - m_phi**2) / (2.0 * m_q)
            p_chi = np.sqrt(max(e_chi**2 - m_chi**2, 0.0))
            # Q moves against the lepton
            e_q = m_parent - e_lepton
            along = (e_q * p_chi * c - p * e_chi) / m_q
            a, b = p_chi * s * np.cos(psi), p_chi * s * np.sin(psi)
            cx, cy = np.cos(phi), np.sin(phi)
            out[1, 1, i] = along * nx + a * cos * cx - b * cy
            out[1, 2, i] = along * ny + a * cos * cy + b * cx
            out[1, 3, i] = along * nz - a * sin
            out[1, 0, i] = (e_q * e_chi - p * p_chi * c) / m_q
            out[2, 0, i] = e_q - out[1, 0, i]
            for axis in range(1, 4):
                out[2, axis, i] = -out[0, axis, i] - out[1, axis, i]
        gamma_beta = beam[0] / m_parent
        if beam[1] > 0.0:
            gamma_beta *= 1.0 + beam[1] * normal_pair(words[8, j], words[9, j])[0]
        gamma = np.sqrt(1.0 + gamma_beta**2)
        for particle in range(3):
            energy, pz = out[particle, 0, i], out[particle, 3, i]
            out[particle, 0, i] = gamma * energy + gamma_beta * pz
            out[particle, 3, i] = gamma * pz + gamma_beta * energy


@njit(nogil=True, cache=True)
def sample_range(  # type: ignore[no-untyped-def]
    first, n_events, seed, stream, shares, signal, light, background, smear, flight, component, truth, reco
):
    """Component, true and reconstructed momenta of a range of events, into arrays of length n_events."""
    words = np.empty((16 if flight[0] > 0.0 else 4, BLOCK), np.uint32)
    block_component = np.empty(BLOCK, np.int8)
    block_truth, block_reco = np.empty(BLOCK), np.empty(BLOCK)
    done = 0
    while done < n_events:
        fill_words(words, seed, stream, first + done)
        sample_block(words, shares, signal, light, background, smear, flight, block_component, block_truth, block_reco)
        n = min(BLOCK, n_events - done)
        component[done : done + n] = block_component[:n]
        truth[done : done + n] = block_truth[:n]
        reco[done : done + n] = block_reco[:n]
        done += BLOCK

"""The W event kernel: blocks of 1024 events in float32, each loop doing one kind of thing.

Generation, smearing, selection and histogram of pp -> W -> l nu, nu massless or nu4. A loop either makes random
numbers, looks up tables, does arithmetic, or fills the histogram; there is no branch and no libm call in a loop of
arithmetic, and every constant is a float32, so that LLVM turns each loop into vector instructions. Uniform numbers
of an event (`nuportal.rng`, call 4n gives words 4n ... 4n+3):

=====  ===========================================================
word   use
=====  ===========================================================
0      component (all 32 bits)
1      W mass, and with it the row of the rapidity table
2      W rapidity
3      W transverse momentum
4-6    maximum or median of three gives the decay angle
7      azimuth of the lepton in the Collins-Soper frame
8-9    momentum resolution (Box-Muller)
10     first bit: mirror z; the other bits: maximum or median
11     efficiency
12     azimuth of the W (`W_AZIMUTH_WORD`, outside this kernel)
=====  ===========================================================

One compiled function serves histograms and event files: the arrays of the events are optional stores in it. Two
functions made of the same source could be contracted and ordered differently by the optimiser and would then
disagree in the last bit. All loops stand in one file because numba's disk cache notices a change of the file of the
function it has compiled, not of others.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from nuportal.rng import BLOCK, fill_cos_two_pi, fill_normals, fill_words, words_to_uniforms

N_UNIFORMS = 12
W_AZIMUTH_WORD = 12

# Rows of the stored arrays.
STORED = ("component", "mass", "rapidity", "pt", "one_minus_cos", "u_phi_star", "u_mirror", "reco_pt", "slot")
N_STORED = len(STORED)

# Columns of the table of outcomes after the bins of the histogram.
FAILED_ETA, FAILED_EFFICIENCY, FAILED_PT = 0, 1, 2
N_FAILED = 3

_ZERO = np.float32(0.0)
_HALF = np.float32(0.5)
_ONE = np.float32(1.0)
_TWO = np.float32(2.0)

# exp(f) = 1 + f + f**2 P(f), |f| <= ln(2)/2 (minimax fit made for this package, error below 3.2e-9 before rounding).
_E0 = np.float32(0.5000000095128249)
_E1 = np.float32(0.16666518898831298)
_E2 = np.float32(0.04166620598594497)
_E3 = np.float32(0.008368882232361553)
_E4 = np.float32(0.0013950478860256397)
_LOG2_E = np.float32(1.4426950408889634)
# ln 2 in two parts, the first with 16 bits so that its product with a small integer is exact.
_LN2_HIGH = np.float32(0.693145751953125)
_LN2_LOW = np.float32(1.4286068203094172e-06)
_EXPONENT_BIAS = np.int32(127)
_MANTISSA_BITS = np.int32(23)


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def fill_exp(out, x):  # type: ignore[no-untyped-def]
    """Compute exp(x) in float32 without libm; relative error below 3e-7.

    Parameters
    ----------
    out, x : float32[BLOCK]
        |x| < 80.
    """
    power = np.empty(BLOCK, np.int32)
    for i in range(BLOCK):
        n = np.floor(x[i] * _LOG2_E + _HALF)
        f = (x[i] - n * _LN2_HIGH) - n * _LN2_LOW
        out[i] = _ONE + (f + f * f * (_E0 + f * (_E1 + f * (_E2 + f * (_E3 + f * _E4)))))
        power[i] = np.int32((np.int32(n) + _EXPONENT_BIAS) << _MANTISSA_BITS)
    scale = power.view(np.float32)
    for i in range(BLOCK):
        out[i] = out[i] * scale[i]


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def fill_component(out, words, thresholds):  # type: ignore[no-untyped-def]
    """Choose components: the number of thresholds not above the word.

    Parameters
    ----------
    out : int32[BLOCK]
    words : uint32[BLOCK]
    thresholds : uint64[n_components - 1]
        Cumulative probabilities times 2**32, ascending.
    """
    for i in range(BLOCK):
        out[i] = 0
    for j in range(thresholds.shape[0]):
        threshold = thresholds[j]
        for i in range(BLOCK):
            out[i] += np.int32(np.uint64(words[i]) >= threshold)


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def fill_index(index, fraction, u, n_nodes):  # type: ignore[no-untyped-def]
    """Split u (n_nodes - 1) into interval and fraction.

    Exact if n_nodes - 1 is a power of two, else rounded to float32.

    Parameters
    ----------
    index : int32[BLOCK]
        From 0 to n_nodes - 2.
    fraction, u : float32[BLOCK]
    n_nodes : int
    """
    scale = np.float32(n_nodes - 1)
    last = np.int32(n_nodes - 2)
    for i in range(BLOCK):
        t = u[i] * scale
        index[i] = min(np.int32(t), last)
        fraction[i] = t - np.float32(index[i])


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def look_up(out, table, component, index, fraction):  # type: ignore[no-untyped-def]
    """Interpolate linearly in the row ``component`` of a table.

    Parameters
    ----------
    out, fraction : float32[BLOCK]
    table : float32[n_components, n_nodes]
    component, index : int32[BLOCK]
    """
    n_nodes = np.int32(table.shape[1])
    flat = table.ravel()
    for i in range(BLOCK):
        j = np.uint32(component[i] * n_nodes + index[i])
        low = flat[j]
        out[i] = low + fraction[i] * (flat[j + np.uint32(1)] - low)


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def look_up_rapidity(out, table, component, row, index, fraction):  # type: ignore[no-untyped-def]
    """Interpolate bilinearly in rows of rapidity quantiles.

    Parameters
    ----------
    out, row, fraction : float32[BLOCK]
        `row` is the fractional row index, `fraction` that within the column `index`.
    table : float32[n_components, n_rows, n_y]
    component, index : int32[BLOCK]
    """
    n_rows, n_y = np.int32(table.shape[1]), np.int32(table.shape[2])
    last = np.int32(n_rows - 2)
    flat = table.ravel()
    step = np.uint32(n_y)
    for i in range(BLOCK):
        i_row = min(np.int32(row[i]), last)
        f_row = row[i] - np.float32(i_row)
        j = np.uint32((component[i] * n_rows + i_row) * n_y + index[i])
        low = flat[j] + fraction[i] * (flat[j + np.uint32(1)] - flat[j])
        j += step
        high = flat[j] + fraction[i] * (flat[j + np.uint32(1)] - flat[j])
        out[i] = low + f_row * (high - low)


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def fill_one_minus_cos(out, u, select, mass, m4_sq, component):  # type: ignore[no-untyped-def]
    """Sample 1 - cos(theta) from (1 - c)^2 + r (1 - c^2), r = m4^2/m^2 (`collider.w_decay`).

    Parameters
    ----------
    out, mass : float32[BLOCK]
    u : float32[3, BLOCK]
    select : float32[BLOCK]
        Uniform of which the fraction of 2 u decides between maximum and median.
    m4_sq : float32[n_components]
    component : int32[BLOCK]
    """
    for i in range(BLOCK):
        out[i] = m4_sq[np.uint32(component[i])]
    for i in range(BLOCK):
        a, b, c = u[0, i], u[1, i], u[2, i]
        low, high = min(a, b), max(a, b)
        largest, median = max(high, c), max(low, min(high, c))
        v = _TWO * select[i]
        v = v - np.float32(np.int32(v))
        r = out[i] / (mass[i] * mass[i])
        is_largest = v * (_ONE + _HALF * r) < _ONE
        out[i] = _TWO * (largest if is_largest else median)


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def fill_momentum(out, mass, m4_sq, component):  # type: ignore[no-untyped-def]
    """Compute the lepton's momentum (m - m4^2/m)/2 in the W rest frame.

    Parameters
    ----------
    out, mass : float32[BLOCK]
        In GeV.
    m4_sq : float32[n_components]
        In GeV^2.
    component : int32[BLOCK]
    """
    for i in range(BLOCK):
        out[i] = m4_sq[np.uint32(component[i])]
    for i in range(BLOCK):
        out[i] = _HALF * (mass[i] - out[i] / mass[i])


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def boost_along_x(along, energy, mass, w_pt, x, cosine):  # type: ignore[no-untyped-def]
    """Boost the lepton, in units of its rest-frame momentum, by the W's transverse momentum.

    Parameters
    ----------
    along, energy : float32[BLOCK]
        Filled: component along the W's transverse momentum, and energy.
    mass, w_pt : float32[BLOCK]
        Of the W, in GeV.
    x, cosine : float32[BLOCK]
        1 - cos(theta) and cos(azimuth) in the Collins-Soper frame.
    """
    for i in range(BLOCK):
        along[i] = np.sqrt(x[i] * (_TWO - x[i])) * cosine[i]
    for i in range(BLOCK):
        inverse = _ONE / mass[i]
        beta_gamma = w_pt[i] * inverse
        gamma = np.sqrt(_ONE + beta_gamma * beta_gamma)
        sin_cos = along[i]
        along[i] = gamma * sin_cos + beta_gamma
        energy[i] = gamma + beta_gamma * sin_cos


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def fill_transverse(out, momentum, along, x, cosine):  # type: ignore[no-untyped-def]
    """Compute the lepton's transverse momentum in the laboratory.

    Parameters
    ----------
    out, momentum : float32[BLOCK]
        In GeV; `momentum` in the W rest frame.
    along, x, cosine : float32[BLOCK]
        As in `boost_along_x`.
    """
    for i in range(BLOCK):
        across_sq = x[i] * (_TWO - x[i]) * (_ONE - cosine[i] * cosine[i])
        out[i] = momentum[i] * np.sqrt(along[i] * along[i] + across_sq)


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def fill_longitudinal(out, momentum, energy, x, boost):  # type: ignore[no-untyped-def]
    """Compute the lepton's longitudinal momentum in the laboratory, z not mirrored.

    Parameters
    ----------
    out, momentum : float32[BLOCK]
        In GeV; `momentum` in the W rest frame.
    energy, x : float32[BLOCK]
        As in `boost_along_x`.
    boost : float32[BLOCK]
        exp(rapidity of the W).
    """
    for i in range(BLOCK):
        inverse = _ONE / boost[i]
        cosh, sinh = boost[i] + inverse, boost[i] - inverse
        out[i] = _HALF * momentum[i] * (sinh * energy[i] + cosh * (_ONE - x[i]))


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def fill_slot(slot, reco_pt, pt, pz, normal, u_efficiency, cuts):  # type: ignore[no-untyped-def]
    """Smear, select and bin.

    Parameters
    ----------
    slot : int32[BLOCK]
        Filled: the bin, or n_bins + the reason of the failure.
    reco_pt : float32[BLOCK]
        Filled: the reconstructed transverse momentum in GeV.
    pt, pz, normal, u_efficiency : float32[BLOCK]
    cuts : float32[7]
        sinh(eta_max), pt_min, pt_max, bins/GeV, n_bins, resolution, efficiency.
    """
    sinh_eta_max, pt_min, pt_max, bins_per_GeV = cuts[0], cuts[1], cuts[2], cuts[3]
    n_bins = np.int32(cuts[4])
    resolution, efficiency = cuts[5], cuts[6]
    last = n_bins - np.int32(1)
    failed_eta = n_bins + np.int32(FAILED_ETA)
    failed_efficiency = n_bins + np.int32(FAILED_EFFICIENCY)
    failed_pt = n_bins + np.int32(FAILED_PT)
    for i in range(BLOCK):
        p = pt[i] * (_ONE + resolution * normal[i])
        reco_pt[i] = p
        inside = min(max((p - pt_min) * bins_per_GeV, _ZERO), cuts[4])
        index = min(np.int32(inside), last)
        index = index if (p >= pt_min) & (p < pt_max) else failed_pt
        index = index if u_efficiency[i] < efficiency else failed_efficiency
        slot[i] = index if abs(pz[i]) < sinh_eta_max * pt[i] else failed_eta


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def generate_blocks(  # type: ignore[no-untyped-def]
    outcomes, stored, first_event, n_events, seed, stream, thresholds, m4_sq, mass_table, row_table,
    rapidity_table, pt_table, cuts,
):  # fmt: skip
    """Generate, smear, select and count a range of events.

    Parameters
    ----------
    outcomes : int64[n_components, n_bins + N_FAILED]
        Added to: events in each bin, then those failing |eta|, efficiency, pT window.
    stored : float32[N_STORED, n_events] or float32[N_STORED, 0]
        Filled with the variables `STORED` of every event, unless it has no columns.
    first_event, n_events, seed, stream : int
        Blocks are computed whole; events outside the range are left out of the counts.
    thresholds : uint64[n_components - 1]
        Cumulative probabilities of the components times 2**32.
    m4_sq : float32[n_components]
    mass_table, row_table : float32[n_components, n_mass]
    rapidity_table : float32[n_components, n_rows, n_y]
    pt_table : float32[n_components, n_pt]
    cuts : float32[7]
        See `fill_slot`.
    """
    words = np.empty((N_UNIFORMS, BLOCK), np.uint32)
    u = np.empty((N_UNIFORMS, BLOCK), np.float32)
    component, index, slot = np.empty(BLOCK, np.int32), np.empty(BLOCK, np.int32), np.empty(BLOCK, np.int32)
    work = np.empty((15, BLOCK), np.float32)
    fraction, mass, row, rapidity, w_pt = work[0], work[1], work[2], work[3], work[4]
    x, cosine, momentum, along, energy = work[5], work[6], work[7], work[8], work[9]
    boost, pt, pz, normal, reco_pt = work[10], work[11], work[12], work[13], work[14]
    store = stored.shape[1] > 0
    stop = first_event + n_events
    for block in range(first_event // BLOCK, (stop + BLOCK - 1) // BLOCK):
        start = block * BLOCK
        fill_words(words, seed, stream, start)
        words_to_uniforms(words, u)
        fill_component(component, words[0], thresholds)
        fill_index(index, fraction, u[1], mass_table.shape[1])
        look_up(mass, mass_table, component, index, fraction)
        look_up(row, row_table, component, index, fraction)
        fill_index(index, fraction, u[2], rapidity_table.shape[2])
        look_up_rapidity(rapidity, rapidity_table, component, row, index, fraction)
        fill_index(index, fraction, u[3], pt_table.shape[1])
        look_up(w_pt, pt_table, component, index, fraction)
        fill_one_minus_cos(x, u[4:7], u[10], mass, m4_sq, component)
        fill_cos_two_pi(cosine, u[7])
        fill_normals(normal, u[8], u[9])
        fill_exp(boost, rapidity)
        fill_momentum(momentum, mass, m4_sq, component)
        boost_along_x(along, energy, mass, w_pt, x, cosine)
        fill_transverse(pt, momentum, along, x, cosine)
        fill_longitudinal(pz, momentum, energy, x, boost)
        fill_slot(slot, reco_pt, pt, pz, normal, u[11], cuts)
        low, high = max(first_event - start, 0), min(stop - start, BLOCK)
        for i in range(low, high):
            outcomes[component[i], slot[i]] += 1
        if store:
            at = start - first_event
            for i in range(low, high):
                stored[0, at + i] = component[i]
                stored[1, at + i] = mass[i]
                stored[2, at + i] = rapidity[i]
                stored[3, at + i] = w_pt[i]
                stored[4, at + i] = x[i]
                stored[5, at + i] = u[7, i]
                stored[6, at + i] = u[10, i]
                stored[7, at + i] = reco_pt[i]
                stored[8, at + i] = slot[i]

"""The W event kernel: blocks of 1024 events in float32, each loop doing one kind of thing.

Generation, response, selection and histogram of pp -> W -> l nu, nu massless or nu4. A loop either makes random
numbers, looks up tables, does arithmetic, or fills the histogram (`collider.events.kernel_event`,
`collider.events.kernel_spin`, `collider.events.kernel_detector`). Uniform numbers of an event (`nucore.rng`, call n
gives words 4n ... 4n+3):

======  ========================================================================================
word    use
======  ========================================================================================
0       component (all 32 bits)
1       W mass, and with it the row of the rapidity table
2       W rapidity
3       W transverse momentum
4-6     maximum, minimum or median of three gives the decay angle
7       azimuth of the lepton in the Collins-Soper frame, up to reflections
8-9     momentum resolution and, in the general response, the spread of that of the recoil (Box-Muller)
10      first bit: mirror z; the other bits: maximum, minimum or median
11      efficiency
1-3     9 low bits of each: rounding of mass, pT and rapidity to a node of the share of the W's side
4-6     9 low bits of each: the same for a node of the angular coefficients
7-8     9 low bits of each: side of the W
9, 11   9 low bits of each: reflections of the azimuth
10      9 low bits: rounding to a row of the W pT table
12      azimuth of the W (`W_AZIMUTH_WORD`, outside this kernel)
13      final-state radiation (general response only)
14-15   resolution of the recoil (general response only)
======  ========================================================================================

A simple and a general response have a function each, so that the default does not wait for the other to compile. One
compiled function serves histograms and event files: the arrays of the events are optional stores in it. Two functions
made of the same source could be contracted and ordered differently by the optimiser and would then disagree in the last
bit. numba's disk cache notices a change of this file, not of those it calls: ``make clean`` after
changing the loops alone.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from collider.events.kernel_detector import N_MEASURED, fill_slot, measure
from collider.events.kernel_event import (
    boost_along_x,
    fill_across,
    fill_component,
    fill_exp,
    fill_index,
    fill_longitudinal,
    fill_momentum,
    fill_pt_row,
    fill_transverse,
    look_up,
    look_up_rapidity,
)
from collider.events.kernel_spin import (
    fill_azimuth,
    fill_coefficients,
    fill_low_uniforms,
    fill_massive,
    fill_node,
    fill_one_minus_cos,
    fill_position,
    fill_pt_share,
    fill_side,
)

# numba's cache files of earlier versions name these classes here and are read before they are found out of date.
from collider.events.kernel_tables import Detector, Production  # noqa: F401
from nucore.rng import (
    BLOCK,
    fill_cos_two_pi,
    fill_log,
    fill_normal_pairs,
    fill_normals,
    fill_sin_two_pi,
    fill_words,
    words_to_uniforms,
)

N_WORDS, N_WORDS_GENERAL = 12, 16
#: Rows of the arrays of a block: what is drawn of the W and its decay, and the lepton.
N_MADE, N_EVENT = 6, 6
W_AZIMUTH_WORD = 12

# Rows of the stored arrays; those after `reco_pt` are 0 with the simple response.
STORED = (
    "component", "mass", "rapidity", "pt", "one_minus_cos", "cos_phi", "sin_phi", "u_mirror", "slot", "reco_pt",
    "kept", "recoil_along", "recoil_across", "missing_pt", "transverse_mass",
)  # fmt: skip
N_STORED = len(STORED)


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def make_boson(component, mass, rapidity, w_pt, words, u, production):  # type: ignore[no-untyped-def]
    """Draw component, mass, rapidity and transverse momentum of the W bosons of a block.

    Parameters
    ----------
    component : int32[BLOCK]
        Filled.
    mass, rapidity, w_pt : float32[BLOCK]
        Filled; the sign of the rapidity is that of the luminosity.
    words : uint32[N_WORDS or N_WORDS_GENERAL, BLOCK]
    u : float32[N_WORDS or N_WORDS_GENERAL, BLOCK]
    production : Production
    """
    index, pt_row, work = np.empty(BLOCK, np.int32), np.empty(BLOCK, np.int32), np.empty((2, BLOCK), np.float32)
    row, fraction = work[0], work[1]
    fill_component(component, words[0], production.thresholds)
    fill_index(index, fraction, u[1], production.mass.shape[1])
    look_up(mass, production.mass, component, index, fraction)
    look_up(row, production.row, component, index, fraction)
    fill_index(index, fraction, u[2], production.rapidity.shape[2])
    look_up_rapidity(rapidity, production.rapidity, component, row, index, fraction)
    fill_index(index, fraction, u[3], production.pt.shape[2])
    fill_pt_row(pt_row, component, rapidity, words[10], production.rows_per_rapidity, production.pt.shape[1])
    look_up(w_pt, production.pt, pt_row, index, fraction)


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def make_spin(spin, component, mass, rapidity, w_pt, words, production):  # type: ignore[no-untyped-def]
    """Draw the side of the W bosons of a block, then their angular coefficients.

    Parameters
    ----------
    spin : float32[5, BLOCK]
        Filled: A0 ... A4.
    component : int32[BLOCK]
    mass, w_pt : float32[BLOCK]
    rapidity : float32[BLOCK]
        Its sign is drawn anew.
    words : uint32[N_WORDS or N_WORDS_GENERAL, BLOCK]
    production : Production
    """
    position, work, node = np.empty((3, BLOCK), np.float32), np.empty(BLOCK, np.float32), np.empty(BLOCK, np.int32)
    grid, shape = production.spin_grid, production.share.shape[1:]
    fill_log(work, mass)
    fill_position(position[0], work, grid[0], grid[1], shape[0])
    fill_pt_share(work, w_pt, mass, grid[6])
    fill_position(position[1], work, grid[2], grid[3], shape[1])
    fill_position(position[2], rapidity, grid[4], grid[5], shape[2])
    fill_node(node, position, words[1:4], component, production.spin_table, shape)
    fill_low_uniforms(work, words[7:9])
    fill_side(rapidity, work, production.share, node)
    fill_position(position[2], rapidity, grid[4], grid[5], shape[2])
    fill_node(node, position, words[4:7], component, production.spin_table, shape)
    fill_coefficients(spin, production.coefficients, node)


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def make_block(component, made, event, words, u, production):  # type: ignore[no-untyped-def]
    """Turn the random numbers of a block into W bosons and their leptons.

    Parameters
    ----------
    component : int32[BLOCK]
        Filled.
    made : float32[N_MADE, BLOCK]
        Filled: W mass, rapidity and transverse momentum; 1 - cos(theta), cos(phi) and sin(phi) of the lepton.
    event : float32[N_EVENT, BLOCK]
        Filled: lepton pT and pz in GeV, direction along the W's transverse momentum. The direction across and two
        standard normal numbers are left out.
    words : uint32[N_WORDS or N_WORDS_GENERAL, BLOCK]
    u : float32[N_WORDS or N_WORDS_GENERAL, BLOCK]
    production : Production
    """
    spin, work = np.empty((5, BLOCK), np.float32), np.empty((5, BLOCK), np.float32)
    mass, rapidity, w_pt, x, cosine, sine = made[0], made[1], made[2], made[3], made[4], made[5]
    ratio, image, momentum, energy, boost = work[0], work[1], work[2], work[3], work[4]
    pt, pz, along = event[0], event[1], event[2]
    make_boson(component, mass, rapidity, w_pt, words, u, production)
    make_spin(spin, component, mass, rapidity, w_pt, words, production)
    fill_massive(ratio, spin, mass, production.m4_sq, component)
    fill_one_minus_cos(x, u[4:7], u[10], ratio, spin)
    fill_cos_two_pi(cosine, u[7])
    fill_sin_two_pi(sine, u[7])
    fill_low_uniforms(image, words[9:12:2])
    fill_azimuth(cosine, sine, image, x, ratio, spin)
    fill_exp(boost, rapidity)
    fill_momentum(momentum, mass, production.m4_sq, component)
    boost_along_x(along, energy, mass, w_pt, x, cosine)
    fill_transverse(pt, momentum, along, x, cosine)
    fill_longitudinal(pz, momentum, energy, x, boost)


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def keep_block(outcomes, stored, component, slot, made, u, measured, start, first_event, stop):  # type: ignore[no-untyped-def]
    """Count the events of a block that lie in the range, and store them where `stored` has columns."""
    low, high = max(first_event - start, 0), min(stop - start, BLOCK)
    for i in range(low, high):
        outcomes[component[i], slot[i]] += 1
    if stored.shape[1] > 0:
        at = start - first_event
        for i in range(low, high):
            stored[0, at + i] = component[i]
            for k in range(N_MADE):
                stored[1 + k, at + i] = made[k, i]
            stored[N_MADE + 1, at + i] = u[10, i]
            stored[N_MADE + 2, at + i] = slot[i]
            for k in range(N_STORED - N_MADE - 3):
                stored[N_MADE + 3 + k, at + i] = measured[k, i]


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def generate_blocks(  # type: ignore[no-untyped-def]
    outcomes, stored, first_event, n_events, seed, stream, production, cuts
):
    """Generate, smear, select and count a range of events with the simple response (`fill_slot`).

    Parameters
    ----------
    outcomes : int64[n_components, n_bins + N_FAILED]
        Added to: events in each bin, then those failing first what `FAILURES` names.
    stored : float32[N_STORED, n_events] or float32[N_STORED, 0]
        Filled with the variables `STORED` of every event, unless it has no columns.
    first_event, n_events, seed, stream : int
        Blocks are computed whole; events outside the range are left out of the counts.
    production : Production
    cuts : float32[7]
        See `collider.events.kernel_detector.fill_slot`.
    """
    words, u = np.empty((N_WORDS, BLOCK), np.uint32), np.empty((N_WORDS, BLOCK), np.float32)
    component, slot = np.empty(BLOCK, np.int32), np.empty(BLOCK, np.int32)
    made, event = np.empty((N_MADE, BLOCK), np.float32), np.empty((N_EVENT, BLOCK), np.float32)
    measured = np.zeros((N_MEASURED, BLOCK), np.float32)
    stop = first_event + n_events
    for block in range(first_event // BLOCK, (stop + BLOCK - 1) // BLOCK):
        fill_words(words, seed, stream, block * BLOCK)
        words_to_uniforms(words, u)
        make_block(component, made, event, words, u, production)
        fill_normals(event[4], u[8], u[9])
        fill_slot(slot, measured[0], event[0], event[1], event[4], u[11], cuts)
        keep_block(outcomes, stored, component, slot, made, u, measured, block * BLOCK, first_event, stop)


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def generate_measured_blocks(  # type: ignore[no-untyped-def]
    outcomes, stored, first_event, n_events, seed, stream, production, detector
):
    """Generate, measure, select and count a range of events with the general response (`measure`).

    Parameters
    ----------
    outcomes : int64[n_components, n_slots + N_FAILED]
        As in `generate_blocks`, for each |eta| bin and bin.
    stored, first_event, n_events, seed, stream, production
        As in `generate_blocks`.
    detector : Detector
    """
    words, u = np.empty((N_WORDS_GENERAL, BLOCK), np.uint32), np.empty((N_WORDS_GENERAL, BLOCK), np.float32)
    component, slot = np.empty(BLOCK, np.int32), np.empty(BLOCK, np.int32)
    made, event = np.empty((N_MADE, BLOCK), np.float32), np.empty((N_EVENT, BLOCK), np.float32)
    measured = np.zeros((N_MEASURED, BLOCK), np.float32)
    stop = first_event + n_events
    for block in range(first_event // BLOCK, (stop + BLOCK - 1) // BLOCK):
        fill_words(words, seed, stream, block * BLOCK)
        words_to_uniforms(words, u)
        make_block(component, made, event, words, u, production)
        fill_across(event[3], made[3], made[5])
        fill_normal_pairs(event[4], event[5], u[8], u[9])
        measure(slot, measured, event, made[2], u[11], u[13:16], detector)
        keep_block(outcomes, stored, component, slot, made, u, measured, block * BLOCK, first_event, stop)

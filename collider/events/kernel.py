"""The W event kernel: blocks of 1024 events in float32, each loop doing one kind of thing.

Generation, response, selection and histogram of pp -> W -> l nu, nu massless or nu4. A loop either makes random
numbers, looks up tables, does arithmetic, or fills the histogram (`collider.events.kernel_event`,
`collider.events.kernel_detector`). Uniform numbers of an event (`nucore.rng`, call n gives words 4n ... 4n+3):

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
10-11  9 low bits of each: rounding to a row of the W pT table
12     azimuth of the W (`W_AZIMUTH_WORD`, outside this kernel)
13     final-state radiation (general response only)
14-15  resolution of the recoil (general response only)
=====  ===========================================================

A simple and a general response have a function each, so that the default does not wait for the other to compile. One
compiled function serves histograms and event files: the arrays of the events are optional stores in it. Two functions
made of the same source could be contracted and ordered differently by the optimiser and would then disagree in the last
bit. numba's disk cache notices a change of this file, not of those it calls: ``make clean`` after
changing the loops alone.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from collider.events.kernel_detector import N_MEASURED, fill_slot, measure
from collider.events.kernel_event import (
    boost_along_x,
    fill_across,
    fill_component,
    fill_exp,
    fill_index,
    fill_longitudinal,
    fill_momentum,
    fill_one_minus_cos,
    fill_pt_row,
    fill_transverse,
    look_up,
    look_up_rapidity,
)
from nucore.rng import BLOCK, fill_cos_two_pi, fill_normals, fill_sin_two_pi, fill_words, words_to_uniforms

N_WORDS, N_WORDS_GENERAL = 12, 16
W_AZIMUTH_WORD = 12

# Rows of the stored arrays; those after `reco_pt` are 0 with the simple response.
STORED = (
    "component", "mass", "rapidity", "pt", "one_minus_cos", "u_phi_star", "u_mirror", "slot", "reco_pt",
    "kept", "recoil_along", "recoil_across", "missing_pt", "transverse_mass",
)  # fmt: skip
N_STORED = len(STORED)

Array32 = NDArray[np.float32]


class Production(NamedTuple):
    """Tables of the components of a sample, float32.

    Attributes
    ----------
    thresholds : uint64[n_components - 1]
        Cumulative probabilities of the components times 2**32.
    m4_sq : float32[n_components]
        In GeV^2.
    mass, row : float32[n_components, n_mass]
        Quantiles of the W mass in GeV, and the row of `rapidity` at each.
    rapidity : float32[n_components, n_rows, n_y]
    pt : float32[n_components, n_pt_rows, n_pt]
        Quantiles of the W transverse momentum in GeV at |rapidity| = row / `rows_per_rapidity`.
    rows_per_rapidity : float32
    """

    thresholds: NDArray[np.uint64]
    m4_sq: Array32
    mass: Array32
    row: Array32
    rapidity: Array32
    pt: Array32
    rows_per_rapidity: np.float32


class Detector(NamedTuple):
    """The general response, cuts and bins.

    Attributes
    ----------
    sinh_eta_edges : float32[n_eta + 1]
    resolution : float32[3]
        Squares of constant, relative and quadratic term.
    scale : float32
        Measured over true lepton pT.
    efficiency_nodes, efficiency_slopes : float32[n]
    efficiency_start : float32
        See `collider.events.kernel_detector.fill_efficiency`.
    radiation : float32[n] or float32[0]
        Quantiles of the share of the lepton's momentum that final-state radiation leaves.
    recoil : float32[3] or float32[0]
        Response, resolution in GeV, slope.
    limits : float32[4, 2]
        Of lepton pT, missing momentum, transverse mass, |recoil|, in GeV.
    observable : int
        Index in `collider.events.kernel_detector.OBSERVABLES`.
    edges : float32[n_bins + 1]
        In GeV.
    cells : int32[n_cells]
        See `collider.events.kernel_detector.fill_bin`.
    """

    sinh_eta_edges: Array32
    resolution: Array32
    scale: np.float32
    efficiency_nodes: Array32
    efficiency_slopes: Array32
    efficiency_start: np.float32
    radiation: Array32
    recoil: Array32
    limits: Array32
    observable: int
    edges: Array32
    cells: NDArray[np.int32]


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def make_block(component, made, event, words, u, production):  # type: ignore[no-untyped-def]
    """Turn the random numbers of a block into W bosons and their leptons.

    Parameters
    ----------
    component : int32[BLOCK]
        Filled.
    made : float32[5, BLOCK]
        Filled: W mass, rapidity and transverse momentum, 1 - cos(theta) of the lepton; scratch.
    event : float32[5, BLOCK]
        Filled: lepton pT and pz in GeV, direction along the W's transverse momentum; a standard normal number. The
        direction across is left out.
    words : uint32[N_WORDS or N_WORDS_GENERAL, BLOCK]
    u : float32[N_WORDS or N_WORDS_GENERAL, BLOCK]
    production : Production
    """
    index, pt_row, work = np.empty(BLOCK, np.int32), np.empty(BLOCK, np.int32), np.empty((5, BLOCK), np.float32)
    mass, rapidity, w_pt, x, fraction = made[0], made[1], made[2], made[3], made[4]
    row, cosine, momentum, energy, boost = work[0], work[1], work[2], work[3], work[4]
    pt, pz, along, normal = event[0], event[1], event[2], event[4]
    fill_component(component, words[0], production.thresholds)
    fill_index(index, fraction, u[1], production.mass.shape[1])
    look_up(mass, production.mass, component, index, fraction)
    look_up(row, production.row, component, index, fraction)
    fill_index(index, fraction, u[2], production.rapidity.shape[2])
    look_up_rapidity(rapidity, production.rapidity, component, row, index, fraction)
    fill_index(index, fraction, u[3], production.pt.shape[2])
    fill_pt_row(pt_row, component, rapidity, words[10:12], production.rows_per_rapidity, production.pt.shape[1])
    look_up(w_pt, production.pt, pt_row, index, fraction)
    fill_one_minus_cos(x, u[4:7], u[10], mass, production.m4_sq, component)
    fill_cos_two_pi(cosine, u[7])
    fill_normals(normal, u[8], u[9])
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
            for k in range(4):
                stored[1 + k, at + i] = made[k, i]
            stored[5, at + i] = u[7, i]
            stored[6, at + i] = u[10, i]
            stored[7, at + i] = slot[i]
            for k in range(N_STORED - 8):
                stored[8 + k, at + i] = measured[k, i]


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
    made, event = np.empty((5, BLOCK), np.float32), np.empty((5, BLOCK), np.float32)
    measured = np.zeros((N_MEASURED, BLOCK), np.float32)
    stop = first_event + n_events
    for block in range(first_event // BLOCK, (stop + BLOCK - 1) // BLOCK):
        fill_words(words, seed, stream, block * BLOCK)
        words_to_uniforms(words, u)
        make_block(component, made, event, words, u, production)
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
    made, event = np.empty((5, BLOCK), np.float32), np.empty((5, BLOCK), np.float32)
    measured, sine = np.zeros((N_MEASURED, BLOCK), np.float32), np.empty(BLOCK, np.float32)
    stop = first_event + n_events
    for block in range(first_event // BLOCK, (stop + BLOCK - 1) // BLOCK):
        fill_words(words, seed, stream, block * BLOCK)
        words_to_uniforms(words, u)
        make_block(component, made, event, words, u, production)
        fill_sin_two_pi(sine, u[7])
        fill_across(event[3], made[3], sine)
        measure(slot, measured, event, made[2], u[11], u[13:16], detector)
        keep_block(outcomes, stored, component, slot, made, u, measured, block * BLOCK, first_event, stop)

"""Loops of the W kernel that measure an event: cuts and bins, in blocks of float32.

`fill_slot` is the whole of a measurement with one relative resolution, a constant efficiency and equal bins of the
lepton pT. The other loops are the parts of the general one; the transverse plane has its x axis along the W's
transverse momentum. `measure` and `fill_missing` are inlined into their caller: as functions of their own they would be
compiled twice, and which version a process calls would depend on whether it compiles the kernel or loads it from the
cache.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from collider.events.kernel_event import fill_exp, fill_index, look_up
from collider.events.kernel_response import (
    fill_efficiency,
    fill_exponents,
    fill_normal_by_eta,
    fill_reco_pt,
    fill_recoil,
    fill_trend,
)
from nucore.rng import BLOCK, fill_normal_pairs

# Columns of the table of outcomes after the bins of the histogram: what an event fails first.
FAILURES = ("abs_eta", "efficiency", "lepton_pt", "missing_momentum", "transverse_mass", "recoil", "window")
N_FAILED = len(FAILURES)
_ETA, _EFFICIENCY, _PT, _MISSING, _MASS, _RECOIL, _WINDOW = (np.int32(i) for i in range(N_FAILED))

#: Rows that `measure` fills.
N_MEASURED = 7

#: Observables by the number that `Detector.observable` has.
OBSERVABLES = ("lepton_pt", "transverse_mass", "missing_momentum")

_ZERO = np.float32(0.0)
_ONE = np.float32(1.0)
_TWO = np.float32(2.0)
#: Added to a length in GeV before dividing by it.
_TINY = np.float32(1e-20)


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def fill_slot(slot, reco_pt, pt, pz, normal, u_efficiency, cuts):  # type: ignore[no-untyped-def]
    """Smear, select and bin the lepton pT.

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
    failed_eta, failed_efficiency, failed_window = n_bins + _ETA, n_bins + _EFFICIENCY, n_bins + _WINDOW
    for i in range(BLOCK):
        p = pt[i] * max(_ONE + resolution * normal[i], _ZERO)
        reco_pt[i] = p
        inside = min(max((p - pt_min) * bins_per_GeV, _ZERO), cuts[4])
        index = min(np.int32(inside), last)
        index = index if (p >= pt_min) & (p < pt_max) else failed_window
        index = index if u_efficiency[i] < efficiency else failed_efficiency
        slot[i] = index if abs(pz[i]) < sinh_eta_max * pt[i] else failed_eta


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def fill_eta_bin(eta_bin, pt, pz, sinh_edges):  # type: ignore[no-untyped-def]
    """Count the |eta| edges not above the lepton's, less 1: -1 and n_edges - 1 are outside.

    Parameters
    ----------
    eta_bin : int32[BLOCK]
    pt, pz : float32[BLOCK]
        Of the true lepton, in GeV.
    sinh_edges : float32[n_edges]
        sinh of the edges, ascending.
    """
    for i in range(BLOCK):
        eta_bin[i] = -1
    for k in range(sinh_edges.shape[0]):
        edge = sinh_edges[k]
        for i in range(BLOCK):
            eta_bin[i] += np.int32(abs(pz[i]) >= edge * pt[i])


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True, inline="always")
def fill_missing(missing, transverse_mass, recoil_pt, reco_pt, along, across, recoil):  # type: ignore[no-untyped-def]
    """Compute missing momentum, transverse mass and |recoil| from the measured lepton and recoil.

    Parameters
    ----------
    missing, transverse_mass, recoil_pt : float32[BLOCK]
        Filled, in GeV: |lepton + recoil|, the mass of lepton and missing momentum, |recoil|.
    reco_pt : float32[BLOCK]
        Measured lepton pT in GeV.
    along, across : float32[BLOCK]
        The true lepton's direction, of any length.
    recoil : float32[2, BLOCK]
    """
    for i in range(BLOCK):
        per_length = reco_pt[i] / np.sqrt(along[i] * along[i] + across[i] * across[i] + _TINY)
        x, y = along[i] * per_length, across[i] * per_length
        u_x, u_y = recoil[0, i], recoil[1, i]
        m_x, m_y = x + u_x, y + u_y
        m = np.sqrt(m_x * m_x + m_y * m_y)
        missing[i] = m
        # minus the missing momentum's scalar product with the lepton's
        transverse_mass[i] = np.sqrt(max(_TWO * (reco_pt[i] * m + x * m_x + y * m_y), _ZERO))
        recoil_pt[i] = np.sqrt(u_x * u_x + u_y * u_y)


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def fill_bin(out, x, edges, cells):  # type: ignore[no-untyped-def]
    """Find the bin of each x exactly, or -1 outside the bins.

    Parameters
    ----------
    out : int32[BLOCK]
    x : float32[BLOCK]
    edges : float32[n_bins + 1]
        Ascending.
    cells : int32[n_cells]
        Bin at the beginning of each of n_cells equal cells over the range, none of which meets more than one edge.
    """
    low, high = edges[0], edges[edges.shape[0] - 1]
    last = np.int32(cells.shape[0] - 1)
    per_GeV = np.float32(cells.shape[0]) / (high - low)
    width = np.float32(cells.shape[0])
    for i in range(BLOCK):
        out[i] = max(min(np.int32(min(max((x[i] - low) * per_GeV, _ZERO), width)), last), np.int32(0))
    for i in range(BLOCK):
        bin_ = cells[np.uint32(out[i])]
        bin_ += np.int32(x[i] >= edges[np.uint32(bin_ + np.int32(1))])
        out[i] = bin_ if (x[i] >= low) & (x[i] < high) else np.int32(-1)


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def fill_failure(slot, x, limits, reason):  # type: ignore[no-untyped-def]
    """Set the slot of events outside limits[0] <= x < limits[1] to the reason.

    Parameters
    ----------
    slot : int32[BLOCK]
    x : float32[BLOCK]
    limits : float32[2]
    reason : int32
    """
    low, high = limits[0], limits[1]
    for i in range(BLOCK):
        slot[i] = slot[i] if (x[i] >= low) & (x[i] < high) else reason


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True, inline="always")
def measure(slot, measured, event, w_pt, u_efficiency, u, detector):  # type: ignore[no-untyped-def]
    """Measure a block of events with the general response and find the slot of each.

    Parameters
    ----------
    slot : int32[BLOCK]
        Filled: |eta| bin times n_bins + bin, or n_slots + the first of `FAILURES`.
    measured : float32[N_MEASURED, BLOCK]
        Filled: lepton pT, the share of it left by radiation, recoil along and across the W's transverse momentum,
        missing momentum, transverse mass, |recoil|; the last five only with a recoil.
    event : float32[6, BLOCK]
        True lepton: pT, pz (GeV), direction along and across the W's transverse momentum; two standard normal
        numbers, of the lepton's resolution and of the spread of the recoil's.
    w_pt : float32[BLOCK]
    u_efficiency : float32[BLOCK]
    u : float32[3, BLOCK]
        Uniforms: radiation, two of the recoil.
    detector : Detector
        See `collider.events.kernel_tables.Detector`.
    """
    pt, pz, along, across, normal = event[0], event[1], event[2], event[3], event[4]
    reco_pt, kept, missing, mass, recoil_pt = measured[0], measured[1], measured[4], measured[5], measured[6]
    index, eta_bin, work = np.empty(BLOCK, np.int32), np.empty(BLOCK, np.int32), np.empty((2, BLOCK), np.float32)
    n_bins, n_eta = np.int32(detector.edges.shape[0] - 1), np.int32(detector.sinh_eta_edges.shape[0] - 1)
    failed = n_bins * n_eta
    fill_eta_bin(eta_bin, pt, pz, detector.sinh_eta_edges)
    seen, efficiency = work[0], work[1]
    if detector.radiation.shape[0] > 0:
        fill_index(index, efficiency, u[0], detector.radiation.shape[0])
        slot[:] = 0
        look_up(kept, detector.radiation, slot, index, efficiency)
    else:
        kept[:] = _ONE
    for i in range(BLOCK):
        seen[i] = pt[i] * kept[i]
    if detector.regions.shape[0] > 0:
        fill_normal_by_eta(efficiency, normal, pt, pz, detector.regions)
        normal = efficiency
    fill_reco_pt(reco_pt, seen, normal, detector.resolution, detector.scale)
    fill_efficiency(efficiency, seen, detector.efficiency_nodes, detector.efficiency_slopes, detector.efficiency_start)
    fill_trend(efficiency, seen, detector.trend)
    observable = reco_pt
    if detector.recoil.shape[0] > 0:
        fill_normal_pairs(measured[2], measured[3], u[1], u[2])
        fall, spread = measured[4], measured[5]
        fill_exponents(fall, spread, w_pt, event[5], detector.recoil)
        fill_exp(fall, fall)
        fill_exp(spread, spread)
        fill_recoil(measured[2:4], w_pt, fall, spread, detector.recoil)
        fill_missing(missing, mass, recoil_pt, reco_pt, along, across, measured[2:4])
        observable = mass if detector.observable == 1 else (missing if detector.observable == 2 else reco_pt)
    fill_bin(index, observable, detector.edges, detector.cells)
    for i in range(BLOCK):
        slot[i] = eta_bin[i] * n_bins + index[i] if index[i] >= 0 else failed + _WINDOW
    if detector.recoil.shape[0] > 0:
        fill_failure(slot, recoil_pt, detector.limits[3], failed + _RECOIL)
        fill_failure(slot, mass, detector.limits[2], failed + _MASS)
        fill_failure(slot, missing, detector.limits[1], failed + _MISSING)
    fill_failure(slot, reco_pt, detector.limits[0], failed + _PT)
    for i in range(BLOCK):
        index_ = slot[i] if u_efficiency[i] < efficiency[i] else failed + _EFFICIENCY
        slot[i] = index_ if (eta_bin[i] >= 0) & (eta_bin[i] < n_eta) else failed + _ETA

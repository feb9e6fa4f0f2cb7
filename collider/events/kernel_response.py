"""Loops of the W kernel that respond to an event: efficiency, lepton pT and recoil, in blocks of float32.

See `collider.experiments.selection` for the law, `collider.events.kernel_detector` for what is done with it.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from nucore.rng import BLOCK

_ZERO = np.float32(0.0)
_ONE = np.float32(1.0)
#: Below it exp is 0 for all that is measured.
_LEAST_EXPONENT = np.float32(-60.0)


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def fill_efficiency(out, x, nodes, slopes, start):  # type: ignore[no-untyped-def]
    """Evaluate a piecewise linear function as a sum of ramps.

    Parameters
    ----------
    out, x : float32[BLOCK]
    nodes, slopes : float32[n]
        Where the slope changes, and by how much.
    start : float32
        Value before the first node.
    """
    for i in range(BLOCK):
        out[i] = start
    for k in range(nodes.shape[0]):
        node, slope = nodes[k], slopes[k]
        for i in range(BLOCK):
            out[i] += slope * max(x[i] - node, _ZERO)


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def fill_trend(efficiency, pt, trend):  # type: ignore[no-untyped-def]
    """Multiply an efficiency by `collider.experiments.selection.efficiency_trend`.

    Parameters
    ----------
    efficiency, pt : float32[BLOCK]
    trend : float32[6]
        Slope, curvature, centre (GeV), 1 over step, lowest and highest x.
    """
    slope, curvature, centre, per_step, low, high = trend[0], trend[1], trend[2], trend[3], trend[4], trend[5]
    for i in range(BLOCK):
        x = min(max((pt[i] - centre) * per_step, low), high)
        efficiency[i] *= _ONE + x * (slope + x * curvature)


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def fill_normal_by_eta(out, normal, pt, pz, regions):  # type: ignore[no-untyped-def]
    """Multiply normal numbers by the factor on the resolution at the lepton's |eta|.

    Parameters
    ----------
    out, normal : float32[BLOCK]
    pt, pz : float32[BLOCK]
        Of the true lepton, in GeV.
    regions : float32[n, 2]
        sinh of the |eta| from which each factor holds, ascending, and the factor.
    """
    for i in range(BLOCK):
        out[i] = normal[i]
    for k in range(regions.shape[0]):
        edge, factor = regions[k, 0], regions[k, 1]
        for i in range(BLOCK):
            out[i] = normal[i] * factor if abs(pz[i]) >= edge * pt[i] else out[i]


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def fill_reco_pt(out, pt, normal, terms, scale):  # type: ignore[no-untyped-def]
    """Smear the lepton pT with the resolution of `nucore.smearing.Resolution` and scale it.

    It is 0 where the sum would be negative.

    Parameters
    ----------
    out, pt, normal : float32[BLOCK]
        In GeV; pt after radiation.
    terms : float32[4]
        Squares of constant, relative, quadratic and stochastic term.
    scale : float32
        Measured over true pT.
    """
    constant, relative, quadratic, stochastic = terms[0], terms[1], terms[2], terms[3]
    for i in range(BLOCK):
        p_sq = pt[i] * pt[i]
        sigma = np.sqrt(constant + pt[i] * stochastic + p_sq * (relative + p_sq * quadratic))
        out[i] = scale * max(pt[i] + sigma * normal[i], _ZERO)


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def fill_exponents(fall, spread, w_pt, normal, response):  # type: ignore[no-untyped-def]
    """Compute the exponents of the recoil's response and of the spread of its resolution.

    Parameters
    ----------
    fall, spread : float32[BLOCK]
        Filled.
    w_pt, normal : float32[BLOCK]
        q in GeV; a standard normal number.
    response : float32[6]
        As in `fill_recoil`.
    """
    per_GeV, width = response[2], response[5]
    for i in range(BLOCK):
        fall[i] = max(-w_pt[i] * per_GeV, _LEAST_EXPONENT)
        spread[i] = width * normal[i]


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def fill_recoil(recoil, w_pt, fall, spread, response):  # type: ignore[no-untyped-def]
    """Measure the hadronic recoil: -R(q) q along the W and Gaussian noise on each component.

    Parameters
    ----------
    recoil : float32[2, BLOCK]
        Two standard normal numbers, turned into components along and across the W's transverse momentum, in GeV.
    w_pt : float32[BLOCK]
        q, in GeV.
    fall, spread : float32[BLOCK]
        exp(-q/scale); factor on the resolution.
    response : float32[6]
        R(inf), R(inf) - R(0), 1/scale in GeV^-1; resolution at q = 0 in GeV, its slope, its spread.
    """
    ratio, rise, constant, slope = response[0], response[1], response[3], response[4]
    for i in range(BLOCK):
        sigma = (constant + slope * w_pt[i]) * spread[i]
        recoil[0, i] = sigma * recoil[0, i] - (ratio - rise * fall[i]) * w_pt[i]
        recoil[1, i] = sigma * recoil[1, i]

r"""Probability of a bin of transverse mass or missing momentum at given lepton and W, all cuts on the recoil included.

The vector w = l + u (minus the missing momentum) has an isotropic density about its mean (`recoil_acceptance`): a
function of the distance over the resolution, tabulated once.  It is summed over points of the plane that are the same
for all W of one lepton pT l.  With w_perp = v the points of a bin lie

* of the transverse mass m on parabolas w_par = a/2 - v^2/(2a), a = m^2/(2l), on which rho = |w| = a/2 + v^2/(2a):
  rho > E and, since |w - l|^2 = (rho + l)^2 - m^2, the cut on the recoil are limits on |v|;
* of the missing momentum on circles, where all cuts are limits on the angle to the lepton.

Bins are cut in two where a limit appears or vanishes.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from collider.experiments.selection import Cuts, Recoil
from nucore.run.threads import local_map

Array = NDArray[np.float64]

#: Widest panels, in units of the resolution: of the observable, and of the points on a curve.
BIN_SIGMA, CURVE_SIGMA = 0.3, 1.4
#: Gauss-Legendre nodes of a panel: of the observable, the same where a limit begins, and on a curve.
N_PLAIN, N_AT_LIMIT, N_CURVE = 2, 5, 5
#: The panels are not narrower than those of this resolution, GeV.
SHARPEST_GEV = 1.0
#: Missing momentum (GeV) beyond which hardly any event is measured.
FARTHEST_GEV = 400.0
#: Of the table of the density: size and, at no spread, largest distance in units of the resolution.
N_DENSITY, REACH_SIGMA = 8192, 6.0
#: Steps and range of the integral over the spread, in standard deviations.
N_SPREAD_STEPS, SPREAD_RANGE = 400, 7.0


def bin_probability(
    lepton_pt: Array, boson_pt: Array, cosines: Array, recoil: Recoil, cuts: Cuts, edges: Array, of_mass: bool
) -> Array:
    """Compute the probability to pass the cuts on the recoil with the observable in each bin.

    Parameters
    ----------
    lepton_pt, boson_pt, cosines : float64[n_l], float64[n_q], float64[n_c]
        Measured lepton pT and W transverse momentum (GeV); cosine of the angle between them.
    recoil : Recoil
    cuts : Cuts
        Those on the lepton pT are not looked at.
    edges : float64[n_bins + 1]
        GeV.
    of_mass : bool
        The observable is the transverse mass, else the missing momentum.

    Returns
    -------
    float64[n_bins, n_l, n_q, n_c]
    """
    density, reach = _density_table(recoil.resolution_spread)
    mean, sigma = recoil.response_at(boson_pt) * boson_pt, recoil.sigma_at(boson_pt)
    along, across = np.outer(mean, cosines), np.outer(mean, np.sqrt(np.maximum(1.0 - cosines**2, 0.0)))
    per_GeV = (N_DENSITY - 1) / (reach * sigma)
    norm = 1.0 / sigma**2
    points = _mass_points if of_mass else _missing_points
    step = max(recoil.resolution_GeV, SHARPEST_GEV)

    def fill(lepton: float) -> Array:
        out = np.zeros((boson_pt.size, cosines.size, edges.size - 1))
        x, y, weight, bins = points(lepton, cuts, edges, step)
        kept = weight.ravel() > 0.0
        stops = np.searchsorted(np.repeat(bins, x.shape[1])[kept], np.arange(edges.size))
        plane = np.stack([x.ravel()[kept], y.ravel()[kept], weight.ravel()[kept]]).astype(np.float32)
        fill_bins(out, stops, plane, lepton - along, across, per_GeV, norm, density)
        return out

    return np.moveaxis(np.stack(local_map(fill, lepton_pt.tolist(), "bins of the recoil")), -1, 0)


def _density_table(spread: float) -> tuple[NDArray[np.float32], float]:
    """Return the density in the plane at equal steps of the distance, 0 at the last, and the largest distance.

    Both for a median resolution of 1.
    """
    n = np.linspace(-SPREAD_RANGE, SPREAD_RANGE, N_SPREAD_STEPS + 1)
    share = np.exp(-0.5 * n * n)
    width_sq = np.exp(2.0 * spread * n)
    reach = REACH_SIGMA * np.exp(4.0 * spread)
    distance = np.linspace(0.0, reach, N_DENSITY)[:, None]
    table = np.exp(-0.5 * distance**2 / width_sq) @ (share / share.sum() / width_sq) / (2.0 * np.pi)
    table[-1] = 0.0
    return table.astype(np.float32), float(reach)


def _panels(edges: Array, limits: Array, step: float) -> tuple[Array, Array, NDArray[np.int64]]:
    """Return nodes and weights in the bins of an observable, and the bin of each, GeV.

    Next to a limit the map v^2 (3 - 2v) removes square roots.
    """
    inside = limits[(limits > edges[0]) & (limits < edges[-1])]
    borders = np.unique(np.concatenate([edges, inside]))
    pieces = [np.linspace(a, b, int(np.ceil((b - a) / (BIN_SIGMA * step))) + 1)[:-1] for a, b in _pairs(borders)]
    borders = np.append(np.concatenate(pieces), borders[-1])
    nodes, weights, bins = [], [], []
    for low, high in _pairs(borders):
        at_limit = low in inside or high in inside
        t, w = np.polynomial.legendre.leggauss(N_AT_LIMIT if at_limit else N_PLAIN)
        t, w = 0.5 * (1.0 + t), 0.5 * w
        if at_limit:
            t, w = t * t * (3.0 - 2.0 * t), w * 6.0 * t * (1.0 - t)
        nodes.append(low + (high - low) * t)
        weights.append((high - low) * w)
        bins.append(np.full(t.size, np.searchsorted(edges, 0.5 * (low + high)) - 1))
    return np.concatenate(nodes), np.concatenate(weights), np.concatenate(bins)


def _pairs(borders: Array) -> list[tuple[float, float]]:
    return list(zip(borders[:-1].tolist(), borders[1:].tolist(), strict=True))


def _curve(low: Array, high: Array, length: Array, step: float) -> tuple[Array, Array]:
    """Return nodes and weights [n_curves, n] from low to high, dense enough for curves of this length (GeV)."""
    n = max(int(np.ceil(np.max(length, initial=0.0) / (CURVE_SIGMA * step))), 1)
    t, w = np.polynomial.legendre.leggauss(N_CURVE)
    t = ((np.arange(n)[:, None] + 0.5 * (1.0 + t)) / n).ravel()
    width = np.maximum(high - low, 0.0)[:, None]
    return low[:, None] + width * t, width * np.tile(0.5 * w / n, n)


def _mass_points(pt: float, cuts: Cuts, edges: Array, step: float) -> tuple[Array, Array, Array, NDArray[np.int64]]:
    """Return w_par, w_perp > 0, weights [n_curves, n] in the bins of the transverse mass, and the bin of each curve."""
    missing, recoil = cuts.missing_momentum_min_GeV or 0.0, cuts.recoil_max_GeV or np.inf
    low, high = cuts.transverse_mass_min_GeV or 0.0, cuts.transverse_mass_max_GeV or np.inf
    squares = np.array([low**2, high**2, 4.0 * pt * missing, (missing + pt) ** 2 - recoil**2, 4.0 * pt * (pt - recoil)])
    squares = np.append(squares, 4.0 * pt * (pt + recoil))
    m, weight, bins = _panels(edges, np.sqrt(squares[(squares > 0.0) & np.isfinite(squares)]), step)
    a = m * m / (2.0 * pt)
    farthest = np.minimum(np.sqrt(recoil**2 + m * m) - pt, FARTHEST_GEV)
    v_low = np.sqrt(np.maximum(2.0 * a * missing - a * a, 0.0))
    v_high = np.sqrt(np.maximum(2.0 * a * farthest - a * a, 0.0))
    v, curve_weight = _curve(v_low, v_high, v_high - v_low, step)
    a = a[:, None]
    rho = 0.5 * (a + v * v / a)
    weight *= (m >= low) & (m < high)
    return a - rho, v, curve_weight * rho / a * (weight * m / pt)[:, None], bins


def _missing_points(pt: float, cuts: Cuts, edges: Array, step: float) -> tuple[Array, Array, Array, NDArray[np.int64]]:
    """Return the same in the bins of the missing momentum."""
    missing, recoil = cuts.missing_momentum_min_GeV or 0.0, cuts.recoil_max_GeV or np.inf
    low, high = cuts.transverse_mass_min_GeV or 0.0, cuts.transverse_mass_max_GeV or np.inf
    limits = [missing, low**2 / (4.0 * pt), high**2 / (4.0 * pt), pt + recoil, abs(pt - recoil)]
    limits += [np.sqrt(recoil**2 + mass**2) - pt for mass in (low, high)]
    rho, weight, bins = _panels(edges, np.array([x for x in limits if 0.0 < x < np.inf]), step)
    cos_low = np.maximum(low**2 / (2.0 * pt * rho) - 1.0, (rho**2 + pt**2 - recoil**2) / (2.0 * rho * pt))
    first = np.arccos(np.clip(high**2 / (2.0 * pt * rho) - 1.0, -1.0, 1.0))
    last = np.arccos(np.clip(cos_low, -1.0, 1.0))
    phi, curve_weight = _curve(first, last, rho * (last - first), step)
    weight *= (rho >= missing) * rho
    rho = rho[:, None]
    return rho * np.cos(phi), rho * np.sin(phi), curve_weight * weight[:, None], bins


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "arcp", "nsz", "reassoc"})
def fill_bins(out, stops, points, along, across, per_GeV, norm, density):  # type: ignore[no-untyped-def]
    """Sum the density over the points of each bin and their mirror images.

    Parameters
    ----------
    out : float64[n_q, n_c, n_bins]
        0 before.
    stops : int64[n_bins + 1]
        Points of bin i are those from stops[i] to stops[i + 1].
    points : float32[3, n]
        w_par, w_perp (GeV) and weight.
    along, across : float64[n_q, n_c]
        Mean of w, GeV.
    per_GeV, norm : float64[n_q]
        Steps of the table per GeV; factor on it, GeV^-2.
    density : float32[n_density]
        At equal steps of the distance, 0 at the last.
    """
    last = np.float32(density.size - 1.001)
    if points.shape[1] == 0:
        return
    left, right, top = points[0].min(), points[0].max(), points[1].max()
    for q in range(out.shape[0]):
        scale = np.float32(per_GeV[q])
        for c in range(out.shape[1]):
            x, y = np.float32(along[q, c]), np.float32(across[q, c])
            if max(left - x, x - right, y - top) * scale >= last:
                continue
            for i in range(out.shape[2]):
                total = np.float32(0.0)
                for k in range(stops[i], stops[i + 1]):
                    dx, near, far = points[0, k] - x, points[1, k] - y, points[1, k] + y
                    r = min(np.sqrt(dx * dx + near * near) * scale, last)
                    s = min(np.sqrt(dx * dx + far * far) * scale, last)
                    m, n = np.int32(r), np.int32(s)
                    at_near = density[m] + (r - np.float32(m)) * (density[m + 1] - density[m])
                    at_far = density[n] + (s - np.float32(n)) * (density[n + 1] - density[n])
                    total += points[2, k] * (at_near + at_far)
                out[q, c, i] = norm[q] * total

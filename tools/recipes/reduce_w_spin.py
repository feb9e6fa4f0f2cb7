"""Reduce simulated decays of W bosons to the shipped angular coefficients of the shower.

Usage: ``reduce_w_spin.py OUTPUT_FOLDER SAMPLE.npz ...`` with files of ``simulate_w_spin.py``.

Each coefficient is the mean of a moment of the decay angles on the axis ``up`` (`angular_moments`).  With b = pT/m it
is fitted as its value at b = 0 plus g(s, y) (b/sqrt(1+b^2))^n, with the power n of `POWERS`, s = b/(b + PT_RATIO) and
cubic B-splines in s and in the W rapidity y, by least squares in fine bins; a penalty on second differences takes the
noise of cells with few events.  The distribution of |y| over that of the luminosity at leading order is fitted by the
exponential of an even polynomial.  In p pbar collisions CP makes W+ and W- the same on this axis, and both enter
together.
"""

from __future__ import annotations

import argparse
import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BSpline

from collider.decay.collins_soper import angular_moments
from collider.production.luminosity import luminosity_at
from collider.production.partons import load_partons
from collider.production.shower_spin import AT_REST, PT_RATIO, RAPIDITY_MAX, S_MAX
from collider.production.w_production import M_W

Array = NDArray[np.float64]

#: Our name of the PDF set of the simulation.
PDF_SET = "CT14qed_proton"
N_S_BINS, N_Y_BINS = 120, 100
N_S_SPLINES, N_Y_SPLINES = 9, 13
#: Nodes of the shipped table: s = 0, ..., S_MAX and y = -RAPIDITY_MAX, ..., RAPIDITY_MAX.
N_S_NODES, N_Y_NODES = 31, 41
#: Powers of b with which the coefficients leave their value at rest.
POWERS = (2, 1, 2, 1, 2)
#: Width of the penalty on second differences of g between splines.
SMOOTHNESS = 0.3
#: Bins in z = |y|/ln(sqrt(s)/m), how far the fit of the rapidity goes, powers of z in it, nodes shipped; W mass window.
N_Z_BINS, Z_MAX, Z_POWERS, N_Z_NODES, MASS_WINDOW_GEV = 100, 0.8, (0, 2, 4, 6, 8), 41, 2.0


def binned_moments(sample: dict[str, Array], charge: int) -> Array:
    """Return the sums of 1, b and the five moments in bins of s and y, float64[7, N_S_BINS, N_Y_BINS]."""
    kept = sample["charge"] == charge
    one = {name: sample[name][kept].astype(np.float64) for name in sample if sample[name].shape == kept.shape}
    b = one["w_pt"] / one["w_mass"]
    s = np.minimum(b / (b + PT_RATIO) / S_MAX, 1.0 - 1e-12)
    y = np.clip((one["up"] * one["w_rapidity"] / RAPIDITY_MAX + 1.0) / 2.0, 0.0, 1.0 - 1e-12)
    cell = (s * N_S_BINS).astype(np.int64) * N_Y_BINS + (y * N_Y_BINS).astype(np.int64)
    values = [np.ones_like(b), b, *angular_moments(one["cos_theta"], one["phi"])[:5]]
    sums = [np.bincount(cell, value, minlength=N_S_BINS * N_Y_BINS) for value in values]
    return np.reshape(sums, (len(values), N_S_BINS, N_Y_BINS))


def fit_coefficients(sums: Array) -> tuple[Array, Array]:
    """Fit smooth coefficients to `binned_moments`.

    Returns
    -------
    float64[N_S_NODES, N_Y_NODES, 5]
        At the nodes of the shipped table.
    float64[5]
        chi2 per cell with more than 30 events, its variance taken from that of the moments at leading order.
    """
    count = sums[0]
    filled = count > 0.0
    b = sums[1][filled] / count[filled]
    y = np.broadcast_to(_centres(N_Y_BINS) * 2.0 * RAPIDITY_MAX - RAPIDITY_MAX, filled.shape)[filled]
    design = _design(b / (b + PT_RATIO), y)
    rough = _roughness()
    nodes_s, nodes_y = np.meshgrid(S_MAX * np.linspace(0, 1, N_S_NODES), RAPIDITY_MAX * np.linspace(-1, 1, N_Y_NODES))
    at_nodes = _design(nodes_s.T.ravel(), nodes_y.T.ravel())
    table, quality = np.empty((N_S_NODES, N_Y_NODES, 5)), np.empty(5)
    for k, (power, variance) in enumerate(zip(POWERS, _variances(), strict=True)):
        prefactor = (b / np.hypot(1.0, b)) ** power
        weight = count[filled] / variance
        rows = design * prefactor[:, None]
        mean = sums[2 + k][filled] / count[filled] - AT_REST[k]
        g = np.linalg.solve(rows.T @ (rows * weight[:, None]) + rough, rows.T @ (weight * mean))
        many = count[filled] > 30.0
        quality[k] = float(np.mean((weight * (mean - rows @ g) ** 2)[many]))
        node_b = PT_RATIO * nodes_s.T / (1.0 - nodes_s.T)
        table[:, :, k] = AT_REST[k] + (node_b / np.hypot(1.0, node_b)) ** power * (at_nodes @ g).reshape(node_b.shape)
    return table, quality


def rapidity_counts(sample: dict[str, Array], charge: int) -> Array:
    """Return the events near the W mass in bins of z, float64[N_Z_BINS]."""
    kept = (sample["charge"] == charge) & (np.abs(sample["w_mass"] - M_W) < MASS_WINDOW_GEV)
    end = np.log(1000.0 * float(sample["sqrt_s_TeV"]) / M_W)
    return np.histogram(np.abs(sample["w_rapidity"][kept]) / end, N_Z_BINS, (0.0, 1.0))[0].astype(np.float64)


def fit_rapidity(counts: Array, sqrt_s_TeV: float, charge: int, beams: str, pdf_set: str) -> tuple[Array, float]:
    """Return the factor on the leading-order rapidity distribution, float64[N_Z_NODES], and chi2 per bin."""
    z = _centres(N_Z_BINS)
    end = np.log(1000.0 * sqrt_s_TeV / M_W)
    pdf, y = load_partons(pdf_set), end * np.append(z, -z)
    expected = luminosity_at(pdf, 1000.0 * sqrt_s_TeV, charge, M_W, y, beams, "lo").reshape(2, -1).sum(axis=0)
    expected *= counts.sum() / expected.sum()
    used = (z < Z_MAX) & (counts > 30.0)
    powers = np.stack([z**n for n in Z_POWERS], axis=1)
    root, target = np.sqrt(counts[used]), np.log(counts[used] / expected[used])
    c = np.linalg.lstsq(powers[used] * root[:, None], target * root)[0]
    chi2 = float(np.mean((root * (target - powers[used] @ c)) ** 2))
    nodes = np.minimum(np.linspace(0.0, 1.0, N_Z_NODES), z[used].max())
    return np.exp(np.stack([nodes**n for n in Z_POWERS], axis=1) @ c), chi2


def _centres(n: int) -> Array:
    return np.asarray((np.arange(n) + 0.5) / n)


def _variances() -> Array:
    """Return the variance of each moment of decays at leading order."""
    nodes, weights = np.polynomial.legendre.leggauss(16)
    phi = np.linspace(0.0, 2.0 * np.pi, 16, endpoint=False)
    values = angular_moments(*np.broadcast_arrays(nodes[:, None], phi))[:5]
    density = (0.375 * weights * (1.0 - nodes) ** 2)[:, None] / phi.size
    mean = (values * density).sum(axis=(1, 2))
    return np.asarray((values**2 * density).sum(axis=(1, 2)) - mean**2)


def _splines(x: Array, n: int) -> Array:
    """Return cubic B-splines on [0, 1], float64[x.size, n]."""
    knots = np.concatenate([np.zeros(3), np.linspace(0.0, 1.0, n - 2), np.ones(3)])
    return np.asarray(BSpline.design_matrix(np.clip(x, 0.0, 1.0), knots, 3).toarray())


def _design(s: Array, y: Array) -> Array:
    in_s, in_y = _splines(s / S_MAX, N_S_SPLINES), _splines(0.5 * (y / RAPIDITY_MAX + 1.0), N_Y_SPLINES)
    return (in_s[:, :, None] * in_y[:, None, :]).reshape(s.size, -1)


def _roughness() -> Array:
    """Return the penalty matrix of second differences in s and in y."""
    total = 1e-6 * np.eye(N_S_SPLINES * N_Y_SPLINES)
    for left, right in (
        (np.diff(np.eye(N_S_SPLINES), 2, axis=0), np.eye(N_Y_SPLINES)),
        (np.eye(N_S_SPLINES), np.diff(np.eye(N_Y_SPLINES), 2, axis=0)),
    ):
        rows = np.kron(left, right) / SMOOTHNESS
        total += rows.T @ rows
    return np.asarray(total)


def add_up(paths: list[Path]) -> tuple[dict[str, list[tuple[Array, Array]]], list[dict[str, Any]]]:
    """Return `binned_moments` and `rapidity_counts` of W+ and W- by name of the table, and a record of the files."""
    sums: dict[str, list[tuple[Array, Array]]] = {}
    files = []
    for path in sorted(paths):
        with np.load(path) as content:
            sample = {name: content[name] for name in content.files}
        found = [(binned_moments(sample, charge), rapidity_counts(sample, charge)) for charge in (1, -1)]
        if str(sample["beams"]) == "ppbar":
            found = [_sum(*found)] * 2
        name = f"{sample['beams']}-{float(sample['sqrt_s_TeV']):g}"
        sums[name] = [_sum(a, b) for a, b in zip(sums[name], found, strict=True)] if name in sums else found
        files.append({"table": name, "seed": int(sample["seed"]), "n_events": int(sample["charge"].size)})
    return sums, files


def _sum(a: tuple[Array, Array], b: tuple[Array, Array]) -> tuple[Array, Array]:
    return a[0] + b[0], a[1] + b[1]


def main() -> None:
    """Run the recipe."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("samples", type=Path, nargs="+")
    args = parser.parse_args()
    sums, files = add_up(args.samples)
    arrays: dict[str, Any] = {}
    quality: dict[str, Any] = {}
    for name, both in sums.items():
        beams, _, energy = name.partition("-")
        coefficients = [fit_coefficients(binned) for binned, _ in both]
        factors = [
            fit_rapidity(counts, float(energy), charge, beams, PDF_SET)
            for (_, counts), charge in zip(both, (1, -1), strict=True)
        ]
        for key, fitted in ((name, coefficients), (f"{name} rapidity", factors)):
            arrays[key] = np.array([table for table, _ in fitted], np.float32)
            quality[key] = [np.round(chi2, 3).tolist() for _, chi2 in fitted]
    metadata = {
        "generator": f"pythia8mc {version('pythia8mc')}",
        "recipe": "tools/recipes/simulate_w_spin.py, reduce_w_spin.py",
        "s_max": S_MAX,
        "rapidity_max": RAPIDITY_MAX,
        "chi2_per_cell": quality,
        "samples": files,
    }
    arrays["metadata"] = np.array(json.dumps(metadata, sort_keys=True))
    np.savez_compressed(args.folder / "pythia-az-spin.npz", **arrays)


if __name__ == "__main__":
    main()

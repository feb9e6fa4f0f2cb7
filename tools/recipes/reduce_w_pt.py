"""Reduce simulated W samples to the shipped shapes of the transverse momentum.

Usage: ``reduce_w_pt.py OUTPUT_FOLDER SAMPLE.npz ...`` with samples of ``simulate_w_pt.py``.

Row k of a table belongs to |y| = k PT_RAPIDITY_STEP; at a rapidity between two rows the density is their mixture
with linear weights h_k (hat functions).  The rows are fitted to the sample by a Poisson likelihood in bins of
t = ln(1 + pt/PT_SCALE_GEV) and |y|:

    p_k(t) ~ t exp(sum_b c_kb B_b(t)),    mu_ij = N_j sum_k h_k(|y|_j) p_k(t_i),

with cubic B-splines B_b.  The factor t is the two-dimensional phase space at small pt.  A penalty on the third
differences of c in k, continued evenly to k < 0, and on the second differences in b takes away statistical noise
and carries the rows to the few events at the largest |y|.  W+ and W- are fitted apart; in p pbar collisions they
are mirror images and enter together.

A variation is kept as the part ``VARIATION_KEPT`` of the difference of ln p between its simulation and the nominal
one of the same energy, all |y| and charges together, on fewer splines: simulated large, the noise is small.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from collider.production.w_pt import PT_MAX_GEV, PT_RAPIDITY_STEP, PT_SCALE_GEV, pt_splines
from tools.validation.pythia_w import MASS_WINDOW_GEV

N_BINS = 400
RAPIDITY_BINS_PER_STEP = 4
N_SPLINES, N_SPLINES_OF_VARIATION = 28, 10
#: Widths of the penalties on third differences of ln p between rows and second differences between splines.
ROW_SMOOTHNESS, SPLINE_SMOOTHNESS = 0.03, 0.5
#: Part of the simulated change of the tune that makes the variation.
VARIATION_KEPT = 0.25

Array = NDArray[np.float64]


def hat_weights(rapidity: Array, n_rows: int) -> Array:
    """Return the weight of each row, [n, n_rows], at |y| = ``rapidity``."""
    position = np.clip(rapidity / PT_RAPIDITY_STEP, 0.0, n_rows - 1.0)
    return np.maximum(1.0 - np.abs(position[:, None] - np.arange(n_rows)), 0.0)


def binned(pt: Array, rapidity: Array, n_rows: int) -> tuple[Array, Array]:
    """Return counts [n_t, n_y] and the mean hat weights of the |y| bins [n_y, n_rows]."""
    t_max = np.log1p(PT_MAX_GEV / PT_SCALE_GEV)
    n_y = max(1, (n_rows - 1) * RAPIDITY_BINS_PER_STEP)
    y_max = (n_rows - 1) * PT_RAPIDITY_STEP if n_rows > 1 else np.inf
    index = np.minimum((rapidity / y_max * n_y).astype(int), n_y - 1)
    t_index = (np.log1p(pt / PT_SCALE_GEV) / t_max * N_BINS).astype(int)
    counts = np.zeros((N_BINS, n_y))
    np.add.at(counts, (t_index[t_index < N_BINS], index[t_index < N_BINS]), 1.0)
    weights = np.zeros((n_y, n_rows))
    np.add.at(weights, index, hat_weights(rapidity, n_rows))
    filled = weights.sum(axis=1) > 0.0
    weights[filled] /= weights[filled].sum(axis=1, keepdims=True)
    return counts[:, filled], weights[filled]


def fit_rows(pt: Array, rapidity: Array, n_rows: int, n_splines: int = N_SPLINES) -> Array:
    """Return the coefficients [n_rows, n_splines] of ln(p_k/t).

    Parameters
    ----------
    pt, rapidity : float64[n]
        GeV; |y|.
    n_rows : int
        1 for the sum over all |y|.
    n_splines : int
    """
    counts, weights = binned(pt, rapidity, n_rows)
    t = (np.arange(N_BINS) + 0.5) / N_BINS * np.log1p(PT_MAX_GEV / PT_SCALE_GEV)
    basis = pt_splines(t, n_splines)
    mirrored = np.eye(n_rows)[np.abs(np.arange(1 - min(n_rows, 3), n_rows))]  # the distribution is even in y
    between_rows = np.diff(mirrored, 3, axis=0) / ROW_SMOOTHNESS
    between_splines = np.diff(np.eye(n_splines), 2, axis=0).T / SPLINE_SMOOTHNESS
    n_events = counts.sum()

    def objective(flat: Array) -> tuple[float, Array]:
        c = flat.reshape(n_rows, n_splines)
        logit = np.log(t) + c @ basis.T
        p = np.exp(logit - logit.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        mixture = weights @ p
        pull = (counts.T / np.maximum(mixture, 1e-300)).T
        slope = -p * ((pull @ weights).T - ((pull @ weights).T * p).sum(axis=1, keepdims=True))
        rough_rows, rough_splines = between_rows @ c, c @ between_splines
        value = -np.sum(counts.T * np.log(np.maximum(mixture, 1e-300)))
        value += 0.5 * (np.sum(rough_rows**2) + np.sum(rough_splines**2) + 1e-4 * np.sum(c**2))
        gradient = slope @ basis + between_rows.T @ rough_rows + rough_splines @ between_splines.T + 1e-4 * c
        return value / n_events, gradient.ravel() / n_events

    start = np.zeros(n_rows * n_splines)
    options = {"maxiter": 20000, "maxfun": 20000, "ftol": 1e-10, "gtol": 1e-7, "maxcor": 50}
    found = minimize(objective, start, jac=True, method="L-BFGS-B", options=options)
    c = found.x.reshape(n_rows, n_splines)
    return np.asarray(c - c[:, :1])


def rows_of_sample(sample: dict[str, Array]) -> Array:
    """Return the coefficients [2, n_rows, n_splines] for W+ and W-."""
    rapidity = np.abs(sample["rapidity"])
    n_rows = int(np.ceil(rapidity.max() / PT_RAPIDITY_STEP)) + 1
    together = str(sample["beams"]) == "ppbar"
    kept = [np.ones(rapidity.size, bool) if together else sample["charge"] == charge for charge in (1, -1)]
    return np.array([fit_rows(sample["pt"][k], rapidity[k], n_rows) for k in kept])


def read(path: Path) -> dict[str, Array]:
    """Return the arrays of a sample in float64."""
    with np.load(path) as content:
        sample = {name: content[name] for name in content.files}
    sample.setdefault("beams", np.array("pp"))
    sample.setdefault("model", np.array("nominal"))
    sample["sha256_pt"] = np.array(hashlib.sha256(sample["pt"].tobytes()).hexdigest())
    return sample | {name: sample[name].astype(np.float64) for name in ("pt", "rapidity")}


def main() -> None:
    """Run the recipe."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("samples", type=Path, nargs="+")
    args = parser.parse_args()
    samples = [read(path) for path in args.samples]
    samples.sort(key=lambda s: (str(s["beams"]), float(s["sqrt_s_TeV"]), str(s["model"]) != "nominal", str(s["model"])))
    tables: dict[str, Array] = {}
    overall: dict[str, Array] = {}
    for sample in samples:
        name, model = f"{sample['beams']}-{float(sample['sqrt_s_TeV']):g}", str(sample["model"])
        shape = fit_rows(sample["pt"], np.zeros(sample["pt"].size), 1, N_SPLINES_OF_VARIATION)[0]
        if model == "nominal":
            tables[name], overall[name] = rows_of_sample(sample), shape
        else:
            tables[f"{name} {model}"] = VARIATION_KEPT * (shape - overall[name])
    metadata = {
        "generator": f"pythia8mc {version('pythia8mc')}",
        "tune": "ATLAS AZ (arXiv:1406.3660): 4C, alphaS 0.1237, pT0Ref 0.59, primordialKThard 1.71",
        "recipe": "tools/recipes/simulate_w_pt.py, reduce_w_pt.py",
        "boson_mass_window_GeV": MASS_WINDOW_GEV,
        "rapidity_step": PT_RAPIDITY_STEP,
        "pt_max_GeV": PT_MAX_GEV,
        "variation_kept": VARIATION_KEPT,
        "samples": [
            {
                "beams": str(s["beams"]),
                "sqrt_s_TeV": float(s["sqrt_s_TeV"]),
                "model": str(s["model"]),
                "n_events": int(s["pt"].size),
                "seed": int(s["seed"]),
                "pdf": str(s["pdf"]),
                "sha256_pt": str(s["sha256_pt"]),
            }
            for s in samples
        ],
    }
    arrays: dict[str, Any] = {name: values.astype(np.float32) for name, values in tables.items()}
    arrays["metadata"] = np.array(json.dumps(metadata, sort_keys=True))
    np.savez_compressed(args.folder / "atlas-az-rows.npz", **arrays)


if __name__ == "__main__":
    main()

"""Reduce simulated W samples to the shipped quantile tables of the transverse momentum.

Usage: ``reduce_w_pt.py OUTPUT_FOLDER SAMPLE.npz ...`` with samples of ``simulate_w_pt.py``.

Smoothing: the empirical distribution of t = ln(1 + pt / 5 GeV) is fitted by a cubic B-spline density with
equidistant knots (histogram of 400 bins, least squares with Poisson variances), which keeps the statistical
noise below that of the sample itself; the quantiles follow from its cumulative integral.
Both charges enter together.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import make_lsq_spline

from collider.production import quantile_nodes

N_NODES = 4097
N_BINS = 400
N_KNOTS = 24
PT_SCALE_GEV = 5.0


def smooth_density(pt: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return pt (GeV, increasing) and a smooth density in t = ln(1 + pt/PT_SCALE_GEV) on a fine grid."""
    t = np.log1p(pt / PT_SCALE_GEV)
    t_max = float(np.log1p(pt.max() / PT_SCALE_GEV))
    counts, edges = np.histogram(t, bins=N_BINS, range=(0.0, t_max))
    centres = 0.5 * (edges[1:] + edges[:-1])
    inner = np.linspace(0.0, t_max, N_KNOTS)[1:-1]
    knots = np.concatenate([np.full(4, 0.0), inner, np.full(4, t_max)])
    # The density rises linearly from zero at pt = 0 (two-dimensional phase space); t = 0 is pinned to 0.
    x = np.concatenate([[0.0], centres, [t_max]])
    y = np.concatenate([[0.0], counts.astype(float), [0.0]])
    expected = counts.astype(float)
    for _ in range(4):  # the variance of a bin is its expectation, not its content
        weights = np.concatenate([[10.0], 1.0 / np.sqrt(np.maximum(expected, 0.5)), [1.0]])
        spline = make_lsq_spline(x, y, knots, k=3, w=weights)
        expected = np.maximum(spline(centres), 0.0)
    fine = np.linspace(0.0, t_max, 40001)
    return PT_SCALE_GEV * np.expm1(fine), np.maximum(spline(fine), 0.0)


def main() -> None:
    """Run the recipe."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("samples", type=Path, nargs="+")
    args = parser.parse_args()
    energies, tables, sources = [], [], []
    for path in args.samples:
        with np.load(path) as sample:
            pt, density = smooth_density(sample["pt"].astype(np.float64))
            t = np.log1p(pt / PT_SCALE_GEV)
            nodes = PT_SCALE_GEV * np.expm1(quantile_nodes(t, density, N_NODES, preserve_mean=False))
            # The last cell holds the tail: keep its mean transverse momentum.
            last = np.sort(sample["pt"])[-(sample["pt"].size // (N_NODES - 1)) :]
            nodes[-1] = 2.0 * float(last.mean(dtype=np.float64)) - nodes[-2]
            energies.append(float(sample["sqrt_s_TeV"]))
            tables.append(nodes)
            sources.append(
                {
                    "sqrt_s_TeV": float(sample["sqrt_s_TeV"]),
                    "n_events": int(sample["pt"].size),
                    "seed": int(sample["seed"]),
                    "pdf": str(sample["pdf"]),
                    "sha256_pt": hashlib.sha256(sample["pt"].tobytes()).hexdigest(),
                }
            )
    order = np.argsort(energies)
    metadata = {
        "generator": f"pythia8mc {version('pythia8mc')}",
        "tune": "ATLAS AZ (arXiv:1406.3660): 4C, alphaS 0.1237, pT0Ref 0.59, primordialKThard 1.71",
        "recipe": "collider/data/recipes/simulate_w_pt.py, reduce_w_pt.py",
        "boson_mass_window_GeV": [70.4, 90.4],
        "samples": [sources[i] for i in order],
    }
    np.savez_compressed(
        args.folder / "atlas-az.npz",
        sqrt_s_TeV=np.array(energies)[order],
        pt_quantiles=np.array(tables, dtype=np.float32)[order],
        metadata=np.array(json.dumps(metadata, sort_keys=True)),
    )


if __name__ == "__main__":
    main()

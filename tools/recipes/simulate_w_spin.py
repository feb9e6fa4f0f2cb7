"""Simulate W -> mu nu with Pythia 8 and the ATLAS AZ tune, decay angles included (`tools.validation.pythia_w`).

``simulate_w_spin.py 7 24 FOLDER`` writes 24 files of half a million events, each of its own seed; files that exist are
kept.  Reduce them to the shipped angular coefficients with ``reduce_w_spin.py``, fit them with
``tools.validation.pythia_fit``.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from collider.production.w_production import GAMMA_W, M_W
from tools.validation.pythia_w import TUNE_PDF, simulate_w

EVENTS_PER_FILE = 500_000
#: Our resonance, and all masses that give leptons to a measurement.
SETTINGS = (
    f"24:m0 = {M_W}",
    f"24:mWidth = {GAMMA_W}",
    "24:doForceWidth = on",
    "PhaseSpace:mHatMin = 40.",
    "PhaseSpace:mHatMax = 300.",
)


def main() -> None:
    """Run the recipe."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sqrt_s_TeV", type=float)
    parser.add_argument("n_files", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pdf", default=TUNE_PDF)
    parser.add_argument("--beams", choices=("pp", "ppbar"), default="pp")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    for seed in range(args.seed, args.seed + args.n_files):
        path = args.folder / f"w-{args.beams}-{args.sqrt_s_TeV:g}TeV-{seed:04d}.npz"
        if path.exists():
            continue
        sample: dict[str, Any] = dict(
            simulate_w(args.sqrt_s_TeV, EVENTS_PER_FILE, seed, args.beams, args.pdf, SETTINGS)
        )
        about = {"seed": seed, "sqrt_s_TeV": args.sqrt_s_TeV, "beams": args.beams, "pdf": args.pdf}
        partial = path.with_suffix(".partial.npz")
        np.savez(partial, **sample, **about)
        partial.rename(path)


if __name__ == "__main__":
    main()

"""Simulate the transverse momentum of W bosons with Pythia 8 and the ATLAS AZ tune (`tools.validation.pythia_w`).

One sample per call: ``simulate_w_pt.py 7 1000000 w_pt_7TeV.npz``; the Tevatron with ``--beams ppbar``; a variation
of the tune with ``--model isr-alphas``.  Reduce the samples to the shipped tables with ``reduce_w_pt.py``.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from tools.validation.pythia_w import TUNE_PDF, simulate_w

#: Variations, simulated with this change of the tune, of which a part is kept (``reduce_w_pt.py``).
MODELS = {
    "nominal": (),
    "primordial-kt": ("BeamRemnants:primordialKThard = 2.01",),
    "isr-alphas": ("SpaceShower:alphaSvalue = 0.1297",),
}


def main() -> None:
    """Run the recipe."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sqrt_s_TeV", type=float)
    parser.add_argument("n_events", type=int)
    parser.add_argument("out", type=Path)
    parser.add_argument("--pdf", default=TUNE_PDF)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--beams", choices=("pp", "ppbar"), default="pp")
    parser.add_argument("--model", choices=tuple(MODELS), default="nominal")
    args = parser.parse_args()
    sample = simulate_w(args.sqrt_s_TeV, args.n_events, args.seed, args.beams, args.pdf, MODELS[args.model])
    content: dict[str, Any] = {
        **{name: getattr(args, name) for name in ("pdf", "seed", "sqrt_s_TeV", "beams", "model")},
        "charge": sample["charge"].astype(np.int8),
        "pt": sample["w_pt"],
        "rapidity": sample["w_rapidity"],
        "mass": sample["w_mass"],
    }
    np.savez_compressed(args.out, **content)


if __name__ == "__main__":
    main()

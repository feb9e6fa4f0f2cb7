"""Simulate the transverse momentum of W bosons with Pythia 8 and the ATLAS AZ tune.

Settings: ``f fbar' -> W+-`` in pp collisions, initial-state radiation on; final-state radiation,
multiparton interactions and hadronisation off (they do not change the transverse momentum of the W: with
multiparton interactions off their interleaving with the initial-state shower is lost, which is the one
approximation of this set-up); W -> mu nu so that no shower in the decay can push the W around; W mass within
``MASS_WINDOW`` of the pole.  Tune: the parameters of ``tunes/ATLAS-AZ.cmnd`` of the wheel, that is tune 4C
with SpaceShower:alphaSvalue = 0.1237, SpaceShower:pT0Ref = 0.59, BeamRemnants:primordialKThard = 1.71
(arXiv:1406.3660).  That file asks for CT10 through LHAPDF, which the wheel does not carry; CT14qed, the
next set of the same family, is used in its place (``--pdf`` takes any other).

One sample per call: ``simulate_w_pt.py 7 1000000 w_pt_7TeV.npz``; the Tevatron with ``--beams ppbar``; a variation
of the tune with ``--model isr-alphas``.  Reduce the samples to the shipped tables with ``reduce_w_pt.py``.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

MASS_WINDOW = (70.4, 90.4)
"""Range of the W mass simulated, GeV."""

AZ_SETTINGS = (
    "Tune:pp = 5",
    "SpaceShower:alphaSvalue = 0.1237",
    "SpaceShower:pT0Ref = 0.59",
    "MultipartonInteractions:pT0Ref = 2.18",
    "BeamRemnants:primordialKThard = 1.71",
)
PROCESS_SETTINGS = (
    "WeakSingleBoson:ffbar2W = on",
    "24:onMode = off",
    "24:onIfAny = 13",
    "PartonLevel:ISR = on",
    "PartonLevel:FSR = off",
    "PartonLevel:MPI = off",
    "HadronLevel:all = off",
)
BEAMS = {"pp": ("Beams:idA = 2212", "Beams:idB = 2212"), "ppbar": ("Beams:idA = 2212", "Beams:idB = -2212")}
#: Variations, simulated with this change of the tune, of which a part is kept (``reduce_w_pt.py``).
MODELS = {
    "nominal": (),
    "primordial-kt": ("BeamRemnants:primordialKThard = 2.01",),
    "isr-alphas": ("SpaceShower:alphaSvalue = 0.1297",),
}
SILENT = ("Print:quiet = on", "Next:numberCount = 0", "Init:showProcesses = off")


def build_generator(sqrt_s_TeV: float, pdf: str, seed: int, beams: str = "pp", model: str = "nominal") -> Any:
    """Return an initialised Pythia object for W production."""
    import pythia8mc as pythia8

    pythia = pythia8.Pythia("", False)
    lines = [
        *SILENT,
        *AZ_SETTINGS,
        f"PDF:pSet = {pdf}",
        *PROCESS_SETTINGS,
        *BEAMS[beams],
        *MODELS[model],
        f"PhaseSpace:mHatMin = {MASS_WINDOW[0]}",
        f"PhaseSpace:mHatMax = {MASS_WINDOW[1]}",
        f"Beams:eCM = {1000.0 * sqrt_s_TeV}",
        "Random:setSeed = on",
        f"Random:seed = {seed}",
    ]
    for line in lines:
        if not pythia.readString(line):
            raise SystemExit(f"Pythia refused the setting {line!r}")
    if not pythia.init():
        raise SystemExit("Pythia did not initialise")
    return pythia


def last_w(event: Any) -> int:
    """Return the index of the final copy of the W boson, after all recoils."""
    index = next(i for i in range(event.size()) if abs(event[i].id()) == 24)
    return int(event[index].iBotCopyId())


def simulate(
    sqrt_s_TeV: float, n_events: int, pdf: str, seed: int, beams: str = "pp", model: str = "nominal"
) -> dict[str, np.ndarray]:
    """Return charge, transverse momentum (GeV), rapidity and mass (GeV) of ``n_events`` W bosons."""
    pythia = build_generator(sqrt_s_TeV, pdf, seed, beams, model)
    rows = np.empty((n_events, 4), dtype=np.float32)
    filled = 0
    while filled < n_events:
        if not pythia.next():
            continue
        boson = pythia.event[last_w(pythia.event)]
        rows[filled] = (np.sign(boson.id()), boson.pT(), boson.y(), boson.m())
        filled += 1
    return {
        "charge": rows[:, 0].astype(np.int8),
        "pt": rows[:, 1],
        "rapidity": rows[:, 2],
        "mass": rows[:, 3],
        "sigma_pb": np.array(pythia.infoPython().sigmaGen() * 1e9),
        "version": np.array(str(pythia.settings.parm("Pythia:versionNumber"))),
    }


def main() -> None:
    """Run the recipe."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sqrt_s_TeV", type=float)
    parser.add_argument("n_events", type=int)
    parser.add_argument("out", type=Path)
    parser.add_argument("--pdf", default="LHAGrid1:CT14qed_proton_0000.dat")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--beams", choices=tuple(BEAMS), default="pp")
    parser.add_argument("--model", choices=tuple(MODELS), default="nominal")
    args = parser.parse_args()
    sample = simulate(args.sqrt_s_TeV, args.n_events, args.pdf, args.seed, args.beams, args.model)
    settings = {name: getattr(args, name) for name in ("pdf", "seed", "sqrt_s_TeV", "beams", "model")}
    content: dict[str, Any] = {**settings, **sample}
    np.savez_compressed(args.out, **content)


if __name__ == "__main__":
    main()

"""W bosons of Pythia 8 with the ATLAS AZ tune, for tables and for comparison; needs the extra ``pdf``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collider.decay.collins_soper import collins_soper
from nucore.errors import InputError

Array = NDArray[np.float64]

#: Range of the W mass simulated, GeV.
MASS_WINDOW_GEV = (70.4, 90.4)
#: Next to the set of the tune, CT10, which the wheel does not carry.
TUNE_PDF = "LHAGrid1:CT14qed_proton_0000.dat"

#: ``tunes/ATLAS-AZ.cmnd`` of the wheel (arXiv:1406.3660) without its PDF set: tune 4C with these changes.
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
    f"PhaseSpace:mHatMin = {MASS_WINDOW_GEV[0]}",
    f"PhaseSpace:mHatMax = {MASS_WINDOW_GEV[1]}",
)
_BEAMS = {"pp": 2212, "ppbar": -2212}
_N_RECORDED = 10
_SILENT = ("Print:quiet = on", "Next:numberCount = 0", "Init:showProcesses = off", "Random:setSeed = on")
COLUMNS = (
    "charge", "w_mass", "w_pt", "w_rapidity", "lepton_pt", "lepton_eta", "transverse_mass", "up", "cos_theta", "phi",
)  # fmt: skip


def simulate_w(
    sqrt_s_TeV: float,
    n_events: int,
    seed: int,
    beams: str = "pp",
    pdf: str = TUNE_PDF,
    settings: Iterable[str] = (),
) -> dict[str, NDArray[np.float32]]:
    """Simulate W -> mu nu with initial-state radiation and primordial kT alone.

    Multiparton interactions and hadronisation do not change the transverse momentum of the W but for the interleaving
    with the initial-state shower, which is lost without the former; no shower in the decay pushes the W around.

    Parameters
    ----------
    sqrt_s_TeV : float
    n_events, seed : int
    beams : {"pp", "ppbar"}
    pdf : str
        Pythia's name of the PDF set.
    settings : iterable of str
        Further lines, after those of the tune.

    Returns
    -------
    dict of float32[n_events]
        `COLUMNS`: charge of the W; mass, transverse momentum (GeV) and rapidity of its last copy, after all recoils;
        transverse momentum (GeV) and pseudorapidity of the muon, and its transverse mass with the neutrino; +1 or -1
        as the up-type (anti)parton of the hard process moves along +z or -z; the muon's angles in the
        Collins-Soper frame (`collins_soper`).

    Raises
    ------
    InputError
        If the wheel is missing or Pythia refuses a setting.
    """
    try:
        import pythia8mc
    except ImportError as error:
        raise InputError("Pythia 8 is not installed: pip install 'nuportal[pdf]'") from error
    pythia = pythia8mc.Pythia("", False)
    energy = (f"Beams:eCM = {1000.0 * sqrt_s_TeV}", "Beams:idA = 2212", f"Beams:idB = {_BEAMS[beams]}")
    for line in (*_SILENT, *AZ_SETTINGS, f"PDF:pSet = {pdf}", *PROCESS_SETTINGS, *energy, *settings):
        if not pythia.readString(line):
            raise InputError(f"Pythia refuses the setting {line!r}")
    if not (pythia.readString(f"Random:seed = {seed}") and pythia.init()):
        raise InputError("Pythia did not initialise")
    rows = np.empty((n_events, _N_RECORDED))
    filled = 0
    while filled < n_events:
        if pythia.next():
            rows[filled] = _w_of(pythia.event)
            filled += 1
    charge, up = rows[:, 0], rows[:, 1]
    boson, muon = rows[:, 2:6].T, rows[:, 6:].T
    w_pt = np.hypot(boson[1], boson[2])
    w_mass = np.sqrt(boson[0] ** 2 - boson[3] ** 2 - w_pt**2)
    muon_pt = np.hypot(muon[1], muon[2])
    columns = (charge, w_mass, w_pt, np.arctanh(boson[3] / boson[0]), muon_pt, np.arcsinh(muon[3] / muon_pt))
    values = (*columns, transverse_mass(muon[1:3], boson[1:3] - muon[1:3]), up, *collins_soper(boson, muon, up))
    return {name: value.astype(np.float32) for name, value in zip(COLUMNS, values, strict=True)}


def transverse_mass(lepton: Array, neutrino: Array) -> Array:
    """Return the transverse mass (GeV), float64[n], of transverse momenta, float64[2, n]."""
    product = np.hypot(*lepton) * np.hypot(*neutrino) - (lepton * neutrino).sum(axis=0)
    return np.asarray(np.sqrt(2.0 * np.maximum(product, 0.0)))


def _w_of(event: Any) -> tuple[float, ...]:
    """Charge, side, and (E, px, py, pz) of the W after all recoils and of the muon."""
    first = next(i for i in range(event.size()) if abs(event[i].id()) == 24)
    boson = event[event[first].iBotCopyId()]
    muon = next(event[event[i].iBotCopyId()] for i in boson.daughterList() if abs(event[i].id()) == 13)
    incoming = event[event[first].mother1()]
    up_is_first = incoming.id() % 2 == 0  # of a quark and an antiquark one is of the up type
    side = 1.0 if up_is_first == (incoming.pz() > 0.0) else -1.0
    momenta = (component for p in (boson, muon) for component in (p.e(), p.px(), p.py(), p.pz()))
    return float(np.sign(boson.id())), side, *momenta

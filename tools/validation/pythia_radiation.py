"""Photons of W -> l nu decays in Pythia 8's QED shower; needs the extra ``pdf``."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nucore.errors import InputError

Array = NDArray[np.float64]

#: Cone of a dressed lepton: angle to the lepton in the W frame.
CONE = 0.1
_IDS = {"e": 11, "mu": 13}
_SETTINGS = (
    "Print:quiet = on", "WeakSingleBoson:ffbar2W = on", "24:onMode = off", "PartonLevel:ISR = off",
    "PartonLevel:MPI = off", "PartonLevel:FSR = on", "PartonLevel:Remnants = off", "HadronLevel:all = off",
    "Check:event = off", "Beams:eCM = 7000.", "PhaseSpace:mHatMin = 70.4", "PhaseSpace:mHatMax = 90.4",
    "Random:setSeed = on",
)  # fmt: skip


def shower_fractions(
    lepton: Literal["e", "mu"], n_events: int, seed: int, running: bool = False
) -> tuple[Array, Array]:
    """Simulate W -> l nu with Pythia's QED shower and return the share z = 2 E/m of the lepton in the W frame.

    Parameters
    ----------
    lepton : {"e", "mu"}
    n_events, seed : int
    running : bool
        Whether the coupling runs, as it does by default in Pythia, or is that of real photons.

    Returns
    -------
    bare, dressed : float64[n_events]
        Without and with the photons closer than `CONE`.
    """
    try:
        import pythia8mc
    except ImportError as error:
        raise InputError("Pythia 8 is not installed: pip install 'nuportal[pdf]'") from error
    pythia = pythia8mc.Pythia("", False)
    particle = _IDS[lepton]
    own = (f"24:onIfAny = {particle}", f"TimeShower:alphaEMorder = {int(running)}", f"Random:seed = {seed}")
    for line in (*_SETTINGS, *own):
        if not pythia.readString(line):
            raise InputError(f"Pythia refuses the setting {line!r}")
    if not pythia.init():
        raise InputError("Pythia did not initialise")
    fractions = np.empty((n_events, 2))
    filled = 0
    while filled < n_events:
        if pythia.next():
            fractions[filled] = _fractions(pythia8mc, pythia.event, particle)
            filled += 1
    return fractions[:, 0].copy(), fractions[:, 1].copy()


def _fractions(pythia8: Any, event: Any, particle: int) -> tuple[float, float]:
    final = [p for p in (event[i] for i in range(event.size())) if p.isFinal()]
    boson = pythia8.Vec4(0.0, 0.0, 0.0, 0.0)
    for p in final:
        boson += p.p()
    momenta: dict[int, list[Any]] = {particle: [], 22: []}
    for p in final:
        if abs(p.id()) in momenta:
            momentum = pythia8.Vec4(p.p())
            momentum.bstback(boson)
            momenta[abs(p.id())].append(momentum)
    lepton = max(momenta[particle], key=lambda p: p.e())
    near = sum(p.e() for p in momenta[22] if pythia8.theta(p, lepton) < CONE)
    return 2.0 * lepton.e() / boson.mCalc(), 2.0 * (lepton.e() + near) / boson.mCalc()

"""Particles: PDG numbers and masses in GeV, by their PDG-style names."""

from __future__ import annotations

from nucore.errors import unknown
from nucore.model import constants as c

FLAVOURS = ("e", "mu", "tau")

#: PDG Monte Carlo numbers; nu4 is 9990012 because 9900012 has decays of its own in Pythia.
PDG_ID = {
    "e": 11, "nu_e": 12, "mu": 13, "nu_mu": 14, "tau": 15, "nu_tau": 16,
    "pi+": 211, "K+": 321, "D+": 411, "D_s+": 431, "B+": 521,
    "Z": 23, "W+": 24, "h": 25, "phi": 51, "chi": 52, "nu4": 9990012,
}  # fmt: skip

_MASSES_GEV: dict[str, float] = {
    "e": c.M_E, "mu": c.M_MU, "tau": c.M_TAU,
    "pi+": c.M_PI, "K+": c.M_K, "D+": c.M_D, "D_s+": c.M_DS, "B+": c.M_B,
    "pi0": c.M_PI0, "mu-": c.M_MU, "tau-": c.M_TAU, "W+": c.M_W, "Z": c.M_Z, "h": c.M_H,
}  # fmt: skip

#: Pseudoscalar mesons that decay to a charged lepton and a neutrino.
MESONS = ("pi+", "K+", "D+", "D_s+", "B+")
#: Leptons that decay to a lighter charged lepton and two neutrinos, and their flavours.
DECAYING_LEPTONS = {"mu-": "mu", "tau-": "tau"}


def mass(name: str) -> float:
    """Mass of a Standard Model particle.

    Parameters
    ----------
    name : str
        PDG-style name: a charged lepton (``e``, ``mu``, ``tau``), ``pi0`` or a parent (``pi+``, ``K+``, ``D+``,
        ``D_s+``, ``B+``, ``mu-``, ``tau-``, ``W+``, ``Z``, ``h``).

    Returns
    -------
    float
        Mass in GeV.

    Raises
    ------
    InputError
        If the name is not known.
    """
    try:
        return float(_MASSES_GEV[name])
    except KeyError:
        raise unknown("particle", name, _MASSES_GEV) from None


def check_flavour(flavour: str) -> str:
    """Return `flavour` if it is one of ``e``, ``mu``, ``tau``, else raise `InputError`."""
    if flavour not in FLAVOURS:
        raise unknown("flavour", flavour, FLAVOURS)
    return flavour

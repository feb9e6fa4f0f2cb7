"""Branching ratios of M -> l nu in the Standard Model, which normalise every rate of this package."""

from __future__ import annotations

import math
import tomllib
from functools import cache
from importlib.resources import files

from mesons.decays.two_body import parent_and_lepton_mass
from nucore.model import constants as c
from nucore.model.particles import mass

_MUON_CHANNEL = {
    "pi+": c.BR_PI_MUNU,
    "K+": c.BR_K_MUNU,
    "D+": c.BR_D_MUNU,
    "D_s+": c.BR_DS_MUNU,
}


@cache
def _measured() -> dict[tuple[str, str], float]:
    text = (files("mesons.decays") / "data" / "leptonic-branching-ratios.toml").read_text(encoding="utf-8")
    channels = {(entry["parent"], entry["lepton"]): entry["value"] for entry in tomllib.loads(text)["channel"]}
    return channels | {(parent, "mu"): float(value) for parent, value in _MUON_CHANNEL.items()}


def helicity_factor(parent: str, lepton: str) -> float:
    """m_l^2 (1 - m_l^2/M^2)^2 in GeV^2, to which the lowest-order width of M -> l nu is proportional."""
    m_parent, m_lepton = parent_and_lepton_mass(parent, lepton)
    return m_lepton**2 * (1.0 - (m_lepton / m_parent) ** 2) ** 2


def leptonic_branching_ratio(parent: str, lepton: str) -> float:
    """Branching ratio of M -> l nu with massless neutrinos.

    Measured where it is; otherwise the measured muon channel times the lowest-order ratio of widths, and for
    B+ the lowest-order width with the lattice decay constant and |V_ub|.

    Parameters
    ----------
    parent, lepton : str
        ``pi+``, ``K+``, ``D+``, ``D_s+``, ``B+``; ``e``, ``mu``, ``tau``.

    Returns
    -------
    float

    Raises
    ------
    InputError
        If a name is not known or the decay is closed.
    """
    helicity = helicity_factor(parent, lepton)
    measured = _measured()
    if (parent, lepton) in measured:
        return measured[parent, lepton]
    if parent in _MUON_CHANNEL:
        return measured[parent, "mu"] * helicity / helicity_factor(parent, "mu")
    width = (float(c.G_F) * float(c.F_B) * float(c.V_UB)) ** 2 * mass(parent) * helicity / (8.0 * math.pi)
    return width * float(c.TAU_B) / float(c.HBAR_GEV_S)

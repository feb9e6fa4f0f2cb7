"""How much of M -> l nu4 a peak search still sees when nu4 is broad."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from mesons.decays.three_body import ThreeBodyDecay, parent_and_lepton_mass, ratio_in_bins
from mesons.decays.two_body import peak_momentum
from nucore.model.widths import two_body_ratio


@lru_cache(maxsize=4096)
def fraction_in_window(
    parent: str, lepton: str, m_chi: float, m_phi: float, m4: float, yL: float, half_width_GeV: float
) -> float:
    """Rate of M -> l chi phi within a window of the invisible mass around m4, over that of M -> l nu4 if narrow.

    Parameters
    ----------
    parent, lepton : str
        As in `mesons.decays.two_body`.
    m_chi, m_phi, m4 : float
        GeV.
    yL : float
    half_width_GeV : float
        Of the window in the invisible mass.

    Returns
    -------
    float
        1 for a narrow nu4; NaN where M -> l nu4 or nu4 -> chi phi* is closed.

    References
    ----------
    arXiv:1709.07001, Eq. 12 with the nu4 propagator; the paper takes nu4 as narrow.
    """
    m_parent, m_lepton = parent_and_lepton_mass(parent, lepton)
    narrow = float(two_body_ratio(m_parent, m_lepton, m4))
    if narrow == 0.0 or m4 <= m_chi + m_phi:
        return math.nan
    decay = ThreeBodyDecay(m_parent, m_lepton, m_chi, m_phi, m4, yL, 1.0, 0.0)
    masses = np.array([m4 + half_width_GeV, m4 - half_width_GeV])
    edges = np.asarray(peak_momentum(parent, lepton, np.maximum(masses, 0.0)), dtype=np.float64)
    return float(ratio_in_bins(decay, edges).sum()) / narrow

"""How much of M -> l nu4 a peak search still sees when nu4 is broad."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from mesons.decays.channels import decay_channel
from mesons.decays.three_body import ratio_in_bins
from nucore.model.kinematics import two_body_momentum


@lru_cache(maxsize=4096)
def fraction_in_window(
    parent: str, lepton: str, m_chi: float, m_phi: float, m4: float, yL: float, half_width_GeV: float
) -> float:
    """Rate of M -> l chi phi within a window of the invisible mass around m4, over that of M -> l nu4 if narrow.

    Parameters
    ----------
    parent, lepton : str
        As in `mesons.decays.channels.decay_channel`.
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
    channel = decay_channel(parent, lepton)
    narrow = channel.nu4_ratio(m4)
    if narrow == 0.0 or m4 <= m_chi + m_phi:
        return math.nan
    decay = channel.dark(m_chi, m_phi, m4, yL)
    masses = np.array([m4 + half_width_GeV, m4 - half_width_GeV])
    edges = np.asarray(two_body_momentum(*channel.masses, np.maximum(masses, 0.0)), dtype=np.float64)
    return float(ratio_in_bins(decay, edges).sum()) / narrow

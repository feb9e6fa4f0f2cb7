"""How much of M -> l nu4 a peak search still sees when nu4 is broad."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mesons.decays.channels import decay_channel
from mesons.decays.dark_ratios import dark_ratios
from nucore.model.kinematics import two_body_momentum
from nucore.model.points import ParameterPoints

Array = NDArray[np.float64]


def fractions_in_window(parent: str, lepton: str, points: ParameterPoints, half_width_GeV: float) -> Array:
    """Rate of M -> l chi phi within a window of the invisible mass around m4, over that of M -> l nu4 if narrow.

    Below the threshold of nu4 -> chi phi* it is the part of chi phi that lies in the window, beside the peak of nu4.

    Parameters
    ----------
    parent, lepton : str
        As in `mesons.decays.channels.decay_channel`.
    points : ParameterPoints
    half_width_GeV : float
        Of the window in the invisible mass.

    Returns
    -------
    array, shape (n,)
        1 for a narrow nu4 that decays to chi phi, 0 where chi phi is out of reach; NaN where M -> l nu4 is closed, and
        where chi phi is open and yR is not zero.

    References
    ----------
    arXiv:1709.07001, Eq. 12 with the nu4 propagator; the paper takes nu4 as narrow.
    """
    channel = decay_channel(parent, lepton)
    m_parent, m_lepton = channel.masses
    is_open = (points.m4 < m_parent - m_lepton) & (points.U_sq(lepton) > 0.0)
    fractions = np.full(points.n, np.nan)
    if is_open.any():
        some = points.take(is_open)
        low = two_body_momentum(m_parent, m_lepton, some.m4 + half_width_GeV)
        high = two_body_momentum(m_parent, m_lepton, np.maximum(some.m4 - half_width_GeV, 0.0))
        seen = dark_ratios(parent, lepton, some, [(low, high)])[0]
        fractions[is_open] = seen / (some.U_sq(lepton) * channel.nu4_ratio(some.m4))
    return fractions

"""Positron spectrum of muon decay with one massive neutrino and the shift of the Michel parameter it looks like.

With w = m4^2/[m_mu^2 (1-x)], x = 2 E/m_mu and the electron massless,

    d Gamma4/dx = 2 x^2 (1-w)^2 [(1-w)(1-x) + (1+2w)(2-x)],    x < 1 - m4^2/m_mu^2,

for either neutrino (their tensor is symmetric), against 2 x^2 (3-2x) for massless ones; it integrates to
`nucore.model.widths.muon_decay_factor`.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nucore.model import constants as c

Array = NDArray[np.float64]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)


def michel_spectrum(x: ArrayLike, m4: float = 0.0) -> Array:
    """Return dGamma/dx over the total rate with massless neutrinos.

    Parameters
    ----------
    x : float or array
        2 E/m_mu in [0, 1].
    m4 : float
        GeV.
    """
    x = np.asarray(x, dtype=np.float64)
    rest = np.maximum(1.0 - x, 1e-300)
    w = np.minimum((m4 / float(c.M_MU)) ** 2 / rest, 1.0)
    return np.asarray(2.0 * x**2 * (1.0 - w) ** 2 * ((1.0 - w) * (1.0 - x) + (1.0 + 2.0 * w) * (2.0 - x)))


@lru_cache(maxsize=4096)
def michel_response(m4: float, window: tuple[float, float]) -> float:
    """Shift of the fitted Michel parameter rho per unit of |U_l4|^2, its normalisation floating.

    Parameters
    ----------
    m4 : float
        GeV.
    window : (float, float)
        Range of x in the fit, weighted with the inverse of the expected spectrum.
    """
    end = 1.0 - (m4 / float(c.M_MU)) ** 2
    cuts = sorted({window[0], min(max(end, window[0]), window[1]), window[1]})
    nodes, weights = _NODES, _WEIGHTS
    low, high = np.array(cuts[:-1])[:, None], np.array(cuts[1:])[:, None]
    x = (0.5 * (high + low) + 0.5 * (high - low) * nodes).ravel()
    weight = (0.5 * (high - low) * weights).ravel() / michel_spectrum(x)
    shapes = np.stack([michel_spectrum(x), 8.0 / 3.0 * x**2 * (4.0 * x - 3.0)])  # normalisation, d/d rho
    change = michel_spectrum(x, m4) - michel_spectrum(x)
    solution: Array = np.linalg.solve((shapes * weight) @ shapes.T, (shapes * weight) @ change)
    return float(solution[1])

"""Running strong coupling."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from nucore.model import constants as c

Array = NDArray[np.float64]

#: Five flavours above the bottom (no top), four above the charm (MSbar masses, GeV, PDG 2024), three below.
_THRESHOLDS = (1.27, 4.18)
_LOWEST, _HIGHEST = 0.9, 20000.0


def alpha_s(scale: Array) -> Array:
    """Strong coupling at two loops, continuous at the bottom and charm masses.

    Parameters
    ----------
    scale : array
        GeV, from 0.9 to 20000; clipped to this range.

    Returns
    -------
    array
        0.118 at m_Z, 0.32 at m_tau.
    """
    logs, couplings = _table()
    return np.interp(np.log(scale), logs, couplings)


@cache
def _table() -> tuple[Array, Array]:
    """Log of the scale (rising) and coupling, from m_Z down and up."""
    below, above = (np.linspace(math.log(float(c.M_Z)), math.log(end), 100) for end in (_LOWEST, _HIGHEST))
    return np.concatenate([below[:0:-1], above]), np.array(_couplings(below)[:0:-1] + _couplings(above))


def _couplings(logs: Array) -> list[float]:
    """Couplings at equal steps of the log of the scale, the first of which is m_Z, by Runge-Kutta steps."""
    step = float(logs[1] - logs[0])
    couplings = [float(c.ALPHA_S_MZ)]
    for log in logs[:-1]:
        a = couplings[-1]
        k1 = _beta(a, log)
        k2 = _beta(a + 0.5 * step * k1, log + 0.5 * step)
        k3 = _beta(a + 0.5 * step * k2, log + 0.5 * step)
        k4 = _beta(a + step * k3, log + step)
        couplings.append(a + step / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4))
    return couplings


def _beta(a: float, log: float) -> float:
    """Derivative d alpha_s / d ln(scale) at two loops."""
    flavours = 3 + sum(log > math.log(mass) for mass in _THRESHOLDS)
    b0, b1 = 11.0 - 2.0 / 3.0 * flavours, 102.0 - 38.0 / 3.0 * flavours
    return -(a**2) / (2.0 * math.pi) * (b0 + b1 * a / (4.0 * math.pi))


def hadronic_correction(scale: Array) -> Array:
    """Factor 1 + delta of the width of W, Z or a lepton to quarks at this scale.

    ``1 + a + 5.2 a^2 + 26.4 a^3``, a = alpha_s/pi.

    References
    ----------
    S. G. Gorishny, A. L. Kataev, S. A. Larin, Phys. Lett. B 259 (1991) 144; used for nu4 in arXiv:1805.08567.
    """
    a = alpha_s(scale) / np.pi
    return 1.0 + a * (1.0 + a * (5.2 + 26.4 * a))

"""Scans of m_chi: how the other masses follow, and the mixing that gives a branching ratio."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from scipy.optimize import brentq

from mesons.decays.branching import leptonic_branching_ratio
from mesons.decays.three_body import three_body_ratio
from mesons.decays.three_body_decay import ThreeBodyDecay
from mesons.experiments.cards import Experiment
from nucore.errors import InputError
from nucore.limits.recast import MassRule

#: Below this |U|^2 the rate is corrected to first order instead of solved for.
_SMALL_MIXING = 1e-5


@dataclass(frozen=True)
class DarkScan:
    """How m_phi, m4 and yL follow from m_chi in a scan.

    Attributes
    ----------
    m4 : str
        ``"10x"`` (times m_chi, any positive number) or a mass in GeV.
    ratio : float
        m_phi / m_chi, above 1.
    yL : float
    """

    m4: str
    ratio: float
    yL: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.yL) and self.yL > 0.0):
            raise InputError(f"invalid yL = {self.yL:g}: expected a positive number")
        MassRule(self.ratio, self.m4)

    def nu4_mass(self, m_chi: float) -> float:
        """Return m4 in GeV at m_chi in GeV."""
        return float(MassRule(self.ratio, self.m4).nu4_mass(m_chi))

    def decay(self, experiment: Experiment, m_chi: float, s_sq: float = 0.0) -> ThreeBodyDecay:
        """Decay at m_chi (GeV) with |U_l4|^2 = 1 in the coupling and `s_sq` elsewhere."""
        m_phi, m4 = self.ratio * m_chi, self.nu4_mass(m_chi)
        return experiment.channel.dark(m_chi, m_phi, m4, self.yL, s_sq=s_sq)


@lru_cache(maxsize=256)
def _rate(decay: ThreeBodyDecay) -> float:
    """`three_body_ratio`, which the median and the band of a point ask for again and again."""
    return three_body_ratio(decay)


def mixing_of_branching_ratio(
    experiment: Experiment, scan: DarkScan, m_chi: float, br: float, br_at: Callable[[float], float] | None = None
) -> float | None:
    """Solve BR(M -> l chi phi) = br for |U_l4|^2.

    Parameters
    ----------
    experiment, scan, m_chi
        What decays.
    br : float
        Target at small |U_l4|^2.
    br_at : callable, optional
        Target at |U_l4|^2 = u in place of a constant one.

    Returns
    -------
    float or None
        The smaller solution; None where |U|^2 (1 - |U|^2) would have to exceed 1/4.
    """
    if br == 0.0:
        return 0.0
    standard = leptonic_branching_ratio(experiment.parent, experiment.lepton)

    def excess(u: float) -> float:
        target = (br if br_at is None else br_at(u)) / standard
        return u * _rate(scan.decay(experiment, m_chi, u)) / target - 1.0

    first = br / standard / _rate(scan.decay(experiment, m_chi))
    if first < _SMALL_MIXING:
        # the rate is linear in u but for a relative correction of order u
        return first / (1.0 + excess(first))
    if excess(0.5) < 0.0:
        return None
    return float(brentq(excess, 0.0, 0.5, xtol=1e-15, rtol=1e-12))

"""Limits on |U_l4|^2, and the rate of M -> l chi phi as a function of it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from mesons.decays.three_body import three_body_ratio
from mesons.decays.three_body_decay import ThreeBodyDecay
from mesons.experiments.cards import Experiment
from nucore.model.parameters import PortalParameters
from nucore.stats.results import BAND

Array = NDArray[np.float64]

#: Mixings at which the rate is computed to bracket a solution.
_LAW_POINTS = 64


@dataclass(frozen=True)
class MixingLimits:
    """Expected limits on |U_l4|^2 at one mass.

    Attributes
    ----------
    mixings : mapping
        ``median`` and the band; None where nothing is excluded.
    br : float or None
        Median limit on the branching ratio of the signal.
    spurious_signal : float or None
        Signal that the fit finds in the alternative background, in statistical standard deviations.
    reason : str or None
        Why there is no median.
    """

    mixings: Mapping[str, float | None] = field(default_factory=lambda: dict.fromkeys(("median", *BAND)))
    br: float | None = None
    spurious_signal: float | None = None
    reason: str | None = None


@dataclass(frozen=True)
class MixingLaw:
    """Rate of M -> l chi phi against |U_l4|^2 = u at the masses, yL and other mixings of a parameter point.

    The rate is u (1 - s^2) times an integral that knows s^2 = u + (the other flavours) through the propagator:
    about u (1 - s^2) off shell, and u where a narrow nu4 is on shell. It rises up to some u and falls beyond.

    Attributes
    ----------
    decay : ThreeBodyDecay
        With ``U_sq = 1`` and the s^2 of the point.
    others : float
        Sum of |U|^2 of the other flavours.
    """

    decay: ThreeBodyDecay
    others: float

    @classmethod
    def at(cls, experiment: Experiment, parameters: PortalParameters) -> MixingLaw:
        """Law at a parameter point."""
        decay = experiment.channel.dark_decay(parameters)
        others = max(0.0, parameters.U4_sq - parameters.U_sq(experiment.lepton))
        return cls(dataclasses.replace(decay, U_sq=1.0), others)

    def rate(self, u: float) -> float:
        """Gamma(M -> l chi phi) / Gamma(M -> l nu) at |U_l4|^2 = u."""
        return u * three_body_ratio(dataclasses.replace(self.decay, s_sq=self.others + u))

    @cached_property
    def _grid(self) -> tuple[Array, Array]:
        """Mixings up to the largest allowed, and their rates up to the highest."""
        mixings = (1.0 - self.others) * np.linspace(0.0, 1.0, _LAW_POINTS + 1)[:-1]
        rates = np.array([self.rate(float(u)) for u in mixings])
        rising = int(np.argmax(rates)) + 1
        return mixings[:rising], rates[:rising]

    def mixing(self, fitted: float) -> float:
        """|U_l4|^2 whose rate is that of a fitted secant parameter of `build_likelihood`.

        Parameters
        ----------
        fitted : float
            Signal rate over that of |U_l4|^2 = 1 with the s^2 of the point.

        Returns
        -------
        float
            The smallest solution; NaN where the rate exceeds that of any mixing. A negative rate is continued
            linearly.
        """
        target = fitted * three_body_ratio(self.decay)
        mixings, rates = self._grid
        if fitted <= 0.0:
            return target / three_body_ratio(dataclasses.replace(self.decay, s_sq=self.others))
        if not target <= rates[-1]:
            return math.nan
        above = int(np.searchsorted(rates, target))
        low, high = float(mixings[above - 1]), float(mixings[above])
        return float(brentq(lambda u: self.rate(u) - target, low, high, xtol=1e-300, rtol=1e-12))

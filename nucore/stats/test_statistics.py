"""Profile likelihood ratios and the test statistics of arXiv:1007.1727."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr

from nucore.errors import FitError, InputError
from nucore.stats.global_minimum import find_minimum
from nucore.stats.likelihood import Likelihood
from nucore.stats.minimise import Minimum

Array = NDArray[np.float64]


_APPROACH = (0.5, 0.75, 0.9, 0.97, 0.99, 0.997, 0.999)
"""Fractions of the way to a value that nominal nuisance parameters make impossible."""


class ProfileLikelihood:
    """Likelihood profiled over all nuisance parameters; caches its fits.

    Parameters
    ----------
    likelihood : Likelihood
    """

    def __init__(self, likelihood: Likelihood) -> None:
        self.likelihood = likelihood
        self._best: dict[bool, Minimum] = {}
        self._conditional: dict[float, Minimum] = {}
        self._excluded: set[float] = set()

    def best(self, physical: bool = True) -> Minimum:
        """Global minimum, with the parameter of interest within its physical bounds or free."""
        if physical not in self._best:
            self._best[physical] = find_minimum(self.likelihood, physical=physical)
        return self._best[physical]

    def add(self, minimum: Minimum) -> None:
        """Offer a known conditional minimum as a starting point for others."""
        self._conditional[float(minimum.theta[0])] = minimum

    def conditional(self, mu: float) -> Minimum:
        """Minimum over the nuisance parameters at a fixed value of the parameter of interest.

        Raises
        ------
        FitError
            No minimum found; also if `mu` makes the expectation negative.
        """
        if mu not in self._conditional:
            start = self._conditional[self._nearest(mu)].theta if self._conditional else None
            self._conditional[mu] = find_minimum(self.likelihood, fixed={self.likelihood.model.poi: mu}, start=start)
        return self._conditional[mu]

    def _nearest(self, mu: float) -> float:
        return min(self._conditional, key=lambda known: abs(known - mu))

    def value(self, mu: float) -> float:
        """Profiled negative log-likelihood; infinite where `mu` makes the expectation negative."""
        if mu in self._excluded:
            return np.inf
        try:
            return self.conditional(mu).value
        except FitError:
            if not self._impossible(mu):
                raise
        if self._approach(mu):
            return self.conditional(mu).value
        self._excluded.add(mu)
        return np.inf

    def _approach(self, mu: float) -> bool:
        """Whether a path of minima leads from the nearest known one to `mu`, where nominal nuisances cannot."""
        if not self._conditional:
            return False
        origin = self._nearest(mu)
        for fraction in _APPROACH:
            try:
                self.conditional(origin + fraction * (mu - origin))
            except FitError:
                return False
        return not self._impossible(mu)

    def _impossible(self, mu: float) -> bool:
        """Whether `mu` gives infinite likelihood with the nuisance parameters of every fit done so far."""
        known = [m.theta for m in (*self._conditional.values(), *self._best.values())]
        for theta in (*known, self.likelihood.model.start(self.likelihood.observation)):
            point = theta.copy()
            point[0] = mu
            if np.isfinite(self.likelihood.value(point)):
                return False
        return True

    def ratio(self, mu: float, physical: bool = True) -> float:
        """t_mu = 2 [NLL(mu) - NLL(best)], >= 0 (Eq. 8)."""
        return max(0.0, 2.0 * (self.value(mu) - self.best(physical).value))


def q_mu_tilde(profile: ProfileLikelihood, mu: float) -> float:
    """Upper-limit statistic q_mu tilde: 0 if the best fit within the physical bounds lies above mu, else t_mu tilde.

    An upper bound changes nothing for mu below it: where it holds the best fit, q is 0.

    References
    ----------
    arXiv:1007.1727, Eq. 16.
    """
    lower, upper = profile.likelihood.model.poi_bounds
    if not lower <= mu <= upper:
        raise InputError(f"q_mu_tilde: mu={mu} is outside the physical range [{lower}, {upper}]")
    best = float(profile.best(physical=True).theta[0])
    return 0.0 if best > mu else profile.ratio(mu, physical=True)


def q_0(profile: ProfileLikelihood) -> float:
    """Discovery statistic q_0: t_0 if the best fit is positive, else 0.

    References
    ----------
    arXiv:1007.1727, Eq. 12.
    """
    best = float(profile.best(physical=False).theta[0])
    return 0.0 if best < 0.0 else profile.ratio(0.0, physical=False)


def log_p_values(q: float, q_asimov: float) -> tuple[float, float]:
    """Logarithms of CLs+b and CLb for q_mu tilde, asymptotically.

    Parameters
    ----------
    q : float, >= 0
        q_mu tilde of the data.
    q_asimov : float, > 0
        q_mu tilde of the background-only Asimov data, i.e. mu^2 / sigma^2.

    References
    ----------
    arXiv:1007.1727, Eqs. 65 to 67, with mu' = mu and mu' = 0.
    """
    root, root_asimov = float(np.sqrt(q)), float(np.sqrt(q_asimov))
    if root <= root_asimov:
        signal, background = root, root - root_asimov
    else:
        signal, background = (q + q_asimov) / (2.0 * root_asimov), (q - q_asimov) / (2.0 * root_asimov)
    return float(log_ndtr(-signal)), float(log_ndtr(-background))

"""Upper limits on the parameter of interest from asymptotic formulae.

Three conventions, all from q_mu tilde with the best fit within the physical bounds:

``cls``
    CLs = CLs+b / CLb equals 1 - confidence level. The default.
``clsb``
    CLs+b equals 1 - confidence level: the plain one-sided limit.
``delta-chi2``
    2 (NLL - NLL at the best fit) equals the quantile of chi-square with one degree of freedom at
    the confidence level (2.706 at 90%), above the best fit.

For data that fluctuate by N sigma the best fit is N sigma_mu, and with q_A = mu^2 / sigma_mu^2 of
the background-only Asimov data each convention becomes a condition sqrt(q_A) = k(N):

- cls: k = N + Phi^-1(1 - alpha Phi(N)) (arXiv:1007.1727, Eq. 89 with the CLs replacement alpha -> alpha Phi(N));
- clsb: k = N + Phi^-1(1 - alpha); no positive value survives where that is negative;
- delta-chi2 with z^2 the quantile: k = N + z for N >= 0. For N < 0 the physical best fit is 0, so
  that q_A - 2 N sqrt(q_A) = z^2 and k = N + sqrt(N^2 + z^2).

At N = 0, k^2 is 2.706 for ``cls`` and ``delta-chi2`` at 90%, and 1.642 for ``clsb``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import get_args

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from nucore.errors import InputError, unknown
from nucore.stats.global_minimum import ImpossibleDataError
from nucore.stats.likelihood import Likelihood
from nucore.stats.minimise import Minimum
from nucore.stats.model import Model
from nucore.stats.results import BAND, LimitMethod, UpperLimit
from nucore.stats.test_statistics import ProfileLikelihood, log_p_values

Array = NDArray[np.float64]
METHODS: tuple[str, ...] = get_args(LimitMethod)

RELATIVE_PRECISION = 1e-6
"""Relative precision of the root that is a limit."""
_FLOOR = 1e-5  # smallest limit, in standard deviations, that differs from 0
_LARGE = 1e12
_MAX_DOUBLINGS = 400


@dataclass(frozen=True)
class LimitChoice:
    """Convention and confidence level of an upper limit.

    Attributes
    ----------
    confidence_level : float
        Between 0.5 and 1.
    method : "cls", "clsb" or "delta-chi2"

    Raises
    ------
    InputError
        If the confidence level is out of range or the method unknown.
    """

    confidence_level: float = 0.90
    method: LimitMethod = "cls"

    def __post_init__(self) -> None:
        if not 0.5 < self.confidence_level < 1.0:
            raise InputError(f"confidence level must be between 0.5 and 1, got {self.confidence_level:g}")
        if self.method not in METHODS:
            raise unknown("limit", self.method, METHODS)

    def expected(self, model: Model) -> UpperLimit:
        """Median and band of the limit on the parameter of interest for background-only (Asimov) data."""
        return upper_limit(Likelihood(model, model.asimov({model.poi: 0.0})), self, observed=False)

    def quantiles(self, model: Model) -> dict[str, float | None]:
        """Median (key ``median``) and band of `expected` in one mapping."""
        found = self.expected(model)
        return {"median": found.expected, **found.band}


def asimov_threshold(method: str, confidence_level: float, fluctuation: float = 0.0) -> float:
    """Value of sqrt(q_A) at the limit expected for data fluctuated by `fluctuation` sigma.

    Parameters
    ----------
    method : "cls", "clsb" or "delta-chi2"
    confidence_level : float in (0.5, 1)
    fluctuation : float
        In sigma; positive is signal-like.

    Returns
    -------
    float
        Not positive where every positive value is excluded (``clsb`` only).
    """
    alpha = 1.0 - confidence_level
    if method == "cls":
        return float(fluctuation - ndtri(alpha * ndtr(fluctuation)))
    if method == "clsb":
        return float(fluctuation - ndtri(alpha))
    z = -float(ndtri(alpha / 2.0))
    return fluctuation + z if fluctuation >= 0.0 else fluctuation + math.hypot(fluctuation, z)


def _find_crossing(
    excess: Callable[[float], float], guess: float, floor: float, upper: float
) -> tuple[float | None, str | None]:
    """Where an increasing function of mu crosses zero, for any scale of mu.

    Returns the root, or None with the reason if `excess` stays negative up to `upper`, or 0 with
    the reason if it is positive down to `floor`.
    """

    def capped(log_mu: float) -> float:
        return float(np.clip(excess(math.exp(log_mu)), -_LARGE, _LARGE))

    log_upper = math.log(upper)
    high = low = min(math.log(guess), log_upper)
    at_high = at_low = capped(low)
    step = 0.05
    for _ in range(_MAX_DOUBLINGS):
        if at_high >= 0.0:
            break
        if high >= log_upper:
            return None, f"no value up to the physical bound {upper:g} is excluded"
        low, at_low = high, at_high
        high = min(high + step, log_upper)
        at_high, step = capped(high), min(2.0 * step, 1.0)
    else:
        return None, "no value is excluded"
    bottom = math.log(floor)
    while at_low >= 0.0:
        if low <= bottom:
            return 0.0, "every positive value is excluded (downward fluctuation)"
        high, at_high = low, at_low
        low = max(low - step, bottom)
        at_low, step = capped(low), 2.0 * step
    root = brentq(capped, low, high, xtol=RELATIVE_PRECISION, rtol=1e-12)
    return math.exp(root), None


class _Limits:
    """Observed and expected limits of one likelihood: shares the fits among them."""

    def __init__(self, likelihood: Likelihood, choice: LimitChoice) -> None:
        self.method, self.confidence_level = choice.method, choice.confidence_level
        model = likelihood.model
        self.upper = min(model.poi_bounds[1], 1e300)
        self.data = ProfileLikelihood(likelihood)
        background = self.data.conditional(0.0)
        asimov = Likelihood(model, model.asimov(background.theta))
        self.asimov = ProfileLikelihood(asimov)
        nothing = np.zeros(background.theta.size, dtype=bool)
        self.asimov.add(Minimum(background.theta, 0.0, 0.0, 0, True, "", nothing, nothing))
        self.sigma = self._sigma(asimov, background.theta)

    @staticmethod
    def _sigma(asimov: Likelihood, theta: Array) -> float:
        """Uncertainty of the parameter of interest for background-only data; infinite without sensitivity."""
        with np.errstate(divide="ignore", invalid="ignore"):
            fisher = asimov.derivatives(theta).fisher
        scale = np.sqrt(np.diag(fisher))
        if not scale[0] > 0.0:
            return math.inf
        scale[scale == 0.0] = 1.0
        return float(np.sqrt(np.linalg.pinv(fisher / scale / scale[:, None], hermitian=True)[0, 0]) / scale[0])

    def root_q_asimov(self, mu: float) -> float:
        """sqrt(q_A): the Asimov data are their own saturated model, so their best fit is exactly 0."""
        return math.sqrt(max(0.0, 2.0 * self.asimov.value(mu)))

    def expected(self, fluctuation: float) -> tuple[float | None, str | None]:
        threshold = asimov_threshold(self.method, self.confidence_level, fluctuation)
        if threshold <= 0.0:
            return 0.0, "every positive value is excluded (downward fluctuation)"
        if not math.isfinite(self.sigma):
            return None, "the signal changes no bin"

        def excess(mu: float) -> float:
            root = self.root_q_asimov(mu)
            return math.log(root / threshold) if root > 0.0 else -_LARGE

        return _find_crossing(excess, threshold * self.sigma, _FLOOR * self.sigma, self.upper)

    def observed(self) -> tuple[float | None, str | None]:
        if not math.isfinite(self.sigma):
            return None, "the signal changes no bin"
        best = float(self.data.best(physical=True).theta[0])
        guess = max(best, 0.0) + asimov_threshold("cls", self.confidence_level) * self.sigma
        return _find_crossing(lambda mu: self._excess(mu, best), guess, _FLOOR * self.sigma, self.upper)

    def _excess(self, mu: float, best: float) -> float:
        """Positive where mu is excluded."""
        q = 0.0 if mu <= best else self.data.ratio(mu, physical=True)
        if self.method == "delta-chi2":
            z = -float(ndtri((1.0 - self.confidence_level) / 2.0))
            return math.log(math.sqrt(q) / z) if 0.0 < q < math.inf else math.copysign(_LARGE, q - 1.0)
        q_asimov = self.root_q_asimov(mu) ** 2
        if not (math.isfinite(q) and math.isfinite(q_asimov)):
            return _LARGE
        if q_asimov == 0.0:
            return -_LARGE
        log_signal, log_background = log_p_values(q, q_asimov)
        log_p = log_signal - log_background if self.method == "cls" else log_signal
        return math.log(1.0 - self.confidence_level) - log_p


def no_limit(parameter: str, choice: LimitChoice, reason: str) -> UpperLimit:
    """Return the limit that does not exist, with the reason."""
    return UpperLimit(
        parameter, choice.method, choice.confidence_level, None, None, dict.fromkeys(BAND), reason, reason
    )


def upper_limit(
    likelihood: Likelihood, choice: LimitChoice = LimitChoice(), *, observed: bool = True, expected: bool = True
) -> UpperLimit:
    """Upper limit on the parameter of interest, observed and expected, asymptotically.

    There is none on data that are impossible without signal.

    The expected limit is for data without signal, with the nuisance parameters fitted to the data
    at zero signal.

    Parameters
    ----------
    likelihood : Likelihood
    choice : LimitChoice
    observed, expected : bool
        Which of them to compute.

    Raises
    ------
    FitError
        A minimisation failed.

    References
    ----------
    arXiv:1007.1727; CLs: J. Phys. G 28 (2002) 2693.
    """
    try:
        limits = _Limits(likelihood, choice)
    except ImpossibleDataError as error:
        reason = f"the data are impossible without signal: at {likelihood.model.poi} = 0, {error}"
        return no_limit(likelihood.model.poi, choice, reason)
    data, data_reason = limits.observed() if observed else (None, "not asked for")
    median, median_reason = limits.expected(0.0) if expected else (None, "not asked for")
    return UpperLimit(
        parameter=likelihood.model.poi,
        method=choice.method,
        confidence_level=choice.confidence_level,
        observed=data,
        expected=median,
        band={name: limits.expected(n)[0] for name, n in BAND.items()} if expected else {},
        observed_reason=data_reason,
        expected_reason=median_reason,
    )

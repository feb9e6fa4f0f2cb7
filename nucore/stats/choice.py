"""Which upper limit is meant."""

from __future__ import annotations

from dataclasses import dataclass

from nucore.errors import InputError
from nucore.stats.model import Model
from nucore.stats.results import UpperLimit
from nucore.stats.upper_limits import METHODS, LimitMethod, expected_limit


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
            raise InputError(f"invalid confidence level {self.confidence_level:g}: expected a number between 0.5 and 1")
        if self.method not in METHODS:
            raise InputError(f"unknown limit {self.method!r}: expected one of {', '.join(METHODS)}")

    def expected(self, model: Model) -> UpperLimit:
        """Median and band of the limit on the parameter of interest for background-only data."""
        return expected_limit(model, confidence_level=self.confidence_level, method=self.method)

    def quantiles(self, model: Model) -> dict[str, float | None]:
        """Median (key ``median``) and band of `expected` in one mapping."""
        found = self.expected(model)
        return {"median": found.expected, **found.band}

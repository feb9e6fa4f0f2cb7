"""What a user may choose of the analysis of a meson experiment."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from mesons.backgrounds.background_model import BackgroundModel
from mesons.inference.background_systematic import SystematicChoice
from nucore.errors import InputError, unknown

Method = Literal["spectrum", "window"]

#: Benchmark coupling of arXiv:1709.07001.
YL_BENCHMARK = 4.0 * math.pi
_HIGHEST_DEGREE = 9


@dataclass(frozen=True)
class AnalysisOptions:
    """Signal and background of a fit.

    Attributes
    ----------
    two_body : bool
        The signal is the peak of an invisible nu4, not M -> l chi phi (on-shell nu4 included).
    background_model : "floating", "known" or "radiative"
        See `mesons.backgrounds.background_model`.
    background_degree : int, optional
        Of ln B in ln p in the fit, 0 to 9; that of the model by default (0: known shape, free normalisation).
    background_systematic : "none" or "published"
        ``none``: statistics alone. ``published``: with the uncertainty of the background's shape that reproduces the
        published limit on M -> l nu nu nubar.

    Raises
    ------
    InputError
        For values that are not allowed.
    """

    two_body: bool = False
    background_model: BackgroundModel = "floating"
    background_degree: int | None = None
    background_systematic: SystematicChoice = "none"

    def __post_init__(self) -> None:
        _one_of("background model", self.background_model, get_args(BackgroundModel))
        _one_of("background systematic", self.background_systematic, get_args(SystematicChoice))
        if self.background_degree is not None and not 0 <= self.background_degree <= _HIGHEST_DEGREE:
            raise InputError(
                f"invalid background degree {self.background_degree}: expected an integer from 0 to {_HIGHEST_DEGREE}"
            )


@dataclass(frozen=True)
class ReachOptions(AnalysisOptions):
    """Further choices of a reach.

    Attributes
    ----------
    m4 : str or float
        Mass of nu4 in a scan of m_chi: in GeV (``400``), or as a multiple of m_chi (``10x``).
    ratio : float
        m_phi / m_chi.
    yL : float, optional
        4 pi by default.
    method : "spectrum" or "window"
        ``window`` recasts the published limit on a branching ratio (observed).
    scaling : str, optional
        Of a card that scales another one (``na62-full``: ``paper`` or ``trigger``).
    """

    m4: str | float = "400"
    ratio: float = 3.0
    yL: float | None = None
    method: Method = "spectrum"
    scaling: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "m4", str(self.m4))
        _one_of("method", self.method, get_args(Method))
        if self.two_body and self.method == "window":
            raise InputError("method window recasts a three-body limit: expected spectrum for a two-body reach")


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise unknown(name, value, allowed)

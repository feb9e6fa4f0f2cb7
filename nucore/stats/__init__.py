"""Binned likelihood, fits and limits, shared by the collider and the meson searches."""

from nucore.errors import FitError
from nucore.stats.contours import Contour, contour
from nucore.stats.feldman_cousins import ConfidenceInterval, FeldmanCousins, feldman_cousins
from nucore.stats.fit import fit
from nucore.stats.impacts import Impact, impacts
from nucore.stats.likelihood import Likelihood
from nucore.stats.model import Model, Observation, Parameter
from nucore.stats.modifiers import (
    BinFactor,
    HistoSys,
    LinearNorm,
    LogLinearShape,
    NormFactor,
    NormSys,
    Sample,
    StatError,
)
from nucore.stats.results import FitResult, UpperLimit
from nucore.stats.test_statistics import ProfileLikelihood, q_0, q_mu_tilde
from nucore.stats.toy_limits import ToyPValue, ToyUpperLimit, toy_goodness_of_fit, toy_upper_limit
from nucore.stats.toys import ToyJob, ToyStudy
from nucore.stats.upper_limits import METHODS, LimitMethod, expected_limit, upper_limit

__all__ = [
    "METHODS",
    "BinFactor",
    "ConfidenceInterval",
    "Contour",
    "FeldmanCousins",
    "FitError",
    "FitResult",
    "HistoSys",
    "Impact",
    "Likelihood",
    "LimitMethod",
    "LinearNorm",
    "LogLinearShape",
    "Model",
    "NormFactor",
    "NormSys",
    "Observation",
    "Parameter",
    "ProfileLikelihood",
    "Sample",
    "StatError",
    "ToyJob",
    "ToyPValue",
    "ToyStudy",
    "ToyUpperLimit",
    "UpperLimit",
    "contour",
    "expected_limit",
    "feldman_cousins",
    "fit",
    "impacts",
    "q_0",
    "q_mu_tilde",
    "toy_goodness_of_fit",
    "toy_upper_limit",
    "upper_limit",
]

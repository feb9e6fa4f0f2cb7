"""Binned likelihood, fits and limits, shared by the collider and the meson searches."""

from nuportal.errors import FitError
from nuportal.stats.contours import Contour, contour
from nuportal.stats.feldman_cousins import ConfidenceInterval, FeldmanCousins, feldman_cousins
from nuportal.stats.fit import fit
from nuportal.stats.impacts import Impact, impacts
from nuportal.stats.likelihood import Likelihood
from nuportal.stats.model import Model, Observation, Parameter
from nuportal.stats.modifiers import (
    BinFactor,
    HistoSys,
    LinearNorm,
    LogLinearShape,
    NormFactor,
    NormSys,
    Sample,
    StatError,
)
from nuportal.stats.results import FitResult, MinimumReport, TestStatistic, UpperLimit
from nuportal.stats.test_statistics import ProfileLikelihood, discovery_significance, q_0, q_mu, q_mu_tilde, t_mu
from nuportal.stats.toy_limits import ToyPValue, ToyUpperLimit, toy_discovery, toy_goodness_of_fit, toy_upper_limit
from nuportal.stats.toys import ToyJob, ToyStudy, generate_toys, run_toys
from nuportal.stats.upper_limits import METHODS, LimitMethod, expected_limit, upper_limit

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
    "MinimumReport",
    "Model",
    "NormFactor",
    "NormSys",
    "Observation",
    "Parameter",
    "ProfileLikelihood",
    "Sample",
    "StatError",
    "TestStatistic",
    "ToyJob",
    "ToyPValue",
    "ToyStudy",
    "ToyUpperLimit",
    "UpperLimit",
    "contour",
    "discovery_significance",
    "expected_limit",
    "feldman_cousins",
    "fit",
    "generate_toys",
    "impacts",
    "q_0",
    "q_mu",
    "q_mu_tilde",
    "run_toys",
    "t_mu",
    "toy_discovery",
    "toy_goodness_of_fit",
    "toy_upper_limit",
    "upper_limit",
]

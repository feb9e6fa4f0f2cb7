"""Binned likelihood, fits and limits, shared by the collider and the meson searches."""

from nuportal.errors import FitError
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
from nuportal.stats.toys import ToyStudy, generate_toys, run_toys
from nuportal.stats.upper_limits import METHODS, LimitMethod, expected_limit, upper_limit

__all__ = [
    "METHODS",
    "BinFactor",
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
    "ToyStudy",
    "UpperLimit",
    "discovery_significance",
    "expected_limit",
    "fit",
    "generate_toys",
    "impacts",
    "q_0",
    "q_mu",
    "q_mu_tilde",
    "run_toys",
    "t_mu",
    "upper_limit",
]

"""Binned likelihood, fits and limits, shared by the collider and the meson searches."""

from nucore.errors import FitError as FitError
from nucore.stats.contours import Contour as Contour
from nucore.stats.contours import contour as contour
from nucore.stats.feldman_cousins import feldman_cousins as feldman_cousins
from nucore.stats.fit import fit as fit
from nucore.stats.impacts import impacts as impacts
from nucore.stats.likelihood import Likelihood as Likelihood
from nucore.stats.model import Model as Model
from nucore.stats.modifiers import HistoSys as HistoSys
from nucore.stats.modifiers import LinearNorm as LinearNorm
from nucore.stats.modifiers import LogLinearShape as LogLinearShape
from nucore.stats.modifiers import NormFactor as NormFactor
from nucore.stats.modifiers import NormSys as NormSys
from nucore.stats.modifiers import Sample as Sample
from nucore.stats.modifiers import StatError as StatError
from nucore.stats.results import FitResult as FitResult
from nucore.stats.results import LimitMethod as LimitMethod
from nucore.stats.results import UpperLimit as UpperLimit
from nucore.stats.toy_limits import toy_goodness_of_fit as toy_goodness_of_fit
from nucore.stats.toy_limits import toy_upper_limit as toy_upper_limit
from nucore.stats.upper_limits import LimitChoice as LimitChoice
from nucore.stats.upper_limits import upper_limit as upper_limit

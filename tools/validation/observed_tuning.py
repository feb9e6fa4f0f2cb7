"""What is left of a nu4 in data to which the prediction was fitted in the W mass, in its normalisation, or in more.

The figures of arXiv:1701.07240 show the simulation with the W mass fitted to the spectra and normalised to them.  The
step is repeated with pseudo-data that hold a nu4: the Standard Model alone is fitted to them, the prediction is moved
to the W mass found, and the search is made with it as with the published one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.optimize import minimize_scalar

from collider.experiments.measurement import Measurement
from collider.templates.systematics import values_at
from nucore.prediction import Prediction

Array = NDArray[np.float64]

#: W masses of the templates that the fit of the experiment interpolates between, relative to the nominal one, GeV.
NODES_GEV = (-0.4, -0.2, -0.1, 0.0, 0.1, 0.2)
#: Ranges of the fits of the experiment, GeV (arXiv:1701.07240, section on the fitting procedure).
FIT_RANGES_GEV = {"lepton_pt": (32.0, 45.0), "transverse_mass": (66.0, 99.0)}


@dataclass(frozen=True, eq=False)
class MassDependence:
    """Our template of the massless neutrino against the W mass.

    Attributes
    ----------
    m_W : float
        Nominal, GeV.
    logarithm : CubicSpline
        Of the contents of the bins.
    """

    m_W: float
    logarithm: CubicSpline

    def ratio(self, m_W: float) -> Array:
        """Template at a W mass over the nominal one, shape (n,)."""
        return np.asarray(np.exp(self.logarithm(m_W) - self.logarithm(self.m_W)))


def mass_dependence(measured: Measurement, m_W: float) -> MassDependence:
    """Compute the templates at `NODES_GEV`."""
    masses = m_W + np.array(NODES_GEV)
    templates = [values_at(measured, 0.0, float(mass)) for mass in masses]
    return MassDependence(m_W, CubicSpline(masses, np.log(templates), axis=0))


def fitted_mass(data: Array, prediction: Prediction, dependence: MassDependence, kept: NDArray[np.bool_]) -> float:
    """Return the W mass (GeV) that a fit of the Standard Model finds, one free normalisation a charge.

    Parameters
    ----------
    data : float64[n]
        Signal and background.
    prediction : Prediction
        At the nominal W mass.
    dependence : MassDependence
    kept : bool[n]
        Bins of the fit.
    """
    groups = np.zeros(data.size, int) if prediction.groups is None else prediction.groups

    def chi_square(m_W: float) -> float:
        signal = prediction.signal * dependence.ratio(m_W)
        norm = _normalisations(data - prediction.background, signal, data, groups, kept)
        residual = (data - prediction.background - norm * signal)[kept]
        return float(np.sum(residual**2 / data[kept]))

    low, high = dependence.m_W + np.array(NODES_GEV)[[0, -1]]
    return float(minimize_scalar(chi_square, bounds=(low, high), method="bounded", options={"xatol": 1e-6}).x)


def at_mass(data: Array, prediction: Prediction, dependence: MassDependence, m_W: float) -> Prediction:
    """Return a prediction moved to a W mass and normalised to the data of each charge."""
    groups = np.zeros(data.size, int) if prediction.groups is None else prediction.groups
    signal = prediction.signal * dependence.ratio(m_W)
    norm = _normalisations(data - prediction.background, signal, data, groups, np.ones(data.size, bool))
    return replace(prediction, signal=norm * signal)


def _normalisations(
    data: Array, signal: Array, variances: Array, groups: NDArray[np.int64], kept: NDArray[np.bool_]
) -> Array:
    """Normalisation of each bin's charge that fits the kept bins best, shape (n,)."""
    weight = np.where(kept, signal / variances, 0.0)
    return np.asarray((np.bincount(groups, weight * data) / np.bincount(groups, weight * signal))[groups])


def tuned(
    data: Array, prediction: Prediction, shifts: Mapping[str, Array], names: Sequence[str], constrained: bool
) -> Prediction:
    """Return a prediction that was fitted to the data in some of our nuisances, which nobody was told of.

    Parameters
    ----------
    data : float64[n]
    prediction : Prediction
    shifts : mapping of float64[n]
        Change of the signal for one standard deviation, by nuisance.
    names : sequence of str
        Fitted nuisances; the normalisation of each charge always is.
    constrained : bool
        Whether their uncertainties bind them, or the data alone fix them.
    """
    groups = np.zeros(data.size, int) if prediction.groups is None else prediction.groups
    columns = [np.where(groups == k, prediction.signal, 0.0) for k in np.unique(groups)]
    matrix = np.stack([*columns, *(shifts[name] for name in names)], axis=1)
    prior = np.array([0.0] * len(columns) + [float(constrained)] * len(names))
    information = matrix.T @ (matrix / data[:, None]) + np.diag(prior)
    step = np.linalg.solve(information, matrix.T @ ((data - prediction.total) / data))
    return replace(prediction, signal=prediction.signal + matrix @ step)

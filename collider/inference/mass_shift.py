"""How far a nu4 shifts the W mass that an experiment fits with Standard Model templates: the linear response.

The fitted mass of data d is the light template's plus the first element of (J W J^T + P)^-1 J W (d - light), W the
inverse of the counts, the rows of J the slope with the mass, the light template in each charge and |eta| bin (their
normalisations are free) and the shifts by the nuisances that are fitted, P = diag(0, ..., 1, ...).  So a nu4 shifts it
by |U_l4|^2 times that of d - light = nu4 - light.  To lowest order in the mass it is -m4^2/m_W for every observable:
the momentum of the lepton in the W rest frame is (m_W/2)(1 - m4^2/m_W^2) (arXiv:1709.07001, Eq. 13).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from collider.experiments.measurement import Measurement
from collider.production.w_production import M_W, MAX_M4_GEV
from collider.templates.systematics import (
    M_W_STEP_GEV,
    RATE_KINDS,
    SHIFT_GRID,
    Inputs,
    all_bins,
    nominal_inputs,
    varied_inputs,
)
from nucore.model.parameters import check_mass

Array = NDArray[np.float64]

_MEV_PER_GEV = 1000.0


@dataclass(frozen=True, eq=False)
class MassFit:
    """A fit of the W mass to a spectrum, in the linear approximation.

    Attributes
    ----------
    measurement : Measurement
    inputs : Inputs
        Of its nominal templates.
    light : float64[n]
        Expected events without nu4 in the fitted bins.
    gain_MeV : float64[n]
        Change of the fitted mass with the events of each bin.
    uncertainty_MeV : float
        Of the fit: statistical, and of the nuisances that are fitted.
    """

    measurement: Measurement
    inputs: Inputs
    light: Array
    gain_MeV: Array
    uncertainty_MeV: float

    def shift_MeV(self, m4: float) -> float:
        """Return the shift of the fitted mass per unit of |U_l4|^2 by a nu4 of mass ``m4`` (GeV)."""
        check_mass("m4", m4, MAX_M4_GEV)
        return float(self.gain_MeV @ (_fitted(self.measurement, self.inputs, m4) - self.light))


def mass_fit(measurement: Measurement, m_W: float = M_W, background_per_GeV: float | None = None) -> MassFit:
    """Prepare the fit of the W mass to a measurement.

    Parameters
    ----------
    measurement : Measurement
        Its nuisances but those of rates are fitted; its backgrounds are left out.
    m_W : float
        GeV.
    background_per_GeV : float, optional
        Slope of the exponent of a background whose normalisation is fitted, the same for all charges and |eta| bins.
    """
    inputs = nominal_inputs(measurement, m_W)
    light = _fitted(measurement, inputs)
    moved = [replace(inputs, tables=replace(inputs.tables, m_W=m_W + step)) for step in (M_W_STEP_GEV, -M_W_STEP_GEV)]
    up, down = (_fitted(measurement, one) for one in moved)
    rows = [(up - down) / (2.0 * M_W_STEP_GEV * _MEV_PER_GEV), *_normalisations(measurement, light)]
    if background_per_GeV is not None:
        rows.append(_exponential(measurement, background_per_GeV, light))
    n_free = len(rows)
    for nuisance in measurement.nuisances:
        if nuisance.kind not in RATE_KINDS:
            changed, factor = varied_inputs(inputs, nuisance)
            rows.append(factor * (_fitted(measurement, changed) - light))
    jacobian = np.stack(rows)
    prior = np.diag([0.0] * n_free + [1.0] * (len(rows) - n_free))
    weighted = jacobian / light
    covariance = np.linalg.inv(weighted @ jacobian.T + prior)
    return MassFit(measurement, inputs, light, covariance[0] @ weighted, float(covariance[0, 0] ** 0.5))


def _fitted(measurement: Measurement, inputs: Inputs, m4: float = 0.0) -> Array:
    """Return the expected events in the fitted bins; all templates have the points of one integration."""
    return measurement.fitted_bins(all_bins(measurement, inputs, m4, SHIFT_GRID))[0]


def _normalisations(measurement: Measurement, light: Array) -> Array:
    """Return the light template of each charge and |eta| bin alone, shape (n_rows, n)."""
    n_bins = measurement.selection.n_bins
    n_rows = light.size // n_bins
    return np.asarray(np.repeat(np.eye(n_rows), n_bins, axis=1) * light)


def _exponential(measurement: Measurement, slope_per_GeV: float, light: Array) -> Array:
    """Return an exponential in the observable with as many events as the light template, shape (n,)."""
    edges = measurement.selection.edges
    shape = np.diff(np.exp(slope_per_GeV * (edges - edges[0]))) / slope_per_GeV
    return np.asarray(np.tile(shape, light.size // shape.size) * (light.sum() / shape.sum()))

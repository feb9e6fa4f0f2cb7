"""Shapes without a constraint: a floating mass."""

from __future__ import annotations

import numpy as np
import pytest

from nucore.errors import InputError
from nucore.export.histfactory import variations
from nucore.stats import HistoSys, Likelihood, Model, NormFactor, Sample, contour, fit, impacts

LIGHT, TILT = np.array([400.0, 300.0, 200.0]), np.array([20.0, 0.0, -15.0])
SIGNAL = np.array([-10.0, 30.0, 5.0])


def _model(constrained: bool) -> Model:
    shape = HistoSys("tilt", LIGHT - TILT, LIGHT + TILT, constrained)
    return Model([Sample("light", LIGHT, [shape]), Sample("signal", SIGNAL, [NormFactor("u")])], "u")


def test_a_free_shape_adds_no_information() -> None:
    counts = _model(False).expected({"u": 0.4, "tilt": 1.7})
    free = fit(Likelihood(_model(False), counts))
    assert (free.best_fit["u"], free.best_fit["tilt"]) == pytest.approx((0.4, 1.7), abs=1e-5)
    assert free.pulls == {}
    assert free.degrees_of_freedom == 1
    # Fisher information of Poisson counts, for a linear model: J diag(1/nu) J^T; the constraint adds 1 to it.
    jacobian = np.stack([SIGNAL, TILT])
    for constrained in (False, True):
        information = (jacobian / counts) @ jacobian.T + np.diag([0.0, float(constrained)])
        result = fit(Likelihood(_model(constrained), _model(constrained).asimov({"u": 0.4, "tilt": 1.7})))
        np.testing.assert_allclose(result.covariance, np.linalg.inv(information), rtol=1e-4)


def test_a_free_shape_has_an_impact_and_a_contour() -> None:
    likelihood = Likelihood(_model(False), LIGHT)
    result = fit(likelihood)
    (impact,) = impacts(likelihood, result)
    # The shift of u for one standard deviation of another parameter is their covariance over it.
    slope = result.covariance[0, 1] / result.uncertainties["tilt"]
    assert impact.parameter == "tilt"
    assert impact.plus == pytest.approx(slope, rel=0.1)
    curve = contour(likelihood, "u", "tilt", n_points=8)
    assert curve.x.min() < 0.0 < curve.x.max()


def test_histfactory_holds_no_free_shape() -> None:
    with pytest.raises(InputError, match="free shape 'tilt' cannot be exported"):
        variations(_model(False))

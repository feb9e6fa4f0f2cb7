"""Contours and impacts against Minuit, ellipses and linear algebra."""

from __future__ import annotations

import numpy as np
import pytest
from iminuit import Minuit

from nucore.errors import FitError, InputError
from nucore.stats import Likelihood, LinearNorm, Model, NormFactor, NormSys, Sample, contour, fit, impacts


def _likelihood(size: float) -> Likelihood:
    x = np.linspace(0.0, 1.0, 8)
    light, heavy = size * np.exp(-x), size * np.exp(-1.5 * x)
    samples = [
        Sample("light", light, [LinearNorm("n", 0.02), NormSys("s", 1 / 1.02, 1.02)]),
        Sample("d", heavy - light, [NormFactor("u")]),
    ]
    model = Model(samples, "u")
    return Likelihood(model, np.random.default_rng(1).poisson(model.expected({"u": 0.1})))


def test_contour_is_an_ellipse_at_large_counts() -> None:
    model = Model([Sample("a", [1e12, 4e11], [NormFactor("a")]), Sample("s", [2e11, 5e11], [NormFactor("u")])], "u")
    likelihood = Likelihood(model, model.expected({"u": 1.0}))
    curve = contour(likelihood, "u", "a", confidence_level=0.68, n_points=12)
    inverse = np.linalg.inv(fit(likelihood).covariance)
    offsets = np.stack([curve.x - curve.best_fit[0], curve.y - curve.best_fit[1]])
    # -2 ln(1 - 0.68); cubic terms are 1e-6
    assert curve.threshold == pytest.approx(-2.0 * np.log(0.32))
    np.testing.assert_allclose(np.einsum("ik,ij,jk->k", offsets, inverse, offsets), curve.threshold, rtol=1e-3)


def test_contour_against_minuit() -> None:
    likelihood = _likelihood(400.0)
    curve = contour(likelihood, "u", "n", confidence_level=0.9, n_points=24)
    names = likelihood.model.names
    minuit = Minuit(lambda theta: likelihood.value(theta), likelihood.model.start(likelihood.observation), name=names)
    minuit.errordef, minuit.tol = Minuit.LIKELIHOOD, 1e-4
    minuit.migrad()
    theirs = minuit.mncontour("u", "n", cl=0.9, size=40)
    for k, ours in ((0, curve.x), (1, curve.y)):
        span = np.ptp(theirs[:, k])
        # both curves as polygons: extremes between points, 1%
        assert ours.min() == pytest.approx(theirs[:, k].min(), abs=0.015 * span)
        assert ours.max() == pytest.approx(theirs[:, k].max(), abs=0.015 * span)


def test_contour_refuses_what_it_cannot_do() -> None:
    likelihood = _likelihood(400.0)
    for bad in (("u", "u", 0.9), ("u", "n", 1.0)):
        with pytest.raises(InputError, match="two different parameters"):
            contour(likelihood, bad[0], bad[1], confidence_level=bad[2])
    with pytest.raises(InputError, match="no parameter 'x'"):
        contour(likelihood, "u", "x")
    edge = Model([Sample("b", [5.0, 0.5], [NormSys("n", 0.9, 1.1)]), Sample("s", [0.0, 1.0], [NormFactor("u")])], "u")
    with pytest.raises(FitError, match="edge"):
        contour(Likelihood(edge, [5.0, 0.0]), "u", "n")


def test_impacts_are_covariances_at_large_counts() -> None:
    likelihood = _likelihood(1e6)
    result = fit(likelihood)
    found = impacts(likelihood, result)
    assert {i.parameter for i in found} == {"n", "s"}
    assert found[0].size >= found[1].size
    for impact in found:
        # in a linear model the shift is cov(u, nuisance) / sigma(nuisance); the normsys is curved by per cents
        k = result.parameters.index(impact.parameter)
        expected = result.covariance[0, k] / result.uncertainties[impact.parameter]
        assert impact.plus == pytest.approx(expected, rel=0.03)
        assert impact.minus == pytest.approx(-expected, rel=0.03)


def test_no_impacts_without_uncertainties() -> None:
    edge = Model([Sample("b", [5.0, 0.5], [NormSys("n", 0.9, 1.1)]), Sample("s", [0.0, 1.0], [NormFactor("u")])], "u")
    likelihood = Likelihood(edge, [5.0, 0.0])
    assert impacts(likelihood, fit(likelihood)) == ()

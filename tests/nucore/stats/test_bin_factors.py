"""Free factors of bins and constrained factors: values, exact derivatives, refusals."""

from __future__ import annotations

import numpy as np
import pytest

from nucore.errors import InputError
from nucore.stats import HistoSys, Likelihood, Model, NormFactor, NormSys, Sample, StatError, fit
from nucore.stats.modifiers import BinFactor


def _model() -> Model:
    nominal = np.array([50.0, 40.0, 30.0, 25.0])
    lumi = NormFactor("lumi", 1.0, (0.5, 1.5), 0.02)
    shape = HistoSys("scale", nominal * 0.9, nominal * [1.1, 1.2, 1.0, 1.05])  # one parameter with the normsys
    samples = [
        Sample("b", nominal, [lumi, NormSys("scale", 0.95, 1.1), shape, StatError("mc", [0.1, 0.0, 0.1, 0.1])]),
        Sample("free", [20.0, 10.0, 5.0, 5.0], [BinFactor("g", [0, 1, -1, 0])]),
        Sample("s", [2.0, 6.0, 8.0, 1.0], [NormFactor("u"), lumi]),
    ]
    return Model(samples, "u")


def test_factors_scale_their_bins() -> None:
    model = _model()
    assert {"g[0]", "g[1]", "lumi", "mc[0]", "mc[2]", "mc[3]"} <= set(model.names)
    change = model.expected({"g[0]": 1.5}) - model.expected()
    np.testing.assert_allclose(change, [10.0, 0.0, 0.0, 2.5])
    assert model.parameters[model.index("lumi")].width == 0.02
    np.testing.assert_allclose(
        model.expected({"lumi": 1.1, "u": 1.0}), 1.1 * (model.expected({"u": 1.0}) - [20, 10, 5, 5]) + [20, 10, 5, 5]
    )


@pytest.mark.parametrize("seed", range(4))
def test_derivatives_equal_numerical_ones(seed: int) -> None:
    model, rng = _model(), np.random.default_rng(seed)
    likelihood = Likelihood(model, rng.poisson(model.expected({"u": 0.5})))
    theta = model.initial + rng.uniform(-0.3, 0.6, model.initial.size)
    step = 1e-5
    shifts = step * np.eye(theta.size)
    gradient = [(likelihood(theta + h) - likelihood(theta - h)) / (2 * step) for h in shifts]
    hessian = [(likelihood.gradient(theta + h) - likelihood.gradient(theta - h)) / (2 * step) for h in shifts]
    # truncation step^2 times third derivatives of some thousands; rounding 1e-12 / step
    np.testing.assert_allclose(likelihood.gradient(theta), gradient, rtol=1e-6, atol=1e-5)
    np.testing.assert_allclose(likelihood.hessian(theta), hessian, rtol=1e-6, atol=1e-4)


def test_a_bin_and_its_measurement_share_a_factor() -> None:
    # n = 30 of 20 g expected, and 400 of 400 g: the weighted mean is g = 430 / 420
    samples = [
        Sample("b", [20.0, 400.0, 0.0], [BinFactor("g", [0, 0, -1])]),
        Sample("s", [0.0, 0.0, 5.0], [NormFactor("u")]),
    ]
    result = fit(Likelihood(Model(samples, "u"), [30.0, 400.0, 5.0]))
    assert result.best_fit["g[0]"] == pytest.approx(430.0 / 420.0, rel=1e-6)


def test_bad_factors_are_refused() -> None:
    with pytest.raises(InputError, match="must be integers"):
        BinFactor("g", [0.5])
    with pytest.raises(InputError, match="must be positive and finite"):
        NormFactor("lumi", width=0.0)
    with pytest.raises(InputError, match="BinFactor g has 1 bins; the sample has 2"):
        Model([Sample("b", [1.0, 2.0], [BinFactor("g", [0])]), Sample("s", [1.0, 1.0], [NormFactor("u")])], "u")

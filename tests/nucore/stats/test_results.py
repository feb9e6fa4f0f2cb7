from __future__ import annotations

import json

import numpy as np
import pytest

from nucore.stats import Likelihood, Model, NormFactor, NormSys, Sample, UpperLimit, fit


def test_fit_result_as_json() -> None:
    model = Model(
        [Sample("b", [100.0, 50.0], [NormSys("n", 0.9, 1.1)]), Sample("s", [10.0, 0.0], [NormFactor("u")])], "u"
    )
    result = fit(Likelihood(model, [120.0, 51.0]), fixed={"u": 1.0}, minos=["n"])
    decoded = json.loads(result.to_json())
    assert decoded["best_fit"]["u"] == 1.0
    assert decoded["uncertainties"]["u"] is None
    assert decoded["minimum"]["valid"] is True
    assert decoded["minimum"]["calls"] > 0
    assert np.shape(decoded["covariance"]) == (2, 2)
    assert len(decoded["intervals"]["n"]) == 2


def test_upper_limit_as_json() -> None:
    limit = UpperLimit("u", "cls", 0.9, None, 0.5, {"minus1": np.float64(0.2), "plus1": None}, "nothing is excluded")
    decoded = json.loads(limit.to_json())
    assert decoded["observed"] is None
    assert decoded["observed_reason"] == "nothing is excluded"
    assert decoded["band"] == {"minus1": 0.2, "plus1": None}


def test_results_are_frozen() -> None:
    limit = UpperLimit("u", "cls", 0.9, None, 0.5)
    with pytest.raises(AttributeError):
        limit.expected = 1.0  # type: ignore[misc]

"""Likelihoods with a prediction of the user's, exported to pyhf: the same limits."""

from __future__ import annotations

import json

import numpy as np
import pytest

from nucore.errors import InputError
from nucore.export.histfactory import variations
from nucore.export.hs3 import hs3_document
from nucore.export.pyhf_writer import pyhf_workspace
from nucore.histograms import Spectrum
from nucore.prediction import Prediction, Variation
from nucore.stats import HistoSys, Likelihood, LimitChoice, Model, NormFactor, Sample, StatError, upper_limit
from nucore.stats.covariance import CountUnit, ErrorSource, smooth_correlation

pytestmark = pytest.mark.filterwarnings("ignore")

X = np.tile(np.linspace(-1.0, 1.0, 5), 2)
CHARGE = np.repeat([0, 1], 5)
SIGNAL = 5000.0 * np.exp(-0.5 * X) * np.where(CHARGE == 0, 1.0, 1.3)
CHANGE = 0.8 * SIGNAL * (0.3 - X**2 - 0.2 * X)


def _prediction(normalisation: str) -> Prediction:
    background = np.full(10, 200.0)
    total = SIGNAL + background
    return Prediction(
        SIGNAL,
        background,
        statistical=0.003 * total,
        errors=(ErrorSource("band", 0.01 * total, smooth_correlation(X, 1.0, CHARGE)),),
        variations=(Variation("tilt", total * (1.0 - 0.02 * X), total * (1.0 + 0.03 * X)),),
        background_uncertainty=0.2,
        normalisation=normalisation,  # type: ignore[arg-type]
        groups=CHARGE,
    )


def _likelihood(normalisation: str, gaussian: bool) -> tuple[Likelihood, CountUnit]:
    """Two charges with one factor on the statistics of our own template, as the collider has it."""
    prediction = _prediction(normalisation)
    data = np.random.default_rng(3).poisson(prediction.total + 0.02 * CHANGE).astype(float)
    unit = prediction.effective_counts()
    if gaussian:
        matrix = np.diag(2.0 * data) + np.outer(0.01 * data, 0.01 * data)
        prediction, unit = prediction.of_gaussian(data, matrix)
    own = [HistoSys("scale", SIGNAL * (1.0 - 0.01 * X), SIGNAL * (1.0 + 0.01 * X))]
    errors = StatError("template", np.where(np.abs(X) > 0.9, 0.004, 0.0))
    samples = [Sample("light", SIGNAL, [*own, errors]), Sample("nu4 - light", CHANGE, [NormFactor("u")])]
    assert unit is not None
    model = Model(unit.samples(prediction.samples(samples, 0.02)), "u", (0.0, 1.0))
    return Likelihood(model, unit.counts(data)), unit


@pytest.mark.parametrize(("normalisation", "gaussian"), [("free", True), ("constrained", False)])
def test_limits_equal_those_of_pyhf(normalisation: str, gaussian: bool) -> None:
    import pyhf

    pyhf.set_backend("numpy", pyhf.optimize.minuit_optimizer())
    likelihood, _ = _likelihood(normalisation, gaussian)
    content = json.loads(json.dumps(pyhf_workspace(likelihood)))
    pyhf.schema.validate(content, "workspace.json")
    workspace = pyhf.Workspace(content)
    model = workspace.model()
    limit = upper_limit(likelihood, LimitChoice(0.9))
    # CLs falls faster than the value: 1e-2 in CLs is less than 1e-2 in the limit
    observed, expected = pyhf.infer.hypotest(limit.observed, workspace.data(model), model, return_expected=True)
    assert float(observed) == pytest.approx(0.1, rel=1e-2)
    expected = pyhf.infer.hypotest(limit.expected, workspace.data(model), model, return_expected=True)[1]
    assert float(expected) == pytest.approx(0.1, rel=1e-2)


def test_a_factor_of_a_bin_is_on_one_part_of_the_light_sample() -> None:
    """The staterror of a charge has the width of its own bins, and none in those of the other."""
    likelihood, _ = _likelihood("free", False)
    found = variations(likelihood.model)
    widths = np.zeros(10)
    for sample in likelihood.model.samples[:2]:
        (error,) = [v for v in found[sample.name] if v.kind == "staterror"]
        widths += error.arrays[0] ** 2
    light = sum(np.asarray(s.values) for s in likelihood.model.samples[:2])
    np.testing.assert_allclose(np.sqrt(widths) / light, np.where(np.abs(X) > 0.9, 0.004, 0.0), rtol=1e-12)


def test_what_the_formats_cannot_hold() -> None:
    signal = Sample("s", [1.0, 1.0], [NormFactor("u")])
    part = [
        Sample("a", [5.0, 5.0], [StatError("mc", [0.1, 0.0])]),
        Sample("b", [5.0, 5.0], [StatError("mc", [0.0, 0.1])]),
    ]
    with pytest.raises(InputError, match="scales a bin of all its samples, or of none"):
        variations(Model([*part, signal], "u"))
    two = Sample("a", [5.0, 5.0], [StatError("mc", [0.1, 0.1]), StatError("data", [0.1, 0.1])])
    likelihood = Likelihood(Model([two, signal], "u"), [5.0, 6.0])
    assert pyhf_workspace(likelihood)["version"] == "1.0.0"
    with pytest.raises(InputError, match="HS3 holds one staterror a sample, not mc, data"):
        hs3_document(likelihood, Spectrum.from_counts("x", [0.0, 1.0, 2.0], [5.0, 6.0]))

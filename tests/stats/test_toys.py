from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from nuportal.errors import InputError
from nuportal.stats import LinearNorm, LogLinearShape, Model, NormFactor, Sample, generate_toys, run_toys

N_TOYS = 300


def _collider() -> Model:
    x = np.linspace(0.0, 1.0, 20)
    light = 1e6 * np.exp(-((x - 0.4) ** 2) / 0.1)
    heavy = 1e6 * np.exp(-((x - 0.36) ** 2) / 0.11)
    return Model(
        [Sample("light", light, [LinearNorm("n", 0.02)]), Sample("d", heavy - light, [NormFactor("u")])],
        "u",
        (0.0, 1.0),
    )


def _sigma(model: Model) -> float:
    """Uncertainty of u in the linear model, from the weighted normal equations with the constraint."""
    light, difference = (np.asarray(s.values) for s in model.samples)
    rows = np.stack([difference, 0.02 * light])
    information = (rows / light) @ rows.T
    information[1, 1] += 1.0
    return float(np.sqrt(np.linalg.inv(information)[0, 0]))


def test_moments_of_toys() -> None:
    model = _collider()
    toys = list(generate_toys(model, {"u": 0.01, "n": 0.5}, 500, np.random.default_rng(3)))
    counts = np.stack([toy.counts for toy in toys])
    expected = model.expected({"u": 0.01, "n": 0.5})
    z = (counts.mean(axis=0) - expected) / np.sqrt(expected / 500)
    # 20 standard normal numbers: none beyond 4.5 (probability 1.4e-4)
    assert np.abs(z).max() < 4.5
    auxiliary = np.array([toy.auxiliary[0] for toy in toys])
    assert auxiliary.mean() == pytest.approx(0.5, abs=4.0 / np.sqrt(500))
    assert auxiliary.std() == pytest.approx(1.0, abs=4.0 / np.sqrt(1000))


def test_toys_follow_the_generator() -> None:
    model = _collider()
    first, second = (next(generate_toys(model, None, 1, np.random.default_rng(8))) for _ in range(2))
    np.testing.assert_array_equal(first.counts, second.counts)


def test_negative_expectation_is_refused() -> None:
    model = Model([Sample("b", [1.0]), Sample("s", [-1.0], [NormFactor("u")])], "u")
    with pytest.raises(InputError, match="negative"):
        next(generate_toys(model, {"u": 2.0}, 1, np.random.default_rng(1)))


def _cls_coverage() -> float:
    """Coverage of the 90% CLs limit x + isf(0.1 Phi(x)) for x normal around a truth of 2 sigma."""
    x = np.linspace(-6.0, 10.0, 20001)
    covered = (x + norm.isf(0.1 * norm.cdf(x))) >= 2.0
    return float(np.sum(norm.pdf(x - 2.0) * covered) * (x[1] - x[0]))


@pytest.mark.parametrize(("method", "coverage"), [("clsb", 0.90), ("delta-chi2", 0.95), ("cls", _cls_coverage())])
def test_pulls_and_coverage(method: str, coverage: float) -> None:
    model = _collider()
    truth = 2.0 * _sigma(model)
    study = run_toys(model, {"u": truth}, N_TOYS, np.random.default_rng(17), limit=method)  # type: ignore[arg-type]
    assert study.n_failed == 0
    # mean and width of N normal numbers, 4 standard deviations
    assert abs(study.pull_mean) < 4.0 / np.sqrt(N_TOYS)
    assert abs(study.pull_width - 1.0) < 4.0 / np.sqrt(2 * N_TOYS)
    # the fitted uncertainty is the analytic one: 1% from the fluctuation of its own inputs
    assert np.median(study.uncertainties) == pytest.approx(_sigma(model), rel=0.01)
    # binomial, 4 standard deviations
    assert study.coverage == pytest.approx(coverage, abs=4.0 * np.sqrt(coverage * (1 - coverage) / N_TOYS))


def test_fits_of_sparse_toys_do_not_fail() -> None:
    p = np.linspace(0.13, 0.2, 12)
    model = Model(
        [
            Sample("b", np.ones(12), [LogLinearShape.log_polynomial("c", p, 1, 0.16)]),
            Sample("s", np.exp(-0.5 * ((p - 0.17) / 0.006) ** 2), [NormFactor("u")]),
        ],
        "u",
    )
    study = run_toys(model, {"c0": np.log(1.5), "c1": -2.0, "u": 0.0}, 150, np.random.default_rng(4))
    assert study.n_failed == 0
    assert study.coverage is None
    assert study.best_fits.size == 150
    # edge fits have no uncertainty; the others do
    assert np.isfinite(study.pulls).all()


def test_failed_toys_are_counted_and_left_out() -> None:
    # two identical free shapes: no toy has a unique minimum
    model = Model([Sample("b", [50.0, 60.0], [NormFactor("b")]), Sample("s", [5.0, 6.0], [NormFactor("u")])], "u")
    study = run_toys(model, {"u": 0.0}, 5, np.random.default_rng(2))
    assert study.n_failed == 5
    assert study.best_fits.size == 0

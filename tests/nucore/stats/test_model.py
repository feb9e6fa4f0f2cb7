from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nucore.errors import InputError
from nucore.stats import HistoSys, LinearNorm, LogLinearShape, Model, NormFactor, NormSys, Sample, StatError


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(8))
def test_expected_counts_equal_pyhf(seed: int, random_model: Callable[[int], Any], precise_pyhf: Any) -> None:
    reference = random_model(seed)
    workspace = reference.pyhf_model((-1.0, 1.0))
    theta = reference.model.initial + np.random.default_rng(seed).normal(0.0, 0.02, reference.model.initial.size)
    values = dict(zip(reference.model.names, theta, strict=True))
    for k, name in enumerate(reference.model.names):
        if name.startswith(("norm", "shape")):
            values[name] = theta[k] = [-1.8, -0.4, 0.6, 2.2][k % 4]
    ordered = []
    for name in workspace.config.par_order:
        size = workspace.config.par_slice(name).stop - workspace.config.par_slice(name).start
        ordered += [values[f"{name}[{i}]"] for i in range(size)] if name == "mc" else [values[name]]
    expected = workspace.expected_data(ordered, include_auxdata=False)
    # the same arithmetic in another order
    np.testing.assert_allclose(reference.model.expected(theta), expected, rtol=1e-12)


def test_parameter_of_interest_is_linear_and_may_make_bins_smaller() -> None:
    light, heavy = np.array([10.0, 20.0]), np.array([30.0, 5.0])
    model = Model([Sample("light", light), Sample("difference", heavy - light, [NormFactor("u")])], "u", (0.0, 1.0))
    for u in (-0.1, 0.0, 0.3, 1.0):
        np.testing.assert_allclose(model.expected({"u": u}), (1 - u) * light + u * heavy, rtol=1e-14)


def test_log_polynomial_is_a_power_law_at_degree_one() -> None:
    p = np.array([0.13, 0.16, 0.2])
    shape = LogLinearShape.log_polynomial("c", p, 1, reference=0.16)
    model = Model([Sample("b", np.full(3, 2.0), [shape]), Sample("s", np.ones(3), [NormFactor("n")])], "n")
    np.testing.assert_allclose(model.expected({"c0": 1.5, "c1": -3.0}), 2 * np.exp(1.5) * (p / 0.16) ** -3, rtol=1e-13)


def test_start_finds_the_shape_of_exact_data() -> None:
    p = np.linspace(0.13, 0.2, 20)
    shape = LogLinearShape.log_polynomial("c", p, 2)
    model = Model([Sample("b", np.ones(20), [shape]), Sample("s", np.ones(20), [NormFactor("n")])], "n")
    truth = {"c0": 1.0, "c1": -3.0, "c2": 0.5}
    start = model.start(model.observation(model.expected(truth)))
    np.testing.assert_allclose(model.expected(start), model.expected(truth), rtol=1e-9)


def test_model_survives_pickling() -> None:
    # toys are spread over processes
    model = Model([Sample("b", [5.0, 6.0], [NormSys("n", 0.9, 1.1), NormFactor("u")])], "u")
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy.expected({"u": 2.0, "n": 0.5}), model.expected({"u": 2.0, "n": 0.5}))


def test_two_free_factors_multiply() -> None:
    model = Model(
        [Sample("s", np.array([3.0]), [NormFactor("u"), NormFactor("k", 2.0)]), Sample("b", np.array([1.0]))], "u"
    )
    assert model.expected({"u": 0.5, "k": 4.0}) == pytest.approx([7.0])


def test_asimov_data_are_the_expectation_and_the_parameters() -> None:
    model = Model([Sample("b", [5.0, 6.0], [NormSys("n", 0.9, 1.1), NormFactor("u")])], "u")
    observation = model.asimov({"u": 2.0, "n": 1.0})
    np.testing.assert_allclose(observation.counts, [11.0, 13.2])
    np.testing.assert_allclose(observation.auxiliary, [1.0])


BAD: list[tuple[str, Callable[[], object]]] = [
    ("different numbers of bins", lambda: Model([Sample("a", [1.0], [NormFactor("u")]), Sample("b", [1.0, 2.0])], "u")),
    ("not the NormFactor", lambda: Model([Sample("a", [1.0])], "u")),
    ("not the NormFactor", lambda: Model([Sample("a", [1.0], [NormSys("u", 0.9, 1.1)])], "u")),
    ("at least one sample", lambda: Model([], "u")),
    ("defined twice", lambda: Model([Sample("a", [1.0], [NormFactor("u"), NormSys("u", 0.9, 1.1)])], "u")),
    ("poi_bounds", lambda: Model([Sample("a", [1.0], [NormFactor("u")])], "u", (1.0, 0.0))),
    ("NaN or infinity", lambda: Sample("a", [1.0, np.nan])),
    ("in 1 dimensions", lambda: Sample("a", [[1.0]])),
    ("in 1 dimensions", lambda: Sample("a", [])),
    ("positive and finite", lambda: NormSys("n", 0.0, 1.1)),
    ("positive and finite", lambda: LinearNorm("n", -0.1)),
    ("negative", lambda: StatError("mc", [-0.1])),
    ("one per name", lambda: LogLinearShape(["a"], [[1.0], [2.0]])),
    ("must be positive", lambda: LogLinearShape.log_polynomial("c", [0.0, 1.0], 1)),
    ("has 1 bins", lambda: Model([Sample("a", [1.0, 2.0], [NormFactor("u"), HistoSys("h", [1.0], [1.0])])], "u")),
]


@pytest.mark.parametrize(("message", "build"), BAD)
def test_bad_models_are_refused_in_one_line(message: str, build: Callable[[], object]) -> None:
    with pytest.raises(InputError, match=message) as caught:
        build()
    assert "\n" not in str(caught.value)


def test_bad_data_and_names_are_refused() -> None:
    model = Model([Sample("a", [1.0, 2.0], [NormFactor("u"), NormSys("n", 0.9, 1.1)])], "u")
    for counts in ([1.0], [1.0, -1.0], [1.0, np.nan]):
        with pytest.raises(InputError, match="data"):
            model.observation(counts)
    with pytest.raises(InputError, match="auxiliary"):
        model.observation([1.0, 2.0], [0.0, 0.0])
    with pytest.raises(InputError, match="no parameter 'x'"):
        model.expected({"x": 1.0})
    with pytest.raises(InputError, match="parameter vector"):
        model.expected([1.0])

"""Toys of a fit on many workers: the same numbers as in this thread, and as ever."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest

from nucore.errors import FitError
from nucore.reports import fit_toys
from nucore.reports.fit_toys import open_toy_map
from nucore.run.executors import Execution
from nucore.stats import (
    Likelihood,
    LinearNorm,
    Model,
    NormFactor,
    Sample,
    feldman_cousins,
    toy_goodness_of_fit,
    toy_upper_limit,
)
from nucore.stats.results import Result
from nucore.stats.toys import ToyMap, good, in_this_thread

N = 60


def _likelihood() -> Likelihood:
    x = np.linspace(0.0, 1.0, 5)
    light, heavy = 5e3 * np.exp(-x), 5e3 * np.exp(-1.6 * x)
    samples = [Sample("light", light, [LinearNorm("n", 0.02)]), Sample("d", heavy - light, [NormFactor("u")])]
    model = Model(samples, "u", (0.0, 1.0))
    return Likelihood(model, np.round(model.expected({"u": 0.02})))


def _all(run: ToyMap) -> list[Result]:
    likelihood = _likelihood()
    return [
        toy_upper_limit(likelihood, N, np.random.default_rng(2), run=run),
        feldman_cousins(likelihood, N, np.random.default_rng(8), run=run),
        toy_goodness_of_fit(likelihood, N, np.random.default_rng(5), run=run),
    ]


@pytest.fixture(scope="module")
def alone() -> list[Result]:
    return _all(in_this_thread)


def test_numbers_of_a_seed_stay(alone: list[Result]) -> None:
    """Computed when toys were drawn one after the other in one thread; the fits converge to 1e-6 or better."""
    limit, interval, goodness = (result.to_dict() for result in alone)
    assert limit["observed"] == pytest.approx(0.09023996531102628, rel=1e-5)
    assert limit["expected"] == pytest.approx(0.07525837120454015, rel=1e-5)
    assert limit["uncertainty"] == pytest.approx(0.00911530397933216, rel=1e-4)
    assert limit["band"]["plus2"] == pytest.approx(0.12566089074219028, rel=1e-5)
    assert interval["upper"] == pytest.approx(0.10212250344323652, rel=1e-5)
    assert goodness["p_value"] == pytest.approx(1.0, rel=1e-12)


@pytest.fixture(scope="module", params=["threads", "processes"])
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    if request.param == "threads":
        with ThreadPoolExecutor(8) as pool:
            yield pool
    else:
        with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
            yield pool


@pytest.mark.parametrize(("workers", "chunk"), [(1, None), (2, 7), (8, 1024)])
def test_workers_and_chunks_change_nothing(alone: list[Result], executor: Executor, workers: int, chunk: int | None):
    with open_toy_map(Execution(executor=executor, workers=workers, chunk=chunk), N) as run:
        assert _all(run) == alone


def test_few_toys_are_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit_toys, "open_workers", None)
    for execution, n in ((Execution(), 199), (Execution(workers=1), 10**6)):
        with open_toy_map(execution, n) as run:
            assert run is in_this_thread


def test_many_toys_go_to_processes(alone: list[Result], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit_toys, "_MIN_TOYS_FOR_PROCESSES", N)
    with open_toy_map(Execution(workers=2), N) as run:
        assert run is not in_this_thread
        assert toy_goodness_of_fit(_likelihood(), N, np.random.default_rng(5), run=run) == alone[2]


def test_failed_fits_are_left_out_if_they_are_few() -> None:
    rows = np.arange(200.0)
    rows[[3, 77]] = np.nan
    assert good(rows).tolist() == [x for x in range(200) if x not in (3, 77)]
    rows[5] = np.nan
    with pytest.raises(FitError, match="3 of 200 toy fits failed"):
        good(rows)
    assert good(np.array([np.inf, 1.0])).tolist() == [np.inf, 1.0]

from __future__ import annotations

import json
import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from nucore.errors import InputError
from nucore.reports.toy_report import toys_job
from nucore.run.executors import Execution
from nucore.run.job import complete
from nucore.stats import LimitChoice, LinearNorm, LogLinearShape, Model, NormFactor, Sample
from nucore.stats.toys import ToyJob, ToyStudy, draw

N_TOYS = 300


def _toys(model: Model, truth: dict[str, float], n: int, seed: int, limit: Any = None) -> ToyStudy:
    job = ToyJob(model, truth, limit, seed=int(np.random.default_rng(seed).integers(2**63)))
    return job.study(job.run(0, n))


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
    theta, rng = model.vector({"u": 0.01, "n": 0.5}), np.random.default_rng(3)
    expected = model.expected(theta)
    toys = [draw(model, theta, expected, rng) for _ in range(500)]
    counts = np.stack([toy.counts for toy in toys])
    z = (counts.mean(axis=0) - expected) / np.sqrt(expected / 500)
    # 20 standard normal numbers: none beyond 4.5 (probability 1.4e-4)
    assert np.abs(z).max() < 4.5
    auxiliary = np.array([toy.auxiliary[0] for toy in toys])
    assert auxiliary.mean() == pytest.approx(0.5, abs=4.0 / np.sqrt(500))
    assert auxiliary.std() == pytest.approx(1.0, abs=4.0 / np.sqrt(1000))


def test_negative_expectation_is_refused() -> None:
    model = Model([Sample("b", [1.0]), Sample("s", [-1.0], [NormFactor("u")])], "u")
    with pytest.raises(InputError, match="negative"):
        ToyJob(model, {"u": 2.0}).run(0, 1)


def _cls_coverage() -> float:
    """Coverage of the 90% CLs limit x + isf(0.1 Phi(x)) for x normal around a truth of 2 sigma."""
    x = np.linspace(-6.0, 10.0, 20001)
    covered = (x + norm.isf(0.1 * norm.cdf(x))) >= 2.0
    return float(np.sum(norm.pdf(x - 2.0) * covered) * (x[1] - x[0]))


@pytest.mark.parametrize(("method", "coverage"), [("clsb", 0.90), ("delta-chi2", 0.95), ("cls", _cls_coverage())])
def test_pulls_and_coverage(method: str, coverage: float) -> None:
    model = _collider()
    truth = 2.0 * _sigma(model)
    study = _toys(model, {"u": truth}, N_TOYS, 17, method)
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
    study = _toys(model, {"c0": np.log(1.5), "c1": -2.0, "u": 0.0}, 150, 4)
    assert study.n_failed == 0
    assert study.coverage is None
    assert study.best_fits.size == 150
    # edge fits have no uncertainty; the others do
    assert np.isfinite(study.pulls).all()


def test_failed_toys_are_counted_and_left_out() -> None:
    # two identical free shapes: no toy has a unique minimum
    model = Model([Sample("b", [50.0, 60.0], [NormFactor("b")]), Sample("s", [5.0, 6.0], [NormFactor("u")])], "u")
    study = _toys(model, {"u": 0.0}, 5, 2)
    assert study.n_failed == 5
    assert study.best_fits.size == 0


def _job(seed: int = 5) -> ToyJob:
    return ToyJob(_collider(), {"u": 0.005}, "cls", 0.9, seed)


def test_a_toy_is_the_same_in_any_range() -> None:
    whole = _job().run(0, 6)
    np.testing.assert_array_equal(whole[2:5], _job().run(2, 3))
    assert not np.array_equal(whole, _job(6).run(0, 6))


def _study(job: ToyJob, n: int, out: Path | None = None, **choices: Any) -> ToyStudy:
    """Run toys by the engine, which keeps pieces if there is a place for them."""
    request = {"function": "toys", "arguments": {"n": n, "seed": job.seed}} if out or choices else None
    return complete(toys_job(job, n, lambda study: study, out, request=request, **choices))


def _assert_same(a: ToyStudy, b: ToyStudy) -> None:
    np.testing.assert_array_equal(a.best_fits, b.best_fits)
    np.testing.assert_array_equal(a.uncertainties, b.uncertainties)
    np.testing.assert_array_equal(a.limits, b.limits)


def test_executors_and_chunks_change_nothing(tmp_path: Path) -> None:
    alone = _study(_job(), 60)
    np.testing.assert_array_equal(alone.limits, _job().study(_job().run(0, 60)).limits)
    seen: list[float] = []
    with ThreadPoolExecutor(3) as threads:
        for chunk in (1, 7, 50, 1024):
            execution = Execution(workers=3, executor=threads, chunk=chunk, work_folder=tmp_path)
            _assert_same(alone, _study(_job(), 60, execution=execution, progress=seen.append))
            assert seen[-1] == 1.0
            assert seen == sorted(seen)
            seen.clear()
    assert not list(tmp_path.iterdir())


def test_a_study_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, whole = tmp_path / "toys.json", _study(_job(), 120)

    def interrupted(fraction: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _study(_job(), 120, file, progress=interrupted)
    assert [path.name for path in tmp_path.iterdir()] == [".nuportal-work"]
    calls: list[tuple[int, int]] = []
    plain = ToyJob.run

    def counted(self: ToyJob, first: int, n: int) -> np.ndarray:
        calls.append((first, n))
        return plain(self, first, n)

    monkeypatch.setattr(ToyJob, "run", counted)
    _assert_same(whole, _study(_job(), 120, file, execution=Execution(resume=True, chunk=30)))
    assert sum(n for _, n in calls) < 120
    assert calls[-1][0] + calls[-1][1] == 120
    assert [path.name for path in tmp_path.iterdir()] == ["toys.json"]
    content = json.loads(file.read_text())
    assert content["schema"] == "nuportal/toys-results/1"
    assert content["best_fits"] == whole.best_fits.tolist()
    _study(_job(6), 10, file)
    assert json.loads(file.read_text())["best_fits"] == _study(_job(6), 10).best_fits.tolist()


def test_toy_files_are_not_taken_for_what_they_are_not(tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    for text in ('{"mine": 1}', "[]", "no json", "[" * 100_000):
        other.write_text(text)
        with pytest.raises(InputError, match="not a toy study"):
            _study(_job(), 10, other)
        assert other.read_text() == text
    for n in (0, -1, 10**9):
        with pytest.raises(InputError, match="number of toys"):
            _study(_job(), n)


def test_band_of_background_toys_is_the_asymptotic_one() -> None:
    model = _collider()
    study = _toys(model, {"u": 0.0}, N_TOYS, 11, "cls")
    asymptotic, band, sigma = LimitChoice().expected(model), study.limit_band(), _sigma(model)
    # quantiles of 300 toys: 0.07 sigma for the median, 0.09 at one sigma; four of them
    assert band["median"] == pytest.approx(asymptotic.expected, abs=0.3 * sigma)
    for name in ("minus1", "plus1"):
        assert band[name] == pytest.approx(asymptotic.band[name], abs=0.4 * sigma)
    assert study.bias == pytest.approx(0.0, abs=4.0 * sigma / np.sqrt(N_TOYS))
    assert study.coverage_uncertainty is not None
    assert _toys(model, {}, 2, 1).limit_band() == {}


def test_processes_give_the_same_toys(tmp_path: Path) -> None:
    job = ToyJob(_collider(), {"u": 0.005}, None, 0.9, 5)
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as processes:
        execution = Execution(workers=2, executor=processes, chunk=13, work_folder=tmp_path)
        _assert_same(_study(job, 60, execution=execution), _study(job, 60))

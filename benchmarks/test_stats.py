"""A fit and a CLs limit with 40 bins and 8 nuisance parameters, compared with pyhf on the same model."""

from __future__ import annotations

import numpy as np
import pyhf
import pytest

from nucore.export.pyhf_writer import pyhf_workspace
from nucore.stats import HistoSys, Likelihood, LimitChoice, Model, NormFactor, NormSys, Sample, fit, upper_limit

SCAN_POINTS = 11
LEVEL = 0.05
ROUNDS = 5


def _likelihood() -> Likelihood:
    """Falling spectrum with two normalisations and six shapes; the signal has negative bins."""
    x = np.linspace(0.0, 1.0, 40)
    light, heavy = 1e4 * np.exp(-x), 1.05e4 * np.exp(-1.3 * x)
    norms = [NormSys("norm0", 0.97, 1.03), NormSys("norm1", 0.95, 1.06)]
    tilts = [0.02 * np.sin((k + 1) * 3.0 * x + k) for k in range(6)]
    shapes = [HistoSys(f"shape{k}", light * (1 - t), light * (1 + 1.1 * t)) for k, t in enumerate(tilts)]
    samples = [Sample("light", light, [*norms, *shapes]), Sample("signal", heavy - light, [NormFactor("u"), *norms])]
    return Likelihood(Model(samples, "u", (0.0, 1.0)), np.random.default_rng(3).poisson(light))


@pytest.fixture(scope="module")
def likelihood() -> Likelihood:
    return _likelihood()


@pytest.fixture(scope="module")
def pyhf_model(likelihood: Likelihood) -> tuple[pyhf.Model, list[float]]:
    pyhf.set_backend("numpy", pyhf.optimize.minuit_optimizer())
    workspace = pyhf.Workspace(pyhf_workspace(likelihood))
    model = workspace.model(measurement_name="physical")
    return model, workspace.data(model)


@pytest.mark.benchmark(group="fit")
def test_fit(benchmark, likelihood: Likelihood) -> None:
    benchmark(fit, likelihood)


@pytest.mark.benchmark(group="fit")
@pytest.mark.filterwarnings("ignore")
def test_fit_of_pyhf(benchmark, pyhf_model) -> None:
    model, data = pyhf_model
    benchmark.pedantic(
        pyhf.infer.mle.fit, (data, model), {"return_uncertainties": True}, rounds=ROUNDS, warmup_rounds=1
    )


@pytest.mark.benchmark(group="fit")
def test_fit_confirmed_by_minuit(benchmark, likelihood: Likelihood) -> None:
    benchmark(fit, likelihood, confirm=True)


@pytest.mark.benchmark(group="limit")
def test_limit(benchmark, likelihood: Likelihood) -> None:
    benchmark(upper_limit, likelihood, LimitChoice(1.0 - LEVEL))


@pytest.mark.benchmark(group="limit")
@pytest.mark.filterwarnings("ignore")
def test_limit_of_pyhf(benchmark, likelihood: Likelihood, pyhf_model) -> None:
    """Observed and expected limit with band, from a scan of eleven points around our limit."""
    model, data = pyhf_model
    scan = np.linspace(0.4, 2.0, SCAN_POINTS) * upper_limit(likelihood, LimitChoice(1.0 - LEVEL)).expected
    benchmark.pedantic(
        pyhf.infer.intervals.upper_limits.upper_limit,
        (data, model),
        {"scan": scan, "level": LEVEL},
        rounds=ROUNDS,
        warmup_rounds=1,
    )

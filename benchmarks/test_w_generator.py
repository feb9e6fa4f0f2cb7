"""W events per second: histograms and event records, on one and two threads."""

from __future__ import annotations

from functools import cache

import pytest

from collider.events.generator import generate_events, generate_histogram
from collider.experiments.response import load_experiment
from collider.production.w_production import WComponent, w_component
from nucore.run.executors import Execution

SELECTIONS = {name: load_experiment("atlas-2011").analysis(name).lepton_selection("mu") for name in ("paper", "full")}
WEIGHTS = (0.5, 0.49, 0.005, 0.005)
N_HISTOGRAM = 40_000_000
N_RECORDS = 2_000_000


@cache
def mixture() -> list[WComponent]:
    """Both charges, light neutrinos and a nu4 of 30 GeV, at 7 TeV."""
    return [w_component(7.0, charge, m4) for m4 in (0.0, 30.0) for charge in (1, -1)]


@pytest.mark.benchmark(group="W events")
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("name", SELECTIONS)
def test_histogram(benchmark, name, workers):
    def generate() -> int:
        return generate_histogram(
            mixture(), WEIGHTS, SELECTIONS[name], N_HISTOGRAM, 1, execution=Execution(workers=workers)
        ).n_selected

    benchmark.pedantic(generate, rounds=3, warmup_rounds=1)
    benchmark.extra_info["n"] = N_HISTOGRAM


@pytest.mark.benchmark(group="W events")
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("name", SELECTIONS)
def test_event_records(benchmark, name, workers):
    def generate() -> int:
        chunks = generate_events(
            mixture(), WEIGHTS, SELECTIONS[name], N_RECORDS, 1, execution=Execution(workers=workers)
        )
        return sum(events.sample.n_generated for events in chunks)

    benchmark.pedantic(generate, rounds=3, warmup_rounds=1)
    benchmark.extra_info["n"] = N_RECORDS

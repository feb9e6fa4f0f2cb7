"""W events a second: histogram on one and on two threads, event records, and Pythia 8 beside them."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from collider.generator import generate_events, generate_histogram
from collider.production import WComponent, w_component
from collider.selection import LeptonSelection
from nuportal.smearing import Resolution

SELECTION = LeptonSelection(tuple(np.linspace(30.0, 50.0, 41).tolist()), (0.0, 2.4), Resolution(0.02))
WEIGHTS = (0.5, 0.49, 0.005, 0.005)
N_HISTOGRAM = 40_000_000
N_RECORDS = 2_000_000
N_PYTHIA = 1000


@cache
def mixture() -> list[WComponent]:
    """Both charges, light neutrinos and a nu4 of 30 GeV, at 7 TeV."""
    return [w_component(7.0, charge, m4) for m4 in (0.0, 30.0) for charge in (1, -1)]


@pytest.mark.benchmark(group="W events")
@pytest.mark.parametrize("workers", [1, 2])
def test_histogram(benchmark, record_rate, workers):
    def generate() -> int:
        return generate_histogram(mixture(), WEIGHTS, SELECTION, N_HISTOGRAM, 1, workers=workers).n_selected

    assert benchmark.pedantic(generate, rounds=3, warmup_rounds=1) > 0
    record_rate(N_HISTOGRAM)


@pytest.mark.benchmark(group="W events")
@pytest.mark.parametrize("workers", [1, 2])
def test_event_records(benchmark, record_rate, workers):
    def generate() -> int:
        return sum(
            events.n_events for events in generate_events(mixture(), WEIGHTS, SELECTION, N_RECORDS, 1, workers=workers)
        )

    assert benchmark.pedantic(generate, rounds=3, warmup_rounds=1) == N_RECORDS
    record_rate(N_RECORDS)


@pytest.mark.benchmark(group="W events")
def test_pythia_with_initial_state_radiation(benchmark, record_rate):
    """Pythia 8 without multiple interactions, final-state radiation and hadronisation."""
    pythia8 = pytest.importorskip("pythia8mc")
    pythia = pythia8.Pythia("", False)
    settings = (
        "Print:quiet = on", "Beams:eCM = 7000.", "WeakSingleBoson:ffbar2W = on", "24:onMode = off",
        "24:onIfAny = 13 14", "PartonLevel:MPI = off", "PartonLevel:FSR = off", "HadronLevel:all = off",
    )  # fmt: skip
    assert all(pythia.readString(line) for line in settings)
    assert pythia.init()
    benchmark.pedantic(lambda: [pythia.next() for _ in range(N_PYTHIA)], rounds=3)
    record_rate(N_PYTHIA)

"""Templates: the first mass, with the angular response that serves all nu4 masses, and one more mass."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from collider.experiments.selection import Cuts, LeptonSelection, Recoil
from collider.templates import template as templates
from collider.templates.template import WTables, lepton_template
from nucore.smearing import Resolution

TABLES = WTables(7.0, 1)
WINDOW = LeptonSelection(tuple(np.linspace(30.0, 50.0, 41).tolist()), (0.0, 2.4), Resolution(relative=0.02))
WITH_RECOIL = replace(
    WINDOW,
    eta_edges=(0.0, 0.8, 1.4, 2.0, 2.4),
    recoil=Recoil(response=0.85, resolution_GeV=8.0, resolution_slope=0.05),
    cuts=Cuts(missing_momentum_min_GeV=30.0, transverse_mass_min_GeV=60.0, recoil_max_GeV=30.0),
)


@pytest.fixture(autouse=True)
def nothing_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compute all: keep no template on disk."""
    monkeypatch.setattr(templates, "stored_array", lambda _kind, _arguments, compute: compute())


def forget() -> None:
    for cache in (templates.lepton_template, templates._truth, templates._response):
        cache.cache_clear()


def test_first_mass(benchmark: BenchmarkFixture) -> None:
    lepton_template(TABLES, 0.0, WINDOW)  # compiles
    benchmark.pedantic(lepton_template, args=(TABLES, 30.0, WINDOW), setup=forget, rounds=3)


def test_first_mass_with_recoil(benchmark: BenchmarkFixture) -> None:
    lepton_template(TABLES, 0.0, WITH_RECOIL)
    benchmark.pedantic(lepton_template, args=(TABLES, 30.0, WITH_RECOIL), setup=forget, rounds=2)


def test_another_mass(benchmark: BenchmarkFixture) -> None:
    masses = iter(np.linspace(5.0, 60.0, 1000).tolist())
    lepton_template(TABLES, 0.0, WINDOW)
    benchmark.pedantic(lambda: lepton_template(TABLES, next(masses), WINDOW), rounds=20)

"""Templates: the first mass, with the angular response that serves all nu4 masses, and one more mass."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from collider.experiments.selection import Cuts, LeptonSelection, Recoil
from collider.templates.template import WTables, lepton_template
from nucore.caches import CACHE_VARIABLE
from nucore.smearing import Resolution

TABLES = WTables(7.0, 1)
WINDOW = LeptonSelection(tuple(np.linspace(30.0, 50.0, 41).tolist()), (0.0, 2.4), Resolution(relative=0.02))
WITH_RECOIL = replace(
    WINDOW,
    eta_edges=(0.0, 0.8, 1.4, 2.0, 2.4),
    recoil=Recoil(response=0.85, resolution_GeV=8.0, resolution_slope=0.05),
    cuts=Cuts(missing_momentum_min_GeV=30.0, transverse_mass_min_GeV=60.0, recoil_max_GeV=30.0),
)
WINDOWS = {"lepton pT": WINDOW, "with recoil": WITH_RECOIL}


@pytest.fixture
def forget(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], None]:
    """Return what forgets all templates, those on disk with them."""

    def run() -> None:
        monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path_factory.mktemp("cache")))
        for name, module in list(sys.modules.items()):
            if name.startswith("collider.templates"):
                for value in vars(module).values():
                    getattr(value, "cache_clear", lambda: None)()

    run()
    return run


@pytest.mark.benchmark(group="templates")
@pytest.mark.parametrize("window", WINDOWS.values(), ids=WINDOWS)
def test_first_mass(benchmark: BenchmarkFixture, window: LeptonSelection, forget: Callable[[], None]) -> None:
    lepton_template(TABLES, 0.0, window)  # compiles
    benchmark.pedantic(lepton_template, args=(TABLES, 30.0, window), setup=forget, rounds=3)


@pytest.mark.benchmark(group="templates")
@pytest.mark.usefixtures("forget")
def test_another_mass(benchmark: BenchmarkFixture) -> None:
    masses = iter(np.linspace(5.0, 60.0, 1000).tolist())
    lepton_template(TABLES, 0.0, WINDOW)
    benchmark.pedantic(lambda: lepton_template(TABLES, next(masses), WINDOW), rounds=20)

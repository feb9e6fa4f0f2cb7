"""Results are the same to the last bit, however a run is carried out."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nuportal
from nucore.rng import BLOCK
from nucore.run.executors import Execution
from nucore.run.job import Job, complete

N = 40_000
RUNS: dict[str, tuple[Any, tuple[Any, ...], dict[str, Any]]] = {
    "w paper counts": (nuportal.generate, ("w",), {"events": 2_500_000, "histogram_only": True, "out": "a.json"}),
    "w full counts": (
        nuportal.generate, ("w",), {"events": 2_500_000, "selection": "full", "histogram_only": True, "out": "a.json"},
    ),
    "w paper events": (nuportal.generate, ("w",), {"events": N, "out": "a.root"}),
    "w full events": (
        nuportal.generate, ("w",), {"events": N, "selection": "full", "out": "a.root", "all_events": True},
    ),
    "kaon counts": (nuportal.generate, ("kaon",), {"decays": 2e11, "histogram_only": True, "out": "a.json"}),
    "kaon events": (nuportal.generate, ("kaon",), {"events": N, "out": "a.root", "all_events": True}),
    "toys": (nuportal.toys, ("e949",), {"n": 40, "seed": 3}),
}  # fmt: skip


def _join(pieces: Iterator[Any]) -> dict[str, Any]:
    """Everything that the pieces hold: counts added, rows of events or toys one after the other."""
    total: dict[str, Any] = {}
    rows: dict[str, list[Any]] = {}
    for piece in pieces:
        for name, values in piece.items():
            if name == "arrays":
                for branch, column in values.items():
                    rows.setdefault(branch, []).append(column)
            elif name == "rows":
                rows.setdefault(name, []).append(values)
            else:
                total[name] = total.get(name, 0) + values
    return total | {name: np.concatenate(parts) for name, parts in rows.items()}


def _job(name: str, folder: Path, execution: Execution) -> Job[dict[str, Any]]:
    function, arguments, choices = RUNS[name]
    if "out" in choices:
        choices = {**choices, "out": folder / choices["out"]}
    return replace(function.job(*arguments, **choices, execution=execution), finish=_join)


def _assert_same(a: dict[str, Any], b: dict[str, Any]) -> None:
    assert a.keys() == b.keys()
    for name in a:
        assert a[name].dtype == b[name].dtype, name
        assert a[name].tobytes() == b[name].tobytes(), name


@pytest.fixture(scope="module")
def processes() -> Iterator[Executor]:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool


@pytest.mark.parametrize("name", RUNS)
def test_workers_chunks_and_executors_change_nothing(name: str, processes: Executor, tmp_path: Path) -> None:
    alone = complete(_job(name, tmp_path, Execution(workers=1)))
    assert alone
    least = 4 if name == "toys" else (2**18 if "counts" in name else BLOCK)
    with ThreadPoolExecutor(8) as threads:
        for execution in (
            Execution(workers=2),
            Execution(workers=8, executor=threads, chunk=least),
            Execution(workers=8, executor=threads, chunk=3 * least),
            Execution(workers=2, executor=threads, chunk=least + 777),
            Execution(workers=2, executor=processes, chunk=3 * least),
        ):
            _assert_same(alone, complete(_job(name, tmp_path, execution)))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["w full counts", "w paper events", "kaon events", "toys"])
def test_resumed_runs_are_the_same(name: str, tmp_path: Path) -> None:
    least = 4 if name == "toys" else (2**19 if "counts" in name else 2 * BLOCK)
    alone = complete(_job(name, tmp_path, Execution(workers=1)))
    seen: list[float] = []

    def stop(fraction: float) -> None:
        seen.append(fraction)
        if fraction > 0.4:
            raise KeyboardInterrupt

    with ThreadPoolExecutor(2) as threads:
        first = Execution(workers=1, executor=threads, chunk=least, work_folder=tmp_path / "work")
        with pytest.raises(KeyboardInterrupt):
            complete(replace(_job(name, tmp_path, first), progress=stop))
        assert list((tmp_path / "work").glob("*/*.piece"))
        rest = replace(first, chunk=2 * least + 1, resume=True)
        _assert_same(alone, complete(_job(name, tmp_path, rest)))
    assert not list((tmp_path / "work").iterdir())

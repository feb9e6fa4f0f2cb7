"""Reach as a job: the same for any workers, chunks and shards, resumed or not."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor

import pytest

from nucore.errors import InputError
from nucore.run.chunks import Shard
from nucore.run.executors import Execution
from nuportal import project
from nuportal.api.merge import merge

#: Experiment and options of three runs: masses of a collider, masses for two windows of one, masses of a kaon.
RUNS = {
    "collider": ("atlas-2011", {"grid": [20.0, 30.0, 40.0, 50.0, 90.0]}),
    "window": ("atlas-2011", {"grid": [30.0, 40.0, 45.0], "scan_window": [29.0, 30.0], "flavour": "e"}),
    "kaon": ("e949", {"grid": [0.01 + 0.002 * k for k in range(20)], "m4": "10x"}),
}


class _StoppedError(Exception):
    """Ends a run from its callback."""


@pytest.fixture(scope="module")
def whole():
    return {name: project(experiment, **options) for name, (experiment, options) in RUNS.items()}


@pytest.fixture(scope="module")
def processes() -> Iterator[Executor]:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as executor:
        yield executor


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize(("workers", "chunk"), [(1, 1), (1, None), (2, 3), (8, 1), (8, None)])
def test_workers_and_chunks_change_nothing(whole, name, workers, chunk):
    experiment, options = RUNS[name]
    assert project(experiment, **options, execution=Execution(workers, chunk=chunk)) == whole[name]


@pytest.mark.parametrize("name", RUNS)
def test_other_processes_change_nothing(whole, processes, name):
    experiment, options = RUNS[name]
    assert project(experiment, **options, execution=Execution(2, executor=processes)) == whole[name]


@pytest.mark.parametrize("name", RUNS)
def test_shards_are_merged_to_the_whole(whole, tmp_path, name):
    experiment, options = RUNS[name]
    paths = [tmp_path / f"{k}.shard" for k in (1, 2, 3)]
    for k, path in enumerate(paths, start=1):
        written = project.shard(Shard(k, 3), path, experiment, **options)
        assert (written.unit, written.n_total) == ("masses", len(whole[name].to_dict()["curve"]) * _n_curves(options))
    out = tmp_path / "reach.json"
    merged = merge(paths, out)
    assert merged.outputs == (str(out),)
    assert merged.to_dict() == {**whole[name].to_dict(), "outputs": [str(out)]}
    content = json.loads(out.read_text(encoding="utf-8"))
    assert content["schema"] == "nuportal/project/1"
    assert content["provenance"]["card"] == experiment
    assert content["provenance"]["request"]["function"] == "project"
    assert {name: content[name] for name in merged.to_dict()} == json.loads(merged.to_json())


def _n_curves(options):
    return len(options.get("scan_window", [0.0]))


@pytest.mark.parametrize("name", RUNS)
def test_a_resumed_run_is_the_whole(whole, tmp_path, name):
    experiment, options = RUNS[name]
    out = tmp_path / "reach.json"

    def stop(_: float) -> None:
        raise _StoppedError

    with pytest.raises(_StoppedError):
        project(experiment, **options, out=out, execution=Execution(1, chunk=2), progress=stop)
    assert not out.exists()
    fractions: list[float] = []
    execution = Execution(2, resume=True)
    resumed = project(experiment, **options, out=out, execution=execution, progress=fractions.append)
    assert resumed.to_dict() == {**whole[name].to_dict(), "outputs": [str(out)]}
    assert fractions[-1] == 1.0
    assert [path.name for path in tmp_path.iterdir()] == ["reach.json"]


def test_bad_arguments_are_refused_before_anything_is_computed(tmp_path):
    with pytest.raises(InputError, match=r"expected \.json"):
        project("e949", out=tmp_path / "reach.csv")
    with pytest.raises(InputError, match="cannot be written"):
        project("e949", out=tmp_path / "nowhere" / "reach.json")
    with pytest.raises(InputError, match="m4 = 1e\\+09"):
        project("atlas-2011", systematics="full", grid=[30.0, 1e9])
    with pytest.raises(InputError, match="memory"):
        project("e949", grid=[0.01 + 1e-7 * k for k in range(50_000)], execution=Execution(max_memory=50_000_000))

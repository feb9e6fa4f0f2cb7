"""Stages of computations, as a listener hears of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from collider.experiments.analysis_options import AnalysisOptions
from collider.experiments.measurement import measurement
from collider.experiments.response import load_experiment
from collider.templates import systematics
from nucore.run.chunks import Chunk
from nucore.run.executors import Execution
from nucore.run.job import Job, complete
from nucore.run.stages import told_to
from nucore.run.threads import Room, local_map


class Record:
    """Steps of the stages that went on, by title, and those that have ended."""

    def __init__(self) -> None:
        self.steps: dict[str, int] = {}
        self.done: dict[str, int] = {}
        self.ended: list[str] = []

    def begin(self, title: str, steps: int) -> str:
        self.steps[title] = self.steps.get(title, 0) + steps
        return title

    def advance(self, stage: str, steps: int) -> None:
        self.done[stage] = self.done.get(stage, 0) + steps

    def end(self, stage: str) -> None:
        self.ended.append(stage)


@pytest.mark.parametrize("threads", [1, 3])
def test_items_of_a_map_are_steps(threads: int) -> None:
    record = Record()
    with told_to(record), Room(threads).entered():
        assert local_map(lambda x: 2 * x, range(20), "doubles") == [2 * x for x in range(20)]
        local_map(lambda x: x, range(3))
    assert record.steps == record.done == {"doubles": 20}
    assert record.ended == ["doubles"]
    local_map(lambda x: x, range(3), "of nobody")
    assert record.ended == ["doubles"]


def test_a_stage_that_fails_ends() -> None:
    record = Record()
    with told_to(record), pytest.raises(ZeroDivisionError):
        local_map(lambda x: 1 // (2 - x), range(9), "inverses")
    assert record.ended == ["inverses"]


def test_a_job_tells_its_progress_or_is_a_stage() -> None:
    record, told = Record(), []
    job = Job(lambda chunk: chunk.n, Chunk(0, 7), sum, "toys", 2, local="threads", execution=Execution(2, chunk=2))
    with told_to(record):
        assert complete(job) == 7
        assert complete(replace(job, progress=told.append)) == 7
    assert record.steps == record.done == {"toys": 7}
    assert told == [2 / 7, 4 / 7, 6 / 7, 1.0]


@pytest.mark.parametrize(("options", "least"), [({}, 1), ({"systematics": "full"}, 10), ({"float_mw": True}, 2)])
def test_each_template_is_a_step(options: dict, least: int, monkeypatch: pytest.MonkeyPatch) -> None:
    measured = measurement(load_experiment("atlas-2011"), "mu", AnalysisOptions(**options))
    monkeypatch.setattr(systematics, "_replicas", lambda *_: np.zeros((2, 3)))
    record = Record()
    with told_to(record):
        systematics.shapes(measured, 0.0)
        systematics.shapes(measured, 30.0)
    assert record.steps == record.done
    assert list(record.steps) == ["templates of the Standard Model", "templates of m4 = 30 GeV"]
    assert min(record.steps.values()) >= least

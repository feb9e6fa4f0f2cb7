"""State of an installation."""

from __future__ import annotations

import importlib.metadata

import numpy as np
import pytest

import nuportal
from nuportal.api import doctor as module
from nuportal.api import self_test


@pytest.fixture(scope="module")
def report():
    return nuportal.doctor()


def test_all_is_well_here(report):
    assert report.healthy, report.problems
    assert report.versions["numpy"] == np.__version__
    assert report.places["limits"] > 100
    assert "healthy, 3 of 3 self-tests passed" in repr(report)
    assert [row["passed"] for row in report.rows()] == [True] * 3


def test_cache_is_that_of_the_variable(tmp_path, monkeypatch):
    monkeypatch.setenv("NUPORTAL_CACHE", str(tmp_path))
    (tmp_path / "kept").write_bytes(bytes(2_000_000))
    results, kernels = module._caches()
    assert (results.path, results.size_MB, results.problem) == (str(tmp_path), 2.0, None)
    assert kernels.problem is None


def test_cache_that_cannot_be_written(tmp_path, monkeypatch):
    file = tmp_path / "file"
    file.write_text("")
    monkeypatch.setenv("NUPORTAL_CACHE", str(file))
    monkeypatch.setattr(module, "run_self_tests", tuple)
    problems = nuportal.doctor().problems
    assert len(problems) == 1
    assert "set NUPORTAL_CACHE to a folder that can" in problems[0]


def test_missing_extra_tells_the_command(monkeypatch):
    def version(name):
        if name == "pyhf":
            raise importlib.metadata.PackageNotFoundError
        return "1"

    monkeypatch.setattr(importlib.metadata, "version", version)
    extras = {one.name: one for one in module._extras()}
    assert extras["stat"].command == 'pip install "nuportal[stat]"'
    assert extras["dask"].command is None
    assert not extras.keys() & {"test", "docs", "bench"}


@pytest.mark.parametrize("name", self_test.CHECKS)
@pytest.mark.parametrize("broken", [lambda: (1.01, 1.0), lambda: (float("nan"), 1.0), lambda: 1 / 0])
def test_wrong_number_or_error_fails(monkeypatch, name, broken):
    monkeypatch.setitem(self_test.CHECKS, name, (broken, self_test.CHECKS[name][1]))
    for other in self_test.CHECKS.keys() - {name}:
        monkeypatch.setitem(self_test.CHECKS, other, (lambda: (1.0, 1.0), 1e-6))
    report = nuportal.doctor()
    assert [test.name for test in report.tests if not test.passed] == [name]
    assert "install nuportal again" in report.problems[0]


def test_self_tests_find_wrong_physics(monkeypatch):
    """Each check compares with a number that does not come from what it checks."""
    monkeypatch.setattr(self_test.c, "M_MU", 0.106)
    monkeypatch.setattr(self_test.c, "M_PI", 0.137)
    found = {test.name: test.passed for test in self_test.run_self_tests()}
    assert list(found.values()) == [False, True, False]

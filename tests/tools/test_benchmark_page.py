"""The page of benchmarks: its ratios, and that what it compares is measured."""

import ast
from pathlib import Path

import pytest

from benchmarks.report import COMPARISONS, page

FOLDER = Path(__file__).parents[2] / "benchmarks"


def _measured(name, median, **extra):
    stats = {"q1": 0.9 * median, "median": median, "q3": 1.2 * median, "rounds": 5}
    return {"name": name, "group": "from the shell" if "command" in extra else "x", "stats": stats, "extra_info": extra}


@pytest.fixture(scope="module")
def written():
    benchmarks = [
        _measured("test_fit", 0.01),
        _measured("test_fit_of_pyhf", 0.5),
        _measured("test_kernel[full]", 2.0, n=4_000_000),
        _measured("test_numpy_uniforms[full]", 0.25, n=1_000_000),
        _measured("test_command[check]", 0.7, command="nuportal check"),
    ]
    machine = {"cpu": {"brand_raw": "A chip", "count": 2}, "load_before": 0.04, "python_version": "3.12.1"}
    versions = {"nuportal": "1.2.3", "pyhf": "not installed"}
    return page(
        {"datetime": "2026-01-02T03:04:05", "machine_info": machine | {"versions": versions}, "benchmarks": benchmarks}
    )


@pytest.mark.parametrize(
    "row",
    [
        "| fit | pyhf | 50 | 37.5 to 66.7 |",
        "| limit | pyhf | not measured |  |",
        "| W events, general response | numpy, the random numbers of these events alone | 0.5 | 0.375 to 0.667 |",
        "| `nuportal check` | 0.70 | 0.63 to 0.84 |",
        "| x | kernel[full] | 2 | 1.8 | 2.4 | 5 | 2 |  |",
        "- Machine: A chip, 2 cores; load before the run 0.0",
        "- Versions: Python 3.12.1, nuportal 1.2.3, pyhf not installed",
    ],
)
def test_rows(written, row):
    assert row in written.splitlines()


def test_what_is_compared_is_measured():
    functions = {
        node.name
        for file in FOLDER.glob("test_*.py")
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }
    compared = {name.partition("[")[0] for one in COMPARISONS for name in (one.ours, one.theirs)}
    assert compared <= functions

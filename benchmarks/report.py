"""Write a page of Markdown from the JSON file of pytest-benchmark: ``python benchmarks/report.py IN.json OUT.md``."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

LIBRARIES = ("nuportal", "numpy", "scipy", "numba", "iminuit", "pyhf", "pythia8mc")
KERNEL = "W events on one thread"


def main(source: str, out: str) -> None:
    """Convert a file."""
    content = json.loads(Path(source).read_text(encoding="utf-8"))
    Path(out).write_text(page(content), encoding="utf-8")


def page(content: dict[str, Any]) -> str:
    """Return the page of a run."""
    machine, benchmarks = content["machine_info"], content["benchmarks"]
    cpu = machine["cpu"]
    lines = [
        "# Benchmarks",
        "",
        "Made by `make bench` in one run; ratios compare programs on the same machine in the same run.",
        "",
        f"- Date: {content['datetime'][:16].replace('T', ' ')} UTC",
        f"- Machine: {cpu.get('brand_raw', machine['processor'])}, {cpu.get('count', os.cpu_count())} cores",
        f"- Load at the end: {os.getloadavg()[0]:.1f}",
        f"- Versions: Python {machine['python_version']}, {', '.join(_versions())}",
        "",
    ]
    return "\n".join([*lines, *_ratios(benchmarks), *_shell(benchmarks), *_all(benchmarks)]) + "\n"


def _versions() -> Iterable[str]:
    for name in LIBRARIES:
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            yield f"{name} not installed"


def _ratios(benchmarks: list[dict[str, Any]]) -> list[str]:
    """Our rate over that of other programs."""
    rows = [
        (_name(one), "pyhf", one["extra_info"]["times_faster_than_pyhf"])
        for one in benchmarks
        if "times_faster_than_pyhf" in one["extra_info"]
    ]
    rows += _rate_ratios(benchmarks, KERNEL, "kernel") + _rate_ratios(benchmarks, "normal numbers", "box muller")
    table = [f"| {ours} | {other} | {ratio:.3g} |" for ours, other, ratio in rows]
    return ["## Times faster", "", "| ours | than | ratio |", "| --- | --- | ---: |", *table, ""]


def _rate_ratios(benchmarks: list[dict[str, Any]], group: str, ours: str) -> list[tuple[str, str, float]]:
    rates = {_name(b): b["extra_info"]["million_events_per_second"] for b in benchmarks if b["group"] == group}
    mine = [name for name in rates if name.startswith(ours)]
    return [(one, other, rates[one] / rates[other]) for one in mine for other in rates if other not in mine]


def _shell(benchmarks: list[dict[str, Any]]) -> list[str]:
    rows = [
        f"| {one['params']['name'] if one['params'] else 'flavours atlas-2011 --m4 30, first'} "
        f"| {one['stats']['median']:.2f} |"
        for one in benchmarks
        if one["group"] == "from the shell"
    ]
    return ["## From the shell", "", "| command | median [s] |", "| --- | ---: |", *rows, ""]


def _all(benchmarks: list[dict[str, Any]]) -> list[str]:
    rows = []
    for one in benchmarks:
        if one["group"] != "from the shell":
            more = ", ".join(f"{key.replace('_', ' ')} {value:g}" for key, value in one["extra_info"].items())
            rows.append(f"| {one['group'] or '-'} | {_name(one)} | {one['stats']['min']:.4g} | {more} |")
    head = ["## All", "", "| group | benchmark | best [s] | |", "| --- | --- | ---: | --- |"]
    return [*head, *rows]


def _name(one: dict[str, Any]) -> str:
    return str(one["name"]).removeprefix("test_").replace("_", " ")


if __name__ == "__main__":
    main(*sys.argv[1:])

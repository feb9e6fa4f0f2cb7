"""Write a page of Markdown from the JSON file of pytest-benchmark: ``python benchmarks/report.py IN.json OUT.md``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

Benchmark = dict[str, Any]
SHELL = "from the shell"


class Comparison(NamedTuple):
    """Two benchmarks of the same work: what is done, the names of both, and what the other program does."""

    what: str
    ours: str
    theirs: str
    other: str


COMPARISONS = (
    Comparison("fit", "test_fit", "test_fit_of_pyhf", "pyhf"),
    Comparison("limit", "test_limit", "test_limit_of_pyhf", "pyhf"),
    *(
        Comparison(f"W events, {response} response", f"test_kernel[{name}]", *other)
        for name, response in (("paper", "simple"), ("full", "general"))
        for other in (
            ("test_pythia[hard process]", "Pythia 8, hard process alone"),
            ("test_pythia[initial-state radiation]", "Pythia 8 with initial-state radiation"),
            (f"test_numpy_uniforms[{name}]", "numpy, the random numbers of these events alone"),
        )
    ),
    Comparison("normal random numbers", "test_philox_and_box_muller", "test_numpy_normals", "numpy"),
)

WHAT_IS_COMPARED = """\
- **fit**: best fit and covariance of 40 bins with 8 nuisance parameters (2 normalisations, 6 shapes). pyhf gets the
  same model, as `nuportal export --to pyhf` writes it, with its numpy backend and minuit.
- **limit**: observed and expected CLs limit with its band on that model. pyhf scans 11 values around the limit, which
  it is told.
- **W events**: pp -> W -> mu nu at 7 TeV, nu massless or nu4, with momentum resolution, selection and histogram, in
  float32. Pythia makes complete event records instead, and is not asked for resolution, selection or histogram; it has
  no multiparton interactions, final-state radiation or hadrons. numpy fills an array of float32 with as many uniform
  numbers as these events take.
- **normal random numbers**: Philox and Box-Muller against `Generator.standard_normal`; both float32.

Each program runs on one thread. Below 1, nuportal is slower."""

REPEAT = """\
<!-- not run: it takes minutes, and writes this page -->
```console
$ make bench
```

The machine must do nothing else. `NUPORTAL_BENCH_EVENTS=1e6` makes the whole runs short, to try the rest."""


def main(source: str, out: str) -> None:
    """Convert a file."""
    content = json.loads(Path(source).read_text(encoding="utf-8"))
    Path(out).write_text(page(content), encoding="utf-8")
    print(f"written: {out}")


def page(content: dict[str, Any]) -> str:
    """Return the page of a run."""
    machine, benchmarks = content["machine_info"], content["benchmarks"]
    cpu = machine["cpu"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    parts = (
        "# Benchmarks",
        "Measured in one run on one machine; programs are compared within it. Ranges are the quartiles of the rounds.",
        f"- Date: {content['datetime'][:10]}\n"
        f"- Machine: {cpu.get('brand_raw') or machine['processor']}, {cpu['count']} cores; "
        f"load before the run {machine['load_before']:.1f}\n"
        f"- Versions: Python {machine['python_version']}, {versions}",
        "## Against other programs",
        _comparisons({one["name"]: one for one in benchmarks}),
        WHAT_IS_COMPARED,
        "## From the shell",
        "Seconds from the command to its answer, of a process of its own.",
        _shell([one for one in benchmarks if one["group"] == SHELL]),
        "## All",
        _all([one for one in benchmarks if one["group"] != SHELL]),
        "## Repeat",
        REPEAT,
    )
    return "\n\n".join(parts) + "\n"


def _comparisons(benchmarks: dict[str, Benchmark]) -> str:
    rows = []
    for what, ours, theirs, other in COMPARISONS:
        if ours in benchmarks and theirs in benchmarks:
            ratio, low, high = _times_faster(benchmarks[ours], benchmarks[theirs])
            rows.append((what, other, _short(ratio), f"{_short(low)} to {_short(high)}"))
        else:
            rows.append((what, other, "not measured", ""))
    return _table(("nuportal", "against", "times faster", "range"), rows, right=2)


def _times_faster(ours: Benchmark, theirs: Benchmark) -> tuple[float, float, float]:
    """Ratio of the median times for the same work, and what the quartiles of both make of it."""
    (our_low, our_time, our_high), (their_low, their_time, their_high) = _seconds(ours), _seconds(theirs)
    return their_time / our_time, their_low / our_high, their_high / our_low


def _short(number: float) -> str:
    return f"{number:.3g}" if number < 1000.0 else f"{number:.0f}"


def _seconds(one: Benchmark) -> tuple[float, float, float]:
    """First quartile, median and third quartile of the time for an event, or whatever a round has many of."""
    stats, n = one["stats"], one["extra_info"].get("n", 1)
    return stats["q1"] / n, stats["median"] / n, stats["q3"] / n


def _shell(benchmarks: list[Benchmark]) -> str:
    rows = []
    for one in benchmarks:
        low, time, high = _seconds(one)
        rows.append((f"`{one['extra_info']['command']}`{_note(one)}", f"{time:.2f}", f"{low:.2f} to {high:.2f}"))
    return _table(("command", "seconds", "range"), rows, right=1)


def _note(one: Benchmark) -> str:
    note = one["extra_info"].get("note")
    return f", {note}" if note else ""


def _all(benchmarks: list[Benchmark]) -> str:
    rows = []
    for one in benchmarks:
        extra, stats = dict(one["extra_info"]), one["stats"]
        n = extra.pop("n", None)
        rate = f"{n / stats['median'] / 1e6:.3g}" if n else ""
        more = ", ".join(f"{key.replace('_', ' ')} {value:g}" for key, value in extra.items())
        name = one["name"].removeprefix("test_").replace("_", " ")
        times = (f"{stats[key]:.3g}" for key in ("median", "q1", "q3"))
        rows.append((one["group"] or "", name, *times, str(stats["rounds"]), rate, more))
    head = ("group", "benchmark", "median [s]", "q1 [s]", "q3 [s]", "rounds", "million a second", "")
    return _table(head, rows, right=2, left_again=7)


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]], right: int, left_again: int | None = None) -> str:
    """Return a table whose columns are aligned to the right from one on, up to another."""
    numbers = range(right, len(head) if left_again is None else left_again)
    rules = ["---:" if k in numbers else "---" for k in range(len(head))]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rules, *rows))


if __name__ == "__main__":
    main(*sys.argv[1:])

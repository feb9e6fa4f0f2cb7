"""Record and print the rate of every benchmark in events per second."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

RecordRate = Callable[[int], None]


@pytest.fixture
def record_rate(benchmark) -> RecordRate:
    """Store millions of events per second (best round) in the benchmark's extra information."""

    def record(n_events: int) -> None:
        if benchmark.stats is not None:  # None with --benchmark-disable
            benchmark.extra_info["million_events_per_second"] = round(n_events / benchmark.stats.stats.min / 1e6, 4)

    return record


@pytest.hookimpl(wrapper=True)
def pytest_terminal_summary(terminalreporter) -> Iterator[None]:
    """Print the rates after pytest-benchmark's own table."""
    result = yield
    session = getattr(terminalreporter.config, "_benchmarksession", None)
    benchmarks = getattr(session, "benchmarks", [])
    rates = [(bench.name, bench.extra_info.get("million_events_per_second")) for bench in benchmarks]
    if any(rate is not None for _, rate in rates):
        terminalreporter.write_sep("-", "millions of events per second, best round")
        for name, rate in rates:
            if rate is not None:
                terminalreporter.write_line(f"{rate:10.4f}  {name}")
    _write_kernel_ratios(terminalreporter, benchmarks)
    ratios = [(bench.name, bench.extra_info.get("times_faster_than_pyhf")) for bench in benchmarks]
    if any(ratio is not None for _, ratio in ratios):
        terminalreporter.write_sep("-", "times faster than pyhf, best round of both")
        for name, ratio in ratios:
            if ratio is not None:
                terminalreporter.write_line(f"{ratio:10.1f}  {name}")
    return result


def _write_kernel_ratios(terminalreporter, benchmarks) -> None:
    """Print the rate of the W kernel over that of every other benchmark of its group."""
    group = [bench for bench in benchmarks if bench.group == "W events on one thread"]
    rates = {bench.name: bench.extra_info["million_events_per_second"] for bench in group}
    for kernel in (name for name in rates if name.startswith("test_kernel")):
        terminalreporter.write_sep("-", f"{kernel}: its rate over that of")
        for name, rate in rates.items():
            if not name.startswith("test_kernel"):
                terminalreporter.write_line(f"{rates[kernel] / rate:10.3g}  {name}")

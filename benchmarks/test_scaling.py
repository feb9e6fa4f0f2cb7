"""Whole runs: speed-up by a second worker and by a cluster, and a billion events. Needs an idle machine."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nucore.run.executors import Execution
from nuportal import generate

distributed = pytest.importorskip("distributed")

N_SCALING = int(float(os.environ.get("NUPORTAL_BENCH_EVENTS", "1e8")))
"""Events per comparison; the large run has ten times as many."""
ROUNDS = 3


def _seconds(execution: Execution, n: int = N_SCALING) -> float:
    start = time.perf_counter()
    generate("w", events=n, seed=1, execution=execution)
    return time.perf_counter() - start


def _alternating(first: Callable[[], float], second: Callable[[], float]) -> tuple[float, float]:
    """Best times of both, measured alternately, so that a change of clock speed affects both."""
    pairs = [(first(), second()) for _ in range(ROUNDS)]
    one, two = zip(*pairs, strict=True)
    return min(one), min(two)


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    """Compile the kernel and read the tables before anything is timed."""
    generate("w", events=1000, seed=1)


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a Dask cluster of one worker with two threads, in separate processes; yield its address."""
    folder = tmp_path_factory.mktemp("cluster")
    file = folder / "scheduler.json"
    common = ("--scheduler-file", str(file), "--no-dashboard")
    commands = (
        ("scheduler", "--host", "127.0.0.1", "--port", "0", *common),
        ("worker", "--host", "127.0.0.1", "--no-nanny", "--nthreads", "2", "--local-directory", str(folder), *common),
    )
    started: list[subprocess.Popen[bytes]] = []
    try:
        for command in commands:
            started.append(_quiet("-m", "dask", *command))
            while not file.exists():
                if started[0].poll() is not None:
                    raise RuntimeError("the scheduler has ended")
                time.sleep(0.05)
        with distributed.Client(scheduler_file=str(file)) as client:
            client.wait_for_workers(1, timeout=60)
            address = client.scheduler.address
        _seconds(Execution(scheduler=address), 1000)  # the worker loads its compiled kernel
        yield address
    finally:
        for process in reversed(started):
            process.kill()
            process.wait()


def _quiet(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.mark.benchmark(group="whole runs of W events")
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="needs two cores")
def test_two_workers(benchmark) -> None:
    one, two = benchmark.pedantic(
        _alternating, (lambda: _seconds(Execution(workers=1)), lambda: _seconds(Execution(workers=2))), rounds=1
    )
    benchmark.extra_info["efficiency_of_two_workers"] = round(one / two / 2.0, 3)


@pytest.mark.benchmark(group="whole runs of W events")
def test_cluster(benchmark, scheduler: str) -> None:
    local, cluster = benchmark.pedantic(
        _alternating,
        (lambda: _seconds(Execution(workers=2)), lambda: _seconds(Execution(scheduler=scheduler))),
        rounds=1,
    )
    benchmark.extra_info["cluster_over_local"] = round(cluster / local, 3)


@pytest.mark.benchmark(group="whole runs of W events")
def test_many_events(benchmark, tmp_path: Path) -> None:
    """Time and peak memory of a histogram of ten times as many events, in a separate process."""
    n = 10 * N_SCALING
    program = (
        "import resource, sys\n"
        "from nuportal import generate\n"
        "generate('w', events=int(sys.argv[1]), seed=1, out=sys.argv[2], histogram_only=True)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    command = [sys.executable, "-c", program, str(n), str(tmp_path / "w.json")]
    ended = benchmark.pedantic(lambda: subprocess.run(command, check=True, capture_output=True, text=True), rounds=1)
    benchmark.extra_info["n"] = n
    peak_mb = int(ended.stdout) / (1e6 if sys.platform == "darwin" else 1e3)
    benchmark.extra_info["peak_memory_MB"] = round(peak_mb)

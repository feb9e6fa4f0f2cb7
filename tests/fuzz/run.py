"""Runs damaged files through a reader, each within its time and memory.

python -m tests.fuzz.run [READER...] [--cases N] [--seed S] [--keep FOLDER]
"""

from __future__ import annotations

import argparse
import json
import os
import select
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fuzz.readers import READERS
from tests.fuzz.worker import content_of, seeds_of

ROOT = Path(__file__).parents[2]
LIMIT_S = 5.0
#: Start of a worker: imports, and kernels that are compiled where no cache has them.
_START_S = 120.0


@dataclass
class Summary:
    """How the cases of a reader ended.

    Attributes
    ----------
    n_ok, n_refused : int
    failures : dict
        What was wrong, by case.
    slowest : (str, float)
        Case and seconds.
    peak_mb : int
        Most memory beyond what the process started with.
    """

    n_ok: int = 0
    n_refused: int = 0
    failures: dict[str, str] = field(default_factory=dict)
    slowest: tuple[str, float] = ("", 0.0)
    peak_mb: int = 0

    def add(self, told: dict[str, Any], start_mb: int) -> None:
        """Add what the worker told of a case."""
        case, ended, seconds = told["case"], told["outcome"], told["seconds"]
        self.n_ok += ended == "ok"
        self.n_refused += ended == "refused"
        if ended not in ("ok", "refused"):
            self.failures[case] = ended
        self.slowest = max(self.slowest, (case, seconds), key=lambda x: x[1])
        self.peak_mb = max(self.peak_mb, told["mb"] - start_mb)


def run_reader(name: str, cases: Sequence[str], seed: int = 1) -> Summary:
    """Run files and numbers of a seed through a reader; a case that hangs or crashes is a failure of that case."""
    summary, left, start_mb = Summary(), list(cases), 0
    while left:
        n_done, reason = 0, "the process died"
        with tempfile.TemporaryDirectory() as folder:
            for told in _tell(name, [str(seed), *left], folder):
                if "case" in told:
                    summary.add(told, start_mb)
                    n_done += 1
                elif "start_mb" in told:
                    start_mb = told["start_mb"]
                else:
                    reason = told["reason"]
        if not start_mb:
            raise RuntimeError(f"{name}: no whole file is taken; see python -m tests.fuzz.worker {name} 1 0")
        left = left[n_done:]
        if left:
            summary.failures[left.pop(0)] = reason
    return summary


def _tell(name: str, arguments: list[str], folder: str) -> Iterator[dict[str, Any]]:
    """Yield what a worker tells, until it ends, dies, or tells nothing for too long."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    command = [sys.executable, "-m", "tests.fuzz.worker", name, *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=folder, stdout=pipe, stderr=subprocess.DEVNULL, env=environment) as worker:
        assert worker.stdout is not None
        limit = _START_S
        while True:
            if not select.select([worker.stdout], [], [], limit)[0]:
                worker.kill()
                yield {"reason": f"nothing for {limit:g} s"}
                return
            line = worker.stdout.readline()
            if not line:
                return
            limit = LIMIT_S
            yield json.loads(line)


def main() -> None:
    """Run readers and print how their cases ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("readers", nargs="*", default=list(READERS))
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder for the files that failed")
    options = parser.parse_args()
    for name in options.readers:
        cases = range(options.first, options.first + options.cases)
        summary = run_reader(name, [str(i) for i in cases], options.seed)
        print(
            f"{name}: {options.cases} cases, {summary.n_ok} ok, {summary.n_refused} refused, "
            f"{len(summary.failures)} failed; slowest {summary.slowest[1]:.2f} s, {summary.peak_mb} MB",
            flush=True,
        )
        for case, reason in summary.failures.items():
            print(f"  {case}: {reason}", flush=True)
        if options.keep is not None and summary.failures:
            seeds = seeds_of(READERS[name])
            (options.keep / name).mkdir(parents=True, exist_ok=True)
            for case in summary.failures:
                file = options.keep / name / f"{options.seed}-{case}{READERS[name].suffix}"
                file.write_bytes(content_of(READERS[name], seeds, options.seed, case))


if __name__ == "__main__":
    main()

"""Time from the shell to the answer, of a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

COMMANDS = {
    "--help": ["-m", "nuportal", "--help"],
    "import nuportal": ["-c", "import nuportal"],
    "model": ["-m", "nuportal", "model"],
    "check": ["-m", "nuportal", "check"],
    "limits": ["-m", "nuportal", "limits"],
    "decay K+ mu": ["-m", "nuportal", "decay", "K+", "mu"],
    "flavours atlas-2011 --m4 30, again": ["-m", "nuportal", "flavours", "atlas-2011", "--m4", "30"],
}


@pytest.mark.benchmark(group="from the shell")
@pytest.mark.parametrize("name", COMMANDS)
def test_command(benchmark, name: str) -> None:
    def run() -> None:
        subprocess.run([sys.executable, *COMMANDS[name]], check=True, capture_output=True)

    benchmark.pedantic(run, rounds=5, warmup_rounds=1)


@pytest.mark.benchmark(group="from the shell")
def test_first_flavours(benchmark, tmp_path, monkeypatch) -> None:
    """With compiled kernels, without templates of earlier commands."""
    monkeypatch.setenv("NUPORTAL_CACHE", str(tmp_path))
    command = [sys.executable, *COMMANDS["flavours atlas-2011 --m4 30, again"]]
    benchmark.pedantic(lambda: subprocess.run(command, check=True, capture_output=True), rounds=1)

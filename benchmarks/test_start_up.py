"""Time from the shell to the answer, of a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

GROUP = "from the shell"
COMMANDS = ("--help", "model", "check", "limits", "decay K+ mu", "project atlas-2011 --grid 20,30")
FLAVOURS = "flavours atlas-2011 --m4 30"


def _run(*arguments: str) -> None:
    # as after an installation by pip: with the compiled Python files that this variable forbids to write
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True, env=environment)


def _command(text: str) -> tuple[str, ...]:
    return ("-m", "nuportal", *text.split())


@pytest.mark.benchmark(group=GROUP)
def test_import(benchmark) -> None:
    benchmark.pedantic(_run, ("-c", "import nuportal"), rounds=5, warmup_rounds=1)
    benchmark.extra_info["command"] = 'python -c "import nuportal"'


@pytest.mark.benchmark(group=GROUP)
@pytest.mark.parametrize("command", COMMANDS)
def test_command(benchmark, command: str) -> None:
    benchmark.pedantic(_run, _command(command), rounds=5, warmup_rounds=1)
    benchmark.extra_info["command"] = f"nuportal {command}"


@pytest.mark.benchmark(group=GROUP)
def test_first_flavours(benchmark, tmp_path, monkeypatch) -> None:
    """With compiled kernels, without templates of earlier commands: each round has a cache of its own."""
    rounds = iter(range(3))

    def empty_cache() -> None:
        monkeypatch.setenv("NUPORTAL_CACHE", str(tmp_path / str(next(rounds))))

    benchmark.pedantic(_run, _command(FLAVOURS), setup=empty_cache, rounds=3)
    benchmark.extra_info |= {"command": f"nuportal {FLAVOURS}", "note": "the first time"}


@pytest.mark.benchmark(group=GROUP)
def test_flavours_again(benchmark) -> None:
    benchmark.pedantic(_run, _command(FLAVOURS), rounds=3, warmup_rounds=1)
    benchmark.extra_info |= {"command": f"nuportal {FLAVOURS}", "note": "again"}

"""Damaged files on the command line: exit status 0, or 2 with one line, and nothing left behind."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.readers import READERS
from tests.fuzz.worker import damaged, seeds_of

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded on Linux")]

COMMANDS = {
    "card": ["model"],
    "csv": ["fit", "--report", "report"],
    "uhi": ["export", "--to", "pyhf", "--out", "out.json"],
    "hepdata": ["fit", "--json"],
    "pyhf": ["fit", "--plot", "fit.png"],
    "root": ["export", "--to", "hepdata", "--out", "out"],
    "root-events": ["analyse", "--out", "out.root"],
    "lhe": ["analyse", "--out", "out.csv"],
    "lhe-gz": ["analyse", "--out", "out.json"],
    "hepmc": ["analyse", "--out", "out.root"],
}
_PROGRAM = "import resource as r; r.setrlimit(r.RLIMIT_DATA, (1 << 30, 1 << 30)); from nuportal.cli import main; main()"
_ROOT = str(Path(__file__).parents[2])


def ended(folder, name, content):
    """Exit status, lines on stderr, and what the folder holds beside the input, of the command of a reader."""
    path = folder / f"input{READERS[name].suffix}"
    path.write_bytes(content)
    command, *options = COMMANDS[name]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([_ROOT, os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, command, path.name, *options],
        cwd=folder, capture_output=True, env=environment, timeout=300, check=False,
    )  # fmt: skip
    lines = done.stderr.decode().split("\n")[:-1]
    return done.returncode, lines, {p.name for p in folder.iterdir()} - {path.name}


@pytest.mark.parametrize("name", COMMANDS)
def test_damaged_files_on_the_command_line(name, tmp_path, request):
    if name == "hepmc":
        pytest.importorskip("pyhepmc")
    seeds = seeds_of(READERS[name])
    contents = [seeds[0][: len(seeds[0]) // 3]]
    contents += [damaged(READERS[name], seeds, 5, i) for i in range(request.config.getoption("fuzz_cases", 150) // 200)]
    for number, content in enumerate(contents):
        folder = tmp_path / str(number)
        folder.mkdir()
        status, lines, left = ended(folder, name, content)
        assert status in ((0, 2) if number else (2,)), (number, lines)
        if status == 2:
            assert len(lines) == 1, (number, lines)
            assert lines[0].startswith("nuportal: ")
            assert lines[0].isprintable()
            assert not left

"""Running the command line inside the test process."""

import json
from dataclasses import dataclass

import pytest

from nuportal.cli import main


@dataclass
class Outcome:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def json(self):
        """The one JSON object on stdout."""
        return json.loads(self.out)


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    """Run a command in an empty folder; return status, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(a) for a in arguments])
        captured = capsys.readouterr()
        return Outcome(ended.value.code, captured.out, captured.err)

    return call


@pytest.fixture
def answer(run):
    """Run a command with --json, ask that it succeeds, and return its object."""

    def call(*arguments):
        outcome = run(*arguments, "--json")
        assert outcome.status == 0, outcome.err
        assert outcome.json["schema"] == f"nuportal/{arguments[0]}/1"
        assert {"version", "command", "seed", "time_utc", "cpu", "libraries"} <= set(outcome.json["provenance"])
        return outcome.json

    return call

"""Damaged files of every kind: each works, or is refused in one line, in time, and leaves nothing behind.

The files in ``corpus`` were once taken wrongly. More files: ``pytest tests/fuzz --fuzz-cases 10000``.
"""

import sys
from pathlib import Path

import pytest

from tests.fuzz.readers import READERS
from tests.fuzz.run import LIMIT_S, run_reader

CORPUS = Path(__file__).parent / "corpus"
PACKAGES = {"hepmc": "pyhepmc", "hepmc-gz": "pyhepmc"}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded on Linux")
@pytest.mark.parametrize("name", READERS)
def test_damaged_files(name, request):
    if name in PACKAGES:
        pytest.importorskip(PACKAGES[name])
    kept = sorted(str(path) for path in (CORPUS / name).glob("*"))
    n = request.config.getoption("fuzz_cases", 50)
    summary = run_reader(name, [*kept, *map(str, range(n))])
    assert summary.failures == {}
    assert summary.n_ok > 0
    assert summary.n_refused > 0
    assert summary.n_ok + summary.n_refused == len(kept) + n
    assert summary.slowest[1] < LIMIT_S
    assert summary.peak_mb < 1000


def test_what_is_not_bad_input_is_told(tmp_path, monkeypatch):
    from nucore.errors import InputError
    from tests.fuzz.readers import Reader
    from tests.fuzz.worker import outcome

    monkeypatch.chdir(tmp_path)

    def ended(use):
        return outcome(Reader(".x", use, lambda _: None), b"content")

    def refusing(path):
        raise InputError("no")

    def writing(path):
        Path("left").touch()
        raise InputError("no")

    assert ended(lambda _: None) == "ok"
    assert ended(refusing) == "refused"
    assert ended(lambda path: 1 / 0).startswith("ZeroDivisionError")
    assert ended(lambda path: path.write_text("other")) == "written: set()"
    assert ended(writing) == "written: {'left'}"

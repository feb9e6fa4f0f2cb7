"""Sizes of memory as people write them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nucore.errors import InputError
from nucore.run import memory
from nucore.run.chunks import Chunk
from nucore.run.executors import Execution
from nucore.run.job import Job, complete, piece_items
from nucore.run.memory import parse_memory, show_memory


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("2G", 2 * 10**9), ("2g", 2 * 10**9), ("2GB", 2 * 10**9), ("1.5GiB", 3 * 2**29), ("500MB", 5 * 10**8),
        ("500 MB", 5 * 10**8), ("64Mi", 2**26), ("1", 1), ("17b", 17), ("0.5k", 500), (" 3T ", 3 * 10**12),
    ],
)  # fmt: skip
def test_sizes(text, size):
    assert parse_memory(text) == size


@pytest.mark.parametrize(
    "text", ["", "G", "-1G", "0", "0G", "0.1", "1e9", "nan", "inf", "1X", "2 G B", "9" * 40, "1,5G"]
)
def test_sizes_that_are_none(text):
    with pytest.raises(InputError, match="memory size"):
        parse_memory(text)


@given(st.integers(1, 999), st.sampled_from(["kB", "MB", "GB", "TB"]))
def test_what_is_shown_can_be_read(n, unit):
    assert show_memory(parse_memory(f"{n}{unit}")) == f"{n} {unit}"


def test_memory_of_this_machine():
    assert 10e6 < memory.used_memory() < 1e12
    available = memory.available_memory()
    assert available is None or available > 0


def test_a_control_group_is_obeyed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(memory, "_CGROUP", tmp_path)
    whole = memory.available_memory()
    for limit, used, available in (("3000000", "1000000", 2_000_000), ("3000000", "4000000", 0)):
        (tmp_path / "memory.max").write_text(f"{limit}\n")
        (tmp_path / "memory.current").write_text(f"{used}\n")
        assert memory.available_memory() == available
    (tmp_path / "memory.max").write_text("max\n")
    assert (memory.available_memory() is None) == (whole is None)
    assert whole is None or memory.available_memory() > 4_000_000


def _never(chunk: Chunk) -> None:
    raise AssertionError(f"computed {chunk}")


def _job(n: int, limit: int | None, **choices: float) -> Job[int]:
    execution = Execution(max_memory=limit, workers=2)
    return Job(_never, Chunk(0, n), lambda pieces: len(list(pieces)), "toys", 50, execution=execution, **choices)


def test_what_does_not_fit_is_refused_before_it_begins():
    limit = memory.used_memory() + 10**9
    with pytest.raises(InputError, match=r"100000000 toys need 10 GB of memory, \S+ [MG]B is left of --max-memory"):
        complete(_job(10**8, limit, kept_bytes_per_item=100.0))
    with pytest.raises(InputError, match="is left of --max-memory 1 MB"):
        complete(_job(10, 10**6, kept_bytes_per_item=1.0))
    with pytest.raises(InputError, match="of memory, .* is available"):
        complete(_job(10**15, None, kept_bytes_per_item=100.0))
    with pytest.raises(InputError, match="of memory"):
        complete(_job(10, limit, bytes_per_item=1e9))


def test_chunks_fit_into_the_memory():
    limit = memory.used_memory() + 10**8
    job = replace(_job(10**9, limit, bytes_per_item=1000.0), chunk=10**6, grain=1024)
    n = piece_items(job, job.items.n, 2)
    # twice two chunks in flight, and the one that is consumed
    assert 1024 <= n <= 10**8 / 1000 / 5
    assert n % 1024 == 0
    assert piece_items(replace(job, bytes_per_item=0.0), job.items.n, 2) == 10**6
    assert piece_items(replace(job, bytes_per_item=0.0), 100, 2) == 7

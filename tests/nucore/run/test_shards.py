"""Shards: each is checked, and together they must be the parts of one run."""

from __future__ import annotations

import itertools
import random
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nucore.errors import InputError
from nucore.run.chunks import Chunk, Shard
from nucore.run.executors import Execution
from nucore.run.job import Job
from nucore.run.provenance import recording
from nucore.run.shards import merge_shards, read_shard, write_shard
from tests.shard_editing import edit_shard, members_of

N = 1000


def _squares(chunk: Chunk) -> dict[str, Any]:
    return {"squares": np.arange(chunk.first, chunk.stop) ** 2}


def _finish(pieces: Iterator[Any]) -> list[int]:
    return [int(x) for piece in pieces for x in piece["squares"]]


WHOLE = [i * i for i in range(N)]


def _job(n: int = N, variant: str = "", seed: int = 1, grain: int = 1, chunk: int | None = None) -> Job[list[int]]:
    request = {"function": "toys", "arguments": {"n": n, "seed": seed}}
    return Job(_squares, Chunk(0, n), _finish, "toys", 64, grain=grain, variant=variant, serial_below=10**9,
               request=request, execution=Execution(chunk=chunk))  # fmt: skip


def _write(folder: Path, count: int, job: Job[Any] | None = None, prefix: str = "s") -> list[Path]:
    paths = [folder / f"{prefix}{k}.shard" for k in range(1, count + 1)]
    for k, path in enumerate(paths, 1):
        with recording(None):
            write_shard(job or _job(), Shard(k, count), path)
    return paths


def _merge(paths: list[Path], job: Job[Any] | None = None, **choices: bool) -> Any:
    return merge_shards(job or _job(), [read_shard(path) for path in paths], **choices)


@pytest.mark.parametrize(("count", "grain"), [(1, 1), (2, 1), (3, 7), (8, 100), (40, 100)])
def test_shards_in_any_order_are_the_whole(tmp_path: Path, count: int, grain: int) -> None:
    paths = [tmp_path / f"{k}.shard" for k in range(1, count + 1)]
    for k, path in enumerate(paths, 1):
        result = write_shard(_job(grain=grain, chunk=10 + k), Shard(k, count), path)
        expected = {"shard": f"{k}/{count}", "unit": "toys", "n_total": N, "outputs": [str(path)]}
        assert result.to_dict() == {**expected, "first": result.first, "n": result.n}
    random.Random(3).shuffle(paths)
    assert _merge(paths) == WHOLE
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in paths}


def test_shards_of_several_cuts_may_be_joined(tmp_path: Path) -> None:
    halves, tenths = _write(tmp_path, 2, prefix="half"), _write(tmp_path, 10, prefix="tenth")
    assert _merge([halves[0], *tenths[5:]]) == WHOLE
    assert _merge([*tenths[:5], halves[1]]) == WHOLE


def test_missing_and_duplicated_shards_are_told(tmp_path: Path) -> None:
    paths = _write(tmp_path, 4)
    for without in range(4):
        with pytest.raises(InputError, match="a shard is missing or damaged: nothing holds toys"):
            _merge(paths[:without] + paths[without + 1 :])
    with pytest.raises(InputError, match="nothing holds toys 250 to 499"):
        _merge([paths[0], *paths[2:]])
    for twice in paths:
        with pytest.raises(InputError, match="given twice, or overlaps"):
            _merge([*paths, twice])
    with pytest.raises(InputError, match="overlaps"):
        _merge([*paths[:3], *_write(tmp_path, 3, prefix="third")])


@pytest.mark.parametrize("other", [{"seed": 2}, {"n": 1001}, {"variant": "events"}])
def test_shards_of_several_runs_are_refused(tmp_path: Path, other: dict[str, Any]) -> None:
    mine, theirs = _write(tmp_path, 2), _write(tmp_path, 2, _job(**other), "other")
    with pytest.raises(InputError, match="shards of several runs") as refused:
        _merge([mine[0], theirs[1]])
    assert str(mine[0]) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_versions_and_processors_are_not_mixed(tmp_path: Path) -> None:
    paths = _write(tmp_path, 2)
    edit_shard(paths[1], cpu="Other CPU")
    with pytest.raises(InputError, match=r"several types of processor \(.*Other CPU.*--allow-mixed"):
        _merge(paths)
    assert _merge(paths, allow_mixed=True) == WHOLE
    edit_shard(paths[1], version="0.0+other")
    with pytest.raises(InputError, match=r"2\.shard is of nuportal 0\.0\+other, this is"):
        _merge(paths)


def test_shards_of_another_job_are_not_merged(tmp_path: Path) -> None:
    paths = _write(tmp_path, 2)
    with pytest.raises(InputError, match="overlaps"):
        _merge(paths, _job(10))
    with pytest.raises(InputError, match="give another name"):
        _merge(paths, _job(variant="events"))
    with pytest.raises(InputError, match="of another run"):
        _merge(paths, _job(seed=2))


@pytest.mark.parametrize(
    "change",
    [{"schema": "nuportal/shard/1"}, {"n": "many"}, {"request": None}, {"cpu": 3}, {"n_total": None}, {"first": [1]}],
)
def test_forged_headers_are_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    path = _write(tmp_path, 2)[0]
    edit_shard(path, **change)
    with pytest.raises(InputError):
        read_shard(path)


def test_forged_archives_are_refused(tmp_path: Path) -> None:
    path = _write(tmp_path, 2)[0]
    members = members_of(path)
    bomb = tmp_path / "bomb.shard"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    names = [name for name in members if name != "shard.json"]
    lacking, nameless = tmp_path / "lacking.shard", tmp_path / "nameless.shard"
    for target, left_out in ((lacking, names[3]), (nameless, "shard.json")):
        with zipfile.ZipFile(target, "w") as archive:
            for name in members.keys() - {left_out}:
                archive.writestr(name, members[name])
    text, folder = tmp_path / "text.shard", tmp_path / "folder.shard"
    text.write_text("no shard")
    folder.mkdir()
    for bad in (bomb, lacking, nameless, text, folder, tmp_path / "none.shard"):
        with pytest.raises(InputError, match=r"damaged" if bad == lacking else bad.name):
            _merge([bad, tmp_path / "s2.shard"])
    swapped = tmp_path / "swapped.shard"  # the content of one piece under the name of another
    with zipfile.ZipFile(swapped, "w") as archive:
        for name in members:
            archive.writestr(name, members[names[0] if name == names[1] else name])
    with pytest.raises(InputError, match=r"swapped\.shard.*of other items"):
        _merge([swapped, tmp_path / "s2.shard"])


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two shards of a short run."""
    folder = tmp_path_factory.mktemp("pair")
    return _write(folder, 2, replace(_job(), chunk=1000))


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_damage_is_refused_or_changes_nothing(pair: list[Path], tmp_path: Path, data: st.DataObject) -> None:
    """A byte of the archive's own tables may not matter; the pieces and the numbers must be as they were."""
    content = bytearray(pair[0].read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    damaged = tmp_path / "damaged.shard"
    damaged.write_bytes(bytes(content))
    try:
        found = _merge([damaged, pair[1]])
    except InputError:
        return
    assert found == WHOLE


def test_cut_files_are_refused(pair: list[Path], tmp_path: Path) -> None:
    content = pair[0].read_bytes()
    for end in [*range(0, len(content), 97), len(content) - 1]:
        short = tmp_path / "short.shard"
        short.write_bytes(content[:end])
        with pytest.raises(InputError):
            _merge([short, pair[1]])


def test_an_interrupted_shard_goes_on(tmp_path: Path) -> None:
    calls: list[Chunk] = []

    def task(chunk: Chunk) -> dict[str, Any]:
        if chunk.first >= 700 and len(calls) < 5:
            raise RuntimeError("broken")
        calls.append(chunk)
        return _squares(chunk)

    job = replace(_job(chunk=50), task=task)
    with pytest.raises(RuntimeError):
        write_shard(job, Shard(2, 2), tmp_path / "2.shard")
    assert [path.name for path in tmp_path.iterdir()] == [".nuportal-work"]
    calls.extend([Chunk(0, 0)] * 5)
    write_shard(replace(job, execution=Execution(chunk=50, resume=True)), Shard(2, 2), tmp_path / "2.shard")
    assert sum(chunk.n for chunk in calls) == N // 2
    write_shard(_job(), Shard(1, 2), tmp_path / "1.shard")
    assert _merge([tmp_path / "1.shard", tmp_path / "2.shard"]) == WHOLE
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.shard", "2.shard"]


def test_an_empty_shard_is_a_shard(tmp_path: Path) -> None:
    paths = _write(tmp_path, 3, _job(n=2))
    assert [read_shard(path).n for path in paths] == [0, 1, 1]
    edit_shard(paths[0], cpu="Other CPU")  # of a machine that computed nothing
    for order in itertools.permutations([*paths, paths[0]]):
        assert _merge(list(order), _job(n=2)) == WHOLE[:2]

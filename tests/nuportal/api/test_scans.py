"""Scans: contents, refusals, and the same table for any workers, chunks and shards, resumed or not."""

from __future__ import annotations

import csv
import json
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pyarrow.parquet
import pytest

import nuportal
from nucore.errors import InputError
from nucore.io.tables import GROUP_ROWS, open_table
from nucore.run.chunks import Chunk, Shard
from nucore.run.executors import Execution
from nuportal import PortalParameters, check, scan
from nuportal.api.merge import merge
from nuportal.verdicts.points import ScanPoints

#: Points with and without mixing and reach, and some that are no parameter points.
AXES = {"m4": "0.05:200:10:log", "m_phi": [0.002, 0.3], "Ue4": [0.0, 0.01], "Umu4": [0.0, 0.3, 0.9]}
N_POINTS = 120


class _StoppedError(Exception):
    """Ends a run from its callback."""


def _rows(path) -> list[str]:
    first, *rows = path.read_text(encoding="utf-8").splitlines()
    assert first.startswith("# provenance: {")
    return rows


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Columns in memory, and the rows of the file."""
    out = tmp_path_factory.mktemp("whole") / "scan.csv"
    scan(AXES, out=out, execution=Execution(1))
    return scan(AXES).columns, _rows(out)


def test_a_grid():
    found = scan({"m4": [0.3, 3.0], "Umu4": [1e-3, 1e-2, 1e-1]})
    assert found.n_points == 6
    assert found.columns["m4"] == [0.3] * 3 + [3.0] * 3
    assert found.columns["Umu4"] == [1e-3, 1e-2, 1e-1] * 2
    p = PortalParameters(m4=3.0, Umu4=1e-2)
    assert found.columns["Y"][4] == nuportal.model(p).Y
    assert found.columns["margin:electroweak-2026"][4] == pytest.approx(check(p).margins["electroweak-2026"])
    assert found.columns["margin"][4] == min(check(p).margins.values())
    assert found.n_allowed == sum(found.columns["allowed"])
    assert list(found.columns) == list(found.names)


def test_every_margin_has_a_column(whole):
    columns, _ = whole
    for k in range(N_POINTS):
        if columns["reason"][k] is not None:
            assert columns["allowed"][k] is None
            continue
        point = PortalParameters(**{name: columns[name][k] for name in AXES})
        margins = {name: values[k] for name, values in columns.items() if name.startswith("margin:")}
        shown = {name.removeprefix("margin:"): m for name, m in margins.items() if m is not None}
        assert shown == pytest.approx(check(point).margins, rel=1e-3)  # weak widths come from a table


def test_a_list_with_a_point_that_is_none(tmp_path):
    out = tmp_path / "scan.csv"
    found = scan({"m_chi": [0.01, 0.1], "m4": [1.0, 2.0]}, listed=True, out=out)
    assert (found.n_points, found.n_invalid, found.columns, found.outputs) == (2, 1, {}, (str(out),))
    lines = out.read_text().splitlines()
    assert json.loads(lines[0].removeprefix("# provenance: "))["version"] == nuportal.__version__
    rows = list(csv.DictReader(lines[1:]))
    assert [row["m4"] for row in rows] == ["1", "2"]
    assert (rows[0]["reason"], rows[1]["Y"]) == ("", "")
    assert "m_phi" in rows[1]["reason"]


def test_points_by_their_number():
    points = ScanPoints.of({"m4": "1:100:3:log", "Umu4": [0.1, 0.2]}, listed=False)
    assert points.n == 6
    grid = [{"m4": m, "Umu4": u} for m in (1.0, 10.0, 100.0) for u in (0.1, 0.2)]
    assert points.changes(Chunk(0, 6)) == [pytest.approx(point) for point in grid]
    assert points.changes(Chunk(3, 2)) == points.changes(Chunk(0, 6))[3:5]
    listed = ScanPoints.of({"m4": "1:2:3", "Umu4": [0.1, 0.2, 0.3]}, listed=True)
    assert listed.changes(Chunk(1, 1)) == [{"m4": 1.5, "Umu4": 0.2}]


@pytest.mark.parametrize(
    ("axes", "listed", "words"),
    [
        ({"mass": [1.0]}, False, "mass"),
        ({"m4": [1.0], "Umu4": [0.1, 0.2]}, True, "different lengths"),
        ({"m4": "1:2:1000000", "Umu4": "1e-3:0.1:1000000"}, False, "at most 10000000, got 1000000000000"),
        ({}, False, "at least one"),
        ({"m4": []}, False, "no values"),
        ({"m4": [float("nan")]}, False, "finite"),
        ({"m4": "1:inf:3"}, False, "LOW:HIGH:N"),
        ({"m4": "-1:1:3:log"}, False, "LOW:HIGH:N"),
        ({"m4": "1,a"}, False, "LOW:HIGH:N"),
    ],
)
def test_nonsense_is_refused(axes, listed, words):
    with pytest.raises(InputError, match=words):
        scan(axes, listed=listed)


def test_a_table_that_does_not_fit_into_memory_is_refused(tmp_path):
    axes = {"m4": "1:2:100000", "Umu4": "1e-3:1e-2:100"}
    with pytest.raises(InputError, match="memory"):
        scan(axes, execution=Execution(max_memory=2 * 10**9))
    job = scan.job(axes, out=tmp_path / "scan.parquet")
    assert job.kept_bytes_per_item == 0.0


@pytest.mark.parametrize(("workers", "chunk"), [(1, 1), (1, 7), (2, 50), (8, None)])
def test_workers_and_chunks_change_nothing(whole, tmp_path, workers, chunk):
    columns, rows = whole
    execution = Execution(workers, chunk=chunk)
    assert scan(AXES, execution=execution).columns == columns
    scan(AXES, out=tmp_path / "scan.csv", execution=execution)
    assert _rows(tmp_path / "scan.csv") == rows


def test_other_processes_change_nothing(whole):
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as executor:
        assert scan(AXES, execution=Execution(2, executor=executor, chunk=17)).columns == whole[0]


def test_shards_are_merged_to_the_whole(whole, tmp_path):
    paths = [tmp_path / f"{k}.csv.shard" for k in (1, 2, 3)]
    for k, path in enumerate(paths, start=1):
        assert scan.shard(Shard(k, 3), path, AXES, out=tmp_path / "scan.csv").n == N_POINTS // 3
    merged = merge(paths, tmp_path / "scan.csv")
    assert merged.n_points == N_POINTS
    assert _rows(tmp_path / "scan.csv") == whole[1]


def test_a_resumed_run_is_the_whole(whole, tmp_path):
    out = tmp_path / "scan.csv"

    def stop(fraction: float) -> None:
        if fraction > 0.5:
            raise _StoppedError

    with pytest.raises(_StoppedError):
        scan(AXES, out=out, execution=Execution(1, chunk=25), progress=stop)
    assert not out.exists()
    scan(AXES, out=out, execution=Execution(1, chunk=40, resume=True))
    assert _rows(out) == whole[1]
    assert [path.name for path in tmp_path.iterdir()] == ["scan.csv"]


def test_parquet_does_not_depend_on_the_blocks(tmp_path):
    n = 2 * GROUP_ROWS + 5
    columns = {"x": "number", "flag": "flag", "text": "text"}
    x = np.where(np.arange(n) % 7 == 0, np.nan, np.arange(n) / 3.0)
    rest = {"flag": [None, True, False] * n, "text": ["a", None, "bc", "d"] * n}
    for name, step in (("whole", n), ("parts", 1000)):
        with open_table(tmp_path / f"{name}.parquet", columns) as table:
            for at in range(0, n, step):
                end = min(at + step, n)
                table.extend({"x": x[at:end], **{key: values[at:end] for key, values in rest.items()}})
            table.finish({"run": 1})
    whole, parts = (tmp_path / f"{name}.parquet" for name in ("whole", "parts"))
    assert whole.read_bytes() == parts.read_bytes()
    read = pyarrow.parquet.read_table(whole)
    assert pyarrow.parquet.read_metadata(whole).metadata[b"provenance"] == b'{"run": 1}'
    assert read["x"].null_count == np.isnan(x).sum()
    assert read["flag"].to_pylist() == rest["flag"][:n]
    assert read["text"].to_pylist() == rest["text"][:n]

"""Outputs of every format made again; what changed is told."""

import gzip
import json
import subprocess
import sys

import numpy as np
import pytest
import uproot

import nuportal
from nucore.errors import InputError
from nucore.io.outputs import Rows
from nucore.model.parameters import PortalParameters
from nuportal.api.comparison import differences

POINT = PortalParameters(m_chi=1.0, m_phi=3.0, m4=30.0, Umu4=0.3)
ARGUMENTS = {"events": 3000, "seed": 4}


def generated(path, **more):
    histogram = path.suffix in (".json", ".csv")
    nuportal.generate("w", POINT, out=path, histogram_only=histogram, **ARGUMENTS, **more)
    return path


def content_of(folder):
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}


@pytest.mark.parametrize("suffix", [".root", ".parquet", ".lhe", ".lhe.gz", ".json", ".csv"])
def test_every_format_of_events(tmp_path, suffix):
    path = generated(tmp_path / f"w{suffix}")
    before = content_of(tmp_path)
    found = nuportal.reproduce(path)
    assert found.identical
    assert found.differences == ()
    assert found.environment == {}
    assert found.function == "generate"
    assert content_of(tmp_path) == before


def test_a_process_that_has_loaded_nothing_knows_every_function(tmp_path):
    path, shard = generated(tmp_path / "w.json"), tmp_path / "w.shard"
    nuportal.generate.shard(nuportal.Shard(1, 1), shard, "w", POINT, out="w.json", histogram_only=True, **ARGUMENTS)
    code = f"import nuportal as n; assert n.reproduce({str(path)!r}).identical; n.merge([{str(shard)!r}], 'm.json')"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    assert nuportal.reproduce(tmp_path / "m.json").identical
    code = f"import nuportal as n; n.merge([{str(shard)!r}], 'n.json')"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)


def test_renamed_files_and_other_workers(tmp_path):
    path = generated(tmp_path / "w.root").rename(tmp_path / "other.root")
    assert nuportal.reproduce(path, execution=nuportal.Execution(workers=2, chunk=1024)).identical


def test_toys_and_exports(tmp_path):
    nuportal.toys("atlas-2011", POINT, n=4, out=tmp_path / "t.json")
    assert nuportal.reproduce(tmp_path / "t.json").identical
    data = generated(tmp_path / "w.json")
    for form in ("uhi", "root"):
        out = tmp_path / f"x_{form}"
        nuportal.export(str(data), POINT, to=form, out=out)
        assert nuportal.reproduce(out).identical
    generated(data, all_events=True)  # another time and request in it
    with pytest.raises(InputError, match="has changed"):
        nuportal.reproduce(tmp_path / "x_uhi")
    data.unlink()
    with pytest.raises(InputError, match="is missing"):
        nuportal.reproduce(tmp_path / "x_root")


def test_a_changed_bin_is_found(tmp_path):
    path = generated(tmp_path / "w.csv")
    lines = path.read_text().splitlines()
    cells = lines[-1].split(",")
    lines[-1] = ",".join([*cells[:2], str(float(cells[2]) + 1.0), cells[3]])
    path.write_text("\n".join(lines) + "\n")
    found = nuportal.reproduce(path)
    assert not found.identical
    assert found.n_differences == 1
    assert found.differences[0].startswith("lines[42]: ")

    path = generated(tmp_path / "w.json")
    content = json.loads(path.read_text())
    content["lepton_pt"]["storage"]["values"][7] += 1.0
    path.write_text(json.dumps(content))
    (line,) = nuportal.reproduce(path).differences
    assert "storage.values[7]" in line
    assert "->" in line


def test_a_changed_branch_of_a_root_file_is_found(tmp_path):
    path = generated(tmp_path / "w.root")
    with uproot.open(path) as root:
        events = root["events"].arrays(library="np")
        histogram, about = root["lepton_pt"].to_hist(), str(root["provenance"])
    events["charge"][5] *= -1
    with uproot.recreate(path) as root:
        tree = root.mktree("events", {name: array.dtype for name, array in events.items()})
        tree.extend(events)
        root["lepton_pt"], root["provenance"] = histogram, about
    (line,) = nuportal.reproduce(path).differences
    assert line.startswith("events.charge[5]: ")


def test_a_changed_event_is_found(tmp_path):
    path = generated(tmp_path / "w.lhe.gz")
    text = gzip.decompress(path.read_bytes()).decode()
    at = text.index("</event>")
    path.write_bytes(gzip.compress((text[: at - 5] + "7" + text[at - 4 :]).encode()))
    (line,) = nuportal.reproduce(path).differences
    assert line.startswith("lines[")


def test_a_changed_version_is_told_and_does_not_prevent(tmp_path):
    path = generated(tmp_path / "w.json")
    content = json.loads(path.read_text())
    origin = content["nuportal"]["provenance"]
    origin |= {"version": "0.0.1", "sources": "0", "cpu": "another"}
    origin["libraries"]["numpy"] = "1.0"
    path.write_text(json.dumps(content))
    found = nuportal.reproduce(path)
    assert found.identical
    assert found.environment["version"] == ["0.0.1", api_version()]
    assert set(found.environment) == {"version", "sources", "cpu", "libraries.numpy"}


def api_version():
    import nuportal

    return nuportal.__version__


def test_files_without_a_request(tmp_path):
    text = tmp_path / "a.csv"
    text.write_text("low,high,value\n1,2,3\n")
    workspace = tmp_path / "a.json"
    workspace.write_text('{"channels": []}')
    (tmp_path / "b.root").write_bytes(b"root and no more")
    for name, why in (("a.csv", "no provenance"), ("a.json", "no provenance"), ("b.root", "cannot be read"),
                      ("no.root", "does not exist")):  # fmt: skip
        with pytest.raises(InputError, match=why):
            nuportal.reproduce(tmp_path / name)
    path = generated(tmp_path / "w.json")
    content = json.loads(path.read_text())
    content["nuportal"]["provenance"]["request"] = None
    path.write_text(json.dumps(content))
    with pytest.raises(InputError, match="no request"):
        nuportal.reproduce(path)


def test_a_forged_request_writes_nowhere(tmp_path):
    path = generated(tmp_path / "w.json")
    content = json.loads(path.read_text())
    target = tmp_path / "target.json"
    content["nuportal"]["provenance"]["request"]["arguments"]["out"] = {"$path": str(target)}
    path.write_text(json.dumps(content))
    assert nuportal.reproduce(path).identical
    assert not target.exists()
    origin = content["nuportal"]["provenance"]["request"]
    for forged, why in (
        ({"function": "generate", "arguments": {"out": 3}}, "no name of a file"),
        ({"function": "generate", "arguments": {"out": {"$path": "a\0.json"}}}, "no name of a file"),
        ({"function": "generate", "arguments": {}}, "not complete"),
        ({"function": "export", "arguments": {"data": origin["arguments"]["out"]}}, "has changed"),
    ):
        content["nuportal"]["provenance"]["request"] = forged
        path.write_text(json.dumps(content))
        with pytest.raises(InputError, match=why):
            nuportal.reproduce(path)
    content["nuportal"]["provenance"]["request"] = origin
    content["nuportal"]["provenance"]["request"]["function"] = "system"
    path.write_text(json.dumps(content))
    with pytest.raises(InputError, match="unknown function"):
        nuportal.reproduce(path)


def rows(*blocks):
    return Rows(lambda: iter(blocks))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"a": 1.0, "time_utc": 1}, {"a": 1.0, "time_utc": 2}, []),
        ({"a": float("nan")}, {"a": float("nan")}, []),
        ({"a": 1}, {"a": 1.0}, ["a: 1 -> 1.0"]),
        ({"a": [1, 2]}, {"a": [1, 3]}, ["a[1]: 2 -> 3"]),
        ({"a": None}, {}, ["a: None -> nothing"]),
        ({}, {"a": {"b": 1}}, ["a: nothing -> {'b': 1}"]),
        ({"a": np.array([1.0, np.nan])}, {"a": np.array([1.0, np.nan])}, []),
        ({"a": np.zeros(2)}, {"a": np.zeros(3)}, ["a: shape (2,) -> (3,)"]),
        ({"a": np.zeros(2)}, {"a": np.ones(2)}, ["a[0]: 0.0 -> 1.0 (and 1 more)"]),
        ({"a": rows([1, 2], [3])}, {"a": rows([1], [2, 3])}, []),
        ({"a": rows([1, 2], [3])}, {"a": rows([1], [2])}, ["a[2]: fewer rows than there were"]),
        ({"a": rows(["x"], ["y"])}, {"a": rows(["x", "z"])}, ["a[1]: 'y' -> 'z'"]),
    ],
)
def test_differences(old, new, expected):
    assert list(differences(old, new)) == expected

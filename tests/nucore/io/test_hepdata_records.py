"""Submissions and records of HEPData: which table is meant, and where it lies."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from nucore.errors import InputError
from nucore.io.readers import read_bins, read_spectrum, split_source


def _table(values: list[float]) -> dict[str, Any]:
    bins = [{"low": 30 + k, "high": 31 + k} for k in range(len(values))]
    return {
        "independent_variables": [{"header": {"name": "PT", "units": "GEV"}, "values": bins}],
        "dependent_variables": [{"header": {"name": "N"}, "values": [{"value": value} for value in values]}],
    }


FIRST, SECOND = _table([1, 2]), _table([3, 4])
SUBMISSION = [{"comment": "abstract"}, *({"name": f"Table {k}", "data_file": f"data{k}.yaml"} for k in (1, 2))]


def _texts(folder: str = "") -> dict[str, str]:
    return {
        f"{folder}submission.yaml": yaml.safe_dump_all(SUBMISSION),
        f"{folder}data1.yaml": yaml.safe_dump(FIRST),
        f"{folder}data2.yaml": yaml.safe_dump(SECOND),
        f"{folder}._data1.yaml": "no text",
    }


def _zip(path: Path, texts: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            archive.writestr(name, text)
    return path


def _tar(path: Path, texts: dict[str, str], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, text in texts.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return path


def _folder(path: Path, texts: dict[str, str]) -> Path:
    for name, text in texts.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text)
    return path


def _record(kind: str, folder: Path) -> Path:
    if kind == "one file":
        tables = [{"comment": "abstract"}, {**FIRST, "name": "Table 1"}, {**SECOND, "name": "Table 2"}]
        (folder / "s.yaml").write_text(yaml.safe_dump_all(tables))
        return folder / "s.yaml"
    if kind == "submission.yaml":
        return _folder(folder / "r", _texts()) / "submission.yaml"
    if kind in ("folder", "folder in folder"):
        return _folder(folder / "r", _texts("HEPData-ins1-v1-yaml/" * (kind != "folder")))
    make = _zip if kind == "zip" else _tar
    return make(folder / f"r.{kind}", _texts("HEPData-ins1-v1-yaml/" * (kind != "tar")))


@pytest.mark.parametrize(
    "kind", ["one file", "submission.yaml", "folder", "folder in folder", "zip", "tar.gz", "tgz"]
)  # fmt: skip
def test_records(tmp_path: Path, kind: str) -> None:
    file = _record(kind, tmp_path)
    with pytest.raises(InputError, match=r"several tables; expected FILE:TABLE\[:COLUMN\], one of Table 1.*, Table 2"):
        read_spectrum(file)
    for name in ("Table 2", "2", "Table 2:N", "2:1") + (() if kind == "one file" else ("data2.yaml", "data2:N")):
        assert read_spectrum(f"{file}:{name}").spectrum.values == pytest.approx([3, 4])
    with pytest.raises(InputError, match="no tables 'Table 3'; expected one of Table 1"):
        read_spectrum(f"{file}:Table 3")
    with pytest.raises(InputError, match="no columns 'M'; expected FILE:COLUMN, one of N"):
        read_bins(f"{file}:Table 2:M")


def test_an_archive_of_one_table_needs_no_name(tmp_path: Path) -> None:
    for file in (
        _zip(tmp_path / "r.zip", {"t.yaml": yaml.safe_dump(FIRST)}),
        _tar(tmp_path / "r.tar", {"t.yaml": yaml.safe_dump(FIRST)}, "w"),
    ):
        assert read_spectrum(file).spectrum.values == pytest.approx([1, 2])
        assert read_spectrum(f"{file}:N").spectrum.values == pytest.approx([1, 2])


@pytest.mark.parametrize("path", ["../out.yaml", "/etc/passwd", "a/../../out.yaml", "link.yaml", "data1.txt"])
def test_no_path_leaves_a_record(tmp_path: Path, path: str) -> None:
    (tmp_path / "out.yaml").write_text(yaml.safe_dump(FIRST))
    texts = {"submission.yaml": yaml.safe_dump({"name": "Table 1", "data_file": path}), "data1.yaml": "a: 1"}
    folder = _folder(tmp_path / "r", texts)
    (folder / "link.yaml").symlink_to(tmp_path / "out.yaml")
    for record in (
        folder,
        folder / "submission.yaml",
        _zip(tmp_path / "r.zip", texts),
        _tar(tmp_path / "r.tgz", texts),
    ):
        with pytest.raises(InputError, match="has no file"):
            read_spectrum(record)


def _json(**more: Any) -> dict[str, Any]:
    rows = [
        {"x": [{"low": 30 + k, "high": 31 + k}],
         "y": [{"value": 10 + k, "errors": [{"symerror": 0, "hide": True}], "group": 0},
               {"value": 20 + k, "errors": [{"symerror": 2 + k, "label": "stat"}], "group": 1}]}
        for k in range(2)
    ]  # fmt: skip
    charge = [{"type": "CHARGE", "value": v, "colspan": 1, "group": k} for k, v in enumerate("+-")]
    both = [{"type": "LUMINOSITY", "value": "4.1 FB-1", "colspan": 2, "group": 0}]
    headers = [{"name": "PT [GEV]", "colspan": 1}, {"name": "N [EVENTS]", "colspan": 2}]
    return {
        "headers": headers,
        "x_count": 1,
        "values": rows,
        "qualifiers": {"CHARGE": charge, "LUMINOSITY": both},
        **more,
    }


def test_the_json_of_a_table(tmp_path: Path) -> None:
    file = tmp_path / "t.json"
    file.write_text(json.dumps(_json()))
    with pytest.raises(InputError, match=r"#1 N \(CHARGE=\+\), #2 N \(CHARGE=-\)"):
        read_spectrum(file)
    found = read_spectrum(f"{file}:-")
    assert found.spectrum.edges == pytest.approx([30, 31, 32])
    assert found.spectrum.values == pytest.approx([20, 21])
    assert found.spectrum.variances == pytest.approx([4, 9])
    assert (found.stated_unit, found.spectrum.label) == ("EVENTS", "PT [GEV]")
    assert found.exposure == {"luminosity_invfb": pytest.approx(4.1)}
    assert not read_spectrum(f"{file}:+").has_variances
    file.write_text(json.dumps(_json(x_count=2)))
    with pytest.raises(InputError, match="is not a HEPData table with binned values: list index"):
        read_spectrum(file)
    file.write_text(json.dumps({"data_tables": [], "record": {}}))
    with pytest.raises(InputError, match="a HEPData record in JSON has no numbers"):
        read_spectrum(file)


@pytest.mark.parametrize(
    ("name", "words"),
    [("a.yoda", "is YODA; convert it"), ("a.xlsx", "save it as CSV"), ("a.npy", "savetxt"), ("a.pkl", "may run code"),
     ("a.h5", "is HDF5"), ("a.parquet", "Parquet"), ("a.foo", r"suffix '.foo'.*\.root, \.json, \.csv, .*\.zip")],
)  # fmt: skip
def test_files_of_other_kinds(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(InputError, match=words):
        read_spectrum(tmp_path / name)


def test_sources_are_split_at_the_file(tmp_path: Path) -> None:
    (tmp_path / "a:b.yaml").write_text("")
    for source, name in (("a:b.yaml", None), ("a:b.yaml:c:d.e", "c:d.e"), ("none.csv:x:y", "x:y"), ("none", None)):
        file, found = split_source(f"{tmp_path}/{source}")
        assert found == name
        assert f"{file}{':' if found else ''}{found or ''}" == f"{tmp_path}/{source}"
    assert split_source("x" * 5000 + ".csv:a\0")[1] == "a\0"

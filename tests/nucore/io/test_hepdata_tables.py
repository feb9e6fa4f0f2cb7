"""Tables, submissions and records of HEPData."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from nucore.errors import InputError
from nucore.io.readers import read_bins, read_error, read_errors, read_matrix, read_spectrum, split_source


def _table(values: list[Any], axis: list[Any] | None = None, **more: Any) -> dict[str, Any]:
    bins = axis or [{"low": 30 + k, "high": 31 + k} for k in range(len(values))]
    entries = [value if isinstance(value, dict) else {"value": value} for value in values]
    return {
        "independent_variables": [{"header": {"name": "PT", "units": "GEV"}, "values": bins}],
        "dependent_variables": [{"header": {"name": "N", "units": "EVENTS"}, "values": entries, **more}],
    }


def _write(folder: Path, content: Any, name: str = "t.yaml") -> Path:
    (folder / name).write_text(yaml.safe_dump(content))
    return folder / name


@pytest.fixture
def twice(tmp_path: Path) -> Path:
    """Two columns of one name, as of W+ and W-."""
    energy = {"name": "SQRT(S)", "units": "GEV", "value": 7000}
    plus = _table([322, 310], qualifiers=[{"name": "CHARGE", "value": "+"}, energy])
    minus = _table([644, 620], qualifiers=[{"name": "CHARGE", "value": "-"}, energy])
    plus["dependent_variables"] += minus["dependent_variables"]
    return _write(tmp_path, plus)


def test_columns_of_one_name_are_asked_for(twice: Path) -> None:
    for read in (read_spectrum, read_bins, read_errors):
        with pytest.raises(InputError, match=r"one of 1: N \(CHARGE=\+\), 2: N \(CHARGE=-\) \(number, name or quali"):
            read(twice)
    for wrong in ("N", "SQRT(S)=7000", "7000 GEV"):
        with pytest.raises(InputError, match=f"2 columns '{wrong}'".replace("(", r"\(").replace(")", r"\)")):
            read_spectrum(f"{twice}:{wrong}")
    with pytest.raises(InputError, match="no columns 'CHARGE=0'"):
        read_spectrum(f"{twice}:CHARGE=0")


@pytest.mark.parametrize(
    ("column", "first"),
    [("1", 322), ("2", 644), ("CHARGE=+", 322), ("charge=-", 644), ("+", 322), ("-", 644), ("N,CHARGE=-", 644),
     ("N:CHARGE=-", 644), ("SQRT(S)=7000.0,CHARGE=+", 322), ("N [EVENTS],1", 322)],
)  # fmt: skip
def test_a_column_by_number_and_qualifier(twice: Path, column: str, first: float) -> None:
    found = read_spectrum(f"{twice}:{column}")
    assert found.spectrum.values[0] == first
    assert found.metadata["qualifiers"]["SQRT(S)"] == "7000 GEV"
    assert (found.stated_unit, found.spectrum.label, found.spectrum.name) == ("EVENTS", "PT [GEV]", "N")


@pytest.mark.parametrize("nothing", [{"symerror": ""}, {"symerror": None}, {"symerror": "-"}, {}, {"asymerror": None}])
def test_an_error_that_is_not_stated(tmp_path: Path, nothing: dict[str, Any]) -> None:
    error = {"label": "stat", **nothing}
    file = _write(tmp_path, _table([{"value": 9, "errors": [{"symerror": 4, "label": "stat"}]}, 0]))
    assert read_spectrum(file).has_variances  # nothing is known of a bin of nothing
    table = _table([{"value": 9, "errors": [{"symerror": 4, "label": "stat"}]}, {"value": 5, "errors": [error]}])
    found = read_spectrum(_write(tmp_path, table))
    assert not found.has_variances
    assert found.metadata["notes"] == ["statistical errors are not used: bin 2 states none"]
    with pytest.raises(InputError, match="bin 2: no error 'stat'"):
        read_errors(file)


@pytest.mark.parametrize(
    ("error", "size"),
    [
        ({"symerror": "5%"}, 5.0),
        ({"symerror": " 5 % "}, 5.0),
        ({"symerror": -3}, 3.0),
        ({"symerror": 0}, 0.0),
        ({"asymerror": {"plus": 3, "minus": -1}}, 2.0),
        ({"asymerror": {"plus": "3%", "minus": "-1%"}}, 2.0),
        ({"asymerror": {"plus": 3, "minus": 0}}, 1.5),
        ({"asymerror": {"plus": 3, "minus": ""}}, 3.0),
        ({"asymerror": {"minus": -3}}, 3.0),
        ({"asymerror": {"plus": None, "minus": "-2"}}, 2.0),
    ],
)
def test_sizes_of_errors(tmp_path: Path, error: dict[str, Any], size: float) -> None:
    file = _write(tmp_path, _table([{"value": -100, "errors": [{**error, "label": "stat"}]}]))
    found = read_spectrum(file)
    assert found.spectrum.variances == pytest.approx([size**2])
    assert found.has_variances
    assert read_errors(file)["stat"] == pytest.approx([size])
    sides = error.get("asymerror", {"plus": 1, "minus": 1})
    one_sided = any(sides.get(side) in (None, "") for side in ("plus", "minus"))
    assert ("stated on one side only" in str(found.metadata.get("notes"))) is one_sided


@pytest.mark.parametrize(
    "label", ["stat", "Stat.", "STAT", "statistical", "stat error", "stat_unc", "Statistical uncertainty"]
)
def test_labels_of_the_statistical_error(tmp_path: Path, label: str) -> None:
    errors = [
        {"symerror": 4, "label": label},
        {"symerror": 2, "label": "syst,lumi"},
        {"symerror": 3, "label": "stat,MC"},
    ]
    file = _write(tmp_path, _table([{"value": 9, "errors": errors}]))
    found = read_spectrum(file)
    assert found.spectrum.variances == pytest.approx([16])
    assert found.metadata["other_errors"] == ["stat,MC", "syst,lumi"]
    assert read_error(file, "stat").values == pytest.approx([4])
    assert read_error(file, label).values == pytest.approx([4])


def test_errors_of_one_label_get_numbers_and_those_without_are_named(tmp_path: Path) -> None:
    errors = [{"symerror": 4, "label": "stat"}, {"symerror": 1, "label": "sys"}, {"symerror": 2, "label": "sys"}]
    file = _write(tmp_path, _table([{"value": 9, "errors": [*errors, {"symerror": 7}]}]))
    assert {k: float(v[0]) for k, v in read_errors(file).items()} == {"stat": 4, "sys_1": 1, "sys_2": 2, "error": 7}
    assert read_spectrum(file).spectrum.variances == pytest.approx([16])
    file = _write(tmp_path, _table([{"value": 9, "errors": [{"symerror": 7}]}]))
    assert read_spectrum(file).spectrum.variances == pytest.approx([49])
    assert read_spectrum(file).metadata["notes"] == ["errors without a label are taken as statistical"]


@pytest.mark.parametrize(
    ("value", "words"),
    [(">5", "bin 1: '>5' is a limit"), ("$<$ 3", "is a limit"), ("1,234", "a comma is no decimal point"),
     ("5 +- 1", "is not a number"), ("-", "not a finite"), (None, "not a finite"), ([1], "a list"),
     (float("inf"), "finite"), (True, "not a number")],
)  # fmt: skip
def test_values_that_are_no_numbers(tmp_path: Path, value: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_spectrum(_write(tmp_path, _table([{"value": value}, 4])))


def test_values_in_texts(tmp_path: Path) -> None:
    assert read_spectrum(_write(tmp_path, _table(["1.2e3", " 5 "]))).spectrum.values == pytest.approx([1200, 5])


def test_bins_by_centres(tmp_path: Path) -> None:
    found = read_spectrum(_write(tmp_path, _table([5, 6, 7], [{"value": 30.25 + 0.5 * k} for k in range(3)])))
    assert found.spectrum.edges == pytest.approx([30, 30.5, 31, 31.5])
    assert found.metadata["notes"] == ["PT [GEV]: bins of width 0.5 around the centres that the file states"]
    both = [{"value": 30.1, "low": 30, "high": 31}, {"value": 31.7, "low": "31", "high": 32.5}]
    assert read_spectrum(_write(tmp_path, _table([5, 6], both))).spectrum.edges == pytest.approx([30, 31, 32.5])


@pytest.mark.parametrize(
    ("axis", "words"),
    [
        ([{"value": 1}, {"value": 2}, {"value": 4}], "'PT' is given by centres alone, and not in equal steps"),
        ([{"low": 1, "high": 2}, {"value": 2.5}, {"value": 3.5}], "bin 2: no low and high of 'PT'"),
        (
            [{"value": "Muon"}, {"value": "Electron"}, {"value": "Tau"}],
            "bin 1: 'Muon' is not a number of 'PT'; expected bins",
        ),
        (
            [{"low": 1, "high": 2}, {"low": 2, "high": 3}, {"low": 3, "high": ".inf"}],
            "bin 3: 'PT' from 3 to .inf is open",
        ),
        ([{"low": 1, "high": 2}, {"low": 2, "high": 3}, {"low": 3, "high": float("inf")}], "underflow and overflow"),
    ],
)
def test_bins_that_are_none(tmp_path: Path, axis: list[Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_spectrum(_write(tmp_path, _table([5, 6, 7], axis)))


def test_two_variables_that_fill_a_grid_in_any_order(tmp_path: Path) -> None:
    cells = [(eta, pt) for eta in (1, 0) for pt in (35, 30, 40)]
    table = _table([{"value": 100 * eta + pt, "errors": [{"symerror": pt}]} for eta, pt in cells])
    table["independent_variables"] = [
        {"header": {"name": "PT"}, "values": [{"low": pt, "high": pt + 5} for _, pt in cells]},
        {"header": {"name": "ABS(ETA)"}, "values": [{"low": eta, "high": eta + 1} for eta, _ in cells]},
        {"header": {"name": "SQRT(S)", "units": "GEV"}, "values": [{"value": 7000}] * 6},
    ]
    found = read_spectrum(_write(tmp_path, table))
    assert [axis.name for axis in found.spectrum.axes] == ["PT", "ABS(ETA)"]
    assert found.spectrum.values == pytest.approx([30, 130, 35, 135, 40, 140])
    assert np.sqrt(found.spectrum.variances) == pytest.approx([30, 30, 35, 35, 40, 40])
    assert "SQRT(S) [GEV] is the same in all rows and no axis" in found.metadata["notes"]
    with pytest.raises(InputError, match="2 axes; expected bins of one"):
        read_bins(tmp_path / "t.yaml")
    table["independent_variables"][0]["values"][0] = {"low": 30, "high": 35}
    with pytest.raises(InputError, match=r"6 rows over 'PT', 'ABS\(ETA\)' do not fill a grid of 3 x 2 bins"):
        read_spectrum(_write(tmp_path, table))


@pytest.mark.parametrize(
    ("unit", "luminosity"), [("FB-1", 4.1), ("fb**-1", 4.1), ("PB$^{-1}$", 0.0041), ("", None), ("GEV", None)]
)
def test_a_luminosity_needs_its_unit(tmp_path: Path, unit: str, luminosity: float | None) -> None:
    qualifier = {"name": "LUMINOSITY", "units": unit, "value": 4.1}
    found = read_spectrum(_write(tmp_path, _table([1, 2], qualifiers=[qualifier])))
    assert found.exposure == ({} if luminosity is None else {"luminosity_invfb": pytest.approx(luminosity)})


def test_a_matrix_of_several_is_asked_for(tmp_path: Path) -> None:
    pairs = [(i, j) for i in (0, 1) for j in (0, 1)]
    axes = [{"header": {"name": n}, "values": [{"value": p[k]} for p in pairs]} for k, n in enumerate("xy")]
    columns = [
        {
            "header": {"name": "rho"},
            "qualifiers": [{"name": "CHARGE", "value": charge}],
            "values": [{"value": v} for v in values],
        }
        for charge, values in (("+", (1, 0.2, 0.2, 1)), ("-", (1, 0.3, 0.3, 1)))
    ]
    file = _write(tmp_path, {"independent_variables": axes, "dependent_variables": columns})
    with pytest.raises(InputError, match=r"1: rho \(CHARGE=\+\), 2: rho"):
        read_matrix(file, 2)
    assert read_matrix(f"{file}:+", 2)[0, 1] == 0.2


# -- submissions and records ------------------------------------------------------------------------------------------

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
    with pytest.raises(InputError, match=r"1: N \(CHARGE=\+\), 2: N \(CHARGE=-\)"):
        read_spectrum(file)
    found = read_spectrum(f"{file}:-")
    assert found.spectrum.edges == pytest.approx([30, 31, 32])
    assert found.spectrum.values == pytest.approx([20, 21])
    assert found.spectrum.variances == pytest.approx([4, 9])
    assert (found.stated_unit, found.spectrum.label) == ("EVENTS", "PT [GEV]")
    assert found.exposure == {"luminosity_invfb": pytest.approx(4.1)}
    assert not read_spectrum(f"{file}:+").has_variances
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

"""Tables with columns of names, errors and matrices, as other people write them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

from nucore.errors import InputError
from nucore.io.readers import read_bins, read_error, read_errors, read_matrix, read_spectrum

COLUMNS = "low_GeV,high_GeV,data,prediction,syst\n30,32,10,nan,-\n32,36,nan,21,0.5\n36,38,30,31,0.25\n"


def _write(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text)
    return folder / name


@pytest.mark.parametrize(
    "header",
    ["low_GeV,high_GeV,a,b", "# low_GeV,high_GeV,a,b", "# bin_low, bin_high, a, b", "pt_low_GeV,pt_high_GeV,a,b",
     "# made by hand\nx,y,a,b"],
)  # fmt: skip
def test_a_column_is_picked_by_its_name(tmp_path: Path, header: str) -> None:
    file = _write(tmp_path, "t.csv", f"# luminosity_invfb = 2\n{header}\n30,32,1,5\n32,36,2,-6\n")
    found = read_spectrum(f"{file}:b")
    assert found.spectrum.edges == pytest.approx([30, 32, 36])
    assert found.spectrum.values == pytest.approx([5, -6])
    assert found.spectrum.variances == pytest.approx([5, 6])
    assert (found.exposure, found.has_variances, found.spectrum.name) == ({"luminosity_invfb": 2.0}, False, "b")


def test_the_edges_need_not_come_first(tmp_path: Path) -> None:
    file = _write(tmp_path, "t.csv", "n,bin_high,bin_low\n4,2,1\n5,3,2\n")
    assert read_spectrum(file).spectrum.edges == pytest.approx([1, 2, 3])
    assert read_spectrum(f"{file}:n").spectrum.values == pytest.approx([4, 5])


@pytest.mark.parametrize(("header", "stated"), [("low,high,value,variance\n", True), ("", True)])
def test_a_fourth_column_is_the_variance(tmp_path: Path, header: str, stated: bool) -> None:
    found = read_spectrum(_write(tmp_path, "t.csv", f"{header}1,2,4,9\n"))
    assert found.spectrum.variances == pytest.approx([9])
    assert found.has_variances is stated
    assert not read_spectrum(_write(tmp_path, "u.csv", "low,high,value\n1,2,4\n")).has_variances


def test_missing_numbers_are_refused_where_they_are_wanted(tmp_path: Path) -> None:
    file = _write(tmp_path, "t.csv", COLUMNS)
    with pytest.raises(InputError, match="line 3: 'nan' is not a finite number"):
        read_spectrum(f"{file}:data")
    with pytest.raises(InputError, match="line 2: '-' is not a finite number"):
        read_spectrum(f"{file}:syst")
    bins = read_bins(f"{file}:prediction")
    kept = bins.inside((32.0, 38.0))
    assert bins.numbers(kept) == pytest.approx([21, 31])
    with pytest.raises(InputError, match=r"no bin edge at 31; expected one of 30, 32, 36, 38"):
        bins.inside((31.0, 38.0))


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("t.csv", "several columns of values; expected FILE:COLUMN, one of data, prediction, syst"),
        ("t.csv:date", "no columns 'date'; expected FILE:COLUMN, one of data, prediction, syst"),
        ("plain.csv:data", "no header names its columns"),
        ("short.csv:a", "line 3: needs low,high,a"),
        ("twice.csv:a", "2 columns 'a'"),
    ],
)
def test_a_column_that_cannot_be_told(tmp_path: Path, source: str, words: str) -> None:
    _write(tmp_path, "t.csv", COLUMNS)
    _write(tmp_path, "plain.csv", "1,2,3\n")
    _write(tmp_path, "short.csv", "low,high,a\n1,2,3\n2,3\n")
    _write(tmp_path, "twice.csv", "low,high,a,a\n1,2,3,4\n")
    with pytest.raises(InputError, match=words):
        read_spectrum(tmp_path / source)


def _hepdata(folder: Path, values: list[object], low: str = "low") -> Path:
    bins = [{low: 30 + k, "high": 31 + k} for k in range(len(values))]
    table = {
        "independent_variables": [{"header": {"name": "pT"}, "values": bins}],
        "dependent_variables": [{"header": {"name": "dsigma"}, "values": values}],
    }
    return _write(folder, "t.yaml", yaml.safe_dump(table))


SYMMETRIC = {"value": 10, "errors": [{"symerror": 2.0, "label": "stat"}, {"symerror": "5%", "label": "sys"}]}
ASYMMETRIC = {
    "value": "-20",
    "errors": [
        {"symerror": 3, "label": "stat"},
        {"asymerror": {"minus": "-1%", "plus": 0.6}, "label": "sys"},
    ],
}


def test_errors_of_a_table_are_symmetric_and_absolute(tmp_path: Path) -> None:
    file = _hepdata(tmp_path, [SYMMETRIC, ASYMMETRIC])
    errors = read_errors(f"{file}:dsigma")
    assert set(errors) == {"stat", "sys"}
    assert errors["stat"] == pytest.approx([2, 3])
    assert errors["sys"] == pytest.approx([0.5, 0.5 * (0.2 + 0.6)])
    assert read_error(f"{file}:dsigma", "sys").values == pytest.approx([0.5, 0.4])
    found = read_spectrum(file)
    assert found.has_variances
    assert found.spectrum.variances == pytest.approx([4, 9])
    with pytest.raises(InputError, match="no error 'lumi'; expected one of stat, sys"):
        read_error(file, "lumi")


def test_errors_that_are_missing(tmp_path: Path) -> None:
    file = _hepdata(tmp_path, [SYMMETRIC, {"value": "-"}])
    assert np.isnan(read_bins(file).values[1])
    file = _hepdata(tmp_path, [SYMMETRIC, {"value": 1.0}])
    with pytest.raises(InputError, match="bin 2: no error 'stat'; expected one, as other bins have"):
        read_errors(file)
    assert not read_spectrum(file).has_variances
    with pytest.raises(InputError, match="given by centres alone, and not in equal steps; expected low and high"):
        read_spectrum(_hepdata(tmp_path, [SYMMETRIC], low="value"))


def test_a_matrix_is_read_from_rows_or_a_table(tmp_path: Path) -> None:
    file = _write(tmp_path, "m.csv", "# correlation\n1,0.5\n\n0.5,1\n")
    assert read_matrix(file, 2) == pytest.approx(np.array([[1, 0.5], [0.5, 1]]))
    pairs = [(i, j) for j in range(3) for i in range(3)]
    table = {
        "independent_variables": [
            {"header": {"name": n}, "values": [{"low": 10 * p[k], "high": 10 * p[k] + 10} for p in pairs]}
            for k, n in enumerate("xy")
        ],
        "dependent_variables": [{"header": {"name": "rho"}, "values": [{"value": 10 * i + j} for i, j in pairs]}],
    }
    file = _write(tmp_path, "m.yaml", yaml.safe_dump(table))
    assert read_matrix(f"{file}:rho", 3) == pytest.approx(np.add.outer(10 * np.arange(3), np.arange(3)))
    with pytest.raises(InputError, match="not a HEPData table of 2 x 2 numbers"):
        read_matrix(file, 2)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1,0\n0,1\n", "2 x 2 numbers; expected 3 x 3"),
        ("1,0,0\n0,1\n", "line 2: 2 numbers; expected 3"),
        ("1,0,0\n0,x,0\n", "line 2: 'x' is not a number"),
        ("1,0,0\n0,nan,0\n", "line 2: 'nan' is not a finite number"),
        ("# nothing\n", "1 x 0 numbers"),
    ],
)
def test_a_matrix_of_another_kind(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_matrix(_write(tmp_path, "m.csv", text), 3)
    with pytest.raises(InputError, match="does not exist"):
        read_matrix(tmp_path / "none.csv", 3)

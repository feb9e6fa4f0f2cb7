"""Tables of HEPData: columns, errors, bins and matrices."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from nucore.errors import InputError
from nucore.io.readers import read_bins, read_error, read_errors, read_matrix, read_spectrum


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
        with pytest.raises(InputError, match=r"one of #1 N \(CHARGE=\+\), #2 N \(CHARGE=-\) \(#NUMBER, name or quali"):
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


def test_a_number_that_is_also_a_qualifier(tmp_path: Path) -> None:
    table = _table([5], qualifiers=[{"name": "CHARGE", "value": -1}])
    table["dependent_variables"] += _table([6], qualifiers=[{"name": "CHARGE", "value": 1}])["dependent_variables"]
    file = _write(tmp_path, table)
    with pytest.raises(InputError, match=r"2 columns '1'; expected FILE:COLUMN, one of #1 N \(CHARGE=-1\), #2 N"):
        read_spectrum(f"{file}:1")
    assert read_spectrum(f"{file}:#1").spectrum.values == pytest.approx([5])
    assert read_spectrum(f"{file}:CHARGE=1").spectrum.values == pytest.approx([6])


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
    assert found.metadata["notes"] == ["bins of width 0.5 around the centres of PT [GEV] in the file"]
    both = [{"value": 30.1, "low": 30, "high": 31}, {"value": 31.7, "low": "31", "high": 32.5}]
    assert read_spectrum(_write(tmp_path, _table([5, 6], both))).spectrum.edges == pytest.approx([30, 31, 32.5])


@pytest.mark.parametrize(
    ("axis", "words"),
    [
        ([{"value": 1}, {"value": 2}, {"value": 4}], "bins are given by centres alone, and not in equal steps"),
        ([{"low": 1, "high": 2}, {"value": 2.5}, {"value": 3.5}], "bin 2: no low and high of 'PT'"),
        (
            [{"value": "Muon"}, {"value": "Electron"}, {"value": "Tau"}],
            "bin 1: 'Muon' is not a number of 'PT'; expected bins",
        ),
        (
            [{"low": 1, "high": 2}, {"low": 2, "high": 3}, {"low": 3, "high": ".inf"}],
            "bin 3: 'PT' without end",
        ),
        ([{"low": 1, "high": 2}, {"low": 2, "high": 3}, {"low": 3, "high": float("inf")}], "no underflow or overflow"),
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


def test_an_uncertainty_of_the_luminosity_is_no_luminosity(tmp_path: Path) -> None:
    for name, exposure in (("LUMI UNCERTAINTY", {}), ("Integrated luminosity", {"luminosity_invfb": 4.1})):
        qualifier = {"name": name, "units": "FB-1", "value": 4.1}
        assert read_spectrum(_write(tmp_path, _table([1, 2], qualifiers=[qualifier]))).exposure == exposure


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
    with pytest.raises(InputError, match=r"#1 rho \(CHARGE=\+\), #2 rho"):
        read_matrix(file, 2)
    assert read_matrix(f"{file}:+", 2)[0, 1] == 0.2

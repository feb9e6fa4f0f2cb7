"""Limits against a mass as HEPData tables."""

import pytest

from nucore.export.hepdata_curve import curve_table, rows_table, tables_submission
from nucore.reports.reach import Reach, ReachPoint

BAND = {"minus2": 0.1, "minus1": 0.15, "plus1": 0.3, "plus2": 0.4}
REACH = Reach(
    "mine", "Mine", "mu", "m4_GeV", "Umu4_sq", 0.9, "cls",
    (ReachPoint(20.0, 0.2, BAND, None, {"best_fit": 0.01}), ReachPoint(60.0, reason="none", others={"best_fit": None})),
)  # fmt: skip


def test_a_curve_has_its_masses_bands_and_other_quantities():
    table = curve_table(REACH)
    (mass,) = table["independent_variables"]
    assert mass == {"header": {"name": "m4", "units": "GeV"}, "values": [{"value": 20.0}, {"value": 60.0}]}
    expected, best = table["dependent_variables"]
    assert expected["header"]["name"] == "expected upper limit on Umu4_sq"
    assert {"name": "confidence level", "value": "0.9"} in expected["qualifiers"]
    entry, nothing = expected["values"]
    assert entry["value"] == 0.2
    assert [e["label"] for e in entry["errors"]] == ["1 sigma", "2 sigma"]
    assert entry["errors"][0]["asymerror"]["minus"] == pytest.approx(-0.05)
    assert entry["errors"][1]["asymerror"]["plus"] == pytest.approx(0.2)
    assert nothing == {"value": "-"}
    assert [v["value"] for v in best["values"]] == [0.01, "-"]


def test_rows_stand_against_their_names():
    table = rows_table([{"label": "all", "limit": 0.1}, {"label": "none", "limit": None}], "label")
    assert [v["value"] for v in table["independent_variables"][0]["values"]] == ["all", "none"]
    (limit,) = table["dependent_variables"]
    assert limit == {"header": {"name": "limit"}, "values": [{"value": 0.1}, {"value": "-"}]}


def test_a_submission_names_its_files():
    documents = tables_submission("comment", {"limits-mu": ("text", curve_table(REACH))})
    comment, entry = documents["submission.yaml"]
    assert comment == {"comment": "comment"}
    assert entry["data_file"] in documents
    assert entry["name"] == "limits-mu"

"""Limits against a mass as tables of a HEPData submission."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nucore.export.hepdata import limit_entry, number
from nucore.reports.reach import Reach

_KEYWORDS = [{"name": "phrases", "values": ["heavy neutral lepton", "W boson", "upper limit"]}]


def curve_table(reach: Reach) -> dict[str, Any]:
    """Return expected limits with their bands, and all further quantities of the points that are numbers.

    Parameters
    ----------
    reach : Reach
    """
    name, units = reach.mass.rpartition("_")[::2]
    level = {"name": "confidence level", "value": f"{reach.confidence_level:.4g}"}
    qualifiers = [level, {"name": "method", "value": reach.limit}]
    masses = [{"value": number(point.mass_GeV)} for point in reach.curve]
    dependents = [
        {
            "header": {"name": f"expected upper limit on {reach.quantity}"},
            "qualifiers": qualifiers,
            "values": [limit_entry(point.value, point.band) for point in reach.curve],
        }
    ]
    for other in reach.curve[0].others if reach.curve else ():
        values = [{"value": number(point.others[other])} for point in reach.curve]
        dependents.append({"header": {"name": other}, "qualifiers": [dict(q) for q in qualifiers], "values": values})
    independent = {"header": {"name": name, "units": units}, "values": masses}
    return {"independent_variables": [independent], "dependent_variables": dependents}


def rows_table(rows: Sequence[Mapping[str, Any]], by: str) -> dict[str, Any]:
    """Return a table of the numbers of rows against one of their columns.

    Parameters
    ----------
    rows : sequence of mappings
        With the same keys.
    by : str
        Key of that column.
    """
    columns = [key for key, value in rows[0].items() if key != by and not isinstance(value, str)]
    return {
        "independent_variables": [{"header": {"name": by}, "values": [{"value": row[by]} for row in rows]}],
        "dependent_variables": [
            {"header": {"name": key}, "values": [{"value": number(row[key])} for row in rows]} for key in columns
        ],
    }


def tables_submission(comment: str, tables: Mapping[str, tuple[str, dict[str, Any]]]) -> dict[str, list[Any]]:
    """Return the YAML documents of a submission by file name.

    Parameters
    ----------
    comment : str
    tables : mapping
        Description and content by name; the file of a table is ``NAME.yaml``.

    References
    ----------
    E. Maguire, L. Heinrich, G. Watt, HEPData, J. Phys. Conf. Ser. 898 (2017) 102006;
    https://hepdata-submission.readthedocs.io
    """
    entries = [
        {
            "name": name,
            "description": text,
            "keywords": [{**keyword, "values": list(keyword["values"])} for keyword in _KEYWORDS],
            "data_file": f"{name}.yaml",
        }
        for name, (text, _) in tables.items()
    ]
    documents: dict[str, list[Any]] = {"submission.yaml": [{"comment": comment}, *entries]}
    return documents | {f"{name}.yaml": [content] for name, (_, content) in tables.items()}

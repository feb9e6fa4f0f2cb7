"""Curves of a figure as CSV and as HEPData YAML."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from nucore.io.atomic import atomic_path
from nucore.run.provenance import provenance
from nuportal.figures.content import FigureContent, FigureCurve, Panel

_MISSING = "-"  # HEPData's sign for no value
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # of libyaml: several times faster


def write_curves(content: FigureContent, folder: Path) -> list[str]:
    """Write each curve as ``PANEL/ID.csv`` and a HEPData submission with a table for each.

    Returns
    -------
    list of str
        Files written.
    """
    origin = provenance()
    outputs: list[str] = []
    submission: list[dict[str, Any]] = [
        {"comment": f"Fig. {content.number} of arXiv:1709.07001, inputs {content.inputs}, {content.convention}"}
    ]
    for panel in content.panels:
        (folder / panel.id).mkdir(parents=True, exist_ok=True)
        for curve in panel.curves:
            path = folder / panel.id / f"{curve.id}.csv"
            _write_csv(path, content, panel, curve, origin)
            table = folder / panel.id / f"{curve.id}.yaml"
            _write_yaml(table, [_table(content, panel, curve)])
            submission.append(
                {
                    "name": f"{panel.id} {curve.id}",
                    "description": f"{curve.label or curve.id}, panel {panel.id}",
                    "keywords": [{"name": "phrases", "values": ["heavy neutral lepton", "dark matter", "upper limit"]}],
                    "data_file": f"{panel.id}/{curve.id}.yaml",
                }
            )
            outputs += [str(path), str(table)]
    _write_yaml(folder / "submission.yaml", submission)
    return [*outputs, str(folder / "submission.yaml")]


def _names(content: FigureContent) -> tuple[str, str]:
    return ("m_chi_GeV", "Y") if content.number == 1 else ("m4_GeV", "U_sq")


def _write_csv(path: Path, content: FigureContent, panel: Panel, curve: FigureCurve, origin: dict[str, Any]) -> None:
    about = {"figure": content.number, "inputs": content.inputs, "convention": content.convention, "panel": panel.id}
    header = about | {"id": curve.id, "label": curve.label, **curve.metadata, "provenance": origin}
    with atomic_path(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        file.write(f"# {json.dumps(header, default=list)}\n")
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(_names(content))
        for x, y in zip(curve.x, curve.y, strict=True):
            if curve.vertical or np.isfinite(y):
                rows.writerow([f"{x:.6g}", "" if curve.vertical else f"{y:.6g}"])


def _table(content: FigureContent, panel: Panel, curve: FigureCurve) -> dict[str, Any]:
    x_name, y_name = _names(content)
    keep = np.isfinite(curve.y) | curve.vertical
    plain = {k: v for k, v in curve.metadata.items() if isinstance(v, str | int | float | bool)}
    qualifiers = [{"name": name, "value": str(value)} for name, value in plain.items()]
    qualifiers += [{"name": "panel", "value": panel.id}, {"name": "inputs", "value": content.inputs}]
    x_values = [{"value": float(f"{x:.6g}")} for x in curve.x[keep]]
    y_values = [{"value": float(f"{y:.6g}") if np.isfinite(y) else _MISSING} for y in curve.y[keep]]
    return {
        "independent_variables": [
            {"header": {"name": x_name.removesuffix("_GeV"), "units": "GeV"}, "values": x_values}
        ],
        "dependent_variables": [{"header": {"name": y_name}, "qualifiers": qualifiers, "values": y_values}],
    }


def _write_yaml(path: Path, documents: list[Any]) -> None:
    with atomic_path(path) as temporary:
        text = yaml.dump_all(documents, Dumper=_DUMPER, sort_keys=False, allow_unicode=True)
        temporary.write_text(text, encoding="utf-8")

"""A spectrum and its limit as a HEPData submission: ``submission.yaml`` and one data file a table."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from nucore.export.content import spectra
from nucore.reports.fit_report import FitReport

_MISSING = "-"  # HEPData's sign for no value


def number(value: float | None) -> float | str:
    """Return a number to ten digits, HEPData's sign where there is none."""
    return float(f"{value:.10g}") if value is not None and math.isfinite(value) else _MISSING


def _spectrum_table(report: FitReport) -> dict[str, Any]:
    """Data with statistical errors, and the expectations, bin by bin; full precision, so that a fit can be redone."""
    data, *others = spectra(report)
    edges = [float(f"{edge:.10g}") for edge in data.edges]
    bins = [{"low": low, "high": high} for low, high in pairwise(edges)]
    points = [
        {"value": float(value), "errors": [{"symerror": float(error), "label": "stat"}]}
        for value, error in zip(data.values, np.sqrt(data.variances), strict=True)
    ]
    counted = report.source.unit
    events = {} if counted is not None and counted.offset.any() else {"units": "events"}
    dependents: list[dict[str, Any]] = [{"header": {"name": data.name, **events}, "values": points}]
    for spectrum in others:
        values = [{"value": float(v)} for v in spectrum.values]
        dependents.append({"header": {"name": spectrum.name, **events}, "values": values})
    unit = {"units": "GeV"} if report.source.experiment else {}
    independent = {"header": {"name": data.label or data.name, **unit}, "values": bins}
    return {"independent_variables": [independent], "dependent_variables": dependents}


def limit_entry(expected: float | None, band: Mapping[str, float | None]) -> dict[str, Any]:
    """Median with the +-1 and +-2 standard deviation bands as asymmetric errors."""
    entry: dict[str, Any] = {"value": number(expected)}
    if expected is None:
        return entry
    errors = []
    for n in ("1", "2"):
        low, high = band.get(f"minus{n}"), band.get(f"plus{n}")
        if low is not None and high is not None:
            error = {"minus": low - expected, "plus": high - expected}
            errors.append({"asymerror": error, "label": f"{n} sigma"})
    return entry | ({"errors": errors} if errors else {})


def _limit_table(report: FitReport) -> dict[str, Any]:
    limit = report.limit
    level = f"{limit.confidence_level:.4g}"
    qualifiers = [{"name": "confidence level", "value": level}, {"name": "method", "value": limit.method}]
    mass = report.source.analysis.get("point", {}).get("m4")
    header = {"name": "m4", "units": "GeV"} if mass is not None else {"name": "measurement"}
    where = {"value": float(mass) if mass is not None else report.source.spectrum.name}
    sigma = report.fit.uncertainties[report.parameter]
    best: dict[str, Any] = {"value": number(report.fit.best_fit[report.parameter])}
    if math.isfinite(sigma):
        best["errors"] = [{"symerror": float(sigma), "label": "total"}]
    columns = {
        f"observed upper limit on {report.parameter}": {"value": number(limit.observed)},
        f"expected upper limit on {report.parameter}": limit_entry(limit.expected, limit.band),
        f"best fit of {report.parameter}": best,
    }
    return {
        "independent_variables": [{"header": header, "values": [where]}],
        "dependent_variables": [
            {"header": {"name": name}, "qualifiers": [dict(q) for q in qualifiers], "values": [entry]}
            for name, entry in columns.items()
        ],
    }


def _correlation_table(report: FitReport) -> dict[str, Any]:
    names, matrix = report.fit.parameters, report.fit.correlation
    pairs = [(a, b, matrix[i, j]) for i, a in enumerate(names) for j, b in enumerate(names)]
    return {
        "independent_variables": [
            {"header": {"name": "parameter"}, "values": [{"value": a} for a, _, _ in pairs]},
            {"header": {"name": "other parameter"}, "values": [{"value": b} for _, b, _ in pairs]},
        ],
        "dependent_variables": [
            {"header": {"name": "correlation"}, "values": [{"value": number(float(r))} for _, _, r in pairs]}
        ],
    }


def hepdata_submission(report: FitReport) -> dict[str, list[dict[str, Any]]]:
    """Return the YAML documents of a submission, by file name.

    Parameters
    ----------
    report : FitReport

    Returns
    -------
    dict
        ``submission.yaml`` (several documents) and the tables ``spectrum.yaml``, ``limit.yaml`` (of a parameter of
        interest), ``correlation.yaml``.

    References
    ----------
    E. Maguire, L. Heinrich, G. Watt, HEPData, J. Phys. Conf. Ser. 898 (2017) 102006;
    https://hepdata-submission.readthedocs.io
    """
    source = f"experiment card {report.source.experiment}" if report.source.experiment else "a pyhf workspace"
    data = report.source.spectrum.name
    keywords: list[dict[str, Any]] = [{"name": "phrases", "values": ["heavy neutral lepton", "upper limit"]}]
    if report.source.experiment:
        keywords.append({"name": "observables", "values": ["N"]})
    exposure = ", ".join(f"{name} = {value:g}" for name, value in report.source.exposure.items())
    what = f"Spectrum, fit and upper limit on {report.parameter}" if report.parameter else "Spectrum and fit"
    comment = f"{what} ({source}{', ' + exposure if exposure else ''})."
    tables = {
        "spectrum.yaml": ("spectrum", f"Events per bin of {data}: data, expectations and samples.", _spectrum_table),
        "limit.yaml": ("limit", f"Best fit of and upper limits on {report.parameter}.", _limit_table),
        "correlation.yaml": ("correlation", "Correlation of the parameters at the best fit.", _correlation_table),
    }  # fmt: skip
    if not report.parameter:
        del tables["limit.yaml"]
    entries = [
        {"name": name, "description": text, "keywords": copy.deepcopy(keywords), "data_file": file}
        for file, (name, text, _) in tables.items()
    ]
    documents = {file: [make(report)] for file, (_, _, make) in tables.items()}
    return {"submission.yaml": [{"comment": comment}, *entries], **documents}

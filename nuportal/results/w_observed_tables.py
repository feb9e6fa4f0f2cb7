"""Tables of the observed limits: CSV, HEPData, and the lines of the summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from collider.inference.observed_curve import ObservedCurve
from nucore.export.formats import write_documents
from nucore.export.hepdata_curve import curve_table, rows_table, tables_submission
from nucore.io.tables import open_table
from nucore.limits.catalogue import load_curve
from nucore.results import plain
from nucore.stats import UpperLimit
from nuportal.results.w_observed import WObserved, points_of

Rows = Sequence[Mapping[str, Any]]

#: Largest relative difference from the catalogue of limits that is rounding and other machines' arithmetic.
CATALOGUE_TOLERANCE = 0.01


def curve_names(result: WObserved) -> dict[str, ObservedCurve]:
    """Curves by the names of their files: those of the result, then those of other experiments."""
    names = dict(result.curves)
    return names | {f"{one.reach.experiment}-{one.reach.flavour}": one for one in result.others}


def tables(result: WObserved) -> dict[str, tuple[str, Rows]]:
    """Description and rows of each table by its name."""
    found: dict[str, tuple[str, Rows]] = {}
    for name, curve in curve_names(result).items():
        title = f"Limits on {curve.reach.quantity} against m4: {curve.reach.title}"
        found[f"limits-{name}"] = (title, points_of(curve))
    for flavour, curve in result.curves.items():
        shown = result.plan.shown
        title = f"Limits on {curve.reach.quantity} at m4 = {shown:g} GeV with other systematic uncertainties"
        found[f"systematics-{flavour}"] = (title, [effect.to_dict() for effect in curve.fits[shown].effects])
    for flavour, masses in result.w_mass.items():
        rows = [{k: v for k, v in plain(point).items() if k != "limits"} for point in masses.points]
        found[f"w-mass-{flavour}"] = (f"Limits on {masses.parameter} from published W masses", rows)
    found["observables"] = (
        "Limits from data blocks of the same events; the chosen one has the lower expected limits",
        [plain(row) for row in result.comparisons],
    )
    found["flavours"] = (
        "Limits of fits of both flavours: with the other mixing fitted, and with equal mixings (Ul4_sq)",
        flavour_rows(result),
    )
    return found


def flavour_rows(result: WObserved) -> Rows:
    """Limits of the joint fits by mass and mixing; ``Ul4_sq`` is the same in both flavours."""
    rows = []
    for one in result.separate.result.limits:
        bound = one.profiled or one.other_zero
        rows.append(_flavour_row(result.plan.shown, bound, one.best_fit, one.uncertainty))
    for m4, found in result.equal.items():
        rows.append(_flavour_row(m4, found.limit, found.best_fit, found.uncertainty))
    return rows


def _flavour_row(m4: float, bound: UpperLimit, best_fit: float, uncertainty: float) -> dict[str, Any]:
    numbers = {"observed": bound.observed, "expected": bound.expected, **bound.band}
    return {
        "m4_GeV": m4,
        "mixing": bound.parameter,
        **numbers,
        "best_fit": best_fit,
        "best_fit_uncertainty": uncertainty,
    }


def write_tables(result: WObserved, folder: Path, provenance: Mapping[str, Any]) -> None:
    """Write every table as CSV, and a HEPData submission of those of limits and of systematic uncertainties."""
    for name, (_, rows) in tables(result).items():
        kinds = {key: _kind(rows, key) for key in rows[0]}
        with open_table(folder / f"{name}.csv", kinds) as table:
            table.extend({key: [_cell(row[key], kinds[key]) for row in rows] for key in kinds})
            table.finish(provenance)
    content = {name: (text, _document(result, name, rows)) for name, (text, rows) in tables(result).items()}
    content = {name: entry for name, entry in content.items() if entry[1]}
    hepdata = folder / "hepdata"
    hepdata.mkdir()
    comment = "Upper limits on |U_l4|^2 of a heavy neutrino in W -> l nu4 from published spectra; reanalysis"
    write_documents(tables_submission(comment, content), hepdata)


def _document(result: WObserved, name: str, rows: Rows) -> dict[str, Any]:
    kind, _, which = name.partition("-")
    if kind == "limits":
        return curve_table(curve_names(result)[which].reach)
    if kind == "systematics":
        return rows_table([{k: v for k, v in row.items() if k != "name"} for row in rows], "label")
    return rows_table([{k: v for k, v in row.items() if k != "treatment"} for row in rows], "m4_GeV") if which else {}


def _kind(rows: Rows, key: str) -> Any:
    values = [row[key] for row in rows]
    if any(isinstance(value, bool) for value in values):
        return "flag"
    return "text" if any(isinstance(value, str) for value in values) else "number"


def _cell(value: Any, kind: str) -> Any:
    return np.nan if kind == "number" and value is None else value


def catalogue_differences(result: WObserved) -> dict[str, float]:
    """Largest relative difference of the observed limits from those in the catalogue, by its ids."""
    found = {}
    for flavour, name in result.plan.catalogue.items():
        reach = result.curves[flavour].reach
        pairs = [(p.mass_GeV, p.others[f"{reach.quantity}_observed"]) for p in reach.curve]
        masses, values = np.array([pair for pair in pairs if pair[1] is not None], dtype=np.float64).T
        found[name] = float(np.max(np.abs(values / load_curve(name).values(masses) - 1.0)))
    return found

"""Observed limits as text: what was fitted, and a table of the limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import typer

from nuportal.cli.options import show

_TITLES = ("m4 (GeV)", "observed", "expected", "68% of expected", "95% of expected", "best fit", "signif.", "p-value")


def show_observed(fields: Mapping[str, Any]) -> None:
    """Print the choices behind observed limits and a line for each mass."""
    data, (low, high) = fields["published_data"], fields["window_GeV"]
    prior = fields["nuisances"].get("m_W")
    mass = f"{fields['m_W_GeV']:.7g}" + (" GeV, known" if prior is None else f" +- {prior:.2g} GeV (prior of the fit)")
    per_charge = " for each charge" if len(fields["charges"]) > 1 else ""
    uncertain = [n for n in fields["nuisances"] if n != "normalisation" or fields["normalisation"] == "constrained"]
    rows = {
        "data": f"{data['data']} of {fields['experiment']}: {fields['observable']} from {low:g} to {high:g} GeV",
        "reference": data["reference"],
        "prediction": fields["prediction"],
        "normalisation": f"{fields['normalisation']}{per_charge}",
        "W mass": mass,
        "systematics": f"{fields['systematics']}: {', '.join(uncertain) or 'none'}",
        "limits": f"{fields['quantity']}, {fields['limit']}, {fields['confidence_level']:.0%} CL",
    }
    show(rows, warnings=fields["warnings"])
    table = [_TITLES, *(tuple(_cells(fields["quantity"], point)) for point in fields["curve"])]
    widths = [max(len(row[k]) for row in table) for k in range(len(_TITLES))]
    for row, point in zip(table, [None, *fields["curve"]], strict=True):
        reason = f"  {point['reason']}" if point and point["reason"] else ""
        typer.echo("  ".join(f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True)) + reason)


def _cells(quantity: str, point: Mapping[str, Any]) -> Iterator[str]:
    yield f"{point['m4_GeV']:g}"
    yield _number(point[f"{quantity}_observed"])
    yield _number(point[quantity])
    for n in "12":
        yield _pair(point[f"minus{n}"], "-", point[f"plus{n}"])
    yield _pair(point["best_fit"], "+-", point["best_fit_uncertainty"])
    yield _number(point["local_significance"], ".2f")
    yield _number(point["p_value"], ".2g")


def _pair(first: float | None, sign: str, second: float | None) -> str:
    return "-" if first is None and second is None else f"{_number(first)} {sign} {_number(second)}"


def _number(value: float | None, form: str = ".3g") -> str:
    return "-" if value is None else format(value, form)

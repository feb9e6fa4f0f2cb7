"""A study of toys as tables: the prediction, bias, pulls and coverage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nucore.reports.fit_tables import prediction_tables
from nucore.summaries import Table, convention, measured, number, symbol

Fields = Mapping[str, Any]

_SUMMARY = (
    "n", "n_failed", "truth", "bias", "pull_mean", "pull_mean_uncertainty", "pull_width", "pull_width_uncertainty",
    "limit", "confidence_level", "coverage", "coverage_uncertainty",
)  # fmt: skip
_NOTES = (
    "bias = mean of best fit - truth; pull = (best fit - truth) / uncertainty: mean 0 and width 1 if the fit is right",
    "coverage = share of the toys whose upper limit lies above the truth: the confidence level, or more",
)


def toy_headline(fields: Fields) -> str:
    """Pulls and coverage in a line."""
    pull = f"pulls {number(fields['pull_mean'], 2)} with width {number(fields['pull_width'], 3)}"
    level = f" at {convention(fields['limit'], fields['confidence_level'])}" if fields["limit"] else ""
    return f"{fields['n']} toys: {pull}, coverage {number(fields['coverage'], 3)}{level}"


def toy_rows(fields: Fields) -> list[dict[str, Any]]:
    """Record of the summary, with the quantiles of the limits."""
    quantiles = {f"upper_limit_{name}": value for name, value in fields["upper_limit_quantiles"].items()}
    return [{name: fields[name] for name in _SUMMARY} | quantiles]


def toy_tables(fields: Fields) -> tuple[Table, ...]:
    """The prediction if there is one, and the summary."""
    name = symbol(fields["parameter"])
    rows = {
        "toys": f"{fields['n']} ({fields['n_failed']} fits failed)",
        f"truth, {name}": fields["truth"],
        f"bias of {name}": fields["bias"],
        "mean of the pulls": _or_dash(fields, "pull_mean"),
        "width of the pulls": _or_dash(fields, "pull_width"),
    }
    if fields["limit"]:
        rows["upper limits"] = convention(fields["limit"], fields["confidence_level"])
        rows["coverage"] = _or_dash(fields, "coverage")
        band = fields["upper_limit_quantiles"]
        rows["median limit"] = band.get("median")
        rows["68% of the limits"] = f"{number(band.get('minus1'))} to {number(band.get('plus1'))}"
    title = f"toys of {fields['experiment']}, {fields['flavour']}"
    return *prediction_tables(fields), Table.of(rows, title, _NOTES if fields["limit"] else _NOTES[:1])


def _or_dash(fields: Fields, name: str) -> str | None:
    return None if fields[name] is None else measured(fields[name], fields[f"{name}_uncertainty"])

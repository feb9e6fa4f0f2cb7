"""A joint fit of two flavours as tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nucore.summaries import Table, convention, measured, number, symbol

Fields = Mapping[str, Any]


def flavours_headline(fields: Fields) -> str:
    """Limits of both flavours in a line."""
    level = convention(fields["limit"], fields["confidence_level"])
    limits = ", ".join(
        f"{symbol(one['parameter'])} < {number(one['upper_limit'], 3)}"
        for one in flavours_rows(fields)
        if one["upper_limit"] is not None
    )
    return f"{limits or 'no limit'} ({level}) at m4 = {fields['m4_GeV']:g} GeV"


def flavours_rows(fields: Fields) -> list[dict[str, Any]]:
    """Records of the limits, one a flavour."""
    return [
        {
            "parameter": one["parameter"],
            "best_fit": one["best_fit"],
            "uncertainty": one["uncertainty"],
            "upper_limit": (one["profiled"] or {}).get("observed"),
            "expected_limit": (one["profiled"] or {}).get("expected"),
            "upper_limit_other_zero": one["other_zero"]["observed"],
            "expected_limit_other_zero": one["other_zero"]["expected"],
            "reason": one["reason"] or (one["profiled"] or {}).get("observed_reason"),
        }
        for one in fields["limits"]
    ]


def flavours_tables(fields: Fields) -> tuple[Table, ...]:
    """What was fitted, and the limits."""
    return _assumed(fields), _limits(fields)


def _assumed(fields: Fields) -> Table:
    rows: dict[str, Any] = {}
    for flavour, luminosity in fields["exposure"].items():
        data = fields["data"].get(flavour) or "none: as expected without nu4"
        rows[f"data, {flavour}"] = f"{data} ({fields['experiment']}, {luminosity:g} fb^-1)"
    rows["m4"] = f"{fields['m4_GeV']:g} GeV"
    free = fields["free_normalisation"]
    rows["normalisation"] = "free, common to both flavours" if free else "that of the systematics"
    return Table.of(rows)


def _limits(fields: Fields) -> Table:
    records = flavours_rows(fields)
    reasons = any(one["reason"] for one in records)
    rows = tuple(
        (
            symbol(one["parameter"]),
            None if one["best_fit"] is None else measured(one["best_fit"], one["uncertainty"]),
            one["upper_limit"],
            one["upper_limit_other_zero"],
            *([one["reason"] or ""] if reasons else []),
        )
        for one in records
    )
    columns = ("mixing", "best fit", "upper limit", "the other zero", *(["reason"] if reasons else []))
    notes = [
        f"upper limit: {convention(fields['limit'], fields['confidence_level'])}, the other mixing fitted",
        f"correlation of the two mixings: {number(fields['correlation'])}",
        f"p-value of the fit: {number(fields['p_value'])}",
    ]
    if fields["reason"]:
        notes.append(f"no contour: {fields['reason']}")
    return Table(rows, columns, "result", tuple(notes))

"""A fit as tables: what it assumes, the prediction, the parameters, the limit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from nucore.model.parameters import MIXINGS
from nucore.summaries import Table, bosons, convention, measured, number, symbol

Fields = Mapping[str, Any]

_PARAMETERS = (
    "pull = (best fit - prior) / prior uncertainty; after/before = uncertainty after the fit / prior uncertainty"
)


def fit_tables(fields: Fields) -> tuple[Table, ...]:
    """Tables of the fields of a fit, data, point and exposure first."""
    return _assumed(fields), *prediction_tables(fields), _parameters(fields), _results(fields)


def fit_headline(fields: Fields) -> str:
    """Limit, expected limit and p-value in a line."""
    level = convention(fields["limit"], fields["confidence_level"])
    if fields["upper_limit"] is None:
        return f"no upper limit: {fields['upper_limit_reason']}"
    expected, p_value = fields["expected_limit"], fields["p_value"]
    beside = "" if expected is None else f", expected {number(expected, 3)}"
    quality = "" if p_value is None else f"; p-value {number(p_value, 3)}"
    return f"{symbol(fields['parameter'])} < {number(fields['upper_limit'], 3)} ({level}){beside}{quality}"


def fit_rows(fields: Fields) -> list[dict[str, Any]]:
    """Records of the parameters, the largest impact on the first one first."""
    moved = fields["impacts"]
    return [
        {
            "parameter": name,
            "best_fit": fields["best_fit"][name],
            "uncertainty": fields["uncertainties"][name],
            "pull": fields["pulls"].get(name),
            "constraint": fields["constraints"].get(name),
            "impact_minus": moved[name]["minus"] if name in moved else None,
            "impact_plus": moved[name]["plus"] if name in moved else None,
        }
        for name in _order(fields)
    ]


def _order(fields: Fields) -> list[str]:
    ranked = [name for name in (fields["parameter"], *fields["impacts"]) if name is not None]
    return [*ranked, *(name for name in fields["best_fit"] if name not in ranked)]


def _assumed(fields: Fields) -> Table:
    """What a fit assumes: data, point, exposure and where they come from, and how the data were read."""
    if fields["experiment"] is None:
        fixed = ", ".join(f"{name} = {value:g}" for name, value in fields["fixed_parameters"].items())
        return Table.of({"measurement": fields["measurement"], "fixed": fixed or "none"})
    ((exposure, value),), point = fields["exposure"].items(), fields["point"]
    selection = f", {bosons(fields['charges'])}, selection {fields['selection']}" if "selection" in fields else ""
    mixings = ", ".join(f"{name} = {point[name]:g}" for name in MIXINGS if point[name])
    masses = f"m4 = {point['m4']:g}, m_chi = {point['m_chi']:g}, m_phi = {point['m_phi']:g} GeV, yL = {point['yL']:.4g}"
    unit = " fb^-1" if exposure.endswith("_invfb") else ""
    rows = {
        "data": f"{fields['data']} ({fields['experiment']}, {fields['flavour']}{selection})",
        "point": f"{masses}, {mixings or 'no mixing'} ({fields['point_origin']})",
        exposure.removesuffix("_invfb"): f"{value:g}{unit} ({fields['exposure_origin']})",
    }
    return Table.of(rows, notes=[f"note: {note}" for note in (*fields["notes"], *_unphysical(fields))])


def _unphysical(fields: Fields) -> list[str]:
    name = fields["parameter"]
    best = fields["best_fit"][name]
    if best is None or 0.0 <= best <= 1.0:
        return []
    away = f"{fields['unphysical_by_sigma']:.1f}"
    by = "" if float(away) == 0.0 else f", by {away} standard deviations"
    return [f"{name} = {best:.4g} is outside 0 to 1, unphysical{by}"]


def prediction_tables(fields: Fields) -> tuple[Table, ...]:
    """Table of the user's prediction, if there is one."""
    if "predicted_signal" not in fields:
        return ()
    signal, background = fields["predicted_signal"], fields["predicted_background"]
    scale = ", ".join(f"{factor:.5g}" for factor in fields["signal_scaled_by"])
    free = fields["normalisation"] == "free"
    rows = {
        "prediction": fields["prediction"],
        "signal + background": f"{signal:.6g} + {background:.6g} = {signal + background:.6g} events",
        "data": f"{fields['data_sum']:.6g} events",
        "normalisation": f"free, of {scale} times the signal" if free else fields["normalisation"],
        "nu4 and nuisances": fields["templates"],
        "its uncertainties": ", ".join(fields["prediction_uncertainties"]) or "none",
    }
    return (Table.of(rows),)


def _parameters(fields: Fields) -> Table:
    """Parameters with their pulls and impacts; columns without a number are left out."""
    records = fit_rows(fields)
    columns = {
        "parameter": [one["parameter"] for one in records],
        "best fit": [measured(one["best_fit"], one["uncertainty"]) for one in records],
    }
    notes = []
    if fields["pulls"]:
        columns["pull"] = [_fixed(one["pull"]) for one in records]
        columns["after/before"] = [_fixed(one["constraint"]) for one in records]
        notes.append(_PARAMETERS)
    if fields["impacts"]:
        columns["impact of -1 sigma"] = [_shift(one["impact_minus"]) for one in records]
        columns["+1 sigma"] = [_shift(one["impact_plus"]) for one in records]
        moves = (
            f"shift of {symbol(fields['parameter'])} with the parameter held one standard deviation off its best fit"
        )
        notes.append(f"impact = {moves}")
    return Table(tuple(zip(*columns.values(), strict=True)), tuple(columns), "parameters", tuple(notes))


def _fixed(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _shift(value: float | None) -> str:
    return "" if value is None else f"{value:+.2e}"


def _results(fields: Fields) -> Table:
    """Limit, p-values and what floats beside."""
    level = convention(fields["limit"], fields["confidence_level"])
    name = symbol(fields["parameter"]) if fields["parameter"] else None
    rows: dict[str, Any] = {
        f"upper limit on {name} ({level})" if name else "upper limit": fields["upper_limit"]
        or fields["upper_limit_reason"],
        "expected": fields["expected_limit"] or fields["expected_limit_reason"],
        "expected, 68% of data": _interval(fields["expected_band"], "minus1", "plus1"),
        "expected, 95% of data": _interval(fields["expected_band"], "minus2", "plus2"),
        "p-value of the fit": fields["p_value"],
        "p-value without signal": fields["p_value_background"],
        "significance of a signal": fields["discovery_significance"],
    }
    rows = {label: value for label, value in rows.items() if value is not None or not label.startswith("expected, ")}
    return Table.of({**rows, **_toy_rows(fields), **_charge_rows(fields), **_joint_rows(fields)}, "result")


def _interval(band: Fields | None, low: str, high: str) -> str | None:
    ends = [(band or {}).get(side) for side in (low, high)]
    return None if None in ends else f"{number(ends[0])} to {number(ends[1])}"


def _toy_rows(fields: Fields) -> dict[str, str]:
    rows = {}
    toys, interval, quality = (fields.get(name) for name in ("toy_limit", "interval", "toy_p_value"))
    if toys:
        found = toys["observed"]
        value = "none in the scanned range" if found is None else measured(found, toys["uncertainty"])
        rows[f"upper limit from {toys['n_toys']} toys a value"] = value
    if quality:
        rows[f"p-value of the fit from {quality['n_toys']} toys"] = measured(quality["p_value"], quality["uncertainty"])
    if interval:
        rows["Feldman-Cousins interval"] = f"{number(interval['lower'])} to {number(interval['upper'])}"
    return rows


def _joint_rows(fields: Fields) -> dict[str, str]:
    """Quantity that floats with the mixing, such as the W mass."""
    joint = fields.get("joint_fit")
    if not joint:
        return {}
    name, _, unit = joint["quantity"].rpartition("_")
    alone = measured(joint["value_without_signal"], joint["uncertainty_without_signal"])
    value = measured(joint["value"], joint["uncertainty"])
    return {
        f"{name} [{unit}]": f"{value} (correlation {joint['correlation']:.2f})",
        f"{name} without signal [{unit}]": alone,
    }


def _charge_rows(fields: Fields) -> dict[str, str]:
    """Mixing of each charge, where there are two."""
    found = fields["per_charge"]
    if found is None:
        return {}
    name = symbol(fields["parameter"])
    rows = {f"{name} of W{c}": measured(found[c]["value"], found[c]["uncertainty"]) for c in "+-"}
    pull, correlation = (
        "-" if value is None or math.isnan(value) else f"{value:.2f}"
        for value in (found["difference_pull"], found["correlation"])
    )
    return {**rows, "W+ minus W-": f"{pull} standard deviations (correlation {correlation})"}

"""A reach as tables: what was assumed, and a line for each mass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nucore.summaries import Table, bosons, convention, measured, number, symbol

Fields = Mapping[str, Any]

#: Headings of columns of `ReachPoint`.
_HEADINGS = {
    "minus2": "-2 sigma", "minus1": "-1 sigma", "plus1": "+1 sigma", "plus2": "+2 sigma",
    "uncertainty": "numerical unc.", "br": "BR", "Y_thermal": "Y thermal", "spurious_signal": "spurious signal",
    "m_W_uncertainty_MeV": "m_W unc. [MeV]", "m_W_bias_MeV": "m_W bias [MeV]",
}  # fmt: skip
#: What a column means, told where it is shown; {q} is the limited quantity.
_MEANINGS = {
    "minus1": "-2 to +2 sigma: expected limit for data that fluctuate so far from the median",
    "uncertainty": "numerical unc.: of the median, from the size of the templates",
    "br": "BR: branching ratio of the signal at the limit",
    "Y_thermal": "Y thermal: Y of <sigma v> = 3e-26 cm^3/s",
    "spurious_signal": "spurious signal: fitted to another background without signal, over its statistical uncertainty",
    "loss": "loss: reach with m_W floating over that with m_W fixed",
    "m_W_uncertainty_MeV": "m_W unc.: of a fit of m_W and the mixing to data without nu4",
    "m_W_bias_MeV": "m_W bias: of a fit without nu4 to data with the mixing at the reach",
}


def reach_tables(fields: Fields) -> tuple[Table, ...]:
    """Tables of the fields of a reach: observed limits, a curve, or one for each window."""
    if "published_data" in fields:
        return _observed(fields)
    return tuple(_curve(one) for one in fields.get("window_scan", [fields]))


def reach_headline(fields: Fields) -> str:
    """Strongest limit of the curve in a line."""
    observed = f"{fields['quantity']}_observed"
    for name, word in ((observed, "observed limit"), (fields["quantity"], "expected limit")):
        points = [p for p in fields["curve"] if p.get(name) is not None]
        if points:
            best = min(points, key=lambda p: p[name])
            at = f"{_mass(fields['mass'])} = {best[fields['mass']]:g} GeV"
            level = convention(fields["limit"], fields["confidence_level"])
            value = f"{symbol(fields['quantity'])} < {number(best[name], 3)} at {at}"
            return f"{fields['experiment']}: strongest {word} {value} ({level})"
    return f"{fields['experiment']}: nothing excluded"


def _mass(name: str) -> str:
    return name.removesuffix("_GeV")


def _heading(name: str, quantity: str) -> str:
    if name in _HEADINGS:
        return _HEADINGS[name]
    if name.endswith("_GeV"):
        return f"{_mass(name)} [GeV]"
    if name == quantity:
        return "expected"
    if name == f"{quantity}_observed":
        return "observed"
    if name == f"{quantity}_fixed_m_W":
        return "m_W fixed"
    return symbol(name)


def _curve(fields: Fields) -> Table:
    """Columns that hold a number at some point, the reason last."""
    points, quantity = fields["curve"], fields["quantity"]
    names = [n for n in points[0] if n != "reason" and any(p[n] is not None for p in points)]
    title = f"{fields['title']} ({fields['experiment']}): upper limit on {symbol(quantity)}"
    if "window_scan" in fields or "window_GeV" in fields:
        title += ", {} from {:g} to {:g} GeV".format(fields["observable"], *fields["window_GeV"])
    reasons = any(p["reason"] for p in points)
    rows = tuple(tuple(p[name] for name in names) + ((p["reason"] or "",) if reasons else ()) for p in points)
    columns = [_heading(name, quantity) for name in names] + (["reason"] if reasons else [])
    return Table(rows, tuple(columns), title, (*_basis(fields, names), *(f"note: {n}" for n in fields["notes"])))


def _basis(fields: Fields, names: Iterable[str]) -> list[str]:
    """What the numbers are, and what they assume."""
    level = convention(fields["limit"], fields["confidence_level"])
    quantity = fields["quantity"]
    named = {
        quantity: f"expected: median for data without signal, {level}",
        f"{quantity}_observed": "observed: from the published limit",
    }
    if quantity == "Y":
        masses = f"m4 = {fields['m4']} {'m_chi' if 'x' in str(fields['m4']) else 'GeV'}".replace("x m_chi", " m_chi")
        named["Y_thermal"] = _MEANINGS["Y_thermal"]
        named["m_chi_GeV"] = f"{masses}, m_phi/m_chi = {fields['ratio']:g}, yL = {fields['yL']:.5g}"
    told = [{**_MEANINGS, **named}[name] for name in names if name in {**_MEANINGS, **named}]
    if "luminosity_invfb" in fields:
        told.append(
            f"{bosons(fields['charges'])}, luminosity {fields['luminosity_invfb']:g} fb^-1, selection "
            f"{fields['selection']}, systematics {fields['systematics']}"
        )
    elif "background_model" in fields:
        told.append(f"background model {fields['background_model']}")
    if any(abs(point.get("spurious_signal") or 0.0) > 1.0 for point in fields["curve"]):
        told.append("spurious signal above 1: a statistical reach, which asks for a background known better than today")
    return told


def _observed(fields: Fields) -> tuple[Table, ...]:
    """Choices behind observed limits, and a line for each mass."""
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
        "limits": f"{symbol(fields['quantity'])}, {convention(fields['limit'], fields['confidence_level'])}",
    }
    return Table.of(rows), _observed_curve(fields)


def _observed_curve(fields: Fields) -> Table:
    quantity = fields["quantity"]
    columns = (
        "m4 [GeV]", "observed", "expected", "68% of expected", "95% of expected", "best fit", "signif.", "p-value",
        "reason",
    )  # fmt: skip
    rows = [
        (
            p["m4_GeV"],
            p[f"{quantity}_observed"],
            p[quantity],
            _between(p["minus1"], p["plus1"]),
            _between(p["minus2"], p["plus2"]),
            None if p["best_fit"] is None else measured(p["best_fit"], p["best_fit_uncertainty"]),
            None if p["local_significance"] is None else f"{p['local_significance']:.2f}",
            None if p["p_value"] is None else number(p["p_value"], 2),
            p["reason"] or "",
        )
        for p in fields["curve"]
    ]
    if not any(row[-1] for row in rows):
        rows, columns = [row[:-1] for row in rows], columns[:-1]  # type: ignore[misc,assignment]
    notes = (
        f"observed, expected: upper limits on {symbol(quantity)}; expected: median for data without nu4",
        "signif.: of a nu4 of this mass alone, in standard deviations; p-value: of the fit",
    )
    return Table(tuple(rows), columns, f"{fields['title']} ({fields['experiment']})", notes)


def _between(low: float | None, high: float | None) -> str | None:
    return None if low is None and high is None else f"{number(low, 3)} to {number(high, 3)}"

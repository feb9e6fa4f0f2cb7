"""The observed limits in words and short tables."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from collider.inference.observed_curve import ObservedCurve
from nuportal.results.w_observed import WObserved
from nuportal.results.w_observed_tables import (
    CATALOGUE_TOLERANCE,
    catalogue_differences,
    curve_names,
    flavour_rows,
)

_COLUMNS = ("best_fit", "best_fit_uncertainty", "local_significance", "p_value")


def headlines(result: WObserved) -> dict[str, str]:
    """Main numbers by name, as text."""
    found = {}
    for name, curve in curve_names(result).items():
        reach = curve.reach
        limits = [(p.others[f"{reach.quantity}_observed"], p.mass_GeV) for p in reach.curve]
        known = [(limit, m4) for limit, m4 in limits if limit is not None]
        if known:
            limit, m4 = min(known)
            found[f"{reach.quantity} ({name})"] = f"observed limit {limit:.2g} at m4 = {m4:g} GeV (lowest)"
    equal = result.equal[result.plan.shown].limit.observed
    if equal is not None:
        found["equal mixings"] = f"observed limit {equal:.2g} at m4 = {result.plan.shown:g} GeV"
    return found


def problems(result: WObserved) -> list[str]:
    """What is wrong: fits that do not describe the data, limits that are not those of the catalogue."""
    found = []
    for flavour, curve in result.curves.items():
        found += [f"{flavour}, m4 = {m4:g} GeV: {w}" for m4, fit in curve.fits.items() for w in fit.report.warnings]
    for name, difference in catalogue_differences(result).items():
        if difference > CATALOGUE_TOLERANCE:
            found.append(f"observed limits differ from {name} of the catalogue by up to {difference:.1%}")
    return found


def summary_text(result: WObserved, provenance: Mapping[str, Any]) -> str:
    """Return the summary in Markdown."""
    return "\n".join([*_lines(result), "", "```json", json.dumps(provenance, indent=1), "```", ""])


def _lines(result: WObserved) -> Iterator[str]:
    yield "# Observed limits on a heavy neutrino in W -> l nu"
    yield ""
    yield from (f"- {name}: {text}" for name, text in headlines(result).items())
    yield from (f"- warning: {text}" for text in problems(result))
    for curve in curve_names(result).values():
        yield from _curve_lines(curve)
    yield from _comparison_lines(result)
    for flavour, curve in result.curves.items():
        yield from ("", f"## Systematic uncertainties, {flavour}, m4 = {result.plan.shown:g} GeV", "")
        yield "| without, or with | expected | observed | ratio of expected | ratio of observed |"
        yield "| --- | --- | --- | --- | --- |"
        for e in curve.fits[result.plan.shown].effects:
            numbers = (e.expected, e.observed, e.expected_ratio, e.observed_ratio)
            yield f"| {e.label} | " + " | ".join(map(_text, numbers)) + " |"
    yield from _w_mass_lines(result)
    rows = flavour_rows(result)
    yield from ("", "## Both flavours", "", "| " + " | ".join(rows[0]) + " |", "| --- " * len(rows[0]) + "|")
    yield from ("| " + " | ".join(map(_text, row.values())) + " |" for row in rows)
    yield from ("", "Equal to the catalogue of limits:", "")
    yield from (f"- {name}: to {value:.1%}" for name, value in catalogue_differences(result).items())


def _curve_lines(curve: ObservedCurve) -> Iterator[str]:
    reach = curve.reach
    yield from ("", f"## {reach.title}: {reach.quantity}, {reach.confidence_level:.0%} CL", "")
    data = reach.choices["published_data"]
    yield f"Data: {data['data']}, {data['reference']}. W mass: {reach.choices['m_W_GeV']:g} GeV."
    yield ""
    yield "| m4 (GeV) | observed | expected | 68% | best fit | significance | p-value |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for p in reach.curve:
        best, sigma, significance, p_value = (p.others[name] for name in _COLUMNS)
        cells = [f"{p.mass_GeV:g}", _text(p.others[f"{reach.quantity}_observed"]), _text(p.value)]
        cells += [f"{_text(p.band['minus1'])} - {_text(p.band['plus1'])}", f"{_text(best)} +- {_text(sigma)}"]
        yield "| " + " | ".join([*cells, _text(significance), _text(p_value)]) + " |"


def _comparison_lines(result: WObserved) -> Iterator[str]:
    yield from (
        "",
        "## Observables of the same events",
        "",
        "The data block with the lower expected limits counts.",
        "",
    )
    yield from ("| flavour | data | m4 (GeV) | expected | observed | |", "| --- | --- | --- | --- | --- | --- |")
    for row in result.comparisons:
        numbers = f"{_text(row.expected)} | {_text(row.observed)}"
        yield f"| {row.flavour} | {row.data} | {row.m4_GeV:g} | {numbers} | {'chosen' if row.chosen else ''} |"


def _w_mass_lines(result: WObserved) -> Iterator[str]:
    for limits in result.w_mass.values():
        yield from (
            "",
            f"## Published W masses: {limits.parameter}",
            "",
            *(f"Warning: {w}" for w in limits.warnings),
            "",
        )
        yield from ("| m4 (GeV) | observed | expected | verified numbers alone |", "| --- | --- | --- | --- |")
        for p in limits.points:
            yield f"| {p.m4_GeV:g} | {_text(p.limit)} | {_text(p.expected_limit)} | {_text(p.verified_limit)} |"


def _text(value: float | str | None) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else f"{value:.3g}"

"""A verdict as tables: the outcome, the constraints by margin, those without effect, those that do not apply."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from nucore.summaries import Table, number

Fields = Mapping[str, Any]

_OUTCOMES = {True: "allowed", None: "undecided"}
_MARGIN = (
    "margin = limit / prediction: below 1 excludes; for measured numbers largest allowed / predicted deviation "
    "from the Standard Model"
)


def verdict_headline(fields: Fields) -> str:
    """Outcome and strongest limit in a line."""
    if fields["excluded_by"]:
        first = fields["excluded_by"][0]
        more = len(fields["excluded_by"]) - 1
        others = f" and {more} more" if more else ""
        return f"excluded by {first} (margin {number(fields['margins'][first], 2)}){others}"
    known = [(margin, name) for name, margin in fields["margins"].items() if margin is not None]
    strongest = f"; strongest: {min(known)[1]}, margin {number(min(known)[0], 2)}" if known else ""
    return f"{_OUTCOMES[fields['allowed']]}{strongest}"


def verdict_tables(fields: Fields) -> tuple[Table, ...]:
    """Tables of the fields of a verdict."""
    applying = [one for one in fields["constraints"] if one["applies"]]
    effective = [one for one in applying if one["margin"] is not None]
    tables = [_outcome(fields), _margins(effective)]
    idle = [one for one in applying if one["margin"] is None]
    if idle:
        rows = tuple((one["id"], p, limit, name) for one in idle for name, p, limit in _observables(one))
        tables.append(Table(rows, ("constraint", "predicted", "limit", "observable"), "no effect at this point"))
    silent = [one for one in fields["constraints"] if not one["applies"]]
    if silent:
        reasons = tuple((one["id"], one["reason"]) for one in silent)
        tables.append(Table(reasons, ("constraint", "reason"), "does not apply"))
    return tuple(tables)


def _outcome(fields: Fields) -> Table:
    p = fields["parameters"]
    excluded = ", ".join(fields["excluded_by"])
    mixings = ", ".join(_mixing(f, p[f"U{f}4"]) for f in ("e", "mu", "tau") if p[f"U{f}4"]) or "no mixing"
    rows = {
        "point": f"m4 = {p['m4']:g}, m_chi = {p['m_chi']:g}, m_phi = {p['m_phi']:g} GeV, yL = {p['yL']:.4g}, {mixings}",
        "joint delta chi2": f"{number(fields['joint_delta_chi2'], 3)} of measured numbers against the Standard Model",
        "share of chi": f"{number(fields['dark_matter_share'], 3)} of the dark matter; halo {fields['halo']}",
    }
    if fields["mixing_loop_shift"] is not None:
        shift = f"{fields['mixing_loop_shift']:+.2g}"
        rows["loop shift of |U|^2"] = f"{shift} between zero momentum and m4, by the chi-phi loop"
    return Table.of(rows, f"excluded by {excluded}" if excluded else _OUTCOMES[fields["allowed"]])


def _mixing(flavour: str, amplitude: float) -> str:
    return f"U_{flavour}4 = {amplitude:g} (|U_{flavour}4|^2 = {number(amplitude**2, 3)})"


def _margins(found: list[Fields]) -> Table:
    """Constraints by margin; each observable of one has its line."""
    rows = []
    for one in found:
        level = "" if one["confidence_level"] is None else f"{one['confidence_level']:.0%}"
        for k, (name, predicted, limit) in enumerate(_observables(one)):
            head = (one["id"], number(one["margin"], 3)) if k == 0 else ("", "")
            rows.append((*head, predicted, limit, level, name))
    columns = ("constraint", "margin", "predicted", "limit", "CL", "observable")
    return Table(tuple(rows), columns, "constraints, the strongest first", (_MARGIN,))


def _observables(one: Fields) -> Iterator[tuple[str, str, str]]:
    """Observables of a constraint, each with its prediction and limit."""
    names, predicted, limits = one["observable"], one["prediction"], one["limit"]
    if isinstance(names, str):
        names, predicted, limits = [names], [predicted], [limits]
    none = [None] * len(names)
    for name, prediction, limit in zip(names, predicted or none, limits or none, strict=True):
        yield name, *_numbers(prediction, limit)


def _numbers(prediction: float | None, limit: float | None) -> tuple[str, str]:
    """Text of both, with digits enough to tell them apart, as for ratios near 1."""
    for digits in (4, 6, 8):
        texts = number(prediction, digits), number(limit, digits)
        if texts[0] != texts[1]:
            break
    return texts

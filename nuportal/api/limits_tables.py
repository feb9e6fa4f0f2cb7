"""Limits at a mass as tables, and what a revision of the catalogue has to look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nucore.summaries import Table, number, symbol

Fields = Mapping[str, Any]

_DARK_MATTER = {
    "sigma_n_cm2": "cross section per nucleon [cm^2]",
    "sigma_v_cm3_per_s": "sigma v of chi chibar -> nu nubar [cm^3/s]",
}
_NOT_VERIFIED = "not verified: rests on numbers that were recalled or chosen; limits --check lists them"


def limits_headline(fields: Fields) -> str:
    """Strongest limit in a line."""
    name = symbol(f"U{fields['flavour']}4_sq")
    found = [one for one in fields["limits"] if one["value"] is not None]
    if not found:
        return f"no limit on {name} at m4 = {fields['m4_GeV']:g} GeV"
    one = found[0]
    level = f"{one['confidence_level']:.0%} CL"
    return f"{name} < {number(one['value'], 3)} at m4 = {fields['m4_GeV']:g} GeV ({one['id']}, {level})"


def limits_tables(fields: Fields) -> tuple[Table, ...]:
    """Tables of the fields of limits, those of a revision alone if there is one."""
    if fields["revision"] is not None:
        return _revision(fields["revision"])
    mixing = symbol(f"U{fields['flavour']}4_sq")
    tables = list(_of(fields["limits"], mixing, f"{mixing} at m4 = {fields['m4_GeV']:g} GeV"))
    for quantity, told in _DARK_MATTER.items():
        found = [one for one in fields["dark_matter"] if one["quantity"] == quantity]
        halo = f", Dirac chi, halo {fields['halo']}" if quantity == "sigma_v_cm3_per_s" else ""
        if found:
            tables += _of(found, "limit", f"{told} at m_chi = {fields['m_chi_GeV']:g} GeV{halo}")
    return tuple(tables)


def _of(found: Sequence[Fields], name: str, where: str) -> Iterator[Table]:
    """Those with a value, the strongest first, and those without."""
    known = [one for one in found if one["value"] is not None]
    rows = tuple(
        (
            one["id"],
            number(one["value"], 3),
            f"{one['confidence_level']:.0%}",
            str(one["year"]),
            one["reference"] + _remarks(one),
        )
        for one in known
    )
    if rows:
        notes = () if all(one["verified"] for one in known) else (_NOT_VERIFIED,)
        columns = ("limit", name if name != "limit" else "value", "CL", "year", "reference")
        yield Table(rows, columns, f"upper limits on {where}", notes)
    others = tuple((one["id"], one["reason"]) for one in found if one["value"] is None)
    if others:
        yield Table(others, ("limit", "reason"), f"no limit on {where}")


def _remarks(one: Fields) -> str:
    """What a reader should know of a limit before quoting it."""
    remarks = ["derived here"] if one["derived_here"] else []
    if one["superseded_by"] is not None:
        remarks.append(f"replaced by {one['superseded_by']}")
    if not one["verified"]:
        remarks.append("not verified")
    return f" ({'; '.join(remarks)})" if remarks else ""


def _revision(revision: Fields) -> tuple[Table, ...]:
    replaced = tuple(
        (
            old["id"],
            old["superseded_by"],
            "{:g} to {:g}".format(*old["replaced_range_GeV"]),
            ", ".join(old["inputs"]) or "none",
        )
        for old in revision["superseded"]
    )
    unverified = tuple(
        (one["id"], one["input"], number(one["value"], 6), one["reference"]) for one in revision["unverified"]
    )
    return (
        Table(replaced, ("curve", "superseded by", "masses [GeV]", "inputs"), "superseded curves"),
        Table(unverified, ("limit", "input", "value", "reference"), "numbers not verified"),
        _listed(revision["listed"]),
    )


def _listed(listed: Sequence[Fields] | None) -> Table:
    """Numbers that differ from the listings."""
    title = "numbers that differ from the listings of the Particle Data Group"
    if listed is None:
        return Table((), title="not compared with the listings of the Particle Data Group: install the package pdg")
    different = tuple(
        (one["id"], one["input"], one["value"], one["listed_value"], f"{one['pdg_id']}, edition {one['edition']}")
        for one in listed
        if not one["agrees"]
    )
    if not different:
        return Table((), title=title, notes=(f"none of {len(listed)}",))
    return Table(different, ("limit", "input", "value", "listed", "listing"), title)

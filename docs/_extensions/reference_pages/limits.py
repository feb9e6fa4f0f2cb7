"""Page of the catalogue of limits, read from its files."""

from __future__ import annotations

from collections.abc import Iterator

from nucore.limits.catalogue import catalogue
from nucore.limits.curve import LimitCurve
from nucore.limits.revision import unverified
from reference_pages.markdown import code, prose, section, table

_QUANTITIES = {
    "U_sq": ("On the mixing |U|^2, against m4", "limits-mixing"),
    "branching_ratio": ("On branching ratios, for several mixings", "limits-branching"),
    "sigma_n_cm2": ("On the cross section per nucleon in cm^2, against m_chi", "limits-nucleon"),
    "sigma_v_cm3_per_s": ("On chi chibar -> nu nubar in cm^3/s, against m_chi", "limits-annihilation"),
}
_COLUMNS = ("Id", "Of", "Flavour", "Mass [GeV]", "CL", "Year", "Inputs", "Marks", "Reference")
_UNBOUNDED = 1e-20, 1e5


def limits_page() -> str:
    """Sections of the quantities, each with published searches, formulas and projections."""
    curves = tuple(catalogue().values())
    recalled = {one.id for one in unverified(curves)}
    return "".join(
        section(2, prose(title), anchor, *_groups([c for c in curves if c.quantity == quantity], recalled))
        for quantity, (title, anchor) in _QUANTITIES.items()
    )


def _groups(curves: list[LimitCurve], recalled: set[str]) -> Iterator[str]:
    kinds = {
        "Searches: a table of the limit at each mass": [c for c in curves if c.observed and c.formula is None],
        "Measurements: the limit is computed by a formula": [c for c in curves if c.observed and c.formula is not None],
        "Projections": [c for c in curves if not c.observed],
    }
    for title, found in kinds.items():
        if found:
            yield f"**{title}**\n\n" + table(_COLUMNS, [_row(curve, recalled) for curve in found])


def _row(curve: LimitCurve, recalled: set[str]) -> tuple[str, ...]:
    marks = {
        "derived here": curve.derived_here,
        "recalled": curve.id in recalled,
        "visible only": not curve.applies_to_invisible,
        f"replaced by {curve.superseded_by}": curve.superseded_by is not None,
    }
    return (
        code(curve.id), prose(curve.label.replace(r"$\tau_\mu$", "τ_μ")), ", ".join(curve.flavours), _range(curve),
        f"{curve.confidence_level:.0%} ({curve.sided})", str(curve.year), ", ".join(curve.inputs),
        prose(", ".join(name for name, true in marks.items() if true)), prose(curve.reference),
    )  # fmt: skip


def _range(curve: LimitCurve) -> str:
    low, high = curve.mass_range_GeV
    if low < _UNBOUNDED[0] and high > _UNBOUNDED[1]:
        return "any"
    if low < _UNBOUNDED[0]:
        return f"below {high:g}"
    return f"above {low:g}" if high > _UNBOUNDED[1] else f"{low:.4g} to {high:.4g}"

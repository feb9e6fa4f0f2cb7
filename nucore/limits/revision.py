"""What a revision of the catalogue has to look at: replaced curves, numbers not verified, and newer listings."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from nucore.limits.cosmological import cosmological_bounds
from nucore.limits.curve import Input, LimitCurve

#: Largest change of a value, in units of its uncertainty, and relative one of an uncertainty that is no change.
_SAME_VALUE, _SAME_UNCERTAINTY = 0.1, 0.05
#: Largest relative change of a published upper limit that is no change.
_SAME_LIMIT = 1e-3


@dataclass(frozen=True)
class SupersededCurve:
    """A curve that a newer one replaces where both have a value.

    Attributes
    ----------
    id, superseded_by : str
        Of the curve and of the newer one.
    year : int
        Of the curve.
    inputs : tuple of str
        Input sets that still use it.
    range_GeV, replaced_range_GeV : (float, float)
        Masses of the curve, and those where the newer one has a value too.
    """

    id: str
    superseded_by: str
    year: int
    inputs: tuple[str, ...]
    range_GeV: tuple[float, float]
    replaced_range_GeV: tuple[float, float]


@dataclass(frozen=True)
class UnverifiedInput:
    """A number recalled, chosen or digitised, not read in its reference.

    Attributes
    ----------
    id : str
        Of the limit.
    input : str
        Name of the number.
    value : float or None
        None for a whole table.
    inputs : tuple of str
        Input sets that use it.
    reference : str
        Where it is said to come from.
    """

    id: str
    input: str
    value: float | None
    inputs: tuple[str, ...]
    reference: str


@dataclass(frozen=True)
class ListedInput:
    """A number beside its entry in the listings of the Particle Data Group.

    Attributes
    ----------
    id : str
        Of the limit.
    input : str
        Name of the number.
    pdg_id : str
        Its entry in the listings.
    value, listed_value : float
        In the catalogue and in the listings.
    uncertainty, listed_uncertainty : float or None
        None for an upper limit.
    edition : str
        Of the listings.
    agrees : bool
        Value within a tenth of its uncertainty, which is that of the listings to 5%.
    """

    id: str
    input: str
    pdg_id: str
    value: float
    uncertainty: float | None
    listed_value: float
    listed_uncertainty: float | None
    edition: str
    agrees: bool


def superseded(curves: Iterable[LimitCurve]) -> tuple[SupersededCurve, ...]:
    """Curves with a successor among the curves."""
    known = {curve.id: curve for curve in curves}
    found = []
    for curve in known.values():
        if (newer := known.get(curve.superseded_by or "")) is not None:
            low, high = curve.mass_range_GeV
            both = max(low, newer.mass_range_GeV[0]), min(high, newer.mass_range_GeV[1])
            found.append(SupersededCurve(curve.id, newer.id, curve.year, curve.inputs, (low, high), both))
    return tuple(found)


def unverified(curves: Iterable[LimitCurve]) -> tuple[UnverifiedInput, ...]:
    """Numbers not called verified: inputs of formulas, whole tables of lines, cosmological bounds."""
    found = []
    for curve in curves:
        if curve.formula is not None:
            for name, entry in curve.formula.inputs.items():
                if not entry.verified:
                    found.append(UnverifiedInput(curve.id, name, entry.value, curve.inputs, entry.reference))
        if curve.line is not None and not curve.line.verified:
            found.append(UnverifiedInput(curve.id, "table", None, curve.inputs, f"{curve.reference}; {curve.obtained}"))
        if curve.line is not None and curve.line.flux is not None and not curve.line.flux.resolution_verified:
            reference = curve.line.flux.resolution_reference
            found.append(UnverifiedInput(curve.id, "resolution", None, curve.inputs, reference))
    for bound in cosmological_bounds():
        if not bound.verified:
            found.append(UnverifiedInput(bound.id, bound.quantity, bound.limit, bound.inputs, bound.reference))
    return tuple(found)


def listed(curves: Iterable[LimitCurve]) -> tuple[ListedInput, ...] | None:
    """Numbers with an entry in the listings, compared with the edition of the package `pdg`; None without it."""
    if find_spec("pdg") is None:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecations inside sqlalchemy, which the package uses
        api = import_module("pdg").connect()
        try:
            return tuple(
                _compare(api, curve.id, name, entry)
                for curve in curves
                if curve.formula is not None
                for name, entry in curve.formula.inputs.items()
                if entry.pdg_id is not None
            )
        finally:
            api.engine.dispose()


def _compare(api: Any, curve: str, name: str, entry: Input) -> ListedInput:
    assert entry.pdg_id is not None
    found = api.get(entry.pdg_id).summary_values()[0]
    value, spread = float(found.value), None
    if entry.uncertainty is None:
        agrees = abs(value - entry.value) <= _SAME_LIMIT * abs(entry.value)
    else:
        spread = float(found.error_positive)
        agrees = abs(value - entry.value) <= _SAME_VALUE * entry.uncertainty
        agrees &= abs(spread - entry.uncertainty) <= _SAME_UNCERTAINTY * entry.uncertainty
    edition = str(api.info("edition"))
    return ListedInput(curve, name, entry.pdg_id, entry.value, entry.uncertainty, value, spread, edition, agrees)

"""The parameter point of a call: given, or that of the data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nucore.errors import InputError
from nucore.model.parameters import PARAMETER_NAMES, PortalParameters, default_point, unknown_parameter

#: A point, some parameters over that of the data, or none.
Point = PortalParameters | Mapping[str, float] | None


def point_of(
    given: Point, metadata: Mapping[str, Any] | None = None, varied: Iterable[str] = ()
) -> tuple[PortalParameters, str]:
    """Return the parameter point that is meant, and where it comes from.

    Parameters
    ----------
    given : PortalParameters, mapping or None
        A mapping changes the point of the data, or the default point.
    metadata : mapping, optional
        Of the data file, whose ``parameters`` are untrusted.
    varied : iterable of str
        Parameters that the caller sets later.

    Raises
    ------
    InputError
        For an unknown parameter, or a point that is not allowed.
    """
    if isinstance(given, PortalParameters):
        return given, "given"
    if not isinstance(given, Mapping | None):
        raise InputError(
            f"parameters cannot be of type {type(given).__name__}: expected PortalParameters, or a mapping"
        )
    changes, recorded = dict(given or {}), (metadata or {}).get("parameters")
    names = [*changes, *(recorded if isinstance(recorded, Mapping) else ())]
    for name in names:
        if name not in PARAMETER_NAMES:
            raise unknown_parameter(name)
    if not isinstance(recorded, Mapping):
        return default_point([*varied, *changes]).replace(**changes), "default point" + (", changed" if changes else "")
    try:
        point = PortalParameters(**recorded)
    except (InputError, TypeError) as error:
        raise InputError(f"the parameters that the data file records are not allowed: {error}") from None
    return point.replace(**changes), "data file" + (", changed" if changes else "")

"""Parameters of a pyhf workspace with the settings of a measurement: start, bounds, fixed values, constraints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucore.errors import InputError

Array = NDArray[np.float64]

#: Default start and bounds of a parameter by type of modifier, as of pyhf.
DEFAULTS = {
    "normfactor": (1.0, (0.0, 10.0)),
    "lumi": (1.0, (0.0, 10.0)),  # times the nominal luminosity
    "normsys": (0.0, (-5.0, 5.0)),
    "histosys": (0.0, (-5.0, 5.0)),
    "staterror": (1.0, (1e-10, 10.0)),
    "shapesys": (1.0, (1e-10, 10.0)),
    "shapefactor": (1.0, (1e-10, 10.0)),
}
#: Types whose modifiers are one positive factor a bin.
PER_BIN = ("staterror", "shapesys", "shapefactor")
#: What a measurement may set beside inits, bounds and fixed.
_CONSTRAINT_SETTINGS = {
    "lumi": ("auxdata", "sigmas"),
    "normsys": ("auxdata",),
    "histosys": ("auxdata",),
    "staterror": ("auxdata", "sigmas"),
    "shapesys": ("auxdata", "factors"),
}


@dataclass(frozen=True, eq=False)
class ParameterSet:
    """The parameters of one name; those of `PER_BIN` modifiers are one a bin.

    Attributes
    ----------
    name, kind : str
        Kind: the type of its modifiers.
    inits : float64[n]
    bounds : float64[n, 2]
    fixed : bool[n]
    auxdata, sigmas, factors : float64[n] or None
        None where the measurement does not give them.
    starts_given : bool
        Whether the measurement gives `inits`.
    """

    name: str
    kind: str
    inits: Array
    bounds: Array
    fixed: NDArray[np.bool_]
    auxdata: Array | None
    sigmas: Array | None
    factors: Array | None
    starts_given: bool

    def labels(self) -> list[str]:
        """Names of the parameters, as of pyhf."""
        return [f"{self.name}[{k}]" for k in range(self.inits.size)] if self.kind in PER_BIN else [self.name]


class Settings:
    """Settings of a measurement by parameter.

    Parameters
    ----------
    parameters : sequence of mappings
        Of the measurement's ``config``.

    Raises
    ------
    InputError
        If a parameter is there twice.
    """

    def __init__(self, parameters: Iterable[Mapping[str, Any]]) -> None:
        self._given: dict[str, Mapping[str, Any]] = {}
        for item in parameters:
            if self._given.setdefault(str(item["name"]), item) is not item:
                raise InputError(f"measurement: parameter {item['name']!r} is set twice; expected once")

    def parameter_set(self, name: str, kind: str, n: int, default_bounds: tuple[float, float] | None) -> ParameterSet:
        """Return the parameters of a name.

        Parameters
        ----------
        name, kind : str
        n : int
            Number of parameters.
        default_bounds : (float, float), optional
            In place of those of `DEFAULTS`.

        Raises
        ------
        InputError
            For settings that the kind does not have, or of another number of parameters.
        """
        given, what = self._given.get(name, {}), f"parameter {name!r} ({kind})"
        for key in ("auxdata", "sigmas", "factors"):
            if given.get(key) and key not in _CONSTRAINT_SETTINGS.get(kind, ()):
                if key == "sigmas" and np.all(np.asarray(given[key]) == 1.0):
                    continue  # that of every normsys and histosys
                raise InputError(f"{what}: it has no {key}, but the measurement sets them; expected none")
        auxdata, sigmas, factors = (_numbers(given, key, n, what) for key in ("auxdata", "sigmas", "factors"))
        scale = np.ones(n)
        if kind == "lumi":
            if auxdata is None or sigmas is None:
                raise InputError(f"{what}: expected its auxdata and sigmas in the measurement")
            scale = auxdata
        for key, numbers in (("sigmas", sigmas), ("factors", factors)):
            if numbers is not None and not np.all((numbers >= 1e-9) & (numbers <= 1e9)):
                raise InputError(f"{what}: {key} must be from 1e-9 to 1e9")
        inits = _numbers(given, "inits", n, what)
        start, default = DEFAULTS[kind]
        bounds = np.multiply.outer(scale, default_bounds or default)
        if given.get("bounds") is not None:
            bounds = np.array(given["bounds"], dtype=np.float64)
            if bounds.shape != (n, 2) or not np.all(bounds[:, 0] <= bounds[:, 1]):
                raise InputError(f"{what}: expected {n} bounds [low, high] in the measurement, low up to high")
        if kind in PER_BIN:
            if np.any(bounds[:, 0] < 0.0):
                raise InputError(f"{what}: factors of single bins are not negative, but its bounds are")
            bounds = np.maximum(bounds, DEFAULTS[kind][1][0])
        fixed = np.asarray(given.get("fixed", False))
        fixed = np.full(n, fixed) if fixed.ndim == 0 else fixed
        if fixed.shape != (n,) or fixed.dtype != bool:
            raise InputError(f"{what}: expected fixed to be true or false, or {n} of them")
        values = start * scale if inits is None else inits
        return ParameterSet(name, kind, values, bounds, fixed, auxdata, sigmas, factors, inits is not None)


def _numbers(given: Mapping[str, Any], key: str, n: int, what: str) -> Array | None:
    """Return the n numbers of a setting; None where it is not given."""
    if given.get(key) is None:
        return None
    found = np.array(given[key], dtype=np.float64)
    if found.shape != (n,) or not np.all(np.isfinite(found)):
        raise InputError(f"{what}: expected {n} finite numbers as {key} in the measurement, got {found.size}")
    return found

"""What is fitted: numbers of a card's response, and production and radiation within the card's own uncertainties."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from collider.experiments.cards import Selection
from collider.experiments.nuisances import Nuisance
from nucore.errors import InputError

#: Of each key of the recoil and of a lepton response: step of the derivative, lowest and highest value.
RECOIL_KEYS = {
    "response": (0.01, 0.3, 1.3),
    "response_rise": (0.02, -0.3, 0.5),
    "response_scale_GeV": (2.0, 3.0, 60.0),
    "resolution_GeV": (0.2, 1.0, 40.0),
    "resolution_slope": (0.02, 0.0, 1.0),
    "resolution_spread": (0.03, 0.0, 0.8),
}
RESOLUTION_KEYS = {
    "resolution_relative": (0.002, 0.0, 0.2),
    "resolution_constant_GeV": (0.1, 0.0, 5.0),
    "resolution_quadratic_per_GeV": (5e-5, 0.0, 0.005),
    "resolution_stochastic_sqrt_GeV": (0.01, 0.0, 1.0),
}
LEPTON_KEYS = {
    "scale": (0.001, -0.05, 0.05),
    "efficiency_slope": (0.01, -0.1, 0.1),
    "efficiency_curvature": (0.01, -0.06, 0.1),
}
FACTOR = (0.05, 0.5, 3.0)
#: Kinds of nuisances that change the production of the W or the radiation: fitted within their sizes.
CONSTRAINED_KINDS = ("w_pt", "pdf", "fsr", "spin_A0", "spin_A1", "spin_A2", "spin_A3", "spin_A4")
#: Largest distance of a constrained parameter from 0, in its size.
LARGEST_PULL = 5.0
#: Steps that are one standard deviation of the weak constraint of each number to that of the card: directions in which
#: the spectra hardly change, as of the response at 0 and its rise, stay near it.
WEAK_STEPS = 5.0


@dataclass(frozen=True)
class Parameter:
    """One parameter of a calibration.

    Attributes
    ----------
    name : str
        Key below the selection on the card, as ``recoil.response``; of a constrained one the name of the nuisance.
    start, step, low, high : float
        First value, step of the derivative, range.
    centre, width : float
        Mean and standard deviation of its constraint.
    nuisance : Nuisance or None
        Of a parameter of production or radiation, whose unit is one standard deviation.
    """

    name: str
    start: float
    step: float
    low: float
    high: float
    centre: float
    width: float
    nuisance: Nuisance | None = None

    @property
    def quick(self) -> bool:
        """Whether templates with another value share the integration over the W: a number of the lepton response."""
        return self.name.startswith("response.")


def card_parameters(selection: Selection, flavours: Iterable[str]) -> tuple[Parameter, ...]:
    """Return the free numbers of the response: recoil, scale, efficiency, and what the card has of the resolution."""
    found = []
    if selection.recoil is not None:
        recoil = selection.recoil.model_dump()
        skipped = () if recoil["response_rise"] else ("response_rise", "response_scale_GeV")
        found = [
            _parameter(f"recoil.{key}", recoil[key], RECOIL_KEYS[key]) for key in RECOIL_KEYS if key not in skipped
        ]
    for flavour in flavours:
        name = flavour if flavour in selection.response else "l"
        where, response = f"response.{name}", selection.lepton_response(flavour).model_dump()
        found += [_parameter(f"{where}.{k}", response[k], RESOLUTION_KEYS[k]) for k in RESOLUTION_KEYS if response[k]]
        for i, region in enumerate(response["resolution_regions"]):
            found.append(_parameter(f"{where}.resolution_regions.{i}.factor", region["factor"], FACTOR))
        found += [_parameter(f"{where}.{key}", response[key], LEPTON_KEYS[key]) for key in LEPTON_KEYS]
    return tuple(dict.fromkeys(found))


def _parameter(name: str, start: float, numbers: tuple[float, float, float]) -> Parameter:
    return Parameter(name, float(start), *numbers, centre=float(start), width=WEAK_STEPS * numbers[0])


def constrained_parameters(nuisances: Iterable[Nuisance]) -> tuple[Parameter, ...]:
    """Return the nuisances of a card that change production and radiation."""
    return tuple(
        Parameter(n.name, 0.0, 1.0, -LARGEST_PULL, LARGEST_PULL, 0.0, 1.0, n)
        for n in nuisances
        if n.kind in CONSTRAINED_KINDS
    )


def started(
    parameters: Iterable[Parameter], values: Mapping[str, float], fixed: Iterable[str]
) -> tuple[Parameter, ...]:
    """Return the parameters that are not fixed, with other first values.

    Raises
    ------
    InputError
        If a name is not that of a parameter, or a value is out of range.
    """
    named = {parameter.name: parameter for parameter in parameters}
    for name in (*values, *fixed):
        if name not in named:
            raise InputError(f"unknown parameter {name}: expected one of {', '.join(named)}")
    for name, value in values.items():
        if not named[name].low <= value <= named[name].high:
            raise InputError(f"{name} = {value:g}: expected {named[name].low:g} to {named[name].high:g}")
        named[name] = replace(named[name], start=float(value))
    return tuple(parameter for name, parameter in named.items() if name not in set(fixed))


def with_values(content: Mapping[str, Any], values: Mapping[str, float]) -> dict[str, Any]:
    """Return the content of a selection with other numbers under their keys, ``response.mu.scale`` and the like."""
    changed = deepcopy(dict(content))
    for name, value in values.items():
        *path, last = (int(key) if re.fullmatch(r"\d+", key) else key for key in name.split("."))
        place: Any = changed
        for i, key in enumerate(path):
            if isinstance(place[key], tuple):
                place[key] = list(place[key])
            place = place[key]
            assert isinstance(place, dict | list), f"{name}: no group {path[i]}"
        place[last] = float(value)
    return changed

"""All limit curves: one TOML file each in ``data``."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal

from nucore.errors import InputError
from nucore.experiment_cards import read_toml, validate
from nucore.limits.curve import LimitCurve
from nucore.model.particles import check_flavour

Inputs = Literal["2017", "latest"]
INPUTS = ("2017", "latest")


@cache
def catalogue() -> dict[str, LimitCurve]:
    """Curves by id, sorted.

    Raises
    ------
    InputError
        If a file is not valid, or its name is not its id.
    """
    found = {}
    for entry in sorted((files("nucore.limits") / "data").iterdir(), key=lambda e: e.name):
        if not entry.name.endswith(".toml"):
            continue
        curve = validate(LimitCurve, read_toml(entry.read_text(encoding="utf-8"), entry.name), entry.name)
        if f"{curve.id}.toml" != entry.name:
            raise InputError(f"limit curve {entry.name}: its id is {curve.id!r}, which must be the name of the file")
        found[curve.id] = curve
    return found


def load_curve(name: str) -> LimitCurve:
    """Curve of an id; `InputError` for an unknown one."""
    curves = catalogue()
    if name not in curves:
        raise InputError(f"limit {name!r} is not known; allowed: {', '.join(curves)}")
    return curves[name]


def select(
    flavour: str | None = None,
    *,
    quantity: str = "U_sq",
    inputs: str | None = None,
    observed_by: int | None = None,
    projections: bool = False,
) -> list[LimitCurve]:
    """Curves of a flavour and quantity.

    Parameters
    ----------
    flavour : "e", "mu" or "tau", optional
    quantity : str
    inputs : "2017" or "latest", optional
        Of an input set alone.
    observed_by : int, optional
        Last year of publication.
    projections : bool
        With what has not been observed.
    """
    if flavour is not None:
        check_flavour(flavour)
    if inputs is not None and inputs not in INPUTS:
        raise InputError(f"inputs {inputs!r} is not known; allowed: {', '.join(INPUTS)}")
    return [
        curve
        for curve in catalogue().values()
        if curve.quantity == quantity
        and (flavour is None or flavour in curve.flavours)
        and (inputs is None or inputs in curve.inputs)
        and (observed_by is None or curve.year <= observed_by)
        and (projections or curve.observed)
    ]

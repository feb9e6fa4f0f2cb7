"""All limit curves: one TOML file each in ``data``."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal

from nucore.errors import InputError, unknown
from nucore.experiment_cards import read_toml, validate
from nucore.limits.curve import LimitCurve
from nucore.model.particles import check_flavour

Inputs = Literal["2017", "latest"]
INPUTS = ("2017", "latest")


_FOLDER = files("nucore.limits") / "data"


@cache
def catalogue() -> dict[str, LimitCurve]:
    """All curves by id, sorted."""
    return {name: load_curve(name) for name in _names()}


@cache
def load_curve(name: str) -> LimitCurve:
    """Read one curve.

    Raises
    ------
    InputError
        For an unknown id, or a file that is not valid or whose name is not its id.
    """
    if name not in _names():
        raise unknown("limit", name, _names(), listed_by="nuportal limits")
    file = f"{name}.toml"
    curve = validate(LimitCurve, read_toml((_FOLDER / file).read_text(encoding="utf-8"), file), file)
    if curve.id != name:
        raise InputError(f"invalid limit curve {file}: its id is {curve.id!r}; expected the name of the file")
    return curve


@cache
def _names() -> tuple[str, ...]:
    return tuple(sorted(e.name.removesuffix(".toml") for e in _FOLDER.iterdir() if e.name.endswith(".toml")))


def select(
    flavour: str | None = None,
    *,
    quantity: str = "U_sq",
    inputs: str | None = None,
    observed_by: int | None = None,
    projections: bool = False,
) -> list[LimitCurve]:
    """Select curves.

    Parameters
    ----------
    flavour : "e", "mu" or "tau", optional
    quantity : str
    inputs : "2017" or "latest", optional
        Curves of this input set only.
    observed_by : int, optional
        Last year of publication.
    projections : bool
        Include projections.
    """
    if flavour is not None:
        check_flavour(flavour)
    if inputs is not None and inputs not in INPUTS:
        raise unknown("inputs", inputs, INPUTS)
    return [
        curve
        for curve in catalogue().values()
        if curve.quantity == quantity
        and (flavour is None or flavour in curve.flavours)
        and (inputs is None or inputs in curve.inputs)
        and (observed_by is None or curve.year <= observed_by)
        and (projections or curve.observed)
    ]

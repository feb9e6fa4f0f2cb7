"""What a figure shows: panels of curves with where each comes from."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

import nuportal

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FigureCurve:
    """A curve, or a vertical line where ``x`` is a single mass.

    Attributes
    ----------
    id, label : str
    x, y : array, shape (n,)
        NaN in ``y`` where there is no value; a vertical line has one x and a NaN.
    style : str
        Key of ``styles`` in data/figures.toml.
    metadata : dict
        Reference, confidence level, inputs and so on: plain Python types.
    band_with : str
        Id of the curve of the panel that bounds a band with this one.
    """

    id: str
    label: str
    x: Array
    y: Array
    style: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    band_with: str = ""

    @property
    def vertical(self) -> bool:
        """Whether it is a vertical line."""
        return self.x.size == 1 and bool(np.isnan(self.y[0]))


@dataclass(frozen=True, eq=False)
class Panel:
    """Axes with curves.

    Attributes
    ----------
    id, title : str
    curves : tuple of FigureCurve
    """

    id: str
    title: str
    curves: tuple[FigureCurve, ...]


@dataclass(frozen=True, eq=False)
class FigureContent:
    """A figure.

    Attributes
    ----------
    number : 1 or 2
    inputs, convention : str
    panels : tuple of Panel
    """

    number: int
    inputs: str
    convention: str
    panels: tuple[Panel, ...]

    @property
    def axes(self) -> Mapping[str, Any]:
        """Labels and ranges of the axes."""
        found: Mapping[str, Any] = figure_card()[f"figure-{self.number}"]
        return found

    @property
    def styles(self) -> Mapping[str, Any]:
        """Styles of curves by name."""
        found: Mapping[str, Any] = figure_card()["styles"]
        return found


@cache
def figure_card() -> Mapping[str, Any]:
    """Axes and styles of data/figures.toml."""
    return tomllib.loads((files("nuportal.figures") / "data" / "figures.toml").read_text(encoding="utf-8"))


@cache
def search_reach(experiment: str, **options: Any) -> dict[str, Any]:
    """Fields of `nuportal.project`, computed once in a process; the options are hashable."""
    return nuportal.project(experiment, **options).to_dict()


def columns(reach: Mapping[str, Any], x: str, y: str) -> tuple[Array, Array]:
    """Return two columns of the points of a reach, NaN where a point has no value."""
    table = np.array([[point[x], point[y]] for point in reach["curve"]], dtype=np.float64)
    return table[:, 0], table[:, 1]


def vertical_line(name: str, label: str, mass_GeV: float, style: str, **metadata: Any) -> FigureCurve:
    """Make a vertical line at a mass."""
    return FigureCurve(name, label, np.array([mass_GeV]), np.array([np.nan]), style, metadata)

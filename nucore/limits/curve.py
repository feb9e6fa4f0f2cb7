"""A published or computed limit against a mass, with its origin and what it applies to."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field, model_validator

from nucore.experiment_cards import CardModel
from nucore.limits.line_search import LineSearch

Array = NDArray[np.float64]
Flavour = Literal["e", "mu", "tau"]
#: Relative distance by which a mass may lie beyond the end of a table (rounding of the file).
_END = 1e-9


class Points(CardModel):
    """Tabulated limit, interpolated linearly in the logarithms.

    Attributes
    ----------
    mass_GeV : tuple of float
        Increasing.
    value : tuple of float
        Positive, one per mass.
    """

    mass_GeV: tuple[float, ...]
    value: tuple[float, ...]

    @model_validator(mode="after")
    def _table(self) -> Points:
        if len(self.mass_GeV) != len(self.value) or len(self.value) < 2:
            raise ValueError("mass_GeV and value need equal length, at least 2")
        if np.any(np.diff(self.mass_GeV) <= 0.0) or min(self.mass_GeV) <= 0.0 or min(self.value) <= 0.0:
            raise ValueError("mass_GeV must increase, and masses and values be positive")
        return self

    def interpolated(self, mass_GeV: Array) -> Array:
        """Values at masses inside the table."""
        return np.asarray(np.exp(np.interp(np.log(mass_GeV), np.log(self.mass_GeV), np.log(self.value))))


class Input(CardModel):
    """A number that enters a formula; ``pdg_id`` is that of its entry in the listings of the Particle Data Group."""

    value: float
    uncertainty: float | None = Field(default=None, ge=0.0)
    reference: str
    verified: bool = True
    pdg_id: str | None = None


class FormulaCard(CardModel):
    """Formula of `nuportal.constraints` and its inputs; an uncertainty enters as ``NAME_uncertainty``.

    ``choices`` are names of particles; ``refined`` adds numbers for the convention of that name.
    """

    name: str
    choices: dict[str, str] = Field(default_factory=dict)
    inputs: dict[str, Input]
    refined: dict[str, float] = Field(default_factory=dict)

    def numbers(self, convention: str = "paper") -> dict[str, float | str]:
        """Inputs, their uncertainties and choices by name, in the convention ``paper`` or ``refined``."""
        spread = {f"{n}_uncertainty": i.uncertainty for n, i in self.inputs.items() if i.uncertainty is not None}
        values = {name: entry.value for name, entry in self.inputs.items()} | spread
        return self.choices | values | (self.refined if convention == "refined" else {})


class LimitCurve(CardModel):
    """One limit.

    Attributes
    ----------
    id, label : str
        Lower case with hyphens, experiment first; label in a figure.
    flavours : tuple of str
        Mixings it limits; empty for limits on dark matter.
    quantity : str
        ``U_sq`` against m4, ``branching_ratio`` where no curve of one mixing follows, or against m_chi (``mass`` says
        which) ``sigma_n_cm2`` or ``sigma_v_cm3_per_s``: of chi chibar -> nu nubar for a Dirac chi, equal flavours and
        an NFW halo.
    confidence_level : float
    sided : "one" or "two"
        Of the interval whose end the limit is: two-sided 90% is one-sided 95%.
    mass_range_GeV : (float, float)
        There is no value outside.
    applies_to_invisible, applies_to_visible : bool
        To a nu4 that decays invisibly, or visibly; ``reason`` says why.
    narrow : bool
        Assumes a narrow nu4.
    peak_parent : str or None
        Meson whose decay to l nu4 it looks for as a peak; ``peak_half_width_GeV`` in m4 is about the range in m4 that
        the search integrates (chosen, the same for all).
    year : int
    observed : bool
        False for a projection.
    derived_here : bool
        Computed by this package from published data; the experiment claims no such limit.
    inputs : tuple of "2017", "latest"
        Input sets it belongs to.
    superseded_by : str or None
        Id of a newer curve of the same kind that replaces it where both have a value.
    source, obtained : str
        Figure or table of the reference, and how the numbers were taken from it.
    line : LineSearch, optional
        Of a limit on ``sigma_v_cm3_per_s``: how the numbers as published become one.
    points, formula
        One of them, or ``line.flux``.
    """

    id: str
    label: str
    flavours: tuple[Flavour, ...]
    quantity: Literal["U_sq", "branching_ratio", "sigma_n_cm2", "sigma_v_cm3_per_s"] = "U_sq"
    mass: Literal["m4", "m_chi"] = "m4"
    confidence_level: float = Field(gt=0.5, lt=1.0)
    sided: Literal["one", "two"]
    mass_range_GeV: tuple[float, float]
    applies_to_invisible: bool
    applies_to_visible: bool
    reason: str
    narrow: bool = False
    peak_parent: Literal["pi+", "K+", "B+"] | None = None
    peak_half_width_GeV: float = Field(default=3e-3, gt=0.0)
    nucleus: str = "Xe"
    year: int = Field(ge=1970, le=2100)
    experiment: str
    observed: bool = True
    derived_here: bool = False
    inputs: tuple[Literal["2017", "latest"], ...]
    superseded_by: str | None = None
    reference: str
    source: str
    obtained: str
    points: Points | None = None
    formula: FormulaCard | None = None
    line: LineSearch | None = None
    notes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> LimitCurve:
        flux = None if self.line is None else self.line.flux
        if sum(given is not None for given in (self.points, self.formula, flux)) != 1:
            raise ValueError("give one of points, formula and line.flux")
        if (self.line is not None) != (self.quantity == "sigma_v_cm3_per_s"):
            raise ValueError("line belongs to the quantity sigma_v_cm3_per_s")
        low, high = self.mass_range_GeV
        if not 0.0 <= low < high:
            raise ValueError("mass_range_GeV must be two increasing numbers >= 0")
        if self.points is not None and (self.points.mass_GeV[0], self.points.mass_GeV[-1]) != (low, high):
            raise ValueError("mass_range_GeV must be the first and the last mass of the points")
        return self

    def values(self, mass_GeV: ArrayLike) -> Array:
        """Return the published limit at masses in GeV, NaN outside; for a card without a formula."""
        masses = np.asarray(mass_GeV, dtype=np.float64)
        low, high = self.mass_range_GeV
        inside = (masses >= low * (1.0 - _END)) & (masses <= high * (1.0 + _END))
        safe = np.where(inside, masses, 0.5 * (low + high) if self.points is None else low)
        found = None if self.points is None else self.points.interpolated(safe)
        if self.line is not None:
            found = self.line.standard(np.atleast_1d(safe), found).reshape(masses.shape)
        assert found is not None
        return np.where(inside, found, np.nan)

    def why_not(self, mass_GeV: float) -> str:
        """Explain why there is no value at a mass (GeV)."""
        low, high = self.mass_range_GeV
        if not low <= mass_GeV <= high:
            return f"{self.mass} = {mass_GeV:g} GeV is outside the range {low:g} to {high:g} GeV"
        return f"the measurement gives no limit at {self.mass} = {mass_GeV:g} GeV"

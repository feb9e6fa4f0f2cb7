"""Published measurements of the W mass by category, and the covariance that is assumed between them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from collider.experiments.cards import Flavour
from collider.experiments.lepton_response import Cited
from collider.experiments.selection import Observable
from nucore.errors import InputError
from nucore.experiment_cards import CardModel, read_toml, validate

Array = NDArray[np.float64]
Correlation = Annotated[float, Field(ge=0.0, le=1.0)]

#: Sources that are statistical: a choice of other correlations leaves them as they are.
STATISTICAL = "statistical"
#: Correlations of the systematic uncertainties that are tried: as in the data file, or one number between categories
#: of the same and of different flavour.
CORRELATIONS: dict[str, tuple[float, float] | None] = {
    "as published": None,
    "uncorrelated": (0.0, 0.0),
    "all 0.9": (0.9, 0.9),
    "flavours apart": (0.9, 0.0),
}


class SourceCorrelation(CardModel):
    """Correlations of one source of uncertainty inside an experiment.

    Attributes
    ----------
    observables, flavours : float
        Between categories that differ in the observable, and in the flavour; their product where both differ.
    """

    observables: Correlation
    flavours: Correlation


class MassExperiment(CardModel):
    """An experiment that measured the W mass.

    Attributes
    ----------
    card : str or None
        Experiment card whose templates give the shift; None where nu4 shifts nothing.
    own_mass : bool
        Its mass is never compared with those of the others.
    common_MeV : float
        Uncertainty of all its categories together that was not published.
    common_reference : str
        Where that comes from.
    correlations : dict
        `SourceCorrelation` by name of the source, and ``reference``.
    """

    card: str | None = None
    own_mass: bool = False
    common_MeV: float = Field(default=0.0, ge=0.0)
    common_reference: str = ""
    correlations: dict[str, SourceCorrelation | str]

    def correlation(self, source: str) -> SourceCorrelation:
        """Return the correlations of a source."""
        found = self.correlations[source]
        assert isinstance(found, SourceCorrelation)  # checked by `MassTable`
        return found


class MassCategory(Cited):
    """One published W mass.

    Attributes
    ----------
    experiment : str
    flavour, observable, window_GeV
        What was fitted; none of them where nu4 shifts nothing.
    m_W_MeV : float
    uncertainties_MeV : dict
        By source.
    free_background_per_GeV : float or None
        Slope of the exponent of a background whose normalisation was free in the fit.
    """

    experiment: str
    flavour: Flavour | None = None
    observable: Observable | None = None
    window_GeV: tuple[float, float] | None = None
    m_W_MeV: float = Field(gt=0.0)
    uncertainties_MeV: dict[str, Annotated[float, Field(gt=0.0)]] = Field(min_length=1)
    free_background_per_GeV: float | None = None

    @property
    def name(self) -> str:
        """Experiment, flavour and observable."""
        return " ".join(filter(None, (self.experiment, self.flavour, self.observable)))

    @property
    def statistical_MeV(self) -> float:
        """Statistical uncertainty; 0 where it was not published apart."""
        return self.uncertainties_MeV.get(STATISTICAL, 0.0)

    @property
    def systematic_MeV(self) -> float:
        """All uncertainties but the statistical one, added in quadrature."""
        return sum(v**2 for k, v in self.uncertainties_MeV.items() if k != STATISTICAL) ** 0.5


class MassTable(CardModel):
    """The measurements of the W mass.

    Attributes
    ----------
    experiments : dict
        `MassExperiment` by name.
    categories : tuple of MassCategory
    """

    experiments: dict[str, MassExperiment]
    categories: tuple[MassCategory, ...]

    @model_validator(mode="after")
    def _consistent(self) -> MassTable:
        for category in self.categories:
            known = self.experiments.get(category.experiment)
            if known is None:
                raise ValueError(f"categories: no experiment {category.experiment!r}; expected one of experiments")
            missing = [s for s in category.uncertainties_MeV if not hasattr(known.correlations.get(s), "flavours")]
            if missing:
                raise ValueError(f"categories: {category.name}: no correlations of {missing[0]}; expected them")
            if known.card is not None and None in (category.flavour, category.observable, category.window_GeV):
                raise ValueError(f"categories: {category.name}: expected flavour, observable and window_GeV")
        return self

    def covariance(self, categories: Sequence[MassCategory], correlations: str = "as published") -> Array:
        """Covariance matrix of published masses, MeV^2, shape (n, n).

        Parameters
        ----------
        categories : sequence of MassCategory
        correlations : str
            One of `CORRELATIONS`.
        """
        if correlations not in CORRELATIONS:
            raise InputError(f"unknown correlations {correlations!r}: expected one of {', '.join(CORRELATIONS)}")
        chosen = CORRELATIONS[correlations]
        n = len(categories)
        matrix = np.empty((n, n))
        for i, a in enumerate(categories):
            for j, b in enumerate(categories):
                matrix[i, j] = self._published(a, b) if chosen is None else self._chosen(a, b, *chosen)
        return matrix

    def _published(self, a: MassCategory, b: MassCategory) -> float:
        if a.experiment != b.experiment:
            return 0.0
        common = self.experiments[a.experiment].common_MeV ** 2
        return common + sum(self._source(a, b, source) for source in a.uncertainties_MeV)

    def _chosen(self, a: MassCategory, b: MassCategory, same_flavour: float, other_flavour: float) -> float:
        if a is b:
            return self._published(a, a)
        rho = same_flavour if a.flavour == b.flavour else other_flavour
        one, other = (c.systematic_MeV**2 + self.experiments[c.experiment].common_MeV ** 2 for c in (a, b))
        statistical = self._source(a, b, STATISTICAL) if a.experiment == b.experiment else 0.0
        return float(statistical + rho * (one * other) ** 0.5)

    def _source(self, a: MassCategory, b: MassCategory, source: str) -> float:
        product = a.uncertainties_MeV.get(source, 0.0) * b.uncertainties_MeV.get(source, 0.0)
        if product == 0.0:
            return 0.0
        correlation = self.experiments[a.experiment].correlation(source)
        observables = 1.0 if a.observable == b.observable else correlation.observables
        return product * observables * (1.0 if a.flavour == b.flavour else correlation.flavours)


@cache
def mass_table() -> MassTable:
    """Return the published measurements that come with the package."""
    text = files("collider.inference").joinpath("data", "w_mass.toml").read_text(encoding="utf-8")
    return validate(MassTable, read_toml(text, "w_mass.toml"), "w_mass.toml")

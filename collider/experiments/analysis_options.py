"""What a user may choose of a measurement of W decays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from collider.experiments.cards import CHARGES
from collider.experiments.response import SYSTEMATICS
from collider.production.spin import SpinModel, SpinOrder
from nucore.errors import InputError, unknown

#: Factor of `AnalysisOptions.nuisance` that goes for all that are not named.
ALL_NUISANCES = "all"


@dataclass(frozen=True)
class AnalysisOptions:
    """What a user may choose of a measurement; by default all is as the card says.

    Attributes
    ----------
    systematics : "paper" or "full"
        The normalisation alone, or all nuisances of the card.
    selection : str or None
        Name on the card; that of ``systematics`` by default.
    scale_systematics : float
        Factor on the size of every nuisance, >= 0.
    nuisance : mapping
        Factors on single nuisances, by name, >= 0: 0 switches one off. ``all`` is for those not named.
    window : (float, float) or None
        Of the observable, GeV, in bins of the card's width.
    charge : "+", "-", "both" or None
    observable : str or None
        Takes the card's first selection of this observable, where none is named.
    float_mw : bool
        The W mass is free.
    spin : "measured", "lam-tung", "lo" or None
        Angular coefficients of the W, see `collider.production.spin.SpinModel`; by default those that the data file
        records, else ``measured``.
    backgrounds : bool
        False leaves out the backgrounds of the selection, as of simulated W events alone.
    """

    systematics: str = "paper"
    selection: str | None = None
    scale_systematics: float = 1.0
    nuisance: Mapping[str, float] | None = None
    window: tuple[float, float] | None = None
    charge: str | None = None
    observable: str | None = None
    float_mw: bool = False
    spin: SpinOrder | None = None
    backgrounds: bool = True

    def __post_init__(self) -> None:
        if self.systematics not in SYSTEMATICS:
            raise unknown("systematics", self.systematics, SYSTEMATICS)
        if self.charge not in (None, "both", *CHARGES):
            raise InputError(f"unknown charge {self.charge!r}: expected one of +, -, both")
        _ = self.spin_model  # refuses what it does not know
        for name, factor in {"--scale-systematics": self.scale_systematics, **(self.nuisance or {})}.items():
            if not 0.0 <= factor <= 1e3:
                raise InputError(f"invalid factor {factor:g} on {name}: expected 0 to 1000")

    def of_data(self, metadata: Mapping[str, Any]) -> Self:
        """Return the options for a data file that may record its selection, or that it holds no background.

        Raises
        ------
        InputError
            If the file was made with another selection.
        """
        stored = metadata.get("selection")
        if None not in (stored, self.selection) and stored != self.selection:
            raise InputError(f"selection {self.selection!r} contradicts the data file, which says {stored!r}")
        backgrounds = self.backgrounds and metadata.get("backgrounds") is not False
        spin = self.spin or metadata.get("spin")
        return replace(self, selection=self.selection or stored, backgrounds=backgrounds, spin=spin)

    @property
    def spin_model(self) -> SpinModel:
        """Angular coefficients of the nominal templates and of events."""
        return SpinModel(self.spin or "measured")

    def factor(self, name: str, optional: bool = False) -> float:
        """Return the factor on the size of a nuisance; 0 for an optional one that is not named."""
        factors = self.nuisance or {}
        return self.scale_systematics * factors.get(name, 0.0 if optional else factors.get(ALL_NUISANCES, 1.0))

"""What an experiment card may say of published spectra, and of what is published beside them.

Files are given as ``FILE`` or ``FILE:NAME`` (CSV column, histogram of a ROOT or UHI file, variable of a HEPData table),
relative to the folder of the card. A table of files has one for each lepton charge, ``{"+" = ..., "-" = ...}``, or one
for both charges together, ``{both = ...}``; all files have the same bins.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from collider.experiments.cards import Flavour, Sign
from collider.experiments.lepton_response import Cited
from collider.experiments.selection import Observable
from nucore.errors import InputError
from nucore.experiment_cards import CardModel, CardName
from nucore.prediction import Normalisation

Charge = Literal["+", "-", "both"]
Files = dict[Charge, Annotated[str, Field(min_length=1)]]
#: What the numbers are: events, cross-sections, or shares of the whole; in a bin or per GeV.
Unit = Literal["events", "events/GeV", "pb", "fb", "pb/GeV", "fb/GeV", "1", "1/GeV"]


class WMassPrior(Cited):
    """What is known of the W mass without the data of the block.

    Attributes
    ----------
    value_GeV, uncertainty_GeV : float
    """

    value_GeV: float = Field(gt=0.0)
    uncertainty_GeV: float = Field(gt=0.0)


class DataUncertainty(CardModel):
    """One source of uncertainty of published data, or of the prediction beside them.

    Attributes
    ----------
    name : str
        Of its parameters in the fit.
    on : "data" or "prediction"
    size : float or None
        One standard deviation, the same in all bins; or ``files``.
    files : dict or None
        Files of one standard deviation in each bin.
    label : str or None
        Of the errors in HEPData files: then ``files`` name the dependent variable that has them.
    relative : bool
        The numbers are relative to the data, or to the prediction; else they are in the unit of the data.
    correlation : str or None
        Between bins: ``none``, ``full`` (between all bins and charges), or the file of a matrix over all bins of the
        files, one charge after the other as in ``charge_order``.
    correlation_files : dict or None
        Files of one matrix for each charge, without correlation between charges.
    correlation_GeV : tuple of float
        Length over which bins are correlated, as exp(-(x - x')^2/(2 length^2)), 0 for none, where it is not published;
        the first is the default, a user may choose another.
    across_charges : tuple of bool
        Whether bins of different charge are correlated by ``correlation_GeV`` as well; with both, both are tried.
    statistical : bool
        It is the statistical uncertainty of the data.
    reference : str
        Where it is not that of the block.
    """

    name: CardName
    on: Literal["data", "prediction"] = "data"
    size: float | None = Field(default=None, gt=0.0)
    files: Files | None = None
    label: str | None = None
    relative: bool = False
    correlation: str | None = None
    correlation_files: Files | None = None
    correlation_GeV: tuple[Annotated[float, Field(ge=0.0)], ...] = ()
    across_charges: tuple[bool, ...] = Field(default=(False,), min_length=1)
    statistical: bool = False
    reference: str | None = None
    verified: bool = True

    @model_validator(mode="after")
    def _consistent(self) -> DataUncertainty:
        if (self.size is None) == (self.files is None):
            raise ValueError("size: expected either size or files")
        if self.label is not None and self.files is None:
            raise ValueError("label: expected files with it")
        given = [self.correlation is not None, self.correlation_files is not None, bool(self.correlation_GeV)]
        if sum(given) != 1:
            raise ValueError("correlation: expected one of correlation, correlation_files and correlation_GeV")
        if any(self.across_charges) and not self.correlation_GeV:
            raise ValueError("across_charges: expected it with correlation_GeV alone")
        if self.statistical and self.on == "prediction":
            raise ValueError('statistical: expected it of the data alone; on = "data"')
        return self


class PublishedData(Cited):
    """A published spectrum.

    Attributes
    ----------
    name : str
        Of the block, unique on the card.
    flavour : "e" or "mu"
    observable : "lepton_pt", "transverse_mass" or "missing_momentum"
    level : "detector", "dressed", "bare" or "born"
        Of the lepton: as measured, or corrected for the detector to a lepton with its photons, without them, or before
        radiation.
    selection : str
        Name of the selection on the card whose cuts and response the data have.
    data : dict
        Files of the measured numbers; their keys are the charges.
    unit : str
        ``events``, ``events/GeV``, ``pb``, ``fb``, ``pb/GeV``, ``fb/GeV``, or ``1`` and ``1/GeV`` for shares of the
        whole.
    luminosity_invfb : float or None
        Of the data, fb^-1, where it is not that of the card.
    one_hemisphere : bool
        The detector covers one sign of eta alone: half of what the bins in |eta| hold.
    window_GeV : (float, float) or None
        Range of the bins that are used; it ends at their edges.
    prediction, background : dict or None
        Files of what the experiment expects in the Standard Model, and of the background in it.
    background_uncertainty : float
        Relative, of the rate of the background.
    prediction_m_W_GeV : float or None
        W mass in the prediction.
    normalisation : "fixed", "constrained" or "free"
        Of the expected W bosons, per charge. Free by default beside a prediction and for shares of the whole, else
        constrained by the card's uncertainty.
    m_W : WMassPrior or None
        What is known of the W mass without these data.
    charge_order : tuple of "+", "-"
        Of the bins in correlation matrices.
    uncertainties : tuple of DataUncertainty
        Numbers of events without a statistical one fluctuate as Poisson numbers.
    origin : str
        How the numbers were obtained.
    """

    name: CardName
    flavour: Flavour
    observable: Observable
    level: Literal["detector", "dressed", "bare", "born"]
    selection: str = "full"
    data: Files = Field(min_length=1)
    unit: Unit
    luminosity_invfb: float | None = Field(default=None, gt=0.0)
    one_hemisphere: bool = False
    window_GeV: tuple[float, float] | None = None
    prediction: Files | None = None
    background: Files | None = None
    background_uncertainty: float = Field(default=0.0, ge=0.0, lt=1.0)
    prediction_m_W_GeV: float | None = Field(default=None, gt=0.0)
    normalisation: Normalisation
    m_W: WMassPrior | None = None
    charge_order: tuple[Sign, ...] = ("+", "-")
    uncertainties: tuple[DataUncertainty, ...] = ()
    origin: str = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _default_normalisation(cls, content: Any) -> Any:
        if not isinstance(content, Mapping) or "normalisation" in content:
            return content
        free = "prediction" in content or content.get("unit") in ("1", "1/GeV")
        return {**content, "normalisation": "free" if free else "constrained"}

    @model_validator(mode="after")
    def _consistent(self) -> PublishedData:
        if set(self.data) not in ({"+"}, {"-"}, {"+", "-"}, {"both"}):
            raise ValueError('data: expected files for "+", "-" or each of them, or one for both')
        if self.luminosity_invfb is not None and not self.counts:
            raise ValueError("luminosity_invfb: expected it with numbers of events alone")
        if self.window_GeV is not None and not self.window_GeV[0] < self.window_GeV[1]:
            raise ValueError(f"window_GeV: got {list(self.window_GeV)}; expected low < high")
        if self.prediction is None and (self.background or self.prediction_m_W_GeV or self.background_uncertainty):
            raise ValueError("prediction: missing; expected it with background and prediction_m_W_GeV")
        if self.background is None and self.background_uncertainty > 0.0:
            raise ValueError("background: missing; expected it with background_uncertainty")
        if sorted(self.charge_order) != ["+", "-"]:
            raise ValueError('charge_order: expected ["+", "-"] or ["-", "+"]')
        self._check_uncertainties()
        for key, files in self.tables().items():
            if files is not None and set(files) != set(self.data):
                raise ValueError(f"{key}: expected files for the charges of data: {', '.join(self.data)}")
        return self

    def _check_uncertainties(self) -> None:
        names = [source.name for source in self.uncertainties]
        if len(set(names)) != len(names):
            raise ValueError("uncertainties: a name is given twice; expected each once")
        if self.prediction is None and any(source.on == "prediction" for source in self.uncertainties):
            raise ValueError('uncertainties: one is on = "prediction"; expected a prediction with it')
        if not self.counts and not self.has_covariance:
            raise ValueError(f"uncertainties: none is statistical; expected one where the unit is {self.unit}")
        if self.counts and not self.has_covariance and any(source.on == "data" for source in self.uncertainties):
            raise ValueError(
                "uncertainties: numbers of events fluctuate as Poisson numbers and have no others; "
                'expected on = "prediction", or one that is statistical'
            )

    def tables(self) -> dict[str, Files | None]:
        """Tables of files by their key."""
        sources = {
            f"uncertainties: {name} of {source.name}": getattr(source, name)
            for source in self.uncertainties
            for name in ("files", "correlation_files")
        }
        return {"data": self.data, "prediction": self.prediction, "background": self.background, **sources}

    def treatments(self, length: float | None = None) -> tuple[PublishedData, ...]:
        """Return the block with each correlation of its uncertainties that it names, or that has a length (GeV).

        Raises
        ------
        InputError
            If a length is given and no uncertainty has one.
        """
        source = next((source for source in self.uncertainties if source.correlation_GeV), None)
        if source is None:
            if length is not None:
                raise InputError(f"data {self.name}: no uncertainty has correlation_GeV; expected no length")
            return (self,)
        lengths = source.correlation_GeV if length is None else (length,)
        across = source.across_charges if len(self.charges) == 2 else (False,)
        pairs = [(each, together) for each in lengths for together in across if each > 0.0 or not together]
        return tuple(self._treated(*pair) for pair in pairs or [(lengths[0], False)])

    def _treated(self, length: float, across: bool) -> PublishedData:
        chosen = {"correlation_GeV": (length,), "across_charges": (across,)}
        sources = [s.model_copy(update=chosen) if s.correlation_GeV else s for s in self.uncertainties]
        return self.model_copy(update={"uncertainties": tuple(sources)})

    @property
    def treatment(self) -> tuple[float, bool] | None:
        """Correlation length (GeV) of the uncertainties that have one, and whether it is across charges."""
        source = next((source for source in self.uncertainties if source.correlation_GeV), None)
        return None if source is None else (source.correlation_GeV[0], source.across_charges[0])

    @property
    def counts(self) -> bool:
        """Whether the data are numbers of events."""
        return self.unit in ("events", "events/GeV")

    @property
    def has_covariance(self) -> bool:
        """Whether the data fluctuate with stated uncertainties; else as Poisson numbers."""
        return any(source.statistical for source in self.uncertainties)

    @property
    def charges(self) -> tuple[Charge, ...]:
        """Charges, one spectrum each, negative charge first."""
        return tuple(charge for charge in ("-", "+", "both") if charge in self.data)

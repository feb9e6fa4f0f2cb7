"""What a search offers to the commands: the one interface that collider and mesons implement.

A search is a module (`collider.search`, `mesons.search`) with the names of `Search`; `nuportal.searches` lists them.
An experiment is given as its name, the path of a card, or a `Card`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Protocol

from nucore.card_files import CardFolder, CardSource
from nucore.errors import InputError
from nucore.events import GenerateResult
from nucore.experiment_cards import CardModel
from nucore.generation import GenerationRequest
from nucore.grids import GridValues
from nucore.histograms import Axis, Spectrum
from nucore.io.readers import SpectrumFile
from nucore.model.parameters import PortalParameters
from nucore.model.particles import FLAVOURS
from nucore.prediction import Prediction
from nucore.reports.fit_input import FitInput
from nucore.reports.reach import Reach
from nucore.run.job import Job
from nucore.stats import LimitChoice

#: Exposure option that takes the card's for data whose file does not record theirs.
CARD: Literal["card"] = "card"
ExposureOption = float | Literal["card"] | None


class Search(Protocol):
    """The names of a search module.

    A search may also have ``analyse`` (events of other generators) and ``fit_flavours`` (two flavours together).

    Attributes
    ----------
    CARDS : CardFolder
        Its shipped cards, and which cards are its own.
    CARD_MODELS : tuple of type
        Pydantic models of its cards.
    EXPOSURE : str
        ``luminosity_invfb`` or ``decays``.
    PROCESSES : mapping
        Processes of ``generate``, each with its default experiment.
    kernel : numba dispatcher
        Compiled kernel of the generator.
    AnalysisOptions : type
        Frozen dataclass of the choices that `fit_input`, `expected_spectrum` and `generation_job` take.
    ReachOptions : type
        The same for `reach_job`; a subclass.
    """

    CARDS: CardFolder
    CARD_MODELS: tuple[type[CardModel], ...]
    EXPOSURE: str
    PROCESSES: Mapping[str, str]
    kernel: Any

    @property
    def AnalysisOptions(self) -> type: ...  # noqa: D102
    @property
    def ReachOptions(self) -> type: ...  # noqa: D102

    def load_experiment(self, source: CardSource) -> Any:
        """Experiment of a card, validated."""

    def flavour_of(self, experiment: Any, flavour: str | None, parameters: PortalParameters | None) -> str:
        """Lepton flavour that is meant: the given one if it is measured, else that of the card or of the point."""

    def generation_job(
        self, experiment: Any, process: str, flavour: str, parameters: PortalParameters, request: GenerationRequest,
        options: Any, **run: Any,
    ) -> Job[GenerateResult]:  # fmt: skip
        """Generation of pseudo-data at a parameter point."""

    def expected_spectrum(
        self, experiment: Any, flavour: str, parameters: PortalParameters, exposure: float | None, options: Any
    ) -> Spectrum:
        """Expected spectrum at a parameter point, background included, without fluctuations."""

    def data_axes(
        self, experiment: Any, flavour: str | None, parameters: PortalParameters, options: Any
    ) -> tuple[Axis, ...]:
        """Axes that data have."""

    def rebinned(
        self, experiment: Any, flavour: str | None, parameters: PortalParameters, data: SpectrumFile, options: Any
    ) -> tuple[SpectrumFile, str | None]:
        """Data in the bins in which they are fitted, and in words how they got there, None if they are as they were."""

    def fit_input(
        self, experiment: Any, flavour: str | None, parameters: PortalParameters, data: SpectrumFile,
        exposure: ExposureOption, options: Any, prediction: Prediction | None = None,
    ) -> FitInput:  # fmt: skip
        """Likelihood of data, which are `rebinned`, at the masses of a parameter point.

        A `prediction`, in the flattened bins of the data, is the Standard Model expectation in place of ours.
        """

    def reach_job(
        self, experiment: Any, flavour: str, grid: GridValues | None, options: Any, limit: LimitChoice, **run: Any
    ) -> Job[Reach]:
        """Expected reach, with what was observed beside it where the card has data."""


def exposure_of(
    data: SpectrumFile, name: str, option: ExposureOption, card: float, experiment: str, *, needed: bool = True
) -> tuple[float, str]:
    """Return the exposure of data and where it comes from: their file, the option, or the card if the option says so.

    Parameters
    ----------
    data : SpectrumFile
    name : str
        ``luminosity_invfb`` or ``decays``.
    option : float, "card" or None
    card : float
        Of the card.
    experiment : str
        Name of the card.
    needed : bool
        Whether a result depends on it; else the card's does.

    Raises
    ------
    InputError
        If neither file nor option says it, they contradict each other, or the value is not positive and finite.
    """
    stored, given = data.exposure.get(name), card if option == CARD else option
    if stored is not None and given is not None and abs(stored - given) > 1e-6 * abs(stored):
        raise InputError(f"{name} = {given:g} contradicts the data file, which says {stored:g}")
    flag, unit = f"--{name.removesuffix('_invfb')}", " fb^-1" if name.endswith("_invfb") else ""
    if stored is not None:
        value, origin = stored, "data file"
    elif given is not None:
        value, origin = float(given), f"card of {experiment}" if option == CARD else flag
    elif needed:
        raise InputError(
            f"data {data.spectrum.name!r} do not say their {flag[2:]}: expected {flag} N{' in' if unit else ''}{unit}, "
            f"or {flag} card for the {card:g}{unit} of {experiment}"
        )
    else:
        value, origin = card, f"card of {experiment}; rates are those of the prediction"
    if not 0.0 < value < float("inf"):
        raise InputError(f"invalid {name} = {value:g}: expected a positive, finite number")
    return value, origin


def mixing_flavour(parameters: PortalParameters | None) -> str:
    """Return the one flavour that mixes at a parameter point, else ``mu``."""
    mixing = [] if parameters is None else [flavour for flavour in FLAVOURS if parameters.U(flavour) != 0.0]
    return mixing[0] if len(mixing) == 1 else "mu"

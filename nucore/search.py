"""What a search offers to the commands: the one interface that collider and mesons implement.

A search is a module (`collider.search`, `mesons.search`) with the names of `Search`; `nuportal.searches` lists them.
An experiment is given as its name, the path of a card, or a `Card`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

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
from nucore.reports.fit_report import FitInput
from nucore.reports.reach import Reach
from nucore.run.job import Job
from nucore.stats import LimitChoice


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
        self,
        experiment: Any,
        flavour: str | None,
        parameters: PortalParameters,
        data: SpectrumFile | None,
        options: Any,
    ) -> tuple[Axis, ...]:
        """Axes that data have, checked if there are some; theirs may be flattened in the file."""

    def fit_input(
        self, experiment: Any, flavour: str | None, parameters: PortalParameters, data: SpectrumFile,
        exposure: float | None, options: Any, prediction: Prediction | None = None,
    ) -> FitInput:  # fmt: skip
        """Likelihood of data at the masses of a parameter point.

        A `prediction`, in the flattened bins of the data, is the Standard Model expectation in place of ours.
        """

    def reach_job(
        self, experiment: Any, flavour: str, grid: GridValues | None, options: Any, limit: LimitChoice, **run: Any
    ) -> Job[Reach]:
        """Expected reach, with what was observed beside it where the card has data."""


def exposure_of(data: SpectrumFile, name: str, option: float | None, card: float) -> float:
    """Exposure of data: from their file, else the option, else the card.

    Raises
    ------
    InputError
        If the option contradicts the file, or the value is not positive and finite.
    """
    stored = data.exposure.get(name)
    if stored is not None and option is not None and abs(stored - option) > 1e-9 * abs(stored):
        raise InputError(f"{name} = {option:g} contradicts the data file, which says {stored:g}")
    value = next(v for v in (stored, option, card) if v is not None)
    if not 0.0 < value < float("inf"):
        raise InputError(f"invalid {name} = {value:g}: expected a positive, finite number")
    return value


def mixing_flavour(parameters: PortalParameters | None) -> str:
    """Return the one flavour that mixes at a parameter point, else ``mu``."""
    mixing = [] if parameters is None else [flavour for flavour in FLAVOURS if parameters.U(flavour) != 0.0]
    return mixing[0] if len(mixing) == 1 else "mu"

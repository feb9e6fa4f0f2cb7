"""What ``nuportal.fit`` fits: a likelihood of the user's data, with all that was assumed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from nucore.card_files import Card, CardSource
from nucore.contents import check_counts, doubt
from nucore.errors import InputError
from nucore.export.pyhf_reader import read_pyhf_workspace
from nucore.histograms import Spectrum
from nucore.io.plottable import Data, read_data
from nucore.io.readers import SpectrumFile, is_workspace, read_workspace
from nucore.io.table_readings import OTHER_ERRORS
from nucore.rebinning import axes_of
from nucore.reports.fit_input import FitInput
from nucore.search import ExposureOption
from nuportal.api.data_covariance import check_for_prediction, with_covariance
from nuportal.api.parameter_point import Point, point_of
from nuportal.api.prediction_files import described, read_prediction
from nuportal.api.prediction_options import split_options
from nuportal.searches import choose, experiment_of, exposure_given

DEFAULT_EXPERIMENT = "atlas-2011"
#: Data, or the content of a pyhf workspace.
Source: TypeAlias = Data | Mapping[str, Any]


@dataclass(frozen=True)
class PublishedSpectrum:
    """Published data on the card of an experiment.

    Attributes
    ----------
    name : str
        Of the data block.
    correlation_GeV : float or None
    """

    name: str
    correlation_GeV: float | None = None


def data_source(data: Source | None, spectrum: str | None, correlation: float | None) -> Source | PublishedSpectrum:
    """Return what is fitted: a file or object, or published data of a card.

    Raises
    ------
    InputError
        If it is none of them, or both.
    """
    if (data is None) == (spectrum is None):
        raise InputError(
            "expected either DATA, a file, or --spectrum, the name of published data on a card (--set for the point)"
        )
    if spectrum is None:
        if correlation is not None:
            raise InputError("--correlation is of published data on a card: expected --spectrum NAME with it")
        assert data is not None  # checked
        return data
    return PublishedSpectrum(spectrum, correlation)


def fit_input(
    data: Source | PublishedSpectrum,
    parameters: Point,
    experiment: CardSource | None,
    flavour: str | None,
    luminosity: ExposureOption,
    decays: ExposureOption,
    options: Mapping[str, Any],
) -> FitInput:
    """Likelihood of a data set; arguments as in `fit`.

    Keys
    ----
    data : str
        Name of the data.
    point : nucore.model.parameters.PortalParameters
        Parameter point of the templates.
    point_origin, exposure_origin : str
        Where the parameter point and the exposure come from: data file, card, or given.
    notes : list of str
        What to know of how the data were read.
    published_data : dict
        Of published data: name on the card, reference and hashes of the files.
    m_W_GeV : float
        Of published data: W mass of the templates.
    correlation_GeV : float or None
        Of published data: length over which an uncertainty of unknown correlation is correlated.
    across_charges : bool or None
        Of published data: whether that uncertainty is common to both charges.
    """
    if isinstance(data, PublishedSpectrum):
        return _published_input(data, parameters, experiment, flavour, options)
    given, analysis = split_options(options)
    content = read_workspace(data) if isinstance(data, str | Path) else data
    if isinstance(content, Mapping) and is_workspace(content):
        others = (parameters, experiment, flavour, luminosity, decays, given.prediction)
        if analysis or any(value is not None for value in others):
            raise InputError(
                "a pyhf workspace holds its own model: no parameter point, experiment, flavour, exposure, "
                "prediction or option of an analysis applies"
            )
        return read_pyhf_workspace(content)
    file = with_covariance(read_data(data), given.data_covariance)
    search, card = experiment_of(experiment or recorded_experiment(file) or DEFAULT_EXPERIMENT)
    exposure = exposure_given(search, card.name, luminosity, decays)
    chosen = choose(search, "AnalysisOptions", card.name, analysis)
    point, origin = point_of(parameters, file.metadata)
    used, change = search.rebinned(card, flavour, point, file, chosen)
    if file.covariance is None:
        check_counts(file)
    notes = [*_notes(used, card.name), *([change] if change else [])]
    about = {"data": _name(data, used), "point_origin": origin, "notes": notes}
    trusted = isinstance(data, Spectrum | SpectrumFile) or given.data_covariance is not None
    if given.prediction is not None:
        check_for_prediction(file, trusted)
        prediction, factor = read_prediction(given, axes_of(used.spectrum), used)
        matched = prediction.matched(used.spectrum.values)
        found = search.fit_input(card, flavour, point, used, exposure, chosen, matched)
        about |= described(prediction, factor, matched, used.spectrum)
        return replace(found, analysis={**found.analysis, **about})
    if file.covariance is not None:
        raise InputError("data with a covariance matrix are no counts of events: expected a prediction beside them")
    found = search.fit_input(card, flavour, point, used, exposure, chosen)
    if found.unit is not None:
        total, effective = found.spectrum.integral, found.unit.counts(found.spectrum.values).sum()
        notes.append(f"weighted events: {effective:.6g} counts of the mean weight of their bins stand for {total:.6g}")
    return replace(found, analysis={**found.analysis, **about}, warnings=() if trusted else tuple(_doubts(file)))


def _name(data: Data, file: SpectrumFile) -> str:
    """Name of data for a reader of the result."""
    return str(data) if isinstance(data, str | Path) else file.spectrum.name


def _notes(file: SpectrumFile, experiment: str) -> list[str]:
    """What a user should know of how a file was read."""
    notes = list(file.metadata.get("notes") or [])
    if (below := file.metadata.get("underflow")) or file.metadata.get("overflow"):
        notes.append(
            f"below and above the bins are {below or 0:g} and {file.metadata.get('overflow') or 0:g}: left out"
        )
    made_for = file.metadata.get("experiment")
    if made_for not in (None, experiment):
        notes.append(f"the data file was made for experiment {made_for}")
    if file.covariance is None and (others := file.metadata.get(OTHER_ERRORS)):
        notes.append(f"errors {', '.join(others)} of the data are not used: only those of counts are")
    return notes


def _doubts(file: SpectrumFile) -> Iterator[str]:
    """Say that contents may be no counts; their rate tells whether they are, for the exposure is known."""
    if reason := doubt(file):
        yield (
            f"{reason}, so the contents may be no counts of events: they are fitted with the errors of counts; "
            f"expected variances in the file, or --data-covariance poisson for an expectation, whose errors are these"
        )


def _published_input(
    data: PublishedSpectrum,
    parameters: Point,
    experiment: CardSource | None,
    flavour: str | None,
    options: Mapping[str, Any],
) -> FitInput:
    """Likelihood of published data; with all systematics, unless the options say otherwise."""
    if options.get("prediction") is not None:
        raise InputError(
            "--prediction is of DATA, a file; published data of a card have their own: expected no --prediction"
        )
    search, card = experiment_of(experiment or DEFAULT_EXPERIMENT, having="observed_input")
    chosen = choose(search, "AnalysisOptions", card.name, {"systematics": "full", **options})
    point, origin = point_of(parameters, {})
    found: FitInput = search.observed_input(card, flavour, point, data.name, data.correlation_GeV, chosen)  # type: ignore[attr-defined]
    about = {
        "data": f"{data.name} on the card {card.name}",
        "point_origin": origin,
        "exposure_origin": f"card of {card.name}",
        "notes": [],
    }
    return replace(found, analysis={**found.analysis, **about})


def recorded_experiment(file: SpectrumFile) -> CardSource | None:
    """Experiment that a data file names; the card of a user is in its provenance."""
    name, origin = file.metadata.get("experiment"), file.metadata.get("provenance")
    text = origin.get("card_text") if isinstance(origin, dict) else None
    return Card(str(name), text, f"card in the provenance of {name}") if isinstance(text, str) else name

"""``nuportal.fit``: best fit and upper limit of a spectrum."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nucore.card_files import Card, CardSource
from nucore.contents import check_counts, doubt, weighted_counts
from nucore.errors import InputError
from nucore.export.pyhf_reader import read_pyhf_workspace
from nucore.histograms import Spectrum
from nucore.io.plottable import Data, read_data
from nucore.io.readers import SpectrumFile, read_workspace
from nucore.io.table_readings import OTHER_ERRORS
from nucore.random_streams import Stream, generator
from nucore.rebinning import axes_of
from nucore.reports.fit_report import FitInput, FitReport
from nucore.reports.fit_toys import with_toys
from nucore.run.executors import Execution
from nucore.run.provenance import current_run
from nucore.search import ExposureOption
from nucore.stats import LimitMethod
from nucore.stats.upper_limits import LimitChoice
from nuportal.api.data_covariance import check_for_prediction, with_covariance
from nuportal.api.parameter_point import Point, point_of
from nuportal.api.prediction_files import described, read_prediction
from nuportal.api.prediction_options import PredictionOptions, split_options
from nuportal.api.requests import recorded
from nuportal.searches import choose, experiment_of, exposure_given

DEFAULT_EXPERIMENT = "atlas-2011"


@recorded
def fit(
    data: Data | None = None,
    parameters: Point = None,
    *,
    spectrum: str | None = None,
    correlation: float | None = None,
    experiment: CardSource | None = None,
    flavour: str | None = None,
    luminosity: ExposureOption = None,
    decays: ExposureOption = None,
    allow_bad_fit: bool = False,
    confidence_level: float = 0.90,
    limit: LimitMethod = "cls",
    minos: bool = False,
    toys: int | None = None,
    feldman_cousins: bool = False,
    seed: int = 1,
    report: str | Path | None = None,
    execution: Execution | None = None,
    progress: Callable[[float], None] | None = None,
    **options: Any,
) -> FitReport:
    """Fit a spectrum with the Standard Model and a nu4 at the masses of a parameter point.

    Parameters
    ----------
    data : str, Path or object, optional
        A file (`nucore.io.readers.read_spectrum`) or an object (`nucore.io.plottable.read_data`): a histogram of hist,
        boost_histogram, uproot or any of UHI, ``(values, edges)``, a spectrum, or a result of `nuportal.generate` or
        `nuportal.analyse`; also a pyhf workspace (JSON), which is fitted as it is.
    spectrum : str, optional
        In place of data: name of published data on the card of the experiment.
    correlation : float, optional
        Of published data: length (GeV) over which uncertainties of unknown correlation are correlated; by default the
        one of the card with the weakest limit.
    parameters : PortalParameters or mapping, optional
        Masses and yL of the signal; by default those that the data file records, else the default point. A mapping,
        ``{"m4": 30}``, changes some of them.
    experiment : str, Path or Card, optional
        Name or path of a card; by default the one that the data file names, else ``atlas-2011``.
    flavour : str, optional
        ``e`` or ``mu``; by default that of the data file, else the one flavour that mixes, else ``mu``.
    luminosity, decays : float or "card", optional
        Exposure (fb^-1, or parent decays) if the data file does not record it; ``card`` takes that of the card. With a
        prediction none is needed.
    allow_bad_fit : bool
        Give the result of a fit that does not describe its data.
    confidence_level : float
    limit : "cls", "clsb" or "delta-chi2"
    minos : bool
        Give asymmetric uncertainties of all parameters.
    toys : int, optional
        Add limit and p-value from so many toys per tested value.
    feldman_cousins : bool
        Add the Feldman-Cousins interval, with as many toys.
    seed : int
        Of the toys.
    report : str or Path, optional
        Folder for pulls, impacts, correlations, spectra and a likelihood scan, as pictures and numbers.
    execution : Execution, optional
        Workers or cluster of the toys; no result depends on it. A script that starts processes (some hundred toys)
        needs the usual guard ``if __name__ == "__main__"``.
    progress : callable, optional
        Called with the fraction of the toys done.
    **options
        Fields of `collider.search.AnalysisOptions` or `mesons.search.AnalysisOptions`, and of
        `nuportal.api.prediction_options.PredictionOptions` (``prediction``, ``background``, ``variation``, ...) for a
        Standard Model expectation of your own. The selection is that of the data file, if it records one.

    Raises
    ------
    InputError
        For data or arguments that are not allowed.
    nucore.errors.FitError
        If the minimisation fails.
    nucore.errors.BadFitError
        If the best fit does not describe the data, see `nucore.reports.fit_quality`.
    """
    choice = LimitChoice(confidence_level, limit)
    if feldman_cousins and toys is None:
        raise InputError("--feldman-cousins needs --toys, the number of pseudo-experiments per value")
    if toys is not None and limit == "delta-chi2":
        raise InputError(f"limit {limit!r} has no toys: expected cls or clsb")
    source = data_source(data, spectrum, correlation)
    found = fit_input(source, parameters, experiment, flavour, luminosity, decays, options)
    result = found.report(choice, minos)
    if not allow_bad_fit:
        result.require_good()
    if toys is not None:
        current_run().seed = seed
        result = with_toys(
            result, toys, generator(seed, Stream.TOYS),
            interval=feldman_cousins, execution=execution, progress=progress,
        )  # fmt: skip
    if report is None:
        return result
    from nucore.plot.reports import write_report

    return replace(result, outputs=tuple(write_report(result, report)))


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


def data_source(data: Data | None, spectrum: str | None, correlation: float | None) -> Data | PublishedSpectrum:
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
    data: Data | PublishedSpectrum,
    parameters: Point,
    experiment: CardSource | None,
    flavour: str | None,
    luminosity: ExposureOption,
    decays: ExposureOption,
    options: Mapping[str, Any],
) -> FitInput:
    """Likelihood of a data set; arguments as in `fit`."""
    if isinstance(data, PublishedSpectrum):
        return _published_input(data, parameters, experiment, flavour, options)
    given, analysis = split_options(options)
    content = read_workspace(data) if isinstance(data, str | Path) else None
    if content is not None:
        if any(value is not None for value in (experiment, flavour, luminosity, decays, given.prediction)):
            raise InputError(
                "a pyhf workspace holds its own model: no experiment, flavour, luminosity, decays or prediction apply"
            )
        return read_pyhf_workspace(content)
    file = read_data(data)
    file = with_covariance(file, given.data_covariance)
    search, card = experiment_of(experiment or recorded_experiment(file) or DEFAULT_EXPERIMENT)
    exposure = exposure_given(search, card.name, luminosity, decays)
    chosen = choose(search, "AnalysisOptions", card.name, analysis)
    point, origin = point_of(parameters, file.metadata)
    used, change = search.rebinned(card, flavour, point, file, chosen)
    if file.covariance is None:
        check_counts(file)
    trusted = isinstance(data, Spectrum | SpectrumFile) or given.data_covariance is not None
    about = {
        "data": _name(data, used),
        "point_origin": origin,
        "notes": [*_notes(used, given, card.name), *([change] if change else [])],
    }
    if given.prediction is None:
        if file.covariance is not None:
            raise InputError("data with a covariance matrix are no counts of events: expected a prediction beside them")
        found = search.fit_input(card, flavour, point, used, exposure, chosen)
        return replace(found, analysis={**found.analysis, **about}, warnings=() if trusted else tuple(_doubts(file)))
    check_for_prediction(file, trusted)
    prediction, factor = read_prediction(given, axes_of(used.spectrum), used)
    matched = prediction.matched(used.spectrum.values)
    found = search.fit_input(card, flavour, point, used, exposure, chosen, matched)
    about |= described(prediction, factor, matched, used.spectrum)
    return replace(found, analysis={**found.analysis, **about})


def _name(data: Data, file: SpectrumFile) -> str:
    """Name of data for a reader of the result."""
    return str(data) if isinstance(data, str | Path) else file.spectrum.name


def _notes(file: SpectrumFile, given: PredictionOptions, experiment: str) -> list[str]:
    """What a user should know of how a file was read."""
    notes = list(file.metadata.get("notes") or [])
    if (below := file.metadata.get("underflow")) or file.metadata.get("overflow"):
        notes.append(
            f"below and above the bins are {below or 0:g} and {file.metadata.get('overflow') or 0:g}: left out"
        )
    made_for = file.metadata.get("experiment")
    if made_for not in (None, experiment):
        notes.append(f"the data file was made for experiment {made_for}")
    unit = weighted_counts(file, file.spectrum) if given.prediction is None else None
    if unit is not None:
        total, effective = file.spectrum.integral, unit.counts(file.spectrum.values).sum()
        notes.append(
            f"weighted events: {effective:.6g} effective counts, content^2/variance, stand for contents of {total:.6g}"
        )
    if file.covariance is None and (others := file.metadata.get(OTHER_ERRORS)):
        notes.append(f"errors {', '.join(others)} of the data are not used: only those of counts are")
    return notes


def _doubts(file: SpectrumFile) -> Iterator[str]:
    """Say that contents may be no counts; their rate tells whether they are, for the exposure is known."""
    if reason := doubt(file):
        yield (
            f"{reason}: the contents do not look like counts of events, whose errors they are given; variances in "
            f"the file say otherwise, --data-covariance poisson that it is right, as of an expectation"
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
    about = {"data": f"{data.name} on the card {card.name}", "point_origin": origin, "notes": []}
    return replace(found, analysis={**found.analysis, **about})


def recorded_experiment(file: SpectrumFile) -> CardSource | None:
    """Experiment that a data file names; the card of a user is in its provenance."""
    name, origin = file.metadata.get("experiment"), file.metadata.get("provenance")
    text = origin.get("card_text") if isinstance(origin, dict) else None
    return Card(str(name), text, f"card in the provenance of {name}") if isinstance(text, str) else name

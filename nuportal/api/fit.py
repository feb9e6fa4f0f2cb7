"""``nuportal.fit``: best fit and upper limit of a spectrum."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nucore.card_files import CardSource
from nucore.errors import InputError
from nucore.io.plottable import Data
from nucore.random_streams import Stream, generator
from nucore.reports.fit_report import FitReport
from nucore.reports.fit_toys import with_toys
from nucore.run.executors import Execution
from nucore.run.provenance import current_run
from nucore.search import ExposureOption
from nucore.stats import LimitMethod
from nucore.stats.upper_limits import LimitChoice
from nuportal.api.fit_inputs import data_source, fit_input
from nuportal.api.parameter_point import Point
from nuportal.api.requests import recorded
from nuportal.notebook_progress import Progress, callback
from nuportal.reports.place import check_place
from nuportal.reports.results import reported_fit


@recorded
def fit(
    data: Data | Mapping[str, Any] | None = None,
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
    progress: Progress = None,
    **options: Any,
) -> FitReport:
    """Fit a spectrum with the Standard Model and a nu4 at the masses of a parameter point.

    Parameters
    ----------
    data : str, Path or object, optional
        A file (`nucore.io.readers.read_spectrum`) or an object (`nucore.io.plottable.read_data`): a histogram of hist,
        boost_histogram, uproot or any of UHI, ``(values, edges)``, a spectrum, or a result of `nuportal.generate` or
        `nuportal.analyse`; also a pyhf workspace (JSON, or its content), which is fitted as it is.
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
        Folder for ``index.html``, a page of the result, and its pulls, impacts, correlations, spectra and likelihood
        scan, as pictures and numbers.
    execution : Execution, optional
        Workers or cluster of the toys; no result depends on it. A script that starts processes (some hundred toys)
        needs the usual guard ``if __name__ == "__main__"``.
    progress : callable or False, optional
        Called with the fraction of the toys done; False: no bar in a notebook.
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

    Examples
    --------
    >>> import nuportal
    >>> data = nuportal.generate("kaon", decays=1e10)
    >>> found = nuportal.fit(data)
    >>> print(f"|U_mu4|^2 < {found.limit.observed:.2g} at {found.limit.confidence_level:.0%} CL")
    |U_mu4|^2 < 0.00... at 90% CL
    """
    choice = LimitChoice(confidence_level, limit)
    if feldman_cousins and toys is None:
        raise InputError("--feldman-cousins needs --toys, the number of pseudo-experiments per value")
    if toys is not None and limit == "delta-chi2":
        raise InputError(f"limit {limit!r} has no toys: expected cls or clsb")
    check_place(report, with_files=True)
    source = data_source(data, spectrum, correlation)
    found = fit_input(source, parameters, experiment, flavour, luminosity, decays, options)
    result = found.report(choice, minos)
    if not allow_bad_fit:
        result.require_good()
    if toys is not None:
        current_run().seed = seed
        result = with_toys(
            result, toys, generator(seed, Stream.TOYS),
            interval=feldman_cousins, execution=execution, progress=callback(progress),
        )  # fmt: skip
    if report is None:
        return result
    from nucore.plot.reports import write_report

    return reported_fit(result, write_report, report)

"""``nuportal.toys``: coverage and bias from pseudo-experiments."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from nucore.card_files import CardSource
from nucore.histograms import Spectrum
from nucore.io.readers import SpectrumFile
from nucore.reports.toy_report import ToyReport, toys_job
from nucore.run.executors import Execution
from nucore.run.job import Job
from nucore.run.provenance import current_run
from nucore.search import CARD
from nucore.stats import LimitMethod
from nucore.stats.toys import ToyJob, ToyStudy
from nucore.stats.upper_limits import LimitChoice
from nuportal.api.data_covariance import with_covariance
from nuportal.api.parameter_point import Point, point_of
from nuportal.api.prediction_files import described, read_prediction
from nuportal.api.prediction_options import split_options
from nuportal.api.requests import runnable
from nuportal.notebook_progress import Progress, callback
from nuportal.searches import choose, experiment_of, exposure_given


@runnable
def toys(
    experiment: CardSource,
    parameters: Point = None,
    *,
    n: int,
    flavour: str | None = None,
    luminosity: float | None = None,
    decays: float | None = None,
    confidence_level: float = 0.90,
    limit: LimitMethod | None = "cls",
    seed: int = 1,
    out: str | Path | None = None,
    execution: Execution | None = None,
    progress: Progress = None,
    **options: Any,
) -> Job[ToyReport]:
    """Study bias and coverage: fit many pseudo-experiments whose truth is the parameter point.

    Parameters
    ----------
    experiment : str, Path or Card
        Name or path of a card.
    parameters : PortalParameters or mapping, optional
        The truth: its |U_l4|^2 is what the fits should find.
    n : int
        Number of pseudo-experiments.
    flavour, luminosity, decays, **options
        As in `nuportal.fit`.
    confidence_level, limit
        Of the upper limit whose coverage is counted; None for no limit.
    seed : int
        Pseudo-experiment number i of a seed is the same in any study.
    out : str or Path, optional
        JSON file of the single results.
    execution : Execution, optional
        Workers, cluster, memory; no result depends on it. A script that starts processes (some hundred toys) needs the
        usual guard ``if __name__ == "__main__"``.
    progress : callable or False, optional
        Called with the fraction done; False: no bar in a notebook.

    Raises
    ------
    InputError
        For arguments that are not allowed.

    Examples
    --------
    >>> import nuportal
    >>> found = nuportal.toys("e949", n=20)
    >>> found.study.best_fits.size
    20
    """
    current_run().seed = seed
    choice = LimitChoice(confidence_level, limit or "cls")
    point = point_of(parameters)[0]
    search, card = experiment_of(experiment)
    lepton = search.flavour_of(card, flavour, point)
    given, analysis = split_options(options)
    chosen = choose(search, "AnalysisOptions", card.name, analysis)
    exposure = exposure_given(search, card.name, luminosity, decays)
    if given.prediction is None:
        truth, prediction = SpectrumFile(search.expected_spectrum(card, lepton, point, exposure, chosen)), None
    else:
        axes = search.data_axes(card, lepton, point, chosen)
        prediction, _ = read_prediction(given, axes)
        truth = SpectrumFile(Spectrum.on_axes(axes[-1].name, axes, prediction.total, prediction.total))
    truth = with_covariance(truth, given.data_covariance)
    found = search.fit_input(card, lepton, point, truth, CARD if exposure is None else exposure, chosen, prediction)
    if prediction is not None:
        found = replace(found, analysis={**found.analysis, **described(prediction, 1.0, prediction, truth.spectrum)})
    model = found.likelihood.model
    job = ToyJob(model, {model.poi: point.U_sq(lepton)}, limit, choice.confidence_level, seed)
    outputs = () if out is None else (str(out),)

    def finish(study: ToyStudy) -> ToyReport:
        return ToyReport(found, job, study, outputs)

    return toys_job(job, n, finish, out, execution=execution or Execution(), progress=callback(progress))

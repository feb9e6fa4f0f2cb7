"""Fits of data, their export, and studies with pseudo-experiments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Unpack

from collider.experiments.measurement import AnalysisChoices
from nucore.errors import InputError
from nucore.export import ExportContent, ExportResult, check_format, write_export
from nucore.io import SpectrumFile
from nucore.model.parameters import PortalParameters
from nucore.reports.fit_report import FitReport, with_toys
from nucore.reports.toy_report import ToyReport, toys_job
from nucore.rng import Stream, generator
from nucore.run.executors import Execution
from nucore.run.job import Job
from nucore.run.provenance import provenance
from nucore.stats.toys import ToyJob, ToyStudy
from nuportal.api.experiments import experiment_sha256, flavour_of, is_collider
from nuportal.api.projections import expected_spectrum
from nuportal.api.requests import recorded, runnable
from nuportal.api.searches import check_limit, search_of

Progress = Callable[[float], None]


@recorded
def fit(
    data: str | Path | SpectrumFile,
    parameters: PortalParameters | None = None,
    *,
    experiment: str | None = None,
    flavour: str | None = None,
    systematics: str = "paper",
    luminosity_invfb: float | None = None,
    decays: float | None = None,
    confidence_level: float = 0.90,
    limit: str = "cls",
    minos: bool = False,
    toys: int | None = None,
    feldman_cousins: bool = False,
    seed: int = 1,
    report_folder: str | Path | None = None,
    execution: Execution | None = None,
    progress: Progress | None = None,
    **choices: Unpack[AnalysisChoices],
) -> FitReport:
    """Fit a spectrum with the Standard Model and a nu4 at the masses of a parameter point.

    Parameters
    ----------
    data : str, Path or SpectrumFile
        See `nucore.io.read_spectrum`; also a pyhf workspace (JSON), which is fitted as it is.
    parameters : PortalParameters, optional
        Masses and yL of the signal.
    experiment : str, optional
        By default the one the data file names, else ``atlas-2011``.
    flavour : str, optional
        ``e`` or ``mu``; by default that of the data file, else the one flavour that mixes, else ``mu``.
    systematics : str
        ``paper``: the normalisation alone; ``full``: all nuisances of the card (colliders).
    luminosity_invfb, decays : float, optional
        Exposure, if the data file does not tell; else that of the card.
    confidence_level, limit
        ``cls``, ``clsb`` or ``delta-chi2``.
    minos : bool
        Give asymmetric uncertainties of all parameters.
    toys : int, optional
        Add limit and p-value from so many toys per tested value.
    feldman_cousins : bool
        Add the Feldman-Cousins interval, with as many toys.
    seed : int
        Of the toys.
    report_folder : str or Path, optional
        Write pulls, impacts, correlations, spectra and a likelihood scan there, as pictures and numbers.
    execution : Execution, optional
        Workers or cluster of the toys; no result depends on it. A script that starts processes (some hundred toys)
        needs the usual guard ``if __name__ == "__main__"``.
    progress : callable, optional
        Called with the fraction of the toys done.
    **choices
        Of a collider measurement, see `experiments.measurement.AnalysisOptions`: ``selection``, ``scale_systematics``,
        ``nuisances``, ``window_GeV``, ``charge``, ``observable``, ``float_mw``.  The selection is that of the data
        file, if it names one.

    Raises
    ------
    InputError
        For data or arguments that are not allowed.
    nucore.stats.FitError
        If the minimisation fails.
    """
    check_limit(confidence_level, limit)
    point = PortalParameters() if parameters is None else parameters
    search = search_of(data, point, experiment, flavour, systematics, luminosity_invfb, decays, **choices)
    if feldman_cousins and toys is None:
        raise InputError("--feldman-cousins needs --toys, the number of pseudo-experiments per value")
    if toys is not None and limit not in ("cls", "clsb"):
        raise InputError(f"limit {limit!r} has no toys: allowed with --toys are cls, clsb")
    result = search.report(confidence_level, limit, minos)
    if toys is not None:
        rng = generator(seed, Stream.TOYS)
        result = with_toys(
            result, search.likelihood, toys, rng,
            interval=feldman_cousins, convert=search.convert, execution=execution, progress=progress,
        )  # fmt: skip
    if report_folder is None:
        return result
    from nucore.plot.reports import write_report

    return replace(result, outputs=tuple(write_report(search.likelihood, result, report_folder, search.convert)))


@recorded
def export(
    data: str | Path | SpectrumFile,
    parameters: PortalParameters | None = None,
    *,
    to: str,
    out: str | Path,
    experiment: str | None = None,
    flavour: str | None = None,
    systematics: str = "paper",
    luminosity_invfb: float | None = None,
    decays: float | None = None,
    confidence_level: float = 0.90,
    limit: str = "cls",
    **choices: Unpack[AnalysisChoices],
) -> ExportResult:
    """Write the likelihood of a data set, or its spectra, for another tool.

    Parameters
    ----------
    data, parameters, experiment, flavour, systematics, luminosity_invfb, decays, confidence_level, limit, **choices
        As in `fit`.
    to : str
        ``pyhf`` (JSON workspace), ``hs3`` (JSON), ``hepdata`` (a folder), ``uhi`` (JSON histograms) or ``root`` (TH1).
    out : str or Path
        Written under exactly this name.

    Returns
    -------
    ExportResult

    Raises
    ------
    InputError
        For arguments that are not allowed, or a likelihood the format cannot hold.
    """
    check_format(to)
    check_limit(confidence_level, limit)
    point = PortalParameters() if parameters is None else parameters
    search = search_of(data, point, experiment, flavour, systematics, luminosity_invfb, decays, **choices)
    report_ = search.report(confidence_level, limit)
    card = None if search.experiment is None else experiment_sha256(search.experiment)
    metadata = {
        "experiment": search.experiment,
        "flavour": search.flavour,
        "exposure": search.exposure,
        "parameters": None if search.experiment is None else point.to_dict(),
        "provenance": provenance(card=search.experiment, card_sha256=card),
    }
    return write_export(ExportContent(search.likelihood, report_, metadata), to, out)


@runnable
def toys(
    experiment: str,
    parameters: PortalParameters | None = None,
    *,
    n: int,
    flavour: str | None = None,
    systematics: str = "paper",
    luminosity_invfb: float | None = None,
    decays: float | None = None,
    confidence_level: float = 0.90,
    limit: str | None = "cls",
    seed: int = 1,
    out: str | Path | None = None,
    execution: Execution | None = None,
    progress: Progress | None = None,
    **choices: Unpack[AnalysisChoices],
) -> Job[ToyReport]:
    """Study bias and coverage: fit many pseudo-experiments whose truth is the parameter point.

    Parameters
    ----------
    experiment : str
        Name of a card.
    parameters : PortalParameters, optional
        The truth: its |U_l4|^2 is what the fits should find.
    n : int
        Number of pseudo-experiments.
    flavour, systematics, luminosity_invfb, decays, **choices
        As in `fit`.
    confidence_level, limit
        Of the upper limit whose coverage is counted; None for no limit.
    seed : int
        Pseudo-experiment number i of a seed is the same in any study.
    out : str or Path, optional
        JSON file of the single results.
    execution : Execution, optional
        Workers, cluster, memory; no result depends on it. A script that starts processes (some hundred toys) needs the
        usual guard ``if __name__ == "__main__"``.
    progress : callable, optional
        Called with the fraction done.

    Raises
    ------
    InputError
        For arguments that are not allowed.
    """
    check_limit(confidence_level, limit or "cls")
    point = PortalParameters() if parameters is None else parameters
    lepton = flavour
    if is_collider(experiment):
        lepton = flavour or flavour_of(point)
    exposure = luminosity_invfb if is_collider(experiment) else decays
    chosen: dict[str, Any] = {"systematics": systematics, **choices} if is_collider(experiment) else {}
    truth = expected_spectrum(experiment, point, flavour=lepton, exposure=exposure, **chosen)
    file = SpectrumFile(truth)
    search = search_of(file, point, experiment, lepton, systematics, luminosity_invfb, decays, **choices)
    value = point.U_sq(str(search.flavour))
    choice: Any = limit  # checked above
    job = ToyJob(search.likelihood.model, {search.likelihood.model.poi: value}, choice, confidence_level, seed)
    outputs = () if out is None else (str(out),)

    def finish(study: ToyStudy) -> ToyReport:
        name = search.likelihood.model.poi
        return ToyReport(experiment, str(search.flavour), name, search.exposure, job, study, outputs)

    return toys_job(job, n, finish, out, execution=execution or Execution(), progress=progress)

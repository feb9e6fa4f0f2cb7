"""The Python functions behind the commands, with the same names and units.

This module puts the two searches and the shared base together; nothing but the command line stands above it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

import collider.analyse
import collider.kernel
import collider.pseudodata
import collider.reach
import collider.response
import mesons.experiments
import mesons.kernel
import mesons.pseudodata
import mesons.reach
import mesons.spectra
import mesons.templates
from collider.analyse import AnalyseResult
from collider.reach import ReachCurve
from mesons.reach import MesonReach
from mesons.spectra import DecayResult
from nuportal.card import load_card
from nuportal.errors import InputError
from nuportal.events import GenerateResult, load_events
from nuportal.execution import is_compiled
from nuportal.export import ExportContent, ExportResult, check_format, read_pyhf_workspace, write_export
from nuportal.fit_report import FitReport, report, with_toys
from nuportal.histograms import Spectrum
from nuportal.io import SpectrumFile, read_spectrum, read_workspace
from nuportal.parameters import PortalParameters, require_left_handed
from nuportal.particles import check_flavour
from nuportal.provenance import provenance, text_digest
from nuportal.quantities import ModelResult, model
from nuportal.rng import Stream, generator
from nuportal.stats import METHODS, Likelihood
from nuportal.stats.toys import ToyJob
from nuportal.toy_report import ToyReport, run_job

__all__ = [
    "AnalyseResult",
    "FitReport",
    "GenerateResult",
    "InputError",
    "ModelResult",
    "PortalParameters",
    "ToyReport",
    "analyse",
    "decay",
    "expected_spectrum",
    "experiment_sha256",
    "experiment_text",
    "experiments",
    "export",
    "fit",
    "generate",
    "kernel_compiles",
    "load_card",
    "load_events",
    "model",
    "project",
    "toys",
]

#: Processes of `generate` and the experiment each takes by default.
PROCESSES = {"w": "atlas-2011", "kaon": "e949"}
Progress = Callable[[float], None]


def experiments() -> dict[str, str]:
    """Names of all experiment cards and what they are."""
    colliders = {name: collider.response.load_experiment(name).title for name in collider.response.experiment_names()}
    return colliders | {
        name: mesons.experiments.experiment_title(name) for name in mesons.experiments.experiment_names()
    }


def _is_collider(experiment: str) -> bool:
    """Say which half an experiment belongs to; refuse a name that is in neither."""
    lhc, meson = collider.response.experiment_names(), mesons.experiments.experiment_names()
    if experiment not in (*lhc, *meson):
        raise InputError(f"experiment {experiment!r} is not known; allowed: {', '.join((*lhc, *meson))}")
    return experiment in lhc


def experiment_text(experiment: str) -> str:
    """Text of an experiment card."""
    return (collider.response if _is_collider(experiment) else mesons.experiments).card_text(experiment)


def experiment_sha256(experiment: str) -> str:
    """SHA-256 of an experiment card, as recorded in results."""
    return text_digest(experiment_text(experiment))


def decay(parent: str, lepton: str, parameters: PortalParameters | None = None) -> DecayResult:
    """Rates and lepton spectrum of a meson decay to a lepton and invisible particles.

    Parameters
    ----------
    parent : str
        ``pi+``, ``K+``, ``D+``, ``D_s+`` or ``B+``.
    lepton : str
        ``e``, ``mu`` or ``tau``.
    parameters : PortalParameters, optional
        The default point if left out; yR must be 0.
    """
    point = PortalParameters() if parameters is None else parameters
    require_left_handed(point, "decay")
    return mesons.spectra.decay(parent, lepton, point)


def generate(
    process: str,
    parameters: PortalParameters | None = None,
    *,
    experiment: str | None = None,
    flavour: str | None = None,
    events: int | None = None,
    luminosity_invfb: float | None = None,
    decays: float | None = None,
    out: str | Path | None = None,
    histogram_only: bool = False,
    all_events: bool = False,
    seed: int = 1,
    workers: int | None = None,
    progress: Progress | None = None,
) -> GenerateResult:
    """Generate pseudo-data.

    Parameters
    ----------
    process : str
        ``w`` or ``kaon``.
    parameters : PortalParameters, optional
        Signal and Standard Model are mixed as they say.
    experiment : str, optional
        ``atlas-2011`` for ``w``, ``e949`` for ``kaon`` by default.
    flavour : str, optional
        ``e`` or ``mu``; by default the one flavour with U_l4 != 0, else ``mu``. Kaon cards fix it.
    events : int, optional
        Parents before selection; 100,000 if no size is given.
    luminosity_invfb, decays : float, optional
        A real exposure instead: the number of parents is Poisson distributed and the card's background is added.
    out : str or Path, optional
        ``.root``, ``.parquet`` (events), ``.json``, ``.csv`` (histogram).
    histogram_only, all_events : bool
        Write no events; write also those that fail the selection.
    seed, workers, progress
        `progress` is called with the fraction done.

    Returns
    -------
    GenerateResult

    Raises
    ------
    InputError
        For arguments that are not allowed or do not fit together.
    """
    if process not in PROCESSES:
        raise InputError(f"process {process!r} is not known; allowed: {', '.join(PROCESSES)}")
    point = PortalParameters() if parameters is None else parameters
    name = PROCESSES[process] if experiment is None else experiment
    if _is_collider(name) != (process == "w"):
        raise InputError(f"experiment {name} does not measure process {process}")
    _one_size(process, events, luminosity_invfb, decays)
    common: dict[str, Any] = {"out": out, "histogram_only": histogram_only, "all_events": all_events, "seed": seed}
    if process == "w":
        return collider.pseudodata.generate(
            collider.response.load_experiment(name), point, flavour or _flavour_of(point),
            events=events, luminosity_invfb=luminosity_invfb, workers=workers, progress=progress, **common,
        )  # fmt: skip
    require_left_handed(point, "generate kaon")
    card = mesons.experiments.load_experiment(name)
    _check_lepton(card, flavour)
    return mesons.pseudodata.generate(
        card, point, events=events, decays=decays, workers=workers, progress=progress, **common
    )


def analyse(
    events: str | Path,
    *,
    experiment: str = PROCESSES["w"],
    flavour: str | None = None,
    out: str | Path | None = None,
    w_pt: str = "auto",
    luminosity_invfb: float | None = None,
    k_factor: float = 1.0,
    seed: int = 1,
) -> AnalyseResult:
    """Pass W events of any generator through an experiment's response and selection; see `collider.analyse.analyse`.

    Parameters
    ----------
    events : str or Path
        ``.lhe``, ``.lhe.gz``, ``.hepmc``, or a ``.root`` file of `generate`.
    experiment : str
        A collider card.
    flavour : str, optional
        Of the lepton; by default what our own files say, else ``mu``.
    out : str or Path, optional
        ``.root``, ``.json`` or ``.csv``: the histogram, ready for `fit`.
    w_pt : str
        ``auto``, ``table`` or ``file``.
    luminosity_invfb : float, optional
        That the events stand for; else from the cross section in the file, times `k_factor`.
    k_factor : float
    seed : int
    """
    if not _is_collider(experiment):
        allowed = ", ".join(collider.response.experiment_names())
        raise InputError(f"experiment {experiment} measures no W; allowed: {allowed}")
    card = collider.response.load_experiment(experiment)
    return collider.analyse.analyse(
        events, card, flavour, out=out, w_pt=w_pt, luminosity_invfb=luminosity_invfb, k_factor=k_factor, seed=seed
    )


def kernel_compiles(process: str) -> bool:
    """Say whether the next generation of a process compiles its kernel first, which takes some seconds."""
    kernels = {"w": collider.kernel.generate_blocks, "kaon": mesons.kernel.histogram_range}
    return process in kernels and not is_compiled(kernels[process])


def _one_size(process: str, events: int | None, luminosity: float | None, decays: float | None) -> None:
    sizes = {"events": events, "luminosity": luminosity, "decays": decays}
    given = [name for name, value in sizes.items() if value is not None]
    if len(given) > 1:
        raise InputError(f"--{' and --'.join(given)} exclude each other; give one size")
    wrong = "decays" if process == "w" else "luminosity"
    if wrong in given:
        raise InputError(f"--{wrong} does not apply to {process}; allowed: {', '.join(n for n in sizes if n != wrong)}")


def _flavour_of(point: PortalParameters) -> str:
    """The one flavour that mixes, else mu."""
    mixing = [flavour for flavour in ("e", "mu", "tau") if point.U(flavour) != 0]
    return mixing[0] if len(mixing) == 1 else "mu"


def _check_lepton(card: mesons.experiments.Experiment, flavour: str | None) -> None:
    if flavour is not None and check_flavour(flavour) != card.lepton:
        raise InputError(f"flavour {flavour!r} is not allowed: experiment {card.name} measures {card.lepton}")


def _check_limit(confidence_level: float, limit: str) -> None:
    if not 0.5 < confidence_level < 1.0:
        raise InputError(f"confidence level {confidence_level:g} is not allowed: a fraction between 0.5 and 1 is")
    if limit not in METHODS:
        raise InputError(f"limit {limit!r} is not known; allowed: {', '.join(METHODS)}")


def _check_systematics(systematics: str) -> None:
    if systematics != "paper":
        raise InputError(f"systematics {systematics!r} is not known; allowed: paper")


def _exposure(data: SpectrumFile, name: str, option: float | None, card: float) -> float:
    """Exposure of a data set: from its file, else the option, else the card."""
    stored = data.exposure.get(name)
    if stored is not None and option is not None and abs(stored - option) > 1e-9 * abs(stored):
        raise InputError(f"{name} = {option:g} contradicts the data file, which says {stored:g}")
    value = next(v for v in (stored, option, card) if v is not None)
    if not 0.0 < value < float("inf"):
        raise InputError(f"{name} = {value:g} is not allowed: it must be positive and finite")
    return value


@dataclass(frozen=True)
class _Search:
    """A likelihood with what its report needs to know of it."""

    likelihood: Likelihood
    spectrum: Spectrum
    experiment: str | None
    flavour: str | None
    exposure: dict[str, float]
    convert: Callable[[float], float] | None = None

    def report(self, confidence_level: float, limit: str, minos: bool = False) -> FitReport:
        choice: dict[str, Any] = {"confidence_level": confidence_level, "limit": limit, "minos": minos}
        return report(
            self.likelihood, self.spectrum, experiment=self.experiment, flavour=self.flavour,
            exposure=self.exposure, convert=self.convert, **choice,
        )  # fmt: skip


def _search(
    data: str | Path | SpectrumFile,
    point: PortalParameters,
    experiment: str | None,
    flavour: str | None,
    systematics: str,
    luminosity_invfb: float | None,
    decays: float | None,
) -> _Search:
    """Build the likelihood of a data set; arguments as in `fit`."""
    _check_systematics(systematics)
    content = None if isinstance(data, SpectrumFile) else read_workspace(data)
    if content is not None:
        return _workspace_search(content, experiment, flavour, luminosity_invfb, decays)
    file = data if isinstance(data, SpectrumFile) else read_spectrum(data)
    if not (file.spectrum.integral > 0 and np.all(file.spectrum.values >= 0)):
        raise InputError(f"histogram {file.spectrum.name!r} has no events, or negative ones: nothing to fit")
    name = experiment or file.metadata.get("experiment") or PROCESSES["w"]
    if _is_collider(name):
        if decays is not None:
            raise InputError(f"--decays does not apply to {name}; allowed: --luminosity")
        card = collider.response.load_experiment(name)
        lepton = flavour or file.metadata.get("flavour") or _flavour_of(point)
        exposure = _exposure(file, "luminosity_invfb", luminosity_invfb, card.luminosity_invfb)
        likelihood = collider.reach.build_likelihood(
            card, lepton, point.m4, file.spectrum, exposure, systematics=systematics, m_W=point.m_W
        )
        return _Search(likelihood, file.spectrum, name, lepton, {"luminosity_invfb": exposure})
    if luminosity_invfb is not None:
        raise InputError(f"--luminosity does not apply to {name}; allowed: --decays")
    require_left_handed(point, "fit")
    kaon_card = mesons.experiments.load_experiment(name)
    _check_lepton(kaon_card, flavour)
    exposure = _exposure(file, "decays", decays, kaon_card.decays)
    likelihood = mesons.templates.build_likelihood(kaon_card, point, file.spectrum, exposure)
    law = mesons.templates.MixingLaw.at(kaon_card, point)
    return _Search(likelihood, file.spectrum, name, kaon_card.lepton, {"decays": exposure}, law.mixing)


def _workspace_search(content: dict[str, Any], *not_allowed: object) -> _Search:
    """Likelihood of a pyhf workspace, which needs no experiment, flavour or exposure."""
    if any(value is not None for value in not_allowed):
        raise InputError("a pyhf workspace holds its own model: no experiment, flavour, luminosity or decays apply")
    workspace = read_pyhf_workspace(content)
    counts = workspace.likelihood.observation.counts[: workspace.n_bins]
    spectrum = Spectrum.from_counts("bin", np.arange(workspace.n_bins + 1.0), counts, "bin")
    return _Search(workspace.likelihood, spectrum, None, None, {})


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
    progress: Progress | None = None,
) -> FitReport:
    """Fit a spectrum with the Standard Model and a nu4 at the masses of a parameter point.

    Parameters
    ----------
    data : str, Path or SpectrumFile
        See `nuportal.io.read_spectrum`; also a pyhf workspace (JSON), which is fitted as it is.
    parameters : PortalParameters, optional
        Masses and yL of the signal.
    experiment : str, optional
        By default the one the data file names, else ``atlas-2011``.
    flavour : str, optional
        ``e`` or ``mu``; by default that of the data file, else the one flavour that mixes, else ``mu``.
    systematics : str
        ``paper``.
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
    progress : callable, optional
        Called with the fraction of the toys done.

    Raises
    ------
    InputError
        For data or arguments that are not allowed.
    nuportal.stats.FitError
        If the minimisation fails.
    """
    _check_limit(confidence_level, limit)
    point = PortalParameters() if parameters is None else parameters
    search = _search(data, point, experiment, flavour, systematics, luminosity_invfb, decays)
    if feldman_cousins and toys is None:
        raise InputError("--feldman-cousins needs --toys, the number of pseudo-experiments per value")
    if toys is not None and limit not in ("cls", "clsb"):
        raise InputError(f"limit {limit!r} has no toys: allowed with --toys are cls, clsb")
    result = search.report(confidence_level, limit, minos)
    if toys is not None:
        rng = generator(seed, Stream.TOYS)
        result = with_toys(
            result, search.likelihood, toys, rng,
            interval=feldman_cousins, convert=search.convert, progress=progress,
        )  # fmt: skip
    if report_folder is None:
        return result
    from nuportal.plot.reports import write_report

    return replace(result, outputs=tuple(write_report(search.likelihood, result, report_folder, search.convert)))


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
) -> ExportResult:
    """Write the likelihood of a data set, or its spectra, for another tool.

    Parameters
    ----------
    data, parameters, experiment, flavour, systematics, luminosity_invfb, decays, confidence_level, limit
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
    _check_limit(confidence_level, limit)
    point = PortalParameters() if parameters is None else parameters
    search = _search(data, point, experiment, flavour, systematics, luminosity_invfb, decays)
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
    workers: int | None = 1,
    out: str | Path | None = None,
    resume: bool = False,
    progress: Progress | None = None,
) -> ToyReport:
    """Study bias and coverage: fit many pseudo-experiments whose truth is the parameter point.

    Parameters
    ----------
    experiment : str
        Name of a card.
    parameters : PortalParameters, optional
        The truth: its |U_l4|^2 is what the fits should find.
    n : int
        Number of pseudo-experiments.
    flavour, systematics, luminosity_invfb, decays
        As in `fit`.
    confidence_level, limit
        Of the upper limit whose coverage is counted; None for no limit.
    seed : int
        Pseudo-experiment number i of a seed is the same for any `workers`.
    workers : int, optional
        Processes, all cores for None. A script that asks for more than one needs the usual guard
        ``if __name__ == "__main__"``.
    progress : callable, optional
        Called with the fraction done.
    out : str or Path, optional
        JSON file of the single results; kept up to date while running.
    resume : bool
        Go on from `out`.

    Raises
    ------
    InputError
        For arguments that are not allowed.
    """
    _check_limit(confidence_level, limit or "cls")
    point = PortalParameters() if parameters is None else parameters
    lepton = flavour
    if _is_collider(experiment):
        lepton = flavour or _flavour_of(point)
    exposure = luminosity_invfb if _is_collider(experiment) else decays
    truth = expected_spectrum(experiment, point, flavour=lepton, exposure=exposure)
    search = _search(SpectrumFile(truth), point, experiment, lepton, systematics, luminosity_invfb, decays)
    value = point.U_sq(str(search.flavour))
    choice: Any = limit  # checked above
    job = ToyJob(search.likelihood.model, {search.likelihood.model.poi: value}, choice, confidence_level, seed)
    study = run_job(job, n, workers=workers, progress=progress, out=out, resume=resume)
    outputs = () if out is None else (str(out),)
    name = search.likelihood.model.poi
    return ToyReport(experiment, str(search.flavour), name, search.exposure, job, study, outputs)


def expected_spectrum(
    experiment: str,
    parameters: PortalParameters | None = None,
    *,
    flavour: str | None = None,
    exposure: float | None = None,
) -> Spectrum:
    """Expected spectrum of an experiment at a parameter point, background included, without fluctuations.

    Parameters
    ----------
    experiment : str
        Name of a card.
    parameters : PortalParameters, optional
    flavour : str, optional
        ``mu`` by default; meson cards fix it.
    exposure : float, optional
        fb^-1 for a collider, decays for a meson experiment; that of the card by default.

    Returns
    -------
    Spectrum
        Without variances.
    """
    point = PortalParameters() if parameters is None else parameters
    if _is_collider(experiment):
        card = collider.response.load_experiment(experiment)
        return collider.reach.expected_spectrum(card, flavour or "mu", point, exposure)
    kaon_card = mesons.experiments.load_experiment(experiment)
    _check_lepton(kaon_card, flavour)
    return mesons.templates.expected_spectrum(kaon_card, point, exposure)


def project(
    experiment: str,
    *,
    grid: Sequence[float] | None = None,
    flavour: str | None = None,
    systematics: str = "paper",
    confidence_level: float = 0.90,
    limit: str = "cls",
    workers: int | None = None,
    progress: Progress | None = None,
    **meson_options: Any,
) -> ReachCurve | MesonReach:
    """Expected reach of an experiment.

    Parameters
    ----------
    experiment : str
        Name of a card.
    grid : sequence of float, optional
        Masses in GeV: of nu4 for a collider, of chi (or of nu4 with ``two_body=True``) for a meson experiment.
    flavour : str, optional
        ``mu`` by default; meson cards fix it.
    systematics : str
        ``paper`` (colliders).
    confidence_level, limit
        ``cls``, ``clsb`` or ``delta-chi2``.
    workers, progress
        `progress` is called with the fraction done.
    **meson_options
        ``m4``, ``ratio``, ``yL``, ``two_body``, ``method``, ``scaling``, ``background_model``,
        ``background_degree`` of `mesons.reach.project`.

    Raises
    ------
    InputError
        For arguments that are not allowed or do not apply.
    """
    _check_limit(confidence_level, limit)
    _check_systematics(systematics)
    choice: dict[str, Any] = {"grid": grid, "confidence_level": confidence_level, "limit": limit}
    if _is_collider(experiment):
        meson_options.pop("yL", None)  # the rate of W -> l nu4 does not know it
        if meson_options:
            raise InputError(f"{', '.join(meson_options)} does not apply to {experiment}: for meson experiments only")
        return collider.reach.project(experiment, flavour or "mu", **choice, workers=workers, progress=progress)
    _check_lepton(mesons.experiments.load_experiment(experiment), flavour)
    return mesons.reach.project(experiment, **choice, **meson_options, progress=progress)
